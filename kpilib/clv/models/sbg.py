"""sBG: how long contracts last when customers differ in their chance of not renewing.

Fader & Hardie, How to Project Customer Retention, Journal of Interactive Marketing 21(1), 2007;
remaining value after Fader & Hardie, Customer-Base Valuation in a Contractual Setting, Marketing
Science 29(1), 2010.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from kpilib.clv.fitting.arguments import (
    PERIODS,
    as_numbers,
    at_least,
    generator,
    of_kind,
    one_number,
)
from kpilib.clv.fitting.contracts import Contracts
from kpilib.clv.fitting.optimise import Problem, solve_shared
from kpilib.clv.fitting.posterior import draw_posterior
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.special import beta_nodes, log_rising
from kpilib.clv.models.model import Model
from kpilib.errors import InputError

MOST = 100_000_000
"""Customers, or periods, that `simulate` draws at most."""


@dataclass(frozen=True)
class SBG(Model, saved=True):
    """Shifted beta-geometric: `alpha, beta` of the beta of the chance of not renewing.

    >>> highend = SBG.fit([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> print(round(highend.alpha, 3), round(highend.beta, 3))
    0.668 3.806
    >>> highend.survival([0, 1, 12]).round(3)
    array([1.   , 0.851, 0.378])
    """

    symbols: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    space: ClassVar[Space] = Space(("share",))
    edges: ClassVar[dict[tuple[int, int], str]] = {
        (0, -1): "no_dropout", (0, 1): "all_dropout",
        (1, -1): "dropout_unlike", (1, 1): "same_dropout",
    }  # fmt: skip

    alpha: float
    beta: float
    time_unit: str = field(default=PERIODS, kw_only=True)

    @classmethod
    def fit(
        cls,
        survivors: ArrayLike | None = None,
        *,
        durations: ArrayLike | None = None,
        ended: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        time_unit: str = PERIODS,
    ) -> Self:
        """The model that makes these lifetimes most likely.

        Give either `survivors`, customers still there after 0, 1, 2, … renewals; or `durations`,
        whole periods each customer has been seen (1 or more: in which period it ended, or how
        many renewals it has outlived), with `ended` false where the contract still runs.
        """
        if (survivors is None) == (durations is None):
            raise InputError("give either survivors or durations (with ended), not both or neither")
        if survivors is not None:
            seen = Contracts.from_survivors(survivors)
        elif durations is not None:
            seen = Contracts.from_durations(durations, ended, weights)
        return cls.fit_counts(seen, time_unit=time_unit)

    @classmethod
    def fit_counts(cls, seen: Contracts, *, time_unit: str = PERIODS) -> Self:
        """The same from counted lifetimes, which may be sums of partitions or cohorts."""
        of_kind(seen, Contracts, "Contracts.from_survivors or Contracts.from_durations")
        found = solve_shared(cls.__qualname__, seen, lambda: cls.problem(seen))
        return cls._from_solution(found, seen, time_unit)

    @classmethod
    def problem(cls, seen: Any) -> Problem:
        """The likelihood of the lifetimes, with a start and a weak prior."""
        mean, sd = cls.space.prior(())
        start = cls.space.to_free([0.8, 2.4])
        return Problem(LifetimeLikelihood(seen), cls.space, start, mean, sd, seen.customers)

    def survival(self, t: ArrayLike) -> np.ndarray:
        """Share of new customers still there after t renewals; equation (6)."""
        later = self.beta + at_least(t, "t")
        return np.exp(log_rising(self.beta, self.alpha) - log_rising(later, self.alpha))[()]

    def retention_rate(self, t: ArrayLike) -> np.ndarray:
        """Share of customers there after t - 1 renewals who renew a t-th time; equation (8)."""
        stays = self.beta + (at_least(t, "t", 1.0) - 1)
        return (stays / (self.alpha + stays))[()]

    def expected_renewals(self, renewals: ArrayLike = 0, discount_rate: float = 0.0) -> np.ndarray:
        """Expected further renewals, each discounted, of customers who have renewed so often.

        The k-th further renewal counts (1 + discount_rate)^-k, so 0 gives the expected remaining
        life in renewals, infinite where alpha is 1 or less. A rate of -1 or less is refused, and
        a negative one gives inf, since some customers hardly ever leave.
        """
        n = at_least(renewals, "renewals")
        given = as_numbers(discount_rate, "discount_rate")
        if given.ndim or not (given > -1 and np.isfinite(given)):
            raise InputError(
                f"discount_rate is {discount_rate}; it must be above -1, per renewal period"
            )
        d = float(given)
        if d < 0 or (d == 0 and self.alpha <= 1):
            return np.full(n.shape, np.inf)[()]
        if d == 0:
            return ((self.beta + n) / (self.alpha - 1))[()]
        theta, w = beta_nodes(self.alpha, self.beta + n, 1 / d)
        return (w * (1 - theta) / (d + theta)).sum(axis=-1)[()]

    def posterior(self, draws: int = 4000, seed: int | None = 0, *, counts: Any = None) -> Any:
        """Draws of alpha, beta given the data; see `Posterior`."""
        return draw_posterior(self, draws, seed, counts)

    def simulate(self, customers: int, *, periods: int, seed: int | None = None) -> np.ndarray:
        """Survivors after 0, 1, …, `periods` renewals of a cohort of new customers."""
        people, last_period = (
            int(one_number(value, name, whole=True))
            for value, name in ((customers, "customers"), (periods, "periods"))
        )
        if max(people, last_period) > MOST:
            raise InputError(
                f"customers is {customers}, periods {periods}; draw at most {MOST:,} at once"
            )
        rng = generator(seed)
        theta = rng.beta(self.alpha, self.beta, people)
        with np.errstate(divide="ignore"):
            last = np.floor(np.log(rng.random(people)) / np.log1p(-theta)) + 1
        ended = np.minimum(last, last_period + 1).astype(int)
        return people - np.cumsum(np.bincount(ended, minlength=last_period + 2))[:-1]


class LifetimeLikelihood:
    """From (alpha, beta) to the log-likelihood of counted lifetimes and its derivatives."""

    def __init__(self, seen: Contracts) -> None:
        self.t, self.ended, self.running = seen.periods, seen.ended, seen.running

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient at (alpha, beta); equation (B3)."""
        a, b = theta
        total = a + b
        base = gammaln(total) - gammaln(b)
        alive = base + gammaln(b + self.t) - gammaln(total + self.t)
        gone = base + np.log(a) + gammaln(b + self.t - 1) - gammaln(total + self.t)
        value = self.ended @ gone + self.running @ alive
        n = self.ended + self.running
        fade = psi(total) - psi(total + self.t)
        by_a = n @ fade + self.ended.sum() / a
        by_b = (
            n @ (fade - psi(b)) + self.running @ psi(b + self.t) + self.ended @ psi(b + self.t - 1)
        )
        return value, np.array([by_a, by_b])
