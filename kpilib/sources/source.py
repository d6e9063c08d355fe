"""One table as it was found, before anything in it is checked."""

from collections.abc import Callable
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.errors import InputError

PART = "kpilib__part"
"""The column that says which of several files a row is from, counted from 0."""

MOST_COLUMNS = 2000
"""How many columns a table may have; what is done per column costs their square."""

RAGGED = "the line has more or fewer fields than the header"
HEADER_AGAIN = "the header once more"
TOTALS_LINE = "a line of totals"


@dataclass(frozen=True)
class LeftOut:
    """Lines of a source that are no rows of the table."""

    reason: str
    """Why."""
    rows: int
    """How many."""
    sample: pd.DataFrame
    """A few of them, as they are written."""
    fault: bool = True
    """Whether something is wrong with them; false for what never was a row."""


@dataclass(frozen=True)
class Part:
    """One of several files that make a table."""

    name: str
    """The file's name."""
    lines_left_out: int = 0
    """How many of its lines are no rows."""


@dataclass(frozen=True)
class Source:
    """One table as it was found: its rows in the engine, nothing yet checked."""

    table: str
    """Its name in kpilib's vocabulary."""
    frame: nw.LazyFrame
    """Every row and column of the source, and `PART` where several files make it."""
    label: str
    """How errors and reports name it."""
    fingerprint: Callable[[], str]
    """A short text that changes when the content does."""
    is_text: bool = False
    """Whether every column is text because the source says nothing of types (CSV)."""
    is_file: bool = False
    """Whether it is a file that was written for this table."""
    left_out: tuple[LeftOut, ...] = ()
    """Lines that are no rows, by reason."""
    notes: tuple[str, ...] = ()
    """What is worth knowing about how it was read."""
    parts: tuple[Part, ...] = ()
    """The files that make it, where there are several."""

    @property
    def names(self) -> list[str]:
        """The columns of the source itself."""
        return [name for name in self.frame.collect_schema().names() if name != PART]

    @property
    def lines_left_out(self) -> int:
        """How many lines are no rows."""
        return sum(lines.rows for lines in self.left_out)


def check_width(columns: int, label: str) -> None:
    """An InputError where a table has more columns than can be read.

    >>> check_width(2, "orders.csv")
    """
    if columns > MOST_COLUMNS:
        raise InputError(
            f"{label} has more than {MOST_COLUMNS:,} columns, which is the most that can be read; "
            "save those that matter"
        )
