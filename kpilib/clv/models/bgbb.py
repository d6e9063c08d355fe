"""BG/BB: buying or not at each of n opportunities, until silently gone.

Fader, Hardie & Shang, Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29(6), 2010.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, gammaln, logsumexp, psi

from kpilib.clv.fitting.arguments import PERIODS, of_kind
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import distinct_rows
from kpilib.clv.fitting.optimise import Problem
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import beta_nodes
from kpilib.clv.models.transactions import TransactionModel
from kpilib.errors import InputError

MOST = 10_000
"""Opportunities beyond which time is meant, and another model."""


@dataclass(frozen=True)
class BGBB(TransactionModel, saved=True):
    """BG/BB: `alpha, beta` of the beta of buying, `gamma, delta` of the beta of leaving.

    Time is counted in opportunities: T opportunities so far, x of them taken, the last one at
    the t_x-th. A customer is there at the first with probability 1 - theta and buys with p.

    >>> donors = BGBB(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> donors.expected_purchases(5, frequency=[6, 0], recency=[6, 0], T=6).round(2)
    array([3.75, 0.07])
    """

    symbols: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    space: ClassVar[Space] = Space(("share", "share"))
    edges: ClassVar[dict[tuple[int, int], str]] = {
        (0, -1): "rate_unknown", (0, 1): "buying_unclear",
        (1, -1): "rates_too_unlike", (1, 1): "same_rate",
        (2, -1): "no_dropout", (2, 1): "all_dropout",
        (3, -1): "dropout_unlike", (3, 1): "same_dropout",
    }  # fmt: skip

    alpha: float
    beta: float
    gamma: float
    delta: float
    time_unit: str = field(default=PERIODS, kw_only=True)

    @classmethod
    def fit(
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        time_unit: str = PERIODS,
        engine: str = "kpilib",
    ) -> Self:
        """The model that makes these histories most likely.

        `frequency` is the number of opportunities taken, `recency` the number of the last one
        taken (0 if none), `T` the opportunities so far; whole numbers, frequency <= recency <= T.
        """
        return super().fit(frequency, recency, T, weights, time_unit=time_unit, engine=engine)

    @classmethod
    def fit_counts(cls, counts: Counts, *, engine: str = "kpilib") -> Self:
        """The same from compressed counts."""
        of_kind(counts, Counts, "Counts.from_arrays(frequency, recency, T)")
        _check(counts.frequency, counts.recency, counts.T)
        return super().fit_counts(counts, engine=engine)

    @classmethod
    def likelihood(cls, counts: Counts) -> "OpportunityLikelihood":
        """The log-likelihood of `counts` and its gradient, by alpha, beta, gamma, delta."""
        return OpportunityLikelihood(counts)

    @classmethod
    def problem(cls, counts: Counts) -> Problem:
        """The likelihood of compressed histories, with a start and a weak prior."""
        mean, sd = cls.space.prior(())
        start = cls.space.to_free([1.0, 1.0, 0.7, 2.3])
        return Problem(cls.likelihood(counts), cls.space, start, mean, sd, counts.customers)

    @property
    def _theta(self) -> tuple[float, float, float, float]:
        return (self.alpha, self.beta, self.gamma, self.delta)

    def _alive(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
        """Probability of being there at opportunity T + 1; equation (7)."""
        _check(x, t_x, age)
        log_stay = _log_stay(self._theta, x, age)
        (x1, t1, n1), inverse = distinct_rows(x, t_x, age)
        total = logsumexp(_log_terms(self._theta, x1, t1, n1), axis=0)[inverse]
        once_more = np.log((self.delta + age) / (self.gamma + self.delta + age))
        return np.exp(log_stay - total + once_more)

    def _future(self, x: np.ndarray, age: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Expected purchases of those there at T + 1: chance to buy, times opportunities there.

        With theta ~ beta(gamma, delta + T + 1) they are there for (1 - (1 - theta)^t) / theta.
        """
        if (t != np.floor(t)).any():
            raise InputError("BGBB: t must be a whole number of opportunities; round it")
        buys = (self.alpha + x) / (self.alpha + self.beta + age)
        leaves, w = beta_nodes(self.gamma, self.delta + age + 1, t)
        leaves = np.clip(leaves, 1e-290, 1 - 1e-16)
        stays = np.log1p(-leaves)
        return buys * (w * -np.expm1(t[:, None] * stays) / leaves).sum(axis=-1)

    def _new(self, t: np.ndarray) -> np.ndarray:
        zero = np.zeros_like(t)
        return self._future(zero, zero, t) * self.delta / (self.gamma + self.delta)

    def _pmf(self, n: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Equation (8): being there for i of t opportunities, buying at n of them."""
        _check(np.zeros_like(t), np.zeros_like(t), t)
        out = np.zeros(len(n))
        a, b, c, d = self._theta
        for row, (count, when) in enumerate(zip(n, t, strict=True)):
            i = np.arange(count, when + 1)
            buying = _log_choose(i, count) + betaln(a + count, b + i - count) - betaln(a, b)
            leaving = betaln(c + 1, d + i) - betaln(c, d)
            if len(i):
                leaving[-1] = betaln(c, d + when) - betaln(c, d)
                out[row] = np.exp(logsumexp(buying + leaving))
        return out

    def _simulate(self, age: np.ndarray, ahead: float, rng: np.random.Generator) -> dict:
        _check(np.zeros_like(age), np.zeros_like(age), age + ahead)
        buys = rng.beta(self.alpha, self.beta, len(age))
        leaves = rng.beta(self.gamma, self.delta, len(age))
        with np.errstate(divide="ignore"):
            life = np.floor(np.log(rng.random(len(age))) / np.log1p(-leaves))
        x, t_x, future = (np.zeros(len(age)) for _ in range(3))
        for k in range(1, int((age + ahead).max()) + 1):
            bought = (rng.random(len(age)) < buys) & (k <= life)
            now = bought & (k <= age)
            x += now
            t_x[now] = k
            future += bought & (k > age) & (k <= age + ahead)
        return {"frequency": x, "recency": t_x, "T": age, "future": future, "alive": life > age}


def _check(x: np.ndarray, t_x: np.ndarray, n: np.ndarray) -> None:
    """Refuse what cannot be counted in opportunities."""
    if (n != np.floor(n)).any() or (t_x != np.floor(t_x)).any():
        raise InputError("BGBB: recency and T must be whole numbers of opportunities; round them")
    if (x > t_x).any():
        raise InputError(
            "BGBB: frequency is above recency: one purchase per opportunity at most; "
            "merge purchases of one opportunity"
        )
    if n.max(initial=0) > MOST:
        raise InputError(
            f"BGBB: {n.max():g} opportunities are more than {MOST:,}; "
            "count opportunities (campaigns, seasons), not time, or use BGNBD"
        )


def _log_choose(n: np.ndarray, k: float) -> np.ndarray:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _log_stay(theta: tuple, x: np.ndarray, n: np.ndarray) -> np.ndarray:
    a, b, c, d = theta
    return betaln(a + x, b + n - x) - betaln(a, b) + betaln(c, d + n) - betaln(c, d)


def _log_terms(theta: tuple, x: np.ndarray, t_x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Logs of the terms of equation (5): still there, or gone after t_x + i; (terms, rows)."""
    a, b, c, d = theta
    i = np.arange(max(1, int((n - t_x).max(initial=0))))[:, None]
    gone = betaln(a + x, b + t_x - x + i) - betaln(a, b) + betaln(c + 1, d + t_x + i) - betaln(c, d)
    gone = np.where(i < n - t_x, gone, -np.inf)
    return np.vstack([_log_stay(theta, x, n)[None], gone])


class OpportunityLikelihood:
    """From (alpha, beta, gamma, delta) to the log-likelihood of `counts` and its derivatives."""

    def __init__(self, counts: Counts) -> None:
        self.x, self.t_x, self.n = counts.frequency, counts.recency, counts.T
        self.weights = counts.weights
        steps = np.arange(max(1, int((self.n - self.t_x).max())))[:, None]
        self.seen = np.vstack([self.n[None], np.minimum(self.t_x + steps, self.n)])
        self.left = np.vstack([np.zeros_like(self.n)[None], np.ones_like(self.seen[1:])])

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient; equation (5) summed over customers."""
        a, b, c, d = theta
        terms = _log_terms(tuple(theta), self.x, self.t_x, self.n)
        total = logsumexp(terms, axis=0)
        share = np.exp(terms - total) * self.weights
        seen, misses = self.seen, self.seen - self.x
        buying = psi(a + b) - psi(a + b + seen)
        leaving = psi(c + d) - psi(c + d + seen + self.left)
        slope = [
            (share * (psi(a + self.x) - psi(a) + buying)).sum(),
            (share * (psi(b + misses) - psi(b) + buying)).sum(),
            (share * (psi(c + self.left) - psi(c) + leaving)).sum(),
            (share * (psi(d + seen) - psi(d) + leaving)).sum(),
        ]
        return float(self.weights @ total), np.array(slope)
