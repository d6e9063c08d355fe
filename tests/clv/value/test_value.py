"""Customer lifetime value: that it adds up, discounts by the calendar, and knows its limits."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, GammaGamma, ParetoNBD
from kpilib.clv.expected.demand import demand_forecast
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.predictive import simulate_purchases
from kpilib.clv.value.contract_value import contract_table
from kpilib.clv.value.renewals import contract_counts, months_between
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.worth import roughly, units
from kpilib.clv.with_lifetimes import lifetimes_at_work
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases, contracts, small_businesses
from tests.quick import tiny_shop

SUMS = ["customers", "active", "expected_purchases", "value", "residual", "share"]


@pytest.fixture(scope="module")
def shop():
    """Seven hundred customers of two countries, bought over two years."""
    orders = bgnbd_purchases(700, r=0.6, alpha=40.0, a=0.6, b=3.0, seed=5)
    names = pd.Series(np.where(orders["customer_id"] % 3 == 0, "VN", "CN"))
    return quick.opened(orders=orders.assign(country=names), currency="USD", as_of=date(2026, 1, 1))


@pytest.fixture(scope="module")
def value(shop):
    return customer_lifetime_value(shop, by="country", acquisition_cost=20.0, margin=0.5)


def test_customers_segments_and_cohorts_add_up_to_the_total(value):
    total = value.total.iloc[0]
    for table in (value.segments, value.cohorts):
        np.testing.assert_allclose(table[SUMS].sum(), total[SUMS].astype(float), rtol=1e-12)
    assert value.customers["value"].sum() == pytest.approx(total["value"], rel=1e-12)
    assert value.purchases_by_step.sum() == pytest.approx(total["expected_purchases"], rel=1e-12)
    by_country = value.customers.groupby("country")["value"].sum()
    assert value.segments.set_index("country")["value"].to_dict() == pytest.approx(
        by_country.to_dict()
    )


def test_value_is_what_the_models_say_customer_by_customer(shop, value):
    some = value.customers.iloc[[0, 7, 100]]
    schedule = Schedule.until("12 months", start=date(2026, 1, 1), discount_rate=0.10)
    for _, row in some.iterrows():
        history = (row["frequency"], row["recency"], row["T"])
        ends = [value.model.expected_purchases(t, *history) for t in schedule.ends]
        monthly = np.diff(ends, prepend=0.0) @ schedule.factors
        spend = value.spend.expected_spend(row["frequency"], row["monetary_value"])
        assert row["value"] == pytest.approx(0.5 * monthly * spend, rel=1e-12)
        assert row["probability_alive"] == value.model.probability_alive(*history)
        assert row["expected_spend"] == pytest.approx(spend, rel=1e-12)


def test_same_value_as_lifetimes_on_its_calendar_of_30_days(shop, value):
    """With steps of 30 days discounted at their ends and no margin, to ten digits."""
    k = np.arange(1, 13.0)
    theirs = Schedule(30.0 * k, k, 1.01**-k, 1.01**12 - 1)
    columns = [value.customers[c] for c in ("frequency", "recency", "T")]
    ours = units(value.model, theirs, *map(np.asarray, columns)).within
    ours = ours * value.customers["expected_spend"]
    with lifetimes_at_work() as lifetimes:
        fitter = lifetimes.BetaGeoFitter()
        fitter.params_ = pd.Series(value.model.parameters)
        fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
        spend = value.customers["expected_spend"]
        answer = lifetimes.utils._customer_lifetime_value(fitter, *columns, spend, 12, 0.01, "D")
    np.testing.assert_allclose(ours, answer, rtol=1e-9)


def test_limits_lie_around_the_values_and_chance_widens_them(value):
    customers = value.customers
    assert (customers["low"] <= customers["value"]).all()
    assert (customers["value"] <= customers["high"]).all()
    for table in (value.total, value.segments, value.cohorts):
        assert (table["predicted_low"] < table["low"]).all()
        assert (table["low"] < table["value"]).all()
        assert (table["value"] < table["high"]).all()
        assert (table["high"] < table["predicted_high"]).all()


def test_customers_limits_are_those_of_the_posterior(shop, value):
    """Against 400 exact draws of both models for a few customers: within 5% of the width."""
    rows = value.customers.iloc[[0, 50, 300]]
    history = [rows[c].to_numpy(float) for c in ("frequency", "recency", "T")]
    schedule = value.schedule
    spends = value.spend.posterior(400, seed=9).models()
    drawn = [
        0.5 * roughly(one, schedule, *history)
        * money.expected_spend(history[0], rows["monetary_value"])
        for one, money in zip(value.posterior.models(400), spends, strict=True)
    ]  # fmt: skip
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    width = high - low
    assert (np.abs(rows["low"] - low) < 0.12 * width).all()
    assert (np.abs(rows["high"] - high) < 0.12 * width).all()


@pytest.mark.parametrize("model", ["BGNBD", "MBGNBD", "ParetoNBD"])
def test_every_model_values_the_base_and_agrees_roughly(shop, model, value):
    found = customer_lifetime_value(shop, margin=0.5, model=model, draws=0)
    assert found.model.kind == model
    assert found.total["value"].iloc[0] == pytest.approx(value.total["value"].iloc[0], rel=0.1)
    assert "low" not in found.total
    assert found.customers["low"].isna().all()


def test_a_fitted_model_is_used_as_it_is_whatever_its_unit(shop, value):
    weeks = value.model.in_unit("weeks")
    found = customer_lifetime_value(shop, margin=0.5, model=weeks, spend=value.spend, draws=0)
    np.testing.assert_allclose(found.customers["value"], value.customers["value"], rtol=1e-9)


def test_residual_is_what_longer_horizons_come_to(shop):
    """But for the leap days, which the residual spreads evenly: less than a day's discount."""
    model = BGNBD(r=0.6, alpha=40.0, a=0.6, b=3.0)
    spend = GammaGamma(p=6.25, q=3.74, v=15.44)
    options = {"model": model, "spend": spend, "draws": 0}
    short = customer_lifetime_value(shop, "12 months", 0.25, **options).total.iloc[0]
    long = customer_lifetime_value(shop, "90 years", 0.25, **options).total.iloc[0]
    assert short["value"] + short["residual"] == pytest.approx(
        long["value"] + long["residual"], rel=np.log(1.25) / 365
    )
    undiscounted = customer_lifetime_value(shop, "12 months", 0.0, **options).total.iloc[0]
    assert np.isnan(undiscounted["residual"])
    assert undiscounted["value"] > short["value"]


