"""The few expressions that every engine understands alike; KPIs build on these alone."""

import narwhals.stable.v2 as nw

from kpilib.engines.base import Engine


def one_where(condition: nw.Expr) -> nw.Expr:
    """1 in each row that meets a condition; 0, never null, where it does not or this is null."""
    return value_where(nw.lit(1), condition)


def value_where(value: nw.Expr, condition: nw.Expr) -> nw.Expr:
    """A value in each row that meets a condition, 0 in others."""
    return nw.when(condition).then(value).otherwise(nw.lit(0))


def count_where(condition: nw.Expr) -> nw.Expr:
    """How many rows meet a condition; 0, never null, where none does or the condition is null.

    Summing a conditional 1 and 0 is the one form that DuckDB, Polars and Spark answer alike.
    """
    return one_where(condition).sum()


def known(value: nw.Expr) -> nw.Expr:
    """Whether a value is there."""
    return ~value.is_null()


def sum_where(value: nw.Expr, condition: nw.Expr) -> nw.Expr:
    """The sum of a value over the rows that meet a condition; 0 where none does."""
    return value_where(value, condition).sum()


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


def distinct(frame: nw.LazyFrame) -> nw.LazyFrame:
    """The different rows, once each.

    By grouping: narwhals' `unique` numbers the rows of every group, which takes twice the time.
    """
    names = frame.collect_schema().names()
    return frame.group_by(*names).agg(nw.len().alias(_ROWS)).select(*names)


def with_words(engine: Engine, frame: nw.LazyFrame, **columns: str) -> nw.LazyFrame:
    """The frame with text columns as words are compared, as new name → column.

    There are few different texts in many rows, and most are words already: those that are not are
    told one by one. Where there are many, each is put into words once.
    """
    texts = {
        f"{_TEXT}{place}": nw.col(one).cast(nw.String) for place, one in enumerate(columns.values())
    }
    words = {new: word(text) for new, text in zip(columns, texts, strict=True)}
    found = engine.collect(distinct(frame.select(**texts)).head(_MANY + 1).with_columns(**words))
    for (new, column), text in zip(columns.items(), texts, strict=True):
        unlike = found[found[text] != found[new]].dropna(subset=[text]).drop_duplicates(text)
        if len(found) <= _MANY and len(unlike) <= _FEW:
            expression = nw.col(column).cast(nw.String)
            for one, told in zip(unlike[text], unlike[new], strict=True):
                same = nw.col(column).cast(nw.String) == one
                expression = nw.when(same).then(nw.lit(told)).otherwise(expression)
            frame = frame.with_columns(expression.alias(new))
        else:
            every = distinct(frame.select(nw.col(column).alias(text)))
            told_once = every.with_columns(word(text).alias(new))
            frame = frame.join(told_once, left_on=column, right_on=text, how="left")
    return frame


_ROWS = "kpilib__rows"
_TEXT = "kpilib__text"
_MANY = 1000
"""How many different texts are looked at."""
_FEW = 4
"""How many of them are told one by one in less time than a join takes."""


def as_written(frame: nw.LazyFrame, column: str) -> nw.LazyFrame:
    """The frame with one spelling of each word in a text column: the first of those there are."""
    key = f"{column}_word"
    named = frame.with_columns(word(column).alias(key))
    one = nw.col(column).cast(nw.String).str.strip_chars().min().over(key)
    return named.with_columns(one.alias(column)).drop(key)
