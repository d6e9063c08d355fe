"""What a value is measured in, and the value as text in each language."""

import math
from dataclasses import dataclass
from enum import StrEnum

from kpilib.words.languages import locale
from kpilib.words.numbers import format_number
from kpilib.words.text import _, ngettext, pgettext


class Unit(StrEnum):
    """What a KPI's value is measured in. Values stay in natural units: a share of 0.05 is 0.05."""

    SHARE = "share"
    COUNT = "count"
    MONEY = "money"
    DAYS = "days"
    HOURS = "hours"
    MONTHS = "months"
    PER_YEAR = "per year"
    PER_MONTH = "per month"
    PER_CUSTOMER = "per customer"
    POINTS = "points"
    RATIO = "ratio"


_WITH_UNIT = {
    Unit.DAYS: pgettext("value with its unit", "{value} days"),
    Unit.HOURS: pgettext("value with its unit", "{value} hours"),
    Unit.MONTHS: pgettext("value with its unit", "{value} months"),
    Unit.PER_YEAR: pgettext("value with its unit", "{value} a year"),
    Unit.PER_MONTH: pgettext("value with its unit", "{value} a month"),
    Unit.PER_CUSTOMER: pgettext("value with its unit", "{value} per 100"),
}
_READ = {Unit.SHARE: 100, Unit.PER_CUSTOMER: 100}
"""Of how many something is said where a value is of one."""


TIME_UNITS = {
    "days": _("days"),
    "weeks": _("weeks"),
    "months": _("months"),
    "years": _("years"),
    "periods": _("periods"),
}
"""The units in which models take time."""


def format_value(
    value: float | None, unit: Unit | str, lang: str = "en", currency: str | None = None
) -> str:
    """A KPI's value as text: `0.05` of unit share is `5.0%`; None is a dash.

    Shapes: one number in, one short string out, rounded for reading only.

    >>> format_value(0.05, Unit.SHARE), format_value(None, Unit.SHARE)
    ('5.0%', '–')
    >>> format_value(0.0312, Unit.RATIO), format_value(0.0045, Unit.SHARE)
    ('0.031', '0.45%')
    >>> [format_value(0.0311, Unit.PER_CUSTOMER, lang) for lang in ("en", "vi", "zh")]
    ['3.1 per 100', '3,1 trên 100 khách', '3.1次/百人']
    >>> format_value(1234.5, Unit.MONEY, "en", "GBP"), format_value(12.34, Unit.DAYS)
    ('£1,234.50', '12.3 days')
    >>> [format_value(12, Unit.MONTHS, lang) for lang in ("en", "vi", "zh")]
    ['12 months', '12 tháng', '12 个月']
    """
    if value is None or value != value:
        return "–"
    unit = Unit(unit)
    if unit is Unit.SHARE:
        from babel.numbers import format_percent

        pattern = "#,##0." + "0" * _decimals(100 * value, 1) + "%"
        return format_percent(value, format=pattern, locale=locale(lang))
    if unit is Unit.MONEY:
        if currency is None:
            return format_number(value, lang, 2)
        from babel.numbers import format_currency

        return format_currency(value, currency, locale=locale(lang))
    if unit is Unit.COUNT:
        return format_number(value, lang, 0)
    if unit is Unit.MONTHS and value == round(value):
        return ngettext("{n} month", "{n} months", round(value)).of(lang)
    number = _number(value, unit, lang)
    return _WITH_UNIT[unit].format(value=number).of(lang) if unit in _WITH_UNIT else number


def without_unit(
    value: float, unit: Unit | str, lang: str = "en", currency: str | None = None
) -> str:
    """A value that stands beside another of its unit: of a unit in words the number alone.

    >>> without_unit(0.0311, Unit.PER_CUSTOMER), without_unit(0.05, Unit.SHARE)
    ('3.1', '5.0%')
    """
    unit = Unit(unit)
    if unit not in _WITH_UNIT:
        return format_value(value, unit, lang, currency)
    whole = unit is Unit.MONTHS and value == round(value)
    return format_number(value, lang) if whole else _number(value, unit, lang)


