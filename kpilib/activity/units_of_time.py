"""Days, weeks, months and quarters as running numbers, so that ages are differences of integers."""

import numpy as np
import pandas as pd

from kpilib.periods import Period, day_date

UNITS = ("day", "week", "month", "quarter")
STEP_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}
"""How long a unit is where age is counted in days since a customer's first."""


def place_of(unit: str, day: int) -> int:
    """The running number of the unit that a day number lies in.

    >>> place_of("month", 31) - place_of("month", 30)
    1
    """
    return int(places(unit, np.array([day]))[0])


def places(unit: str, days: np.ndarray) -> np.ndarray:
    """The running number of the unit that each day number lies in: days, weeks … since 1970.

    Weeks begin on Monday.

    >>> places("week", np.array([3, 4, 10, 11])).tolist()
    [0, 1, 1, 2]
    """
    days = np.asarray(days, dtype=np.int64)
    if unit == "day":
        return days
    if unit == "week":
        return (days + 3) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months if unit == "month" else months // 3


def opening(unit: str, place: np.ndarray) -> np.ndarray:
    """The day number on which each unit opens.

    >>> opening("month", np.array([1, 2])).tolist()
    [31, 59]
    """
    place = np.asarray(place, dtype=np.int64)
    if unit == "day":
        return place
    if unit == "week":
        return place * 7 - 3
    months = place if unit == "month" else place * 3
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def period_of(unit: str, place: int) -> Period:
    """The unit as a period, whose label is what a reader sees.

    >>> period_of("quarter", place_of("quarter", 20574)).label
    '2026-Q2'
    """
    opens, closes = (int(opening(unit, np.array([p]))[0]) for p in (place, place + 1))
    return Period(day_date(opens), day_date(closes))


def label_of(unit: str, place: int) -> str:
    """The unit's label: `2026-10`, `2026-Q4`, `2026-W41`, or the date of a day."""
    if unit == "day":
        return day_date(place).isoformat()
    return period_of(unit, place).label


def calendar(units: dict[str, str], first: int, last: int) -> pd.DataFrame:
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
        place = places(unit, days)
        columns[name] = place
        columns[f"{name}_opens"] = opening(unit, place)
        columns[f"{name}_closes"] = opening(unit, place + 1)
    return pd.DataFrame(columns)


def whole_units(unit: str, first_day: int, as_of: int) -> tuple[Period, ...]:
    """The units that lie wholly within the data, oldest first.

    >>> [period.label for period in whole_units("month", 20, 59)]
    ['1970-02']
    """
    first = place_of(unit, first_day - 1) + 1
    return tuple(period_of(unit, place) for place in range(first, place_of(unit, as_of)))
