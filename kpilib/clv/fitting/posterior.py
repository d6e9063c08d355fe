"""The posterior of a fitted model, drawn at once by importance sampling around its maximum.

Draws come from a multivariate t at the maximum of likelihood times the weak prior and are weighed
by the true posterior. Where the effective sample stays small, the t is moved to the weighted mean
and spread and more draws are added; all are weighed against the mixture. An exact value of the log
posterior costs a pass over the distinct histories, so a polynomial of degree four through some
dozens of exact values and gradients stands in for it, provided that exact values agree with it
elsewhere and at draws made with it; else only where its points reach, or, as with few customers,
not at all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kpilib.clv.fitting.arguments import as_level, generator, one_number
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.fitting.optimise import Problem, climb, settle
from kpilib.clv.fitting.surrogate import REACH, Density, fitted_polynomial, quadratic
from kpilib.errors import InputError
from kpilib.words import _

FREEDOM = 12.0
ROUNDS = 4
ENOUGH = 0.5
TOO_FEW = 200
MOST = 1_000_000
MANY = 100
"""Draws from which on the polynomial, with its checks some 60 exact values, is worth a try."""

CHECKS = 8
APART = 0.1


class Interval(NamedTuple):
    """A value at the fitted parameters with its limits; numbers, or arrays of one shape."""

    value: Any
    low: Any
    high: Any


@dataclass(frozen=True, eq=False)
class Posterior:
    """Equally likely draws of the parameters, as an array of shape (draws, parameters).

    `ess` is the effective sample size behind them, `method` how they were made (`importance` or
    `normal`), and `diagnosis` says where they should not be trusted.

    >>> from kpilib.clv import SBG
    >>> posterior = SBG.fit([1000, 869, 743, 653, 593, 551, 517, 491]).posterior(seed=1)
    >>> after_12 = posterior.interval(lambda model: model.survival(12))
    >>> [round(float(v), 2) for v in after_12]
    [0.38, 0.34, 0.42]
    """

    model: Any
    parameters: np.ndarray
    ess: float
    method: str
    diagnosis: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.parameters)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.lifetime_value import posterior_html

        words = f"{self.model.kind}: {len(self)} draws, effective {self.ess:,.0f}"
        plain = f"{words}\n{self.summary().to_string()}"
        return {"text/plain": plain, "text/html": posterior_html(self)}

    def models(self, draws: int | None = None) -> Iterator[Any]:
        """The draws as models, all of them or `draws` of them spread evenly."""
        for theta in self._some(draws):
            yield self._at(theta)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """One row per parameter: mean, standard deviation, limits."""
        tail = (1 - as_level(level)) / 2
        low, high = np.quantile(self.parameters, [tail, 1 - tail], axis=0)
        columns = {
            "mean": self.parameters.mean(axis=0),
            "sd": self.parameters.std(axis=0),
            "low": low,
            "high": high,
        }
        return pd.DataFrame(columns, index=pd.Index(self.model.symbols, name="parameter"))

    def interval(
        self,
        function: Callable[[Any], Any],
        level: float = 0.95,
        *,
        draws: int | None = None,
    ) -> Interval:
        """Limits of anything that can be computed from a model: a number or an array.

        `function` is called once per draw; for a costly one take fewer `draws`, or `quick`.
        """
        tail = (1 - as_level(level)) / 2
        values = np.array([function(model) for model in self.models(draws)], dtype=float)
        low, high = np.quantile(values, [tail, 1 - tail], axis=0)
        return Interval(function(self.model), low, high)

    def quick(self, function: Callable[[Any], Any], level: float = 0.95) -> Interval:
        """The same for a costly smooth function, from 33 calls instead of one per draw.

        The logarithm of the function is taken as quadratic over the posterior, which is close
        once there are some thousands of customers. The values must be above 0 or all 0.
        """
        tail = (1 - as_level(level)) / 2
        shape, evaluate = self._stand_in(function)
        limits = np.empty((2, int(np.prod(shape))))
        for start in range(0, limits.shape[1], 4096):
            block = slice(start, start + 4096)
            limits[:, block] = np.quantile(evaluate(block), [tail, 1 - tail], axis=0)
        low, high = limits.reshape(2, *shape)
        return Interval(function(self.model), low[()], high[()])

    def quick_values(self, function: Callable[[Any], Any], draws: int | None = None) -> np.ndarray:
        """The values behind `quick`, shape (draws, …), to be joined with those of another model.

        Expected purchases and expected spend have posteriors of their own; the value of a base is
        the product of both, draw by draw, added up over customers.
        """
        shape, evaluate = self._stand_in(function, draws)
        values = evaluate(slice(None))
        return values.reshape(len(values), *shape)

    def _stand_in(self, function: Callable[[Any], Any], draws: int | None = None):
        """The shape of the function's values, and what gives blocks of them at the draws."""
        space = self.model.space
        free = space.to_free(self.parameters)
        at, basis = quadratic(free, space.to_free(self._some(draws)))
        values = np.array([function(self._at(space.to_natural(u))) for u in at], dtype=float)
        with np.errstate(divide="ignore"):
            logs = np.log(values.reshape(len(at), -1))
        zero = ~np.isfinite(logs).all(axis=0)
        logs[:, zero] = 0.0

        def evaluate(block: slice) -> np.ndarray:
            return np.where(zero[block], 0.0, np.exp(basis @ logs[:, block]))

        return values.shape[1:], evaluate

    def _at(self, theta: np.ndarray) -> Any:
        return replace(self.model, **dict(zip(self.model.symbols, theta, strict=True)), fitted=None)

    def _some(self, draws: int | None) -> np.ndarray:
        if draws is None or draws >= len(self):
            return self.parameters
        return self.parameters[np.linspace(0, len(self) - 1, draws).astype(int)]


