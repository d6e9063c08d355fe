"""Bands of waiting against a plain reckoning, and the edges of each band."""

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.statistics.intervals import wilson
from tests import quick

N = 400


def tables(seed=0):
    """Customers active in March; who waits long, or has a complaint, comes back less."""
    random = np.random.default_rng(seed)
    ids = np.array([f"c{number:03d}" for number in range(N)])
    hours = random.choice([0.0, 0.5, 1.0, 2.0, 4.0, 6.0, 30.0], N)
    kind = random.choice(["complaint", "question"], N)
    answered = random.random(N) < 0.9
    stays = random.random(N) < 0.9 - 0.01 * hours - 0.4 * (kind == "complaint")
    first = pd.DataFrame({"customer_id": ids, "ordered_at": "2026-03-05", "amount": 5.0})
    again = first[stays].assign(ordered_at="2026-04-20")
    created = pd.Timestamp("2026-03-10 08:00")
    tickets = pd.DataFrame(
        {"ticket_id": range(N), "customer_id": ids, "type": kind, "created_at": created}
    )
    replies = pd.DataFrame(
        {
            "ticket_id": range(N),
            "event_at": created + pd.to_timedelta(hours, unit="h"),
            "event": "reply",
            "actor_type": "agent",
        }
    )[answered]
    referrals = pd.DataFrame(
        {
            "referral_id": range(20),
            "referrer_customer_id": ids[:20],
            "invited_at": "2026-04-10",
        }
    )
    plain = pd.DataFrame(
        {"id": ids, "hours": hours, "kind": kind, "answered": answered, "lost": ~stays}
    )
    rows = {"orders": pd.concat([first, again]), "tickets": tickets, "ticket_events": replies}
    return rows | {"referrals": referrals}, plain


def business(rows, **options):
    settings = {"currency": "GBP", "lapse_window": 50, "as_of": "2026-05-01"} | options
    return quick.opened(**rows, **settings)


def test_each_band_is_counted_as_a_plain_reckoning_does():
    rows, plain = tables()
    found = business(rows).analysis("slow_response_effect", "2026-03")
    edges = [(0, 1), (1, 4), (4, 8), (8, 24), (24, np.inf)]
    assert found["from_hours"].tolist()[:-1] == [low for low, _ in edges]
    assert found["to_hours"].tolist()[:-1] == [high for _, high in edges]
    assert found.iloc[-1][["from_hours", "to_hours"]].isna().all()
    for place, (low, high) in enumerate(edges):
        from_low = plain["hours"] > low if low else plain["hours"] >= 0
        inside = from_low & (plain["hours"] <= high)
        group = plain[inside & plain["answered"]]
        row = found.iloc[place]
        assert (row["customers"], row["lost"]) == (len(group), group["lost"].sum())
        assert row["referred"] == group["id"].isin([f"c{n:03d}" for n in range(20)]).sum()
        if len(group):
            limits = [float(limit) for limit in wilson(group["lost"].sum(), len(group))]
            assert [row["low"], row["high"]] == pytest.approx(limits)
            assert row["churn"] == pytest.approx(group["lost"].mean())
    last = plain[~plain["answered"]]
    assert found.iloc[-1][["customers", "lost"]].tolist() == [len(last), last["lost"].sum()]
    assert found["customers"].sum() == N


def test_the_difference_to_the_fastest_band_is_taken_within_types():
    rows, plain = tables(seed=1)
    found = business(rows).analysis("slow_response_effect", "2026-03")
    known = plain[plain["answered"]]
    over = weight = 0.0
    for kind in ("complaint", "question"):
        group = known[known["kind"] == kind]
        fast, slow = group[group["hours"] <= 1]["lost"], group[group["hours"] == 30]["lost"]
        share = len(fast) * len(slow) / (len(fast) + len(slow))
        over, weight = over + share * (slow.mean() - fast.mean()), weight + share
    assert found["adjusted"].iloc[0] == 0
    assert found["adjusted"].iloc[4] == pytest.approx(over / weight)
    assert np.isnan(found["adjusted"].iloc[3])  # nobody waited so long


