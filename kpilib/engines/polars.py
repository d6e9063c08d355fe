"""Polars, for frames that a user already has there."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl

from kpilib.engines.base import repeated
from kpilib.engines.daily import Daily
from kpilib.engines.frames import arrow_source, plain, scannable
from kpilib.engines.scalar import check_scalar


class PolarsEngine(Daily):
    """Lazy frames of Polars, in this process's memory."""

    name = "polars"
    data_errors: tuple[type[Exception], ...] = (pl.exceptions.PolarsError,)

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame as a lazy frame."""
        return nw.from_native(pl.from_pandas(table).lazy())

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame in memory."""
        return nw.from_native(frame.to_native().collect().lazy())

    def forget(self, frame: nw.LazyFrame) -> None:
        """Its memory goes with the last reference to it."""

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas."""
        return plain(frame.to_native().collect().to_pandas())

    def adopt(self, table: Any) -> nw.LazyFrame:
        """Polars frames as they are, others by way of Arrow."""
        if isinstance(table, pl.LazyFrame):
            return nw.from_native(table)
        if isinstance(table, pl.DataFrame):
            return nw.from_native(table.lazy())
        if isinstance(table, pd.DataFrame):
            return nw.from_native(pl.from_pandas(scannable(table)).lazy())
        source = arrow_source(table)
        if hasattr(source, "read_all"):
            source = source.read_all()
        return nw.from_native(pl.DataFrame(source).lazy())

    def with_sql(
        self, frame: nw.LazyFrame, expressions: Mapping[str, str], columns: Sequence[str]
    ) -> nw.LazyFrame:
        """Expressions in the SQL that Polars understands."""
        check_scalar(expressions, columns)
        try:
            made = [pl.sql_expr(text).alias(name) for name, text in expressions.items()]
            added = frame.to_native().with_columns(*made)
            added.collect_schema()
        except pl.exceptions.PolarsError as error:
            raise ValueError(str(error).strip().splitlines()[0]) from None
        return nw.from_native(added)

    def there(self) -> AbstractContextManager[None]:
        """The engine's own words."""
        return nullcontext()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Without a bound, for every expression ends: its patterns take time linear in the text."""
        return nullcontext()

    def with_hashed(
        self, frame: nw.LazyFrame, column: str, made: str, pattern: str, key: str
    ) -> nw.LazyFrame:
        """By Python, value by value where it must."""
        old = pl.col(column)
        hashed = old.map_elements(
            lambda text: f"h-{sha256((key + text).encode()).hexdigest()[:12]}",
            return_dtype=pl.String,
        )
        met = old.str.contains(pattern)
        native = frame.to_native()
        return nw.from_native(
            native.with_columns(pl.when(met).then(hashed).otherwise(old).alias(made))
        )

    def with_seconds(self, frame: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """`dt.epoch`, which floors."""
        seconds = [pl.col(old).dt.epoch("s").alias(new) for new, old in columns.items()]
        return nw.from_native(frame.to_native().with_columns(*seconds))

    def with_parsed_seconds(
        self, frame: nw.LazyFrame, columns: Mapping[str, tuple[str, str]]
    ) -> nw.LazyFrame:
        """`str.to_datetime` that gives null for what does not fit."""
        seconds = [
            pl.col(old)
            .str.to_datetime(format_, strict=False, time_unit="us")
            .dt.epoch("s")
            .alias(new)
            for new, (old, format_) in columns.items()
        ]
        return nw.from_native(frame.to_native().with_columns(*seconds))

    def repeated(self, frame: nw.LazyFrame, names: Sequence[str]) -> nw.LazyFrame | None:
        """By grouping."""
        return repeated(self, frame, names)

    def fingerprint(self, frame: nw.LazyFrame) -> str:
        """With the sum of the rows' hashes."""
        table = frame.to_native().collect()
        digest = int(table.hash_rows(seed=0).sum() or 0)
        return f"{len(table)} rows, columns {', '.join(table.columns)}, hash {digest:x}"
