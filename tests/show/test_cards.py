"""Cards: what they say, in which language, and that nothing in the data can break out of them."""

import re
from html.parser import HTMLParser

import pytest

from kpilib.show.cards import card_html, math_html

VALUE = {
    "id": "churn_rate",
    "family": "churn",
    "name": {"en": "Churn rate", "vi": "Tỷ lệ rời bỏ", "zh": "流失率"},
    "segment": None,
    "period": {"start": "2026-10-01", "end": "2026-11-01"},
    "value": 0.05,
    "low": 0.04,
    "high": 0.063,
    "numerator": 50.0,
    "denominator": 1000.0,
    "n": 1000,
    "unit": "share",
    "currency": None,
    "better": "lower",
    "status": "complete",
    "reason": None,
    "previous": 0.08,
    "change": -0.03,
    "change_low": -0.045,
    "change_high": -0.014,
    "year_before": 0.07,
    "signal": "down",
    "signal_reason": "nine periods before lead one to expect 8.0%",
    "usual": 0.08,
    "visible": 0.02,
    "good": True,
    "target": 0.04,
    "formula": r"\frac{\text{lost}}{\text{opening}}",
    "filled": r"\frac{\text{lost}}{\text{opening}} = \frac{50}{1{,}000}",
    "definition": "abc123",
    "details": {},
    "notes": ["Customers are matched one by one."],
}


def text(html):
    """The words of a card, its style left out."""
    html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def card(lang="en", **changes):
    return card_html([VALUE | changes], lang)


def months(*numbers):
    return [
        VALUE
        | {"value": number, "period": {"start": f"2026-{m:02d}-01", "end": f"2026-{m + 1:02d}-01"}}
        for m, number in enumerate(numbers, 1)
    ]


