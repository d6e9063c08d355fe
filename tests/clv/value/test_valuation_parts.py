"""Parts of valuations reckoned a second time: limits from the draws, cohorts, steps, payback."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.sparse import csr_matrix

from kpilib.clv import GammaGamma
from kpilib.clv.fitting.posterior import Posterior
from kpilib.clv.value import worth
from kpilib.clv.value.people import People, membership_of
from kpilib.clv.value.valuation import _plain, with_noise
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.worth import spend_draws, spend_spread, spend_terms
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.fixture(scope="module")
def orders():
    table = bgnbd_purchases(160, 500, r=0.6, alpha=30.0, a=0.8, b=2.5, seed=9)
    # The first customer is of the segment that comes last by name.
    names = np.where(table["customer_id"] % 3 == 1, "VN", "CN")
    return table.assign(country=names)


@pytest.fixture(scope="module")
def shop(orders):
    return quick.opened(orders=orders, currency="USD", as_of=date(2025, 6, 1), time_zone="UTC")


OPTIONS = {"by": "country", "acquisition_cost": 20.0, "draws": 120, "level": 0.8}


@pytest.fixture(scope="module")
def value(shop):
    return customer_lifetime_value(shop, "6 months", 0.25, 0.4, **OPTIONS)


def test_cohorts_are_the_months_of_the_first_purchase_and_segments_are_in_order(orders, value):
    first = orders.groupby("customer_id")["ordered_at"].min().dt.strftime("%Y-%m")
    assert value.customers.set_index("customer_id")["cohort"].to_dict() == first.to_dict()
    assert value.cohorts["cohort"].is_monotonic_increasing
    assert value.segments["country"].tolist() == ["CN", "VN"]
    counts = value.customers.groupby("country").size()
    assert value.segments["customers"].tolist() == counts.tolist()
    assert value.total["share"].tolist() == [1]


def test_everybody_is_expected_to_spend_what_the_model_says_of_them(value):
    table = value.customers
    spend = value.spend.expected_spend(table["frequency"], table["monetary_value"])
    np.testing.assert_allclose(table["expected_spend"], spend, rtol=1e-12)


def test_purchases_by_step_are_those_expected_of_everybody_in_each_month(value):
    history = [value.customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    ends = np.array([value.model.expected_purchases(t, *history) for t in value.schedule.ends])
    expected = np.diff(ends, axis=0, prepend=0.0).sum(axis=1)
    np.testing.assert_allclose(value.purchases_by_step, expected, rtol=1e-9)


def test_all_limits_are_in_money_kept(shop, value):
    """At another margin everything moves by it, what will come as what is expected."""
    whole = customer_lifetime_value(shop, "6 months", 0.25, 1.0, **OPTIONS)
    names = ["value", "low", "high", "predicted_low", "predicted_high", "residual"]
    for ours, theirs in ((value.total, whole.total), (value.segments, whole.segments)):
        np.testing.assert_allclose(ours[names], 0.4 * theirs[names], rtol=1e-9)
    names = ["value", "low", "high", "residual"]
    np.testing.assert_allclose(value.customers[names], 0.4 * whole.customers[names], rtol=1e-9)


def test_the_draws_of_purchases_and_of_spend_have_nothing_to_do_with_each_other(shop):
    found = customer_lifetime_value(shop, draws=600)
    both = np.corrcoef(np.log(found.posterior.parameters).T, np.log(found.spend_draws).T)
    assert np.abs(both[:4, 4:]).max() < 4 / np.sqrt(600)


def test_money_in_another_unit_is_worth_as_much(shop, orders):
    """Also where no spend reaches 1: the models know no unit of money."""
    small = quick.opened(
        orders=orders.assign(amount=orders["amount"] / 1e4), as_of=date(2025, 6, 1), time_zone="UTC"
    )
    ours, theirs = (customer_lifetime_value(base, draws=60) for base in (small, shop))
    names = ["value", "low", "high", "predicted_low", "predicted_high", "residual", "share"]
    scale = np.array([*[1e-4] * 6, 1.0])
    np.testing.assert_allclose(ours.total[names], theirs.total[names] * scale, rtol=1e-3)


def test_those_who_bought_twice_for_less_than_1_have_a_spend():
    days = ["2025-01-05", "2025-02-10"]
    rows = [(who, day, 0.2 + 0.1 * who) for who in range(6) for day in days]
    base = quick.opened(orders=pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"]))
    assert customer_lifetime_value(base, draws=0).total["value"].iloc[0] > 0


@pytest.mark.parametrize("draws", [120, 300])
def test_payback_has_the_limits_of_the_draws_of_both_models(shop, draws):
    """Two hundred draws of either, paired, and of each its own sums to the end of every month."""
    value = customer_lifetime_value(shop, "6 months", 0.25, 0.4, **OPTIONS | {"draws": draws})

    def sums(model, spend):
        expected = model.expected_purchases_new(value.schedule.ends)
        return 0.4 * spend * (1 + np.cumsum(np.diff(expected, prepend=0) * value.schedule.factors))

    phi = value.spend_draws
    drawn = [
        sums(model, GammaGamma(*phi[place % len(phi)]).mean_spend)
        for place, model in enumerate(value.posterior.models(200))
    ]
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
    table = value.payback()
    np.testing.assert_allclose(table["low"], low, rtol=1e-9)
    np.testing.assert_allclose(table["high"], high, rtol=1e-9)
    np.testing.assert_allclose(table["value"], sums(value.model, value.spend.mean_spend), rtol=1e-9)
    assert table["paid_back"].tolist() == (table["value"] >= 20.0).tolist()
    new = value.new_customer()
    last = table.iloc[-1]
    assert (new["value"], new["low"], new["high"]) == (last["value"], last["low"], last["high"])
    assert new["net"] == pytest.approx(last["value"] - 20.0)


def test_a_cost_is_earned_back_by_the_month_that_just_reaches_it(shop, value):
    table = value.payback()
    for month in (0, 3):
        cost = float(table["value"].iloc[month])
        options = OPTIONS | {"acquisition_cost": cost, "draws": 0}
        options |= {"model": value.model, "spend": value.spend}
        found = customer_lifetime_value(shop, "6 months", 0.25, 0.4, **options)
        assert found.new_customer()["payback_months"] == month + 1
        assert found.payback()["low"].isna().all()
    free = customer_lifetime_value(shop, **OPTIONS | {"acquisition_cost": 0.0, "draws": 0})
    assert free.new_customer()["payback_months"] == 1
    none = customer_lifetime_value(shop, draws=0)
    assert none.new_customer()[["net", "acquisition_cost", "payback_months"]].isna().all()
    assert none.to_dict()["new_customer"]["payback_months"] is None


def test_to_dict_says_which_models_and_in_words_what_lies_beyond(value, shop):
    told = json.loads(json.dumps(value.to_dict()))
    assert (told["model"], told["spend_model"]) == ("BGNBD", "GammaGamma")
    assert told["spend_parameters"] == pytest.approx(value.spend.parameters)
    assert (told["level"], told["margin"], told["discount_rates"]) == (0.8, 0.4, [0.25, 0.25])
    assert told["customers_fitted"] == 160 and type(told["customers_fitted"]) is int
    assert [row["country"] for row in told["segments"]] == ["CN", "VN"]
    text = str(value)
    assert "at 25% a year and a margin of 0.4" in text
    assert "80% limits of what is expected" in text and "beyond the horizon" in text
    plain = str(customer_lifetime_value(shop, discount_rate=0.0, draws=0))
    assert "limits" not in plain and "beyond the horizon" not in plain


def test_whole_numbers_stay_whole_on_the_way_to_json(value):
    told = value.to_dict()
    for row in (told["total"], *told["segments"]):
        assert type(row["customers"]) is int and type(row["value"]) is float


# What is not known of the spend


def test_the_spread_of_a_spend_is_that_of_draws_close_about_it():
    """The delta method against 200,000 draws, so close that the law is straight between them."""
    model = GammaGamma(5.0, 3.2, 14.0)
    rng = np.random.default_rng(3)
    root = 0.004 * np.array([[1.0, 0, 0], [0.4, 0.8, 0], [-0.3, 0.5, 0.9]])
    draws = np.exp(np.log([5.0, 3.2, 14.0]) + rng.standard_normal((200_000, 3)) @ root.T)
    x, total = np.array([0.0, 1.0, 6.0]), np.array([0.0, 21.0, 180.0])
    base, each = spend_terms(draws, x)
    drawn = np.log(base + each * total).std(axis=0)
    np.testing.assert_allclose(spend_spread(model, draws, x, total), drawn, rtol=0.01)
    same = np.tile([[5.0, 3.2, 14.0]], (9, 1))
    assert spend_spread(model, same, x, total).tolist() == [0, 0, 0]
    same[4] = 5.001, 3.2, 14.0  # two are enough for a spread
    assert (spend_spread(model, same, x, total)[1:] > 0).all()


@pytest.mark.parametrize(("finite", "known"), [(4, False), (5, True), (6, True)])
def test_draws_without_a_mean_spend_are_left_out_while_half_have_one(finite, known):
    q = np.where(np.arange(10) < finite, 2.0 + np.arange(10), 1.02)
    model = GammaGamma(5.0, 3.2, 14.0)
    drawn = np.column_stack([np.full(10, 5.0), q, np.full(10, 14.0)])
    found = spend_draws(Posterior(model, drawn, 10.0, "normal", ()), 13)
    if known:
        assert found[:, 1].tolist() == [2.0 + place % finite for place in range(13)]
    else:
        assert (found == [5.0, 3.2, 14.0]).all() and found.shape == (13, 3)


# What will come, around what is expected


def noisy(values, variance, level=0.9):
    table = pd.DataFrame({"value": values.mean(axis=0)})
    with_noise(table, values, variance, level, seed=3)
    return table


def test_what_will_come_is_a_gamma_around_each_draw():
    """With one mean for all draws: scipy's quantiles, also where the variance is far above it."""
    mean, variance = np.array([50.0, 2.0, 30.0]), np.array([400.0, 36.0, 3e4])
    table = noisy(np.tile(mean, (100_000, 1)), variance)
    law = stats.gamma(mean**2 / variance, scale=variance / mean)
    # The smallest of a skewed law lies at rounding above 0.
    np.testing.assert_allclose(table["predicted_low"], law.ppf(0.05), rtol=0.05, atol=1e-3)
    np.testing.assert_allclose(table["predicted_high"], law.ppf(0.95), rtol=0.03)
    assert (table["low"] == mean).all() and (table["high"] == mean).all()