def test_a_difference_that_only_the_type_makes_goes_when_types_are_compared():
    rows, _ = tables()
    n = 200
    fast = np.arange(n) % 2 == 0
    complaint = np.where(fast, np.arange(n) % 10 == 0, np.arange(n) % 10 != 1)
    ids = [f"c{number:03d}" for number in range(n)]
    orders = pd.DataFrame({"customer_id": ids, "ordered_at": "2026-03-05", "amount": 5.0})
    stays = orders[~complaint].assign(ordered_at="2026-04-20")  # complaints alone cost customers
    tickets = rows["tickets"].iloc[:n].assign(type=np.where(complaint, "complaint", "question"))
    waited = pd.to_timedelta(np.where(fast, 0.5, 30), unit="h")
    replies = pd.DataFrame(
        {"ticket_id": range(n), "event_at": tickets["created_at"] + waited, "event": "reply",
         "actor_type": "agent"}
    )  # fmt: skip
    base = business(
        {"orders": pd.concat([orders, stays]), "tickets": tickets, "ticket_events": replies}
    )
    found = base.analysis("slow_response_effect", "2026-03")
    assert found["churn"].iloc[4] - found["churn"].iloc[0] > 0.5
    assert found["adjusted"].iloc[4] == pytest.approx(0)
    assert found["referred"].isna().all()


def test_the_slowest_of_a_customers_tickets_counts_and_an_unanswered_one_most():
    at = "2026-03-10 08:00"
    tickets = pd.DataFrame(
        {"ticket_id": [1, 2, 3, 4], "customer_id": ["a", "a", "b", "b"], "created_at": at}
    )
    replies = pd.DataFrame(
        {
            "ticket_id": [1, 2, 3],
            "event_at": ["2026-03-10 08:30", "2026-03-10 14:00", "2026-03-10 08:30"],
            "event": "reply",
            "actor_type": "agent",
        }
    )
    orders = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": "2026-03-05", "amount": 1.0})
    rows = {"orders": orders, "tickets": tickets, "ticket_events": replies}
    found = business(rows).analysis("slow_response_effect", "2026-03")
    assert found["customers"].tolist() == [0, 0, 1, 0, 0, 1]
    wide = business(rows).analysis("slow_response_effect", "2026-03", bands=(10,))
    assert wide["customers"].tolist() == [1, 0, 1]


def test_until_the_next_period_is_over_what_it_would_tell_is_missing():
    rows, _ = tables()
    rows = {name: table for name, table in rows.items() if name != "referrals"}
    rows["orders"] = rows["orders"][rows["orders"]["ordered_at"] == "2026-03-05"]
    found = business(rows, as_of="2026-04-30").analysis("slow_response_effect", "2026-03")
    assert found["customers"].sum() == N
    assert found[["lost", "churn", "low", "high", "referred", "adjusted"]].isna().all(axis=None)
    over = business(rows, as_of="2026-05-01").analysis("slow_response_effect", "2026-03")
    assert over["lost"].sum() == N


@pytest.mark.parametrize("bands", [(), (0, 1), (4, 1), (1, 1)])
def test_bands_that_do_not_rise_are_refused(bands):
    rows, _ = tables()
    with pytest.raises(InputError, match="must rise from above 0"):
        business(rows).analysis("slow_response_effect", "2026-03", bands=bands)


@pytest.mark.parametrize(("after", "lost"), [(1, 0), (2, 1), (3, 1)])
def test_a_loss_is_seen_once_the_lapse_window_has_passed(after, lost):
    """Bought on the 10th of March, wrote on the 12th: lost 80 days later, on the 29th of May."""
    rows = {
        "orders": pd.DataFrame(
            {"customer_id": ["A"], "ordered_at": ["2026-03-10"], "amount": [5.0]}
        ),
        "tickets": pd.DataFrame(
            {"ticket_id": [1], "customer_id": ["A"], "created_at": ["2026-03-12 08:00"]}
        ),
        "ticket_events": pd.DataFrame(
            {"ticket_id": [1], "event_at": ["2026-03-12 20:00"], "event": "reply",
             "actor_type": "agent"}
        ),
    }  # fmt: skip
    base = business(rows, lapse_window=80, as_of="2026-07-01")
    found = base.analysis("slow_response_effect", "2026-03", after=after)
    assert found["lost"].sum() == lost
    unseen = business(rows, lapse_window=80, as_of="2026-05-31")
    table = unseen.analysis("slow_response_effect", "2026-03", after=after)
    assert table["lost"].isna().all() == (after > 1)


@pytest.mark.parametrize("after", [0, -1, 1.5, True])
def test_no_time_afterwards_is_refused(after):
    with pytest.raises(InputError, match=r"whole number( of periods|$)"):
        business(tables()[0]).analysis("slow_response_effect", "2026-03", after=after)
