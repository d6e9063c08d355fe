"""Counted contract lifetimes: how many ended in each period, how many were still running."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from kpilib.clv.fitting.arguments import as_column, refuse
from kpilib.errors import InputError


@dataclass(frozen=True, eq=False)
class Contracts:
    """For each whole number of periods: contracts that ended in it, and contracts last seen in it.

    Two are added with `+`, so cohorts and partitions can be counted apart.

    >>> seen = Contracts.from_survivors([1000, 869, 743])
    >>> seen.periods, seen.ended, seen.running
    (array([1., 2.]), array([131., 126.]), array([  0., 743.]))
    """

    periods: np.ndarray
    ended: np.ndarray
    running: np.ndarray
    customers: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "customers", float(self.ended.sum() + self.running.sum()))

    @classmethod
    def from_survivors(cls, survivors: ArrayLike) -> "Contracts":
        """From customers still there after 0, 1, 2, … renewals."""
        s = as_column(survivors, "survivors").astype(float)
        refuse(~((s >= 0) & np.isfinite(s)), "survivors", s, 0, "must be finite and 0 or more")
        refuse(np.diff(s, prepend=s[:1]) > 0, "survivors", s, 0, "must not rise")
        if len(s) < 2 or s[0] == 0:
            raise InputError(
                "survivors must hold the customers at the start, above 0, and after 1, 2, … "
                f"renewals; got {len(s)} numbers from {s[0] if len(s) else 'none'} on"
            )
        periods = np.arange(1.0, len(s))
        running = np.zeros(len(periods))
        running[-1] = s[-1]
        return cls(periods, -np.diff(s), running)

    @classmethod
    def from_durations(
        cls, durations: ArrayLike, ended: ArrayLike | None, weights: ArrayLike | None = None
    ) -> "Contracts":
        """From one duration per contract, with `ended` false where it was still running."""
        t = as_column(durations, "durations").astype(float)
        n = np.ones(len(t)) if weights is None else as_column(weights, "weights").astype(float)
        if ended is None:
            raise InputError("ended is missing: say which contracts ended and which still run")
        over = as_column(ended, "ended").astype(float)
        refuse(~np.isin(over, [0, 1]), "ended", over, 0, "must be true or false")
        over = over == 1
        if not len(t) == len(over) == len(n):
            raise InputError(
                f"durations, ended and weights differ in length: {len(t)}, {len(over)}, {len(n)}; "
                "give one of each per contract"
            )
        if not len(t):
            raise InputError("there are no contracts: durations is empty; give one per contract")
        refuse(~(t >= 1), "durations", t, 0, "must be 1 or more periods")
        refuse(np.isinf(t), "durations", t, 0, "must be a finite number of periods")
        refuse(t != np.floor(t), "durations", t, 0, "must be a whole number of periods")
        refuse(~((n >= 0) & np.isfinite(n)), "weights", n, 0, "must be finite and 0 or more")
        if not n.any():
            raise InputError("weights are all 0; give how many contracts share each row")
        periods, place = np.unique(t, return_inverse=True)
        size = len(periods)
        return cls(
            periods,
            np.bincount(place, n * over, minlength=size),
            np.bincount(place, n * ~over, minlength=size),
        )

    def __add__(self, other: "Contracts") -> "Contracts":
        if not isinstance(other, Contracts):
            return NotImplemented
        periods, place = np.unique(
            np.concatenate([self.periods, other.periods]), return_inverse=True
        )
        sums = [
            np.bincount(place, np.concatenate([a, b]), minlength=len(periods))
            for a, b in ((self.ended, other.ended), (self.running, other.running))
        ]
        return Contracts(periods, *sums)

    @property
    def repeat_buyers(self) -> float:
        """Customers who renewed at least once."""
        return self.customers - float(self.ended[self.periods == 1].sum())

    @property
    def purchases(self) -> float:
        """Zero: the likelihood is of whole periods and does not change with the unit."""
        return 0.0
