"""The revenue bridge against a reckoning in plain pandas, and its limits against a bootstrap."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import kpilib
from kpilib.decomposition.logarithmic import logarithmic_mean
from kpilib.decomposition.revenue import revenue_bridge
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases
from tests.quick import tiny_shop

DRIVERS = ["customers", "orders_each", "order_size"]


@pytest.fixture(scope="module")
def tables():
    orders = bgnbd_purchases(900, days=240, seed=7)
    orders["order_id"] = [f"o{place}" for place in range(len(orders))]
    again = orders.sample(60, random_state=2)
    orders = pd.concat([orders, again.assign(order_id="x" + again["order_id"], amount=9.0)])
    part = orders.sample(50, random_state=3)
    back = pd.DataFrame(
        {
            "order_id": [*part["order_id"][:40], *["gone"] * 10],
            "customer_id": part["customer_id"].to_numpy(),
            "refunded_at": part["ordered_at"].to_numpy() + np.timedelta64(12, "D"),
            "amount": [*part["amount"][:20], *(part["amount"][20:40] / 2), *[4.0] * 10],
        }
    )
    return {"orders": orders.reset_index(drop=True), "refunds": back}


@pytest.fixture(scope="module")
def base(tables):
    return kpilib.open(**tables, time_zone="UTC", lapse_window=60, as_of="2024-08-20")


def plain(tables, before, now):
    """Buyers, orders and money of both periods by group, from the tables alone."""
    orders, back = tables["orders"], tables["refunds"].groupby("order_id")["amount"].sum()
    net = orders.assign(month=orders["ordered_at"].dt.strftime("%Y-%m"))
    net["amount"] = net["amount"] - net["order_id"].map(back).fillna(0.0)
    net = net[net["amount"] > 1e-9]
    first = net.groupby("customer_id")["month"].min()
    net["buyers"] = np.where(net["customer_id"].map(first) == net["month"], "new", "returning")
    found = net.groupby(["month", "buyers"]).agg(
        customers=("customer_id", "nunique"), orders=("amount", "size"), money=("amount", "sum")
    )
    return [found.loc[month] for month in (before, now)]


def test_is_what_plain_pandas_makes_of_it(base, tables):
    table = revenue_bridge(base, "2024-06").set_index(["buyers", "driver"])
    before, now = plain(tables, "2024-05", "2024-06")
    for group in ("new", "returning"):
        ratios = []
        for one in (before.loc[group], now.loc[group]):
            b, o, m = one["customers"], one["orders"], one["money"]
            ratios.append(np.array([b, o / b, m / o]))
        money = [one.loc[group, "money"] for one in (before, now)]
        mean = (money[1] - money[0]) / np.log(money[1] / money[0])
        mine = table.loc[group]
        assert mine["value_before"].to_numpy() == pytest.approx(ratios[0])
        assert mine["value_now"].to_numpy() == pytest.approx(ratios[1])
        expected = mean * np.log(ratios[1] / ratios[0])
        assert mine.loc[DRIVERS, "contribution"].to_numpy() == pytest.approx(expected)


@pytest.mark.parametrize("month", ["2024-03", "2024-05", "2024-07"])
def test_adds_up_to_the_change_of_the_kpi(base, month):
    table = revenue_bridge(base, month)
    assert "refunds" in set(table["driver"])
    whole = table.iloc[-1]
    parts = table["contribution"].iloc[:-1].sum()
    assert abs(parts - whole["contribution"]) <= 1e-12 * whole["value_now"]
    now, before = base.kpi("revenue", month), base.kpi("revenue", whole["compared_with"])
    assert whole["contribution"] == pytest.approx(now.value - before.value, rel=1e-9)
    assert (whole["value_before"], whole["value_now"]) == pytest.approx((before.value, now.value))


def test_limits_are_those_of_a_bootstrap_by_customer():
    orders = bgnbd_purchases(500, days=120, seed=11)
    base = quick.opened(orders=orders, time_zone="UTC", lapse_window=60, as_of="2024-04-01")
    table = revenue_bridge(base, "2024-03")
    rng = np.random.default_rng(5)
    rows = orders[orders["ordered_at"] < "2024-04-01"].copy()
    rows["month"] = rows["ordered_at"].dt.month
    first = rows.groupby("customer_id")["month"].min()
    rows["new"] = rows["customer_id"].map(first) == rows["month"]
    rows = rows[rows["month"].isin([2, 3])]
    days = rows.assign(one=1).groupby(["customer_id", "month", "new"])
    people = days.agg(o=("one", "sum"), m=("amount", "sum")).reset_index()
    who = people["customer_id"].rank(method="dense").astype(int).to_numpy() - 1
    money = people["m"].to_numpy()
    sums = np.column_stack([np.ones(len(people)), people["o"], money])
    masks = {
        (new, month): ((people["month"] == month) & (people["new"] == new)).to_numpy()
        for new in (True, False)
        for month in (2, 3)
    }
    draws = []
    for _ in range(1000):
        weight = rng.poisson(1.0, who.max() + 1)[who]
        line = []
        for new in (True, False):
            before, now = (weight[m] @ sums[m] for m in (masks[new, 2], masks[new, 3]))
            mean = logarithmic_mean(now[2], before[2])
            line += list(mean * np.diff(np.log(now / before), prepend=0.0))
        draws.append([*line, weight @ (money * np.where(people["month"] == 3, 1, -1))])
    spread = np.std(draws, axis=0)
    reach = (table["contribution_high"] - table["contribution_low"]).to_numpy() / 2 / 1.96
    assert reach == pytest.approx(spread, rel=0.12)


def test_equal_on_polars_and_duckdb(base, tables):
    polars = quick.opened(
        **{name: pl.from_pandas(table) for name, table in tables.items()},
        time_zone="UTC", lapse_window=60, as_of="2024-08-20",
    )  # fmt: skip
    pd.testing.assert_frame_equal(
        revenue_bridge(polars, "2024-06"), revenue_bridge(base, "2024-06")
    )


def test_says_which_period_it_needs():
    base = tiny_shop()
    with pytest.raises(InputError, match=r"2026-04 is not over in the data, .* ask for 2026-03"):
        quick.opened(orders=kpilib.demo.tiny.tiny_orders(), as_of="2026-04-20").analysis(
            "revenue_bridge", "2026-04"
        )
    with pytest.raises(InputError, match=r"2026-01-05 and do not hold all of 2026-01, .* 2026-03"):
        base.analysis("revenue_bridge", "2026-02")
    assert len(base.analysis("revenue_bridge", "2026-03")) == 7
