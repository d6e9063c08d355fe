"""Circles of customers who brought each other are noted, and no one is left out for them."""

import pandas as pd

from kpilib.loading import load

from ..shops import shop


def test_circles_are_noted_in_both_tables():
    customers = pd.DataFrame({"customer_id": [1, 2, 3, 4], "referred_by_customer_id": [2, 1, 3, 1]})
    referrals = pd.DataFrame(
        {
            "referrer_customer_id": ["a", "b", "c", "d"],
            "converted_customer_id": ["b", "c", "a", "e"],
            "invited_at": "2026-01-05",
        }
    )
    loaded = load(orders=shop(), customers=customers, referrals=referrals)
    assert loaded.accounts["customers"].notes == (
        "1 circle of customers who brought each other, like '1', '2': each is taken as begun by "
        "its earliest customer",
    )
    assert "like 'a', 'b', 'c'" in loaded.accounts["referrals"].notes[0]
    assert loaded.accounts["referrals"].kept == 4


def test_a_chain_is_no_circle():
    customers = pd.DataFrame({"customer_id": [1, 2, 3], "referred_by_customer_id": [None, 1, 2]})
    assert load(orders=shop(), customers=customers).accounts["customers"].notes == ()
