"""The calendar of the demo business: its days, its seasons, and the open hours of its desks.

Holidays are written out here, so that the same seed gives the same rows whatever is installed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from kpilib.demo.model import Desk, Model, Shock
from kpilib.periods import months_before

DAY = 86_400

TET = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 2),
}  # fmt: skip
"""The first day of the lunar year in Vietnam."""

HUNG_KINGS = {
    2015: (4, 28), 2016: (4, 16), 2017: (4, 6), 2018: (4, 25), 2019: (4, 14), 2020: (4, 2),
    2021: (4, 21), 2022: (4, 10), 2023: (4, 29), 2024: (4, 18), 2025: (4, 7), 2026: (4, 26),
    2027: (4, 16), 2028: (4, 4), 2029: (4, 23), 2030: (4, 12),
}  # fmt: skip
"""The tenth day of the third lunar month."""

_HOURS = np.array(
    [3, 1, 1, 1, 1, 2, 8, 18, 30, 42, 48, 50, 44, 36, 38, 42, 44, 44, 46, 58, 68, 62, 36, 12]
)
"""How busy each hour of the day is."""


@dataclass(frozen=True)
class Calendar:
    """The days from the business's first to its last."""

    model: Model

    @cached_property
    def start(self) -> np.datetime64:
        """The first day."""
        return np.datetime64(months_before(self.model.end + timedelta(days=1), self.model.months))

    @cached_property
    def days(self) -> int:
        """How many days there are."""
        return int((np.datetime64(self.model.end) - self.start).astype(int)) + 1

    @cached_property
    def dates(self) -> np.ndarray:
        """Every day as `datetime64[D]`."""
        return self.start + np.arange(self.days)

    @cached_property
    def month(self) -> np.ndarray:
        """The month of every day, counted from the first."""
        months = self.dates.astype("datetime64[M]")
        return (months - months[0]).astype(int)

    @cached_property
    def demand(self) -> np.ndarray:
        """How eagerly customers buy on each day; 1 on average."""
        season = self.model.season
        tenth = (self.dates - self.dates.astype("datetime64[Y]")).astype(int) / 365.25
        demand = 1 + season.swing * np.cos(2 * np.pi * (tenth - 0.95))
        weekday = (self.dates.astype(int) + 3) % 7
        demand = demand * np.where(weekday >= 5, season.weekend, 1.0)
        for year in range(int(self.model.end.year) + 1, int(str(self.start)[:4]) - 1, -1):
            if year in TET:
                ahead = (np.datetime64(date(year, *TET[year])) - self.dates).astype(int)
                demand = np.where((ahead > 1) & (ahead <= 22), demand * season.before_tet, demand)
                demand = np.where((ahead <= 1) & (ahead > -6), demand * season.tet, demand)
        return demand / demand.mean()

    def shocked(self, shock: Shock) -> np.ndarray:
        """Whether each day lies within a shock."""
        lasts = self.dates >= np.datetime64(shock.since)
        return lasts if shock.until is None else lasts & (self.dates < np.datetime64(shock.until))

    def times(self, seconds: np.ndarray) -> np.ndarray:
        """Seconds since the first midnight as `datetime64[s]`; below 0 none."""
        whole = np.floor(np.asarray(seconds)).astype(np.int64)
        found = self.start.astype("datetime64[s]") + whole.astype("timedelta64[s]")
        return np.where(whole < 0, np.datetime64("NaT", "s"), found)

    def open_time(self, desk: Desk) -> "OpenTime":
        """The open hours of a desk, over the business's days and some months more."""
        zone, home = ZoneInfo(desk.zone), ZoneInfo(self.model.time_zone)
        first = self.start.astype(object)
        opens, closes = [], []
        closed = set(holidays(desk.holidays, first.year, self.model.end.year + 1))
        for ahead in range(self.days + 180):
            day = first + timedelta(days=ahead)
            for weekdays, begins, ends in desk.hours:
                low, _, high = weekdays.partition("-")
                if day not in closed and int(low) <= day.isoweekday() <= int(high or low):
                    opens.append(_second(day, begins, zone, home, first))
                    closes.append(_second(day, ends, zone, home, first))
        order = np.argsort(opens)
        return OpenTime(np.array(opens)[order], np.array(closes)[order])


def _second(day: date, clock: str, zone: ZoneInfo, home: ZoneInfo, first: date) -> int:
    """A desk's local time as seconds since the first midnight, on the business's clock."""
    hour, minute = map(int, clock.split(":"))
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    there = local.astimezone(home).replace(tzinfo=None)
    return int((there - datetime(first.year, first.month, first.day)).total_seconds())


@dataclass(frozen=True)
class OpenTime:
    """Open stretches as seconds since the first midnight, sorted and apart."""

    opens: np.ndarray
    closes: np.ndarray

    @cached_property
    def _before(self) -> np.ndarray:
        """The open seconds before each stretch, and before the end of all."""
        return np.concatenate([[0], np.cumsum(self.closes - self.opens)])

    def later(self, at: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """When so many open seconds have passed since `at`.

        >>> desk = OpenTime(np.array([100, 300]), np.array([200, 400]))
        >>> desk.later(np.array([0, 150]), np.array([50, 60])).tolist()
        [150, 310]
        """
        place = np.searchsorted(self.opens, at, side="right") - 1
        within = np.clip(at - self.opens[place], 0, (self.closes - self.opens)[place])
        begun = np.where(place < 0, 0, self._before[place] + within)
        wanted = np.minimum(begun + seconds, self._before[-1])
        place = np.searchsorted(self._before, wanted, side="left") - 1
        place = np.maximum(place, 0)
        return self.opens[place] + (wanted - self._before[place])


def seconds_of_day(rng: np.random.Generator, size: int) -> np.ndarray:
    """Times of day as people keep them, in seconds after midnight."""
    hour = np.searchsorted(np.cumsum(_HOURS) / _HOURS.sum(), rng.random(size), side="right")
    return hour * 3600 + rng.integers(0, 3600, size)


def holidays(country: str, first: int, last: int) -> list[date]:
    """Public holidays of Vietnam (VN) or France (FR) from one year to another.

    >>> [str(day) for day in holidays("FR", 2026, 2026)][:3]
    ['2026-01-01', '2026-04-06', '2026-05-01']
    """
    found: list[date] = []
    for year in range(first, last + 1):
        found += _vietnam(year) if country == "VN" else _france(year)
    return sorted(found)


def _vietnam(year: int) -> list[date]:
    fixed = [(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)]
    days = [date(year, *one) for one in fixed]
    if year in HUNG_KINGS:
        days.append(date(year, *HUNG_KINGS[year]))
    if year in TET:
        days += [date(year, *TET[year]) + timedelta(days=ahead) for ahead in range(-1, 5)]
    return sorted(set(days))


def _france(year: int) -> list[date]:
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    moving = [_easter(year) + timedelta(days=ahead) for ahead in (1, 39, 50)]
    return sorted({*(date(year, *one) for one in fixed), *moving})


def _easter(year: int) -> date:
    """Easter Sunday, by the anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    month, day = divmod(d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114, 31)
    return date(year, month, day + 1)