@pytest.mark.parametrize("model", [
    BGNBD(r=0.6, alpha=40.0, a=0.6, b=3.0), MBGNBD(r=0.6, alpha=40.0, a=0.6, b=3.0),
    ParetoNBD(r=0.6, alpha=40.0, s=0.6, beta=80.0),
])  # fmt: skip
def test_drawn_futures_have_the_model_s_mean(model):
    x, t_x, age = (
        np.array([0.0, 3.0, 12.0]),
        np.array([0.0, 90.0, 200.0]),
        np.array([50.0, 150, 210]),
    )
    n = 40_000
    who, when = simulate_purchases(
        model, np.repeat(x, n), np.repeat(t_x, n), np.repeat(age, n), 120.0, seed=3
    )
    counted = np.bincount(who, minlength=3 * n).reshape(3, n)
    expected = model.expected_purchases(120.0, x, t_x, age)
    error = counted.std(axis=1) / np.sqrt(n)
    assert (np.abs(counted.mean(axis=1) - expected) < 4 * error).all()
    assert when.min() > 0
    assert when.max() <= 120.0


# Discounting


def test_months_are_as_long_as_the_calendar_says():
    leap = Schedule.until("12 months", start=date(2027, 3, 1), discount_rate=0.10)
    assert leap.days == 366
    assert leap.months[-1] == 12
    assert np.diff(leap.ends, prepend=0).tolist() == [
        31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 29,
    ]  # fmt: skip
    end = Schedule.until("24 months", start=date(2027, 3, 1), discount_rate=0.10, timing="end")
    assert end.factors[[11, 23]] == pytest.approx([1 / 1.1, 1 / 1.21], rel=1e-12)
    start = Schedule.until("12 months", start=date(2027, 3, 1), timing="start")
    assert start.factors[0] == 1.0


