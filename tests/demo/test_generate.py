"""The whole business: of any size, in lots of customers, and under shocks."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.contract.tables import SCHEMAS
from kpilib.demo import Model, Shock, business, generate
from kpilib.demo.clock import Calendar
from kpilib.demo.parts.market import make_market
from kpilib.errors import InputError

SMALL = Model(customers=300, months=18)
FIRST_LOST, LAST_LOST = "2026-03-01", "2026-04-30"


@pytest.fixture(scope="module")
def plain():
    return business(SMALL)[0]


@pytest.mark.parametrize(
    "model",
    [
        Model(customers=1, months=1),
        Model(customers=40, months=1, end=date(2026, 2, 10)),
        Model(customers=20, months=100, end=date(2012, 2, 29)),
        replace(SMALL, campaigns=(), channels=SMALL.channels[:1], reasons=SMALL.reasons[1:]),
    ],
    ids=["one customer", "part of a month", "long ago", "little in it"],
)
def test_it_is_whole_at_any_size(model):
    frames, truth = business(model)
    assert set(frames) == set(SCHEMAS)
    assert truth["rows"] == {name: len(frame) for name, frame in sorted(frames.items())}
    orders = frames["orders"].dropna(subset=["ordered_at"])
    inside = orders["ordered_at"] < pd.Timestamp(model.end) + pd.Timedelta(days=1)
    beyond = [one["rows"] for one in truth["left_out"] if one["kind"] == "a year ahead"]
    assert (~inside).sum() == sum(beyond)


def test_lots_of_customers_share_no_number(monkeypatch):
    monkeypatch.setattr(generate, "CHUNK", 100)
    frames, truth = business(replace(SMALL, customers=250))
    kinds = [(one["table"], one["kind"]) for one in truth["left_out"]]
    for table, key in (
        ("orders", "order_id"),
        ("customers", "customer_id"),
        ("tickets", "ticket_id"),
        ("interactions", "event_id"),
        ("survey_responses", "response_id"),
    ):
        faulty = [one for one in truth["left_out"] if one["table"] == table]
        copies = sum(one["rows"] for one in faulty if one["reason"] not in (
            "cancelled", "test customer", "merged into another customer"))  # fmt: skip
        assert frames[table][key].nunique() == len(frames[table]) - copies, table
        assert kinds.count((table, "sent twice")) == 1
    sent = frames["referrals"]["referral_id"]
    own = sent[sent < 10**12]  # the others are of faulty rows
    (twice,) = (
        one["rows"]
        for one in truth["left_out"]
        if (one["table"], one["kind"]) == ("referrals", "sent twice")
    )
    assert own.duplicated().sum() == twice
    known = set(frames["customers"]["customer_id"])
    assert set(frames["orders"]["customer_id"].dropna()) <= known


def test_a_broken_feed_loses_rows_of_its_days_only(plain):
    shock = Shock(date(2026, 3, 1), date(2026, 5, 1), lost=(("interactions", 0.6),))
    frames, _ = business(replace(SMALL, shocks=(shock,)))
    count = [
        frame["interactions"]["event_at"].between(FIRST_LOST, LAST_LOST).sum()
        for frame in (plain, frames)
    ]
    assert count[1] / count[0] == pytest.approx(0.4, abs=0.06)
    pd.testing.assert_frame_equal(plain["orders"], frames["orders"])
    rest = ~frames["interactions"]["event_at"].between(FIRST_LOST, LAST_LOST)
    assert rest.sum() == pytest.approx(len(plain["interactions"]) - count[0], rel=0.02)


def test_slower_answers_come_from_the_day_on_which_they_slow(plain):
    frames, _ = business(replace(SMALL, shocks=(Shock(date(2026, 3, 1), response=6.0),)))
    waits = []
    for some in (plain, frames):
        events = some["ticket_events"]
        reply = events[(events["event"] == "reply") & (events["actor_type"] == "agent")]
        first = reply[reply["public"]].groupby("ticket_id")["event_at"].min()
        tickets = some["tickets"].dropna(subset=["created_at"]).drop_duplicates("ticket_id")
        wait = tickets["ticket_id"].map(first) - tickets["created_at"]
        waits.append(wait.groupby(tickets["created_at"] >= "2026-03-01").median())
    assert waits[1][True] > 2 * waits[0][True]
    assert waits[1][False] == waits[0][False]


def test_a_shock_names_what_it_is_about():
    with pytest.raises(InputError, match="'channel' is not one of acquisition_channel, segment"):
        Shock(date(2026, 1, 1), where=(("channel", "search"),))


def test_customers_follow_the_spend_on_their_channel_after_its_lag():
    model = Model(customers=5_000)
    calendar = Calendar(model)
    market = make_market(calendar, np.random.default_rng(3))
    arrivals = market.arrivals.sum(axis=(1, 2))
    for place, channel in enumerate(model.channels):
        if channel.lag:
            spend = np.log(market.spend[place]) - np.log(np.roll(calendar.demand, -channel.lag))
            came = np.log(arrivals[place]) - np.log(calendar.demand)
            fits = [
                np.corrcoef(spend[50 : -50 - lag], came[50 + lag : -50])[0, 1] for lag in range(15)
            ]
            assert int(np.argmax(fits)) == channel.lag, channel.name
