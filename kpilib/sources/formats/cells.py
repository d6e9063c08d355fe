"""Rows of Python values, from a workbook or a document, as a table of typed columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from kpilib.sources.source import HEADER_AGAIN, TOTALS_LINE, LeftOut
from kpilib.sources.text.header import TAIL, is_totals

_WHOLE, _EXACT = 2**63, 2.0**53


@dataclass(frozen=True)
class Cells:
    """A table made of cells."""

    table: pa.Table
    """Its rows, each column typed where all of its values are of one type, text otherwise."""
    left_out: tuple[LeftOut, ...] = ()
    """Rows that are none of the table's."""


def from_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Cells:
    """The rows below a header; blank ones are none, and the header again and totals are counted."""
    kept, again, totals = [], [], []
    filled = [row for row in rows if any(_is_there(cell) for cell in row)]
    for place, row in enumerate(filled):
        texts = ["" if not _is_there(cell) else as_text(cell).strip() for cell in row]
        if len(names) > 1 and texts == list(names):
            again.append(texts)
        elif place >= len(filled) - TAIL and is_totals(texts):
            totals.append(texts)
        else:
            kept.append(row)
    columns = list(zip(*kept, strict=True)) if kept else [()] * len(names)
    left_out = tuple(
        LeftOut(reason, len(lines), pd.DataFrame(lines, columns=list(names)), fault=False)
        for reason, lines in ((HEADER_AGAIN, again), (TOTALS_LINE, totals))
        if lines
    )
    return Cells(from_columns(dict(zip(names, columns, strict=True))), left_out)


def from_columns(columns: dict[str, Sequence[Any]]) -> pa.Table:
    """Columns of Python values as typed ones.

    >>> table = from_columns({"id": [1, 2.0, None], "mixed": [1, "b", None]})
    >>> [str(field.type) for field in table.schema], table["mixed"].to_pylist()
    (['int64', 'string'], ['1', 'b', None])
    """
    arrays = [_array(values) for values in columns.values()]
    return pa.table(arrays, names=list(columns))


def _array(values: Sequence[Any]) -> pa.Array:
    there = [value if _is_there(value) else None for value in values]
    kinds = {_kind(value) for value in there if value is not None}
    if kinds == {"flag"}:
        return pa.array(there, pa.bool_())
    if kinds == {"number"}:
        if all(_is_whole(value) for value in there if value is not None):
            return pa.array([None if v is None else int(v) for v in there], pa.int64())
        return pa.array([None if v is None else float(v) for v in there], pa.float64())
    if kinds == {"time"}:
        return pa.array([None if v is None else _moment(v) for v in there], pa.timestamp("us"))
    return pa.array([None if v is None else as_text(v) for v in there], pa.string())


def _is_there(value: Any) -> bool:
    return value is not None and value != "" and not (isinstance(value, str) and value.isspace())


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "number" if -_WHOLE <= value < _WHOLE else "text"
    if isinstance(value, float):
        return "number"
    if isinstance(value, datetime):
        return "time" if value.tzinfo is None else "text"
    return "time" if isinstance(value, date) else "text"


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or (value.is_integer() and abs(value) < _EXACT)


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def as_text(value: Any) -> str:
    """A cell as text: dates in ISO form, a whole float without its point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def widest(rows: Iterable[Sequence[Any]]) -> int:
    """The number of cells of the longest row."""
    return max((len(row) for row in rows), default=0)
