"""How long it takes until what customers bring has paid for what they cost."""

from dataclasses import dataclass
from typing import ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import value_where
from kpilib.statistics import intervals
from kpilib.statistics.kinds import CUSTOMER, Count
from kpilib.statistics.known import Known
from kpilib.statistics.statistic import OfRows, Source, columns_of


@dataclass(frozen=True, eq=False)
class Payback(OfRows):
    """The first step by whose end the money of the rows has reached a cost.

    Rows are payments with `age` in days since their customer began; step k, counted from 1, ends
    before day `ends[k - 1]`. The limits are the steps at which the upper and the lower limit of a
    compound Poisson total reach the cost; what is not reached has none. Nothing is reached where
    nobody was won or nothing was spent.
    """

    money: nw.Expr
    age: nw.Expr
    ends: tuple[int, ...]
    cost: Known
    customers: Count
    kind: ClassVar[str] = "payback"

    def sources(self) -> tuple[Source, ...]:
        """The money up to the end of each step by customer, the cost, and the customers."""
        steps = (
            Source(self.rows, {"x": value_where(self.money, self.age < end)}, CUSTOMER)
            for end in self.ends
        )
        return (*steps, *self.cost.sources(), *self.customers.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The step reached; what each customer brought by the last step and cost as its parts."""
        *steps, cost, won = tables
        spent, n = cost["x"].to_numpy(float), won["k"].to_numpy(float)
        wanted = np.where((spent > 0) & (n > 0), spent, np.inf)
        money = np.array([step["x"].to_numpy(float) for step in steps])
        squares = np.array([step["xx"].to_numpy(float) for step in steps])
        low, high = intervals.compound_total(money, squares)
        each = np.where(n > 0, n, np.nan)
        return columns_of(
            cost,
            value=_first_reached(money, wanted),
            low=_first_reached(high, wanted),
            high=_first_reached(low, wanted),
            numerator=money[-1] / each,
            denominator=spent / each,
            n=n,
        )


def _first_reached(money: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The first row, from 1, in which each column has reached what is wanted; NaN for none."""
    reached = np.nan_to_num(money, nan=-np.inf) >= wanted
    return np.where(reached.any(axis=0), reached.argmax(axis=0) + 1.0, np.nan)
