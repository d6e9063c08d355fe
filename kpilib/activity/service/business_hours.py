"""Business hours: the seconds between two instants that lie inside a calendar's open hours.

A calendar is turned once into its open stretches in UTC, over the span that is asked about; what
was open up to an instant is then one search in a sorted array, however many instants there are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import InputError

Seconds = NDArray[np.int64]

DAY = 86_400
_LONG_AGO = np.iinfo(np.int64).min // 4


class Stretch(NamedTuple):
    """A stretch of every week on which a desk is open."""

    weekday: int
    """1 is Monday, 7 is Sunday."""
    opens: int
    """Seconds after midnight, as the local clock shows them."""
    closes: int
    """Likewise; 86,400 is the midnight that ends the day."""


def clock_seconds(text: str) -> int:
    """Seconds after midnight of a time written HH:MM or HH:MM:SS; 24:00 is allowed.

    Raises InputError where it is neither.

    >>> clock_seconds("09:30"), clock_seconds("24:00")
    (34200, 86400)
    """
    parts = str(text).strip().split(":")
    if 2 <= len(parts) <= 3 and all(part.isdecimal() and len(part) <= 2 for part in parts):
        hour, minute, second = (int(part) for part in (*parts, "0")[:3])
        total = 3600 * hour + 60 * minute + second
        if minute < 60 and second < 60 and total <= DAY:
            return total
    raise InputError(f"time {text!r} is not a time of day; write it like 09:00, up to 24:00")


@dataclass(frozen=True, eq=False)
class OpenHours:
    """When a desk is open, as stretches of UTC epoch seconds that are sorted and lie apart.

    Made by `OpenHours.of_week`, which knows local clocks; without stretches it is never open.

    >>> from zoneinfo import ZoneInfo
    >>> week = [Stretch(day, 9 * 3600, 17 * 3600) for day in range(1, 6)]
    >>> desk = OpenHours.of_week(week, ZoneInfo("UTC"), 0, 14 * 86_400)
    >>> friday, monday = 86_400 + 16 * 3600, 4 * 86_400 + 10 * 3600
    >>> desk.between([friday], [monday]).tolist()  # 16:00 to 17:00, and 9:00 to 10:00
    [7200]
    """

    opens: Seconds
    closes: Seconds

    @classmethod
    def of_week(
        cls,
        week: Sequence[Stretch],
        zone: ZoneInfo,
        first: int,
        last: int,
        closed: Collection[int] = (),
        extra: Collection[int] = (),
    ) -> "OpenHours":
        """A week's stretches on every date that the UTC seconds `first` to `last` touch.

        `closed` are dates, as days since 1970, on which nobody works. On those in `extra`, days
        off that are worked to make up for a holiday, the hours are those of the first weekday that
        has any. A stretch begins and ends at the first instant at which the local clock shows its
        time or a later one: days have 23 or 25 hours where clocks change.

        Raises InputError where a weekday is not 1 to 7 or a stretch does not end after it begins.
        """
        for one in week:
            _check(one)
        clock = _LocalClock.over(zone, first - 2 * DAY, last + 2 * DAY)
        days = np.arange(first // DAY - 1, last // DAY + 2, dtype=np.int64)
        weekday = (days + 3) % 7 + 1
        made_up = np.isin(days, np.fromiter(extra, np.int64))
        weekday = np.where(made_up, min((one.weekday for one in week), default=0), weekday)
        works = ~np.isin(days, np.fromiter(closed, np.int64))
        opens, closes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for one in week:
            midnight = days[works & (weekday == one.weekday)] * DAY
            opens.append(clock.first_instant(midnight + one.opens))
            closes.append(clock.first_instant(midnight + one.closes))
        return cls(*_apart(np.concatenate(opens), np.concatenate(closes)))

    def open_until(self, instants: ArrayLike) -> Seconds:
        """The open seconds of the span that lie before each instant."""
        instants = np.asarray(instants, dtype=np.int64)
        if not len(self.opens):
            return np.zeros(instants.shape, np.int64)
        place = np.searchsorted(self.opens, instants, side="right") - 1
        within = np.minimum(instants, self.closes[place]) - self.opens[place]
        return np.where(place < 0, 0, self._before[place] + within)

    def between(self, start: ArrayLike, end: ArrayLike) -> Seconds:
        """The open seconds from each start to each end; 0 where the end is not later.

        Both are UTC epoch seconds, one element each per row.
        """
        return np.maximum(self.open_until(end) - self.open_until(start), 0)

    @cached_property
    def _before(self) -> Seconds:
        """The open seconds before each stretch."""
        return np.concatenate([[0], np.cumsum(self.closes - self.opens)[:-1]]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _LocalClock:
    """What a zone's clocks show, as stretches of one offset each."""

    since: Seconds
    """The UTC second at which each stretch begins."""
    offset: Seconds
    """Local less UTC, in seconds."""

    @classmethod
    def over(cls, zone: ZoneInfo, first: int, last: int) -> "_LocalClock":
        """The stretches from one UTC second to another, clock changes found to the second."""
        since, offset = [_LONG_AGO], [_offset(zone, first)]
        for start in range(first, last, DAY):
            end = min(start + DAY, last)
            after = _offset(zone, end)
            if after != offset[-1]:
                since.append(_change(zone, start, end))
                offset.append(after)
        return cls(np.array(since, np.int64), np.array(offset, np.int64))

    def first_instant(self, wall: Seconds) -> Seconds:
        """The first UTC second at which the local clock shows `wall` or a later time."""
        until = np.append(self.since[1:], -_LONG_AGO)
        reached = np.maximum.accumulate(until + self.offset)
        place = np.searchsorted(reached, wall, side="right")
        return np.maximum(wall - self.offset[place], self.since[place])


def _offset(zone: ZoneInfo, second: int) -> int:
    shown = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(shown.total_seconds()) if shown is not None else 0


def _change(zone: ZoneInfo, start: int, end: int) -> int:
    """The first second after `start` that has the offset of `end`."""
    after = _offset(zone, end)
    while end - start > 1:
        middle = (start + end) // 2
        start, end = (start, middle) if _offset(zone, middle) == after else (middle, end)
    return end


def _apart(opens: Seconds, closes: Seconds) -> tuple[Seconds, Seconds]:
    """The stretches sorted, those that overlap or touch made one."""
    real = closes > opens
    order = np.argsort(opens[real], kind="stable")
    opens, closes = opens[real][order], closes[real][order]
    if not len(opens):
        return opens, closes
    reached = np.maximum.accumulate(closes)
    fresh = np.append(True, opens[1:] > reached[:-1])
    last = np.append(fresh[1:], True)
    return opens[fresh], reached[last]


def _check(stretch: Stretch) -> None:
    if not 1 <= stretch.weekday <= 7:
        raise InputError(f"weekday {stretch.weekday} is none; 1 is Monday and 7 is Sunday")
    if not 0 <= stretch.opens < stretch.closes <= DAY:
        raise InputError(
            f"open from {_clock(stretch.opens)} to {_clock(stretch.closes)}: a stretch ends after "
            "it begins, on the same date; write one that passes midnight as two, to 24:00 and "
            "from 00:00"
        )


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