def test_a_horizon_within_a_month_is_a_part_of_it():
    days = Schedule.until("45 days", start=date(2026, 1, 1), discount_rate=0.10)
    assert days.ends.tolist() == [31, 45]
    assert days.months.tolist() == [1.0, 1.5]
    assert days.factors[1] == pytest.approx(1.1 ** (-1.25 / 12))
    assert Schedule.until(date(2026, 2, 15), start=date(2026, 1, 1)).ends.tolist() == [31, 45]
    assert Schedule.until(3, start=date(2026, 1, 31)).ends.tolist() == [28, 59, 89]


@pytest.mark.parametrize("months", [12, 30, 360])
def test_long_horizons_are_interpolated_to_nine_digits(months):
    model = ParetoNBD(r=0.55, alpha=74.0, s=0.6, beta=81.0)
    schedule = Schedule.until(months, start=date(2026, 5, 1), discount_rate=0.08)
    x, t_x, age = np.array([0.0, 2, 40]), np.array([0.0, 200, 265]), np.array([1.0, 272, 272])
    found = units(model, schedule, x, t_x, age)
    ends = model.expected_purchases(schedule.ends[:, None], x, t_x, age)
    monthly = np.diff(ends, axis=0, prepend=0)
    np.testing.assert_allclose(found.by_step.cumsum(axis=0), ends, rtol=1e-8)
    np.testing.assert_allclose(found.within, schedule.factors @ monthly, rtol=1e-9)


# Bad input


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon": 0}, "horizon 0 is no time at all"),
        ({"horizon": "0 days"}, "horizon 0 days is no time at all"),
        ({"horizon": "soon"}, "horizon 'soon' is not understood; write '12 months'"),
        ({"horizon": "2.5 months"}, "not a whole number of months; give it in days"),
        ({"horizon": "200 years"}, "more than a century"),
        ({"discount_rate": -1}, "discount_rate is -1; it must be a yearly rate above -1"),
        ({"discount_rate": float("nan")}, "discount_rate is nan"),
        ({"margin": 0}, "margin is 0; it must be the part of the spend that is kept"),
        ({"margin": 30}, "margin is 30; it must be the part of the spend that is kept"),
        ({"model": "BGNDB"}, "model 'BGNDB' is not known; did you mean 'BGNBD'"),
        ({"timing": "midle"}, "timing 'midle' is not known; did you mean 'middle'"),
        ({"by": "contry"}, "dimension 'contry' is not a column"),
        ({"model": "SBG"}, "valuing contracts needs records"),
        (
            {"acquisition_cost": -5.0},
            "acquisition_cost must be a finite number of 0 or more, got -5",
        ),
    ],
)
def test_bad_input_is_named_with_its_remedy(options, words):
    with pytest.raises(InputError, match=words):
        customer_lifetime_value(tiny_shop(), **options).new_customer()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one purchase", "no customer was observed for any time"),
        ("all on one day", "no customer was observed for any time"),
        ("nothing paid", "no customer has bought again with a spend above 0"),
    ],
)
def test_businesses_that_cannot_be_valued_say_why(name, words):
    with pytest.raises(InputError, match=words):
        customer_lifetime_value(quick.opened(orders=small_businesses()[name]))


def test_no_repeat_buyers_is_an_error_for_money_with_a_remedy():
    orders = small_businesses()["empty months"].drop_duplicates("customer_id")
    with pytest.raises(InputError, match="give spend=GammaGamma"):
        customer_lifetime_value(quick.opened(orders=orders))
    given = customer_lifetime_value(
        quick.opened(orders=orders), spend=GammaGamma(p=6, q=4, v=15), draws=100
    )
    assert "no_repeat_buyers" in [finding.name for finding in given.findings]
    assert given.total["value"].iloc[0] >= 0


