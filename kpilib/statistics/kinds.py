"""The kinds of statistic a KPI can be: each names its rows and what is counted in them.

A kind does for every KPI what does not depend on the KPI: the value, the interval that suits it,
the breakdown, the numbers put into the formula. `sources` gives what must be summed in the
engine; `estimate` turns the small table of sums that comes back into numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where, value_where
from kpilib.statistics import intervals
from kpilib.statistics.statistic import (
    OfRows,
    Slopes,
    Source,
    columns_of,
    divide,
    each_row,
    log_limits,
    squares,
)

CUSTOMER = "customer_id"
"""The usual cluster: one customer's rows are alike."""


@dataclass(frozen=True, eq=False)
class Share(OfRows):
    """The part of the rows `among` for which `where` holds; Wilson's interval.

    Without `among`, all rows are the base; a row whose condition is missing is not in it.
    """

    where: nw.Expr
    among: nw.Expr | None = None
    kind: ClassVar[str] = "share"

    def listing(self) -> nw.LazyFrame:
        """The base of the share, with `counted` telling which rows meet the condition."""
        base = self.rows if self.among is None else self.rows.filter(self.among)
        return base.filter(known(self.where)).with_columns(counted=self.where)

    def sources(self) -> tuple[Source, ...]:
        """Two counts."""
        among = known(self.where) if self.among is None else known(self.where) & self.among
        met = self.where if self.among is None else self.where & self.among
        return (Source(self.rows, {"k": one_where(met), "n": one_where(among)}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """k of n."""
        (sums,) = tables
        low, high = intervals.wilson(sums["k"], sums["n"])
        return columns_of(
            sums,
            value=divide(sums["k"], sums["n"]),
            low=low,
            high=high,
            numerator=sums["k"],
            denominator=sums["n"],
            n=sums["n"],
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1/n for a row that counts, −k/n² for one of the base."""
        (own,) = sums
        k, n = own["k"], own["n"]
        return {None: ({"k": divide(1.0, n), "n": -divide(k, n**2)},)}


@dataclass(frozen=True, eq=False)
class Count(OfRows):
    """How many rows meet `where`; the exact Poisson interval of the process behind the count.

    With `weight` a row counts for so much, where one thing is shared out over several rows.
    """

    where: nw.Expr | None = None
    weight: nw.Expr | None = None
    kind: ClassVar[str] = "count"

    def listing(self) -> nw.LazyFrame:
        """The rows counted."""
        return self.rows if self.where is None else self.rows.filter(self.where)

    def sources(self) -> tuple[Source, ...]:
        """One count."""
        if self.weight is not None:
            here = known(self.weight) if self.where is None else self.where & known(self.weight)
            return (Source(self.rows, {"k": value_where(self.weight, here)}),)
        count = each_row() if self.where is None else one_where(self.where)
        return (Source(self.rows, {"k": count}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The count itself; a count of nothing is 0, not undefined."""
        (sums,) = tables
        low, high = intervals.poisson(sums["k"], np.ones(len(sums)))
        none, count = np.full(len(sums), np.nan), sums["k"]
        return columns_of(
            sums, value=count, low=low, high=high, numerator=count, denominator=none, n=count
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1 for each."""
        return {None: ({"k": np.ones(len(sums[0]))},)}


@dataclass(frozen=True, eq=False)
class Total(OfRows):
    """The total of `of` over the rows; the interval is that of a compound Poisson total.

    `cluster` names the column whose values come and go as one: the customer, or None where every
    row is an event by itself.
    """

    of: nw.Expr
    cluster: str | None = CUSTOMER
    kind: ClassVar[str] = "total"

    def sources(self) -> tuple[Source, ...]:
        """Each cluster's total, then the totals and their squares."""
        if self.cluster:
            return (Source(self.rows, {"x": value_where(self.of, known(self.of))}, self.cluster),)
        squares = value_where(self.of * self.of, known(self.of))
        total, count = value_where(self.of, known(self.of)), one_where(known(self.of))
        return (Source(self.rows, {"x": total, "xx": squares, "clusters": count}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The total over all rows."""
        (sums,) = tables
        low, high = intervals.compound_total(sums["x"], sums["xx"])
        none = np.full(len(sums), np.nan)
        total, n = sums["x"], sums["clusters"]
        return columns_of(
            sums, value=total, low=low, high=high, numerator=total, denominator=none, n=n
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1 for each unit."""
        return {None: ({"x": np.ones(len(sums[0]))},)}


@dataclass(frozen=True, eq=False)
class Mean(OfRows):
    """The mean of `of` over the rows; Student's interval.

    Where a customer may have several rows, `cluster` names the column that tells whose they are:
    the interval is then linearised by cluster and knows that one customer's rows are alike. With
    `population`, the count of those who could have answered, the variance gets the finite
    population correction where more than `intervals.SAMPLED` of them did (Cochran, *Sampling
    Techniques*, 1977, section 2.6).
    """

    of: nw.Expr
    cluster: str | None = None
    population: "Count | None" = None
    kind: ClassVar[str] = "mean"

    def sources(self) -> tuple[Source, ...]:
        """Count, total and squares, by cluster where there is one; the population."""
        seen = known(self.of)
        n, x = one_where(seen), value_where(self.of, seen)
        terms = {"x": x, "y": n}
        if not self.cluster:
            terms["xx"] = value_where(self.of * self.of, seen)
        own = Source(self.rows, terms, self.cluster)
        return (own, *(self.population.sources() if self.population else ()))

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The mean of the rows where `of` is known."""
        sums, n = tables[0], tables[0]["y"]
        if self.cluster:
            low, high = clustered_limits(sums)
        else:
            low, high = intervals.student(n, sums["x"], sums["xx"])
        value = divide(sums["x"], n)
        if self.population is not None:
            shrink = intervals.finite_population(n.to_numpy(float), tables[1]["k"].to_numpy(float))
            low, high = value - (value - low) * shrink, value + (high - value) * shrink
        return columns_of(
            sums, value=value, low=low, high=high, numerator=sums["x"], denominator=n, n=n
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1/n, and −mean/n; the size of the population moves nothing."""
        x, n = sums[0]["x"], sums[0]["y"]
        return {None: ({"x": divide(1.0, n), "y": -divide(x, n**2)}, *({} for _ in sums[1:]))}


def clustered_limits(
    sums: pd.DataFrame, limits: Callable[..., intervals.Limits] = intervals.ratio_delta
) -> intervals.Limits:
    """The linearised limits of x over y, from the sums of a source with clusters."""
    x, y, xx, xy, yy, clusters = (
        sums[name].to_numpy(float) for name in ("x", "y", "xx", "xy", "yy", "clusters")
    )
    return limits(x, y, xx, xy, yy, clusters)


@dataclass(frozen=True, eq=False)
class Ratio(OfRows):
    """One total over another total of the same rows, linearised by cluster.

    `over` and `under` are expressions over `rows`; a cluster with nothing in either says nothing of
    their ratio and is not counted. With `counts=True` both are counts of customers and the ratio is
    read as a share: Wilson's interval while it lies between 0 and 1, the linearised one beyond.
    With `weighted=True` it is the share of a total, each cluster's part between 0 and its whole.
    With `positive=True` the limits are taken on the log scale, where they cannot pass 0. `scale`
    turns the ratio into the unit asked for (365.25 for per year). `single`: one row a cluster.
    """

    over: nw.Expr
    under: nw.Expr
    counts: bool = False
    positive: bool = False
    weighted: bool = False
    scale: float = 1.0
    cluster: str = CUSTOMER
    single: bool = False
    kind: ClassVar[str] = "ratio"

    def sources(self) -> tuple[Source, ...]:
        """Each cluster's two totals, then their sums, squares and product."""
        seen = known(self.over) & known(self.under)
        totals = {"x": value_where(self.over, seen), "y": value_where(self.under, seen)}
        terms = squares(self.over, self.under, seen) if self.single else totals
        return (Source(self.rows, terms, self.cluster, single=self.single),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The ratio of the totals."""
        (sums,) = tables
        x, y = sums["x"], sums["y"]
        low, high = clustered_limits(
            sums, intervals.weighted_share if self.weighted else intervals.ratio_delta
        )
        if self.counts:
            as_share = ((x >= 0) & (x <= y)).to_numpy()
            low_share, high_share = intervals.wilson(x.where(as_share, 0), y)
            low = np.where(as_share, low_share, low)
            high = np.where(as_share, high_share, high)
        value = divide(x, y)
        if self.positive:
            low, high = log_limits(value, low, high)
        return columns_of(
            sums,
            value=value * self.scale,
            low=low * self.scale,
            high=high * self.scale,
            numerator=x,
            denominator=y,
            n=y if self.counts else sums["clusters"],
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1/y, and −x/y²."""
        x, y = sums[0]["x"], sums[0]["y"]
        return {None: ({"x": divide(self.scale, y), "y": -self.scale * divide(x, y**2)},)}


@dataclass(frozen=True, eq=False)
class Rate(OfRows):
    """Events per exposure over the rows; the exact Poisson interval.

    Where one customer's events are alike and their variety matters, use `Ratio`, whose interval
    widens with it.
    """

    events: nw.Expr
    exposure: nw.Expr
    scale: float = 1.0
    kind: ClassVar[str] = "rate"

    def sources(self) -> tuple[Source, ...]:
        """Two totals."""
        seen = known(self.events) & known(self.exposure)
        k, exposure = value_where(self.events, seen), value_where(self.exposure, seen)
        return (Source(self.rows, {"k": k, "exposure": exposure, "n": one_where(seen)}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """Events over exposure."""
        (sums,) = tables
        low, high = intervals.poisson(sums["k"], sums["exposure"])
        return columns_of(
            sums,
            value=divide(sums["k"], sums["exposure"]) * self.scale,
            low=low * self.scale,
            high=high * self.scale,
            numerator=sums["k"],
            denominator=sums["exposure"],
            n=sums["n"],
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1/exposure, and −events/exposure²."""
        k, exposure = sums[0]["k"], sums[0]["exposure"]
        by_exposure = -self.scale * divide(k, exposure**2)
        return {None: ({"k": divide(self.scale, exposure), "exposure": by_exposure},)}


@dataclass(frozen=True, eq=False)
class Net(OfRows):
    """The share of rows that meet `plus` less the share that meet `minus`, in points (−100…100).

    A row that says neither yes nor no to both is no answer. The adjusted Wald interval of a
    difference of two multinomial shares.
    """

    plus: nw.Expr
    minus: nw.Expr
    kind: ClassVar[str] = "net"
    scale: ClassVar[float] = 100.0

    def sources(self) -> tuple[Source, ...]:
        """Three counts."""
        seen = known(self.plus) & known(self.minus)
        plus, minus = one_where(self.plus & seen), one_where(self.minus & seen)
        return (Source(self.rows, {"plus": plus, "minus": minus, "n": one_where(seen)}),)

    def listing(self) -> nw.LazyFrame:
        """The answers, with `counted` 1 for those in favour, -1 for those against, else 0."""
        against = nw.when(self.minus).then(nw.lit(-1)).otherwise(nw.lit(0))
        side = nw.when(self.plus).then(nw.lit(1)).otherwise(against)
        return self.rows.filter(known(self.plus) & known(self.minus)).with_columns(counted=side)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The difference in points."""
        (sums,) = tables
        low, high = intervals.adjusted_wald_net(sums["plus"], sums["minus"], sums["n"])
        net = sums["plus"] - sums["minus"]
        return columns_of(
            sums,
            value=self.scale * divide(net, sums["n"]),
            low=self.scale * low,
            high=self.scale * high,
            numerator=net,
            denominator=sums["n"],
            n=sums["n"],
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """1/n for each in favour, −1/n for each against, −net/n for each answer."""
        (own,) = sums
        each, net = divide(self.scale, own["n"]), own["plus"] - own["minus"]
        by_n = -self.scale * divide(net, own["n"] ** 2)
        return {None: ({"plus": each, "minus": -each, "n": by_n},)}
