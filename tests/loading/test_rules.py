"""Rows that contradict themselves: left out and counted, and never fatal where A9 says so."""

import pandas as pd

from kpilib.loading import load

from .shops import shop


def account(name: str, rows: dict, **tables):
    return load(orders=shop(), **{name: pd.DataFrame(rows)}, **tables).accounts[name]


def test_an_answer_before_its_question_is_left_out_whatever_their_share():
    answers = {
        "survey": "nps",
        "sent_at": ["2026-01-05 10:00", "2026-01-05", "2026-01-06 09:00", None],
        "responded_at": ["2026-01-05 09:59", "2026-01-04", "2026-01-06", "2026-01-07"],
        "score": 9,
    }
    found = account("survey_responses", answers)
    assert found.left_out == {"answered before it was sent": 2}
    assert found.wrong == ("answered before it was sent",)
    assert found.kept == 2  # a date alone may be later than a time of that day


def test_a_score_outside_its_scale_is_left_out():
    answers = {
        "survey": "csat",
        "responded_at": "2026-01-05",
        "score": [0.0, 1, 5, 6, None],
        "scale_max": 5,
    }
    assert account("survey_responses", answers).left_out == {"score is outside its scale": 1}
    both = account("survey_responses", answers | {"scale_min": 1})
    assert both.left_out == {"score is outside its scale": 2}


def test_a_referral_of_oneself_is_left_out():
    referrals = {
        "referrer_customer_id": [1, 2, 3],
        "converted_customer_id": [1, 1, None],
        "invited_at": "2026-01-05",
    }
    assert account("referrals", referrals).left_out == {
        "referrer and converted customer are one": 1
    }


def test_none_of_these_is_ever_fatal():
    answers = {"survey": "nps", "sent_at": "2026-01-06", "responded_at": ["2026-01-05"] * 3}
    assert account("survey_responses", answers).kept == 0


def test_spend_without_channel_or_campaign_is_kept():
    spend = {"date": "2026-01-05", "amount": [5.0, 7.0], "channel": [None, "search"]}
    assert account("marketing_spend", spend).kept == 2


def test_a_contract_may_end_on_the_day_it_starts():
    contracts = {
        "customer_id": [1, 2, 3],
        "started_at": ["2026-01-05 10:00", "2026-01-05 10:00", "2026-01-05 10:00"],
        "ended_at": ["2026-01-05", "2026-01-04", "2026-01-05 10:01"],
    }
    loaded = load(subscriptions=pd.DataFrame(contracts))
    assert loaded.accounts["subscriptions"].left_out == {"ended before it started": 1}
