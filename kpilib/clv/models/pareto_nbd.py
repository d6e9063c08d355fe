"""Pareto/NBD: buying at a steady rate for an exponential lifetime.

Schmittlein, Morrison & Colombo, Counting Your Customers, Management Science 33(1), 1987; in the
notation of Fader, Hardie & Lee, Marketing Science 24(2), 2005, and Fader & Hardie's note 009.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit, gammaln, psi

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import distinct_rows, dot
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import growth, log_rising
from kpilib.clv.models.pareto_integral import log_count_while_leaving, log_leaving
from kpilib.clv.models.simulation import exponential_histories
from kpilib.clv.models.transactions import TransactionModel


@dataclass(frozen=True)
class ParetoNBD(TransactionModel, saved=True):
    """Pareto/NBD: `r, alpha` of the gamma of purchase rates, `s, beta` of the gamma of dropout.

    A customer buys at rate lambda ~ gamma(r, alpha) and leaves at rate mu ~ gamma(s, beta), at any
    time, seen or unseen.

    >>> cdnow = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, time_unit="weeks")
    >>> print(cdnow.expected_purchases(39, frequency=2, recency=30.43, T=38.86).round(3))
    1.455
    >>> cdnow.probability_alive(frequency=[0, 2], recency=[0, 30.43], T=[38.86, 38.86]).round(3)
    array([0.295, 0.869])
    """

    symbols: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    space: ClassVar[Space] = Space(("rate", "rate"))
    time_powers: ClassVar[dict[str, int]] = {"alpha": 1, "beta": 1}
    edges: ClassVar[dict[tuple[int, int], str]] = {
        (0, -1): "rate_unknown", (0, 1): "rate_unknown",
        (1, -1): "rates_too_unlike", (1, 1): "same_rate",
        (2, -1): "no_dropout", (2, 1): "all_dropout",
        (3, -1): "dropout_unlike", (3, 1): "same_dropout",
    }  # fmt: skip

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def likelihood(cls, counts: Counts) -> "ParetoLikelihood":
        """The log-likelihood of `counts` and its gradient, as a function of r, alpha, s, beta."""
        return ParetoLikelihood(counts)

    @classmethod
    def _start(cls, rate: float, age: float) -> np.ndarray:
        return cls.space.to_free([0.6, 0.45 / rate, 0.7, 0.7 * age])

    @property
    def _theta(self) -> tuple[float, float, float, float]:
        return (self.r, self.alpha, self.s, self.beta)

    def _alive(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
        stayed = log_staying(self._theta, x, age)
        return expit(stayed - log_leaving(self._theta, x, t_x, age)[0])

    def _future(self, x: np.ndarray, age: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Equation (41) of note 009 given that the customer is alive, finite at s = 1."""
        ahead = np.log1p(t / (self.beta + age))
        rate = (self.r + x) / (self.alpha + age)
        return rate * (self.beta + age) * ahead * growth((self.s - 1) * ahead)

    def _new(self, t: np.ndarray) -> np.ndarray:
        return self._future(np.zeros_like(t), np.zeros_like(t), t)

    def _pmf(self, n: np.ndarray, t: np.ndarray) -> np.ndarray:
        out = np.where((t == 0) & (n == 0), 1.0, 0.0)
        n, when = n[t > 0], t[t > 0]
        log_count = log_rising(self.r, n) - gammaln(n + 1)
        stays = log_staying(self._theta, n, when) + n * np.log(when / self.alpha)
        leaves = log_count_while_leaving(self._theta, n, when)
        out[t > 0] = np.exp(log_count + np.logaddexp(stays, leaves))
        return out

    def _simulate(self, age: np.ndarray, ahead: float, rng: np.random.Generator) -> dict:
        return exponential_histories(self._theta, age, ahead, rng)


def log_staying(theta: tuple, x: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Log of (1 + T / beta)^-s (1 + T / alpha)^-(r + x)."""
    r, alpha, s, beta = theta
    return -s * np.log1p(age / beta) - (r + x) * np.log1p(age / alpha)


class ParetoLikelihood:
    """From (r, alpha, s, beta) to the log-likelihood of `counts` and its four derivatives.

    The integral over the moment of leaving, from t_x to T, is the difference of two that run to
    the oldest T. They depend on (x, t_x) and on (x, T) only, far fewer pairs than there are
    triples, and the difference is safe: what is taken off never exceeds the term of those who
    stayed.
    """

    def __init__(self, counts: Counts) -> None:
        self.n, self.purchases = counts.weights, counts.purchases
        x = counts.frequency
        starts = np.flatnonzero(np.diff(x, prepend=-1))
        self.each_x, self.each_n = x[starts], np.add.reduceat(self.n, starts)
        (self.x1, self.t1), self.at1 = distinct_rows(x, counts.recency)
        (self.x2, self.t2), self.at2 = distinct_rows(x, counts.T)
        self.top = counts.T.max()

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient at (r, alpha, s, beta)."""
        r, alpha = theta[:2]
        log_1, slope_1 = log_leaving(theta, self.x1, self.t1, self.top)
        log_2, slope_2 = self._stayed(theta)
        one, two = log_1[self.at1], log_2[self.at2]
        total = np.logaddexp(one, two)
        value = self.each_n @ (gammaln(self.each_x + r) - gammaln(r))
        value += dot(self.n, total) - self.purchases * np.log(alpha)
        weight_1 = np.bincount(self.at1, self.n * expit(one - two), minlength=len(self.x1))
        weight_2 = np.bincount(self.at2, self.n * expit(two - one), minlength=len(self.x2))
        slope = np.array(
            [dot(a, weight_1) + dot(b, weight_2) for a, b in zip(slope_1, slope_2, strict=True)]
        )
        slope[0] += self.each_n @ (psi(self.each_x + r) - psi(r))
        slope[1] -= self.purchases / alpha
        return value, slope

    def _stayed(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log of (stayed until T) less (left after T, before the oldest T), and derivatives."""
        r, alpha, s, beta = theta
        stay = log_staying(tuple(theta), self.x2, self.t2)
        later, later_slope = log_leaving(theta, self.x2, self.t2, self.top)
        taken = np.exp(np.minimum(later - stay, -1e-15))
        age = self.t2
        stay_slope = np.array([
            -np.log1p(age / alpha),
            (r + self.x2) * age / (alpha * (alpha + age)),
            -np.log1p(age / beta),
            s * age / (beta * (beta + age)),
        ])  # fmt: skip
        kept = 1 - taken
        return stay + np.log(kept), (stay_slope - taken * later_slope) / kept
