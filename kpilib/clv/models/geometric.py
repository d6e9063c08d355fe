"""The common mathematics of BG/NBD and MBG/NBD: dropout only at purchases.

They differ in one integer: how many chances to leave a customer has had after x repeat purchases,
x in BG/NBD and x + 1 in MBG/NBD, where the first purchase counts.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincc, expit, gammaln, hyp2f1

from kpilib.clv.fitting.arguments import at_least
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import log_rising, purchases_while_alive
from kpilib.clv.models.geometric_likelihood import GeometricLikelihood
from kpilib.clv.models.simulation import geometric_histories
from kpilib.clv.models.transactions import TransactionModel, histories


@dataclass(frozen=True)
class GeometricDropout(TransactionModel):
    """Base of BGNBD and MBGNBD; not fitted itself."""

    symbols: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    space: ClassVar[Space] = Space(("rate", "share"))
    time_powers: ClassVar[dict[str, int]] = {"alpha": 1}
    first_chance: ClassVar[int] = 0
    edges: ClassVar[dict[tuple[int, int], str]] = {
        (0, -1): "rate_unknown", (0, 1): "rate_unknown",
        (1, -1): "rates_too_unlike", (1, 1): "same_rate",
        (2, -1): "no_dropout", (2, 1): "all_dropout",
        (3, -1): "dropout_unlike", (3, 1): "same_dropout",
    }  # fmt: skip

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def likelihood(cls, counts: Counts) -> GeometricLikelihood:
        """The log-likelihood of `counts` and its gradient, as a function of r, alpha, a, b."""
        return GeometricLikelihood(counts, cls.first_chance)

    def _alive(self, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> np.ndarray:
        chances = x + self.first_chance
        odds = np.log(self.a / (self.b + (np.maximum(chances, 1) - 1))) + (self.r + x) * (
            np.log1p((age - t_x) / (self.alpha + t_x))
        )
        return np.where(chances == 0, 1.0, expit(-odds))

    def _future(self, x: np.ndarray, age: np.ndarray, t: np.ndarray) -> np.ndarray:
        left = self.b + x + self.first_chance
        return purchases_while_alive(self.r + x, self.alpha + age, self.a, left, t)

    def _new(self, t: np.ndarray) -> np.ndarray:
        stays = self.b / (self.a + self.b) if self.first_chance else 1.0
        left = self.b + self.first_chance
        return stays * purchases_while_alive(self.r, self.alpha, self.a, left, t)

    def _pmf(self, n: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Equation (8) of the BG/NBD paper, and its like for MBG/NBD."""
        return _pmf(n, t, self.r, self.alpha, self.a, self.b, self.first_chance)

    def probability_alive_later(
        self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """Probability that customers with these histories have not left by `t` after T.

        Given that a customer is there at T, the rate is gamma(r + x, alpha + T) and the chance to
        leave beta(a, b + x) (one more in MBG/NBD), and E[e^(-lambda p t)] is a hypergeometric
        function: P(alive at T) 2F1(r + x, a; a + b + x; -t / (alpha + T)).

        >>> from kpilib.clv import BGNBD
        >>> cdnow = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, time_unit="weeks")
        >>> cdnow.probability_alive_later([0, 39], 2, 30.43, 38.86).round(3)
        array([0.727, 0.567])
        """
        x, t_x, age, t = np.broadcast_arrays(*histories(frequency, recency, T), at_least(t, "t"))
        left = self.b + x + self.first_chance
        lasts = hyp2f1(self.r + x, self.a, self.a + left, -t / (self.alpha + age))
        alive = self._alive(x.ravel(), t_x.ravel(), age.ravel()).reshape(x.shape)
        return (alive * lasts)[()]

    def probability_of_n_more_purchases(
        self, n: ArrayLike, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> np.ndarray:
        """Probability that customers with these histories buy exactly n times in `t` after T.

        Whoever is there at T goes on like a new customer of BG/NBD with r + x, alpha + T, a and
        b + x (one more in MBG/NBD); whoever is not buys no more (Fader & Hardie, Computing
        P(X(t, t+tau) = x) Using the BG/NBD Model, 2007).

        >>> from kpilib.clv import BGNBD
        >>> cdnow = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, time_unit="weeks")
        >>> cdnow.probability_of_n_more_purchases([0, 1, 2], 39, 2, 30.43, 38.86).round(3)
        array([0.445, 0.239, 0.144])
        """
        past, of = histories(frequency, recency, T), at_least(n, "n", whole=True)
        x, t_x, age, t, n = np.broadcast_arrays(*past, at_least(t, "t"), of)
        left = self.b + x + self.first_chance
        goes_on = _pmf(n, t, self.r + x, self.alpha + age, self.a, left, 0)
        alive = self._alive(x.ravel(), t_x.ravel(), age.ravel()).reshape(x.shape)
        return (alive * goes_on + np.where(n == 0, 1 - alive, 0.0))[()]

    def _simulate(self, age: np.ndarray, ahead: float, rng: np.random.Generator) -> dict:
        theta = (self.r, self.alpha, self.a, self.b)
        return geometric_histories(theta, self.first_chance, age, ahead, rng)


def _pmf(n: Any, t: Any, r: Any, alpha: Any, a: float, b: Any, first_chance: int) -> np.ndarray:
    chances = n + first_chance
    share, rest = t / (alpha + t), alpha / (alpha + t)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_count = log_rising(r, n) - gammaln(n + 1) - r * np.log1p(t / alpha)
        log_count -= np.where(n == 0, 0.0, n * np.log1p(alpha / t))
    last = np.maximum(n, 1)
    reached = np.where(share < 0.5, betainc(last, r, share), betaincc(r, last, rest))
    reached = np.where(n == 0, 1.0, reached)
    stays = np.exp(log_rising(b, a) - log_rising(b + chances, a))
    leaves = np.where(chances == 0, 0.0, a / (b + (np.maximum(chances, 1) - 1)))
    return stays * (np.exp(log_count) + leaves * reached)
