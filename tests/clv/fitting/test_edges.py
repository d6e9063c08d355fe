"""What a fit says of its data: how much they hold, their unit, and what they leave open."""

from types import SimpleNamespace

import numpy as np
import pytest

from kpilib.clv.fitting.arguments import as_column, ratio
from kpilib.clv.fitting.edges import EDGES, edge_findings, size_findings
from kpilib.clv.fitting.finding import Finding, worst
from kpilib.errors import InputError


def said(**counts):
    """Findings about counts, by name; a hundred customers who came back where nothing is said."""
    plain = {"customers": 100.0, "repeat_buyers": 100.0}
    found = size_findings(SimpleNamespace(**{**plain, **counts}))
    return {one.name: one for one in found}


@pytest.mark.parametrize(
    ("repeat", "name", "severity"),
    [
        (0, "no_repeat_buyers", "serious"),
        (1, "few_repeat_buyers", "warning"),
        (49, "few_repeat_buyers", "warning"),
        (50, None, None),
        (51, None, None),
    ],
)
def test_fifty_must_have_bought_again(repeat, name, severity):
    found = said(repeat_buyers=float(repeat))
    assert {one: found[one].severity for one in found} == ({name: severity} if name else {})
    if repeat == 1:
        assert found[name].sentence.en == "Only 1 of 100 customers bought again."


def test_one_customer_is_too_few_and_two_are_not_said_to_be_one():
    alone = said(customers=1.0, repeat_buyers=1.0)
    assert set(alone) == {"few_repeat_buyers", "one_customer"}
    assert worst(tuple(alone.values())) == "serious"
    assert "one_customer" not in said(customers=2.0, repeat_buyers=2.0)
    assert "one_customer" not in said(customers=0.0, repeat_buyers=0.0)


@pytest.mark.parametrize(
    ("unit", "longest"),
    [("days", 73_050.0), ("weeks", 73_050.0 / 7), ("months", 2_400.0), ("years", 200.0)],
)
def test_more_than_two_centuries_are_doubted(unit, longest):
    for times, doubted in ((longest * 0.999, False), (longest * 1.001, True)):
        found = said(T=np.array([1.0, times, 2.0]), time_unit=unit)
        assert set(found) == ({"unit_doubtful"} if doubted else set())
    at_most = {"days": 73_050.0, "years": 200.0}
    if unit in at_most:
        assert said(T=np.array([at_most[unit]]), time_unit=unit) == {}


def test_periods_and_nobody_have_no_length_to_doubt():
    assert said(T=np.array([1e9]), time_unit="periods") == {}
    assert said(T=np.zeros(0), time_unit="years") == {}
    assert said(time_unit="years") == {}


def test_who_was_left_out_is_counted():
    assert said(left_out=0.0) == {}
    assert said(left_out=3.0)["left_out"].sentence.en.startswith("3 customers with T = 0 were left")


def test_an_open_coordinate_is_told_in_its_own_words_and_with_what_fills_the_gap():
    edges = {
        (0, 1): "same_rate",
        (2, -1): "no_dropout",
        (3, 1): "same_dropout",
        (1, 1): "same_rate",
    }
    found = edge_findings(edges, ((0, 1), (1, 1), (3, 1)))
    assert [one.name for one in found] == ["same_rate", "same_dropout"]
    for one in found:
        sentence, remedy = EDGES[one.name]
        assert one.sentence.en == (
            f"{sentence.en} The data leave this open; a cautious guess fills the gap."
        )
        assert (one.remedy, one.severity) == (remedy, "warning")
    # Where nobody seems to leave, how customers differ in leaving is no question.
    assert [one.name for one in edge_findings(edges, ((2, -1), (3, 1)))] == ["no_dropout"]


def test_the_worst_is_the_highest_severity_wherever_it_stands():
    serious, note = Finding("a", "serious", "A.", "B."), Finding("c", "note", "C.", "D.")
    assert worst((serious, note)) == worst((note, serious)) == "serious"
    assert worst((note,)) == "note"
    assert worst(()) is None


def test_units_of_time_are_as_long_as_the_calendar_s():
    assert ratio("years", "months") == 12
    assert ratio("months", "days") == 30.4375
    assert ratio("years", "weeks") == pytest.approx(365.25 / 7)
    assert ratio("days", "weeks") == pytest.approx(1 / 7)
    assert ratio("months", "months") == ratio("periods", "periods") == 1
    with pytest.raises(InputError, match="a period has no length in days"):
        ratio("periods", "days")


def test_a_column_has_one_dimension():
    assert as_column(3, "T").tolist() == [3]
    assert as_column([3, 4], "T").tolist() == [3, 4]
    with pytest.raises(InputError, match=r"T must be a column of numbers, got shape \(1, 2\)"):
        as_column([[3, 4]], "T")
