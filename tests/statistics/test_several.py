"""Statistics of more than one number, against the customers and lives written out."""

from itertools import pairwise

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.engines.polars import PolarsEngine
from kpilib.statistics import Duration, Flow, Mix, Predicted
from kpilib.statistics.evaluate import evaluate, nothing, summed
from kpilib.statistics.several import DiscountedProfit, SimpleValue
from tests.statistics.slopes import hold_gradient

ENGINE = PolarsEngine()
Z = stats.norm.ppf(0.975)
YEAR = 365.25


def frame(**columns):
    return ENGINE.adopt(pd.DataFrame(columns))


def of(statistic):
    """The numbers of each period."""
    found = evaluate(ENGINE, {"one": statistic})["one"]
    assert found.index.is_unique
    return {key[0]: found.loc[[key]].iloc[0] for key in found.index}


def lives(lasted, ended, period=0):
    return frame(period=period, lasted=lasted, ended=ended)


def duration(rows, **options):
    return Duration(rows, nw.col("lasted"), nw.col("ended"), **options)


def discounted(lasted, ended, rate, horizon):
    """Years lived to the horizon, each day discounted, and their error: integrals of steps."""
    lasted, ended = np.array(lasted, float), np.array(ended)
    horizon = min(lasted.max(), horizon)
    daily = np.log1p(rate) / YEAR

    def between(a, b):
        return (np.exp(-daily * a) - np.exp(-daily * b)) / daily if daily else b - a

    times = [t for t in np.unique(lasted[ended]) if t < horizon]
    risk = np.array([(lasted >= t).sum() for t in times], float)
    gone = np.array([((lasted == t) & ended).sum() for t in times], float)
    steps = np.concatenate([[1.0], np.cumprod(1 - gone / risk)])
    edges = [0.0, *times, horizon]
    areas = np.array([s * between(a, b) for s, (a, b) in zip(steps, pairwise(edges), strict=True)])
    after = areas[::-1].cumsum()[::-1][1:]
    spread = (after**2 * gone / (risk * (risk - gone))).sum()
    return areas.sum() / YEAR, np.sqrt(spread) / YEAR


def ratio(x, y):
    """Σx/Σy, and the reach of its limits by customer."""
    x, y = np.array(x, float), np.array(y, float)
    m, found = len(x), x.sum() / y.sum()
    error = np.sqrt(m / (m - 1) * ((x - found * y) ** 2).sum()) / y.sum()
    return found, stats.t.ppf(0.975, m - 1) * error


LASTED, ENDED = [100, 400, 400, 700, 900, 900], [True, True, False, True, False, False]
MONEY, DAYS = [30.0, 90.0, 15.0, 0.0], [10, 50, 20, 5]


def simple(money, days, lasted, ended, all_=(2, 5, 1, 1), timed=(1, 4, 0, 1)):
    rows = frame(
        period=0, customer_id=range(len(money)), money=money, days=days,
        all=all_[: len(money)], timed=timed[: len(money)],
    )  # fmt: skip
    columns = (nw.col(name) for name in ("money", "all", "timed", "days"))
    return of(SimpleValue(rows, *columns, duration(lives(lasted, ended))))[0]


def test_a_simple_value_is_the_product_of_its_factors_with_limits_on_the_log_scale():
    found = simple(MONEY, DAYS, LASTED, ENDED)
    years, error = discounted(LASTED, ENDED, 0.0, 900)
    purchase, often = 135 / 9, YEAR * 6 / 85
    rate, reach = ratio(MONEY, DAYS)
    relative = np.hypot(reach / rate, Z * error / years)
    product = purchase * often * years
    assert found["value"] == pytest.approx(product)
    assert found["low"] == pytest.approx(product * np.exp(-relative))
    assert found["high"] == pytest.approx(product * np.exp(relative))
    details = ["average_purchase_value", "purchases_per_year", "lifetime_years", "horizon", "n"]
    assert found[details].tolist() == pytest.approx([purchase, often, years, 900, 6])


def test_a_simple_value_of_one_purchase_in_one_day_is_small_and_has_its_limits():
    """Of two customers with a day between them; nobody was lost, so the lifetime is certain."""
    found = simple([0.001, 0.0], [0.5, 0.5], [1, 1], [False, False], all_=(1, 0), timed=(1, 0))
    assert found["value"] == pytest.approx(0.001)
    rate, reach = ratio([0.001, 0.0], [0.5, 0.5])
    assert found["low"] == pytest.approx(0.001 * np.exp(-reach / rate))
    assert found["high"] == pytest.approx(0.001 * np.exp(reach / rate))


@pytest.mark.parametrize(
    ("money", "days", "all_", "value"),
    [
        ([0.0, 0.0], [3, 4], (1, 1), 0.0),
        ([5.0, -5.0], [3, 4], (1, 1), 0.0),
        ([5.0, 0.0], [3, 4], (0, 0), np.nan),
        ([5.0, 1.0], [0, 0], (1, 1), np.nan),
    ],
)
def test_a_simple_value_of_no_money_has_no_limits_and_of_no_purchases_or_time_is_none(
    money, days, all_, value
):
    found = simple(money, days, LASTED, ENDED, all_=all_)
    assert np.isnan([found["low"], found["high"]]).all()
    assert found["value"] == pytest.approx(value, nan_ok=True)


