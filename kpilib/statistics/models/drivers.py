"""Which of several correlated drivers explain a result: shares of R² that add up to it.

Everything here is computed from correlation matrices, so that a bootstrap is one more axis. In a
matrix the result comes first and its drivers after it.
"""

from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import InputError

Floats = NDArray[np.float64]

MOST_ORDERED = 12
"""Up to so many drivers all their subsets are looked at; beyond, relative weights stand in."""

_GONE = 1e-10  # what is left of a driver's variance when the others determine it


class Importance(NamedTuple):
    """How much each driver explains, in the order of the drivers."""

    share: Floats
    """The driver's part of R²; together 1."""
    low: Floats
    high: Floats
    r2: float
    """The part of the result's variance that all drivers explain together."""


def importance(
    result: ArrayLike,
    drivers: ArrayLike,
    *,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
) -> Importance:
    """The share of each driver in R², with percentile bootstrap limits over the rows.

    `result` has one number per row, `drivers` a row of as many columns as there are drivers. The
    shares are Lindeman, Merenda and Gold's (LMG) up to 12 drivers, Johnson's relative weights
    beyond. A driver that never varies explains nothing. They say what goes together with the
    result, not what causes it.

    Raises InputError where rows differ in number, fewer than three are given, a number is missing,
    or the result never varies or goes together with no driver at all.

    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> found = importance(2 * x[:, 0] + x[:, 1], x, replicates=0)
    >>> found.share.round(3).tolist(), round(found.r2, 3)
    ([0.8, 0.2], 1.0)
    """
    rows = _rows(result, drivers)
    whole = correlations(rows)
    r2_parts = shares_of_r2(whole)
    r2 = float(r2_parts.sum())
    if not r2 > _GONE:
        raise InputError(
            "the result goes together with none of the drivers (R² = 0), so there is nothing to "
            "share out; ask over a longer period"
        )
    none = np.full(len(r2_parts), np.nan)
    low, high = none, none
    if replicates:
        drawn = np.random.default_rng(seed).integers(0, len(rows), (replicates, len(rows)))
        parts = shares_of_r2(np.array([correlations(rows[places]) for places in drawn]))
        total = parts.sum(axis=1, keepdims=True)
        some = total[:, 0] > _GONE
        tail = 100 * (1 - level) / 2
        shares = parts[some] / total[some]
        low, high = np.percentile(shares, [tail, 100 - tail], axis=0)
    return Importance(r2_parts / r2, low, high, r2)


def correlations(rows: Floats) -> Floats:
    """The correlation matrix of the columns; one that never varies is correlated with none."""
    centred = rows - rows.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    varies = length > 1e-12 * np.maximum(np.abs(rows).max(axis=0), 1.0)
    unit = np.where(varies, centred / np.where(varies, length, 1.0), 0.0)
    matrix = unit.T @ unit
    np.fill_diagonal(matrix, 1.0)
    return matrix


def shares_of_r2(matrix: Floats) -> Floats:
    """R² shared out over the drivers, from correlation matrices on the last two axes."""
    drivers = matrix.shape[-1] - 1
    return lmg(matrix) if drivers <= MOST_ORDERED else relative_weights(matrix)


def lmg(matrix: Floats) -> Floats:
    """What each driver adds to R², averaged over all orders in which they can be entered.

    Lindeman, Merenda & Gold, *Introduction to Bivariate and Multivariate Analysis* (1980); the
    weights are those of Grömping (*American Statistician* 61, 2007), eq. 7. A driver that the
    earlier ones determine adds nothing.

    >>> lmg(np.array([[1, 0.5, 0.5], [0.5, 1, 0], [0.5, 0, 1]])).tolist()
    [0.25, 0.25]
    """
    drivers = matrix.shape[-1] - 1
    explained = _explained(matrix)
    subsets = np.arange(1 << drivers)
    size = np.array([int(subset).bit_count() for subset in subsets])
    orders = [
        factorial(k) * factorial(drivers - 1 - k) / factorial(drivers) for k in range(drivers)
    ]
    parts = np.empty((*matrix.shape[:-2], drivers))
    for place in range(drivers):
        without = subsets[(subsets >> place) & 1 == 0]
        added = explained[without | 1 << place] - explained[without]
        parts[..., place] = np.tensordot(np.take(orders, size[without]), added, axes=1)
    return parts


def _explained(matrix: Floats) -> Floats:
    """R² of every subset of the drivers, by its bits, the matrices' own axes after.

    Subsets are built up in one order. Of a subset, what is left of the drivers still to come is
    kept with what they explained taken out, so one more driver is one division.
    """
    drivers = matrix.shape[-1] - 1
    found = np.zeros((1 << drivers, *matrix.shape[:-2]))
    stack = [(0, 0, np.moveaxis(matrix, (-2, -1), (0, 1)))]
    while stack:
        subset, begun, left = stack.pop()
        for place in range(begun, drivers):
            column = left[1 + place - begun]
            own = column[1 + place - begun]
            usable = own > _GONE
            over = np.where(usable, 1 / np.where(usable, own, 1.0), 0.0)
            larger = subset | 1 << place
            found[larger] = found[subset] + column[0] ** 2 * over
            rest = [0, *range(2 + place - begun, drivers - begun + 1)]
            if len(rest) > 1:
                taken = column[rest, None] * column[None, rest] * over
                stack.append((larger, place + 1, left[np.ix_(rest, rest)] - taken))
    return found


def relative_weights(matrix: Floats) -> Floats:
    """Johnson's relative weights: R² shared out by way of the nearest uncorrelated variables.

    Johnson, *Multivariate Behavioral Research* 35 (2000), eqs. 5 to 9; close to LMG, and as quick
    with many drivers as with few.

    >>> relative_weights(np.array([[1, 0.5, 0.5], [0.5, 1, 0], [0.5, 0, 1]])).round(6).tolist()
    [0.25, 0.25]
    """
    among, with_result = matrix[..., 1:, 1:], matrix[..., 1:, 0]
    values, vectors = np.linalg.eigh(among)
    kept = values > _GONE
    root = np.sqrt(np.where(kept, values, 0.0))
    inverse = np.where(kept, 1 / np.where(kept, root, 1.0), 0.0)
    across = np.swapaxes(vectors, -1, -2)
    loadings = (vectors * root[..., None, :]) @ across
    weights = ((vectors * inverse[..., None, :]) @ across @ with_result[..., None])[..., 0]
    return (loadings**2 @ (weights**2)[..., None])[..., 0]


def _rows(result: ArrayLike, drivers: ArrayLike) -> Floats:
    y, x = np.asarray(result, float), np.asarray(drivers, float)
    if y.ndim != 1 or x.ndim != 2 or len(y) != len(x) or not x.shape[1]:
        raise InputError(
            f"result has shape {y.shape} and drivers {x.shape}; give one number, and one row of "
            "at least one driver, per respondent"
        )
    if len(y) < 3:
        raise InputError(f"key drivers of {len(y)} rows; give 3 or more")
    rows = np.column_stack([y, x])
    if not np.isfinite(rows).all():
        raise InputError("a score is missing or not finite; leave that row out")
    if np.ptp(y) == 0:
        raise InputError("the result is the same in every row, so nothing can explain it")
    return rows
