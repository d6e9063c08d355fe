"""Numbers as people and tools print them, and what each of them may stand for."""

import re
from dataclasses import dataclass
from functools import cache
from unicodedata import category

from kpilib.errors import InputError
from kpilib.words import LANGUAGES, Amount, Unit
from kpilib.words.units import as_read

GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?|-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}")
"""Thousands apart, by commas or by points; one group behind a point may be decimals."""


@dataclass(frozen=True)
class Wanted:
    """A number as it was printed: all that rounds to it lies between two ends."""

    text: str
    value: float
    low: float
    high: float

    def holds(self, number: float) -> bool:
        """Whether a number would have been printed so."""
        return self.low - 1e-12 <= number <= self.high + 1e-12


def read_number(text: str, unit: Unit) -> Wanted:
    """A number as people print it, with how far its last digit reaches.

    Of a share `5.8 %` and `5.8` are per cent, `0.058` is a part of one; of a rate of customers
    `3.1 per 100` is as much as `0.031`. The sign of a currency and
    the words of the unit may stand beside it, decimals behind a point or a comma.

    >>> wanted = read_number("5.8%", Unit.SHARE)
    >>> round(wanted.low, 4), round(wanted.high, 4)
    (0.0575, 0.0585)
    >>> read_number("1.234,50 €", Unit.MONEY).value
    1234.5

    Raises InputError for what is no number.
    """
    clean, named = _bare(text, unit)
    percent = clean.endswith("%")
    clean = clean.rstrip("%")
    if GROUPED.fullmatch(clean) or (unit is Unit.COUNT and re.fullmatch(r"\d{1,3}\.\d{3}", clean)):
        last = max(clean.rfind(","), clean.rfind("."))
        both = {",", "."} <= set(clean)
        whole = re.sub(r"[.,]", "", clean[:last] if both else clean)
        clean = f"{whole}.{clean[last + 1 :]}" if both else whole
    elif re.fullmatch(r"-?\d+,\d+", clean):
        clean = clean.replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", clean):
        raise InputError(f"value {text!r} is not a number; write it like 5.8% or 1940")
    number, decimals = float(clean), len(clean.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    of_many = named or (unit is Unit.SHARE and (percent or abs(number) > 1))
    scale = 1 / as_read(1.0, unit) if of_many else 1.0
    return Wanted(text, number * scale, (number - half) * scale, (number + half) * scale)


def _bare(text: str, unit: Unit) -> tuple[str, bool]:
    """A text without spaces, currencies and the words of its unit, and whether it had these."""
    clean = "".join(text.split()).replace("−", "-")
    clean = "".join(sign for sign in clean if category(sign) != "Sc")
    if unit is Unit.MONEY:
        clean = re.sub(r"^[A-Z]{3}(?=[\d-])|(?<=\d)[A-Z]{3}$", "", clean)
    word = next((one for one in _words(unit) if clean.endswith(one)), "")
    return clean.removesuffix(word), bool(word)


@cache
def _words(unit: Unit) -> tuple[str, ...]:
    """What is written behind a number of a unit, in every language, without spaces."""
    shown = [Amount(number, unit).of(lang) for lang in LANGUAGES for number in (1.0, 2.5)]
    words = {re.sub(r"^[\d.,]+", "", "".join(one.split())) for one in shown}
    return tuple(sorted(words - {"", "%"}, key=len, reverse=True))
