"""Polynomials that stand in for costly smooth functions of a few parameters."""

from collections.abc import Callable
from itertools import combinations_with_replacement

import numpy as np

from kpilib.clv.fitting.optimise import Problem

Density = Callable[[np.ndarray], np.ndarray]
"""From free coordinates, one row per point, to the logarithm of a density at each."""

DEGREE = 4
REACH = 3.2
"""How far from the mode the farthest points lie that a polynomial is fitted to, in deviations."""

TOLERANCE = 0.03


def fitted_polynomial(problem: Problem, mode: np.ndarray, root: np.ndarray) -> Density | None:
    """The log posterior less its maximum as a polynomial, or None where that is not close.

    Values and gradients are exact at points 1.8 and 3.2 deviations from the mode;
    the largest error at other points of that kind must stay below 0.03.
    """
    d = len(mode)
    rng = np.random.default_rng(20240607)
    points = _points(rng, d, 22 if d > 2 else 12)
    top = problem(mode, 1.0)[0]
    powers = _powers(d)
    left, right = [], []
    for z in points:
        value, slope = problem(mode + root @ z, 1.0)
        left += [_monomials(z[None], powers), _slopes(z, powers)]
        right += [np.array([value - top + z @ z / 2]), root.T @ slope + z]
    if not np.isfinite(np.concatenate(right)).all():
        return None
    coefficients = np.linalg.lstsq(np.vstack(left), np.concatenate(right), rcond=None)[0]

    def polynomial(free: np.ndarray) -> np.ndarray:
        z = np.linalg.solve(root, (free - mode).T).T
        return _monomials(z, powers) @ coefficients - (z**2).sum(axis=1) / 2

    others = mode + _points(rng, d, 3) @ root.T
    exact = np.array([problem(u, 1.0)[0] - top for u in others])
    return polynomial if np.abs(polynomial(others) - exact).max() < TOLERANCE else None


def quadratic(free: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points at which to know a function, and the matrix that turns these into values at `wanted`.

    The function is taken as quadratic around the mean of the draws `free`, along their axes.
    """
    d = free.shape[1]
    centre = free.mean(axis=0)
    root = (
        np.linalg.cholesky(np.cov(free.T) + 1e-14 * np.eye(d)) if d > 1 else free.std() * np.eye(1)
    )
    steps = [np.zeros(d)]
    for i in range(d):
        steps += [1.5 * np.eye(d)[i], -1.5 * np.eye(d)[i]]
        for j in range(i):
            both = np.eye(d)[i] + np.eye(d)[j]
            other = np.eye(d)[i] - np.eye(d)[j]
            steps += [both, -both, other, -other]
    design = np.array(steps)
    powers = [(), *_powers(d, 2)]
    solver = np.linalg.pinv(_monomials(design, powers))
    basis = _monomials(np.linalg.solve(root, (wanted - centre).T).T, powers)
    return centre + design @ root.T, basis @ solver


def _points(rng: np.random.Generator, d: int, pairs: int) -> np.ndarray:
    way = rng.standard_normal((pairs, d))
    way /= np.linalg.norm(way, axis=1)[:, None]
    way *= np.where(np.arange(pairs) % 3 == 0, REACH, 1.8)[:, None]
    return np.vstack([way, -way])


def _powers(d: int, degree: int = DEGREE) -> list[tuple[int, ...]]:
    return [c for k in range(1, degree + 1) for c in combinations_with_replacement(range(d), k)]


def _monomials(z: np.ndarray, powers: list[tuple[int, ...]]) -> np.ndarray:
    return np.stack([np.prod(z[:, list(c)], axis=1) for c in powers], axis=1)


def _slopes(z: np.ndarray, powers: list[tuple[int, ...]]) -> np.ndarray:
    """Gradient of every monomial at one point; rows are coordinates."""
    out = np.zeros((len(z), len(powers)))
    for column, c in enumerate(powers):
        for i in set(c):
            rest = list(c)
            rest.remove(i)
            out[i, column] = c.count(i) * np.prod(z[rest])
    return out
