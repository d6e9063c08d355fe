"""Durations with unfinished ones: Kaplan–Meier on counts, and the log-rank test.

Millions of customers have only as many distinct durations as there are days, so everything here
works on counts per duration, in plain numpy. A duration of t means: seen to last until t; an event
is an end at t, a censored one was still going on when it was last seen at t.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from kpilib.errors import InputError
from kpilib.statistics.intervals import normal_quantile

Floats = NDArray[np.float64]

_FUZZ = 1e-12  # a running product of fractions meets 0.5 only to rounding


class Estimate(NamedTuple):
    """A number and its limits; None where it is not reached, or not seen long enough."""

    value: float | None
    low: float | None
    high: float | None


class RestrictedMean(NamedTuple):
    """The mean duration within the first `tau`, in the unit of the durations.

    Limits and standard error are NaN where no ending was seen before `tau`, or all at once.
    """

    value: float
    low: float
    high: float
    standard_error: float
    tau: float


class LogRank(NamedTuple):
    """The test that several groups share one survival curve."""

    statistic: float
    """Chi-squared."""
    degrees: int
    """Groups less one."""
    p_value: float
    """NaN where no event happened while two groups were at risk."""


class NaiveMeans(NamedTuple):
    """Three averages found in practice, each beside the estimate that it is not."""

    observed: float
    """All durations averaged as if each had ended: too low while customers remain."""
    ended_only: float
    """Only those that ended: lower still, the long ones are yet to come. NaN with none."""
    per_event: float
    """Total time observed per event: right only where the hazard is constant. NaN with none."""


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """The product-limit survival curve (Kaplan & Meier, JASA 53, 1958).

    Made by `KaplanMeier.from_counts`. The arrays have one element per distinct time at which anyone
    entered, ended or was last seen.

    >>> curve = KaplanMeier.from_counts([6, 7, 10, 13], events=[2, 1, 1, 1], censored=[0, 1, 0, 0])
    >>> curve.survival.round(3).tolist()
    [0.667, 0.5, 0.25, 0.0]
    >>> curve.median().value
    7.0
    """

    time: Floats
    at_risk: Floats
    """Customers at risk just before `time`."""
    events: Floats
    """How many ended at `time`."""
    censored: Floats
    """How many were last seen, still going on, at `time`."""
    level: float = 0.95

    @classmethod
    def from_counts(
        cls,
        duration: ArrayLike,
        events: ArrayLike,
        censored: ArrayLike,
        entry: ArrayLike | None = None,
        level: float = 0.95,
    ) -> "KaplanMeier":
        """The curve of rows that count, per duration, how many ended and how many did not.

        `duration` may repeat and need not be sorted. `entry` is the age at which the row's
        customers came under observation (left truncation: customers older than the log); a customer
        counts as at risk at t where entry < t ≤ duration. Without it all are watched from 0.

        Raises InputError where an array's length differs, a count is negative or not finite, a
        duration is negative, or an entry is not before its duration.
        """
        duration, events, censored = (
            np.atleast_1d(np.asarray(a, dtype=float)) for a in (duration, events, censored)
        )
        start = np.zeros_like(duration) if entry is None else np.asarray(entry, dtype=float)
        _check(duration, events, censored, start)
        late = start > 0
        time = np.unique(np.concatenate([duration, start[late]]))
        count = events + censored
        place = np.searchsorted(time, duration)
        ended = np.bincount(place, events, minlength=len(time)).astype(float)
        unfinished = np.bincount(place, censored, minlength=len(time)).astype(float)
        entered = np.bincount(np.searchsorted(time, start[late]), count[late], minlength=len(time))
        change = np.cumsum(entered - ended - unfinished)
        at_risk = count[~late].sum() + np.concatenate([[0.0], change[:-1]])
        return cls(time, at_risk, ended, unfinished, level)

    @cached_property
    def survival(self) -> Floats:
        """Share still going on just after each `time`."""
        return np.cumprod(1 - self._hazard, dtype=np.float64)

    @cached_property
    def standard_error(self) -> Floats:
        """Greenwood's standard error of `survival` (Greenwood 1926)."""
        return self.survival * np.sqrt(self._greenwood)

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """Log-log limits of `survival` (Kalbfleisch & Prentice 2002, section 1.4).

        Before the first event, where log-log says nothing, the lower limit is the exact binomial
        one for none lost of those at risk. Once all are lost, the last upper limit stays.
        """
        z = normal_quantile(self.level)
        inside = (self.survival > _FUZZ) & (self.survival < 1)
        safe = np.where(inside, self.survival, 0.5)
        spread = z * np.sqrt(np.where(inside, self._greenwood, 0.0)) / np.log(safe)
        low, high = safe ** np.exp(-spread), safe ** np.exp(spread)
        untouched = self.survival == 1
        none_lost = _none_lost(self.at_risk, self.level)
        low = np.where(untouched, none_lost, np.where(inside, low, 0.0))
        high = np.where(untouched, 1.0, np.where(inside, high, np.nan))
        gone = np.flatnonzero(np.isnan(high))
        if gone.size:
            high[gone] = high[gone[0] - 1] if gone[0] else 1.0
        return low, high

    @property
    def n(self) -> float:
        """How many customers the curve is of."""
        return float(self.events.sum() + self.censored.sum())

    def at(self, t: float) -> Estimate:
        """Share still going on at t, with limits; None past the last one seen.

        >>> KaplanMeier.from_counts([5, 9], [2, 0], [0, 2]).at(7).value
        0.5
        """
        if not self.time.size or (t > self.time[-1] and self.survival[-1] > _FUZZ):
            return Estimate(None, None, None)
        if t < self.time[0]:
            return Estimate(1.0, float(_none_lost(self.at_risk[0], self.level)), 1.0)
        place = int(np.searchsorted(self.time, t, side="right")) - 1
        low, high = self.limits
        return Estimate(float(self.survival[place]), float(low[place]), float(high[place]))

    def quantile(self, q: float) -> Estimate:
        """The duration by which a share q has ended, with limits (Brookmeyer & Crowley 1982).

        The first time at which `survival`, or its limit, is at or below 1 − q; None where that is
        not reached within what was observed.

        >>> KaplanMeier.from_counts([5, 9], [2, 0], [0, 2]).quantile(0.9)
        Estimate(value=None, low=5.0, high=None)
        """
        if not 0 < q < 1:
            raise InputError(f"quantile q == {q}, must lie between 0 and 1; write 0.9 for 90%")
        low, high = self.limits
        return Estimate(*(self._first(curve, 1 - q) for curve in (self.survival, low, high)))

    def median(self) -> Estimate:
        """The duration by which half have ended, with limits; None where not reached."""
        return self.quantile(0.5)

    def restricted_mean(self, tau: float | None = None) -> RestrictedMean:
        """The mean duration within the first `tau`: the area under the curve up to there.

        Standard error after Klein & Moeschberger, *Survival Analysis* (2003), eq. 4.5.2. Default
        tau: the longest duration seen. Raises InputError where tau is beyond it while some remain.

        >>> mean = KaplanMeier.from_counts([5, 9], [2, 0], [0, 2]).restricted_mean(9)
        >>> mean.value, round(mean.standard_error, 3)
        (7.0, 1.0)
        """
        if not self.time.size:
            raise InputError("a restricted mean needs at least one duration; there is none")
        last = float(self.time[-1])
        tau = last if tau is None else float(tau)
        if tau < 0 or (tau > last and self.survival[-1] > _FUZZ):
            raise InputError(
                f"restricted mean to {tau:g}: durations were seen up to {last:g} only; "
                f"choose tau from 0 to {last:g}"
            )
        edges = np.concatenate([[0.0], np.minimum(self.time, tau), [tau]])
        area = np.diff(edges) * np.concatenate([[1.0], self.survival])
        after = area[::-1].cumsum()[::-1][1:]  # the area still to come after each time
        left = self.at_risk - self.events
        usable = (self.events > 0) & (left > 0) & (self.time <= tau)
        terms = self.events / np.where(usable, self.at_risk * left, 1.0)
        error = float(np.sqrt((after**2 * terms)[usable].sum()))
        value, reach = float(area.sum()), normal_quantile(self.level) * error
        if error == 0:  # nobody lost, or all at once: nothing is known of the spread
            return RestrictedMean(value, float("nan"), float("nan"), float("nan"), tau)
        return RestrictedMean(value, max(value - reach, 0.0), min(value + reach, tau), error, tau)

    @cached_property
    def _hazard(self) -> Floats:
        return self.events / np.where(self.events > 0, self.at_risk, 1.0)

    @cached_property
    def _greenwood(self) -> Floats:
        left = self.at_risk - self.events
        terms = self.events / np.where(left > 0, self.at_risk * left, 1.0)
        return np.cumsum(np.where(self.events > 0, terms, 0.0))

    def _first(self, curve: Floats, share: float) -> float | None:
        reached = np.flatnonzero(curve <= share + _FUZZ)
        return float(self.time[reached[0]]) if reached.size else None


