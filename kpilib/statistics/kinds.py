"""The kinds of statistic a KPI can be: each names its rows and what is counted in them.

A kind does for every KPI what does not depend on the KPI: the value, the interval that suits it,
the breakdown, the numbers put into the formula. `aggregate` gives what must be summed in the
engine; `estimate` turns the small table of sums that comes back into numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import count_where
from kpilib.statistics import intervals
from kpilib.words import Text

COLUMNS = ("value", "low", "high", "numerator", "denominator", "n")
NOBODY = Text(
    en="no customers at risk", vi="không có khách hàng nào trong diện tính", zh="没有可计算的客户"
)


@dataclass(frozen=True, eq=False)
class Statistic:
    """What every kind shares. `rows` holds a `period` index and, as a rule, `customer_id`."""

    kind: ClassVar[str] = ""
    has_parts: ClassVar[bool] = False
    rows: nw.LazyFrame
    undefined: Text = field(default=NOBODY, kw_only=True)
    notes: tuple[Text, ...] = field(default=(), kw_only=True)

    def listing(self) -> nw.LazyFrame:
        """The rows behind the number."""
        return self.rows

    def sources(self) -> "tuple[Source, ...]":
        """The frames this statistic sums, each with what is summed in it."""
        raise TypeError(f"{type(self).__name__} sums nothing")

    def estimate(self, *sums: pd.DataFrame) -> pd.DataFrame:
        """`COLUMNS`, and columns of further detail, from the sums of each source.

        One row per group, on the index of the sums; a kind with several parts gives several rows
        per group, told apart by a column `part`.
        """
        raise TypeError(f"{type(self).__name__} estimates nothing")


@dataclass(frozen=True, eq=False)
class Source:
    """A frame and the sums asked of it, per group.

    With `by_customer`, each customer is summed first (as `x`, and `y` where given), and what comes
    back are `x`, `y`, `xx`, `xy`, `yy` over the customers, and how many `customers` there were.
    With `per`, the column of that name is one more key, and what comes back are arrays, one
    element per value of it.
    """

    rows: nw.LazyFrame
    sums: Mapping[str, nw.Expr]
    by_customer: bool = False
    per: str | None = None


def _table(sums: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    numbers = {name: np.asarray(values, float) for name, values in columns.items()}
    return pd.DataFrame(numbers, index=sums.index)


def _divide(over: Any, under: Any) -> np.ndarray:
    over, under = np.asarray(over, float), np.asarray(under, float)
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def log_limits(value: Any, low: Any, high: Any) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric limits of a positive number moved to the log scale, where they stay positive.

    The delta method once more: a spread of s around v is a spread of s / v around log v.
    """
    value = np.where(np.asarray(value, float) > 0, value, np.nan)
    spread = (np.asarray(high, float) - np.asarray(low, float)) / 2 / value
    return value * np.exp(-spread), value * np.exp(spread)


