"""Numbers in text as people write them: groups, decimal marks, currency signs, minus signs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.signs import CODES, MARK
from kpilib.loading.reading.values import OURS, PLAIN_NUMBER, count, infinite_text, row, rows
from kpilib.loading.told import Told

MIXED = ".,"
"""The decimal mark of a column whose values show both marks, none of which can be misread."""

_SPACE, _DASH = "[\u00a0\u2007\u2009\u202f\u3000]", "[\u2212\u2010\u2011\u2012\u2013\u2014\uff0d]"
_QUOTE = "['\u2019\u2018\u00b4`\u02b9\u02bc]"


def _grouped(mark: str) -> str:
    return f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+"


_BARE = "(?: *[-+]? *¤? *| *¤? *[-+]? *)"
_LOOSE = f"[0-9]+|{_grouped(' ')}|{_grouped(_QUOTE)}"
_INDIAN = "[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"


def _written(body: str) -> str:
    """A whole text: the digits, and around them a sign, a currency, a minus or parentheses."""
    return rf"^(?:{_BARE}(?:{body}) *¤? *-? *¤? *| *¤? *\( *¤? *(?:{body}) *¤? *\) *¤? *)$"


_COMMAS, _POINTS = _grouped(","), _grouped("[.]")
_POINT = _written(rf"(?:{_LOOSE}|{_COMMAS}|{_INDIAN})?(?:\.[0-9]*|[.,]-+)?")
_COMMA = _written(rf"(?:{_LOOSE}|{_POINTS})?(?:,[0-9]*|[.,]-+)?")


def _sure(mark: str, other: str) -> str:
    """What can only have that decimal mark: it cannot stand before a group of three."""
    groups = f"{_grouped(other)}|{_grouped(' ')}|{_grouped(_QUOTE)}"
    twice = f"[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}}){{2,}}"
    apart = f"[0-9]*{mark}(?:[0-9]{{0,2}}|[0-9]{{4,}})|(?:0[0-9]*|[0-9]{{4,}}|){mark}[0-9]{{3}}"
    return f"(?:{groups}){mark}[0-9]*|{twice}|{apart}"


_POINT_SURE = _written(f"{_sure('[.]', ',')}|{_INDIAN}")
_COMMA_SURE = _written(_sure(",", "[.]"))
_OPEN = _written("[1-9][0-9]{0,2}[.,][0-9]{3}")

SURELY_PLAIN = (
    r"^[+-]?([0-9]+|[0-9]*\.[0-9]{1,2}|[0-9]+\.|[0-9]*\.[0-9]{4,}|(0[0-9]*|[0-9]{4,}|)\.[0-9]{3})"
    r"([eE][+-]?[0-9]{1,3})?$"
)
"""A number with a decimal point that cannot be one between thousands."""


@dataclass(frozen=True)
class NumberReading:
    """How the numbers of one column of texts are written."""

    decimal: str = "."
    """The decimal mark; `MIXED` where each value shows its own."""
    plain: bool = False
    """Whether every value can be cast as it stands."""
    signs: tuple[str, ...] = ()
    """The currency signs and words beside the numbers, in capitals."""
    rare: str = ""
    """Where there are two decimal marks, the one of fewer values."""
    note: str = ""
    """What is worth knowing about how they are written."""


PLAIN = NumberReading()


def plainer(bare: nw.Expr) -> nw.Expr:
    """The text with one kind of blank and of minus, and `¤` for any currency."""
    one = bare.str.replace_all(_SPACE, " ").str.replace_all(_DASH, "-")
    return one.str.replace_all(MARK, "¤")


def number_text(bare: nw.Expr, decimal: str) -> nw.Expr:
    """Text as numbers; null where it is none under that decimal mark."""
    text = plainer(bare)
    if decimal == MIXED:
        comma = text.str.contains(_COMMA_SURE)
        read = nw.when(comma).then(_read(text, ",")).otherwise(_read(text, "."))
    else:
        read = _read(text, decimal)
    if decimal == ",":
        return read
    exact = bare.str.contains(PLAIN_NUMBER)
    return nw.when(exact).then(nw.when(exact).then(bare).cast(nw.Float64)).otherwise(read)


def rarer(bare: nw.Expr, reading: NumberReading) -> nw.Expr:
    """Whether a text has the rarer one of two decimal marks."""
    return plainer(bare).str.contains(_COMMA_SURE if reading.rare == "," else _POINT_SURE)


def _read(text: nw.Expr, decimal: str) -> nw.Expr:
    fits = text.str.contains(_COMMA if decimal == "," else _POINT) & text.str.contains("[0-9]")
    digits = text.str.replace_all("[.,]-+", "")
    if decimal == ",":
        digits = digits.str.replace_all("[^0-9,]", "").str.replace_all(",", ".", literal=True)
    else:
        digits = digits.str.replace_all("[^0-9.]", "")
    size = nw.when(fits).then(digits).cast(nw.Float64)
    below = text.str.contains(r"^[^0-9.,]*[-(]") | text.str.contains("[0-9] *¤? *-[ ¤]*$")
    return nw.when(below).then(-size).otherwise(size)


def decide(
    engine: Engine, frame: nw.LazyFrame, name: str, bare: str, told: Told, decimal: str | None
) -> NumberReading:
    """How the texts of the column `bare` are written.

    Raises `InputError` where no value is a number, and where a mark may stand before decimals or
    between thousands.
    """
    found = _look(engine, frame, bare)
    mark, sure = decimal, {m: rows(found, f"sure_{m}") for m in (".", ",")}
    if mark is None:
        if rows(found, "open") and bool(sure["."]) == bool(sure[","]):
            raise _ambiguous(told, name, found, both=bool(sure["."]))
        mark = MIXED if sure["."] and sure[","] else "," if sure[","] else "."
    readable = max(rows(found, "."), rows(found, ",")) if mark == MIXED else rows(found, mark)
    if rows(found, "any") and not readable:
        raise InputError(
            f"{told.label}: no value of {name} is a number; one is {found['unlike']!r}. "
            f"Map {name} to another column, or to an expression that makes it one"
            f"{_without_word(found['unlike'])}"
        )
    signs = _signs(engine, frame, bare) if rows(found, "marked") else ()
    if mark != MIXED:
        return NumberReading(mark, signs=signs)
    note = (
        f"{name} is written with a decimal point, like {found['like_.']!r}, and with a decimal "
        f"comma, like {found['like_,']!r}: each was read as it is written"
    )
    rare = min(sure, key=lambda one: sure[one])
    return NumberReading(mark, signs=signs, rare=rare, note=note)


def _look(engine: Engine, frame: nw.LazyFrame, bare: str) -> Mapping[str, object]:
    """What the texts look like, in one pass."""
    text, made = f"{OURS}plainer", nw.col(f"{OURS}plainer")
    there = ~nw.col(bare).is_null() & ~infinite_text(nw.col(bare))
    digit = made.str.contains("[0-9]")
    point = there & digit & (made.str.contains(_POINT) | nw.col(bare).str.contains(PLAIN_NUMBER))
    comma = there & digit & made.str.contains(_COMMA)
    sure = {
        ".": made.str.contains(_POINT_SURE) & digit,
        ",": made.str.contains(_COMMA_SURE) & digit,
    }
    unsure = made.str.contains(_OPEN)
    least = nw.col(bare)
    asked = [
        count(there).alias("any"),
        count(point).alias("."),
        count(comma).alias(","),
        *(count(one).alias(f"sure_{mark}") for mark, one in sure.items()),
        *(nw.when(one).then(least).min().alias(f"like_{mark}") for mark, one in sure.items()),
        count(unsure).alias("open"),
        nw.when(unsure).then(least).min().alias("like_open"),
        count(made.str.contains("¤")).alias("marked"),
        nw.when(there & ~point).then(least).min().alias("unlike"),
    ]
    texts = frame.select(bare).with_columns(plainer(nw.col(bare)).alias(text))
    return row(engine, texts.select(*asked))


def _ambiguous(told: Told, name: str, found: Mapping[str, object], both: bool) -> InputError:
    """The error for numbers whose only mark stands before a group of three."""
    sample = str(found["like_open"])
    digits = re.sub("[^0-9.,]", "", sample)
    mark = "." if "." in digits else ","
    point, comma = (
        f"{float(digits.replace(',', '.')):g}" if mark == m else re.sub("[.,]", "", digits)
        for m in (".", ",")
    )
    why = "no other value tells which"
    if both:
        why = f"the others show both marks, like {found['like_.']!r} and {found['like_,']!r}"
    return InputError(
        f"{told.label}: {name} like {sample!r} is {point} with a decimal point or {comma} with a "
        f"decimal comma, and {why}; {told.write('decimal', '.', ',')}"
    )


def _signs(engine: Engine, frame: nw.LazyFrame, bare: str) -> tuple[str, ...]:
    """The currency signs of a column, in capitals."""
    sign = nw.col(bare).str.replace_all(r"[0-9.,'’()+\s\x{a0}\x{202f}-]", "").str.to_uppercase()
    signs = frame.select(sign.alias("sign")).group_by("sign").agg(nw.len().alias("rows"))
    seen = engine.collect(signs.head(_SIGNS))["sign"].dropna()
    return tuple(sorted(sign for sign in seen if sign in CODES))


_SIGNS = 100


def _without_word(sample: object) -> str:
    """For a number with a word beside it, the expression that takes it off."""
    word = re.search(r"[^\W\d_]+", str(sample))
    if word is None or not re.search("[0-9]", str(sample)):
        return ""
    return f""", like "replace(its_column, '{word[0]}', '')\""""
