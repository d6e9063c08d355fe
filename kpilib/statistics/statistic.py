"""What every kind of statistic shares: the sums it asks for, and what it makes of them.

A row whose measured value is missing is no observation: it is in neither the numerator nor the
denominator of any kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where
from kpilib.words import Text, _

Slopes = Mapping[str, Any]
"""How much a value moves with each sum of a source: a sum's name → one number per group."""

COLUMNS = ("value", "low", "high", "numerator", "denominator", "n")
NOBODY = _("no customers at risk")


@dataclass(frozen=True, eq=False)
class Source:
    """A frame and the sums asked of it, per group: of what each of its rows adds, its `terms`.

    With `cluster`, the rows of one value of that column belong together (a customer's): each
    cluster is summed first, as `x`, and `y` where given, and what comes back are `x`, `y`, `xx`,
    `xy`, `yy` over the clusters, and how many `clusters` had anything in them; rows that are
    `single`, one per cluster and group, are asked for these sums themselves. With `per`, the
    column of that name is one more key, and what comes back are arrays, one element per value of
    it. With `part`, the column of that name is one more key of the groups, as text.
    """

    rows: nw.LazyFrame
    terms: Mapping[str, nw.Expr]
    cluster: str | None = None
    per: str | None = None
    part: str | None = None
    single: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Statistic:
    """What every kind has: what it sums where, and what it makes of the sums."""

    kind: ClassVar[str] = ""
    has_parts: ClassVar[bool] = False
    exact: ClassVar[bool] = False
    """Whether its value is known and not estimated."""
    forecast: ClassVar[bool] = False
    """Whether a model, fitted anew for each period, says what is still to come."""
    widens: ClassVar[bool] = False
    """Whether it is of a time that gets longer with the records, so that no two periods compare."""
    undefined: "Text | Callable[[Mapping[str, float | None]], Text]" = field(default=NOBODY)
    """Why there is no value; a function of the numbers there are, where it depends."""
    notes: "tuple[Text | Callable[[Mapping[str, float | None]], Text | None], ...]" = field(
        default=()
    )
    """What is printed beside the number; a function of the numbers there are, where it depends."""

    def scaling(self, part: str | None = None) -> float:
        """What its numerator over its denominator is multiplied by to give the value of a part."""
        return getattr(self, "scale", 1.0)

    def listings(self) -> "dict[str, nw.LazyFrame]":
        """The rows behind the number by the part they play in it; one part goes without a name."""
        raise TypeError(f"{type(self).__name__} has no rows")

    def sources(self) -> "tuple[Source, ...]":
        """The frames this statistic sums, each with what is summed in it."""
        raise TypeError(f"{type(self).__name__} sums nothing")

    def estimate(self, *sums: pd.DataFrame) -> pd.DataFrame:
        """`COLUMNS`, and columns of further detail, from the sums of each source.

        The sums of all sources have the same groups in the same order, zeros where a source has no
        row of a group. One row per group comes back, on their index; a kind with several parts
        gives several rows per group, told apart by a column `part`.
        """
        raise TypeError(f"{type(self).__name__} estimates nothing")

    def gradient(self, *sums: pd.DataFrame) -> "dict[str | None, tuple[Slopes, ...]] | None":
        """The derivative of the value by each sum, a mapping per source, under each part's name.

        What it is multiplied with, a customer's own sums, is that customer's influence on the
        value: the linearised value (Särndal, Swensson & Wretman, *Model Assisted Survey
        Sampling*, 1992, section 5.5). Under None where there are no parts; an empty mapping for a
        source that is known and not estimated. None where no derivative is known.
        """
        return None

    def arms(self, values: pd.DataFrame) -> tuple[Any, Any]:
        """The limits of each value by itself, from what `estimate` gave."""
        return values["low"], values["high"]


@dataclass(frozen=True, eq=False)
class OfRows(Statistic):
    """A statistic of the rows of one frame, which hold a `period` index."""

    rows: nw.LazyFrame

    def listing(self) -> nw.LazyFrame:
        """The rows behind the number."""
        return self.rows

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The one listing."""
        return {"": self.listing()}


def squares(over: nw.Expr, under: nw.Expr, seen: nw.Expr) -> dict[str, nw.Expr]:
    """The terms of a source with clusters, of rows of which each is a cluster."""
    x, y = (
        nw.when(seen).then(one.cast(nw.Float64)).otherwise(nw.lit(0.0)) for one in (over, under)
    )
    terms = {"x": x, "y": y, "xx": x * x, "xy": x * y, "yy": y * y}
    return terms | {"clusters": one_where((x != 0) | (y != 0))}


def each_row() -> nw.Expr:
    """1 in every row; all rows of a statistic have their period."""
    return one_where(known(nw.col("period")))


def columns_of(sums: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """`COLUMNS` and whatever else is given, as floats on the index of the sums."""
    numbers = {name: np.asarray(values, float) for name, values in columns.items()}
    return pd.DataFrame(numbers, index=sums.index)


def divide(over: Any, under: Any) -> np.ndarray:
    """over / under, NaN where there is nothing underneath."""
    over, under = np.broadcast_arrays(np.asarray(over, float), np.asarray(under, float))
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0)


def log_limits(value: Any, low: Any, high: Any) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric limits of a positive number moved to the log scale, where they stay positive.

    The delta method once more: a spread of s around v is a spread of s / v around log v. Where
    nothing spreads, nothing is known of it: NaN.
    """
    value = np.where(np.asarray(value, float) > 0, value, np.nan)
    spread = (np.asarray(high, float) - np.asarray(low, float)) / 2 / value
    spread = np.where(spread > 1e-9, spread, np.nan)
    return value * np.exp(-spread), value * np.exp(spread)
