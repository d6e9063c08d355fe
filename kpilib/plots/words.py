"""How the pictures write their words and numbers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.words import Text, Unit, _, format_number, format_value
from kpilib.words.short import month_short, short_value

if TYPE_CHECKING:
    import pandas as pd

RUNNING = _("hatched: not over yet")
REPEATS = _("repeat purchases")


def rows(table: "pd.DataFrame") -> list[Any]:
    """The rows of a table, their columns as attributes."""
    return list(table.itertuples())


def say(text: Text, lang: str, **values: Any) -> str:
    """The wording in one language, its `{names}` filled in."""
    return text.format(**values).of(lang)


def share(value: float, lang: str) -> str:
    """A share as a percentage.

    >>> share(0.0512, "en"), share(0.0512, "vi")
    ('5.1%', '5,1%')
    """
    return format_value(value, Unit.SHARE, lang)


def round_share(value: float, lang: str) -> str:
    """A share for the tick of an axis: without decimals, unless it has some.

    >>> [round_share(value, "en") for value in (0.2, 0.125)]
    ['20%', '12.5%']
    """
    exact = abs(100 * value - round(100 * value)) < 1e-6
    return format_number(100 * value, lang, 0) + "%" if exact else share(value, lang)


def count(value: float, lang: str) -> str:
    """A whole number with its separators; a dash where it is not known.

    >>> count(1234.0, "en"), count(float("nan"), "en")
    ('1,234', '–')
    """
    return "–" if value != value else format_number(round(value), lang)


def money(value: float, lang: str, currency: str | None) -> str:
    """An amount of money; without cents from a hundred up, in large units from ten thousand up.

    >>> money(12.5, "en", "GBP"), money(2158.48, "en", "GBP"), money(2158.48, "vi", "GBP")
    ('£12.50', '£2,158', '2.158\xa0£')
    """
    return short_value(value, Unit.MONEY, lang, currency)


def round_money(value: float, lang: str, currency: str | None) -> str:
    """An amount for the tick of an axis: without cents, unless it has some.

    >>> [round_money(value, "en", "GBP") for value in (50.0, 0.5, 10_000)]
    ['£50', '£0.50', '£10k']
    >>> round_money(5.0, "en", "KWD")
    'KWD5'
    """
    if abs(value) < 1000 and value != round(value):
        return format_value(value, Unit.MONEY, lang, currency)
    if abs(value) >= 1000:
        return short_value(value, Unit.MONEY, lang, currency)
    if currency is None:
        return format_number(value, lang)
    from babel.numbers import get_currency_precision

    whole = format_value(round(value), Unit.MONEY, lang, currency)
    none = format_number(0, lang, get_currency_precision(currency))[1:]
    return whole.replace(none, "") if none else whole


def months(labels: Sequence[str], lang: str) -> list[str]:
    """The labels of periods for an axis: months by their names, the year with the first of it.

    >>> months(["2025-11", "2025-12", "2026-01"], "en")
    ['Nov\\n2025', 'Dec', 'Jan\\n2026']
    """
    found, year = [], None
    for label in labels:
        period = Period.parse(label)
        if period.months != 1:
            found.append(period.of(lang))
            continue
        name = month_short(period.start, lang, year=False)
        found.append(name if period.start.year == year else f"{name}\n{period.start.year}")
        year = period.start.year
    return found


def when(label: object, lang: str) -> str:
    """The label of a period where room is scarce; what is none stays as it is.

    >>> when("2026-10", "vi"), when("VN", "vi")
    ('T10/2026', 'VN')
    """
    try:
        return Period.parse(str(label)).short(lang)
    except InputError:
        return str(label)


_SHORT = {
    "en": ((1e9, "G"), (1e6, "M"), (1e3, "k")),
    "vi": ((1e9, " tỷ"), (1e6, " tr"), (1e3, "k")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
"""By how much each language counts where room is scarce."""


def short(value: float, lang: str = "en") -> str:
    """A number in at most four characters or so, for the cells of a picture; a dash for none.

    >>> [short(value) for value in (0.123, 4.56, 45.6, 1234, 45600, 1_230_000)]
    ['0.12', '4.6', '46', '1.2k', '46k', '1.2M']
    >>> [short(value, "zh") for value in (1234, 45600, 1_230_000)]
    ['1,234', '4.6万', '123万']
    """
    if value != value:
        return "–"
    for size, suffix in _SHORT[lang]:
        if abs(value) >= size * 0.9995:
            scaled = value / size
            return format_number(scaled, lang, 1 if abs(scaled) < 9.95 else 0) + suffix
    if value == round(value) or abs(value) >= 9.95:
        return format_number(value, lang)
    return format_number(value, lang, 1 if abs(value) >= 0.995 else 2)