def log_rank(groups: Sequence[KaplanMeier]) -> LogRank:
    """The log-rank test of two or more groups (Mantel 1966; Peto & Peto 1972).

    >>> short = KaplanMeier.from_counts([1, 2, 3], [4, 3, 2], [0, 0, 1])
    >>> long = KaplanMeier.from_counts([1, 2, 3], [1, 1, 1], [0, 0, 7])
    >>> round(log_rank([short, long]).p_value, 4)
    0.0061
    """
    if len(groups) < 2:
        raise InputError(f"a log-rank test compares two or more groups; {len(groups)} was given")
    time = np.unique(np.concatenate([group.time[group.events > 0] for group in groups]))
    events = np.array([_events_at(group, time) for group in groups])
    risk = np.array([_at_risk_at(group, time) for group in groups])
    total, ended = risk.sum(axis=0), events.sum(axis=0)
    share = risk / total
    weight = ended * (total - ended) / np.where(total > 1, total - 1, 1.0)
    surplus = (events - ended * share).sum(axis=1)
    covariance = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    degrees = len(groups) - 1
    if not np.any(np.diag(covariance) > _FUZZ):
        return LogRank(float("nan"), degrees, float("nan"))
    statistic = float(surplus @ np.linalg.pinv(covariance, hermitian=True) @ surplus)
    return LogRank(statistic, degrees, float(special.chdtrc(degrees, statistic)))


