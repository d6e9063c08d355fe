"""Spark, classic or Connect, for data that a user already has there."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from uuid import uuid4

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from kpilib.engines.base import repeated
from kpilib.engines.daily import Daily
from kpilib.engines.frames import arrow_source, plain, scannable
from kpilib.engines.scalar import check_scalar, same_words
from kpilib.engines.watch import interrupted_after
from kpilib.errors import InputError

_JAVA = {
    "Y": "yyyy",
    "y": "yy",
    "m": "MM",
    "d": "dd",
    "b": "MMM",
    "B": "MMMM",
    "j": "DDD",
    "H": "HH",
    "I": "hh",
    "M": "mm",
    "S": "ss",
    "p": "a",
    "%": "%",
}
"""strptime codes and what Java writes for them."""

_TWO_DIGITS = ("MM", "dd", "HH", "hh", "mm", "ss")


class SparkEngine(Daily):
    """Frames of one Spark session, computed where it runs."""

    name = "spark"
    data_errors: tuple[type[Exception], ...]

    def __init__(self, session: Any) -> None:
        from pyspark.errors import PySparkException

        self.session = session
        self.data_errors = (PySparkException,)

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame, sent to the session as Arrow."""
        return self._from_arrow(pa.Table.from_pandas(table, preserve_index=False))

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame persisted: computed when first needed, and not again."""
        return nw.from_native(frame.to_native().persist())

    def forget(self, frame: nw.LazyFrame) -> None:
        """Spark need not cache it any more."""
        frame.to_native().unpersist()

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas, by way of Arrow."""
        return plain(frame.to_native().toArrow().to_pandas())

    def adopt(self, table: Any) -> nw.LazyFrame:
        """Spark frames as they are, others sent as Arrow."""
        if type(table).__module__.startswith("pyspark."):
            return nw.from_native(table)
        if isinstance(table, pd.DataFrame):
            return self.frame(scannable(table))
        source = arrow_source(table)
        return self._from_arrow(source.read_all() if hasattr(source, "read_all") else source)

    def with_sql(
        self, frame: nw.LazyFrame, expressions: Mapping[str, str], columns: Sequence[str]
    ) -> nw.LazyFrame:
        """Expressions in Spark's SQL, as far as DuckDB takes them apart into the same words."""
        for expression in expressions.values():
            same_words(expression)
        plain = {name: text.replace("`", '"') for name, text in expressions.items()}
        check_scalar(plain, columns)
        made = [f"({text}\n) AS {_quoted(name)}" for name, text in expressions.items()]
        try:
            added = nw.from_native(frame.to_native().selectExpr("*", *made))
            added.collect_schema()
        except self.data_errors as error:
            raise ValueError(str(error).strip().splitlines()[0]) from None
        return added

    def there(self) -> AbstractContextManager[None]:
        """The engine's own words."""
        return nullcontext()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Seconds by the clock: its own work is elsewhere, and other people's beside it."""
        connected = type(self.session).__module__.startswith("pyspark.sql.connect")
        jobs = self.session if connected else self.session.sparkContext
        add, interrupt, remove = (
            (jobs.addTag, jobs.interruptTag, jobs.removeTag)
            if connected
            else (jobs.addJobTag, jobs.cancelJobsWithTag, jobs.removeJobTag)
        )
        tag = f"kpilib-{uuid4().hex}"
        add(tag)
        try:
            with interrupted_after(lambda: interrupt(tag), seconds, time.monotonic):
                yield
        finally:
            remove(tag)

    def with_hashed(
        self, frame: nw.LazyFrame, column: str, made: str, pattern: str, key: str
    ) -> nw.LazyFrame:
        """`sha2`."""
        old = _quoted(column)
        hashed = f"concat('h-', substring(sha2(concat({_literal(key)}, {old}), 256), 1, 12))"
        met = f"{old} RLIKE {_literal(pattern)}"
        made_of = f"CASE WHEN {met} THEN {hashed} ELSE {old} END AS {_quoted(made)}"
        return nw.from_native(frame.to_native().selectExpr("*", made_of))

    def with_seconds(self, frame: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """Parts of the clock for times without a zone, so that the session's zone has no say."""
        types = dict(frame.to_native().dtypes)
        made = []
        for new, old in columns.items():
            name = _quoted(old)
            days = f"unix_date(CAST({name} AS DATE)) * 86400L"
            match types[old]:
                case "timestamp":
                    seconds = f"unix_seconds({name})"
                case "date":
                    seconds = days
                case _:
                    clock = f"hour({name}) * 3600L + minute({name}) * 60 + second({name})"
                    seconds = f"{days} + {clock}"
            made.append(f"{seconds} AS {_quoted(new)}")
        return nw.from_native(frame.to_native().selectExpr("*", *made))

    def with_parsed_seconds(
        self, frame: nw.LazyFrame, columns: Mapping[str, tuple[str, str]]
    ) -> nw.LazyFrame:
        """`try_to_timestamp` of the text with a Z behind it, so that its clock is UTC."""
        made = [
            f"unix_seconds(try_to_timestamp(concat({_quoted(old)}, 'Z'), "
            f"{_literal(java_format(format_) + 'X')})) AS {_quoted(new)}"
            for new, (old, format_) in columns.items()
        ]
        return nw.from_native(frame.to_native().selectExpr("*", *made))

    def repeated(self, frame: nw.LazyFrame, names: Sequence[str]) -> nw.LazyFrame | None:
        """By grouping."""
        return repeated(self, frame, names)

    def fingerprint(self, frame: nw.LazyFrame) -> str:
        """Without a hash, which would cost as much as the KPIs."""
        table = frame.to_native()
        return f"{table.count()} rows, columns {', '.join(table.columns)}"

    def _from_arrow(self, table: pa.Table) -> nw.LazyFrame:
        """Times without a zone stay so, whatever the session's zone."""
        from pyspark.sql.pandas.types import from_arrow_schema

        small = [
            field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field
            for field in table.schema
        ]
        table = table.cast(pa.schema(small))
        schema = from_arrow_schema(table.schema, prefer_timestamp_ntz=True)
        return nw.from_native(self.session.createDataFrame(table, schema=schema))


def connected(url: str) -> Any:
    """A session of a Spark Connect server, of which `url` says where it is after `://`."""
    try:
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise InputError(
            f"{url}: Spark Connect is missing ({error}); "
            'pip install "kpilib[spark]" "pyspark[connect]"'
        ) from None
    try:
        session = SparkSession.builder.remote(f"sc://{url.split('://', 1)[1]}").getOrCreate()
        session.version  # noqa: B018 - asks the server, so that one that is not there is found now
    except Exception as error:  # gRPC and Spark share no class of errors
        raise InputError(f"{url}: no connection ({str(error).strip().splitlines()[0]})") from None
    return session


def java_format(codes: str) -> str:
    """strptime codes as Java's pattern letters; one digit is enough where a code stands apart.

    >>> java_format("%d/%m/%Y %H:%M"), java_format("%Y%m%d"), java_format("%Y-%m-%dT%H:%M")
    ('d/M/yyyy H:m', 'yyyyMMdd', "yyyy-M-d'T'H:m")
    """
    parts = re.findall(r"%.|[^%]+", codes)
    made = []
    for place, part in enumerate(parts):
        if part[0] != "%" or len(part) == 1:
            made.append(re.sub(r"[A-Za-z']+", lambda m: "'" + m[0].replace("'", "''") + "'", part))
            continue
        if part[1] not in _JAVA:
            raise InputError(
                f"date_format = {codes!r}: Spark has nothing for {part}; "
                f"use {', '.join('%' + code for code in _JAVA)}"
            )
        letters = _JAVA[part[1]]
        beside = [*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2]]
        apart = not any(other[0] == "%" for other in beside)
        made.append(
            letters[0] if apart and letters in ("MM", "dd", "HH", "hh", "mm", "ss") else letters
        )
    return "".join(made)


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
