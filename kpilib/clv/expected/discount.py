"""Horizons in calendar months and the discounting of what happens in them.

Money that comes in a month is discounted for the calendar months until then, a yearly rate d
making (1 + d)^(-months / 12): a year is a year, leap or not, and December is as long as it is. By
default a month's money is taken to come in its middle.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kpilib.errors import InputError, near_miss
from kpilib.periods import months_before

TIMINGS = {"start": 1.0, "middle": 0.5, "end": 0.0}
"""Which part of a step's months has not passed yet when its money comes."""

MOST_MONTHS = 1200
YEAR = 365.2425
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(day|week|month|quarter|year)s?\s*", re.IGNORECASE)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONTH = 30.0
_QUICKEST = 0.1
"""The shortest time, in days, that nodes are laid for."""
_KNOTS = 18
_FEW_KNOTS = 4
_TAIL_NODES = 32


@dataclass(frozen=True, eq=False)
class Schedule:
    """Steps of time from now on, and what money that comes in each of them is worth today.

    `ends` are the days from now to the end of each step, `months` the same in calendar months,
    `factors` the discount factor of each step; the yearly rate is `discount_rate`.

    >>> year = Schedule.until("12 months", start=date(2027, 5, 1), discount_rate=0.10)
    >>> len(year.ends), year.days, year.factors[[0, -1]].round(4).tolist()
    (12, 366.0, [0.996, 0.9127])
    """

    ends: np.ndarray
    months: np.ndarray
    factors: np.ndarray
    discount_rate: float

    @classmethod
    def until(
        cls,
        horizon: str | int | date = "12 months",
        *,
        start: date,
        discount_rate: float = 0.10,
        timing: str = "middle",
    ) -> "Schedule":
        """Month by month from `start` to the horizon, the last step shorter where need be.

        `horizon` is text (`"12 months"`, `"90 days"`, `"3 years"`), a number of months, or a date.
        Raises InputError on a horizon of 0 or less, or of more than a century, and on a rate of -1
        or less.
        """
        rate = check_rate(discount_rate)
        if timing not in TIMINGS:
            raise InputError(f"timing {timing!r} is not known; {near_miss(timing, TIMINGS)}")
        stop = horizon_end(horizon, start)
        ends, months = [], []
        for k in range(1, MOST_MONTHS + 1):
            begin, end = months_before(start, 1 - k), months_before(start, -k)
            if stop <= begin:
                break
            last = min(end, stop)
            ends.append((last - start).days)
            months.append(k - 1 + (last - begin).days / (end - begin).days)
        steps = np.array(months)
        length = np.diff(steps, prepend=0.0)
        factors = (1 + rate) ** (-(steps - TIMINGS[timing] * length) / 12)
        return cls(np.array(ends, dtype=float), steps, factors, rate)

    @property
    def days(self) -> float:
        """Days from now to the horizon."""
        return float(self.ends[-1])

    def dates(self, start: date) -> list[date]:
        """The first day after each step."""
        return [start + timedelta(days=int(end)) for end in self.ends]

    def nodes(self, quick: float = _MONTH) -> "tuple[np.ndarray, np.ndarray]":
        """Days t, and a matrix that turns a function's values there into its values at `ends`.

        Over few steps the nodes are their ends. Over many, a function that is 0 now is interpolated
        at Chebyshev nodes of log(1 + t / s), s being `quick`, the days within which the function
        may bend (a model's `time_scale`), or 30 where those are more. Eighteen nodes do for 30
        days, and more for fewer: the expected purchases of the lifetime models are right to seven
        digits or more.
        """
        scale = min(max(quick, _QUICKEST), _MONTH)
        knots = int(np.ceil(_KNOTS * np.log1p(self.days / scale) / np.log1p(self.days / _MONTH)))
        if len(self.ends) <= knots + 2:
            return self.ends, np.eye(len(self.ends))
        return _chebyshev(self.days, self.ends, knots, scale)

    def rough(self) -> "tuple[np.ndarray, np.ndarray]":
        """Four nodes and weights for the discounted increase over the steps.

        Good to 1e-4 over a year and to 1e-3 over ten: enough to say how much it moves when a
        parameter does.
        """
        times, matrix = _chebyshev(self.days, self.ends, _FEW_KNOTS, _MONTH)
        return times, self.weights @ matrix

    @property
    def weights(self) -> np.ndarray:
        """Weights w of the ends with sum(w E(ends)) the discounted increase of E over the steps."""
        return self.factors - np.append(self.factors[1:], 0.0)

    def tail(self) -> "tuple[np.ndarray, np.ndarray] | None":
        """Nodes and weights for all that comes after the horizon, discounted day by day.

        The first node is the horizon itself. None where the rate is 0 or less: the sum to infinity
        may have no limit.
        """
        if self.discount_rate <= 0:
            return None
        rate = np.log1p(self.discount_rate) / YEAR
        at_horizon = (1 + self.discount_rate) ** (-self.months[-1] / 12)
        # By parts: rate times the integral of e^(-rate s) (E(H + s) - E(H)), on the log of s.
        scale = self.days + 30.0
        top = np.log1p(40.0 / rate / scale)
        x, w = np.polynomial.legendre.leggauss(_TAIL_NODES)
        y = (x + 1) / 2 * top
        s = scale * np.expm1(y)
        w = w / 2 * top * scale * np.exp(y) * rate * np.exp(-rate * s) * at_horizon
        return np.append(self.days, self.days + s), np.append(-w.sum(), w)