@dataclass(frozen=True, eq=False)
class Share(Statistic):
    """The part of the rows `among` for which `where` holds; Wilson's interval.

    A null condition counts as not met. Without `among`, all rows are the base.
    """

    where: nw.Expr
    among: nw.Expr | None = None
    kind: ClassVar[str] = "share"

    def listing(self) -> nw.LazyFrame:
        """The base of the share, with `counted` telling which rows meet the condition."""
        base = self.rows if self.among is None else self.rows.filter(self.among)
        return base.with_columns(counted=self.where)

    def sources(self) -> tuple[Source, ...]:
        """Two counts."""
        if self.among is None:
            return (Source(self.rows, {"k": count_where(self.where), "n": nw.len()}),)
        met = count_where(self.where & self.among)
        return (Source(self.rows, {"k": met, "n": count_where(self.among)}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """k of n."""
        (sums,) = tables
        low, high = intervals.wilson(sums["k"], sums["n"])
        return _table(
            sums,
            value=_divide(sums["k"], sums["n"]),
            low=low,
            high=high,
            numerator=sums["k"],
            denominator=sums["n"],
            n=sums["n"],
        )


@dataclass(frozen=True, eq=False)
class Count(Statistic):
    """How many rows meet `where`; the exact Poisson interval of the process behind the count."""

    where: nw.Expr | None = None
    kind: ClassVar[str] = "count"

    def listing(self) -> nw.LazyFrame:
        """The rows counted."""
        return self.rows if self.where is None else self.rows.filter(self.where)

    def sources(self) -> tuple[Source, ...]:
        """One count."""
        count = nw.len() if self.where is None else count_where(self.where)
        return (Source(self.rows, {"k": count}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The count itself; a count of nothing is 0, not undefined."""
        (sums,) = tables
        low, high = intervals.poisson(sums["k"], np.ones(len(sums)))
        none = np.full(len(sums), np.nan)
        count = sums["k"]
        return _table(
            sums, value=count, low=low, high=high, numerator=count, denominator=none, n=count
        )


@dataclass(frozen=True, eq=False)
class Total(Statistic):
    """The total of `of` over the rows; the interval is that of a compound Poisson total."""

    of: nw.Expr
    kind: ClassVar[str] = "total"

    def sources(self) -> tuple[Source, ...]:
        """Each customer's total, then the totals and their squares."""
        return (Source(self.rows, {"x": self.of.sum()}, by_customer=True),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The total over all customers."""
        (sums,) = tables
        low, high = intervals.compound_total(sums["x"], sums["xx"])
        none = np.full(len(sums), np.nan)
        return _table(
            sums,
            value=sums["x"],
            low=low,
            high=high,
            numerator=sums["x"],
            denominator=none,
            n=sums["customers"],
        )


@dataclass(frozen=True, eq=False)
class Mean(Statistic):
    """The mean of `of` over rows of which each customer has one; Student's interval.

    Where customers have several rows, use `Ratio` of the total and the count of rows: its interval
    knows that one customer's rows are alike.
    """

    of: nw.Expr
    kind: ClassVar[str] = "mean"

    def sources(self) -> tuple[Source, ...]:
        """Count, total and total of squares."""
        known = ~self.of.is_null()
        return (
            Source(
                self.rows,
                {
                    "n": count_where(known),
                    "x": nw.when(known).then(self.of).otherwise(nw.lit(0.0)).sum(),
                    "xx": nw.when(known).then(self.of * self.of).otherwise(nw.lit(0.0)).sum(),
                },
            ),
        )

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The mean of the rows where `of` is known."""
        (sums,) = tables
        low, high = intervals.student(sums["n"], sums["x"], sums["xx"])
        return _table(
            sums,
            value=_divide(sums["x"], sums["n"]),
            low=low,
            high=high,
            numerator=sums["x"],
            denominator=sums["n"],
            n=sums["n"],
        )


@dataclass(frozen=True, eq=False)
class Ratio(Statistic):
    """One total over another total of the same rows, linearised by customer.

    `over` and `under` are expressions over `rows`. With `counts=True` both are counts of customers
    and the ratio is read as a share: Wilson's interval while it lies between 0 and 1, the
    linearised one beyond. With `positive=True` the limits are taken on the log scale, where they
    cannot pass 0. `scale` turns the ratio into the unit asked for (365.25 for per year).
    """

    over: nw.Expr
    under: nw.Expr
    counts: bool = False
    positive: bool = False
    scale: float = 1.0
    kind: ClassVar[str] = "ratio"

    def sources(self) -> tuple[Source, ...]:
        """Each customer's two totals, then their sums, squares and product."""
        return (Source(self.rows, {"x": self.over.sum(), "y": self.under.sum()}, by_customer=True),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The ratio of the totals."""
        (sums,) = tables
        x, y, customers = sums["x"], sums["y"], sums["customers"]
        low, high = intervals.ratio_delta(x, y, sums["xx"], sums["xy"], sums["yy"], customers)
        if self.counts:
            as_share = ((x >= 0) & (x <= y)).to_numpy()
            low_share, high_share = intervals.wilson(x.where(as_share, 0), y)
            low = np.where(as_share, low_share, low)
            high = np.where(as_share, high_share, high)
        value = _divide(x, y)
        if self.positive:
            low, high = log_limits(value, low, high)
        return _table(
            sums,
            value=value * self.scale,
            low=low * self.scale,
            high=high * self.scale,
            numerator=x,
            denominator=y,
            n=y if self.counts else customers,
        )


@dataclass(frozen=True, eq=False)
class Rate(Statistic):
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
        sums = {"k": self.events.sum(), "exposure": self.exposure.sum(), "n": nw.len()}
        return (Source(self.rows, sums),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """Events over exposure."""
        (sums,) = tables
        low, high = intervals.poisson(sums["k"], sums["exposure"])
        return _table(
            sums,
            value=_divide(sums["k"], sums["exposure"]) * self.scale,
            low=low * self.scale,
            high=high * self.scale,
            numerator=sums["k"],
            denominator=sums["exposure"],
            n=sums["n"],
        )


@dataclass(frozen=True, eq=False)
class Net(Statistic):
    """The share of rows that meet `plus` less the share that meet `minus`, in points (−100…100).

    The adjusted Wald interval of a difference of two multinomial shares.
    """

    plus: nw.Expr
    minus: nw.Expr
    kind: ClassVar[str] = "net"

    def sources(self) -> tuple[Source, ...]:
        """Three counts."""
        sums = {"plus": count_where(self.plus), "minus": count_where(self.minus), "n": nw.len()}
        return (Source(self.rows, sums),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The difference in points."""
        (sums,) = tables
        low, high = intervals.adjusted_wald_net(sums["plus"], sums["minus"], sums["n"])
        net = sums["plus"] - sums["minus"]
        return _table(
            sums,
            value=100 * _divide(net, sums["n"]),
            low=100 * low,
            high=100 * high,
            numerator=net,
            denominator=sums["n"],
            n=sums["n"],
        )