def naive_means(duration: ArrayLike, events: ArrayLike, censored: ArrayLike) -> NaiveMeans:
    """The averages that practice offers for a lifetime, from the same counts.

    >>> naive_means([2, 10], [3, 1], [0, 4])
    NaiveMeans(observed=7.0, ended_only=4.0, per_event=14.0)
    """
    duration, events, censored = (np.asarray(a, dtype=float) for a in (duration, events, censored))
    ended, everyone = float(events.sum()), float((events + censored).sum())
    total = float(duration @ (events + censored))
    nan = float("nan")
    return NaiveMeans(
        total / everyone if everyone else nan,
        float(duration @ events) / ended if ended else nan,
        total / ended if ended else nan,
    )


def _none_lost(at_risk: Floats, level: float) -> Floats:
    """The exact lower limit of a share of which none of `at_risk` was lost."""
    return ((1 - level) / 2) ** (1 / np.maximum(at_risk, 1.0))


def _events_at(group: KaplanMeier, time: Floats) -> Floats:
    place = np.minimum(np.searchsorted(group.time, time), len(group.time) - 1)
    return np.where(group.time[place] == time, group.events[place], 0.0)


def _at_risk_at(group: KaplanMeier, time: Floats) -> Floats:
    # Nobody enters or leaves between two of the group's own times.
    return np.append(group.at_risk, 0.0)[np.searchsorted(group.time, time)]


def _check(duration: Floats, events: Floats, censored: Floats, entry: Floats) -> None:
    if not len(duration) == len(events) == len(censored) == len(entry):
        raise InputError(
            f"duration, events, censored and entry have {len(duration)}, {len(events)}, "
            f"{len(censored)} and {len(entry)} rows; give one of each per row"
        )
    for name, values in (("duration", duration), ("events", events), ("censored", censored)):
        if not np.all(np.isfinite(values) & (values >= 0)):
            raise InputError(f"{name} has a value that is negative or not finite; leave it out")
    wrong = (entry > 0) & ~(entry < duration) | ~np.isfinite(entry)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"entry {entry[first]:g} is not before its duration {duration[first]:g}; "
            "leave out customers who ended before they were first seen"
        )
