"""In what readings of the same records differ: lapse window, time zone, bounds, rows."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pandas as pd

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions.base import CustomerBase
from kpilib.words import Text, _, ngettext

ZONES = ("UTC", "America/Los_Angeles", "America/New_York", "Europe/London", "Asia/Shanghai")
"""The time zones that tools are set to where nobody sets them."""
WINDOWS = (30, 60, 90, 120, 180, 365)
"""Lapse windows in use, in days, beside ours, half of it and double."""
ROWS = {
    "refunds": _("refunded orders counted as purchases"),
    "tests": _("test accounts counted"),
    "first month": _("customers in their first month left out"),
}
"""Which rows count, where not those that we count."""


@dataclass(frozen=True)
class Setup:
    """One reading of the records; what is None or empty is as we read them."""

    window: int | None = None
    zone: str | None = None
    rows: tuple[str, ...] = ()
    bounds: str = ""

    @property
    def changes(self) -> int:
        """In how many ways it differs from ours."""
        return sum((self.window is not None, self.zone is not None, len(self.rows))) + bool(
            self.bounds
        )

    def texts(self) -> list[Text]:
        """What differs, in words."""
        said = []
        if self.window is not None:
            said.append(
                ngettext("lapse window of {n} day", "lapse window of {n} days", self.window)
            )
        if self.zone is not None:
            said.append(_("days of the time zone {zone}", zone=self.zone))
        if self.bounds:
            said.append(BOUNDS[self.bounds])
        return [*said, *(ROWS[one] for one in self.rows)]


BOUNDS = {
    "without last": _("the last day left out"),
    "with next": _("the first day after it taken in"),
    "later": _("begun and ended a day later"),
    "earlier": _("begun and ended a day earlier"),
    "thirty": _("the last 30 days of it"),
    "weeks": _("the last four weeks of it"),
}
"""How a month is cut, where not as the calendar has it."""

MOVED = ("orders", "refunds", "subscriptions", "tickets", "survey_responses")
"""The tables whose days are moved into another time zone: all that definitions count in."""

_DAY = timedelta(days=1)

Key = tuple[str | None, tuple[str, ...]]
"""A time zone, None being ours, and the rows that count beside ours."""


def bounds(period: Period) -> dict[str, Period]:
    """The period as different tools cut it, by name; ours is the empty one.

    >>> [one.days for one in bounds(Period.month("2026-02")).values()]
    [28, 27, 29, 28, 28, 30]
    """
    start, end = period.start, period.end
    cut = {
        "": period,
        "with next": Period(start, end + _DAY),
        "later": Period(start + _DAY, end + _DAY),
        "earlier": Period(start - _DAY, end - _DAY),
        "thirty": Period(end - 30 * _DAY, end),
        "weeks": Period(end - 28 * _DAY, end),
    }
    if period.days > 1:
        cut = {"": period, "without last": Period(start, end - _DAY), **cut}
    first: dict[Period, str] = {}
    for name, one in cut.items():
        first.setdefault(one, name)
    return {name: one for one, name in first.items()}


def windows(base: CustomerBase) -> list[int | None]:
    """The lapse windows to try: ours (None), half and double of it, and those in use."""
    if base.activity_rule == "subscriptions":
        return [None]
    own = base.lapse_window.days
    others = dict.fromkeys((max(1, own // 2), 2 * own, *WINDOWS))
    return [None, *(days for days in others if days != own)]


class Records:
    """The business as it stands with other rows and in other time zones, each made when asked for.

    `keys` are all that there are: a time zone (None is ours), and the rows that count beside ours.
    """

    def __init__(self, base: CustomerBase, axes: tuple[str, ...]) -> None:
        own: dict[str, int] = {}
        if base.activity_rule == "purchases":  # ours, also where other rows would find another
            own["lapse_window"] = base.lapse_window.days
        tested = _with_tests(base) if "tests" in axes else None
        self.base = base.varied({}, **own)
        self.tested = tested.varied({}, **own) if tested else None
        zones: list[str | None] = [None]
        if "zone" in axes and _has_clock(base):
            zones += [zone for zone in ZONES if zone != base.time_zone]
        refunds = "refunds" in axes and "refunds" in base.tables
        rows = [
            (*(("refunds",) if with_refunds else ()), *(("tests",) if with_tests else ()))
            for with_tests in ((False, True) if self.tested else (False,))
            for with_refunds in ((False, True) if refunds else (False,))
        ]
        self.keys: tuple[Key, ...] = tuple(product(zones, rows))
        self._made: dict[Key, CustomerBase] = {}

    def of(self, zone: str | None, rows: tuple[str, ...]) -> CustomerBase:
        """The business on one of `keys`."""
        if (zone, rows) not in self._made:
            base = self.tested if self.tested and "tests" in rows else self.base
            if "refunds" in rows:
                base = base.varied({"refunds": None})
            self._made[zone, rows] = in_zone(base, zone) if zone else base
        return self._made[zone, rows]


def in_zone(base: CustomerBase, zone: str) -> CustomerBase:
    """The business with every event on the day that it was in another time zone."""
    moved = {}
    for name in MOVED:
        if (frame := base.tables.get(name)) is not None:
            table = base.engine.collect(frame)
            if days := move(table, zone):
                moved[name] = base.engine.frame(table.assign(**days))
    return base.varied(moved, time_zone=zone)


def move(table: pd.DataFrame, zone: str) -> dict[str, pd.Series]:
    """The columns of days of a source table as they are in another time zone."""
    return {
        name: _days(table[second], zone)
        for name in map(str, table)
        if name.endswith("_day") and (second := f"{name[:-4]}_second") in table
    }


def _days(seconds: pd.Series, zone: str) -> pd.Series:
    """The day numbers of moments by the clocks of a time zone; missing stays missing."""
    there = pd.to_datetime(seconds, unit="s", utc=True).dt.tz_convert(ZoneInfo(zone))
    days = (there.dt.tz_localize(None).dt.normalize() - pd.Timestamp(0)) // pd.Timedelta(days=1)
    return days.astype("float64") if days.isna().any() else days.astype("int64")


def _has_clock(base: CustomerBase) -> bool:
    """Whether orders know the time of day; else no other time zone can be asked of them."""
    table = "orders" if "orders" in base.tables else "subscriptions"
    column = "ordered" if table == "orders" else "started"
    names = base.tables[table].collect_schema().names()
    if f"{column}_second" not in names:
        return False
    some = base.engine.collect(base.tables[table].select(f"{column}_second").head(1000))
    there = pd.to_datetime(some[f"{column}_second"], unit="s", utc=True).dt.tz_convert(
        ZoneInfo(base.time_zone)
    )
    return bool((there.dropna() != there.dropna().dt.normalize()).any())


def _with_tests(base: CustomerBase) -> CustomerBase | None:
    """The business with its test accounts as customers, where it has any and can be read anew."""
    account = base.accounts.get("customers")
    if account is None or "test customer" not in account.left_out:
        return None
    try:
        return base.read_anew({"customers": {"columns": {"is_test": "false"}}})
    except InputError:
        return None
