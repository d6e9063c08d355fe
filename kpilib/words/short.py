"""Values as a headline writes them: big money without pennies, months by their names."""

from datetime import date

from kpilib.words.languages import locale
from kpilib.words.numbers import format_number
from kpilib.words.units import Unit, format_value, without_unit

_STEPS = {
    "en": ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")),
    "vi": ((1e9, " tỷ"), (1e6, " triệu"), (1e3, " nghìn")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
"""By how much each language counts, the largest first, and what it writes behind the number."""

_SHORT_FROM = 10_000
"""From here on money is counted in the language's own large units."""


def short_value(
    value: float | None, unit: Unit | str, lang: str = "en", currency: str | None = None
) -> str:
    """A value as `format_value` writes it, but money with three digits that count.

    >>> [short_value(1_162_000, Unit.MONEY, lang, "GBP") for lang in ("en", "zh")]
    ['£1.16m', '£116万']
    >>> short_value(1.2e9, Unit.MONEY, "vi", "VND").split()
    ['1,2', 'tỷ', '₫']
    >>> short_value(437.25, Unit.MONEY, "en", "GBP"), short_value(-1e6, Unit.MONEY, "zh", "CNY")
    ('£437', '−¥100万')
    """
    if value is None or value != value or Unit(unit) is not Unit.MONEY:
        return format_value(value, unit, lang, currency)
    sign = "−" if value < 0 else ""
    number = short_number(abs(value), lang)
    if number is None:
        if abs(value) < 100:
            return format_value(value, unit, lang, currency)
        number = format_number(abs(value), lang)
    if currency is None:
        return sign + number
    from babel.numbers import get_currency_symbol

    symbol = get_currency_symbol(currency, locale=locale(lang))
    return f"{sign}{number}\N{NO-BREAK SPACE}{symbol}" if lang == "vi" else sign + symbol + number


def short_span(
    low: float, high: float, unit: Unit | str, lang: str = "en", currency: str | None = None
) -> str:
    """An interval as `short_value` writes its ends; a unit in words is said once, at the end.

    >>> short_span(2.868, 3.99, Unit.HOURS), short_span(0.05, 0.1, Unit.SHARE)
    ('2.87 – 3.99 hours', '5.0% – 10.0%')
    """
    money = Unit(unit) is Unit.MONEY
    before = (short_value if money else without_unit)(low, unit, lang, currency)
    return f"{before} – {short_value(high, unit, lang, currency)}"


def short_number(value: float, lang: str = "en") -> str | None:
    """A large number in the language's own units, or None where it is small.

    >>> short_number(12_345, "en"), short_number(12_345, "zh"), short_number(999)
    ('12.3k', '1.23万', None)
    """
    if value < _SHORT_FROM:
        return None
    rounded = float(f"{value:.3g}")
    size, word = next(step for step in _STEPS[lang] if rounded >= step[0])
    digits = f"{rounded / size:.3g}" if rounded / size < 1000 else f"{rounded / size:.0f}"
    decimals = len(digits.partition(".")[2])
    number = format_number(rounded / size, lang, decimals)
    return number + word.replace(" ", "\N{NO-BREAK SPACE}")


def month_short(day: date, lang: str = "en", *, year: bool = True) -> str:
    """A month where room is scarce, with its year or without.

    >>> [month_short(date(2026, 10, 1), lang) for lang in ("en", "vi", "zh")]
    ['Oct 2026', 'T10/2026', '2026年10月']
    >>> [month_short(date(2026, 10, 1), lang, year=False) for lang in ("en", "vi", "zh")]
    ['Oct', 'T10', '10月']
    """
    from babel.dates import format_date

    patterns = {"en": ("MMM", "MMM y"), "vi": ("'T'M", "'T'M/y"), "zh": ("M月", "y年M月")}
    return format_date(day, format=patterns[lang][year], locale=locale(lang))


def month_in_sentence(day: date, lang: str = "en", *, year: bool = False) -> str:
    """A month within a sentence.

    >>> [month_in_sentence(date(2026, 10, 1), lang) for lang in ("en", "vi", "zh")]
    ['October', 'tháng 10', '10月']
    """
    from babel.dates import format_date

    patterns = {
        "en": ("MMMM", "MMMM y"),
        "vi": ("'tháng' M", "'tháng' M/y"),
        "zh": ("M月", "y年M月"),
    }
    return format_date(day, format=patterns[lang][year], locale=locale(lang))