class Balance(HTMLParser):
    """Fails where a tag is closed that was not opened last."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_card_says_value_interval_change_and_target():
    said = text(card())
    assert "Churn rate · 2026-10 5.0% 95% interval: 4.0% – 6.3%" in said
    assert "▼ 3.0 points (95%: -4.5 to -1.4 points) from 8.0% in 2026-09" in said
    assert "7.0% in 2025-10, a year before" in said
    assert "Lower than expected from its history (8.0%): better" in said
    assert "Nine periods before lead one to expect 8.0%" in said
    assert "Target: 4.0% · missed" in said
    assert "n = 1,000" in said and "abc123" in said and "matched one by one" in said


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("vi", ("Tỷ lệ rời bỏ", "5,0%", "Khoảng tin cậy 95%", "tốt lên", "Mục tiêu", "chưa đạt")),
        ("zh", ("流失率", "5.0%", "95% 区间", "向好", "目标", "未达成")),
    ],
)
def test_a_card_speaks_the_language_asked_for(lang, words):
    said = text(card(lang))
    for word in words:
        assert word in said
    assert "better" not in said and "Target" not in said


def bars(*numbers):
    """Left and right end of each bar, in per cent of its column; None where there is none."""
    rows = card_html(
        [VALUE | {"segment": str(n), "value": number} for n, number in enumerate(numbers)]
    ).split("<tr>")[2:]
    found = []
    for row in rows:
        style = dict(re.findall(r"([\w-]+):([\d.]+)%", row.partition("<i ")[2].partition(">")[0]))
        left = float(style.get("margin-left", 0))
        found.append((left, left + float(style["width"])) if style else None)
    return found


def test_the_bar_of_a_negative_value_points_the_other_way_from_the_same_zero():
    assert bars(30, -10, 0, None, 15) == [(25, 100), (0, 25), None, None, (25, 62.5)]
    assert bars(-20, -5) == [(0, 100), (75, 100)]
    assert bars(4, 1) == [(0, 100), (0, 25)] and bars(0, 0) == [None, None]


def test_a_change_that_is_no_signal_is_neither_good_nor_bad():
    html = card_html([VALUE | {"signal": "no clear change", "good": None}])
    assert "no clear change: 8.0% was to be expected, and 2.0 points from it" in text(html).lower()
    assert 'class="change better"' not in html and 'class="change worse"' not in html


def test_a_month_that_is_not_over_has_not_moved():
    nothing = dict.fromkeys(("previous", "change", "change_low", "change_high", "year_before"))
    nothing |= dict.fromkeys(("signal", "signal_reason", "usual", "visible", "good"))
    said = text(card(status="incomplete", reason="data end on 2026-10-09", **nothing))
    assert "Incomplete: data end on 2026-10-09" in said
    assert "▼" not in said and "expected" not in said


@pytest.mark.parametrize("status", ["undefined", "unavailable"])
def test_a_value_that_is_not_there_gives_its_reason_and_no_number(status):
    missing = dict.fromkeys(("value", "low", "high", "n", "previous", "change", "year_before"))
    missing |= dict.fromkeys(("signal", "signal_reason", "usual", "visible", "good"))
    said = text(card(status=status, reason="no customers at risk", **missing))
    assert (
        "no customers at risk" in said and {"undefined": "Not defined"}.get(status, "Not") in said
    )
    assert "%" not in said.split("How it is computed")[0]


def test_a_provisional_value_says_so():
    assert "Provisional: late rows may come" in text(
        card(status="provisional", reason="late rows may come")
    )


def test_several_months_are_a_trend_with_gaps_where_there_is_no_value():
    html = card_html(months(0.05, None, 0.06, 0.07))
    (path,) = re.findall(r'<path d="([^"]+)"', html)
    assert path.count("M") == 2 and path.count("L") == 1
    assert 'aria-label="From 5.0% in 2026-01 to 7.0% in 2026-04"' in html
    assert "All 4 values" in text(html)


def test_several_segments_are_a_table_with_scopes():
    rows = [VALUE | {"segment": name, "value": v} for name, v in (("Shop", 0.1), ("Web", 0.05))]
    html = card_html(rows)
    assert '<th scope="col" class="word">Segment</th>' in html
    assert '<th scope="row" class="word">Web</th><td>5.0%</td>' in html
    assert "width:100.0%" in html and "width:50.0%" in html
    assert "Status" not in text(html)


def test_a_table_shows_the_status_where_one_is_not_complete():
    rows = [
        VALUE | {"segment": "Shop"},
        VALUE | {"segment": "Web", "value": None, "low": None, "high": None,
                 "status": "undefined", "reason": "no customers at risk"},
    ]  # fmt: skip
    assert "Web – – 1,000 Not defined: no customers at risk" in text(card_html(rows))


def test_a_scorecard_is_one_card_per_kpi():
    html = card_html([VALUE, VALUE | {"id": "other"}, *months(0.1, 0.2)])
    assert html.count("<article") == 3 and html.count("<style>") == 1


def test_nothing_in_the_data_is_read_as_html():
    bad = "<script>alert('x')</script>\"&"
    value = VALUE | {
        "name": {"en": bad}, "segment": bad, "reason": bad, "status": "provisional",
        "notes": [bad], "definition": bad, "filled": bad, "link": bad, "details": {bad: 1.0},
    }  # fmt: skip
    for html in (card_html([value]), card_html([value, value | {"segment": "b"}])):
        assert "<script" not in html.lower()
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("values", [[VALUE], months(0.1, None, 0.3), []])
def test_every_tag_is_closed(values):
    reader = Balance()
    reader.feed(card_html(values))
    assert reader.open == []


def test_a_card_loads_nothing():
    html = card_html([VALUE, *months(0.1, 0.2)])
    assert "http" not in html and "url(" not in html and "@import" not in html


def test_its_style_stays_with_the_cards():
    style = re.search(r"<style>(.*?)</style>", card_html([VALUE]), re.DOTALL)[1]
    for rule in re.findall(r"([^{}]+)\{", style):
        assert all(part.strip().startswith(".kpis") for part in rule.split(",")), rule


def test_formulas_are_mathml_and_what_is_no_formula_is_shown_as_written():
    assert "<mfrac>" in math_html(r"\frac{1}{2}")
    assert 'display="block"' in math_html("x", display=True)
    assert "<mfrac><mi>a</mi><mtext>b\xa0c</mtext></mfrac>" in math_html(r"\frac{a}{\text{b c}}")
    assert "<mo>−</mo>" in math_html("a-b") and "<mo>&#x0003C;</mo>" in math_html("a<b")
    assert "<mn>1,234,567</mn>" in math_html(r"1{,}234{,}567")
    assert math_html("a^b^<c>") == "<code>a^b^&lt;c&gt;</code>"
