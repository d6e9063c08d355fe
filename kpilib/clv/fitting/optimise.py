"""Maximum likelihood in free coordinates, with the edge of the parameter space told apart."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from kpilib.clv.fitting.bfgs import Loss, minimise
from kpilib.clv.fitting.space import Space
from kpilib.contract.prepared import prepared_folder

LogLikelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""From natural parameters to the log-likelihood and its gradient by them."""

STEP = 1e-4
NARROWER = 0.25
_NEAR = 1e-3


@dataclass(frozen=True)
class Problem:
    """A log-likelihood of `n` observations to be maximised, where to start, and a weak prior."""

    log_likelihood: LogLikelihood
    space: Space
    start: np.ndarray
    prior_mean: np.ndarray
    prior_sd: np.ndarray
    n: float
    sample: "Problem | None" = None

    def __call__(self, u: np.ndarray, weight: float = 0.0) -> tuple[float, np.ndarray]:
        """Log-likelihood plus `weight` times the log prior, and its gradient, at `u`."""
        with np.errstate(all="ignore"):
            value, gradient = self.log_likelihood(self.space.to_natural(u))
            slope = gradient @ self.space.jacobian(u)
        if weight:
            z = (u - self.prior_mean) / self.prior_sd
            value -= weight * 0.5 * float(z @ z)
            slope = slope - weight * z / self.prior_sd
        return float(value), slope

    def curvature(self, u: np.ndarray, weight: float = 0.0) -> np.ndarray:
        """Minus the matrix of second derivatives at `u`, by central differences of the gradient."""
        rows = []
        for i in range(len(u)):
            step = np.zeros(len(u))
            step[i] = STEP
            rows.append((self(u - step, weight)[1] - self(u + step, weight)[1]) / (2 * STEP))
        matrix = np.array(rows)
        return (matrix + matrix.T) / 2


@dataclass(frozen=True)
class Solution:
    """Where the maximum lies, how curved it is, and on which coordinates it said too little."""

    u: np.ndarray
    log_likelihood: float
    curvature: np.ndarray
    flat: tuple[tuple[int, int], ...]
    prior_used: bool

    @property
    def covariance(self) -> np.ndarray:
        """Covariance in free coordinates."""
        return np.linalg.inv(self.curvature)


def solve(problem: Problem) -> Solution:
    """The maximum of the likelihood, or of likelihood times the weak prior where it has none.

    Coordinates that the data leave open (the climb ends at the edge of the box, or the standard
    error exceeds the weak prior's) are listed in `flat` as (index, -1 or +1 for the side).
    """
    u, curvature = climb(problem, 0.0)
    flat = _open_coordinates(problem, u, curvature)
    if flat:
        u, curvature = climb(problem, 1.0)
    return Solution(u, problem(u)[0], curvature, flat, bool(flat))


def solve_shared(kind: str, data: Any, problem: Callable[[], Problem]) -> Solution:
    """`solve`, once for all processes of a run that fit the same kind of model to the same data.

    A run has a folder that its processes share (see `kpilib.contract.prepared`); outside of one
    nothing is kept. `data` is what is fitted, a dataclass of arrays and numbers.
    """
    folder = prepared_folder()
    if folder is None:
        return solve(problem())
    path = folder / "models" / f"{_digest(kind, data)}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return _from_json(path.read_text(encoding="utf-8"))
    found = solve(problem())
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(_to_json(found), encoding="utf-8")
        os.replace(part, path)
    return found


def _digest(kind: str, data: Any) -> str:
    digest = hashlib.sha256(kind.encode())
    for field in fields(data):
        value = getattr(data, field.name)
        digest.update(repr((field.name, getattr(value, "dtype", value))).encode())
        if isinstance(value, np.ndarray):
            digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def _to_json(found: Solution) -> str:
    plain = {name: getattr(found, name) for name in ("log_likelihood", "flat", "prior_used")}
    return json.dumps({**plain, "u": found.u.tolist(), "curvature": found.curvature.tolist()})


def _from_json(text: str) -> Solution:
    found = json.loads(text)
    flat = tuple((int(index), int(side)) for index, side in found["flat"])
    return Solution(
        np.array(found["u"]),
        float(found["log_likelihood"]),
        np.array(found["curvature"]),
        flat,
        bool(found["prior_used"]),
    )