def check_rate(discount_rate: float) -> float:
    """The yearly rate as a number above -1, or an InputError."""
    try:
        rate = float(discount_rate)
    except (TypeError, ValueError):
        rate = np.nan
    if not (rate > -1 and np.isfinite(rate)):
        raise InputError(
            f"discount_rate is {discount_rate}; it must be a yearly rate above -1, "
            "like 0.10 for 10% a year"
        )
    return rate


def horizon_end(horizon: str | int | date, start: date) -> date:
    """The day on which a horizon ends, the first one outside it.

    >>> horizon_end("12 months", date(2026, 5, 1)), horizon_end("2 weeks", date(2026, 5, 1))
    (datetime.date(2027, 5, 1), datetime.date(2026, 5, 15))
    """
    end = _end(horizon, start)
    if end <= start:
        raise InputError(
            f"horizon {horizon} is no time at all from {start} on; write one like '12 months'"
        )
    if end > months_before(start, -MOST_MONTHS):
        raise InputError(f"horizon {horizon} is more than a century; the residual has the rest")
    return end


def horizon_start(horizon: str | int, end: date) -> date:
    """The day from which a horizon reaches to `end`.

    >>> horizon_start("3 months", date(2026, 5, 1))
    datetime.date(2026, 2, 1)
    """
    months, days = _size(horizon)
    start = months_before(end, months) if months else end - timedelta(days=days)
    if start >= end:
        raise InputError(f"horizon {horizon} is no time at all; write one like '3 months'")
    return start


def _end(horizon: str | int | date, start: date) -> date:
    if isinstance(horizon, date):
        return horizon
    months, days = _size(horizon)
    return months_before(start, -months) if months else start + timedelta(days=days)


def _size(horizon: str | int) -> tuple[int, int]:
    """A horizon as whole months, or as days where it is given in days or weeks."""
    match = _TEXT.fullmatch(
        f"{horizon} months" if isinstance(horizon, int | np.integer) else str(horizon)
    )
    if not match:
        raise InputError(
            f"horizon {horizon!r} is not understood; write '12 months', '90 days', '3 years' "
            "or a date"
        )
    count, unit = float(match[1]), match[2].lower()
    size = _MONTHS.get(unit)
    if size is None:
        return 0, min(round(count * (7 if unit == "week" else 1)), MOST_MONTHS * 31)
    months = min(count * size, MOST_MONTHS + 1.0)
    if months != int(months):
        raise InputError(f"horizon {horizon!r} is not a whole number of months; give it in days")
    return int(months), 0


def _chebyshev(
    days: float, times: np.ndarray, knots: int, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in (0, days], and the matrix from values there to values at `times`.

    Zero is a node as well: nothing has happened by then, so it needs no evaluation.
    """
    top = np.log1p(days / scale)
    k = np.arange(knots + 1)
    y = (1 - np.cos(np.pi * k / knots)) / 2 * top
    sign = np.where(k % 2, -1.0, 1.0) * np.where((k == 0) | (k == knots), 0.5, 1.0)
    gap = np.log1p(times / scale)[:, None] - y
    hit = np.abs(gap) < 1e-13
    share = sign / np.where(hit, 1.0, gap)
    share = np.where(hit.any(axis=1, keepdims=True), hit, share)
    return scale * np.expm1(y[1:]), (share / share.sum(axis=1, keepdims=True))[:, 1:]
