"""A run from end to end on tiny notebooks: what is made, what it says, what it never does."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from kpilib.errors import InputError, QualityGateError
from kpilib.report import run as running
from kpilib.report.order import Order
from kpilib.report.run import make_report
from kpilib.report.running.execute import Failure
from kpilib.show.reason import MIME as REASON
from tests.report.conftest import (
    FACTS,
    MIME,
    OVERVIEW,
    PARAMETERS,
    RETENTION,
    SHOW_KPI,
    VALUE,
    Lent,
    Quiet,
    code,
    kpi,
    notebook,
    prose,
    told,
    write,
)

LOADING = {"src", "srcset", "data", "poster", "action", "background", "formaction", "ping"}


class Outline(HTMLParser):
    """The tags of a page with their attributes, each opened one checked to be closed."""

    VOID = ("meta", "br", "img", "hr", "col", "wbr", "link", "input")

    def __init__(self):
        super().__init__()
        self.tags, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def outline(path):
    reader = Outline()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader.tags


def pages(folder):
    return sorted([*folder.rglob("*.html"), folder.parent / "index.html"])


def test_a_month_holds_what_the_contract_says(made):
    outcome, order, _ = made
    assert outcome.good and outcome.folder == order.out / "1998-06"
    files = {p.relative_to(outcome.folder).as_posix() for p in outcome.folder.rglob("*.*")}
    assert files == {
        "index.html",
        "01-overview.html",
        "03-retention.html",
        "glossary.html",
        "kpis.json",
        "kpis.csv",
        "kpis.parquet",
        "month.json",
        "summary.json",
        "summary.txt",
        "run.json",
        "notebooks/01-overview.ipynb",
        "notebooks/03-retention.ipynb",
    }
    assert {p.name for p in order.out.iterdir()} == {"1998-06", "index.html"}


def test_no_page_loads_anything_from_anywhere(made):
    for path in pages(made[0].folder):
        html = path.read_text(encoding="utf-8")
        assert "http://" not in html and "https://" not in html
        assert not re.search(r"url\s*\((?!#)|@import", html)
        assert "default-src 'none'" in html
        tags = outline(path)
        assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in tags}
        for tag, attributes in tags:
            assert not [name for name in attributes if name.startswith("on")]
            for name in LOADING & attributes.keys():
                assert attributes[name].startswith("data:image/")
            if tag == "a" and not attributes["href"].startswith("#"):
                assert "//" not in attributes["href"]


def test_every_link_within_the_report_leads_somewhere(made):
    for path in pages(made[0].folder):
        ids = {attributes.get("id") for _, attributes in outline(path)}
        for _, attributes in outline(path):
            target, _, anchor = attributes.get("href", "").partition("#")
            if target:
                assert (path.parent / target).exists(), attributes
                if anchor:
                    there = outline(path.parent / target)
                    assert anchor in {found.get("id") for _, found in there}, attributes
            elif anchor:
                assert anchor in ids, attributes


def test_a_page_has_one_title_names_its_figures_and_gives_tables_scopes(made):
    for path in pages(made[0].folder):
        tags = outline(path)
        assert [tag for tag, _ in tags].count("h1") == 1
        assert all(attributes.get("scope") for tag, attributes in tags if tag == "th")
        identifiers = [a["id"] for _, a in tags if "id" in a]
        assert len(identifiers) == len(set(identifiers))
    tags = outline(made[0].folder / "03-retention.html")
    figures = [a for tag, a in tags if tag == "svg" and "aria-labelledby" in a]
    assert [figure["role"] for figure in figures] == ["img", "img"]
    html = (made[0].folder / "03-retention.html").read_text(encoding="utf-8")
    assert "Churn fell by 3 points</title>" in html
    assert "<mfrac>" in html and "$" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert html.count('<details class="code">') == 4
    assert '<a href="#s1">Churn</a>' in html


def test_pages_are_lean(made):
    for path in pages(made[0].folder):
        assert path.stat().st_size < (150_000 if path.stem == "glossary" else 30_000)


def test_the_page_says_what_it_is_made_of(made):
    html = (made[0].folder / "03-retention.html").read_text(encoding="utf-8")
    for words in (
        "orders: 69,659 read, 69,600 kept, 59 left out",
        "1998-06-01 to 1998-06-30, both included",
        "180 days without a purchase",
        "kpilib report --data cdnow --period 1998-06",
        "papermill ",
        "June 1998",
    ):
        assert words in re.sub("</?span[^>]*>", "", html)


def test_every_number_is_linked_to_its_cell_and_its_command(made):
    kpis = json.loads((made[0].folder / "kpis.json").read_text(encoding="utf-8"))
    assert kpis == made[0].kpis
    assert [value["notebook"] for value in kpis] == ["01-overview"]  # shown on two pages, once here
    for value in kpis:
        assert value.items() >= VALUE.items()
        assert value["command"] == "kpilib kpi churn_rate --data cdnow --period 1998-06"
        page, anchor = value["page"].split("#")
        assert page == f"{value['notebook']}.html" and anchor == f"cell-{value['cell']}"
        cells = json.loads(
            (made[0].folder / "notebooks" / f"{value['notebook']}.ipynb").read_text()
        )
        assert MIME in str(cells["cells"][value["cell"] - 1]["outputs"])


def test_run_json_tells_the_run(made):
    run = json.loads((made[0].folder / "run.json").read_text(encoding="utf-8"))
    assert run == made[0].run
    assert (run["status"], run["data"], run["lang"]) == ("good", "cdnow", "en")
    assert run["period"] == {"start": "1998-06-01", "end": "1998-07-01", "label": "1998-06"}
    assert run["inputs"]["fingerprints"] == {"orders": "0f3c"}
    assert run["started"] and run["seconds"] > 0 and run["versions"]["papermill"]
    (first, second) = run["notebooks"]
    assert (first["name"], second["name"]) == ("01-overview", "03-retention")
    assert (second["kpis"], second["figures"], second["attempts"]) == (1, 2, 1)
    assert second["parameters"] == {"data": "cdnow", "period": "1998-06", "lang": "en"}
    assert second["seconds"] > 0 and second["failure"] is None


def test_the_watch_is_told_of_every_step(made):
    told = made[2]
    assert told[0] == ("begins", 2) and ("starts", "01-overview") in told
    assert ("ends", "03-retention", "good") in told
    assert [step for step in told if step[0] == "cell"]


def test_the_same_run_gives_the_same_bytes(made, lent, tmp_path):
    outcome, order, _ = made
    copy = tmp_path / "reports"
    again = make_report(replace(order, out=copy), Quiet())
    for path in sorted(outcome.folder.rglob("*.*")):
        if path.name != "run.json":
            twin = again.folder / path.relative_to(outcome.folder)
            first, second = (one.read_bytes() for one in (path, twin))
            assert first.replace(str(order.out).encode(), str(copy).encode()) == second, path.name


def test_the_months_page_lists_its_chapters_and_says_what_was_asked(
    stand_in, tmp_path, monkeypatch
):
    row = {"id": "churn_rate", "name": "Churn rate", "line": "<svg></svg>", "kind": "good"}
    row |= {"before": "8.0%", "now": "5.0%", "change": "▼ −3.0 points", "between": "−4 … −2"}
    said = {"headline": "Fewer <left>", "changed": {"beyond": [row], "chance": [], "early": []},
            "care": ["Few months."], "findings": {"churn": "Churn fell."}}  # fmt: skip
    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, say=lambda lang: said)))
    content = notebook("# Retention", code("a"), kpilib={"families": ["retention", "churn"]})
    source = write(tmp_path / "source", {"03-retention": content})
    stand_in({"a": kpi()})
    outcome = make_report(Order("cdnow", out=tmp_path / "reports", folder=source), Quiet())
    html = (outcome.folder / "index.html").read_text(encoding="utf-8")
    assert "<h1>Fewer &lt;left&gt;</h1>" in html and "<svg></svg>" in html
    assert '<a href="03-retention.html#cell-3">Churn rate</a>' in html and "1 caution" in html
    assert '<a href="03-retention.html">Retention</a><p>Churn fell.</p>' in html
    assert json.loads((outcome.folder / "month.json").read_text(encoding="utf-8")) == said


def test_the_list_of_months_has_the_newest_first_and_failed_runs_beside(
    stand_in, tmp_path, monkeypatch
):
    source = write(tmp_path / "source", {"01-overview": notebook("# T", code("a"))})
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    for month, shown in (("1998-05", kpi()), ("1998-06", kpi()), ("1998-06", {"text/plain": ""})):
        facts = replace(FACTS, period=type(FACTS.period).month(month))
        stand_in({"a": shown})
        monkeypatch.setattr(running, "read_facts", told(facts))
        make_report(replace(order, force=True), Quiet())
    html = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#]+)/index.html"', html)
    assert links == ["1998-06", "1998-06.failed", "1998-05"]
    assert html.count('class="chip failed"') == 1


FAILURES = {
    "cell": (Failure("cell", 3, "KeyError", "'ads'", "Traceback\n\x1b[31mKeyError\x1b[0m: <x>"),
             ("A cell stopped with KeyError", "cell 4, in “Cost”", "KeyError: &lt;x&gt;")),
    "kernel": (Failure("kernel", 3, "DeadKernelError", "Kernel died"), ("out of memory",)),
    "timeout": (Failure("timeout", 3, "TimeoutError", ""), ("--timeout",)),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_notebook_gets_a_page_in_plain_words_and_the_others_go_on(
    stand_in, tmp_path, kind
):
    failure, words = FAILURES[kind]
    bad = notebook("# Acquisition", prose("## Cost"), code("b"))
    source = write(
        tmp_path / "source",
        {"01-bad": bad, "02-good": notebook("# Retention", code("a"))},
    )
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    stand_in({"a": kpi(), "b": kpi()})
    good = make_report(order, Quiet())
    before = (good.folder / "01-bad.html").read_bytes()

    stand_in({"a": kpi(value=0.2), "b": kpi()}, [("01-bad", failure)])
    outcome = make_report(replace(order, force=True), Quiet())
    assert not outcome.good and outcome.folder.name == "1998-06.failed"
    assert (good.folder / "01-bad.html").read_bytes() == before
    assert [page["status"] for page in outcome.run["notebooks"]] == ["failed", "good"]
    assert len(outcome.kpis) == 1

    html = (outcome.folder / "01-bad.html").read_text(encoding="utf-8")
    for word in (*words, "This page could not be finished", "kpilib report --data cdnow"):
        assert word in html
    assert '<a href="../1998-06/index.html">1998-06</a>' in html
    assert outline(outcome.folder / "01-bad.html")
    index = (outcome.folder / "index.html").read_text(encoding="utf-8")
    assert "1 of 2 notebooks did not finish" in index


def test_without_a_good_month_the_last_one_before_is_named(stand_in, tmp_path, monkeypatch):
    source = write(tmp_path / "source", {"01-overview": notebook("# T", code("a"))})
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    stand_in({"a": {"text/plain": "no KPI"}})
    outcome = make_report(order, Quiet())
    html = (outcome.folder / "01-overview.html").read_text(encoding="utf-8")
    assert "there is none yet" in html and "shows less than it must (kpis: 0 of 1)" in html

    april = replace(FACTS, period=type(FACTS.period).month("1998-04"))
    stand_in({"a": kpi()})
    monkeypatch.setattr(running, "read_facts", told(april))
    make_report(order, Quiet())
    stand_in({"a": {"text/plain": ""}})
    monkeypatch.setattr(running, "read_facts", told(FACTS))
    outcome = make_report(order, Quiet())
    html = (outcome.folder / "01-overview.html").read_text(encoding="utf-8")
    assert '<a href="../1998-04/index.html">1998-04</a>' in html


def test_the_last_good_month_is_opened_in_the_readers_language(stand_in, tmp_path, monkeypatch):
    source = write(tmp_path / "source", {"01-overview": notebook("# T", code("a"))})
    order = Order("cdnow", out=tmp_path / "reports", folder=source, also=("zh",))
    april = replace(FACTS, period=type(FACTS.period).month("1998-04"))
    stand_in({"a": kpi()})
    monkeypatch.setattr(running, "read_facts", told(april))
    assert make_report(order, Quiet()).good
    stand_in({"a": {"text/plain": "no KPI"}})
    monkeypatch.setattr(running, "read_facts", told(FACTS))
    outcome = make_report(order, Quiet())
    for page in ("01-overview.html", "index.html"):
        for folder, link in (("", "../1998-04/index.html"), ("zh", "../../1998-04/zh/index.html")):
            html = (outcome.folder / folder / page).read_text(encoding="utf-8")
            assert f'<a href="{link}">1998-04</a>' in html


def test_a_page_that_cannot_be_made_is_a_failure_of_its_notebook(stand_in, tmp_path):
    source = write(tmp_path / "source", {"01-overview": notebook("# T", code("a"))})
    stand_in({"a": kpi() | {"image/svg+xml": "<svg"}})
    outcome = make_report(Order("cdnow", out=tmp_path / "reports", folder=source), Quiet())
    assert outcome.run["notebooks"][0]["failure"]["kind"] == "page"
    assert "its page could not be made" in (outcome.folder / "01-overview.html").read_text()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", ("Tháng 6 năm 1998", "Rời bỏ", "Tỷ lệ khách hàng mất đi.", "Mã lệnh", "Dữ liệu")),
        ("zh", ("1998年6月", "数据", "代码", "The share of customers")),
    ],
)
def test_pages_speak_the_language_asked_for(stand_in, tmp_path, lang, words):
    source = write(tmp_path / "source", {"03-retention": RETENTION})
    shown = {cell["source"]: kpi() for cell in RETENTION["cells"] if "churn_rate" in cell["source"]}
    figure = {c["source"]: {"image/png": "AA"} for c in RETENTION["cells"] if "plt" in c["source"]}
    stand_in(shown | figure)
    order = Order("cdnow", out=tmp_path / "reports", folder=source, lang=lang)
    outcome = make_report(order, Quiet())
    html = (outcome.folder / "03-retention.html").read_text(encoding="utf-8")
    for word in words:
        assert word in html
    assert "About these numbers" not in html and "Contents" not in html
    assert f'lang="{lang}' in html
    index = (outcome.folder / "index.html").read_text(encoding="utf-8")
    assert f'lang="{lang}' in index and "Chapters" not in index


def test_one_notebook_made_anew_keeps_the_others_of_the_month(stand_in, tmp_path):
    source = write(
        tmp_path / "source",
        {"01-overview": notebook("# A", code("a")), "03-retention": notebook("# B", code("b"))},
    )
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    stand_in({"a": kpi(), "b": kpi(id="retention_rate")})
    make_report(order, Quiet())
    stand_in({"b": kpi(id="retention_rate", value=0.9)})
    outcome = make_report(replace(order, only=("retention",), force=True), Quiet())
    assert outcome.good
    assert [page["name"] for page in outcome.run["notebooks"]] == ["01-overview", "03-retention"]
    assert [(v["id"], v["value"]) for v in outcome.kpis] == [
        ("churn_rate", 0.05),
        ("retention_rate", 0.9),
    ]
    assert "0.05" in (outcome.folder / "01-overview.html").read_text()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"fingerprints": {"orders": "late rows"}}, "inputs"),
        ({"lapse_window": 90}, "inputs"),
    ],
)
def test_a_month_is_not_mixed_from_different_inputs(stand_in, tmp_path, monkeypatch, changes, word):
    source = write(
        tmp_path / "source",
        {"01-overview": notebook("# A", code("a")), "03-retention": notebook("# B", code("a"))},
    )
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    stand_in({"a": kpi()})
    make_report(order, Quiet())
    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, **changes)))
    watch = Quiet()
    with pytest.raises(InputError, match=f"made from other {word}.*leave out --only"):
        make_report(replace(order, only=("retention",)), watch)
    assert watch.told == []
    with pytest.raises(InputError, match="made from other lang"):
        make_report(replace(order, only=("retention",), lang="vi"), watch)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": ("mnths=3",)}, "'mnths'"),
        ({"settings": ("months=three",)}, "'three'"),
        ({"only": ("04-loyalti",)}, "'04-loyalti'"),
        ({"lang": "fr"}, "'fr'"),
    ],
)
def test_wrong_input_stops_before_any_kernel(facts, tmp_path, monkeypatch, changes, words):
    made = notebook("# T", code("a"), parameters=PARAMETERS + "\nmonths: int = 12")
    source = write(tmp_path / "source", {"01-overview": made})
    order = Order("cdnow", out=tmp_path / "reports", folder=source)
    with pytest.raises(InputError, match=words):
        make_report(replace(order, **changes), Quiet())
    assert not (tmp_path / "reports").exists()


def test_an_out_folder_that_cannot_be_written_stops_before_any_kernel(facts, tmp_path, monkeypatch):
    source = write(tmp_path / "source", {"01-overview": OVERVIEW})
    (tmp_path / "reports").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        make_report(Order("cdnow", out=tmp_path / "reports", folder=source), Quiet())


def test_settings_reach_the_notebooks_that_have_them(stand_in, tmp_path):
    source = write(
        tmp_path / "source",
        {
            "01-overview": notebook("# A", code("a")),
            "03-retention": notebook(
                "# B", code("a"), parameters=PARAMETERS + "\nmonths: int = 12"
            ),
        },
    )
    stand_in({"a": kpi()})
    order = Order("cdnow", out=tmp_path / "reports", folder=source, settings=("months=3",))
    outcome = make_report(order, Quiet())
    given = [page["parameters"].get("months") for page in outcome.run["notebooks"]]
    assert given == [None, 3]
    assert outcome.run["command"].endswith("--set months=3")


def test_a_report_can_be_moved(made, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(made[1].out, moved)
    for path in pages(moved / "1998-06"):
        text = re.sub(r"<code>kpilib report.*?</code>", "", path.read_text(encoding="utf-8"))
        assert str(made[1].out) not in text


def test_hidden_cells_and_warnings_stay_out_of_sight(stand_in, tmp_path):
    source = write(
        tmp_path / "source",
        {"01-overview": notebook("# A", code("secret", "hide"), code(SHOW_KPI), code("last"))},
    )
    stand_in({SHOW_KPI.strip(): kpi(), "secret": {"text/plain": "hidden words"}})
    outcome = make_report(Order("cdnow", out=tmp_path / "reports", folder=source), Quiet())
    html = (outcome.folder / "01-overview.html").read_text(encoding="utf-8")
    assert "hidden words" not in html and ">secret" not in html and ">last" in html


@pytest.fixture
def two(tmp_path):
    """An order of two small notebooks whose cells are `a` and `b`."""
    source = write(
        tmp_path / "source",
        {"01-overview": notebook("# A", code("a")), "03-retention": notebook("# B", code("b"))},
    )
    return Order("cdnow", out=tmp_path / "reports", folder=source)


def ran(watch):
    return [step[1] for step in watch.told if step[0] == "starts"]


def test_again_only_what_has_changed_is_executed(stand_in, two, monkeypatch):
    stand_in({"a": kpi(), "b": kpi(id="retention_rate")})
    first = make_report(two, Quiet())
    watch = Quiet()
    again = make_report(two, watch)
    assert ran(watch) == [] and watch.plan.reused == ("01-overview", "03-retention")
    assert again.kpis == first.kpis and [p["reused"] for p in again.run["notebooks"]] == [True] * 2
    write(two.folder, {"03-retention": notebook("# B", code("b"), prose("More."))})
    watch = Quiet()
    make_report(two, watch)
    assert ran(watch) == ["03-retention"] and watch.plan.seconds == 1.25
    watch = Quiet()
    make_report(replace(two, force=True), watch)
    assert sorted(ran(watch)) == ["01-overview", "03-retention"] and watch.plan.reused == ()
    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, settings="other targets")))
    watch = Quiet()
    make_report(two, watch)
    assert len(ran(watch)) == 2


def test_values_are_computed_once_and_taken_over_where_nothing_has_changed(
    stand_in, two, monkeypatch
):
    asked = []

    def values(lang):
        asked.append(lang)
        return [VALUE | {"id": "new_customers"}]

    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, values=values)))
    stand_in({"a": kpi(), "b": kpi()})
    first = make_report(two, Quiet())
    again = make_report(two, Quiet())
    assert asked == ["en"] and again.kpis == first.kpis
    make_report(replace(two, force=True), Quiet())
    assert len(asked) == 2
    (first.folder / "kpis.json").write_text("[]")
    assert make_report(two, Quiet()).kpis == first.kpis and len(asked) == 3
    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, settings="x", values=values)))
    make_report(two, Quiet())
    assert len(asked) == 4


def test_kernels_start_early_where_they_will_be_needed_and_not_where_they_are_not(
    stand_in, two, monkeypatch
):
    stand_in({"a": kpi(), "b": kpi()})
    monkeypatch.setattr(running, "Kernels", first := Lent(None))
    make_report(two, Quiet())
    monkeypatch.setattr(running, "Kernels", second := Lent(None))
    make_report(two, Quiet())
    assert first.started and not second.started and second.closed


def test_after_a_failure_only_the_failed_one_is_executed_again(stand_in, two):
    failure = Failure("cell", 2, "KeyError", "'x'")
    stand_in({"a": kpi(), "b": kpi()}, [("03-retention", failure)])
    assert make_report(two, Quiet()).folder.name == "1998-06.failed"
    stand_in({"a": kpi(), "b": kpi()})
    watch = Quiet()
    outcome = make_report(two, watch)
    assert outcome.good and ran(watch) == ["03-retention"]
    assert {path.name for path in two.out.iterdir()} == {"1998-06", "index.html"}


def test_a_month_may_be_published_in_part(stand_in, two):
    stand_in({"a": kpi(), "b": kpi()}, [("03-retention", Failure("cell", 2, "KeyError", "'x'"))])
    outcome = make_report(replace(two, publish_partial=True), Quiet())
    assert not outcome.good and outcome.folder == two.out / "1998-06"
    assert outcome.run["status"] == "partial"
    html = (outcome.folder / "index.html").read_text(encoding="utf-8")
    assert "1 of 2 notebooks did not finish, and the report was published without them" in html
    assert "published in part" in (two.out / "index.html").read_text(encoding="utf-8")
    stand_in({"a": kpi(), "b": kpi()})
    assert make_report(two, Quiet()).run["status"] == "good"


def test_what_is_only_told_may_be_a_failure(stand_in, two, monkeypatch):
    reason = {REASON: {}, "text/plain": "too few"}
    stand_in({"a": kpi(), "b": kpi() | reason})
    assert make_report(two, Quiet()).good
    outcome = make_report(replace(two, strict=True), Quiet())
    assert [page["status"] for page in outcome.run["notebooks"]] == ["good", "failed"]
    assert "reasons in place of results: 1" in outcome.run["notebooks"][1]["failure"]["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notes": ("ordrs.csv was not read",)}, "ordrs.csv was not read"),
        ({"as_of": date(1998, 6, 20)}, "1998-06 is not over: the data end 1998-06-19"),
    ],
)
def test_data_that_leave_something_to_be_wished_stop_a_strict_run(
    stand_in, two, monkeypatch, changes, words
):
    stand_in({"a": kpi(), "b": kpi()})
    monkeypatch.setattr(running, "read_facts", told(replace(FACTS, **changes)))
    with pytest.raises(QualityGateError, match=words):
        make_report(replace(two, strict=True), Quiet())
    assert not two.out.exists() and make_report(two, Quiet()).good


def test_an_index_of_the_users_own_stops_before_any_kernel(stand_in, two):
    two.out.mkdir()
    (two.out / "index.html").write_text("<h1>Mine</h1>")
    watch = Quiet()
    with pytest.raises(InputError, match="is no page of kpilib"):
        make_report(two, watch)
    assert watch.told == []


def test_a_report_beside_a_foreign_run_json_has_its_list_of_months(stand_in, two):
    stand_in({"a": kpi(), "b": kpi()})
    (two.out / "2026-01").mkdir(parents=True)
    (two.out / "2026-01" / "run.json").write_text('{"name": "another tool"}')
    make_report(two, Quiet())
    html = (two.out / "index.html").read_text(encoding="utf-8")
    assert "1998-06/index.html" in html and "2026-01" not in html


def test_all_notebooks_of_a_run_see_the_rows_that_it_read(tmp_path, monkeypatch, kernels):
    (tmp_path / "shop").mkdir()
    rows = "customer_id,ordered_at,amount\n1,2026-01-05,3\n2,2026-01-06,4\n"
    orders = tmp_path / "shop" / "orders.csv"
    orders.write_text(rows)
    late = f"open({str(orders)!r}, 'w').write({rows!r} + '3,2026-01-07,5\\n')"
    ask = "import kpilib\nbase = kpilib.open(data)\nbase.kpi('new_customers', period)"
    cells = code(f"{late}\n{ask}"), code(ask)
    source = write(tmp_path / "source", {f"0{n}-part": notebook("# T", *cells) for n in (1, 2)})
    monkeypatch.setattr(running, "Kernels", Lent(kernels))
    read = running.read_facts
    without = lambda *given: replace(read(*given), values=lambda lang: [])  # noqa: E731
    monkeypatch.setattr(running, "read_facts", without)
    order = Order(str(tmp_path / "shop"), out=tmp_path / "reports", folder=source, jobs=1)
    watch = Quiet()
    outcome = make_report(order, watch)
    assert outcome.good, outcome.run["notebooks"]
    assert watch.plan.carried.endswith("no earlier run of these data has kept any")
    carried = outcome.run["earlier"] | {"said": watch.plan.carried}
    assert outcome.summary["earlier"] == carried and carried["values"] == 0
    (value,) = [value for value in outcome.kpis if value["id"] == "new_customers"]
    assert value["value"] == 2
    for name in ("01-part", "02-part"):
        cells = json.loads((outcome.folder / "notebooks" / f"{name}.ipynb").read_text())["cells"]
        shown = [out["data"][MIME][0]["value"] for c in cells[3:] for out in c["outputs"]]
        assert shown == [2, 2]
    assert "3,2026-01-07" in orders.read_text()


def test_a_chapter_says_of_a_change_what_the_month_says(tmp_path, monkeypatch, kernels):
    """However few of them a cell asks for: a change is judged beside all others of its month."""
    (tmp_path / "shop").mkdir()
    spent = [month * (9 if month == 8 else 1) for month in range(10)]
    rows = [
        f"{who},2026-{month:02}-{day:02},{7.35 * day + spent[month]}"
        for who in range(1, 21)
        for month in range(1, 10)
        for day in range(1 + who % 4, 28, 2 if month == 8 else 5 + (who * month) % 9)
    ]
    lines = "\n".join(["customer_id,ordered_at,amount", *rows])
    (tmp_path / "shop" / "orders.csv").write_text(lines)
    cells = code("import kpilib\nbase = kpilib.open(data)\nbase.kpi('buyers', period)")
    cells = cells, code("base.scorecard('sales', period)")
    source = write(tmp_path / "source", {"01-part": notebook("# T", *cells)})
    monkeypatch.setattr(running, "Kernels", Lent(kernels))
    order = Order(str(tmp_path / "shop"), "2026-08", out=tmp_path / "reports", folder=source)
    outcome = make_report(order, Quiet())
    assert outcome.good, outcome.run["notebooks"]
    month = {(value["id"], value["segment"]): value for value in outcome.kpis}
    done = json.loads((outcome.folder / "notebooks" / "01-part.ipynb").read_text())["cells"]
    shown = [one for c in done[3:] for out in c["outputs"] for one in out["data"][MIME]]
    assert len(shown) > 4 and any(one["signal"] == "up" for one in shown)
    for one in shown:
        same = month[one["id"], one["segment"]]
        assert one == {name: same[name] for name in one}
