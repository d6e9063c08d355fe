"""Numbers with each language's own separators."""

from kpilib.words.languages import locale


def format_number(value: float, lang: str = "en", decimals: int = 0) -> str:
    """A number with the language's own separators.

    >>> format_number(1234.5, "en", 1), format_number(1234.5, "vi", 1)
    ('1,234.5', '1.234,5')
    """
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=locale(lang))


def significant(value: float, lang: str = "en", digits: int = 6) -> str:
    """A number with so many significant digits at most, and no zeros behind them.

    >>> significant(1234.5678, "vi"), significant(0.00012345678)
    ('1.234,57', '0.000123457')
    """
    from babel.numbers import format_decimal

    rounded = float(f"{value:.{digits}g}")
    return format_decimal(rounded, format="#,##0." + "#" * 12, locale=locale(lang))


def plain_number(value: float, lang: str = "en") -> str:
    """A number with as many decimals as it has, three at most.

    >>> plain_number(1234, "vi"), plain_number(12.5, "vi"), plain_number(2 / 3)
    ('1.234', '12,5', '0.667')
    """
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.###", locale=locale(lang))
