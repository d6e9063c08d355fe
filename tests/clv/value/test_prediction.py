"""The KPIs that need a model: they are the analyses' numbers, period by period."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.clv.value.prediction import predicted_values
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.demo import tiny_orders
from kpilib.periods import Period
from kpilib.questions.values import Status
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.fixture(scope="module")
def orders():
    return bgnbd_purchases(1500, 600, r=0.5, alpha=40.0, a=0.7, b=2.5, seed=8)


@pytest.fixture(scope="module")
def shop(orders):
    names = pd.Series(np.where(orders["customer_id"] % 3 == 0, "VN", "CN"))
    return quick.opened(orders=orders.assign(country=names), as_of=date(2025, 8, 1))


@pytest.mark.parametrize("month", ["2024-12", "2025-07"])
def test_the_kpi_is_the_mean_of_the_valuation_at_the_close(shop, month):
    value = customer_lifetime_value(shop, until=Period.month(month), draws=1000)
    kpi = shop.kpi("clv_predicted", month)
    total = value.total.iloc[0]
    assert kpi.numerator == pytest.approx(total["value"], rel=1e-9)
    assert kpi.denominator == kpi.n == total["customers"]
    # Limits without draws against limits of the posterior's draws.
    width = total["high"] - total["low"]
    assert kpi.low * kpi.n == pytest.approx(total["low"], abs=0.1 * width)
    assert kpi.high * kpi.n == pytest.approx(total["high"], abs=0.1 * width)


def test_segments_add_up_and_rows_carry_the_value(shop):
    whole = shop.kpi("clv_predicted", "2025-07")
    parts = shop.kpi("clv_predicted", "2025-07", by="country")
    assert sum(part.numerator for part in parts) == pytest.approx(whole.numerator, rel=1e-9)
    assert sum(part.n for part in parts) == whole.n
    rows = whole.rows()
    assert rows["value"].mean() == pytest.approx(whole.value, rel=1e-9)
    assert not [name for name in rows if name.startswith("slope")]


def test_refunds_without_an_order_are_netted_at_every_close(orders):
    refunds = pd.DataFrame(
        {
            "customer_id": orders["customer_id"].unique()[:200],
            "refunded_at": pd.Timestamp("2025-01-15"),
            "amount": 5.0,
        }
    )
    base = quick.opened(orders=orders, refunds=refunds, as_of=date(2025, 8, 1))
    for month in ("2024-12", "2025-07"):
        total = customer_lifetime_value(base, until=Period.month(month), draws=0).total.iloc[0]
        kpi = base.kpi("clv_predicted", month)
        assert kpi.numerator == pytest.approx(total["value"], rel=1e-9)


def test_with_too_few_repeat_buyers_it_says_so_and_has_no_rows():
    base = quick.opened(orders=tiny_orders(), as_of=date(2026, 5, 1))
    kpi = base.kpi("clv_predicted", "2026-04")
    assert kpi.status is Status.UNDEFINED
    assert "at least 20 customers who have bought again" in kpi.reason.en
    assert len(base.engine.collect(predicted_values(base, (Period.month("2026-04"),)))) == 0


def test_net_profit_is_profit_a_year_times_discounted_years(orders):
    """By hand: the survival curve day by day, each day discounted."""
    costs = pd.DataFrame(
        {
            "customer_id": orders["customer_id"].unique()[:300],
            "date": pd.Timestamp("2025-07-10").date(),
            "amount": 3.0,
        }
    )
    base = quick.opened(
        orders=orders, customer_costs=costs, lapse_window=60, as_of=date(2025, 8, 1)
    )
    plain = quick.opened(orders=orders, lapse_window=60, as_of=date(2025, 8, 1))
    assert plain.kpi("clv_net_profit", "2025-07").status is Status.UNAVAILABLE
    found = base.kpi("clv_net_profit", "2025-07")
    rows = base.engine.collect(base.lifetimes((Period.month("2025-07"),)))
    lasted, ended = rows["active"].to_numpy(float), rows["ended"].to_numpy(bool)
    grid = np.arange(0, 365)
    gone = np.array([((lasted == day) & ended).sum() for day in grid])
    at_risk = np.array([(lasted >= day).sum() for day in grid])
    survival = np.cumprod(1 - gone / np.maximum(at_risk, 1))
    rate = np.log(1.1) / 365.25
    daily = np.exp(-rate * grid) * -np.expm1(-rate) / rate
    years = (survival * daily).sum() / 365.25
    activity = base.engine.collect(base.activity((Period.month("2025-07"),)))
    profit = activity["amount"].sum() - costs["amount"].sum()
    per_year = 365.25 * profit / activity["active_days"].sum()
    assert found.details["discounted_years"] == pytest.approx(years, rel=1e-9)
    assert found.details["profit_per_year"] == pytest.approx(per_year, rel=1e-9)
    assert found.value == pytest.approx(per_year * years, rel=1e-9)
    assert found.low < found.value < found.high


def test_the_settings_say_how_far_at_which_rate_of_what_and_by_which_model(orders):
    rule = {"months": 24, "discount_rate": 0.15, "margin": 0.3, "model": "MBGNBD"}
    base = quick.opened(orders=orders, as_of=date(2025, 8, 1), value=rule)
    value = customer_lifetime_value(base, draws=0)
    said = customer_lifetime_value(base, "24 months", 0.15, 0.3, model="MBGNBD", draws=0)
    pd.testing.assert_frame_equal(value.total, said.total, rtol=1e-12)
    kpi = base.kpi("clv_predicted", "2025-07")
    assert kpi.numerator == pytest.approx(value.total["value"].iloc[0], rel=1e-9)
    assert "MBG/NBD + Gamma-Gamma, 24 months ahead, 30% of revenue, discounted at 15%" in str(
        kpi.notes[0].en
    )
    plain = quick.opened(orders=orders, as_of=date(2025, 8, 1)).kpi("clv_predicted", "2025-07")
    assert plain.definition != kpi.definition


def test_profit_is_revenue_at_the_margin_less_costs(orders):
    costs = orders.groupby("customer_id", as_index=False).first()
    costs = costs[["customer_id"]].assign(date=date(2025, 7, 10), amount=2.0)
    tables = {"orders": orders, "customer_costs": costs, "as_of": date(2025, 8, 1)}
    whole = quick.opened(**tables).kpi("clv_net_profit", "2025-07").details["profit_per_year"]
    base = quick.opened(**tables, value={"margin": 0.5})
    half = base.kpi("clv_net_profit", "2025-07").details["profit_per_year"]
    rows = base.rows("clv_net_profit", "2025-07")
    cost = 365.25 * rows["cost"].sum() / rows["active_days"].sum()
    assert cost > 0
    assert half + cost == pytest.approx((whole + cost) / 2)


@pytest.fixture(scope="module")
def contracts():
    rng = np.random.default_rng(11)
    begun = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, 900), unit="D")
    theta = rng.beta(0.8, 6.0, 900)
    months = rng.geometric(theta)
    ended = pd.Series(begun + pd.to_timedelta(np.minimum(months, 60) * 30.44, unit="D"))
    table = pd.DataFrame(
        {
            "subscription_id": np.arange(900),
            "customer_id": np.arange(900) % 700,
            "started_at": begun,
            "ended_at": ended.where(ended < pd.Timestamp("2025-08-01")),
            "mrr": np.where(rng.random(900) < 0.05, np.nan, rng.gamma(4.0, 6.0, 900)),
        }
    )
    table["country"] = np.where(table["customer_id"] % 3 == 0, "VN", "CN")
    return table


@pytest.fixture(scope="module")
def club(orders, contracts):
    people = contracts[["customer_id", "country"]].drop_duplicates("customer_id")
    subscriptions = contracts.drop(columns="country")
    return quick.opened(
        orders=orders, subscriptions=subscriptions, customers=people, as_of=date(2025, 8, 1)
    )


@pytest.mark.parametrize("month", ["2025-01", "2025-07"])
def test_contracts_are_valued_by_renewals(club, month):
    value = customer_lifetime_value(club, until=Period.month(month), draws=1000)
    assert value.model.kind == "SBG"
    kpi = club.kpi("clv_predicted", month)
    total = value.total.iloc[0]
    assert kpi.numerator == pytest.approx(total["value"], rel=1e-9)
    assert kpi.n == total["customers"]
    width = total["high"] - total["low"]
    assert kpi.low * kpi.n == pytest.approx(total["low"], abs=0.15 * width)
    assert kpi.high * kpi.n == pytest.approx(total["high"], abs=0.15 * width)
    assert kpi.notes[0].en.startswith("sBG, 12 months ahead")
    parts = club.kpi("clv_predicted", month, by="country")
    assert sum(part.numerator for part in parts) == pytest.approx(kpi.numerator, rel=1e-9)


def test_contracts_without_monthly_revenue_say_what_they_lack(orders, contracts):
    bare = contracts.drop(columns=["mrr", "country"])
    base = quick.opened(orders=orders, subscriptions=bare, as_of=date(2025, 8, 1))
    kpi = base.kpi("clv_predicted", "2025-07")
    assert kpi.status is Status.UNAVAILABLE
    assert kpi.reason.en == "needs the column mrr in contracts (subscriptions); map one to it"


def test_few_contracts_are_not_fitted(orders, contracts):
    few = contracts.drop(columns="country").head(15)
    base = quick.opened(orders=orders, subscriptions=few, as_of=date(2025, 8, 1))
    kpi = base.kpi("clv_predicted", "2025-07")
    assert kpi.status is Status.UNDEFINED
    assert "at least 20 contracts" in kpi.reason.en
