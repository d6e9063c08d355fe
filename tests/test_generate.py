"""The generated businesses are what they say: everything else is measured against them."""

import numpy as np

from tests.generate import bgnbd_purchases, contracts, halving_contracts, steady_buyers


def test_bgnbd_repeats_like_the_model_and_is_the_same_for_a_seed():
    orders = bgnbd_purchases(20_000, days=365, arrivals=1, seed=3)
    assert orders.equals(bgnbd_purchases(20_000, days=365, arrivals=1, seed=3))
    # Fader, Hardie & Lee 2005: a new CDNOW customer is expected to buy 1.4440 times in 52 weeks.
    repeats = len(orders) / 20_000 - 1
    assert abs(repeats - 1.444) < 0.08


def test_contracts_survive_at_the_stated_rate():
    table = contracts(50_000, months=24, monthly_survival=0.9, seed=4)
    first = table[table["started_at"] < "2024-02-01"]
    assert abs((~(first["ended_at"] <= "2024-02-01")).mean() - 0.9) < 0.02


def test_halving_contracts_halve():
    table = halving_contracts(months=6, size=64)
    first = table[table["started_at"] == "2024-01-01"]
    left = [int((~(first["ended_at"] <= f"2024-0{m}-01")).sum()) for m in range(2, 7)]
    assert left == [32, 16, 8, 4, 2]


def test_steady_buyers_buy_at_one_share():
    orders = steady_buyers(40, 5, chance=0.25)
    month = orders["ordered_at"].dt.to_period("M")
    assert np.all(orders.groupby(month)["customer_id"].nunique() == [40, 50, 60, 70, 80])