def _number(value: float, unit: Unit, lang: str) -> str:
    read = as_read(value, unit)
    least = 1 if abs(read) >= 10 or unit in _READ else 2
    return format_number(read, lang, _decimals(read, least))


def as_read(value: float, unit: Unit | str) -> float:
    """The number that stands for a value: of a hundred, where a value of one customer is small.

    >>> as_read(0.05, Unit.SHARE), as_read(0.031, Unit.PER_CUSTOMER), as_read(12.0, Unit.DAYS)
    (5.0, 3.1, 12.0)
    """
    return _READ.get(Unit(unit), 1) * value


def _decimals(number: float, least: int) -> int:
    """So many decimals, and more where a small number would be left with less than two digits.

    A number of which six decimals would show nothing is 0.

    >>> _decimals(0.45, 1), _decimals(1e-9, 1)
    (2, 1)
    """
    size = abs(number)
    if not 1e-6 <= size < 10.0 ** (1 - least):
        return least
    return min(max(least, 1 - math.floor(math.log10(size))), 6)


@dataclass(frozen=True)
class Amount:
    """A value with its unit, to stand in a `Text` and be written in the reader's language.

    Days that are an integer were chosen and not measured: they have no decimals.

    >>> Amount(0.05, Unit.SHARE).of("en"), Amount(12.34, Unit.DAYS).of("vi")
    ('5.0%', '12,3 ngày')
    >>> Amount(30, Unit.DAYS).of("en"), Amount(30, Unit.DAYS).of("zh")
    ('30 days', '30 天')
    """

    value: float | None
    unit: Unit
    currency: str | None = None

    def of(self, lang: str) -> str:
        """The value as `format_value` writes it."""
        if self.unit is Unit.DAYS and isinstance(self.value, int):
            return ngettext("{n} day", "{n} days", self.value).of(lang)
        return format_value(self.value, self.unit, lang, self.currency)


_POINTS = _("{gap} points")


@dataclass(frozen=True)
class Change:
    """How far a value moved, with its sign, to stand in a `Text`; a share's in points.

    >>> Change(-0.0214, Unit.SHARE).of("en"), Change(1234.5, Unit.MONEY, "GBP").of("en")
    ('−2.1 points', '+£1,234.50')
    >>> Change(0.0, Unit.COUNT).of("en"), Change(-0.0001, Unit.SHARE).of("en")
    ('0', '0.0 points')
    """

    value: float
    unit: Unit
    currency: str | None = None

    def of(self, lang: str) -> str:
        """The size as its unit is written, behind its sign; what is written as 0 has none."""
        size, none = self._size(abs(self.value), lang), self._size(0.0, lang)
        sign = "" if size == none else "+" if self.value > 0 else "−"
        return _POINTS.format(gap=sign + size).of(lang) if self._in_points else sign + size

    @property
    def _in_points(self) -> bool:
        return self.unit is Unit.SHARE

    def _size(self, value: float, lang: str) -> str:
        if self._in_points:
            return format_number(100 * value, lang, 1)
        return format_value(value, self.unit, lang, self.currency)


@dataclass(frozen=True)
class Gap:
    """How far two values lie apart, to stand in a `Text`: shares in points, never below 0.

    >>> Gap(-0.012, Unit.SHARE).of("en"), Gap(12.34, Unit.DAYS).of("vi")
    ('1.2 points', '12,3 ngày')
    """

    value: float | None
    unit: Unit
    currency: str | None = None

    def of(self, lang: str) -> str:
        """The distance in words of the language."""
        size = None if self.value is None else abs(self.value)
        if size is None or self.unit is not Unit.SHARE:
            return format_value(size, self.unit, lang, self.currency)
        return _("{gap} points", gap=Number(100 * size, 1)).of(lang)


@dataclass(frozen=True)
class Number:
    """A number with so many decimals, to stand in a `Text`.

    >>> Number(0.5, 2).of("en"), Number(0.5, 2).of("vi")
    ('0.50', '0,50')
    """

    value: float
    decimals: int = 0

    def of(self, lang: str) -> str:
        """The number as `format_number` writes it."""
        return format_number(self.value, lang, self.decimals)
