"""Half-open periods `[start, end)` of whole business-local days."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

from kpilib.errors import InputError, near_miss
from kpilib.words.dates import format_month
from kpilib.words.short import month_in_sentence, month_short
from kpilib.words.text import pgettext

EPOCH = date(1970, 1, 1)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""The days on which a week may start."""

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")


def day_number(day: date) -> int:
    """Days since 1970-01-01, the integer in which every event is kept.

    >>> day_number(date(1970, 2, 1))
    31
    """
    return (day - EPOCH).days


def day_date(number: int) -> date:
    """The date of a day number.

    >>> day_date(31)
    datetime.date(1970, 2, 1)
    """
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True, order=True)
class Period:
    """A half-open stretch of days in the business's time zone: `start` is in it, `end` is not.

    >>> october = Period.month("2026-10")
    >>> october.end
    datetime.date(2026, 11, 1)
    >>> october.previous().label
    '2026-09'
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InputError(
                f"period {self.start}/{self.end} ends before it starts; "
                "write it as start/end, the end being the first day outside"
            )

    @classmethod
    def month(cls, text: str) -> "Period":
        """One calendar month, from `"YYYY-MM"`."""
        match = _MONTH.fullmatch(str(text).strip())
        if not match:
            raise InputError(f"month {text!r} is not YYYY-MM; write it like 2026-10")
        return cls._months(int(match[1]), int(match[2]), 1, str(text))

    @classmethod
    def parse(cls, text: "str | Period", week_starts: str = "monday") -> "Period":
        """A period from text: `2026-10`, `2026-Q4`, `2026-W41`, `2026` or `2026-10-05/2026-11-05`.

        Weeks are those of ISO 8601 where they start on Monday. Where they start on another day they
        are counted likewise: the first of a year is the one with four days or more in it, which for
        Sunday is the count of MMWR weeks.

        >>> Period.parse("2026-Q4").days
        92
        >>> Period.parse("2026-13")
        Traceback (most recent call last):
        kpilib.errors.InputError: period '2026-13': month 13 does not exist; months go from 01 to 12
        >>> [str(Period.parse("2026-W01", week_starts=day).start) for day in ("monday", "sunday")]
        ['2025-12-29', '2026-01-04']
        """
        if isinstance(text, Period):
            return text
        text = str(text).strip()
        if match := _MONTH.fullmatch(text):
            return cls._months(int(match[1]), int(match[2]), 1, text)
        if match := _QUARTER.fullmatch(text):
            return cls._months(int(match[1]), 3 * int(match[2]) - 2, 3, text)
        if match := _YEAR.fullmatch(text):
            return cls._months(int(match[1]), 1, 12, text)
        try:
            if match := _WEEK.fullmatch(text):
                return cls._week(int(match[1]), int(match[2]), week_starts)
            if match := _SPAN.fullmatch(text):
                return cls(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
        except InputError:
            raise
        except ValueError as error:
            raise InputError(f"period {text!r}: {error}; write a month like 2026-10") from None
        raise InputError(
            f"period {text!r} is not understood; write a month (2026-10), a quarter (2026-Q4), "
            "a week (2026-W41), a year (2026) or two dates (2026-10-05/2026-11-05)"
        )

    @classmethod
    def _week(cls, year: int, week: int, starts: str) -> "Period":
        first, following = (_first_week(one, starts) for one in (year, year + 1))
        start = first + timedelta(days=7 * (week - 1))
        if not first <= start < following:
            last = (following - first).days // 7
            raise InputError(
                f"period '{year}-W{week:02d}': week {week:02d} does not exist; "
                f"weeks of {year} go from 01 to {last}"
            )
        return cls(start, start + timedelta(days=7))

    @classmethod
    def _months(cls, year: int, month: int, count: int, text: str) -> "Period":
        if not 1 <= month <= 12:
            raise InputError(
                f"period {text!r}: month {month:02d} does not exist; months go from 01 to 12"
            )
        if not 1 <= year <= 9998:
            raise InputError(f"period {text!r}: year {year} is out of range; write one like 2026")
        return cls(_add_months(date(year, month, 1), 0), _add_months(date(year, month, 1), count))

    @property
    def start_day(self) -> int:
        """`start` as a day number."""
        return day_number(self.start)

    @property
    def end_day(self) -> int:
        """`end` as a day number: the first day outside."""
        return day_number(self.end)

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days

    @property
    def months(self) -> int | None:
        """How many whole calendar months the period is, or None where it is not of months."""
        if self.start.day != 1 or self.end.day != 1:
            return None
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    @property
    def label(self) -> str:
        """The shortest text that `parse` reads back.

        >>> [Period.parse(text).label for text in ("2026-10", "2026-Q4", "2026", "2026-W41")]
        ['2026-10', '2026-Q4', '2026', '2026-W41']
        """
        return self.of("en")

    @property
    def kind(self) -> str:
        """What it is in the calendar: `month`, `quarter`, `year`, `week`, or else `days`."""
        match self.months:
            case 1:
                return "month"
            case 3 if self.start.month % 3 == 1:
                return "quarter"
            case 12 if self.start.month == 1:
                return "year"
        return "week" if self.days == 7 and self.start.weekday() == 0 else "days"

    def short(self, lang: str) -> str:
        """The period where room is scarce.

        >>> [Period.parse(text).short("vi") for text in ("2026-10", "2026-Q4")]
        ['T10/2026', 'quý 4/2026']
        """
        return month_short(self.start, lang) if self.months == 1 else self.of(lang)

    def of(self, lang: str) -> str:
        """The period as one writes it in a language; in English its label.

        >>> [Period.parse(text).of("vi") for text in ("2026-10", "2026-Q4", "2026", "2026-W41")]
        ['tháng 10/2026', 'quý 4/2026', 'năm 2026', 'tuần 41/2026']
        >>> Period.parse("2026-10-05/2026-11-05").of("vi")
        'từ 5/10/2026 đến trước 5/11/2026'
        """
        year, month = str(self.start.year), self.start.month
        match self.kind:
            case "month":
                return format_month(self.start, lang)
            case "quarter":
                said = pgettext("period", "{year}-Q{quarter}", year=year, quarter=(month + 2) // 3)
            case "year":
                said = pgettext("period", "{year}", year=year)
            case "week":
                year, week = f"{self.start:%G}", f"{self.start:%V}"
                said = pgettext("period", "{year}-W{week}", year=year, week=week)
            case _:
                said = pgettext("period", "{start}/{end}", start=self.start, end=self.end)
        return said.of(lang)

    def shift(self, count: int) -> "Period":
        """The like period `count` places later (earlier where negative).

        Raises InputError where the calendar does not go so far.
        """
        if (months := self.months) is not None:
            return Period(
                _add_months(self.start, count * months), _add_months(self.end, count * months)
            )
        try:
            step = timedelta(days=count * self.days)
            return Period(self.start + step, self.end + step)
        except OverflowError:
            raise InputError(_beyond(self.start, count * self.days, "days")) from None

    def previous(self) -> "Period":
        """The like period just before this one."""
        return self.shift(-1)

    def trailing(self, count: int) -> "tuple[Period, ...]":
        """The last `count` like periods, this one the last of them, oldest first.

        >>> [period.label for period in Period.month("2026-02").trailing(3)]
        ['2025-12', '2026-01', '2026-02']
        """
        return tuple(self.shift(place) for place in range(1 - count, 1))

    def to_dict(self) -> dict[str, str]:
        """`{"start": …, "end": …}` in ISO dates, as the JSON outputs carry it."""
        return {"start": self.start.isoformat(), "end": self.end.isoformat()}

    def __str__(self) -> str:
        return self.label


Periods = Period | str | Iterable[Period | str]
"""What a KPI may be asked for: one period or many, as `Period` or as text."""


def as_periods(periods: Periods, week_starts: str = "monday") -> tuple[Period, ...]:
    """One period or many, as a tuple with no repeats, in the order given.

    >>> as_periods(["2026-09", "2026-10"])[1].label
    '2026-10'

    Raises InputError where one is not understood, a number like 202610 among them.
    """
    if isinstance(periods, str | Period) or not isinstance(periods, Iterable):
        periods = [periods]
    found = tuple(dict.fromkeys(Period.parse(period, week_starts) for period in periods))
    if not found:
        raise InputError("no period was given; write at least one month, like 2026-10")
    return found


def months_before(day: date, months: int) -> date:
    """The same day some calendar months earlier, or the last one of that month where it is shorter.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    return _add_months(day, -months)


