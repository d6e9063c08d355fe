"""Demand forecasts against what came, and allocations that spend no more than the budget."""

from datetime import date

import numpy as np
import pytest

from kpilib.clv import BGNBD, GammaGamma
from kpilib.clv.expected.demand import _chance, demand_forecast
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.summary import purchase_counts
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.value.allocation import _tiers, clv_allocation
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(2000, 700, r=0.5, alpha=30.0, a=0.8, b=2.5, seed=6)
    country = np.where(orders["customer_id"] % 4 == 0, "VN", "CN")
    return quick.opened(orders=orders.assign(country=country), as_of=date(2025, 12, 1))


def test_a_forecast_counts_what_its_customers_bought(shop):
    table = demand_forecast(shop, "2025-08", "6 months")
    assert table["start"].tolist()[0] == date(2025, 9, 1)
    assert table["actual"].notna().tolist() == [True, True, True, False, False, False]
    bought = shop.engine.collect(shop.purchases)
    close = (date(2025, 9, 1) - date(1970, 1, 1)).days
    came = bought[(bought["first_day"] < close) & (bought["day"] >= close)]
    assert table["actual"].sum() == len(came)
    known = table.dropna(subset=["actual"])
    assert ((known["low"] <= known["actual"]) & (known["actual"] <= known["high"])).sum() >= 2
    assert (table["low"] < table["expected"]).all()
    assert (table["expected"] < table["high"]).all()
    np.testing.assert_allclose(table["expected"].cumsum(), table["expected_so_far"])
    # Chance averages out over a longer time.
    width = (table["high_so_far"] - table["low_so_far"]) / table["expected_so_far"]
    assert width.iloc[-1] < width.iloc[0]


def test_limits_hold_95_of_100_futures_of_parameters_and_chance(shop):
    """Against 200,000 futures drawn beside it: drawn parameters, and chance of its variance."""
    table = demand_forecast(shop, "2025-08", "2 months", draws=40_000)
    closes = (date(2025, 9, 1) - date(1970, 1, 1)).days
    counts = purchase_counts(shop, closes)
    fit = BGNBD.fit_counts(counts)
    schedule = Schedule.until("2 months", start=date(2025, 9, 1))
    history = (counts.frequency, counts.recency, counts.T)

    def so_far(model):
        return model.expected_purchases(schedule.ends[:, None], *history) @ counts.weights

    drawn = fit.posterior(40_000, 5).quick_values(so_far)
    single, running = _chance(fit, counts, schedule, 9)
    rng = np.random.default_rng(8)
    months = np.diff(drawn, axis=1, prepend=0.0)
    for suffix, values, variance in (("", months, single), ("_so_far", drawn, running)):
        futures = np.repeat(values, 5, axis=0)
        futures = futures + rng.standard_normal(futures.shape) * np.sqrt(variance)
        for name, share in (("low", 0.025), ("high", 0.975)):
            below = (futures < table[name + suffix].to_numpy()).mean(axis=0)
            assert below == pytest.approx([share] * 2, abs=0.0018), name + suffix
    first = table.iloc[0]
    for name in ("expected", "low", "high", "actual"):
        assert first[name] == pytest.approx(first[name + "_so_far"])


def test_tiers_share_ties_and_cut_at_their_shares():
    value = np.array([50.0, 30.0, 10.0, 4.0, 4.0, 2.0])
    assert _tiers(value).tolist() == ["A", "A", "B", "B", "B", "C"]
    assert _tiers(np.ones(5)).tolist() == ["A"] * 5


def test_money_goes_to_the_best_return_first_and_no_further_than_the_budget(shop):
    table = clv_allocation(shop, "2025-11", uplift=0.10, cost=2.0, budget=500.0, draws=200)
    assert table["return"].is_monotonic_decreasing
    assert table["spend"].sum() <= 500.0
    first = table.iloc[0]
    assert first["tier"] == "A"
    assert first["rule"] == "retain and grow"
    assert first["spend"] == pytest.approx(min(500.0, 2.0 * first["customers"]))
    assert first["gain_each"] == pytest.approx(0.10 * first["value_each"] - 2.0)
    assert first["break_even"] == pytest.approx(2.0 / first["value_each"])
    assert (table.loc[table["gain_each"] <= 0, "spend"] == 0).all()
    assert table["value_share"].sum() == pytest.approx(1.0)


def test_without_uplift_it_shows_value_and_allocates_nothing(shop):
    table = clv_allocation(shop, by="country", draws=200)
    assert table[["gain_each", "spend", "gain"]].isna().all(axis=None)
    # The countries differ by chance only, so their intervals meet.
    assert table["overlaps"].tolist() == [True, False]


def test_uplift_and_cost_may_differ_by_segment_and_are_checked(shop):
    table = clv_allocation(
        shop, by="country", uplift={"VN": 0.2, "CN": 0.001}, cost=1.0, draws=0
    ).set_index("country")
    assert table.loc["VN", "spend"] > 0
    assert table.loc["CN", "spend"] == 0
    for options, words in (
        ({"uplift": {"VN": 0.2}, "cost": 1.0}, "uplift lacks CN; give one number per segment"),
        ({"uplift": 0.1, "cost": 0.0}, "cost is 0.0; it must be above 0"),
        ({"uplift": -2, "cost": 1.0}, "uplift is -2; it must be a share above -1"),
        ({"uplift": 0.1, "cost": 1.0, "budget": -1}, "budget is -1; it must be an amount"),
        ({"model": "SBG"}, "an allocation follows purchases; choose from BGNBD"),
    ):
        with pytest.raises(InputError, match=words):
            clv_allocation(shop, by="country", draws=0, **options)
    with pytest.raises(InputError, match="a demand forecast follows purchases"):
        demand_forecast(shop, model="SBG")


def test_without_draws_a_forecast_has_no_limits(shop):
    assert demand_forecast(shop, draws=0)["low"].isna().all()
    assert GammaGamma(p=6, q=4, v=15).mean_spend == pytest.approx(30.0)


def test_chance_is_that_of_poisson_buyers_where_all_buy_alike_and_nobody_leaves():
    rate, many = 0.1, 1e6
    model = BGNBD(many, many / rate, 1e-6, 1e6)
    counts = Counts.from_arrays([3, 5, 0], [20, 40, 0], [60, 60, 60], [4, 2, 1])
    schedule = Schedule.until("3 months", start=date(2025, 9, 1), discount_rate=0.0)
    single, running = (
        np.mean([_chance(model, counts, schedule, seed)[which] for seed in range(60)], axis=0)
        for which in (0, 1)
    )
    days = np.array([30, 31, 30])  # each buys as often as the next, whatever the other does
    np.testing.assert_allclose(single, 7 * rate * days, rtol=0.05)
    np.testing.assert_allclose(running, 7 * rate * days.cumsum(), rtol=0.05)


def test_the_demand_of_few_customers_may_be_none_and_is_never_less():
    (soon,) = demand_forecast(quick.tiny_shop(), horizon="2 weeks", draws=100)["low"]
    assert soon == 0.0
