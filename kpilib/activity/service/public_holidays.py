"""Public holidays of a country, and days off that are worked to make up for one."""

from datetime import UTC, date, datetime
from functools import lru_cache

from kpilib.errors import InputError, near_miss
from kpilib.periods import day_number

DAY = 86_400


def days_off_and_on(country: str, first: int, last: int) -> tuple[frozenset[int], frozenset[int]]:
    """The holidays of a country between two UTC epoch seconds, and days off that are worked.

    `country` is an ISO 3166 code, with a part of the country behind a dash where it has holidays
    of its own (`"GB-SCT"`). Both are day numbers, from the library `holidays`. Raises InputError
    for a country that it does not know.

    >>> february = day_number(date(2025, 1, 20)) * DAY, day_number(date(2025, 2, 15)) * DAY
    >>> off, worked = days_off_and_on("CN", *february)
    >>> [day_number(date(2025, 1, 29)) in off, day_number(date(2025, 2, 8)) in worked]
    [True, True]
    """
    years = range(_year(first) - 1, _year(last) + 2)
    return _days(country, tuple(years))


@lru_cache(maxsize=64)
def _days(country: str, years: tuple[int, ...]) -> tuple[frozenset[int], frozenset[int]]:
    known = _known(country, years)
    off = frozenset(day_number(day) for day in known)
    worked = frozenset(day_number(day) for day in known.weekend_workdays) - off
    return off, worked


@lru_cache(maxsize=64)
def known_to(country: str) -> date | None:
    """The last day of the years whose moved days off are decided; None where none are moved.

    China and Vietnam decide each year which days off are worked instead of others. Of a later year
    only the holidays that are the same every year are known.

    >>> known_to("GB") is None, known_to("CN") >= date(2025, 12, 31)
    (True, True)
    """
    found = _known(country, ())
    decided = getattr(found, "special_public_holidays", {})
    return date(max(decided), 12, 31) if found.has_substituted_holidays and decided else None


def _known(country: str, years: tuple[int, ...]):
    import holidays

    code, _, part = country.strip().upper().partition("-")
    try:
        return holidays.country_holidays(code, subdiv=part or None, years=years)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(code)
        near = near_miss(part, parts) if parts else "write an ISO 3166 code, like VN"
        raise InputError(f"service.holidays = {country!r} is not known; {near}") from None


def _year(second: int) -> int:
    return datetime.fromtimestamp(second, UTC).year
