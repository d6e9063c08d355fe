"""Gamma-Gamma: how much a customer spends per purchase.

Fader & Hardie, The Gamma-Gamma Model of Monetary Value, note 025, 2013.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from kpilib.clv.fitting.arguments import PERIODS, as_numbers, at_least, generator, of_kind
from kpilib.clv.fitting.distinct import dot
from kpilib.clv.fitting.optimise import Problem, solve_shared
from kpilib.clv.fitting.posterior import draw_posterior
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import log_rising, psi_rising
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.model import OWN, Model, other_engine
from kpilib.errors import InputError

SAMPLE = 24_000


@dataclass(frozen=True)
class GammaGamma(Model, saved=True):
    """Gamma-Gamma: `p` of the spend per purchase, `q, v` of how customers differ in it.

    A purchase of a customer is gamma(p, nu), and nu ~ gamma(q, v) over customers, independently
    of how often they buy (`diagnose` checks that). Money is in the currency of the data.

    >>> cdnow = GammaGamma(p=6.25, q=3.74, v=15.44)
    >>> cdnow.expected_spend(frequency=[2, 0], monetary_value=[22.35, 0]).round(2)
    array([24.66, 35.22])
    """

    symbols: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    space: ClassVar[Space] = Space(("log", "log", "log"))
    edges: ClassVar[dict[tuple[int, int], str]] = {
        (index, side): "spend_unclear" for index in range(3) for side in (-1, 1)
    }

    p: float
    q: float
    v: float
    time_unit: str = field(default=PERIODS, kw_only=True)

    @classmethod
    def fit(
        cls,
        frequency: ArrayLike,
        monetary_value: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        engine: str = "kpilib",
    ) -> Self:
        """The model that makes these mean spends per purchase most likely.

        `frequency` is the number of purchases behind `monetary_value`, their mean, per customer.
        Customers with frequency 0 carry no mean; they are left out and counted, as are those with
        a spend of zero or less, whom a gamma cannot describe. Raises an InputError on missing,
        negative or fractional frequency, or where nobody is left.
        """
        spend = Spend.from_arrays(frequency, monetary_value, weights)
        if engine != OWN:
            return other_engine(engine).fit_spend(cls, spend)
        return cls.fit_counts(spend)

    @classmethod
    def fit_counts(cls, spend: Spend) -> Self:
        """The same from checked spends (see `Spend`), which may be sums of partitions."""
        of_kind(spend, Spend, "Spend.from_arrays(frequency, monetary_value)")
        found = solve_shared(cls.__qualname__, spend, lambda: cls.problem(spend))
        return cls._from_solution(found, spend, PERIODS, spend.findings())

    @classmethod
    def problem(cls, spend: Any) -> Problem:
        """The likelihood of the spends, with a start and a weak prior from their moments."""
        mean = dot(spend.weights, spend.mean) / spend.customers
        start = np.log([4.0, 4.0, mean * 3.0 / 4.0])
        centre = np.array([1.0, 1.0, np.log(mean)])
        sample = None
        if len(spend.mean) > 3 * SAMPLE:
            sample = cls.problem(spend.thinned(len(spend.mean) // SAMPLE))
        sd = np.full(3, 2.5)
        likelihood = SpendLikelihood(spend)
        return Problem(likelihood, cls.space, start, centre, sd, spend.customers, sample)

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> np.ndarray:
        """Expected mean spend per future purchase, given the history; equation (5).

        Customers with frequency 0 get the mean of the population, p v / (q - 1). Where that is
        infinite (q of 1 or less with no purchases seen) the result is inf.
        """
        x = at_least(frequency, "frequency", whole=True)
        mean = as_numbers(monetary_value, "monetary_value").astype(float)
        try:
            x, mean = np.broadcast_arrays(x, mean)
        except ValueError:
            raise InputError(
                "frequency and monetary_value do not match in shape: "
                f"{x.shape}, {mean.shape}; give one of each per customer"
            ) from None
        m = at_least(np.where(x > 0, mean, 0.0), "monetary_value")
        denominator = self.p * x + (self.q - 1)
        with np.errstate(divide="ignore"):
            value = self.p * (self.v + x * m) / np.maximum(denominator, 0.0)
        return value[()]

    @property
    def mean_spend(self) -> float:
        """Mean spend per purchase over customers, p v / (q - 1); inf where q is 1 or less."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def posterior(self, draws: int = 4000, seed: int | None = 0, *, counts: Any = None) -> Any:
        """Draws of p, q, v given the data; see `Posterior`."""
        return draw_posterior(self, draws, seed, counts)

    def simulate(self, frequency: ArrayLike, *, seed: int | None = None) -> np.ndarray:
        """A mean spend for each customer with so many purchases; NaN where there are none."""
        x = at_least(frequency, "frequency", whole=True)
        rng = generator(seed)
        nu = rng.gamma(self.q, 1 / self.v, x.shape)
        total = rng.gamma(np.where(x > 0, self.p * x, 1.0)) / nu
        return np.where(x > 0, total / np.maximum(x, 1), np.nan)


class SpendLikelihood:
    """From (p, q, v) to the log-likelihood of the spends and its derivatives; equation (1a).

    Gamma functions are taken per distinct frequency; only log(1 + v / (x m)) per customer.
    """

    def __init__(self, spend: Spend) -> None:
        self.n, self.starts = spend.weights, np.flatnonzero(np.diff(spend.frequency, prepend=-1))
        self.x = spend.frequency[self.starts]
        self.per_x = np.add.reduceat(self.n, self.starts)
        self.total = spend.frequency * spend.mean
        self.each = 1 / self.total
        self.log_m = dot(self.n, np.log(spend.mean))
        self.log_xm = dot(self.n, np.log(self.total))
        self.customers = spend.customers
        self.plain = bool((self.n == 1).all())

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient at (p, q, v)."""
        p, q, v = theta
        logs, inverse = np.log(1 + v * self.each), 1 / (self.total + v)
        if not self.plain:
            logs *= self.n
            inverse *= self.n
        log_x = np.add.reduceat(logs, self.starts)
        inverse_x = np.add.reduceat(inverse, self.starts)
        shape, px = p * self.x + q, p * self.x
        log_v = self.customers * np.log(v) - self.log_xm
        value = (
            self.per_x @ (log_rising(px, q) - gammaln(q)) + q * log_v - self.log_m - shape @ log_x
        )
        by_p = (self.per_x * self.x) @ psi_rising(px, q) - self.x @ log_x
        by_q = self.per_x @ (psi(shape) - psi(q)) + log_v - log_x.sum()
        by_v = self.customers * q / v - shape @ inverse_x
        return value, np.array([by_p, by_q, by_v])
