"""The common mathematics of BG/NBD and MBG/NBD: dropout only at purchases.

They differ in one integer: how many chances to leave a customer has had after x repeat purchases,
x in BG/NBD and x + 1 in MBG/NBD, where the first purchase counts.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import betainc, betaincc, expit, gammaln

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import log_rising, purchases_while_alive
from kpilib.clv.models.geometric_likelihood import GeometricLikelihood
from kpilib.clv.models.simulation import geometric_histories
from kpilib.clv.models.transactions import TransactionModel


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
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        chances = n + self.first_chance
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

    def _simulate(self, age: np.ndarray, ahead: float, rng: np.random.Generator) -> dict:
        theta = (self.r, self.alpha, self.a, self.b)
        return geometric_histories(theta, self.first_chance, age, ahead, rng)