def climb(problem: Problem, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """The maximum and its curvature; a sample of the data, where given, is climbed first."""
    u = problem.start
    if problem.sample is not None:
        u, rough = climb(problem.sample, weight)
        reached = settle(problem, u, rough * (problem.n / problem.sample.n), weight, steps=12)
        if reached is not None:
            return polish(problem, reached, weight)
    low, high = np.array(problem.space.bounds(problem.prior_mean)).T

    u = minimise(
        _loss(problem, weight), u, low, high, _first_guess(problem, np.clip(u, low, high), weight)
    )
    reached = settle(problem, u, problem.curvature(u, weight), weight, steps=6)
    return polish(problem, u if reached is None else reached, weight)


def polish(problem: Problem, u: np.ndarray, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """The maximum to the digits that the slope has, from very near it, and its curvature.

    Where a climb ends depends on where it began, by some millionths of a standard error: nothing
    to a reader, but another number for the same data summed in another order. What lies at an edge
    of the box, with more likelihood beyond, stays there.
    """
    low, high = np.array(problem.space.bounds(problem.prior_mean)).T
    curvature = problem.curvature(u, weight)
    slope = problem(u, weight)[1]
    free = ~(((u <= low) & (slope < 0)) | ((u >= high) & (slope > 0)))
    inner = curvature[np.ix_(free, free)]
    if not _is_a_top(inner):
        return u, curvature
    step = np.zeros_like(u)
    step[free] = np.linalg.solve(inner, slope[free])
    return (u + step if np.abs(step).max() < _NEAR else u), curvature


def pinned(problem: Problem, u: np.ndarray, index: int, value: float) -> float:
    """The largest log-likelihood with one free coordinate held at `value`."""
    low, high = np.array(problem.space.bounds(problem.prior_mean)).T
    low[index] = high[index] = value
    start = np.clip(u, low, high)
    best = minimise(_loss(problem, 0.0), start, low, high, _first_guess(problem, start, 0.0))
    return problem(best)[0]


def _loss(problem: Problem, weight: float) -> Loss:
    """Minus the objective per observation; inf where it is not a number."""

    def loss(v: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = problem(v, weight)
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return np.inf, np.full_like(v, np.nan)
        return -value / problem.n, -slope / problem.n

    return loss


def _first_guess(problem: Problem, u: np.ndarray, weight: float) -> np.ndarray:
    """The inverse of the curvature at the start, per observation, made positive."""
    curvature = problem.curvature(u, weight) / problem.n
    if not np.isfinite(curvature).all():
        return np.eye(len(u))
    values, vectors = np.linalg.eigh(curvature)
    values = np.maximum(np.abs(values), 1e-3 * np.abs(values).max() + 1e-12)
    return (vectors / values) @ vectors.T


def settle(
    problem: Problem, u: np.ndarray, curvature: np.ndarray, weight: float, steps: int
) -> np.ndarray | None:
    """The maximum near `u`, by steps with a fixed curvature, or None where they do not settle."""
    if not _is_a_top(curvature):
        return None
    value, slope = problem(u, weight)
    for _ in range(steps):
        step = np.linalg.solve(curvature, slope)
        gain = float(step @ slope)
        if gain < 1e-12:
            return u
        if np.abs(step).max() > 1.0:
            return None
        new_value, new_slope = problem(u + step, weight)
        if not new_value >= value - 1e-9 * abs(value):
            return None
        u, value, slope = u + step, new_value, new_slope
    return u if float(slope @ np.linalg.solve(curvature, slope)) < 1e-6 else None


def _is_a_top(curvature: np.ndarray) -> bool:
    """Whether it falls off in all directions, to the digits that the matrix has."""
    if not np.isfinite(curvature).all():
        return False
    values = np.linalg.eigvalsh(curvature)
    rounding = np.finfo(float).eps * len(values) * values.max(initial=0.0)
    return bool(values.min(initial=1.0) > rounding)


def _open_coordinates(
    problem: Problem, u: np.ndarray, curvature: np.ndarray
) -> tuple[tuple[int, int], ...]:
    """The coordinates at an edge of the box, or less well known than by the weak prior alone.

    One open direction makes every coordinate that it touches, however lightly, look open: of
    those only such are named as stay wide once the prior has closed the direction.
    """
    side = np.where(u >= problem.prior_mean, 1, -1)
    bounds = np.array(problem.space.bounds(problem.prior_mean))
    is_open = (u <= bounds[:, 0] + 0.5) | (u >= bounds[:, 1] - 0.5)
    if np.isfinite(curvature).all():
        values, vectors = np.linalg.eigh(curvature)
        variance = (vectors**2 / np.maximum(values, 1e-12)).sum(axis=1)
        wide = variance > problem.prior_sd**2
        known = (vectors * np.maximum(values, 0.0)) @ vectors.T
        closed = np.diag(np.linalg.inv(known + np.diag(problem.prior_sd**-2.0)))
        still = wide & (closed > NARROWER * problem.prior_sd**2)
        is_open |= still if (still | is_open).any() else wide
    else:
        is_open[:] = True
    return tuple((int(i), int(side[i])) for i in np.flatnonzero(is_open))
