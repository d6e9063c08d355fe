"""The limits of a difference: against Newcombe, the bootstrap by customer, and plain sums."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from kpilib.change.difference import Spread, between, differences
from kpilib.engines.polars import PolarsEngine
from kpilib.statistics import (
    Beside,
    ByPart,
    Census,
    Count,
    Known,
    Mean,
    Mix,
    Net,
    Parts,
    Quotient,
    Rate,
    Ratio,
    Share,
    Total,
    Wait,
    intervals,
)
from kpilib.statistics.composite import Composite
from kpilib.statistics.evaluate import summed

ENGINE = PolarsEngine()
CUSTOMERS = 300
X, Y, FLAG, SCORE = nw.col("x"), nw.col("y"), nw.col("flag"), nw.col("score")
KINDS = {
    "share": lambda rows: Share(rows, FLAG, among=nw.col("asked")),
    "mean": lambda rows: Mean(rows, X),
    "mean by customer": lambda rows: Mean(rows, X, cluster="customer_id"),
    "ratio": lambda rows: Ratio(rows, X, Y, scale=365.25),
    "ratio of counts": lambda rows: Ratio(rows, nw.col("met"), nw.col("one"), counts=True),
    "rate": lambda rows: Rate(rows, nw.col("k"), Y, scale=2.0),
    "net": lambda rows: Net(rows, SCORE >= 9, SCORE <= 6),
    "count": lambda rows: Count(rows, FLAG),
    "total": lambda rows: Total(rows, X),
    "quotient": lambda rows: Quotient(Known(rows, nw.col("seven")), Count(rows, FLAG)),
    "quotient of totals": lambda rows: Quotient(Total(rows, X), Known(rows, nw.col("one"))),
    "beside": lambda rows: Beside(Share(rows, FLAG), {"other": Mean(rows, X)}),
    "composite": lambda rows: Composite(
        rows.with_columns(x_a=FLAG.cast(nw.Float64), y_a=nw.lit(1.0), x_b=X, y_b=Y),
        {"a": 2.0, "b": 1.0},
    ),
}
PLAIN = {
    "share": lambda t, w: (w * t.flag * t.asked).sum() / (w * t.asked).sum(),
    "mean": lambda t, w: (w * t.x).sum() / w.sum(),
    "mean by customer": lambda t, w: (w * t.x).sum() / w.sum(),
    "ratio": lambda t, w: 365.25 * (w * t.x).sum() / (w * t.y).sum(),
    "ratio of counts": lambda t, w: (w * t.flag).sum() / w.sum(),
    "rate": lambda t, w: 2 * (w * t.k).sum() / (w * t.y).sum(),
    "net": lambda t, w: 100 * (w * ((t.score >= 9) * 1 - (t.score <= 6))).sum() / w.sum(),
    "count": lambda t, w: (w * t.flag).sum(),
    "total": lambda t, w: (w * t.x).sum(),
    "quotient": lambda t, w: 7 * len(t) / (w * t.flag).sum(),
    "quotient of totals": lambda t, w: (w * t.x).sum() / len(t),
    "beside": lambda t, w: (w * t.flag).sum() / w.sum(),
    "composite": lambda t, w: 100 * (
        2 * (w * t.flag).sum() / w.sum() + (w * t.x).sum() / (w * t.y).sum()
    ) / 3,
}  # fmt: skip
"""The values reckoned again in numpy, each row with a weight."""


def people(rng, overlap, n=CUSTOMERS):
    """Two periods of customers, each with a leaning of their own; `overlap` of them in both."""
    leaning = rng.normal(size=2 * n)
    tables = []
    for period, first in ((0, 0), (1, round(n * (1 - overlap)))):
        who = np.arange(first, first + n)
        mine = leaning[who]
        score = np.clip(np.round(7.5 + 1.5 * mine + rng.normal(size=n)), 0, 10)
        table = {
            "period": period,
            "customer_id": who,
            "flag": mine + 0.7 * rng.normal(size=n) > 0.5,
            "asked": rng.random(n) < 0.9,
            "x": np.exp(0.5 * mine + 0.3 * rng.normal(size=n)),
            "y": rng.uniform(1.0, 2.0, n),
            "k": rng.poisson(0.3 * np.exp(0.4 * mine)),
            "one": 1,
            "seven": 7.0,
            "score": score,
        }
        tables.append(pd.DataFrame(table).assign(met=lambda t: t["flag"].astype(int)))
    return pd.concat(tables, ignore_index=True)


def asked(table, kind):
    """The statistic's values in both periods, and the limits of the difference."""
    statistic = kind(ENGINE.adopt(table))
    sums = summed(ENGINE, {"it": statistic})
    values = {"it": statistic.estimate(*sums["it"])}
    limits = differences(ENGINE, {"it": statistic}, sums, values, (0, 1))["it"]
    return values["it"], limits


def change(table, name, weights):
    """The later value less the earlier one, each customer weighing so much."""
    row = weights[table["customer_id"].to_numpy()]
    later = (table["period"] == 1).to_numpy()
    return PLAIN[name](table[later], row[later]) - PLAIN[name](table[~later], row[~later])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("overlap", [0.0, 0.95])
def test_the_limits_are_as_wide_as_the_bootstrap_by_customer_says(name, overlap):
    rng = np.random.default_rng(3)
    table = people(rng, overlap)
    values, limits = asked(table, KINDS[name])
    size = int(table["customer_id"].max()) + 1
    moved = change(table, name, np.ones(size))
    assert float(np.diff(values["value"].to_numpy(float))[0]) == pytest.approx(moved)
    draws = [change(table, name, rng.poisson(1.0, size)) for _draw in range(300)]
    wanted = 2 * intervals.normal_quantile(0.95) * float(np.std(draws, ddof=1))
    low, high = limits[()]
    assert low < moved < high
    assert (high - low) == pytest.approx(wanted, rel=0.2)


