"""The calendars of a service desk: whose hours a ticket follows, and how many passed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.activity.service.business_hours import OpenHours, Stretch, clock_seconds
from kpilib.activity.service.public_holidays import days_off_and_on, known_to
from kpilib.engines.expressions import distinct
from kpilib.errors import InputError, near_miss
from kpilib.periods import day_date

if TYPE_CHECKING:
    from kpilib.activity.records import Records

HOUR = 3600


@dataclass(frozen=True)
class Desk:
    """The calendars there are, over the span that is asked about."""

    hours: Mapping[str, OpenHours]
    """Open hours by `calendar_id`; none where no calendars were given."""
    default: str | None
    """The calendar of a ticket that names none that there is; None: the clock."""

    def seconds(self, calendar: ArrayLike, start: ArrayLike, end: ArrayLike) -> NDArray[np.int64]:
        """The open seconds from each start to each end (UTC epoch seconds) by each one's calendar.

        `calendar` holds one name per row; one that is missing or unknown means the default, and
        where there is none the clock, which never stops.
        """
        start, end = np.asarray(start, np.int64), np.asarray(end, np.int64)
        found = np.maximum(end - start, 0)
        if not self.hours:
            return found
        codes, names = pd.factorize(np.asarray(calendar, dtype=object))
        for code, name in [(-1, None), *enumerate(names)]:
            name = name if name in self.hours else self.default
            rows = codes == code
            if name is not None and rows.any():
                found[rows] = self.hours[name].between(start[rows], end[rows])
        return found

    def strange(self, calendar: ArrayLike) -> int:
        """How many rows name no calendar that there is, while there are some."""
        names = np.asarray(calendar, dtype=object)
        return int(np.sum(~np.isin(names, list(self.hours)))) if self.hours else 0


def names_of_calendars(base: "Records") -> tuple[str, ...]:
    """The calendars there are, sorted; none where none were given."""
    if "calendars" not in base.tables:
        return ()
    return base.remember(("names of calendars",), lambda: _names(base))


def _names(base: "Records") -> tuple[str, ...]:
    names = base.engine.collect(distinct(base.tables["calendars"].select("calendar_id")))
    return tuple(sorted(str(name) for name in names["calendar_id"]))


def needs_a_calendar(base: "Records") -> tuple[str, ...]:
    """Tickets must name their calendar where there are several and no setting chooses one."""
    several = len(names_of_calendars(base)) > 1 and not base.settings.service.calendar
    return ("tickets.calendar_id",) if several else ()


def decided_to(base: "Records") -> date | None:
    """The last day to which the public holidays of all calendars are decided; None: without end."""
    rule = base.settings.service
    countries = {rule.country(name) for name in names_of_calendars(base)} - {""}
    return min((day for day in map(known_to, countries) if day is not None), default=None)


def desk(base: "Records", first: int, last: int) -> Desk:
    """The calendars of a business, good between two UTC epoch seconds.

    The default is `service.calendar`, or the only one; InputError where that is none. Rows that say
    no hours were left out when the table was loaded.
    """
    if "calendars" not in base.tables:
        return Desk({}, None)
    table = base.engine.collect(base.tables["calendars"])
    rule = base.settings.service
    hours = {
        str(name): _open_hours(rows, base.time_zone, rule.country(str(name)), first, last)
        for name, rows in table.groupby("calendar_id", sort=True)
    }
    if rule.calendar and rule.calendar not in hours:
        raise InputError(
            f"service.calendar = {rule.calendar!r} is not in calendars; "
            f"{near_miss(rule.calendar, hours)}"
        )
    only = next(iter(hours)) if len(hours) == 1 else None
    return Desk(hours, rule.calendar or only)


def midnight(base: "Records", day: int) -> int:
    """The UTC epoch second at which a day number begins in the business's time zone."""
    return int(datetime.combine(day_date(day), time(), base.settings.zone).timestamp())


def passed_by(base: "Records", day: int, hours: float) -> int:
    """The first day by whose beginning so many open hours have passed since the beginning of `day`.

    By the slowest of the calendars. A desk that is never open for so long within a year: a year on.
    """
    start = midnight(base, day)
    days = np.arange(day, day + 366)
    ends = np.array([midnight(base, int(one)) for one in days], np.int64)
    calendars = desk(base, start, int(ends[-1]))
    slowest = day
    for name in calendars.hours or [""]:
        open_by = calendars.seconds([name] * len(ends), np.full(len(ends), start), ends)
        enough = np.flatnonzero(open_by >= hours * HOUR)
        slowest = max(slowest, int(days[enough[0]]) if len(enough) else int(days[-1]))
    return slowest


def _open_hours(
    rows: pd.DataFrame, time_zone: str, country: str, first: int, last: int
) -> OpenHours:
    zone = _zone(rows, time_zone)
    closed: Collection[int] = _column(rows, "holiday_day").dropna().astype(int).tolist()
    made_up: Collection[int] = ()
    if country:
        off, made_up = days_off_and_on(country, first, last)
        closed = {*closed, *off}
    return OpenHours.of_week(_week(rows), zone, first, last, closed, set(made_up) - set(closed))


def _week(rows: pd.DataFrame) -> list[Stretch]:
    regular = rows[_column(rows, "weekday").notna()]
    return [
        Stretch(int(float(one["weekday"])), clock_seconds(one["open"]), clock_seconds(one["close"]))
        for one in regular.to_dict("records")
    ]


def _zone(rows: pd.DataFrame, time_zone: str) -> ZoneInfo:
    """The zone that the calendar names; loading has left it one."""
    zones = _column(rows, "tz").dropna()
    return ZoneInfo(str(zones.iloc[0]).strip() if len(zones) else time_zone)


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    """A column that the calendars may lack."""
    return rows[name] if name in rows else pd.Series(np.nan, rows.index, dtype=object)