def test_limits_are_the_quantiles_of_the_draws_and_hold_the_value():
    values = np.linspace(1, 2, 101)[:, None] * np.array([10.0, 1e-7, 1e7])
    table = noisy(values, np.array([4.0, 4e-16, 4e12]))
    np.testing.assert_allclose(table["low"], values[5])
    np.testing.assert_allclose(table["high"], values[95])
    # No unit of money is another.
    for name in ("predicted_low", "predicted_high"):
        scaled = noisy(values * 1e-9, np.array([4.0, 4e-16, 4e12]) * 1e-18)
        np.testing.assert_allclose(scaled[name], 1e-9 * table[name], rtol=1e-9)
    apart = pd.DataFrame({"value": [5.0, 25.0]})
    with_noise(apart, np.tile(np.linspace(10, 20, 50)[:, None], 2), np.full(2, 1.0), 0.9, seed=0)
    assert apart["low"][0] == apart["predicted_low"][0] == 5
    assert apart["high"][1] == apart["predicted_high"][1] == 25


def test_a_group_without_value_has_none_to_come():
    table = noisy(np.zeros((50, 1)), np.zeros(1))
    assert table[["low", "high", "predicted_low", "predicted_high"]].to_numpy() == pytest.approx(0)


# The parts of a valuation, each by itself