def test_shares_of_strangers_have_newcombes_limits():
    table = people(np.random.default_rng(4), overlap=0.0)
    _values, limits = asked(table, lambda rows: Share(rows, FLAG))
    counts = table.groupby("period")["flag"].agg(["sum", "size"])
    (k0, n0), (k1, n1) = counts.to_numpy(float)
    low, high = intervals.newcombe(k1, n1, k0, n0)
    # Their linearised variance is a little under Wilson's, so that nothing widens them.
    assert limits[()] == pytest.approx((float(low), float(high)), rel=1e-9)


def test_the_same_customers_make_the_limits_narrower():
    rng = np.random.default_rng(5)
    apart, same = people(rng, overlap=0.0), people(rng, overlap=1.0)
    for name in ("share", "mean", "total", "net"):
        (low, high), (close, far) = (asked(one, KINDS[name])[1][()] for one in (apart, same))
        assert far - close < 0.95 * (high - low), name


def test_a_paired_total_moves_by_the_sum_of_squares_of_each_customers_change():
    table = people(np.random.default_rng(6), overlap=1.0)
    _values, limits = asked(table, lambda rows: Total(rows, X))
    wide = table.pivot(index="customer_id", columns="period", values="x")
    paired = ((wide[1] - wide[0]) ** 2).sum()
    squares, largest = (wide**2).to_numpy().sum(), (wide**2).to_numpy().max()
    wider = np.sqrt((paired + largest) / (squares + largest))
    reach = 1.959964 * np.sqrt(squares) * wider
    change = (wide[1] - wide[0]).sum()
    assert limits[()] == pytest.approx((change - reach, change + reach), rel=1e-6)


def test_where_nobody_changed_the_limits_keep_a_width():
    table = people(np.random.default_rng(7), overlap=1.0)
    later = table[table["period"] == 0].assign(period=1)
    both = pd.concat([table[table["period"] == 0], later])
    _values, limits = asked(both, lambda rows: Share(rows, FLAG))
    low, high = limits[()]
    assert low < 0 < high and high - low < 0.02


def test_rows_that_are_alike_widen_an_interval_that_takes_them_as_independent():
    table = people(np.random.default_rng(8), overlap=0.0)
    repeated = pd.concat([table] * 4, ignore_index=True)
    (low, high), (close, far) = (
        asked(one, lambda rows: Share(rows, FLAG))[1][()] for one in (table, repeated)
    )
    assert far - close == pytest.approx(high - low, rel=0.03)


def test_rows_of_nobody_are_taken_as_strangers():
    table = people(np.random.default_rng(9), overlap=1.0).drop(columns="customer_id")
    values, limits = asked(table, lambda rows: Share(rows, FLAG))
    before, after = (values.loc[[(place,)], ["value", "low", "high"]].iloc[0] for place in (0, 1))
    assert limits[()] == pytest.approx(between(tuple(before), tuple(after)))


def test_what_is_known_and_not_estimated_has_a_difference_without_limits():
    table = people(np.random.default_rng(10), overlap=0.5)
    for kind in (
        lambda rows: Known(rows, X),
        lambda rows: Census(rows, nw.col("k"), Y),
    ):
        assert asked(table, kind)[1] == {}


def test_each_part_has_limits_of_its_own():
    table = people(np.random.default_rng(11), overlap=0.5)
    table["part"] = np.where(table["customer_id"] % 3 == 0, "a", "b")
    mix = asked(table, lambda rows: Mix(rows, nw.col("part"), ("a", "b")))[1]
    alone = asked(table, lambda rows: Share(rows, nw.col("part") == "a"))[1]
    assert mix[("a",)] == pytest.approx(alone[()])
    by_part = asked(table, lambda rows: ByPart(Mean(rows, X), "part"))[1]
    only_a = asked(table[table["part"] == "a"], lambda rows: Mean(rows, X))[1]
    assert by_part[("a",)] == pytest.approx(only_a[()])
    parts = asked(
        table, lambda rows: Parts({"m": Mean(rows, X), "s": Share(rows, FLAG), "t": Total(rows, X)})
    )[1]
    for name, kind in (("m", "mean"), ("t", "total")):
        assert parts[(name,)] == pytest.approx(asked(table, KINDS[kind])[1][()])


def test_waits_are_taken_as_independent():
    table = people(np.random.default_rng(12), overlap=1.0)
    wait = lambda rows: Wait(rows, lasted=X.round(1), ended=FLAG | (Y > 1.2))  # noqa: E731
    values, limits = asked(table, wait)
    before, after = (values.loc[[(place,)], ["value", "low", "high"]].iloc[0] for place in (0, 1))
    assert limits[()] == pytest.approx(between(tuple(before), tuple(after)))


def test_a_group_of_one_period_only_has_no_difference():
    table = people(np.random.default_rng(13), overlap=0.0)
    table["part"] = np.where(table["period"] == 1, "new", "old")
    assert asked(table, lambda rows: ByPart(Mean(rows, X), "part"))[1] == {}


def test_a_spread_of_nothing_pairs_nothing():
    assert Spread(0.0, 0.0, 0.0, 0.0).pairing == 1.0
    assert Spread(2.0, 2.0, 2.0, 0.0).pairing == 0.0
    assert Spread(2.0, 2.0, -1.0, 0.0).pairing == 1.5
