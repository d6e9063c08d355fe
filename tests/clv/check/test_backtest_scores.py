"""A backtest's scores and limits, reckoned again by hand from a handful of customers."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv import BGNBD
from kpilib.clv.check import backtest
from kpilib.clv.check import limits as bounds
from kpilib.clv.check.backtest import Backtest
from kpilib.clv.check.limits import purchase_limits, total_limits
from kpilib.clv.expected.predictive import simulate_purchases
from kpilib.clv.expected.summary import purchase_summary
from kpilib.errors import InputError
from kpilib.periods import day_number
from tests import quick

RULES = ("model", "same again", "mean rate")
N = 23


@pytest.fixture
def people():
    rng = np.random.default_rng(5)
    table = {"purchases": rng.integers(0, 4, N) * 1.0, "revenue": rng.integers(0, 90, N) * 1.0}
    for rule in RULES:
        table[f"{rule} purchases"] = rng.integers(0, 5, N) / 2  # some are alike
        table[f"{rule} revenue"] = rng.integers(0, 900, N) / 10
    return pd.DataFrame(table)


def stretch(people, limits=(0.0, 1e9), coverage=0.875):
    both = {"purchases": limits, "revenue": limits}
    return backtest._Stretch(date(2025, 3, 1), people, both, coverage)


def shared(predicted, actual):
    """What each rank brings: those with the same prediction share evenly what they brought."""
    alike = {p: [a for q, a in zip(predicted, actual, strict=True) if q == p] for p in predicted}
    return [sum(alike[p]) / len(alike[p]) for p in sorted(predicted, reverse=True)]


def test_scores_are_those_of_a_second_reckoning(people):
    rows = {(one["measure"], one["rule"]): one for one in stretch(people).scores()}
    assert set(rows) == {(measure, rule) for measure in backtest.MEASURES for rule in RULES}
    for (measure, rule), row in rows.items():
        predicted, actual = people[f"{rule} {measure}"].tolist(), people[measure].tolist()
        off = [p - a for p, a in zip(predicted, actual, strict=True)]
        assert row["origin"] == "2025-03-01"
        assert row["customers"] == N
        assert row["predicted"] == pytest.approx(sum(predicted))
        assert row["actual"] == pytest.approx(sum(actual))
        assert row["bias"] == pytest.approx((sum(predicted) - sum(actual)) / sum(actual))
        assert row["mae"] == pytest.approx(sum(map(abs, off)) / N)
        assert row["rmse"] == pytest.approx((sum(d * d for d in off) / N) ** 0.5)
        best = shared(predicted, actual)[:2]  # a tenth of 23
        assert row["top_tenth"] == pytest.approx(sum(best) / sum(actual))
        only_of_the_model = [row["low"], row["high"], row["coverage"]]
        told = (0.0, 1e9, 0.875 if measure == "purchases" else np.nan)
        expected = told if rule == "model" else (np.nan,) * 3
        np.testing.assert_equal(only_of_the_model, expected)
        assert row["within"] is (True if rule == "model" else None)


def test_of_few_customers_the_best_one_is_the_tenth(people):
    few = people.head(4)
    for row in stretch(few).scores():
        ranked = shared(
            few[f"{row['rule']} {row['measure']}"].tolist(), few[row["measure"]].tolist()
        )
        assert row["top_tenth"] == pytest.approx(ranked[0] / few[row["measure"]].sum())


def test_a_total_on_a_limit_is_within_it(people):
    came = people["purchases"].sum()
    for limits, within in (
        ((came, came), True),
        ((came + 0.5, came + 1), False),
        ((came - 1, came - 0.5), False),
    ):
        first = next(stretch(people, limits).scores())
        assert (first["measure"], first["rule"], first["within"]) == ("purchases", "model", within)


def test_where_nothing_came_there_is_no_share(people):
    nothing = people.assign(purchases=0.0, revenue=0.0)
    rows = list(stretch(nothing).scores())
    assert np.isnan([[row["bias"], row["top_tenth"]] for row in rows]).all()
    assert np.isnan([row["lift"] for row in backtest._deciles(nothing)]).all()


def test_tenths_are_ranked_by_the_prediction(people):
    rows = {(one["measure"], one["rule"], one["tenth"]): one for one in backtest._deciles(people)}
    assert len(rows) == 2 * 3 * 10
    for measure in backtest.MEASURES:
        for rule in RULES:
            predicted, actual = people[f"{rule} {measure}"].tolist(), people[measure].tolist()
            came, ranked, at = shared(predicted, actual), sorted(predicted, reverse=True), 0
            for tenth in range(1, 11):
                row = rows[measure, rule, tenth]
                size = 3 if tenth <= 3 else 2  # 23 in ten parts, the larger first
                part = slice(at, at + size)
                at += size
                assert row["customers"] == size
                assert row["predicted"] == pytest.approx(sum(ranked[part]) / size)
                assert row["actual"] == pytest.approx(sum(came[part]) / size)
                assert row["lift"] == pytest.approx(row["actual"] / (sum(actual) / N))


def test_the_plain_rule_that_did_best_is_another_by_each_score():
    model, again, rate = (
        {"bias": 0.5, "mae": 3.0, "rmse": 2.0},
        {"bias": -0.2, "mae": 2.0, "rmse": 9.0},
        {"bias": 0.3, "mae": 2.5, "rmse": 1.0},
    )
    rest = {"top_tenth": 0.5, "coverage": 0.9, "within": None, "origin": "2025-03-01"}
    rows = [
        {"measure": measure, "rule": rule, **scores, **rest}
        for measure in backtest.MEASURES
        for rule, scores in zip(RULES, (model, again, rate), strict=True)
    ]
    rows[0]["within"] = rows[3]["within"] = True
    found = Backtest(pd.DataFrame(rows), pd.DataFrame(), "3 months", "BGNBD")
    best = {(one.measure, one.score): (one.rule, one.model, one.plain) for one in found.verdicts()}
    for measure in backtest.MEASURES:
        assert best[measure, "absolute_bias"] == ("same again", 0.5, 0.2)
        assert best[measure, "mae"] == ("same again", 3.0, 2.0)
        assert best[measure, "rmse"] == ("mean rate", 2.0, 1.0)
    equal = Backtest(pd.DataFrame(rows).assign(mae=1.0), pd.DataFrame(), "3 months", "BGNBD")
    assert {one.rule for one in equal.verdicts() if one.score == "mae"} == {"same again"}
    assert "no less than by the best plain rule, 'same again': 1" in str(equal)
    assert "(+50.0% with their signs); by the best plain rule, 'same again', 20.0% (-20.0%)" in str(
        equal
    )


def valued(**histories):
    """A valuation of these histories, as far as limits of purchases ask for it."""
    customers = pd.DataFrame({name: np.array(of, float) for name, of in histories.items()})
    model = BGNBD(r=0.8, alpha=20.0, a=0.5, b=3.0, time_unit="days")
    return SimpleNamespace(customers=customers, model=model)


def test_limits_of_each_customer_are_quantiles_of_what_the_model_says():
    value = valued(
        frequency=[6, 0, 6, 20, 2], recency=[90, 0, 90, 95, 10], T=[100, 100, 100, 100, 100]
    )
    low, high, variance = purchase_limits(value, 60, seed=1)
    assert (low[0], high[0]) == (low[2], high[2]), "of the same history the same limits"
    x, t_x, age = (value.customers[name].to_numpy() for name in ("frequency", "recency", "T"))
    who, _ = simulate_purchases(value.model, x, t_x, age, 60, 2, times=20_000)
    counts = np.bincount(who, minlength=20_000 * len(x)).reshape(20_000, -1)
    assert (counts < low).mean(axis=0).max() < 0.035
    assert (counts > high).mean(axis=0).max() < 0.035
    assert ((counts <= low).mean(axis=0) > 0.015).all()
    assert ((counts >= high).mean(axis=0) > 0.015).all()
    assert variance == pytest.approx(counts.var(axis=0).sum(), rel=0.15)


@pytest.mark.parametrize(("mean", "variance", "limits"), [
    (1000.0, 400.0, (960.8, 1039.2)),  # 1.96 standard deviations to either side
    (5.0, 400.0, (0.0, 44.2)),  # no fewer than none
])  # fmt: skip
def test_limits_of_the_total_are_of_the_draws_and_of_chance(mean, variance, limits):
    value = valued(frequency=[1, 1, 0], recency=[5, 5, 0], T=[9, 9, 9])
    drawn = SimpleNamespace(quick_values=lambda _: np.full(200_000, mean))
    value.posterior = drawn
    found = total_limits(value, 60, variance, seed=3)
    assert found == pytest.approx(limits, abs=0.5)


def test_what_is_drawn_of_the_total_is_what_all_customers_are_expected_to_buy():
    value = valued(frequency=[1, 1, 0], recency=[5, 5, 0], T=[9, 9, 9])
    value.posterior = SimpleNamespace(quick_values=lambda of: np.full(3, of(value.model)))
    x, t_x, age = (value.customers[name].to_numpy() for name in ("frequency", "recency", "T"))
    expected = value.model.expected_purchases(60.0, x, t_x, age).sum()
    assert total_limits(value, 60, 0.0, None) == pytest.approx((expected, expected))


@pytest.mark.parametrize(
    ("histories", "times"), [(4, 400), (5_000, 400), (8_000, 250), (50_000, 40), (80_000, 40)]
)
def test_some_two_million_futures_are_drawn_forty_to_four_hundred_a_history(
    histories, times, monkeypatch
):
    """As many as make 2.5% of them a tenth one, where there are 400."""
    asked = []

    def simulated(_model, x, _t_x, _age, _days, _seed, *, times):
        asked.append(times)
        return np.repeat(np.arange(times) * len(x), np.arange(times)), None

    monkeypatch.setattr(bounds, "simulate_purchases", simulated)
    columns = dict.fromkeys(("frequency", "recency", "T"), np.arange(float(histories)))
    low, high, _ = purchase_limits(valued(**columns), 60, seed=1)
    assert asked == [times]
    # In the k-th future the first has bought k times.
    assert (low[0], high[0]) == (np.ceil(0.025 * times) - 1, np.ceil(0.975 * times) - 1)


def test_the_summary_has_the_model_before_the_plain_rules_and_needs_two_draws(people):
    found = Backtest(pd.DataFrame(stretch(people).scores()), pd.DataFrame(), "3 months", "BGNBD")
    summary = found.summary()
    assert summary["measure"].tolist() == ["purchases"] * 3 + ["revenue"] * 3
    assert summary["rule"].tolist() == [*RULES, *RULES]
    base = kpilib.open("cdnow-sample")
    with pytest.raises(InputError, match="draws is 1; a backtest scores limits and needs at least"):
        backtest.backtest(base, "3 months", 1, draws=1)
    assert len(backtest.backtest(base, "3 months", 1, draws=2).scores) == 6


def test_who_came_back_on_the_next_day_has_a_rate_of_one_a_day_and_who_just_came_of_none():
    days = [*range(1, 32), 31]
    rows = [(f"c{who}", f"2025-03-{days[who % 31]:02}", 10.0) for who in range(60)]
    rows += [(f"c{who}", f"2025-04-{1 + who % 28:02}", 8.0) for who in range(40)]
    rows += [("next", "2025-05-30", 5.0), ("next", "2025-05-31", 7.0), ("new", "2025-05-31", 6.0)]
    rows += [("last", "2025-08-31", 1.0)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    base = quick.opened(orders=orders, as_of=date(2025, 9, 1), currency="USD", time_zone="UTC")
    start = date(2025, 6, 1)
    found = backtest._Stretch.of(base, start, date(2025, 9, 1), "BGNBD", 2, 0)
    summary = purchase_summary(base, day_number(start))
    rate = found.table["mean rate purchases"].set_axis(summary["customer_id"])
    assert (rate["next"], rate["new"]) == (92, 0)
    assert found.table["mean rate revenue"].set_axis(summary["customer_id"])["next"] == 92 * 7