def profit(money, days, lasted, ended, rate, horizon):
    rows = frame(period=0, customer_id=range(len(money)), money=money, days=days)
    lifetime = duration(lives(lasted, ended))
    return of(DiscountedProfit(rows, nw.col("money"), nw.col("days"), lifetime, rate, horizon))[0]


@pytest.mark.parametrize(
    ("rate", "horizon"), [(0.1, 800), (0.0, 800), (0.1, 3650), (0.25, 300), (1.0, 0.5)]
)
def test_discounted_profit_is_what_each_day_still_lived_is_worth_to_day(rate, horizon):
    found = profit(MONEY, DAYS, LASTED, ENDED, rate, horizon)
    years, error = discounted(LASTED, ENDED, rate, horizon)
    yearly, reach = (YEAR * one for one in ratio(MONEY, DAYS))
    reach = np.hypot(reach * years, Z * error * yearly)
    assert found["value"] == pytest.approx(yearly * years)
    assert found["low"] == pytest.approx(yearly * years - reach)
    assert found["high"] == pytest.approx(yearly * years + reach)
    details = ["profit_per_year", "discounted_years", "horizon", "n"]
    assert found[details].tolist() == pytest.approx([yearly, years, min(horizon, 900), 6])


def test_discounted_profit_of_who_are_all_still_there_has_the_error_of_the_profit_alone():
    found = profit([0.2, 0.4], [0.5, 0.25], [200, 300], [False, False], 0.1, 3650)
    years, error = discounted([200, 300], [False, False], 0.1, 3650)
    yearly, reach = (YEAR * one for one in ratio([0.2, 0.4], [0.5, 0.25]))
    assert error == 0 and found["high"] - found["value"] == pytest.approx(reach * years)
    assert found["value"] == pytest.approx(yearly * years)


def test_of_one_life_a_mean_is_known_and_of_no_active_time_no_profit_is():
    assert of(duration(lives([5], [True])))[0]["value"] == 5
    found = profit(MONEY, DAYS, [200], [True], 0.1, 3650)
    assert found["discounted_years"] == pytest.approx(discounted([200], [False], 0.1, 3650)[0])
    idle = profit(MONEY, [0, 0, 0, 0], LASTED, ENDED, 0.1, 3650)
    assert np.isnan([idle[name] for name in ("value", "low", "high", "profit_per_year")]).all()


@pytest.mark.parametrize("lasted", [[0, 0], []])
def test_of_lives_of_no_day_nothing_is_known(lasted):
    ended = [False] * len(lasted)
    rows = frame(period=[0, 0], lasted=[0, 0], ended=[False, False])
    if not lasted:
        rows = rows.filter(nw.col("period") == 1)
    paid = frame(period=0, customer_id=[1, 2], money=[1.0, 2.0], days=[3, 4])
    one = DiscountedProfit(paid, nw.col("money"), nw.col("days"), duration(rows), 0.1, 3650)
    found = of(one)[0]
    assert found["n"] == len(ended)
    assert np.isnan([float(found[name]) for name in ("value", "low", "high", "horizon")]).all()
    curve = (
        nothing(duration(rows)) if not lasted else evaluate(ENGINE, {"one": duration(rows)})["one"]
    )
    assert curve["n"].tolist() == [len(lasted)] and curve["value"].isna().all()


def test_a_duration_of_a_day_is_one_and_has_no_hazard_where_nobody_was_lost():
    found = of(duration(lives([1, 1, 1], [False, False, False])))[0]
    assert (found["value"], found["naive_mean"], found["n"]) == (1, 1, 3)
    assert found["constant_hazard_mean"] is None and found["losses"] == 0
    lost = of(duration(lives([1, 3, 4], [True, False, False])))[0]
    assert lost["constant_hazard_mean"] == 8 and lost["naive_mean"] == pytest.approx(8 / 3)


def test_a_prediction_of_little_has_limits_and_one_of_nothing_has_none():
    rows = frame(period=[0, 1, 1], x=[0.5, 0.0, 0.0], s=[0.05, 0.1, 0.1])
    found = of(Predicted(rows, nw.col("x"), ("s",)))
    assert found[0]["value"] == 0.5 and found[0]["high"] == pytest.approx(0.5 * np.exp(Z * 0.1))
    assert found[1]["value"] == 0 and np.isnan([found[1]["low"], found[1]["high"]]).all()
    assert nothing(Predicted(rows, nw.col("x"), ("s",)))["value"].isna().all()


def test_the_slopes_of_a_mix_are_those_of_its_shares():
    rows = frame(period=[0] * 6 + [1] * 4, part=[*"aaabbcabbc"])
    mix = Mix(rows, nw.col("part"), ("a", "b", "c"))
    sums = summed(ENGINE, {"one": mix})["one"]
    assert list(hold_gradient(mix, sums)) == ["a", "b", "c"]


def test_parts_of_nothing_are_no_share_and_one_row_is_all():
    mix = Mix(frame(period=0, part=["a", "c"]), nw.col("part"), ("a", "b"))
    found = evaluate(ENGINE, {"one": mix})["one"]
    assert found["value"].tolist() == [1.0, 0.0] and found["denominator"].tolist() == [1, 1]
    other = Mix(frame(period=0, part=["c"]), nw.col("part"), ("a", "b"))
    assert evaluate(ENGINE, {"one": other})["one"]["value"].isna().all()


def test_a_flow_moves_by_no_chance():
    flow = Flow(frame(period=0, gone=[True]), ("gone",))
    assert flow.gradient() == {"gone": ({},)}
