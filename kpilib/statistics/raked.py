"""A mean as it would be if those who answered were mixed like those who were asked."""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where, value_where
from kpilib.statistics.intervals import student
from kpilib.statistics.statistic import COLUMNS, OfRows, Source, each_row

BETWEEN = "\x1f"
"""What stands between the parts of a cell's name."""
STEPS = 500


class Weights(NamedTuple):
    """The weight of an answer in each cell, and the part of those asked nobody answered for."""

    weights: np.ndarray
    unheard: float


@dataclass(frozen=True, eq=False)
class Raked(OfRows):
    """The mean of `of` with the answers weighted to the margins of those asked; linearised limits.

    `rows` are answers and `asked` those who were asked; both have a column `cell`, the values of
    each margin with `BETWEEN` in between. Iterative proportional fitting (Deming & Stephan, *Annals
    of Mathematical Statistics* 11, 1940) until each margin of the answers is that of those asked.
    What nobody answered for stands out and is told as `unheard`. The limits take the weights as
    given; `n` is the effective number of answers, (Σw)² / Σw² (Kish, *Survey Sampling*, 1965).
    """

    of: nw.Expr
    asked: nw.LazyFrame
    kind: ClassVar[str] = "mean"

    def sources(self) -> tuple[Source, ...]:
        """Count, total and squares of the answers in each cell; how many were asked in each."""
        seen = known(self.of)
        terms = {
            "n": one_where(seen),
            "x": value_where(self.of, seen),
            "xx": value_where(self.of * self.of, seen),
        }
        return (
            Source(self.rows, terms, per="cell"),
            Source(self.asked, {"n": each_row()}, per="cell"),
        )

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The weighted mean of each group."""
        said, asked = tables
        rows = [
            self._one(*answer, *invited)
            for answer, invited in zip(
                zip(*(said[name] for name in ("cell", "n", "x", "xx")), strict=True),
                zip(*(asked[name] for name in ("cell", "n")), strict=True),
                strict=True,
            )
        ]
        return pd.DataFrame(rows, index=said.index, columns=[*COLUMNS, "unheard"])

    def _one(
        self, cell: Any, n: Any, x: Any, xx: Any, asked_cell: Any, asked_n: Any
    ) -> dict[str, float]:
        there = np.asarray(n, float) > 0
        n, x, xx = (np.asarray(one, float)[there] for one in (n, x, xx))
        found = rake(np.asarray(cell, object)[there], n, asked_cell, np.asarray(asked_n, float))
        weight = found.weights
        whole = float(weight @ n)
        if not whole:
            return dict.fromkeys((*COLUMNS, "unheard"), np.nan)
        mean = float(weight @ x) / whole
        # Linearised: the deviations w(x − m) of single answers, as a mean of n of them.
        squares = float(weight**2 @ (xx - 2 * mean * x + mean**2 * n)) * (n.sum() / whole) ** 2
        low, high = student(n.sum(), n.sum() * mean, squares + n.sum() * mean**2)
        effective = whole**2 / float(weight**2 @ n)
        numbers = (mean, low, high, np.nan, np.nan, effective, found.unheard)
        return dict(zip((*COLUMNS, "unheard"), (float(one) for one in numbers), strict=True))


def rake(cells: np.ndarray, n: np.ndarray, asked: np.ndarray, asked_n: np.ndarray) -> Weights:
    """Weights that give answers the margins of those asked.

    `n` answers in each of `cells`, `asked_n` people asked in each of `asked`; a margin's value that
    nobody was asked in has weight 0, one that nobody answered in is left out of what is aimed at.

    >>> rake(np.array(["a", "b"]), np.array([9, 1]), np.array(["a", "b"]), np.array([50, 50]))
    Weights(weights=array([0.55555556, 5.        ]), unheard=0.0)
    """
    weights, unheard = np.ones(len(cells)), 0.0
    if not len(cells) or not len(asked):
        return Weights(np.zeros(len(cells)), np.nan)
    margins = []
    for said, people in zip(_split(cells), _split(asked), strict=True):
        names = np.unique(np.concatenate([said, people]))
        place = np.searchsorted(names, said)
        wanted = np.bincount(np.searchsorted(names, people), asked_n, len(names))
        heard = np.bincount(place, n, len(names)) > 0
        unheard = max(unheard, float(wanted[~heard].sum() / wanted.sum()))
        margins.append((place, np.where(heard, wanted, 0.0)))
    if any(not wanted.sum() for _, wanted in margins):
        return Weights(np.zeros(len(cells)), unheard)
    for _ in range(STEPS):
        before = weights
        for place, wanted in margins:
            have = np.bincount(place, weights * n, len(wanted))
            aim = wanted * (n.sum() / wanted.sum())
            weights = weights * np.divide(aim, have, out=np.zeros_like(aim), where=have > 0)[place]
        if np.allclose(weights, before, rtol=1e-12, atol=0):
            break
    return Weights(weights, unheard)


def _split(cells: np.ndarray) -> list[np.ndarray]:
    """The values of each margin, in arrays of the cells' length."""
    return [
        np.array(one, str)
        for one in zip(*(str(cell).split(BETWEEN) for cell in cells), strict=True)
    ]