def test_the_horizon_ends_with_the_last_step_and_a_margin_is_at_most_all(shop, value):
    assert value.horizon == date(2025, 12, 1)
    assert customer_lifetime_value(shop, margin=1, draws=0).margin == 1
    with pytest.raises(InputError, match=r"margin is 1.01; it must be the part"):
        customer_lifetime_value(shop, margin=1.01, draws=0)


def test_a_rate_of_a_segment_that_is_none_is_told_by_the_name_of_the_segments(shop):
    with pytest.raises(InputError, match="discount_rate names country 'XX', which no customer has"):
        customer_lifetime_value(shop, discount_rate={"XX": 0.2}, by="country", draws=0)
    with pytest.raises(InputError, match="discount_rate names customer 'XX', which no customer"):
        customer_lifetime_value(shop, discount_rate={"XX": 0.2}, draws=0)


def test_whole_amounts_of_money_stay_numbers_with_a_point():
    told = _plain(
        pd.DataFrame({"customers": [2], "value": [2.0], "low": [np.nan], "country": ["x"]})
    )
    assert told == [{"customers": 2, "value": 2.0, "low": None, "country": "x"}]
    assert [type(told[0][name]) for name in ("customers", "value")] == [int, float]


def test_nobody_has_a_spend_where_who_came_back_brought_nothing():
    table = pd.DataFrame({
        "customer_id": ["A", "B"], "frequency": [2, 0], "recency": [20, 0], "T": [40, 40],
        "monetary_value": [0.0, 5.0],
    })  # fmt: skip
    people = People.of(table, None, 20_000)
    assert people.spend() is None
    assert People.of(table.assign(monetary_value=5.0), None, 20_000).spend() is not None


def test_a_customer_belongs_to_all_to_a_segment_and_to_a_cohort():
    found = membership_of(np.array([1, 0, 1]), np.array([0, 2, 1]), 2, 3)
    assert found.shape == (3, 6)
    assert found.toarray().tolist() == [[1, 0, 1, 1, 0, 0], [1, 1, 0, 0, 0, 1], [1, 0, 1, 0, 1, 0]]


@pytest.mark.parametrize(("chunk", "block"), [(50, 20), (40, 40), (64, 16)])
def test_what_is_drawn_does_not_depend_on_how_many_histories_are_taken_at_once(
    value, monkeypatch, chunk, block
):
    history = [value.customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    n = len(value.customers)
    within = worth.units(value.model, value.schedule, *history).within
    total = history[0] * value.customers["monetary_value"].to_numpy()
    halves = csr_matrix(np.column_stack([np.ones(n), np.arange(n) % 2]))
    rest = (value.schedule, tuple(history), within, np.ones(n), total, halves)
    whole = worth.draw_totals(value.posterior, value.spend_draws, *rest)
    monkeypatch.setattr(worth, "CHUNK", chunk)
    monkeypatch.setattr(worth, "BLOCK", block)
    parts = worth.draw_totals(value.posterior, value.spend_draws, *rest)
    np.testing.assert_allclose(parts.totals, whole.totals, rtol=1e-9)
    np.testing.assert_allclose(parts.spread, whole.spread, rtol=1e-9)
