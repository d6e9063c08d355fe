"""What changed: in order, each once."""

from kpilib.questions.values import Status
from kpilib.report.month.changes import changed, complements, ranked, row
from kpilib.words import Text, Unit
from tests.report.month.conftest import Stand, value


def test_two_shares_that_make_up_one_are_shown_once():
    churn, kept = value("churn_rate"), value("retention_rate", 0.95, 0.92, better="higher")
    other = value("share_of_men", 0.6, 0.6)
    lines = {"churn_rate": [0.08, 0.05], "retention_rate": [0.92, 0.95], "share_of_men": [0.1, 0.6]}
    asked = Stand(kept, churn, other, lines=lines)
    assert complements(asked) == {"retention_rate": "churn_rate"}
    assert [move.value.id for move in ranked(asked)] == ["churn_rate"]


def test_the_most_surprising_comes_first_and_chance_below():
    values = [
        value("a", 0.5, 0.4, signal="no clear change", change_low=-0.1, change_high=0.3),
        value("b", 0.5, 0.4, signal="up", change_low=0.05, change_high=0.15),
        value("c", 0.5, 0.3, signal="up", change_low=0.19, change_high=0.21),
    ]
    found = changed(Stand(*values), "en")
    assert [one["id"] for one in found["beyond"]] == ["c", "b"]
    assert [one["id"] for one in found["chance"]] == ["a"]
    assert found["beyond"][0]["kind"] == "bad"
    assert found["beyond"][0]["between"] == "+19.0 … +21.0 points"


def test_a_row_says_what_is_to_be_known_of_a_number():
    waiting = value(status=Status.INCOMPLETE, reason=Text("needs more days"))
    assert row(Stand(), waiting, "en")["state"] == "Incomplete: needs more days"
    early = value("nps", 30.0, 20.0, unit=Unit.POINTS, signal="too early")
    assert row(Stand(), early, "en")["state"] == "too early to judge"
