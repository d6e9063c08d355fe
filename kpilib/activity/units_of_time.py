"""Days, weeks, months and quarters as running numbers, so that ages are differences of integers."""

import numpy as np
import pandas as pd

from kpilib.periods import Period, day_date, weekday_number

UNITS = ("day", "week", "month", "quarter")
STEP_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}
"""How long a unit is where age is counted in days since a customer's first."""


def place_of(unit: str, day: int, week_starts: str = "monday") -> int:
    """The running number of the unit that a day number lies in.

    >>> place_of("month", 31) - place_of("month", 30)
    1
    """
    return int(places(unit, np.array([day]), week_starts)[0])


def places(unit: str, days: np.ndarray, week_starts: str = "monday") -> np.ndarray:
    """The running number of the unit that each day number lies in: days, weeks … since 1970.

    >>> places("week", np.array([3, 4, 10, 11])).tolist()
    [0, 1, 1, 2]
    >>> places("week", np.array([2, 3, 9, 10]), "sunday").tolist()
    [0, 1, 1, 2]
    """
    days = np.asarray(days, dtype=np.int64)
    if unit == "day":
        return days
    if unit == "week":
        return (days + _before_1970(week_starts)) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months if unit == "month" else months // 3


def opening(unit: str, place: np.ndarray, week_starts: str = "monday") -> np.ndarray:
    """The day number on which each unit opens.

    >>> opening("month", np.array([1, 2])).tolist()
    [31, 59]
    """
    place = np.asarray(place, dtype=np.int64)
    if unit == "day":
        return place
    if unit == "week":
        return place * 7 - _before_1970(week_starts)
    months = place if unit == "month" else place * 3
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def period_of(unit: str, place: int, week_starts: str = "monday") -> Period:
    """The unit as a period, whose label is what a reader sees.

    >>> period_of("quarter", place_of("quarter", 20574)).label
    '2026-Q2'
    """
    opens, closes = opening(unit, np.array([place, place + 1]), week_starts).tolist()
    return Period(day_date(opens), day_date(closes))


def label_of(unit: str, place: int, week_starts: str = "monday") -> str:
    """The unit's label: `2026-10`, `2026-Q4`, `2026-W41`, or the date of a day.

    A week that starts on another day than Monday is named by that day.
    """
    if unit == "day" or (unit == "week" and week_starts != "monday"):
        return day_date(int(opening(unit, np.array([place]), week_starts)[0])).isoformat()
    return period_of(unit, place, week_starts).label


def calendar(
    units: dict[str, str], first: int, last: int, week_starts: str = "monday"
) -> pd.DataFrame:
    """One row per day number from `first` to `last`: `on`, and per name in `units` that unit's.

    The columns of a name are `{name}` (running number), `{name}_opens` and `{name}_closes`.

    >>> calendar({"month": "month"}, 30, 31)
       on  month  month_opens  month_closes
    0  30      0            0            31
    1  31      1           31            59
    """
    days = np.arange(first, last + 1, dtype=np.int64)
    columns = {"on": days}
    for name, unit in units.items():
        place = places(unit, days, week_starts)
        columns[name] = place
        columns[f"{name}_opens"] = opening(unit, place, week_starts)
        columns[f"{name}_closes"] = opening(unit, place + 1, week_starts)
    return pd.DataFrame(columns)


def _before_1970(week_starts: str) -> int:
    """Days from the start of the week in which 1970 began, a Thursday, to its first day."""
    return (3 - weekday_number(week_starts)) % 7
