"""How a change is told: its size, its limits, the verdict, in the unit and language."""

import pytest

from kpilib.show.change import change, change_limits, change_text, verdict, year_before

VALUE = {
    "period": {"start": "2026-10-01", "end": "2026-11-01"},
    "unit": "share",
    "currency": None,
    "value": 0.05,
    "previous": 0.08,
    "change": -0.03,
    "change_low": -0.045,
    "change_high": -0.014,
    "year_before": None,
    "signal": "down",
    "usual": 0.081,
    "visible": 0.02,
    "good": True,
}
MONEY = {"unit": "money", "currency": "GBP", "value": 110.0, "previous": 100.0, "change": 10.0}


@pytest.mark.parametrize(
    ("signal", "good", "kind"),
    [
        ("down", True, "better"),
        ("down", False, "worse"),
        ("up", True, "better"),
        ("up", None, "moved"),
        ("no clear change", None, ""),
        ("too early", None, ""),
        ("not comparable", None, ""),
        (None, None, ""),
    ],
)
def test_down_can_be_good_and_only_a_verdict_says_so(signal, good, kind):
    assert change(VALUE | {"signal": signal, "good": good})[0] == kind


def test_shares_change_by_points_and_money_also_by_a_part_of_the_old():
    assert change(VALUE)[1:] == ("▼ 3.0 points", "from 8.0% in 2026-09")
    assert change(VALUE | MONEY)[1:] == ("▲ £10.00, 10.0%", "from £100.00 in 2026-09")
    assert change(VALUE | {"unit": "count", "previous": 0, "change": 7})[1] == "▲ 7"
    assert change(VALUE | {"change": 0.0})[1] == "Unchanged"
    assert change(VALUE | {"unit": "points", "change": -2.5})[1] == "▼ 2.50"


def test_without_a_change_nothing_is_told():
    assert change(VALUE | {"change": None}) is None
    assert change_limits(VALUE | {"change": None}, "en") == ""
    assert change_text(VALUE | {"change": None, "signal": None}, "en") == ""


def test_limits_are_told_where_there_are_any():
    assert change_limits(VALUE, "en") == "95%: -4.5 to -1.4 points"
    assert change_limits(VALUE | MONEY | {"change_low": -2.0, "change_high": 22.0}, "en") == (
        "95%: -£2.00 to £22.00"
    )
    assert change_limits(VALUE | {"change_low": None}, "en") == ""


def test_every_verdict_has_its_words():
    said = {
        "up": "higher than expected from its history (8.1%): worse",
        "down": "lower than expected from its history (8.1%): better",
        "no clear change": (
            "no clear change: 8.1% was to be expected, and 2.0 points from it would have stood out"
        ),
        "too early": "too early to tell whether that is unusual",
        "not comparable": "not comparable with earlier periods",
    }
    for signal, words in said.items():
        good = {"up": False, "down": True}.get(signal)
        assert verdict(VALUE | {"signal": signal, "good": good}) == words
        for lang in ("vi", "zh"):
            assert verdict(VALUE | {"signal": signal, "good": good}, lang) not in ("", words)
    assert verdict(VALUE | {"signal": None}) == ""


def test_what_never_moved_is_not_said_to_be_seen_at_nothing():
    still = {"signal": "no clear change", "good": None, "visible": 0.0, "usual": 1.0}
    assert verdict(VALUE | still) == "no change: it was 100.0% in every period before"


@pytest.mark.parametrize(
    ("unit", "usual", "visible", "uneven"),
    [
        ("share", 0.05, 0.25, False),
        ("share", 0.05, 0.26, True),
        ("money", 40.0, 40.0, False),
        ("money", 40.0, 41.0, True),
        ("money", -40.0, 39.0, False),
        ("count", 0.0, 0.5, True),
    ],
)
def test_a_history_too_uneven_to_judge_by_is_said_to_be_so(unit, usual, visible, uneven):
    judged = {"signal": "no clear change", "good": None, "usual": usual, "visible": visible}
    value = VALUE | judged | {"unit": unit, "currency": "GBP" if unit == "money" else None}
    assert ("may be chance" in verdict(value)) == uneven
    assert ("would have stood out" in verdict(value)) != uneven


def test_the_same_month_of_the_year_before_stands_beside():
    assert year_before(VALUE | {"year_before": 0.07}, "en") == "7.0% in 2025-10, a year before"
    quarter = {"period": {"start": "2026-10-01", "end": "2027-01-01"}, "year_before": 0.07}
    assert year_before(VALUE | quarter, "en") == "7.0% in 2025-Q4, a year before"
