"""Samples whose truth is known, for each kind of interval: what `interval_coverage.py` counts.

A case draws many samples at once, told apart by `period`, and names the statistic and the truth:
one number for all samples, one for each, or a function of the statistic's own table where what is
estimated depends on the sample (a mean within the longest time observed).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.duck import DuckEngine
from kpilib.statistics import (
    Count,
    DiscountedProfit,
    Duration,
    Known,
    Mean,
    Mix,
    Net,
    Quotient,
    Raked,
    Rate,
    Ratio,
    Share,
    SimpleValue,
    Statistic,
    Total,
    Wait,
)
from kpilib.statistics.composite import Composite
from kpilib.statistics.evaluate import evaluate

col = nw.col
CASES: dict[str, Callable[["Lot"], "Case"]] = {}


@dataclass(frozen=True)
class Case:
    """A statistic of many samples, what is true of them, and which limits are meant."""

    statistic: Statistic
    truth: Any
    limits: tuple[str, str] = ("low", "high")


@dataclass(frozen=True)
class Lot:
    """So many samples, their chance, and the engine that holds them."""

    rng: np.random.Generator
    samples: int
    engine: DuckEngine

    def frame(self, many: Any, **columns: Callable[[int], Any]) -> nw.LazyFrame:
        """`many` rows in each sample (a number or one for each), with columns drawn for all."""
        many = np.broadcast_to(many, self.samples)
        n = int(many.sum())
        made = {name: draw(n) for name, draw in columns.items()}
        return self.table(np.repeat(np.arange(self.samples), many), **made)

    def table(self, period: np.ndarray, **columns: Any) -> nw.LazyFrame:
        """Rows that are there."""
        return self.engine.frame(pd.DataFrame({"period": period, **columns}))


def case(name: str) -> Callable:
    """Declare a case under what the interval is called."""

    def register(function: Callable[[Lot], Case]) -> Callable[[Lot], Case]:
        CASES[name] = function
        return function

    return register


def covered(name: str, samples: int, seed: int = 1) -> float:
    """The share of samples whose limits hold the truth; those without limits do not."""
    lot = Lot(np.random.default_rng([seed, *name.encode()]), samples, DuckEngine())
    made = CASES[name](lot)
    table = evaluate(lot.engine, {"x": made.statistic})["x"]
    place = np.array([key[0] for key in table.index])
    truth = made.truth(table) if callable(made.truth) else made.truth
    if np.ndim(truth) and len(truth) == samples and not callable(made.truth):
        truth = np.asarray(truth)[place]
    low, high = (table[name].to_numpy(float) for name in made.limits)
    high = np.where(np.isnan(high) & ~np.isnan(low), np.inf, high)  # a curve not fallen so far
    held = (low <= truth) & (truth <= high)
    if "part" in table.columns:  # limits of all parts together
        return float(pd.Series(held).groupby(place).all().mean())
    return float(held.sum() / samples)


@case("share (Wilson)")
def _share(lot: Lot) -> Case:
    rows = lot.frame(150, hit=lambda n: lot.rng.random(n) < 0.2)
    return Case(Share(rows, col("hit")), 0.2)


@case("count (Garwood)")
def _count(lot: Lot) -> Case:
    return Case(Count(lot.frame(lot.rng.poisson(60, lot.samples))), 60)


@case("rate (Garwood)")
def _rate(lot: Lot) -> Case:
    def drawn(n: int) -> dict[str, np.ndarray]:
        days = lot.rng.integers(5, 31, n)
        return {"days": days, "events": lot.rng.poisson(0.03 * days)}

    made = drawn(120 * lot.samples)
    rows = lot.table(np.repeat(np.arange(lot.samples), 120), **made)
    return Case(Rate(rows, col("events"), col("days")), 0.03)


@case("total by customer (compound Poisson)")
def _total(lot: Lot) -> Case:
    customers = lot.rng.poisson(200, lot.samples)
    each = 1 + lot.rng.poisson(1.0, customers.sum())
    owner = np.repeat(np.arange(customers.sum()), each)
    period = np.repeat(np.arange(lot.samples), customers)[owner]
    size = lot.rng.gamma(4, 1, customers.sum())[owner]  # one customer's orders are alike
    amount = size * lot.rng.gamma(4, 2.5, len(owner))
    rows = lot.table(period, customer_id=owner, amount=amount)
    return Case(Total(rows, col("amount")), 200 * 2 * 40)


@case("total of events (compound Poisson)")
def _events(lot: Lot) -> Case:
    rows = lot.frame(lot.rng.poisson(200, lot.samples), amount=lambda n: lot.rng.gamma(2, 20, n))
    return Case(Total(rows, col("amount"), cluster=None), 200 * 40)


@case("mean (Student)")
def _mean(lot: Lot) -> Case:
    return Case(Mean(lot.frame(150, x=lambda n: lot.rng.gamma(2, 10, n)), col("x")), 20)


@case("mean by customer (linearised)")
def _clustered(lot: Lot) -> Case:
    each = 1 + lot.rng.poisson(1.0, 120 * lot.samples)
    owner = np.repeat(np.arange(len(each)), each)
    x = lot.rng.normal(5, 1.5, len(each))[owner] + lot.rng.normal(0, 1, len(owner))
    rows = lot.table(owner // 120, customer_id=owner, x=x)
    return Case(Mean(rows, col("x"), cluster="customer_id"), 5)


@case("mean of a part of few people (Student, finite)")
def _finite(lot: Lot) -> Case:
    people = lot.rng.integers(1, 6, (lot.samples, 200)).astype(float)
    rows = lot.table(np.repeat(np.arange(lot.samples), 80), x=people[:, :80].ravel())
    population = Count(lot.frame(200))
    return Case(Mean(rows, col("x"), population=population), people.mean(axis=1))


@case("ratio (linearised)")
def _ratio(lot: Lot) -> Case:
    days = lot.rng.integers(5, 31, 150 * lot.samples)
    rate = lot.rng.gamma(2, 0.05, len(days))
    rows = lot.table(
        np.arange(len(days)) // 150,
        customer_id=np.arange(len(days)),
        x=lot.rng.poisson(rate * days),
        y=days,
    )
    return Case(Ratio(rows, col("x"), col("y")), 0.1)


@case("ratio on the log scale")
def _log_ratio(lot: Lot) -> Case:
    plain = _ratio(lot).statistic
    return Case(Ratio(plain.rows, col("x"), col("y"), positive=True), 0.1)


@case("ratio of counts (Wilson)")
def _counts(lot: Lot) -> Case:
    closing = lot.rng.random(200 * lot.samples) < 0.8
    new = closing & (lot.rng.random(len(closing)) < 0.25)
    rows = lot.table(
        np.arange(len(new)) // 200,
        customer_id=np.arange(len(new)),
        x=new.astype(int),
        y=closing.astype(int),
    )
    return Case(Ratio(rows, col("x"), col("y"), counts=True), 0.25)


@case("share of a total (weighted Wilson)")
def _weighted(lot: Lot) -> Case:
    y = lot.rng.gamma(2, 20, 200 * lot.samples)
    x = np.where(lot.rng.random(len(y)) < 0.7, y, 0.0)
    rows = lot.table(np.arange(len(y)) // 200, customer_id=np.arange(len(y)), x=x, y=y)
    return Case(Ratio(rows, col("x"), col("y"), weighted=True), 0.7)


@case("net of plus and minus (adjusted Wald)")
def _net(lot: Lot) -> Case:
    rows = lot.frame(150, u=lambda n: lot.rng.random(n))
    return Case(Net(rows, plus=col("u") < 0.45, minus=col("u") > 0.8), 25)


@case("shares of a mix, all at once (Goodman)")
def _mix(lot: Lot) -> Case:
    names = np.array(["a", "b", "c"])
    rows = lot.frame(200, part=lambda n: names[lot.rng.choice(3, n, p=[0.5, 0.3, 0.2])])
    truth = {"a": 0.5, "b": 0.3, "c": 0.2}
    return Case(
        Mix(rows, col("part"), ("a", "b", "c")),
        lambda table: table["part"].map(truth).to_numpy(float),
    )


def _lives(lot: Lot, customers: int, longest: int = 700) -> dict[str, np.ndarray]:
    """Days lived of a life of 200 on average, each seen for 30 to 700."""
    n = customers * lot.samples
    life, seen = lot.rng.exponential(200, n), lot.rng.uniform(30, longest, n)
    return {"lasted": np.minimum(life, seen), "ended": life <= seen}


def _mean_within(table: pd.DataFrame) -> np.ndarray:
    return 200 * -np.expm1(-table["horizon"].to_numpy(float) / 200)


@case("mean duration (Kaplan–Meier)")
def _duration(lot: Lot) -> Case:
    rows = lot.table(np.repeat(np.arange(lot.samples), 150), **_lives(lot, 150))
    return Case(Duration(rows, col("lasted"), col("ended")), _mean_within)


@case("median duration (log-log)")
def _median(lot: Lot) -> Case:
    made = _duration(lot).statistic
    return Case(made, 200 * np.log(2), ("median_low", "median_high"))


@case("median wait (log-log)")
def _wait(lot: Lot) -> Case:
    rows = lot.table(np.repeat(np.arange(lot.samples), 150), **_lives(lot, 150))
    return Case(Wait(rows, col("lasted"), col("ended")), 200 * np.log(2))


@case("90th percentile of a wait (log-log)")
def _p90(lot: Lot) -> Case:
    rows = lot.table(np.repeat(np.arange(lot.samples), 150), **_lives(lot, 150, longest=1400))
    truth = 200 * np.log(10)
    return Case(Wait(rows, col("lasted"), col("ended")), truth, ("p90_low", "p90_high"))


@case("money over a known spend")
def _over_known(lot: Lot) -> Case:
    money = _total(lot).statistic
    spent = Known(lot.frame(1, amount=lambda n: np.full(n, 4000.0)), col("amount"))
    return Case(Quotient(money, spent), 4)


@case("known spend over a count")
def _over_count(lot: Lot) -> Case:
    spent = Known(lot.frame(1, amount=lambda n: np.full(n, 6000.0)), col("amount"))
    return Case(Quotient(spent, _count(lot).statistic), 100)


@case("money over a count")
def _both_vary(lot: Lot) -> Case:
    return Case(Quotient(_events(lot).statistic, _count(lot).statistic), 8000 / 60)


@case("weighted mean of shares (composite)")
def _composite(lot: Lot) -> Case:
    n = 200 * lot.samples
    good = lot.rng.random(n) < 0.5
    bought = lot.rng.random(n) < np.where(good, 0.6, 0.2)
    asked = lot.rng.random(n) < 0.4
    said = asked * np.clip(lot.rng.normal(np.where(good, 0.8, 0.5), 0.1), 0, 1)
    rows = lot.table(
        np.arange(n) // 200,
        x_a=bought.astype(float),
        y_a=1.0,
        x_b=said,
        y_b=asked.astype(float),
    )
    truth = 100 * (2 * 0.4 + 0.65) / 3
    return Case(Composite(rows, {"a": 2.0, "b": 1.0}), truth)


@case("mean weighted to those asked (raked)")
def _raked(lot: Lot) -> Case:
    cells = np.array(["a", "b"])
    asked = lot.table(
        np.repeat(np.arange(lot.samples), 1000), cell=np.tile(np.repeat(cells, 500), lot.samples)
    )
    cell = np.tile(np.repeat(cells, [120, 60]), lot.samples)
    x = lot.rng.normal(np.where(cell == "a", 4.5, 5.5), 1.5)
    rows = lot.table(np.repeat(np.arange(lot.samples), 180), cell=cell, x=x)
    return Case(Raked(rows, col("x"), asked=asked), 5)


def _valued(lot: Lot, customers: int) -> dict[str, np.ndarray]:
    n = customers * lot.samples
    exposure = lot.rng.uniform(30, 365, n)
    purchases = lot.rng.poisson(lot.rng.gamma(4, 0.005, n) * exposure)
    amount = purchases * lot.rng.gamma(8, 5, n)
    return {
        "customer_id": np.arange(n),
        "exposure": exposure,
        "purchases": purchases,
        "amount": amount,
    }


@case("value × frequency × lifetime (delta)")
def _simple(lot: Lot) -> Case:
    place = np.repeat(np.arange(lot.samples), 200)
    rows = lot.table(place, **_valued(lot, 200))
    life = Duration(lot.table(place, **_lives(lot, 200)), col("lasted"), col("ended"))
    statistic = SimpleValue(
        rows, col("amount"), col("purchases"), col("purchases"), col("exposure"), life
    )
    return Case(statistic, lambda table: 40 * 0.02 * _mean_within(table))


@case("discounted profit (delta)")
def _discounted(lot: Lot) -> Case:
    place = np.repeat(np.arange(lot.samples), 200)
    rows = lot.table(place, **_valued(lot, 200))
    life = Duration(lot.table(place, **_lives(lot, 200)), col("lasted"), col("ended"))
    statistic = DiscountedProfit(rows, col("amount"), col("exposure"), life, 0.1, 365.0)
    both = 1 / 200 + np.log1p(0.1) / 365.25  # a day counts for survival and discount together
    return Case(
        statistic,
        lambda table: 40 * 0.02 * -np.expm1(-both * table["horizon"].to_numpy(float)) / both,
    )
