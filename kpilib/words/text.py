"""Words in English, Vietnamese and Chinese, and numbers written as each language writes them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kpilib.errors import InputError, near_miss

LANGUAGES = ("en", "vi", "zh")
MISSING = "(missing)"
"""The segment of what has none."""


@dataclass(frozen=True)
class Text:
    """One wording in the three languages.

    >>> Text(en="Churn", vi="Rời bỏ", zh="流失").of("vi")
    'Rời bỏ'
    """

    en: str
    vi: str
    zh: str

    def of(self, lang: str) -> str:
        """The wording in one language (`en`, `vi` or `zh`)."""
        return getattr(self, check_language(lang))

    def to_dict(self) -> dict[str, str]:
        """The three wordings, keyed by language code."""
        return {lang: getattr(self, lang) for lang in LANGUAGES}


MODEL_TITLES = {
    "BGNBD": "BG/NBD",
    "MBGNBD": "MBG/NBD",
    "ParetoNBD": "Pareto/NBD",
    "BGBB": "BG/BB",
    "GammaGamma": "Gamma-Gamma",
    "SBG": "sBG",
}
"""The lifetime models by their classes' names, as the papers write them in every language."""


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


_SUFFIX = {
    Unit.DAYS: Text(en=" days", vi=" ngày", zh=" 天"),
    Unit.HOURS: Text(en=" hours", vi=" giờ", zh=" 小时"),
    Unit.MONTHS: Text(en=" months", vi=" tháng", zh=" 个月"),
    Unit.PER_YEAR: Text(en=" a year", vi=" mỗi năm", zh=" / 年"),
    Unit.PER_MONTH: Text(en=" a month", vi=" mỗi tháng", zh=" / 月"),
}


def check_language(lang: str) -> str:
    """`lang` itself where it is one of `LANGUAGES`, an InputError that lists them otherwise."""
    if lang not in LANGUAGES:
        raise InputError(f"language {lang!r} is not known; {near_miss(lang, LANGUAGES)}")
    return lang


@lru_cache(maxsize=8)
def _locale(lang: str):
    from babel import Locale

    return Locale.parse({"en": "en", "vi": "vi", "zh": "zh_Hans_CN"}[check_language(lang)])


def format_number(value: float, lang: str = "en", decimals: int = 0) -> str:
    """A number with the language's own separators.

    >>> format_number(1234.5, "en", 1), format_number(1234.5, "vi", 1)
    ('1,234.5', '1.234,5')
    """
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=_locale(lang))


def format_value(
    value: float | None, unit: Unit | str, lang: str = "en", currency: str | None = None
) -> str:
    """A KPI's value as text: `0.05` of unit share is `5.0%`; None is a dash.

    Shapes: one number in, one short string out, rounded for reading only.

    >>> format_value(0.05, Unit.SHARE), format_value(None, Unit.SHARE)
    ('5.0%', '–')
    >>> format_value(1234.5, Unit.MONEY, "en", "GBP"), format_value(12.34, Unit.DAYS)
    ('£1,234.50', '12.3 days')
    >>> [format_value(12, Unit.MONTHS, lang) for lang in LANGUAGES]
    ['12 months', '12 tháng', '12 个月']
    """
    if value is None or value != value:
        return "–"
    unit = Unit(unit)
    if unit is Unit.SHARE:
        from babel.numbers import format_percent

        return format_percent(value, format="#,##0.0%", locale=_locale(lang))
    if unit is Unit.MONEY:
        if currency is None:
            return format_number(value, lang, 2)
        from babel.numbers import format_currency

        return format_currency(value, currency, locale=_locale(lang))
    if unit is Unit.COUNT:
        return format_number(value, lang, 0)
    suffix = _SUFFIX[unit].of(lang) if unit in _SUFFIX else ""
    if unit is Unit.MONTHS and value == round(value):
        return format_number(value, lang) + (" month" if (lang, value) == ("en", 1) else suffix)
    return format_number(value, lang, 1 if abs(value) >= 10 else 2) + suffix
