"""Around a notebook's own content: each number said once, with its formula and its caution."""

from kpilib.report.page.chapters import (
    chapter,
    place_of,
    without_reasons,
    without_repeated,
    without_repeats,
)
from kpilib.report.page.content import Block
from tests.report.conftest import FACTS, VALUE

ROW = {"id": "churn_rate", "name": "Churn rate", "now": "5.0%", "line": "<svg></svg>"}
SAID = {"lang": "en", "rows": {"churn": [ROW]}, "findings": {"churn": "Churn fell."}}
PAGE = {"page": "03-retention.html", "families": ["retention", "churn"]}


def test_a_chapter_has_its_findings_its_table_and_the_formulas_with_numbers():
    found = chapter(PAGE, SAID, FACTS, [VALUE | {"command": "kpilib kpi churn_rate"}])
    assert found["findings"] == ["Churn fell."] and found["rows"][0]["id"] == "churn_rate"
    (how,) = found["how"]
    assert "<mfrac>" in how["html"] and how["command"] == "kpilib kpi churn_rate"
    assert found["untrusted"] == ""


def test_forecasts_carry_the_test_that_the_model_failed():
    said = SAID | {"untrusted": "in 3 tests too low"}
    page = {"families": ["lifetime_value"]}
    assert chapter(page, said, FACTS, [])["untrusted"] == "in 3 tests too low"
    assert chapter(PAGE, said, FACTS, [])["untrusted"] == ""


def test_a_notebook_of_no_family_has_nothing_of_it():
    found = chapter({}, SAID, FACTS, [VALUE])
    assert not any(found.values())


def test_a_card_whose_number_stands_in_the_table_is_not_repeated():
    part = VALUE | {"segment": "A", "segment_name": "A"}
    before = VALUE | {"period": {"start": "1998-05-01", "end": "1998-06-01"}}
    for values, left in (((VALUE,), 0), ((VALUE, part), 1), ((before,), 1)):
        block = Block("output", 3, "<b>as it was</b>", values)
        html = without_repeats(block, {"churn_rate"}, FACTS, "en")
        assert (html.count("<article") or "as it was" in html) == left
    assert without_repeats(Block("prose", 1, "<p>"), {"churn_rate"}, FACTS, "en") == "<p>"


def test_a_number_is_shown_once_and_the_code_of_what_goes_is_kept_with_the_next():
    part = VALUE | {"id": "mix", "segment": "A", "segment_name": "A"}
    blocks = [
        Block("prose", 1, '<h2 id="s1">Who?</h2>'),
        Block("output", 2, "first", (part,)),
        Block("code", 2, "one()"),
        Block("output", 3, "card", (VALUE,)),
        Block("code", 3, "two()"),
        Block("output", 4, "again", (part,)),
        Block("output", 4, "picture"),
        Block("code", 4, "three()"),
        Block("prose", 5, '<h2 id="s2">And?</h2>'),
        Block("output", 6, "again", (part,)),
        Block("code", 6, "four()"),
    ]
    kept, dropped = without_repeated(blocks, {"churn_rate"}, FACTS, "en")
    assert dropped == {"s2"}
    shown = [(block.cell, html) for block, html in kept[1:]]
    assert shown == [(2, "first"), (2, "one()"), (4, "picture"), (4, "two()\n\nthree()")]


def test_a_kpi_is_explained_in_its_chapter_or_else_where_it_is_shown():
    run = {"notebooks": [{"page": "01-own.html"}, PAGE]}
    assert place_of(VALUE | {"page": "x"}, run, SAID) == "03-retention.html#how-churn_rate"
    assert place_of(VALUE | {"page": "x"}, run, {}) == "x"


def test_questions_that_the_records_cannot_answer_are_told_in_a_line_each():
    """A section with one result stays, without the reason that such a line has told already."""
    blocks = [
        Block("prose", 0, "<p>Before all.</p>"),
        Block("prose", 1, '<h2 id="s1">Who?</h2>'),
        Block("output", 2, "card", reason="needs tickets"),
        Block("code", 2, "one()"),
        Block("output", 3, "card", reason="needs tickets"),
        Block("output", 4, "card", reason="too few"),
        Block("prose", 5, '<h2 id="s2">And?</h2>'),
        Block("output", 6, "card", reason="too few"),
        Block("output", 6, "picture"),
    ]
    kept, told = without_reasons(blocks, {"s1": "Who?", "s2": "And?"})
    assert told == [{"anchor": "s1", "title": "Who?", "reason": "Needs tickets; too few"}]
    assert kept == [blocks[0], blocks[6], blocks[8]]
    none = Block("output", 1, "cards", (VALUE | {"value": None},))
    some = Block("output", 1, "cards", (VALUE, VALUE | {"value": None}))
    for card, left in ((none, 0), (some, len(blocks[1:6]) + 1), (Block("output", 1, "x"), 6)):
        kept, told = without_reasons([*blocks[1:6], card], {"s1": "Who?"})
        assert (len(kept), len(told)) == (left, left == 0)
    alone = [blocks[1], none]
    assert without_reasons(alone, {"s1": "Who?"}) == (alone, [])
    shown = Block("output", 1, "card", reason="too few")
    assert without_reasons([shown], {}) == ([shown], [])
