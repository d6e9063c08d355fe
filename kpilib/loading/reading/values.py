"""How ids, numbers, flags and text are read, whatever the source wrote them as."""

import functools
import operator
from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.contract.vocabulary.flags import NO, YES
from kpilib.engines import Engine

OURS = "kpilib__"
"""What the names of columns made while loading begin with, so that none is the user's."""

BLANKS = " \t\r\n\v\f\u00a0\ufeff"
"""The characters that are blank, named so that every engine trims the same ones."""

PLAIN_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
"""A number with a decimal point and no separators of thousands."""

WHOLE_NUMBER = r"^(0|-?[1-9][0-9]{0,17})$"
"""A whole number of up to 18 digits with nothing in front."""

WHOLE_ID = r"^(0|-?[1-9][0-9]{0,17})(\.0+)?$"
"""A whole number as an id, or one that went through a float on its way."""

_EDGE = "[ \\t\\r\\n\\v\\f\u00a0\ufeff]"
_BLANK_EDGES = f"^{_EDGE}|{_EDGE}$"

ODD_ID = f"(?i){_BLANK_EDGES}|^(nan|none|null|<na>|#n/a)?$"
"""What an id looks like that has blanks around it or says that there is none."""

NO_TEXT = f"^{_EDGE}*$"
NO_ID = f"(?i)^{_EDGE}*(nan|none|null|<na>|#n/a)?{_EDGE}*$"
NO_NUMBER = f"(?i)^{_EDGE}*(nan|none|null|<na>|#n/a|n/a|na|-)?{_EDGE}*$"
"""What is written where there is no text, no id, and no number, time or flag."""

INFINITE = r"^[+-]?[iI][nN][fF]([iI][nN][iI][tT][yY])?$"


def valued(text: nw.Expr, nothing: str = NO_TEXT) -> nw.Expr:
    """Text without blanks around it; null where it only says that there is no value.

    Whether there is anything to trim is asked first: it is the cheaper question.
    """
    bare = (
        nw.when(text.str.contains(_BLANK_EDGES)).then(text.str.strip_chars(BLANKS)).otherwise(text)
    )
    return nw.when(~text.str.contains(nothing)).then(bare)


def count(condition: nw.Expr) -> nw.Expr:
    """How many rows satisfy a condition; 0, never null, where none does."""
    return nw.when(condition).then(1).otherwise(0).sum()


def any_of(conditions: list[nw.Expr]) -> nw.Expr:
    """Whether at least one of them holds."""
    return functools.reduce(operator.or_, conditions)


def row(engine: Engine, frame: nw.LazyFrame) -> dict[str, Any]:
    """The only row of a small result; what is a whole number stays one beside sums of money."""
    found = engine.collect(frame)
    return {str(name): found[name].iloc[0] for name in found.columns}


def rows(seen: Mapping[str, Any], name: str) -> int:
    """A count out of a small result; 0 where it was not asked for or is missing."""
    value = seen.get(name)
    return 0 if value is None or pd.isna(value) else int(value)


def infinite_text(bare: nw.Expr) -> nw.Expr:
    """Whether text says that a number is infinite."""
    return bare.str.contains(INFINITE).fill_null(False)


def whole_text(bare: nw.Expr) -> nw.Expr:
    """A text id that is a whole number as one."""
    digits = bare.str.replace_all(r"\.0+$", "")
    return nw.when(digits.str.contains(WHOLE_NUMBER)).then(digits).cast(nw.Int64)


def flag_text(bare: nw.Expr) -> nw.Expr:
    """Text as true or false; null where it is neither."""
    low = bare.str.to_lowercase()
    return nw.when(low.is_in(YES)).then(True).when(low.is_in(NO)).then(False)