def test_one_customer_is_a_diagnosis():
    found = customer_lifetime_value(
        quick.opened(orders=small_businesses()["one customer"]), draws=50
    )
    assert {"one_customer", "few_repeat_buyers"} <= {finding.name for finding in found.findings}
    assert np.isfinite(found.total.drop(columns="group").to_numpy(float)).all()


# New customers


def test_payback_is_the_first_month_that_earns_the_cost_back(shop, value):
    table = value.payback()
    model, spend = value.model, value.spend
    expected = model.expected_purchases_new(value.schedule.ends)
    sums = 1 + np.cumsum(np.diff(expected, prepend=0.0) * value.schedule.factors)
    np.testing.assert_allclose(table["value"], 0.5 * spend.mean_spend * sums, rtol=1e-12)
    first = value.new_customer()
    assert first["net"] == pytest.approx(first["value"] - 20.0)
    assert first["low"] < first["value"] < first["high"]
    month = table.loc[table["value"] >= 20.0, "months"].iloc[0]
    assert first["payback_months"] == month
    dear = customer_lifetime_value(shop, margin=0.5, acquisition_cost=1e6, draws=0).new_customer()
    assert np.isnan(dear["payback_months"])


def test_to_dict_is_json_and_holds_no_customer(value):
    import json

    text = json.dumps(value.to_dict(), allow_nan=False)
    assert "customer_id" not in text
    assert json.loads(text)["total"]["customers"] == 700
    assert str(value).startswith("BGNBD: 700 customers are worth")


# Contracts


@pytest.fixture(scope="module")
def telecom():
    table = contracts(800, months=24, monthly_survival=0.93, seed=2)
    table["plan"] = np.where(table["customer_id"] % 2, "basic", "plus")
    orders = table[["customer_id", "started_at", "mrr"]].rename(
        columns={"started_at": "ordered_at", "mrr": "amount"}
    )
    return quick.opened(
        orders=orders,
        subscriptions=table.drop(columns="plan"),
        customers=table[["customer_id", "plan"]],
        as_of=date(2026, 1, 16),
    )


def test_contracts_are_valued_by_their_renewals(telecom):
    value = customer_lifetime_value(telecom, "12 months", 0.12, by="plan")
    assert isinstance(value.model, SBG)
    total = value.total.iloc[0]
    for table in (value.segments, value.cohorts):
        np.testing.assert_allclose(table[SUMS].sum(), total[SUMS].astype(float), rtol=1e-12)
    row = value.customers[value.customers["contracts"] == 1].iloc[0]
    n, mrr = row["renewals"], row["expected_spend"]
    k = np.arange(1, 13)
    later = value.model.survival(n + k) / value.model.survival(n)
    elapsed = 15 / 31  # the contract's month runs from 1 to 31 January 2026
    by_hand = mrr * (later * 1.12 ** (-(k - elapsed) / 12)).sum()
    assert row["value"] == pytest.approx(by_hand, rel=1e-12)
    assert row["expected_purchases"] == pytest.approx(later.sum(), rel=1e-12)
    assert (value.customers.loc[value.customers["contracts"] == 0, "value"] == 0).all()
    assert (value.total["predicted_low"] < value.total["low"]).all()
    assert total["expected_purchases"] == pytest.approx(value.purchases_by_step.sum())
    assert value.new_customer()["value"] > 0


def test_purchases_of_a_business_with_contracts_are_forecast_all_the_same(telecom):
    assert isinstance(customer_lifetime_value(telecom, draws=0).model, SBG)
    assert isinstance(customer_lifetime_value(telecom, model="BGNBD", spend=GammaGamma(6, 4, 15),
                                              draws=0).model, BGNBD)  # fmt: skip
    assert demand_forecast(telecom, "2025-06", draws=0)["expected"].notna().all()


