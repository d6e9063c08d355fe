"""Marks of a table's rows, day by day: a row that comes, goes or changes moves that of its day."""

import narwhals.stable.v2 as nw

DAY = "kpilib__day"
"""The column, beside the rows' own, of the day that a row is marked under."""


def marks_by_day(frame: nw.LazyFrame) -> dict[int, str]:
    """Day → how many rows it has and the sum of their hashes, in whatever order they lie.

    The frame is DuckDB's, and has the column `DAY`.
    """
    rows = frame.to_native().set_alias("t")
    found = rows.aggregate(f"{DAY}, count(*), sum(hash(t))", DAY).fetchall()
    return {int(day): f"{count} {int(digest):x}" for day, count, digest in found}
