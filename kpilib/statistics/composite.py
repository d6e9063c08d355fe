"""A weighted mean of ratios that come from the same customers, with what moves them together."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.statistics.intervals import normal_quantile
from kpilib.statistics.statistic import OfRows, Slopes, Source, Statistic, each_row
from kpilib.statistics.together import each


@dataclass(frozen=True, eq=False)
class Composite(OfRows):
    """A weighted mean of several ratios x / y of the same customers, times `scale`.

    `rows` has one row per customer with a column `x_<name>` and `y_<name>` for each of `weights`.
    The variance is that of the index linearised by customer, all components at once: what a
    bootstrap by customer tends to, without its noise. Where one of the ratios has nothing
    underneath, there is no index; details tell each ratio.
    """

    weights: Mapping[str, float]
    scale: float = 100.0
    kind: ClassVar[str] = "composite"

    @property
    def _columns(self) -> list[str]:
        return [f"{side}_{name}" for name in self.weights for side in ("x", "y")]

    def sources(self) -> tuple[Source, ...]:
        """Sums, and the sums of all products of two columns."""
        terms: dict[str, nw.Expr] = {"n": each_row()}
        terms |= {name: nw.col(name) for name in self._columns}
        for one, other in combinations_with_replacement(self._columns, 2):
            terms[f"{one}*{other}"] = nw.col(one) * nw.col(other)
        return (Source(self.rows, terms),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The index and its components."""
        (sums,) = tables
        whole = sum(self.weights.values())
        ratios, slopes = self._linear(sums)
        index = sum(self.weights[name] / whole * ratio for name, ratio in ratios.items())
        square = sum(
            (1 if one == other else 2) * slopes[one] * slopes[other]
            * sums[f"{one}*{other}"].to_numpy(float)
            for one, other in combinations_with_replacement(self._columns, 2)
        )  # fmt: skip
        n = sums["n"].to_numpy(float)
        few = np.where(n > 1, n, np.nan)
        reach = normal_quantile(0.95) * np.sqrt(np.maximum(square, 0.0) * few / (few - 1))
        none = np.full(len(sums), np.nan)
        return pd.DataFrame(
            {
                "value": self.scale * index,
                "low": self.scale * (index - reach),
                "high": self.scale * (index + reach),
                "numerator": none,
                "denominator": none,
                "n": n,
                **ratios,
            },
            index=sums.index,
        )

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """Those of each ratio, by its weight."""
        _ratios, slopes = self._linear(sums[0])
        return {None: ({name: self.scale * slope for name, slope in slopes.items()},)}

    def _linear(self, sums: pd.DataFrame) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Each ratio, and the slopes of the weighted mean."""
        whole = sum(self.weights.values())
        ratios, slopes = {}, {}
        for name, weight in self.weights.items():
            x, y = (sums[f"{side}_{name}"].to_numpy(float) for side in ("x", "y"))
            y = np.where(y == 0, np.nan, y)
            ratios[name] = x / y
            slopes[f"x_{name}"] = weight / whole / y
            slopes[f"y_{name}"] = -weight / whole * x / y**2
        return ratios, slopes


@dataclass(frozen=True, eq=False)
class WeightedMean(Statistic):
    """The weighted mean of the values of several statistics, without limits; others beside it.

    Details tell each part, and each of `beside`. Where a part has no value, there is no mean.
    """

    parts: Mapping[str, Statistic]
    weights: Mapping[str, float]
    beside: Mapping[str, Statistic]
    kind: ClassVar[str] = "composite"

    @property
    def _every(self) -> dict[str, Statistic]:
        return {**self.parts, **self.beside}

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The rows of each part."""
        return {
            name: frame for name, one in self._every.items() for frame in one.listings().values()
        }

    def sources(self) -> tuple[Source, ...]:
        """Those of every part."""
        return tuple(source for one in self._every.values() for source in one.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The mean, with the parts among the details."""
        every = each(tuple(self._every.values()), tables)
        found = {
            name: table["value"].to_numpy() for name, table in zip(self._every, every, strict=True)
        }
        whole = sum(self.weights.values())
        value = sum(self.weights[name] / whole * found[name] for name in self.parts)
        none = np.full(len(every[0]), np.nan)
        empty = dict.fromkeys(("low", "high", "numerator", "denominator"), none)
        n = every[0]["n"].to_numpy()
        return pd.DataFrame({"value": value, **empty, "n": n, **found}, index=every[0].index)

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]]:
        """None: it has no limits."""
        return {None: tuple({} for _ in sums)}