def weekday_number(starts: str) -> int:
    """The number of a weekday, 0 for Monday.

    >>> weekday_number("sunday")
    6
    """
    if starts not in WEEKDAYS:
        hint = near_miss(str(starts), WEEKDAYS)
        raise InputError(f"week_starts = {starts!r} is not a day of the week; {hint}")
    return WEEKDAYS.index(starts)


def _first_week(year: int, starts: str) -> date:
    """The first day of the first week that has four days or more in a year."""
    fourth = date(year, 1, 4)
    return fourth - timedelta(days=(fourth.weekday() - weekday_number(starts)) % 7)


def _add_months(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise InputError(_beyond(day, count, "months"))
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _beyond(day: date, count: int, unit: str) -> str:
    side = "after" if count > 0 else "before"
    return f"{abs(count):,} {unit} {side} {day} is beyond the calendar; ask for fewer"


@dataclass(frozen=True)
class Named:
    """A period that a `Text` says within a sentence: a month by its name, with its year or without.

    >>> [Named(Period.month("2026-10"), year=True).of(lang) for lang in ("en", "vi")]
    ['October 2026', 'tháng 10/2026']
    """

    period: Period
    year: bool = False

    def of(self, lang: str) -> str:
        """The month's name, or the period as it is written where it is none."""
        if self.period.months != 1:
            return self.period.of(lang)
        return month_in_sentence(self.period.start, lang, year=self.year)
