"""What histories are worth: discounted purchases times expected spend, with its uncertainty.

A customer's value is margin x discounted purchases u(x, t_x, T) x expected spend, and the expected
spend of the Gamma-Gamma model is p (v + S) / (p x + q - 1) with S the total of the repeat
purchases. So the value of all customers who share a history is u times a linear function of how
many they are and of the total of their S: totals need the distinct histories only, and add up.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from kpilib.clv.expected.discount import Schedule
from kpilib.clv.fitting.posterior import Posterior
from kpilib.clv.fitting.surrogate import quadratic
from kpilib.clv.models.gamma_gamma import GammaGamma

CHUNK = 131_072
"""Histories whose purchases are evaluated at once."""
BLOCK = 8192
"""Histories whose draws are held at once."""
SMALLEST = 1e-300


@dataclass(frozen=True, eq=False)
class Units:
    """Of each history: purchases expected within the horizon, discounted, and discounted beyond.

    `by_step` holds the undiscounted purchases of each step of the schedule, (steps, histories).
    """

    by_step: np.ndarray
    within: np.ndarray
    beyond: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """Purchases within the horizon, not discounted."""
        return self.by_step.sum(axis=0)


def units(model: Any, schedule: Schedule, x: Any, t_x: Any, age: Any) -> Units:
    """The units of customers with these histories, by a model that counts in days."""
    times, at_ends = schedule.nodes(model.time_scale)
    sums = np.vstack([np.diff(at_ends, axis=0, prepend=0.0), schedule.weights @ at_ends])
    tail = schedule.tail()
    if tail is not None:
        times = np.append(times, tail[0])
        beyond = np.append(np.zeros(sums.shape[1]), tail[1])
        sums = np.vstack([np.pad(sums, ((0, 0), (0, len(tail[0])))), beyond])
    found = _summed(model, times, sums, x, t_x, age)
    steps = len(at_ends)
    beyond = np.full(found.shape[1], np.nan) if tail is None else found[steps + 1]
    return Units(found[:steps], found[steps], beyond)


def _summed(model: Any, times: Any, sums: np.ndarray, x: Any, t_x: Any, age: Any) -> np.ndarray:
    """Sums over times of the purchases expected by then, (sums, histories).

    Some histories at a time: all times of millions would be gigabytes.
    """
    found = np.empty((len(sums), len(x)))
    for first in range(0, len(x), CHUNK):
        some = slice(first, first + CHUNK)
        found[:, some] = sums @ model.expected_purchases(
            times[:, None], x[some], t_x[some], age[some]
        )
    return found


def discounted(model: Any, schedule: Schedule, x: Any, t_x: Any, age: Any) -> np.ndarray:
    """`Units.within` of each history alone: months by millions of histories are not held."""
    times, at_ends = schedule.nodes(model.time_scale)
    return _summed(model, times, (schedule.weights @ at_ends)[None, :], x, t_x, age)[0]


def roughly(model: Any, schedule: Schedule, x: Any, t_x: Any, age: Any) -> np.ndarray:
    """The discounted purchases within the horizon from four evaluations, to tell changes."""
    times, weights = schedule.rough()
    return _summed(model, times, weights[None, :], x, t_x, age)[0]


def spend_terms(spend: GammaGamma | np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(A, B) with expected spend A + B S; with an array of draws (d, 3), shapes (d, len(x))."""
    if isinstance(spend, np.ndarray):
        p, q, v = spend.T[:, :, None]
    else:
        p, q, v = spend.p, spend.q, spend.v
    each = p / (p * x + q - 1)
    return each * v, each


@dataclass(frozen=True, eq=False)
class Draws:
    """Equally likely draws of what groups of customers are worth, and each history's log spread."""

    totals: np.ndarray
    """(draws, groups)"""
    spread: np.ndarray
    """Standard deviation of the logarithm of the discounted purchases, per history."""


def draw_totals(
    posterior: Posterior,
    spend: np.ndarray,
    schedule: Schedule,
    histories: tuple[np.ndarray, np.ndarray, np.ndarray],
    within: np.ndarray,
    customers: np.ndarray,
    totals: np.ndarray,
    membership: csr_matrix,
) -> Draws:
    """Draws of the discounted purchases times spend, summed over groups of histories.

    `spend` holds as many draws of p, q, v as the posterior has; `within` is what the posterior's
    model itself expects of each history; `customers` and `totals` are how
    many share each history and the total S of their repeat purchases; `membership` (histories,
    groups) says with 1 which history is in which group. The logarithm of the discounted purchases
    is taken as quadratic over the posterior, from some dozens of exact evaluations.
    """
    space = posterior.model.space
    free = space.to_free(posterior.parameters)
    at, basis = quadratic(free, free)
    models = [posterior._at(space.to_natural(u)) for u in at]
    out = np.zeros((len(posterior), membership.shape[1]))
    spread = np.empty(len(customers))
    for first in range(0, len(customers), CHUNK):
        chunk = slice(first, first + CHUNK)
        now, *moved = (
            np.log(np.maximum(roughly(model, schedule, *(c[chunk] for c in histories)), SMALLEST))
            for model in (posterior.model, *models)
        )
        all_logs = np.array(moved) - now + np.log(np.maximum(within[chunk], SMALLEST))
        for start in range(first, min(first + CHUNK, len(customers)), BLOCK):
            part = slice(start, min(start + BLOCK, first + CHUNK))
            logs = all_logs[:, start - first : start - first + BLOCK]
            low, high = logs.min(axis=0), logs.max(axis=0)
            drawn = np.clip(basis @ logs, 2 * low - high, 2 * high - low)
            spread[part] = drawn.std(axis=0)
            counts, place = np.unique(histories[0][part], return_inverse=True)
            base, each = spend_terms(spend, counts)
            money = np.exp(drawn, out=drawn)
            money *= base[:, place] * customers[part] + each[:, place] * totals[part]
            out += money @ membership[part]
    return Draws(out, spread)


def spend_draws(posterior: Posterior, draws: int) -> np.ndarray:
    """`draws` draws of p, q, v under which a mean spend exists (q above 1).

    Where fewer than half do, the fitted values stand for all: the spread of spend is not known.
    """
    usable = posterior.parameters[posterior.parameters[:, 1] > 1.02]
    if len(usable) < len(posterior) / 2:
        usable = np.array([list(posterior.model.parameters.values())])
    return usable[np.arange(draws) % len(usable)]


def spend_spread(
    model: GammaGamma, draws: np.ndarray, x: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Standard deviation of the logarithm of each customer's expected spend (delta method)."""
    if len(np.unique(draws[:, 0])) < 2:
        return np.zeros(len(x))
    covariance = np.cov(np.log(draws).T)
    p, q, v = model.p, model.q, model.v
    below = p * x + q - 1
    slope = np.stack([1 - p * x / below, -q / below, v / (v + total)])
    return np.sqrt(np.maximum(np.einsum("in,ij,jn->n", slope, covariance, slope), 0.0))
