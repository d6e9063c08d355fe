"""Days and months as each language writes them; the patterns stand in the catalogues."""

from datetime import date

from kpilib.words.languages import catalogue, locale


def format_day(day: date, lang: str = "en") -> str:
    """A day in figures.

    >>> [format_day(date(2026, 10, 5), lang) for lang in ("en", "vi", "zh")]
    ['2026-10-05', '5/10/2026', '2026年10月5日']
    """
    return _written(day, catalogue(lang).pgettext("pattern of a day", "yyyy-MM-dd"), lang)


def format_month(day: date, lang: str = "en") -> str:
    """The month in which a day lies, in figures.

    >>> [format_month(date(2026, 10, 5), lang) for lang in ("en", "vi", "zh")]
    ['2026-10', 'tháng 10/2026', '2026年10月']
    """
    return _written(day, catalogue(lang).pgettext("pattern of a month", "yyyy-MM"), lang)


def _written(day: date, pattern: str, lang: str) -> str:
    from babel.dates import format_date

    return format_date(day, format=pattern, locale=locale(lang))
