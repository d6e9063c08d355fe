"""A whole run over a business of planted persons and hostile names: none of it gets out or acts."""

import io
import json
import re
import zipfile
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest

from kpilib.cli import main
from tests.report.conftest import code, notebook, write

EMAIL, PHONE = "an.planted@mail.example", "+84 903 555 123"
NAME, STREET = "Nguyen Van Planted", "12 Planted Street"
PERSONAL = (EMAIL, PHONE, "903 555 123", NAME, "Planted", "an.planted")

MARKUP = "<script>alert('x')</script>"
LINK = "<a href=\"javascript:alert(1)\" onclick='x'>"
LATEX = r"$\input{/etc/passwd}$"
FORMULA = "=cmd|' /C calc'!A0"
TURNED = "abc\u202egpj"
ESCAPE = "\x1b]0;owned\x07"
HOSTILE = (MARKUP, LINK, LATEX, FORMULA, TURNED, ESCAPE, "@SUM(A1)", "+1+1", "<svg/onload=x>")

ASK = """
import kpilib
from kpilib.analyses import moved_customers
from kpilib.plots import plot_segments, plot_trend
base = kpilib.open(data, lang=lang)
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Everything that a run of a few chapters wrote, by name, and what it said."""
    place = tmp_path_factory.mktemp("planted")
    shop = place / "=cmd() & <b>'shop'"
    shop.mkdir()
    days = pd.date_range("2026-01-02", "2026-06-28", freq="D").strftime("%Y-%m-%d")
    ids = [EMAIL, PHONE, *HOSTILE, *(f"c{number}" for number in range(40))]
    asked = [(ids[place * 7 % len(ids)], day) for place, day in enumerate(days) for _ in range(3)]
    orders = pd.DataFrame(asked, columns=["customer_id", "ordered_at"])
    orders["order_id"] = [f"{FORMULA}{number}" for number in range(len(orders))]
    orders["amount"] = [5.0 + number % 11 for number in range(len(orders))]
    orders["band"] = [HOSTILE[number % len(HOSTILE)] for number in range(len(orders))]
    orders["shipping name"] = NAME
    orders.to_csv(shop / "orders.csv", index=False)
    who = pd.DataFrame({"customer_id": ids, "Họ và tên": NAME, "địa chỉ": STREET})
    who["created_at"] = "2026-01-01"
    who["email"], who["phone"] = EMAIL, PHONE
    who["country"] = [HOSTILE[number % len(HOSTILE)] for number in range(len(who))]
    who["segment"] = who["acquisition_channel"] = who["country"]
    who.to_csv(shop / "customers.csv", index=False)
    answers = pd.DataFrame(asked[::3], columns=["customer_id", "responded_at"])
    answers["survey"], answers["question"] = "csat", "overall"
    answers["scale_min"], answers["scale_max"] = 1, 5
    answers["score"] = [1 + number % 5 for number in range(len(answers))]
    answers["comment"] = [
        f"{HOSTILE[number % len(HOSTILE)]} call {NAME}, {PHONE}, {EMAIL}"
        for number in range(len(answers))
    ]
    answers.to_csv(shop / "survey_responses.csv", index=False)
    cells = [
        code(ASK),
        code("base.kpi('buyers', period, by='country')"),
        code("base.kpi('revenue', period, by='band')"),
        code("plot_segments(base.kpi('buyers', period, by='segment'));"),
        code("plot_trend(base.trend('buyers', 3, by='country'));"),
        code("base.rows('buyers', period)"),
        code("moved_customers(base, period, 'lost')"),
        code("print(base.analysis('rfm_segments', period), base.accounts)"),
        code("base"),
    ]
    write(shop / "notebooks", {"11-mine": notebook(f"# Mine {MARKUP} {LATEX}", *cells)})
    out = place / "out"
    words = ["report", "--data", str(shop), "--out", str(out), "--xlsx", "--eml"]
    words += ["--only", "11-mine", "--only", "05-satisfaction", "--only", "10-data-quality"]
    stdout, stderr = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        patch.setattr("sys.stderr", stderr)
        end = main(words)
    assert end == 0, stderr.getvalue()
    found = {"stdout": stdout.getvalue().encode(), "stderr": stderr.getvalue().encode()}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            found[path.relative_to(out).as_posix()] = path.read_bytes()
    return found


def readable(name, content):
    """A file's content as texts: what is packed or encoded in it laid open."""
    if name.endswith((".xlsx", ".zip")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from readable(inner, archive.read(inner))
    elif name.endswith(".parquet"):
        yield pd.read_parquet(io.BytesIO(content)).to_csv()
    elif name.endswith(".eml"):
        message = message_from_bytes(content, policy=default)
        yield str(message["Subject"])
        for part in message.walk():
            if not part.is_multipart():
                yield from readable(
                    part.get_filename() or "part.html", part.get_payload(decode=True)
                )
    else:
        text = content.decode("utf-8", "replace")
        yield text
        if name.endswith((".json", ".ipynb")):
            yield json.dumps(json.loads(text), ensure_ascii=False)


def test_every_kind_of_output_was_made(outputs):
    endings = {name.rpartition(".")[2] for name in outputs}
    assert {"html", "json", "csv", "parquet", "xlsx", "eml", "ipynb", "txt"} <= endings
    assert any(name.endswith("11-mine.html") for name in outputs)


def test_no_person_is_named_anywhere(outputs):
    for name, content in outputs.items():
        for text in readable(name, content):
            assert not [one for one in PERSONAL if one in text], name


class Tags(HTMLParser):
    """What a page's markup would run."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bad, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name.startswith("on") or "javascript:" in (value or "").lower():
                self.bad.append((tag, name, value))
        if tag in ("iframe", "object", "embed", "base"):
            self.bad.append((tag, "", ""))

    def handle_data(self, data):
        self.texts.append(data)
        if self.cdata_elem == "script":
            assert "alert" not in data


def test_markup_in_names_is_text_in_every_page(outputs):
    pages = {name: content for name, content in outputs.items() if name.endswith(".html")}
    for name, content in pages.items():
        tags = Tags()
        tags.feed(content.decode())
        assert tags.bad == [], name
        assert MARKUP not in content.decode(), name
    mine = next(content for name, content in pages.items() if name.endswith("11-mine.html"))
    tags = Tags()
    tags.feed(mine.decode())
    told = "".join(tags.texts)
    for one in (MARKUP, LINK, LATEX, FORMULA, "<svg/onload=x>"):
        assert one in told, one


def test_nothing_turns_the_writing_or_speaks_to_a_terminal(outputs):
    for name, content in outputs.items():
        if name.endswith(".ipynb") or "/rows/" in name:  # the data themselves, ids hashed
            continue
        written = name.endswith(".json")
        for text in [content.decode()] if written else readable(name, content):
            assert not re.findall("[\u202a-\u202e\u2066-\u2069\x1b\x07]", text), name


def test_no_cell_of_a_table_acts(outputs):
    for name, content in outputs.items():
        if name.endswith(".csv"):
            cells = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
            for value in cells.to_numpy().ravel():
                number = re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", value)
                assert number or value[:1] not in ("=", "+", "-", "@"), (name, value)
        elif name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(content))
            for sheet in book.worksheets:
                for row in sheet.iter_rows():
                    for cell in row:
                        if cell.data_type == "f":
                            assert not re.search(r"cmd|SUM\(A1\)", str(cell.value))
                        assert cell.hyperlink is None or cell.hyperlink.location
