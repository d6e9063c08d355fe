"""Referral from hand-made rows: who was brought, who invites, trees with circles, earned growth."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.contacts.referrals import generations
from kpilib.questions.values import Status
from tests import quick

MARCH = "2026-03"


def opened(orders, referrals=None, customers=None, **options):
    rows = pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"])
    tables = {"orders": rows.assign(ordered_at=pd.to_datetime(rows["ordered_at"], format="mixed"))}
    if referrals is not None:
        heads = ["referrer_customer_id", "invited_at", "converted_customer_id", "converted_at"]
        table = pd.DataFrame(referrals, columns=heads)
        for name in ("invited_at", "converted_at"):
            table[name] = pd.to_datetime(table[name], format="mixed")
        tables["referrals"] = table
    if customers is not None:
        heads = ["customer_id", "referred_by_customer_id"]
        tables["customers"] = pd.DataFrame(customers, columns=heads)
    settings = {"lapse_window": 45, "as_of": date(2026, 6, 1), "time_zone": "UTC"} | options
    return quick.opened(**tables, **settings)


NEW = [("A", "2026-03-02", 10.0), ("B", "2026-03-05", 20.0), ("C", "2026-03-09", 40.0)]


def test_either_record_tells_who_was_brought_and_nobody_brings_themselves():
    referrals = [("Z", "2026-02-01", "A", "2026-03-02"), ("B", "2026-02-01", "B", "2026-03-05")]
    shop = opened(NEW, referrals, [("A", None), ("B", None), ("C", "A")])
    found = shop.kpi("referral_rate", MARCH)
    assert (found.numerator, found.denominator) == (2, 3)
    assert (
        opened(NEW, customers=[("A", "A"), ("B", "A"), ("C", None)])
        .kpi("referral_rate", MARCH)
        .numerator
        == 1
    )


def test_without_a_record_of_referrals_there_is_no_rate():
    found = opened(NEW).kpi("referral_rate", MARCH)
    assert found.status is Status.UNAVAILABLE
    assert "customers" in found.reason.en


def test_who_invites_counts_once_and_conversions_by_their_own_day():
    referrals = [
        ("A", "2026-03-31 23:00", None, None),
        ("A", "2026-03-20", None, None),
        ("B", "2026-04-01", None, None),
        ("C", "2026-01-20", "B", "2026-03-05"),
        ("Q", "2026-03-20", None, None),
    ]
    found = opened(NEW, referrals).kpi("referrer_share", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)
    assert found.details["converted_share"] == pytest.approx(1 / 3)


def test_a_test_account_neither_refers_nor_is_won():
    people = pd.DataFrame({"customer_id": ["A", "T"], "is_test": [False, True]})
    sent = pd.DataFrame(
        {
            "referrer_customer_id": ["A", "T"],
            "invited_at": pd.Timestamp("2026-03-02"),
            "converted_customer_id": ["T", "B"],
            "converted_at": pd.Timestamp("2026-03-05"),
        }
    )
    orders = pd.DataFrame(NEW, columns=["customer_id", "ordered_at", "amount"])
    orders["ordered_at"] = pd.to_datetime(orders["ordered_at"])
    settings = {"lapse_window": 45, "as_of": date(2026, 6, 1), "time_zone": "UTC"}
    shop = quick.opened(orders=orders, customers=people, referrals=sent, **settings)
    found = shop.kpi("referrer_share", MARCH)
    assert (found.numerator, found.details["converted_share"]) == (0, 0)
    assert shop.kpi("referral_rate", MARCH).numerator == 0


def test_growth_earned_is_of_old_buyers_and_those_they_brought():
    orders = [("A", "2026-02-10", 100.0), ("B", "2026-02-11", 50.0), ("A", "2026-03-02", 80.0),
              ("C", "2026-03-05", 30.0), ("D", "2026-03-06", 500.0)]  # fmt: skip
    shop = opened(orders, customers=[("A", None), ("C", "A"), ("D", None)])
    found = shop.kpi("earned_growth", MARCH)
    assert (found.numerator, found.denominator) == (80 + 30 - 150, 150)
    assert found.n == 3 + 0 or found.n == 4


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"b": "a", "c": "b"}, [0, 1, 2]),
        ({"a": "x"}, [0, 0, 0]),
        ({"a": "c", "b": "a", "c": "b"}, [0, 1, 2]),
        ({"a": "b", "b": "a", "c": "a"}, [0, 1, 1]),
        ({"b": "c", "c": "b"}, [0, 0, 1]),
    ],
)
def test_generations_with_circles_cut_above_their_earliest(links, expected):
    names = ["a", "b", "c"]
    table = pd.DataFrame(
        {"customer_id": names, "referrer": [links.get(n) for n in names], "first_day": [1, 2, 3]}
    )
    assert generations(table).tolist() == expected


def test_a_long_circle_and_a_long_chain_end():
    n = 1000
    names = np.arange(n)
    ring = pd.DataFrame(
        {"customer_id": names, "referrer": (names + 1) % n, "first_day": np.arange(n)[::-1]}
    )
    found = generations(ring)
    assert sorted(found) == list(range(n))
    assert found[n - 1] == 0


def test_word_of_mouth_counts_old_invitations_and_conversions_in_time():
    orders = [("A", "2026-03-02", 10.0), ("B", "2026-03-20", 20.0)]
    referrals = [("A", "2026-03-02", "B", "2026-03-20"), ("A", "2026-03-01", "X", "2026-04-01"),
                 ("A", "2026-04-02", None, None), ("B", "2026-03-31", None, None)]  # fmt: skip
    table = opened(orders, referrals).analysis("word_of_mouth", "2026-04")
    rows = table.set_index("generation")
    assert rows.loc[0, ["customers", "invitations", "converted"]].tolist() == [1, 2, 1]
    assert rows.loc[1, ["customers", "invitations", "converted"]].tolist() == [1, 1, 0]
    assert rows.loc["all", "k"] == 0.5
    assert rows.loc["all", "value"] == 15.0
