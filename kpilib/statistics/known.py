"""What is known and not estimated: totals that were booked, tables that were looked at whole."""

from dataclasses import dataclass
from typing import ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where, value_where
from kpilib.statistics.statistic import OfRows, Slopes, Source, columns_of, divide


@dataclass(frozen=True, eq=False)
class Known(OfRows):
    """A total that is known and not estimated, like what was spent: no interval."""

    of: nw.Expr
    kind: ClassVar[str] = "total"
    exact: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """The total, and how many rows have it."""
        terms = {"x": value_where(self.of, known(self.of)), "n": one_where(known(self.of))}
        return (Source(self.rows, terms),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The total without limits."""
        (sums,) = tables
        none, total = np.full(len(sums), np.nan), sums["x"]
        return columns_of(
            sums, value=total, low=none, high=none, numerator=total, denominator=none, n=sums["n"]
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """None: nothing is estimated."""
        return {None: tuple({} for _ in sums)}


@dataclass(frozen=True, eq=False)
class Census(OfRows):
    """One total over another of rows that were all looked at: a share without an interval."""

    over: nw.Expr
    under: nw.Expr
    kind: ClassVar[str] = "share"
    exact: ClassVar[bool] = True

    def sources(self) -> tuple[Source, ...]:
        """Two totals."""
        seen = known(self.over) & known(self.under)
        k, n = value_where(self.over, seen), value_where(self.under, seen)
        return (Source(self.rows, {"k": k, "n": n}),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """k of n."""
        (sums,) = tables
        none = np.full(len(sums), np.nan)
        value, n = divide(sums["k"], sums["n"]), sums["n"]
        return columns_of(
            sums, value=value, low=none, high=none, numerator=sums["k"], denominator=n, n=n
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """None: nothing is estimated."""
        return {None: tuple({} for _ in sums)}
