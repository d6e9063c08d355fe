"""Contracts that renew month by month: how long each has lived, and the renewals still to come."""

from typing import Any

import numpy as np

from kpilib.clv.expected.discount import Schedule
from kpilib.clv.fitting.contracts import Contracts
from kpilib.clv.models.sbg import SBG
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.words import _


def lives(started: np.ndarray, ended: np.ndarray, closes: int) -> dict[str, np.ndarray]:
    """What is known of contracts when the day `closes` begins; `ended` is NaN where it is open.

    `renewals` (whole months lived by then), `elapsed` (the part of the current month that is over),
    `running`, `periods` (months begun, for one that ended).
    """
    running = ~(ended <= closes)
    stop = np.where(running, closes, np.nan_to_num(ended, nan=closes)).astype(int)
    whole, part = months_between(started, stop)
    begun = np.maximum(np.where(running, whole, whole + (part > 0)), 1)
    return {"renewals": whole, "elapsed": part, "running": running, "periods": begun}


def day_before(closes: int) -> Period:
    """The last day before an instant, as a period that closes at it."""
    return Period(day_date(closes - 1), day_date(closes))


def filled(monthly: Any, unknown: Any, mean: Any) -> Any:
    """Monthly revenue with the contracts that do not say theirs taken at the mean of the others."""
    return monthly + (unknown * mean).where(unknown > 0, 0.0)


def contract_counts(contracts: Any, weights: np.ndarray | None = None) -> Contracts:
    """The counted lifetimes of contracts, as `lives` has them, for `SBG.fit_counts`.

    Contracts still in their first month say nothing yet and are left out. Raises InputError where
    that leaves none.
    """
    running = np.asarray(contracts["running"], dtype=bool)
    seen = ~running | (np.asarray(contracts["renewals"]) >= 1)
    if not seen.any():
        raise InputError(
            _("no contract has come to a first renewal yet; move until, or wait for a month")
        )
    weights = None if weights is None else weights[seen]
    return Contracts.from_durations(np.asarray(contracts["periods"])[seen], ~running[seen], weights)


def months_between(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole calendar months from day numbers to day numbers, and the part of one left over.

    A month ends on the same day of the next, or on its last where that is shorter.

    >>> months_between(np.array([0, 30]), np.array([31, 58]))  # 1 and 31 January 1970
    (array([1, 1]), array([0., 0.]))
    """
    begun, ended = (np.asarray(days).astype("datetime64[D]") for days in (start, stop))
    from_month, to_month = begun.astype("datetime64[M]"), ended.astype("datetime64[M]")
    on_day = begun - from_month.astype("datetime64[D]")

    def after(months: np.ndarray) -> np.ndarray:
        month = from_month + months.astype("timedelta64[M]")
        first = month.astype("datetime64[D]")
        beyond = (month + np.timedelta64(1, "M")).astype("datetime64[D]")
        return np.minimum(first + on_day, beyond - np.timedelta64(1, "D"))

    whole = (to_month - from_month).astype(int)
    whole = np.where(after(whole) > ended, whole - 1, whole)
    lower, upper = after(whole), after(whole + 1)
    return whole, (ended - lower).astype(int) / (upper - lower).astype(int)


class Renewals:
    """The renewals to come of running contracts within the horizon, and their discounting.

    `n` counts the renewals of each contract so far, `elapsed` is the part of its current month that
    is over. Every method gives one number per contract, in renewals.
    """

    def __init__(self, n: np.ndarray, elapsed: np.ndarray, schedule: Schedule) -> None:
        self.n, self.schedule = n, schedule
        self.rate = (1 + schedule.discount_rate) ** (1 / 12)
        self.ahead = self.rate**elapsed
        self.most = np.floor(schedule.months[-1] + elapsed + 1e-9).astype(int)
        self.levels, self.level = np.unique(n, return_inverse=True)
        self.k = np.arange(1, max(int(self.most.max(initial=0)), 1) + 1)

    def _survival(self, model: SBG) -> np.ndarray:
        """S(n + k) / S(n), (levels, k)."""
        later = model.survival(self.levels[:, None] + self.k)
        return later / model.survival(self.levels)[:, None]

    def _summed(self, terms: np.ndarray) -> np.ndarray:
        sums = np.concatenate([np.zeros((len(terms), 1)), np.cumsum(terms, axis=1)], axis=1)
        return sums[self.level, self.most]

    def expected(self, model: SBG) -> np.ndarray:
        """Renewals expected within the horizon."""
        return self._summed(self._survival(model))

    def within(self, model: SBG) -> np.ndarray:
        """The same, each discounted."""
        return self.ahead * self._summed(self._survival(model) * self.rate**-self.k)

    def beyond(self, model: SBG) -> np.ndarray:
        """The discounted renewals after the horizon, to infinity; NaN at a rate of 0 or less."""
        if self.schedule.discount_rate <= 0:
            return np.full(len(self.n), np.nan)
        forever = model.expected_renewals(self.levels, self.rate - 1)[self.level]
        return self.ahead * forever - self.within(model)

    def by_step(self, model: SBG) -> np.ndarray:
        """Renewals expected of all contracts in each step of the schedule."""
        counted = self.k <= self.most[:, None]
        out = np.zeros(len(self.schedule.ends))
        out[self.k - 1] = (self._survival(model)[self.level] * counted).sum(axis=0)
        return out

    def variance(self, model: SBG) -> np.ndarray:
        """Of one contract's discounted renewals: it pays until it ends."""
        survival = self._survival(model)
        paid = np.cumsum(np.broadcast_to(self.rate**-self.k, survival.shape), axis=1)
        before = np.concatenate([np.zeros((len(paid), 1)), paid[:, :-1]], axis=1)
        square = self._summed(survival * (paid**2 - before**2))
        return self.ahead**2 * square - self.within(model) ** 2
