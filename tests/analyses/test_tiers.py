"""Value tiers and concentration against plain pandas, ties and all."""

import numpy as np
import pandas as pd
import pytest

from kpilib import InputError
from kpilib.analyses.rfm import rfm_scores
from kpilib.analyses.tiers import concentration, gini, tier_movement, value_tiers
from tests import quick
from tests.generate import bgnbd_purchases, small_businesses


@pytest.fixture(scope="module")
def base():
    return quick.opened(orders=bgnbd_purchases(900, days=360, seed=24), time_zone="UTC")


def spent(base):
    """What each customer of the trailing year spent, highest first."""
    rows = base.engine.collect(base.purchases.select("customer_id", "day", "amount"))
    rows = rows[rows["day"] < base.period().end_day]
    return rows.groupby("customer_id")["amount"].sum().sort_values(ascending=False)


def test_tiers_equal_a_ranking_in_plain_pandas(base):
    money = spent(base)
    above = (money.cumsum() - money) / money.sum()
    tier = np.where(above < 0.8, "A", np.where(above < 0.95, "B", "C"))
    plain = money.groupby(tier).agg(["size", "sum", "min"])
    table = value_tiers(base).set_index("tier")
    assert table["customers"].tolist() == plain["size"].tolist()
    np.testing.assert_allclose(table["money"], plain["sum"])
    np.testing.assert_allclose(table["least"], plain["min"])
    assert table["share"].sum() == pytest.approx(1)
    assert table.loc["A", "money_share"] >= 0.8


def test_gini_equals_the_mean_difference(base):
    money = spent(base).to_numpy()
    difference = np.abs(money[:, None] - money).mean() / (2 * money.mean())
    table = concentration(base)
    assert table["gini"].iloc[0] == pytest.approx(difference, abs=1e-9)
    assert table["money"].iloc[-1] == pytest.approx(1)
    top = money[: len(money) // 10].sum() / money.sum()
    assert table["money"].iloc[0] == pytest.approx(top, abs=0.002)


def test_gini_of_known_spreads():
    assert gini([5.0], [7]) == 0
    assert gini([0.0, 1.0], [99, 1]) == pytest.approx(0.99)
    assert np.isnan(gini([0.0], [3]))


def test_equal_customers_share_a_tier():
    base = quick.opened(orders=small_businesses()["ties"], time_zone="UTC", as_of="2024-03-01")
    assert value_tiers(base)["customers"].tolist() == [10, 0, 0]
    assert concentration(base)["gini"].iloc[0] == 0


def test_movement_has_both_months_customers(base):
    moved = tier_movement(base)
    now, then = value_tiers(base), value_tiers(base, base.period().previous())
    seen = moved[moved["after"] != "absent"]["customers"].sum()
    assert seen == now["customers"].sum()
    before = moved[moved["before"] != "absent"].groupby("before")["customers"].sum()
    assert before.tolist() == then["customers"].tolist()
    assert moved["money_after"].sum() == pytest.approx(now["money"].sum())


def test_in_the_first_month_everyone_comes_from_nowhere(base):
    assert set(tier_movement(base, "2024-01")["before"]) == {"absent"}


@pytest.mark.parametrize("name", list(small_businesses()))
def test_small_businesses_have_tiers(name):
    orders = small_businesses()[name]
    base = quick.opened(orders=orders, time_zone="UTC", as_of="2024-07-01")
    assert value_tiers(base)["customers"].sum() == orders["customer_id"].nunique()
    assert len(concentration(base)) == 10
    assert tier_movement(base)["customers"].sum() == orders["customer_id"].nunique()


def test_refunds_beyond_purchases_count_as_nothing():
    orders = pd.DataFrame(
        {"customer_id": [1, 2], "ordered_at": ["2024-01-05"] * 2, "amount": [10.0, 10.0]}
    )
    base = quick.opened(orders=orders, as_of="2024-02-01")
    assert concentration(base, parts=2)["money"].tolist() == [0.5, 1.0]


def test_what_cannot_be_is_named(base):
    with pytest.raises(InputError, match=r"tier shares \(0.95, 0.8\) must rise"):
        value_tiers(base, shares=(0.95, 0.8))
    with pytest.raises(InputError, match="over 0 months"):
        value_tiers(base, months=0)
    with pytest.raises(InputError, match="in 0 parts"):
        concentration(base, parts=0)


def test_refunds_that_name_no_order_are_taken_off():
    orders = bgnbd_purchases(300, days=360, seed=7)
    refunds = pd.DataFrame(
        {
            "customer_id": orders["customer_id"].unique()[:60],
            "refunded_at": pd.Timestamp("2024-11-20"),
            "amount": 2.5,
        }
    )
    base = quick.opened(orders=orders, refunds=refunds, time_zone="UTC")
    closes = base.period().end
    paid = orders[orders["ordered_at"] < pd.Timestamp(closes)].groupby("customer_id")["amount"]
    back = refunds.set_index("customer_id")["amount"]
    net = paid.sum().sub(back, fill_value=0.0)
    net = net[net.index.isin(paid.groups)].clip(lower=0)
    assert value_tiers(base)["money"].sum() == pytest.approx(net.sum())
    scores = base.engine.collect(rfm_scores(base))["money"]
    assert scores.clip(lower=0).sum() == pytest.approx(net.sum())
