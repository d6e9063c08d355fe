"""Logistic regression on smooth terms that add up: how each thing moves a chance, term by term."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from kpilib.errors import InputError

Floats = NDArray[np.float64]

QUANTILES = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Where a spline has its knots."""
RIDGE = 1.0
"""The penalty on each standardised coefficient: that of one customer's worth of doubt."""
_STEPS = 50


@dataclass(frozen=True, eq=False)
class Spline:
    """A natural cubic spline of one column: straight beyond its outer knots, and held there.

    Hastie, Tibshirani & Friedman, *The Elements of Statistical Learning* (2009), eqs. 5.4 and 5.5.
    Where a column has too few values for knots it is a straight line. A missing value has a level
    of its own.
    """

    knots: Floats
    low: float
    high: float
    mean: Floats
    scale: Floats

    @classmethod
    def of(cls, column: Floats, straight: bool = False) -> "Spline":
        """The spline for the values of a column, its basis standardised over them."""
        there = column[~np.isnan(column)]
        if not len(there):
            there = np.zeros(1)
        knots = np.unique(np.quantile(there, (0.0, 1.0) if straight else QUANTILES))
        bare = cls(knots, float(there.min()), float(there.max()), np.zeros(1), np.ones(1))
        basis = bare._raw(column)
        spread = basis.std(axis=0)
        return cls(knots, bare.low, bare.high, basis.mean(axis=0), np.where(spread > 0, spread, 1))

    def basis(self, column: Floats) -> Floats:
        """The standardised basis, one row per value; 0 throughout where nothing varies."""
        return (self._raw(column) - self.mean) / self.scale

    def _raw(self, column: Floats) -> Floats:
        missing = np.isnan(column)
        x = np.clip(np.where(missing, self.knots[0], column), self.low, self.high)
        first, last = self.knots[0], self.knots[-1]
        columns = [np.where(missing, 0.0, x - first)]
        if len(self.knots) > 2:
            width = last - first

            def bent(knot: float) -> Floats:
                rise = np.maximum(x - knot, 0) ** 3 - np.maximum(x - last, 0) ** 3
                return rise / (last - knot) / width

            straight = bent(self.knots[-2])
            columns += [np.where(missing, 0.0, bent(knot) - straight) for knot in self.knots[:-2]]
        return np.column_stack([*columns, missing.astype(float)])


@dataclass(frozen=True, eq=False)
class AdditiveLogistic:
    """log odds = level + the sum of one smooth term per column.

    Made by `AdditiveLogistic.fit`. Terms are 0 on average over the rows it was fitted to, so a
    term says how far a row is from the usual by that column.
    """

    level: float
    splines: Mapping[str, Spline]
    coefficients: Mapping[str, Floats]

    @classmethod
    def fit(
        cls, columns: Mapping[str, ArrayLike], outcome: ArrayLike, *, straight: bool = False
    ) -> "AdditiveLogistic":
        """By penalised maximum likelihood (Newton's steps), a ridge on all but the level.

        `columns` are numbers of one length by name, NaN where missing; `outcome` is true or false.
        With `straight` every term is a line: a plain logistic regression. Raises InputError where
        the outcome never varies.

        >>> x = np.repeat([0.0, 1.0], 100)
        >>> y = np.r_[np.arange(100) < 20, np.arange(100) < 60]
        >>> AdditiveLogistic.fit({"x": x}, y).probability({"x": [0.0, 1.0]}).round(2).tolist()
        [0.2, 0.6]
        """
        y = np.asarray(outcome, float)
        if not 0 < y.mean() < 1:
            raise InputError(
                f"a logistic regression needs both outcomes; all {len(y)} rows have the same"
            )
        arrays = {name: np.asarray(column, float) for name, column in columns.items()}
        splines = {name: Spline.of(column, straight) for name, column in arrays.items()}
        bases = [splines[name].basis(column) for name, column in arrays.items()]
        solved = _newton(np.column_stack([np.ones(len(y)), *bases]), y)
        cuts = np.cumsum([1, *(basis.shape[1] for basis in bases)])
        parts = np.split(solved, cuts)[1:-1]
        return cls(float(solved[0]), splines, dict(zip(arrays, parts, strict=True)))

    def terms(self, columns: Mapping[str, ArrayLike]) -> dict[str, Floats]:
        """What each column adds to the log odds, row by row."""
        return {
            name: spline.basis(np.asarray(columns[name], float)) @ self.coefficients[name]
            for name, spline in self.splines.items()
        }

    def log_odds(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """The level and all terms."""
        return self.level + np.sum(list(self.terms(columns).values()), axis=0)

    def probability(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """The chance of the outcome, row by row."""
        return expit(self.log_odds(columns))


def _newton(design: Floats, y: Floats) -> Floats:
    """The coefficients, the first of them unpenalised; steps are halved until they gain."""
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 0.0
    found = np.zeros(design.shape[1])
    found[0] = np.log(y.mean() / (1 - y.mean()))
    best = _loss(design, y, found, penalty)
    for _ in range(_STEPS):
        p = expit(design @ found)
        slope = design.T @ (y - p) - penalty * found
        curve = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        while (loss := _loss(design, y, found + step, penalty)) > best and np.abs(
            step
        ).max() > 1e-9:
            step = step / 2
        found, gained, best = found + step, best - loss, loss
        if gained < 1e-9 * max(abs(best), 1.0):
            break
    return found


def _loss(design: Floats, y: Floats, found: Floats, penalty: Floats) -> float:
    eta = design @ found
    return float(np.sum(np.logaddexp(0, eta) - y * eta) + np.sum(penalty * found**2) / 2)
