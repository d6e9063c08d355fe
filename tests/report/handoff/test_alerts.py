"""Alerts: raised beyond a limit and beyond chance, and never where nothing can be said."""

import pytest

from kpilib.contract.alerts import AlertRule, read_alerts
from kpilib.contract.settings import Settings
from kpilib.errors import InputError
from kpilib.report.handoff.alerts import HELD, QUIET, RAISED, check_ids, watch
from tests.report.conftest import VALUE

CHURN = VALUE | {"target": None}


def state(rule, ends=None, **changes):
    (found,) = watch([CHURN | changes], {"churn_rate": rule}, ends)
    return found


@pytest.mark.parametrize(
    ("rule", "value", "low", "high", "expected"),
    [
        (AlertRule(above=0.04), 0.05, 0.045, 0.055, RAISED),
        (AlertRule(above=0.04), 0.05, 0.04, 0.055, HELD),  # the interval begins at the limit
        (AlertRule(above=0.04), 0.05, 0.03, 0.07, HELD),
        (AlertRule(above=0.05), 0.05, 0.045, 0.055, QUIET),  # at the limit is not beyond it
        (AlertRule(above=0.04), 0.05, None, None, RAISED),  # counted, not estimated
        (AlertRule(below=0.06), 0.05, 0.045, 0.055, RAISED),
        (AlertRule(below=0.06), 0.05, 0.045, 0.06, HELD),
        (AlertRule(below=0.04), 0.05, 0.03, 0.07, QUIET),
    ],
)
def test_a_limit_is_crossed_by_the_whole_interval(rule, value, low, high, expected):
    assert state(rule, value=value, low=low, high=high).state == expected


@pytest.mark.parametrize("rule", [AlertRule(above=0.04), AlertRule(below=0.06)])
def test_what_chance_may_have_done_is_said_of_either_side(rule):
    """Below a limit that is to be reached a number is not beyond it."""
    said = state(rule, value=0.05, low=0.03, high=0.07).said
    assert "5.0% is on the wrong side of" in said.en
    assert said.en.endswith("but its 95% interval reaches the other: 3.0% to 7.0%")
    assert "vượt" not in said.of("vi") and "越过" not in said.of("zh")


def test_an_unfinished_period_raises_nothing():
    found = state(AlertRule(above=0.01), status="incomplete")
    assert found.state == HELD and found.said.en.endswith("the period is not over")
    assert state(AlertRule(change="any"), status="incomplete", signal="up").state == HELD


def test_what_cannot_be_observed_raises_nothing():
    found = state(AlertRule(below=0.01), value=None, status="undefined", reason="nobody bought")
    assert found.state == HELD and "nobody bought" in found.said.en
    (absent,) = watch([], {"nps": AlertRule(below=30)})
    assert absent.state == HELD and "no such number" in absent.said.en


def test_late_rows_hold_a_provisional_number_back_unless_it_will_end_beyond():
    rule = AlertRule(above=0.02)
    assert state(rule, status="provisional").state == HELD
    assert state(rule, {"churn_rate": (0.04, 0.06)}, status="provisional").state == RAISED
    assert state(rule, {"churn_rate": (0.01, 0.06)}, status="provisional").state == HELD


@pytest.mark.parametrize(
    ("change", "signal", "expected"),
    [
        ("worse", "up", RAISED),
        ("worse", "down", QUIET),
        ("better", "down", RAISED),
        ("any", "down", RAISED),
        ("any", "no clear change", QUIET),
        ("worse", "too early", HELD),
        ("worse", "not comparable", HELD),
        ("worse", None, HELD),
    ],
)
def test_a_change_is_judged_by_its_signal(change, signal, expected):
    good = {"up": False, "down": True}.get(signal)
    assert state(AlertRule(change=change), signal=signal, good=good).state == expected


def test_a_change_has_no_side_where_neither_is_good():
    assert state(AlertRule(change="worse"), signal="up", better="", good=None).state == HELD


def test_targets_are_watched_too_and_raised_alerts_come_first():
    values = [
        CHURN | {"target": 0.06},
        CHURN | {"id": "nps", "target": 0.2, "better": "higher", "low": 0.04, "high": 0.06},
        CHURN | {"id": "buyers", "target": 0.06, "better": "higher"},
    ]
    found = watch(values, {})
    assert [(one.id, one.state) for one in found] == [
        ("nps", RAISED),
        ("buyers", HELD),
        ("churn_rate", QUIET),
    ]
    assert "misses the target" in found[0].said.en and found[0].said.of("vi") != found[0].said.en


def test_rules_are_read_from_settings_and_their_faults_named():
    settings = Settings.from_mapping({"alerts": {"churn_rate": {"above": 0.08}}})
    assert settings.alerts["churn_rate"] == AlertRule(above=0.08)
    assert settings.replace(alerts={"nps": {"change": "worse"}}).alerts["nps"].change == "worse"
    for rule, said in (
        ({"above": "high"}, "above = 'high' is not a number"),
        ({"above": True}, "is not a number"),
        ({"change": "wors"}, "did you mean 'worse'"),
        ({}, "must say what is watched for"),
        (0.08, "must say what is watched for"),
    ):
        with pytest.raises(InputError, match=said):
            read_alerts({"churn_rate": rule}, "shop.toml")
    with pytest.raises(InputError, match="did you mean 'churn_rate'"):
        check_ids({"churn_rat": AlertRule(above=1)}, {})
