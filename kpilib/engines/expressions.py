"""The few expressions that every engine understands alike; KPIs build on these alone."""

import narwhals.stable.v2 as nw


def count_where(condition: nw.Expr) -> nw.Expr:
    """How many rows meet a condition; 0, never null, where none does or the condition is null.

    Summing a conditional 1 and 0 is the one form that DuckDB, Polars and Spark answer alike.
    """
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).sum()


def known(value: nw.Expr) -> nw.Expr:
    """Whether a value is there."""
    return ~value.is_null()


def sum_where(value: nw.Expr, condition: nw.Expr) -> nw.Expr:
    """The sum of a value over the rows that meet a condition; 0 where none does."""
    return nw.when(condition).then(value).otherwise(nw.lit(0)).sum()


def any_of(condition: nw.Expr) -> nw.Expr:
    """1 where a condition holds in at least one row of the group, else 0."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).max()


def smaller(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    """The smaller of two expressions, row by row."""
    return nw.when(left < right).then(left).otherwise(right)


def larger(left: nw.Expr, right: nw.Expr) -> nw.Expr:
    """The larger of two expressions, row by row."""
    return nw.when(left > right).then(left).otherwise(right)