def test_contract_lifetimes_are_counted_in_calendar_months(telecom):
    table = contract_table(telecom)
    assert (table.loc[table["running"], "periods"] >= 1).all()
    counted = contract_counts(table)
    assert counted.customers == len(table)
    fitted = SBG.fit_counts(counted)
    # Every contract has the same chance to be renewed: .93.
    assert fitted.retention_rate([1, 6]) == pytest.approx([0.93, 0.93], abs=0.02)


def test_residual_of_contracts_is_the_rest_of_an_endless_sum(telecom):
    short = customer_lifetime_value(telecom, "12 months", 0.2, draws=0).total.iloc[0]
    long = customer_lifetime_value(telecom, "80 years", 0.2, draws=0).total.iloc[0]
    assert short["value"] + short["residual"] == pytest.approx(long["value"], rel=1e-5)


def test_months_between_follow_the_calendar():
    start = np.array([np.datetime64("2024-01-31"), np.datetime64("2024-02-15")]).astype(int)
    stop = np.array([np.datetime64("2024-02-29"), np.datetime64("2024-03-30")]).astype(int)
    whole, part = months_between(start, stop)
    assert whole.tolist() == [1, 1]
    assert part.tolist() == pytest.approx([0, 15 / 31])


def test_subscriptions_without_revenue_cannot_be_valued():
    table = contracts(50, seed=3).drop(columns="mrr")
    orders = table[["customer_id", "started_at"]].rename(columns={"started_at": "ordered_at"})
    base = quick.opened(orders=orders.assign(amount=1.0), subscriptions=table)
    with pytest.raises(InputError, match="subscriptions has no mrr"):
        customer_lifetime_value(base)


def test_models_answered_by_lifetimes_value_the_base_alike(shop, value):
    theirs = BGNBD.fit_counts(value.model.fitted.counts, engine="lifetimes")
    found = customer_lifetime_value(shop, margin=0.5, model=theirs, spend=value.spend, draws=0)
    total = found.total["value"].iloc[0]
    assert found.model.fitted.engine == "lifetimes"
    assert total == pytest.approx(value.total["value"].iloc[0], rel=1e-3)


def test_a_model_from_json_values_without_limits_of_its_own_data(shop, value):
    again = BGNBD.from_json(value.model.to_json())
    found = customer_lifetime_value(shop, margin=0.5, model=again, spend=value.spend, draws=200)
    np.testing.assert_allclose(found.customers["value"], value.customers["value"], rtol=1e-9)
    # It draws from the normal approximation that was saved with it.
    assert found.posterior.method == "normal"
    assert found.total["low"].iloc[0] < found.total["value"].iloc[0]


@pytest.mark.parametrize("model", ["BG/BB", BGBB(1.204, 0.750, 0.657, 2.783)])
def test_a_model_of_opportunities_is_refused_with_what_to_do(model):
    with pytest.raises(InputError, match="BGBB counts opportunities") as told:
        customer_lifetime_value(tiny_shop(), model=model)
    assert "choose BGNBD, MBGNBD or ParetoNBD here" in str(told.value)
    assert "BGBB.fit(frequency, recency, T)" in str(told.value)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"level": 2}, "level is 2; it must lie between 0 and 1"),
        ({"draws": "x"}, "draws is 'x'; give a whole number"),
        ({"draws": -1}, "draws must be a whole number of 0 or more, got -1"),
        ({"draws": 2.5}, "draws is 2.5; give a whole number"),
        ({"seed": "x"}, "seed is 'x'; give a whole number"),
        ({"acquisition_cost": -1}, "acquisition_cost must be a finite number of 0 or more, got -1"),
        ({"acquisition_cost": "x"}, "acquisition_cost is 'x'; give a number, or None"),
        ({"spend": 5}, "GammaGamma is needed, got 5; make it with GammaGamma.fit"),
    ],
)
def test_an_option_that_cannot_be_is_named(option, message):
    with pytest.raises(kpilib.InputError, match=message):
        customer_lifetime_value(kpilib.open("cdnow-sample"), **option)
