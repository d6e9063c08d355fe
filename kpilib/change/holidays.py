"""The moving holidays of a country: Tết, 春节, Easter and others, now here and now there."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from kpilib.periods import Period
from kpilib.words import Text, _

MOVES = 7
"""By more days than this a holiday's date must differ between two years to be a moving one."""
_LANGUAGES = {"en": "en_US", "vi": "vi", "zh": "zh_CN"}


@dataclass(frozen=True)
class HolidayName:
    """A holiday as a `Text` says it; in the country's own language where no other is known."""

    names: tuple[tuple[str, str], ...]

    def of(self, lang: str) -> str:
        """The name in a language."""
        return dict(self.names)[lang]


def moved_holidays(country: str, period: Period, earlier: Period) -> tuple[Text, ...]:
    """What to know of two periods of which one has a moving holiday and the other has not.

    `country` is an ISO 3166 code, with a part of it behind a dash; none is said of a country that
    the library `holidays` does not know.

    >>> february, a_year_before = Period.month("2026-02"), Period.month("2025-02")
    >>> print(*moved_holidays("CN", february, a_year_before))
    Chinese New Year (Spring Festival) is on 2026-02-17; a year before it was on 2025-01-29
    """
    found = []
    for name, days in _moving(country, earlier.start.year - 1, period.end.year + 1).items():
        now, then = (
            next((day for day in days if one.start <= day < one.end), None)
            for one in (period, earlier)
        )
        if (now is None) == (then is None):
            continue
        this, before = now or _near(days, period), then or _near(days, earlier)
        found.append(
            _(
                "{holiday} is on {day}; a year before it was on {before}",
                holiday=name,
                day=this,
                before=before,
            )
        )
    return tuple(found)


def _near(days: tuple[date, ...], period: Period) -> date:
    """The day nearest to a period."""
    return min(days, key=lambda day: abs((day - period.start).days))


@lru_cache(maxsize=32)
def _moving(country: str, first: int, last: int) -> dict[HolidayName, tuple[date, ...]]:
    """The first day of each moving holiday in each year; of days in a row that of the least name.

    So the eve of a new year and its second day do not come beside the new year itself.
    """
    known = {lang: _holidays(country, first, last, code) for lang, code in _LANGUAGES.items()}
    own = _holidays(country, first, last, getattr(known["en"], "default_language", None))
    starts: dict[str, dict[int, date]] = {}
    for day in sorted(own):
        for name in own.get_list(day):
            starts.setdefault(name, {}).setdefault(day.year, day)
    found, taken = {}, set[date]()
    for _name, years in sorted(starts.items(), key=lambda item: (len(item[0]), item[0])):
        days = tuple(years.values())
        places = [day.replace(year=2000).timetuple().tm_yday for day in days]
        if len(days) > 1 and max(places) - min(places) > MOVES and taken.isdisjoint(days):
            taken |= {day + timedelta(days=near) for day in days for near in range(-3, 4)}
            named = tuple((lang, str(some.get(days[0]))) for lang, some in known.items())
            found[HolidayName(named)] = days
    return found


def _holidays(country: str, first: int, last: int, language: str | None) -> Any:
    """The public holidays of some years; none for a country that is not known."""
    import holidays

    code, _dash, part = country.partition("-")
    years = range(first, last + 1)
    try:
        return holidays.country_holidays(
            code, subdiv=part or None, years=years, observed=False, language=language
        )
    except NotImplementedError:
        return holidays.HolidayBase(years=years)
