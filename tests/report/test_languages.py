"""Pages in several languages: switched between on every page, and none with English left on it."""

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kpilib.report.order import Order
from kpilib.report.run import make_report
from kpilib.words.languages import NAMES
from tests.report.conftest import Quiet

ALLOWED = {
    # names of things, and of the people who found them
    "kpilib", "Python", "Excel", "JupyterLab", "CRM", "Facebook", "facebook", "Zalo", "zalo",
    "Kaplan", "Meier", "Gini", "Gamma", "Pareto", "Shapley", "Markov", "Stripe", "Google",
    # abbreviations of the field
    "KPI", "NPS", "CSAT", "CES", "CLV", "LTV", "CAC", "RFM", "SLA", "ABC", "BG", "NBD", "MBG",
    "sBG", "PDF", "ROI", "VND", "MRR", "min",
    # files and folders that a page leads to
    "kpis", "run", "json", "notebook", "notebooks", "ipynb", "html",
    # words that Vietnamese has taken over
    "email", "website", "web", "marketing", "logarit", "script", "online", "video",
}  # fmt: skip
"""The Latin words that are no English on a page in another language."""
GIVEN = {
    # what the demo calls its channels, segments, campaigns, owners, calendars and countries
    "demo", "store", "search", "marketplace", "referral", "direct", "household", "student",
    "office", "other", "unknown", "low", "normal", "high", "urgent", "complaint", "sales",
    "service", "retention", "data", "win", "back", "care", "call", "new", "catalogue", "hcm",
    "paris", "Asia", "Ho", "Chi", "Minh", "VN", "DE", "FR",
}  # fmt: skip
"""The words that stand in the demo's own rows and settings."""
SYLLABLE = re.compile(
    "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)
"""A Vietnamese syllable without its tone."""
VOID = {"br", "meta", "hr", "img", "link", "wbr", "col"}
CODE = {"style", "script", "code", "pre"}
MADE_WITH = re.compile(r"kpilib \d.*")


class _Words(HTMLParser):
    """All that a page says in its own language: text, and the names that a screen reader reads."""

    def __init__(self):
        super().__init__()
        self.open, self.said = [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.said += [found[name] for name in ("alt", "title", "aria-label") if found.get(name)]
        if tag not in VOID:
            self.open.append((tag, found.get("lang") if tag != "html" else None))

    def handle_startendtag(self, tag, attrs):
        self.said += [text for name, text in attrs if name == "aria-label" and text]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not any(tag in CODE or lang for tag, lang in self.open):
            self.said.append(" ".join(data.split()))


def foreign(text: str, lang: str) -> list[str]:
    """The words of a text that neither the language nor anybody's own names have."""
    if MADE_WITH.fullmatch(text):
        return []
    text = re.sub(r"\b(?=\w*\d)[0-9a-f]{12}\b", "", text)
    found = [word for word in re.findall("[A-Za-zÀ-ỹ]+", text) if len(word) > 1]
    found = [word for word in found if word not in ALLOWED | GIVEN]
    return [word for word in found if lang == "zh" or not SYLLABLE.fullmatch(_toneless(word))]


def _toneless(word: str) -> str:
    parts = unicodedata.normalize("NFD", word.lower())
    return unicodedata.normalize("NFC", re.sub("[\u0300\u0301\u0303\u0309\u0323]", "", parts))


def left(path: Path, lang: str) -> dict[str, str]:
    """Each foreign word of a page, with the text that it stands in."""
    page = _Words()
    page.feed(path.read_text(encoding="utf-8"))
    return {word: text for text in page.said for word in foreign(text, lang)}


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A month of the demo in three languages, of two chapters."""
    out = tmp_path_factory.mktemp("languages")
    only = ("02-acquisition", "10-data-quality")
    outcome = make_report(Order("demo", also=("vi", "zh"), out=out, only=only), Quiet())
    assert outcome.good
    return outcome.folder


@pytest.mark.parametrize("lang", ["vi", "zh"])
def test_no_english_is_left_on_a_page_in_another_language(month, lang):
    pages = [*sorted((month / lang).glob("*.html")), month.parent / f"index.{lang}.html"]
    assert len(pages) == 6
    assert {path.name: words for path in pages if (words := left(path, lang))} == {}


def test_english_would_be_found():
    assert foreign("Doanh thu rose from 5", "vi") == ["rose", "from"]
    assert foreign("净收入 rose 5%", "zh") == ["rose"]
    assert foreign("Tỷ lệ giữ chân của khách hàng, NPS, định nghĩa d7f241ab12e4", "vi") == []


def test_every_page_can_be_switched_to_the_same_page_in_another_language(month):
    for folder in (month, month / "vi", month / "zh"):
        for path in sorted(folder.glob("*.html")):
            text = path.read_text(encoding="utf-8")
            links = dict(re.findall(r'<a href="([^"]+)" lang="([^"]+)" hreflang="\2">', text))
            assert len(links) == 2, path
            for link, lang in links.items():
                other = (path.parent / link).resolve()
                assert other.name == path.name and other.is_file()
                assert lang in ("en", "vi", "zh-Hans")
                own = f'<b lang="{lang}">{NAMES[lang[:2]]}</b>'
                assert own in other.read_text(encoding="utf-8")


def test_no_link_of_a_month_in_several_languages_leads_nowhere(month):
    pages = [*month.rglob("*.html"), *month.parent.glob("*.html")]
    assert len(pages) == 3 * 5 + 4
    for path in pages:
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r'href="([^"#]+)(?:#[^"]*)?"', text):
            assert (path.parent / link).exists(), (path, link)


def test_the_list_of_months_leads_to_the_month_in_its_own_language(month):
    found = {
        name: re.search(r'<th scope="row"><a href="([^"]+)"', text)[1]
        for name in ("index.html", "index.en.html", "index.vi.html")
        for text in [(month.parent / name).read_text(encoding="utf-8")]
    }
    assert found["index.html"] == found["index.en.html"] == f"{month.name}/index.html"
    assert found["index.vi.html"] == f"{month.name}/vi/index.html"


def test_what_was_executed_is_taken_over_in_every_language(month):
    watch = Quiet()
    only = ("02-acquisition", "10-data-quality")
    order = Order("demo", also=("vi", "zh"), out=month.parent, only=only)
    before = {path: path.read_bytes() for path in month.rglob("*.html")}
    assert make_report(order, watch).good
    assert watch.plan.count == 0 and len(watch.plan.reused) == 6
    assert {path: path.read_bytes() for path in month.rglob("*.html")} == before
