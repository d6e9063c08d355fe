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


def word(column: str) -> nw.Expr:
    """A text column as words are compared: trimmed, in small letters; missing stays missing."""
    return nw.col(column).cast(nw.String).str.strip_chars().str.to_lowercase()


def with_words(frame: nw.LazyFrame, **columns: str) -> nw.LazyFrame:
    """The frame with text columns as words are compared, as new name → column.

    Each different text is put into words once, for there are few of them and many rows.
    """
    for new, column in columns.items():
        texts = frame.select(nw.col(column).alias(_TEXT)).unique()
        words = texts.with_columns(word(_TEXT).alias(new))
        frame = frame.join(words, left_on=column, right_on=_TEXT, how="left")
    return frame


_TEXT = "kpilib__text"


def as_written(frame: nw.LazyFrame, column: str) -> nw.LazyFrame:
    """The frame with one spelling of each word in a text column: the first of those there are."""
    key = f"{column}_word"
    named = frame.with_columns(word(column).alias(key))
    one = nw.col(column).cast(nw.String).str.strip_chars().min().over(key)
    return named.with_columns(one.alias(column)).drop(key)
