"""How ids, numbers, flags and text are read, whatever the source wrote them as."""

import functools
import operator

import narwhals.stable.v2 as nw

BLANKS = " \t\r\n\v\f\u00a0\ufeff"
"""The characters that are blank, named so that every engine trims the same ones."""

PLAIN_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
"""A number with a decimal point and no separators of thousands."""

WHOLE_NUMBER = r"^(0|-?[1-9][0-9]{0,17})$"
"""A whole number of up to 18 digits with nothing in front."""

WHOLE_ID = r"^(0|-?[1-9][0-9]{0,17})(\.0+)?$"
"""A whole number as an id, or one that went through a float on its way."""

POINT_SURE = (
    r"^[+-]?([0-9]{1,3}(,[0-9]{3})+\.[0-9]*|[0-9]*\.([0-9]{0,2}|[0-9]{4,})"
    r"|[0-9]{1,3}(,[0-9]{3}){2,})$"
)
COMMA_SURE = (
    r"^[+-]?([0-9]{1,3}([. ][0-9]{3})+,[0-9]*|[0-9]*,([0-9]{0,2}|[0-9]{4,})"
    r"|[0-9]{1,3}(\.[0-9]{3}){2,})$"
)
"""Numbers that can only have a decimal point, or a decimal comma."""

POINT_GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$"
COMMA_GROUPED = r"^[+-]?([0-9]{1,3}([. ][0-9]{3})+|[0-9]*)(,[0-9]*)?$"

NO_ID = ("", "nan", "none", "null", "<na>", "#n/a")
NO_NUMBER = ("", "nan", "none", "null", "<na>", "#n/a", "n/a", "na", "-")
"""What is written, in any case of letters, where there is no value."""

INFINITE = r"^[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?$"

_TRUE = ("true", "t", "yes", "y", "1", "1.0")
_FALSE = ("false", "f", "no", "n", "0", "0.0")


def trimmed(text: nw.Expr) -> nw.Expr:
    """Text without blanks around it; null where nothing is left."""
    bare = text.str.strip_chars(BLANKS)
    return nw.when(bare != "").then(bare)


def valued(text: nw.Expr, nothing: tuple[str, ...]) -> nw.Expr:
    """Text without blanks around it; null where it only says that there is no value."""
    bare = text.str.strip_chars(BLANKS)
    return nw.when(~bare.str.to_lowercase().is_in(nothing)).then(bare)


def count(condition: nw.Expr) -> nw.Expr:
    """How many rows satisfy a condition; 0, never null, where none does."""
    return nw.when(condition).then(1).otherwise(0).sum()


def any_of(conditions: list[nw.Expr]) -> nw.Expr:
    """Whether at least one of them holds."""
    return functools.reduce(operator.or_, conditions)


def number_text(value: nw.Expr, decimal: str) -> nw.Expr:
    """Text as numbers; null where it is none under that decimal mark."""
    bare = valued(value, NO_NUMBER)
    if decimal == ",":
        grouped = bare.str.contains(COMMA_GROUPED) & bare.str.contains(r"[0-9]")
        comma = bare.str.replace_all(".", "", literal=True).str.replace_all(" ", "", literal=True)
        comma = nw.when(grouped).then(comma.str.replace_all(",", ".", literal=True))
        return nw.when(comma.str.contains(PLAIN_NUMBER)).then(comma).cast(nw.Float64)
    point = (
        nw.when(bare.str.contains(POINT_GROUPED))
        .then(bare.str.replace_all(",", "", literal=True))
        .otherwise(bare)
    )
    return nw.when(point.str.contains(PLAIN_NUMBER)).then(point).cast(nw.Float64)


def infinite_text(value: nw.Expr) -> nw.Expr:
    """Whether text says that a number is infinite."""
    return value.str.strip_chars(BLANKS).str.contains(INFINITE).fill_null(False)


def id_text(value: nw.Expr) -> nw.Expr:
    """A text id with blanks trimmed; null where there is none."""
    return valued(value, NO_ID)


def id_whole(value: nw.Expr) -> nw.Expr:
    """A text id that is a whole number as one."""
    bare = id_text(value).str.replace_all(r"\.0+$", "")
    return nw.when(bare.str.contains(WHOLE_NUMBER)).then(bare).cast(nw.Int64)


def flag_text(value: nw.Expr) -> nw.Expr:
    """Text as true or false; null where it is neither."""
    bare = value.str.strip_chars(BLANKS).str.to_lowercase()
    return nw.when(bare.is_in(_TRUE)).then(True).when(bare.is_in(_FALSE)).then(False)