def draw_posterior(model: Any, draws: int, seed: int | None, counts: Any) -> Posterior:
    """Draws from the posterior of a fitted model (see `Model.posterior`)."""
    if model.fitted is None:
        name = type(model).__name__
        raise InputError(f"{name} was written by hand; fit it to data to get a posterior")
    draws = int(one_number(draws, "draws", 2, whole=True))
    if draws > MOST:
        raise InputError(f"draws is {draws:,}; {MOST:,} at most are held, and a thousand tell much")
    generator(seed)
    space = model.space
    u = space.to_free(list(model.parameters.values()))
    counts = counts if counts is not None else model.fitted.counts
    if counts is None:
        inverse = np.linalg.inv(space.jacobian(u))
        covariance = inverse @ model.fitted.covariance @ inverse.T
        free = np.random.default_rng(seed).multivariate_normal(u, covariance, draws)
        note = Finding(
            "normal_draws",
            "note",
            _("The data are not at hand, so the draws follow the normal approximation."),
            _("Give `counts` to draw from the posterior itself."),
        )
        return Posterior(model, space.to_natural(free), float(draws), "normal", (note,))
    problem = type(model).problem(counts)
    free, ess = _importance(problem, u, draws, seed)
    return Posterior(model, space.to_natural(free), ess, "importance", _check(ess, draws))


def _importance(
    problem: Problem, u: np.ndarray, draws: int, seed: int | None
) -> tuple[np.ndarray, float]:
    """Free coordinates of equally likely draws, and their effective sample size."""
    curvature = problem.curvature(u, 1.0)
    mode = settle(problem, u, curvature, 1.0, steps=8)
    if mode is None:
        mode, curvature = climb(problem, 1.0)
    root = np.linalg.cholesky(np.linalg.inv(curvature))
    top = problem(mode, 1.0)[0]

    def exact(free: np.ndarray) -> np.ndarray:
        return np.array([problem(row, 1.0)[0] - top for row in free])

    if draws >= MANY:
        for target in _stand_ins(problem, mode, root, exact):
            free, ess = _sampled(target, mode, root, draws, seed)
            near = np.argsort(_distance(free, mode, root))
            some = free[np.concatenate([np.arange(CHECKS), near[-CHECKS:]])]
            if ess >= ENOUGH * draws and np.abs(target(some) - exact(some)).max() < APART:
                return free, ess
    return _sampled(exact, mode, root, draws, seed)


def _stand_ins(
    problem: Problem, mode: np.ndarray, root: np.ndarray, exact: Density
) -> Iterator[Density]:
    """Cheaper densities, the cheapest first: a polynomial, and the same with exact outskirts."""
    polynomial = fitted_polynomial(problem, mode, root)
    if polynomial is None:
        return
    yield polynomial

    def with_exact_outskirts(free: np.ndarray) -> np.ndarray:
        values = polynomial(free)
        far = _distance(free, mode, root) > REACH
        values[far] = exact(free[far])
        return values

    yield with_exact_outskirts


def _distance(free: np.ndarray, mode: np.ndarray, root: np.ndarray) -> np.ndarray:
    """How far the draws lie from the mode, in standard deviations."""
    return np.sqrt((np.linalg.solve(root, (free - mode).T) ** 2).sum(axis=0))


def _sampled(
    target: Density,
    centre: np.ndarray,
    root: np.ndarray,
    draws: int,
    seed: int | None,
) -> tuple[np.ndarray, float]:
    """Draws from the density whose logarithm is `target`, in random order."""
    rng = np.random.default_rng(seed)
    proposals, free, values = [(centre, root)], np.empty((0, len(centre))), np.empty(0)
    for _round in range(ROUNDS):
        new = _propose(*proposals[-1], draws, rng)
        free = np.concatenate([free, new])
        values = np.concatenate([values, np.nan_to_num(target(new), nan=-np.inf)])
        weights = _weights(values, free, proposals)
        ess = 1 / float(weights @ weights)
        if ess >= ENOUGH * draws:
            break
        centre = weights @ free
        away = free - centre
        spread = (away * weights[:, None]).T @ away
        proposals.append((centre, np.linalg.cholesky(spread * 1.3 + 1e-9 * np.eye(len(centre)))))
    ladder = (np.arange(draws) + rng.random()) / draws
    chosen = np.searchsorted(np.cumsum(weights), ladder).clip(max=len(free) - 1)
    return rng.permutation(free[chosen]), min(ess, float(draws))


def _propose(
    centre: np.ndarray, root: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of a multivariate t."""
    z = rng.standard_normal((draws, len(centre)))
    z *= np.sqrt(FREEDOM / rng.chisquare(FREEDOM, draws))[:, None]
    return centre + z @ root.T


def _weights(
    values: np.ndarray, free: np.ndarray, proposals: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Normalised weights of all draws so far, as draws from the mixture of all proposals."""
    d = free.shape[1]
    logs = []
    for centre, root in proposals:
        z = np.linalg.solve(root, (free - centre).T)
        log_size = np.log(np.diag(root)).sum()
        logs.append(-(FREEDOM + d) / 2 * np.log1p((z**2).sum(axis=0) / FREEDOM) - log_size)
    log_weight = values - np.logaddexp.reduce(logs, axis=0)
    weights = np.exp(log_weight - log_weight.max())
    return weights / weights.sum()


def _check(ess: float, draws: int) -> tuple[Finding, ...]:
    if ess >= min(TOO_FEW, draws / 2):
        return ()
    sentence = _("The {n} draws are worth only {ess} independent ones.", n=draws, ess=round(ess))
    remedy = _(
        "Ask for more draws, or fit more customers: the posterior is far from its approximation."
    )
    return (Finding("few_effective_draws", "warning", sentence, remedy),)
