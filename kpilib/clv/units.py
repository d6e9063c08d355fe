"""Units of time a lifetime model can count in."""

from kpilib.errors import InputError, near_miss

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Days in one of each unit; a month is a twelfth of a year of 365.25 days."""

PERIODS = "periods"
"""The unit of models that count renewals or opportunities instead of days."""


def check_time_unit(unit: str) -> str:
    """`unit` itself where it is known, an InputError that offers the nearest otherwise.

    >>> check_time_unit("weeks")
    'weeks'
    """
    if not isinstance(unit, str) or (unit not in DAYS_IN and unit != PERIODS):
        raise InputError(f"time_unit {unit!r} is not known; {near_miss(unit, [*DAYS_IN, PERIODS])}")
    return unit


def ratio(unit: str, other: str) -> float:
    """How many of `other` there are in one `unit`; both must be units of calendar time.

    >>> ratio("weeks", "days")
    7.0
    """
    check_time_unit(unit)
    check_time_unit(other)
    if unit == other:
        return 1.0
    if PERIODS in (unit, other):
        raise InputError(f"{unit} cannot be turned into {other}: a period has no length in days")
    return DAYS_IN[unit] / DAYS_IN[other]
