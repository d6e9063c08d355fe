"""Survival of customers, against the rows written out and businesses whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib import InputError
from kpilib.analyses.lifespans import fit_survival, survival_curves, survival_summary
from kpilib.words import MISSING
from tests import quick
from tests.generate import bgnbd_purchases, contracts, small_businesses


def shop(orders, **options):
    return quick.opened(orders=orders, time_zone="UTC", **options)


@pytest.fixture(scope="module")
def base():
    orders = bgnbd_purchases(1500, days=500, seed=12)
    orders["country"] = (orders["customer_id"] % 4).map({0: "VN", 1: "CN", 2: "GB"})
    return shop(orders, lapse_window=60)


@pytest.fixture(scope="module")
def subscribed():
    table = contracts(4000, 12, monthly_survival=0.95, seed=13)
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    return shop(orders, subscriptions=table, as_of="2025-01-01")


def test_second_purchase_equals_scipy_on_the_rows(base):
    purchases = base.engine.collect(base.purchases.select("customer_id", "day")).sort_values("day")
    days = purchases.groupby("customer_id")["day"].agg(list)
    wait = days.map(lambda found: found[1] - found[0] if len(found) > 1 else np.nan)
    unfinished = base.as_of - 1 - days.map(lambda found: found[0])
    sample = stats.CensoredData(
        uncensored=wait.dropna().to_numpy(), right=unfinished[wait.isna()].to_numpy()
    )
    theirs = stats.ecdf(sample).sf
    ours = fit_survival(base, "second_purchase")["all"]
    np.testing.assert_allclose(ours.survival, theirs.evaluate(ours.time), rtol=1e-9)


def test_lifetime_equals_scipy_on_the_spells(base):
    spells = base.engine.collect(base.spells())
    stop = spells.groupby("customer_id")["stop"].max()
    start = spells.groupby("customer_id")["first_day"].min()
    ended = stop < base.as_of
    sample = stats.CensoredData(
        uncensored=(stop - start)[ended].to_numpy(),
        right=(base.as_of - 1 - start)[~ended].to_numpy(),
    )
    theirs = stats.ecdf(sample).sf
    ours = fit_survival(base, "lifetime")["all"]
    np.testing.assert_allclose(ours.survival, theirs.evaluate(ours.time), rtol=1e-9)


def test_contracts_of_known_survival_are_found_again_and_the_naive_averages_are_not(subscribed):
    row = survival_summary(subscribed, "first_loss").iloc[0]
    fit = fit_survival(subscribed, "first_loss")["all"]
    # By day 350 eleven month ends have been passed, whichever month one began in.
    for day, months in ((45, 1), (170, 5), (350, 11)):
        estimate = fit.at(day)
        assert estimate.low <= 0.95**months <= estimate.high
    assert row["naive_mean"] < 0.6 * row["mean"]
    assert row["naive_ended"] < row["naive_mean"]
    assert row["naive_rate"] > row["mean"]
    assert np.isnan(row["median"]) and np.isnan(row["median_high"])


def test_groups_are_whole_largest_first_and_the_missing_last(base):
    summary = survival_summary(base, by="country")
    assert summary["group"].tolist()[-1] == MISSING
    assert summary["customers"].sum() == survival_summary(base)["customers"].sum() == 1500
    assert summary["p_value"].nunique() == 1 and 0 < summary["p_value"].iloc[0] <= 1
    # Countries were dealt out by number, so there is nothing to find.
    assert summary["p_value"].iloc[0] > 0.01


def test_a_real_difference_between_groups_is_found():
    short = contracts(500, 12, monthly_survival=0.8, seed=14).assign(plan="month to month")
    long = contracts(500, 12, monthly_survival=0.95, seed=15).assign(plan="yearly")
    both = pd.concat([short, long.assign(customer_id=long["customer_id"] + 500)])
    orders = both[["customer_id", "started_at", "mrr", "plan"]].set_axis(
        ["customer_id", "ordered_at", "amount", "plan"], axis=1
    )
    base = shop(orders, subscriptions=both.drop(columns="plan"), as_of="2025-01-01")
    summary = survival_summary(base, by="plan").set_index("group")
    assert summary["p_value"].iloc[0] < 1e-6
    assert summary.loc["yearly", "mean_low"] > summary.loc["month to month", "mean_high"]


def test_curves_start_at_one_and_are_the_fits_steps(base):
    table = survival_curves(base, by="country")
    for name, part in table.groupby("group"):
        assert part["days"].iloc[0] == 0 and part["survival"].iloc[0] == 1
        assert part["survival"].is_monotonic_decreasing
        assert (part["low"] <= part["survival"]).all() and (part["survival"] <= part["high"]).all()
        assert part["events"].sum() + part["censored"].sum() == part["at_risk"].iloc[0], name


@pytest.mark.parametrize("of", ["lifetime", "first_loss", "second_purchase"])
def test_a_period_gives_the_curve_of_its_close(of):
    orders = bgnbd_purchases(300, days=300, seed=11)
    before = orders[orders["ordered_at"] < "2024-06-01"]
    then = shop(before, as_of="2024-06-01", lapse_window=40)
    now = shop(orders, lapse_window=40)
    pd.testing.assert_frame_equal(
        survival_curves(now, of, period="2024-05"), survival_curves(then, of)
    )


def test_customers_older_than_the_records_enter_late():
    table = contracts(6000, 24, monthly_survival=0.9, seed=16)
    # The records begin on 2025-01-01: whoever ended before is not in them.
    seen = table[~(table["ended_at"] < "2025-01-01")]
    orders = seen[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    base = shop(orders, subscriptions=seen, as_of="2026-01-01")
    blind = fit_survival(base, "first_loss")["all"].at(350).value
    aware = fit_survival(base, "first_loss", observed_from="2025-01-01")["all"].at(350)
    assert aware.low <= 0.9**11 <= aware.high
    assert blind > aware.high


@pytest.mark.parametrize("name", list(small_businesses()))
@pytest.mark.parametrize("of", ["lifetime", "first_loss", "second_purchase"])
def test_small_businesses_give_a_summary(name, of):
    base = shop(small_businesses()[name])
    row = survival_summary(base, of).iloc[0]
    assert row["customers"] == small_businesses()[name]["customer_id"].nunique()
    assert len(survival_curves(base, of)) >= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "lifetme"}, "survival of 'lifetme' is not known; did you mean 'lifetime'"),
        ({"by": "contry"}, "no such attribute; did you mean 'country'"),
        ({"observed_from": "last year"}, "observed_from='last year' is not a date"),
        ({"tau": 10_000}, "choose tau from 0 to"),
    ],
)
def test_what_is_not_known_is_named(base, options, message):
    with pytest.raises(InputError, match=message):
        survival_summary(base, **options)


def test_too_many_groups_are_refused():
    orders = bgnbd_purchases(300, days=100, seed=17)
    base = shop(orders.assign(code=orders["customer_id"].astype(str)))
    with pytest.raises(InputError, match="would be 300 curves; choose an attribute with at most"):
        survival_summary(base, by="code")
