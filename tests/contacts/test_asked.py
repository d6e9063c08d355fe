"""Scores beside those who were asked: response, limits of few people, the mix of the invited."""

import numpy as np
import pandas as pd
import pytest

from kpilib.contacts.asked import raked_note
from kpilib.statistics import intervals
from tests import quick
from tests.kpis.test_satisfaction import answer, tables

APRIL = "2026-04"


def asked(scores, invited, segments, **options):
    """NPS answers by name, names invited on the 5th, and the segment of each name."""
    rows = [answer(name, "nps", score, "2026-04-08") for name, score in scores.items()]
    sent = pd.DataFrame(
        {"customer_id": invited, "survey": "nps", "sent_at": pd.Timestamp("2026-04-05")}
    )
    people = pd.DataFrame({"customer_id": [*segments], "segment": [*segments.values()]})
    return quick.opened(
        **tables(*rows, survey_invitations=sent, customers=people),
        as_of="2026-06-01",
        lapse_window=45,
        **options,
    )


SCORES = {"a1": 10, "a2": 9, "a3": 10, "b1": 3}
SEGMENTS = {f"{letter}{place}": letter for letter in "ab" for place in range(1, 11)}
INVITED = [f"a{place}" for place in range(1, 6)] + [f"b{place}" for place in range(1, 6)]


def test_nps_is_weighted_to_the_mix_of_those_invited():
    found = asked(SCORES, INVITED, SEGMENTS).kpi("nps", APRIL)
    details = found.details
    assert found.value == 50
    assert details["raked"] == pytest.approx((100 - 100) / 2)
    assert (details["invited"], details["response_rate"], details["unheard"]) == (10, 0.4, 0)
    low, high = (100 * float(end) for end in intervals.adjusted_wald_net(3, 1, 4))
    assert (found.low, found.high) == pytest.approx((low, high))
    shrink = np.sqrt((10 - 4) / 9)
    assert details["finite_low"] == pytest.approx(50 - (50 - low) * shrink)
    assert details["finite_high"] == pytest.approx(50 + (high - 50) * shrink)
    english = " / ".join(note.en for note in found.notes)
    assert "40.0% of those invited answered in time" in english
    assert "of the 10 people invited alone the limits are" in english
    assert "weighted to the mix of those invited by segment: 0.00" in english


def test_few_of_many_have_the_limits_of_many_and_no_note_of_it():
    many = [*SEGMENTS, *(f"c{place}" for place in range(70))]
    found = asked(SCORES, many, SEGMENTS).kpi("nps", APRIL)
    assert found.details["finite_low"] == found.low
    assert not any("alone the limits" in note.en for note in found.notes)
    # c was never heard, and has no segment: 70 of 90 people.
    assert found.details["unheard"] == pytest.approx(70 / 90)


def test_the_settings_say_what_is_raked_by():
    people = {"a1": "x", "a2": "x", "a3": "x", "b1": "y"}
    none = asked(SCORES, INVITED, people, surveys={"rake_by": ["country"]}).kpi("nps", APRIL)
    assert "raked" not in none.details
    assert none.details["invited"] == 10


def test_the_mean_of_satisfaction_is_weighted_likewise():
    rows = [answer("a1", "csat", 5), answer("a2", "csat", 5), answer("b1", "csat", 2)]
    sent = pd.DataFrame(
        {"customer_id": ["a1", "b1", "b2"], "survey": "csat", "sent_at": "2026-04-02"}
    )
    people = pd.DataFrame({"customer_id": ["a1", "a2", "b1", "b2"], "segment": list("aabb")})
    base = quick.opened(
        **tables(*rows, survey_invitations=sent, customers=people), as_of="2026-06-01"
    )
    found = base.kpi("csat_mean", APRIL)
    assert found.value == 4
    assert found.details["raked"] == pytest.approx((5 + 2 * 2) / 3)


def test_without_invitations_nobody_knows_who_was_asked():
    base = quick.opened(**tables(answer("An", "nps", 9)), as_of="2026-06-01")
    assert set(base.kpi("nps", APRIL).details) == {"left_out"}


def test_where_all_are_alike_the_weighted_score_is_the_score():
    """Of every score from 0 to 10 one: the same cuts make both."""
    scores = {f"c{score}": score for score in range(11)}
    for left_out in (None, 8, 7, 6):
        some = {who: score for who, score in scores.items() if score != left_out}
        found = asked(some, [*some], dict.fromkeys(some, "a")).kpi("nps", APRIL)
        counted = list(some.values())
        net = sum(score >= 9 for score in counted) - sum(score <= 6 for score in counted)
        assert found.value == pytest.approx(100 * net / len(some))
        assert found.details["raked"] == pytest.approx(found.value)
        assert not any("left out" in note.en for note in found.notes)


def test_a_weighted_score_without_limits_is_not_told():
    note = raked_note(asked(SCORES, INVITED, SEGMENTS))
    whole = {"raked": 10.0, "raked_low": -20.0, "raked_high": 40.0}
    assert "10.0 (-20.0 to 40.0)" in note(whole).en.replace("−", "-")
    for name in whole:
        assert note(whole | {name: None}) is None
