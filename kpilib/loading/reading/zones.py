"""Zones that the text of a time names: offsets, short names, and places."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from kpilib.errors import InputError
from kpilib.loading.told import Told

_HOURS = {
    "HST": -10, "AKST": -9, "AKDT": -8, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5,
    "EST": -5, "EDT": -4, "ADT": -3, "NST": -3.5, "NDT": -2.5, "BRT": -3, "ART": -3, "WET": 0,
    "WEST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "SAST": 2, "EEST": 3, "MSK": 3,
    "EAT": 3, "GST": 4, "PKT": 5, "NPT": 5.75, "ICT": 7, "WIB": 7, "WITA": 8, "HKT": 8, "SGT": 8,
    "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "WIT": 9, "ACST": 9.5, "AEST": 10, "ACDT": 10.5,
    "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip

ABBREVIATIONS = {name: int(hours * 3600) for name, hours in _HOURS.items()}
"""Zones by their short names, as seconds ahead of UTC; those that mean one thing everywhere."""

DOUBTFUL = {
    "CST": {"America/Chicago": -21_600, "Asia/Shanghai": 28_800},
    "IST": {"Asia/Kolkata": 19_800, "Europe/Dublin": 3_600, "Asia/Jerusalem": 7_200},
    "BST": {"Europe/London": 3_600, "Asia/Dhaka": 21_600},
    "AST": {"America/Halifax": -14_400, "Asia/Riyadh": 10_800},
}
"""Short names that mean several zones: a place for each, and its seconds ahead of UTC."""

_OFFSET = "[+-][0-9]{2}(?::?[0-9]{2})?"
NAMED = "|".join([*ABBREVIATIONS, *DOUBTFUL, "[A-Z][A-Za-z]+/[A-Za-z]+[A-Za-z_/+-]*"])
"""A zone that is named, as a regular expression."""

ZONE = f" *(?:[Zz]|(?:UTC|GMT)(?:{_OFFSET})?|{_OFFSET}|{NAMED})$"
"""A zone at the end of a text."""

ZONED = f"(?::[0-9]{{2}}(?:[.,][0-9]+)?|[AaPp][Mm]|T[0-9]{{6}}){ZONE}"
"""A time of day with a zone behind it."""


def meanings(told: Told, name: str, named: set[str], zone: ZoneInfo) -> dict[str, int | str]:
    """What the named zones of a column mean; the business's own zone decides first."""
    own = _own_names(zone)
    known = available_timezones() if any("/" in one for one in named) else set()
    found: dict[str, int | str] = {}
    for one in sorted(named):
        if "/" in one:
            if one not in known:
                raise InputError(f"{told.label}: {name} names the time zone {one!r}, which is none")
            found[one] = one
        elif one in own or one in ABBREVIATIONS:
            found[one] = own[one] if one in own else ABBREVIATIONS[one]
        else:
            places = ", or ".join(
                f"{seconds / 3600:+g} h ({place})" for place, seconds in DOUBTFUL[one].items()
            )
            raise InputError(
                f"{told.label}: {name} names the time zone {one}, which is {places}; set time_zone "
                f'to the place that is meant, like time_zone = "{next(iter(DOUBTFUL[one]))}"'
            )
    return found


def _own_names(zone: ZoneInfo) -> dict[str, int]:
    """The short names of a zone's clock in winter and summer, as seconds ahead of UTC."""
    found = {}
    for month in (1, 7):
        moment = datetime(2024, month, 1, tzinfo=UTC).astimezone(zone)
        offset = moment.utcoffset() or timedelta()
        found[moment.tzname() or ""] = int(offset.total_seconds())
    return found
