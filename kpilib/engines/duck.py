"""DuckDB, embedded in the process: the default engine."""

import itertools
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import stream
from kpilib.engines.base import repeated
from kpilib.engines.connection import connect, usable_folders
from kpilib.engines.frames import arrow_source, plain, scannable
from kpilib.engines.gone import naming_what_is_gone
from kpilib.engines.scalar import check_scalar
from kpilib.engines.watch import check_cells, interrupted_after
from kpilib.errors import InputError

_DEEPEST = 50
"""How deep values may lie within values of one column."""


class DuckEngine:
    """An in-memory DuckDB database that spills to disk when memory runs short."""

    name = "duckdb"
    data_errors: tuple[type[Exception], ...] = (
        duckdb.DataError,
        duckdb.InvalidInputException,
        duckdb.BinderException,
        duckdb.IOException,
        duckdb.SerializationException,
    )

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.connection = connection or connect()
        self._folders = usable_folders()
        self._scanned: list[Path] = []
        self.views: set[str] = set()
        """Views of attached files that are not to be read."""
        self._names = (f"kept_{number}" for number in itertools.count())
        self._kept: set[str] = set()
        """Tables of frames that are kept until they are to be forgotten."""

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame, scanned where it lies.

        A table of its own would be a change of the catalogue, after which every frame that is in
        use is bound anew.
        """
        return nw.from_native(self.connection.from_df(table.copy()))

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame as a table."""
        return nw.from_native(self._keep(frame.to_native()))

    def _keep(self, relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
        name = next(self._names)
        relation.create(name)
        self._kept.add(name)
        return self.connection.table(name)

    def forget(self, frame: nw.LazyFrame) -> None:
        """Its table is dropped."""
        self._forget(frame.to_native())

    def _forget(self, relation: duckdb.DuckDBPyRelation) -> None:
        name = relation.alias
        if name in self._kept:
            self._kept.discard(name)
            self.connection.execute(f"DROP TABLE {quoted(name)}")

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas; a sum of whole numbers, which DuckDB widens, as int64 again."""
        relation = frame.to_native()
        if any(str(dtype) == "HUGEINT" for dtype in relation.types):
            relation = relation.project(
                ", ".join(
                    f"{quoted(name)}::BIGINT AS {quoted(name)}"
                    if str(dtype) == "HUGEINT"
                    else quoted(name)
                    for name, dtype in zip(relation.columns, relation.types, strict=True)
                )
            )
        with self.there():
            return plain(relation.df())

    def adopt(self, table: Any) -> nw.LazyFrame:
        """A frame of pandas is scanned in place; one that streams as Arrow is read in once."""
        name = next(self._names)
        if isinstance(table, pd.DataFrame):
            shown = scannable(table)
            try:
                self.connection.register(name, shown)
            except duckdb.Error:  # a view of an array backwards has strides that it cannot walk
                self.connection.register(name, shown.copy())
            return nw.from_native(self.connection.table(name))
        return self.read_in(arrow_source(table), "*")

    def read_in(self, rows: Any, picked: str) -> nw.LazyFrame:
        """Batches of Arrow as a table, of what `picked` says in SQL."""
        name = next(self._names)
        self.connection.register("incoming", rows)
        try:
            self.connection.execute(f"CREATE TABLE {name} AS SELECT {picked} FROM incoming")
        finally:
            self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(name))

    def with_sql(
        self, frame: nw.LazyFrame, expressions: Mapping[str, str], columns: Sequence[str]
    ) -> nw.LazyFrame:
        """Expressions in DuckDB's SQL."""
        check_cells(frame.to_native(), check_scalar(expressions, columns))
        made = [f"({expression}\n) AS {quoted(name)}" for name, expression in expressions.items()]
        try:
            return nw.from_native(frame.to_native().project(", ".join(["*", *made])))
        except duckdb.Error as error:
            raise ValueError(str(error).strip().splitlines()[0]) from None

    def there(self) -> AbstractContextManager[None]:
        """The files that are scanned."""
        return naming_what_is_gone(self._scanned)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """CPU seconds of this process; an interrupt is heeded after every few thousand rows."""
        return interrupted_after(self.connection.interrupt, seconds, time.process_time)

    def with_hashed(
        self, frame: nw.LazyFrame, column: str, made: str, pattern: str, key: str
    ) -> nw.LazyFrame:
        """`sha256`."""
        old = quoted(column)
        hashed = f"'h-' || left(sha256({literal(key)} || {old}), 12)"
        met = f"regexp_matches({old}, {literal(pattern)})"
        made_of = f"CASE WHEN {met} THEN {hashed} ELSE {old} END AS {quoted(made)}"
        return nw.from_native(frame.to_native().project(f"*, {made_of}"))

    def with_seconds(self, frame: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """`epoch`, floored to seconds; an infinite time is none."""
        expressions = [
            f"CASE WHEN isfinite({quoted(old)}) THEN floor(epoch({quoted(old)}))::BIGINT END "
            f"AS {quoted(new)}"
            for new, old in columns.items()
        ]
        return nw.from_native(frame.to_native().project(", ".join(["*", *expressions])))

    def with_parsed_seconds(
        self, frame: nw.LazyFrame, columns: Mapping[str, tuple[str, str]]
    ) -> nw.LazyFrame:
        """`try_strptime`."""
        expressions = [
            f"floor(epoch(try_strptime({quoted(old)}, {literal(format_)})))::BIGINT "
            f"AS {quoted(new)}"
            for new, (old, format_) in columns.items()
        ]
        return nw.from_native(frame.to_native().project(", ".join(["*", *expressions])))

    def visits(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """As a stream."""
        return nw.from_native(self._keep(stream.visits(rows.to_native())))

    def purchases(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """As a stream."""
        made = stream.purchases(rows.to_native(), self._keep, self._forget)
        return nw.from_native(made)

    def with_following(self, days: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """As a stream."""
        return nw.from_native(stream.with_following(days.to_native(), columns))

    def sessions(self, events: nw.LazyFrame, seconds: int) -> nw.LazyFrame:
        """As a stream."""
        return nw.from_native(stream.sessions(events.to_native(), seconds))

    def repeated(self, frame: nw.LazyFrame, names: Sequence[str]) -> nw.LazyFrame | None:
        """By grouping; of whole numbers that lie close together a bit for each tells first."""
        if len(names) == 1 and frame.collect_schema()[names[0]] == nw.Int64:
            relation, name = frame.to_native(), quoted(names[0])
            least, most, rows = relation.aggregate(
                f"min({name}), max({name}), count(*)"
            ).fetchall()[0]
            if rows and most - least < min(64 * rows + 2**20, 2**32):
                bits = relation.aggregate(f"bit_count(bitstring_agg({name}, {least}, {most}))")
                if bits.fetchall()[0][0] == rows:
                    return None
        return repeated(self, frame, names)

    def fingerprint(self, frame: nw.LazyFrame) -> str:
        """With the sum of the rows' hashes."""
        relation = frame.to_native()
        counted = relation.set_alias("t").aggregate("count(*), sum(hash(t))")
        rows, digest = counted.fetchall()[0]
        return f"{rows} rows, columns {', '.join(relation.columns)}, hash {int(digest or 0):x}"

    def lock(self, paths: Sequence[Path] = ()) -> None:
        """From now on no query reads or writes a file, but for these, or changes a setting."""
        allowed = {
            "allowed_paths": [form for path in paths for form in {str(path), _plainly(path)}],
            "allowed_directories": [str(folder) for folder in self._folders],
        }
        for setting, names in allowed.items():
            if names:
                self.connection.execute(f"SET {setting} = [{', '.join(map(literal, names))}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def scan_parquet(self, path: Path) -> nw.LazyFrame:
        """A Parquet file, scanned where it lies."""
        try:
            found = self.connection.sql(f"SELECT * FROM read_parquet({_literally(path)})")
        except duckdb.Error as error:
            raise InputError(
                f"{path}: not a Parquet file that can be read ({str(error).splitlines()[0]})"
            ) from None
        check_depth(found, str(path))
        self._scanned.append(path)
        return nw.from_native(found)

    def read_csv(
        self, path: Path, names: list[str], delimiter: str, skip: int = 1
    ) -> tuple[str, pd.DataFrame]:
        """A UTF-8 CSV file as a table of text columns, its first `skip` lines left away.

        Gives the table's name and the lines that could not be read: `line`, `error`, `text`.
        Raises `ValueError` with the reader's own words where it gives up.
        """
        name = next(self._names)
        columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in names)
        try:
            self.connection.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_csv({_literally(path)}, "
                f"auto_detect = false, header = false, skip = {skip}, "
                f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
                f"columns = {{{columns}}}, store_rejects = true, "
                f"rejects_table = '{name}_rejects', rejects_scan = '{name}_scans')"
            )
        except duckdb.Error as error:
            raise ValueError(str(error).strip().splitlines()[0]) from None
        rejects = self.connection.sql(
            "SELECT line, any_value(error_type::VARCHAR) AS error, any_value(csv_line) AS text "
            f"FROM {name}_rejects GROUP BY line ORDER BY line"
        ).df()
        self.connection.execute(f"DROP TABLE {name}_rejects; DROP TABLE {name}_scans")
        return name, rejects

    def count(self, name: str) -> int:
        """How many rows a table has."""
        return int(self.connection.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def take_out(self, name: str, condition: str) -> pd.DataFrame:
        """Delete the rows of a table that satisfy a condition; gives them back."""
        taken = self.connection.sql(f"SELECT * FROM {name} WHERE {condition}").df()
        if len(taken):
            self.connection.execute(f"DELETE FROM {name} WHERE {condition}")
        return taken

    def union(self, frames: Sequence[nw.LazyFrame], place: str) -> nw.LazyFrame:
        """The rows of all frames, by their columns' names; `place` says which, counted from 0."""
        names = [next(self._names) for _ in frames]
        for name, frame in zip(names, frames, strict=True):
            frame.to_native().create_view(name)
        picked = [f"SELECT *, {at} AS {quoted(place)} FROM {name}" for at, name in enumerate(names)]
        return nw.from_native(self.connection.sql(" UNION ALL BY NAME ".join(picked)))

    def attach(self, path: Path, views: bool = False) -> dict[str, str]:
        """A DuckDB file, attached for reading: the names of its tables → how SQL names them.

        What is computed when it is read counts with `views` only, else it is listed in `views`.
        """
        name = next(self._names).replace("kept", "file")
        self.connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        rows = self.connection.execute(
            "SELECT schema_name, table_name, contains(upper(sql), 'GENERATED ALWAYS AS') "
            "FROM duckdb_tables() WHERE database_name = $1 "
            "UNION ALL SELECT schema_name, view_name, true FROM duckdb_views() "
            "WHERE database_name = $1 AND NOT internal ORDER BY ALL",
            [name],
        ).fetchall()
        found = {
            table if schema == "main" else f"{schema}.{table}": (
                f"{name}.{quoted(schema)}.{quoted(table)}"
            )
            for schema, table, computed in rows
            if views or not computed
        }
        self.views |= {table for _, table, computed in rows if computed and not views}
        return found

    def save(self, frames: Mapping[str, nw.LazyFrame], path: Path) -> None:
        """Frames of this engine as the tables of a new DuckDB file; InputError where it is full."""
        name = next(self._names)
        try:
            self.connection.execute(f"ATTACH {literal(str(path))} AS {name}")
            for table, frame in frames.items():
                frame.to_native().create(f"{name}.main.{quoted(table)}")
            self.connection.execute(f"DETACH {name}")
        except duckdb.IOException as error:
            raise InputError(
                f"{path} cannot be written ({str(error).splitlines()[0]}); "
                "free space there, or set TMPDIR to another folder"
            ) from None

    def table(self, name: str) -> nw.LazyFrame:
        """A table, as SQL names it."""
        return nw.from_native(self.connection.sql(f"SELECT * FROM {name}"))


def check_depth(relation: duckdb.DuckDBPyRelation, label: str) -> None:
    """An InputError where a column holds values within values deeper than the engine bears."""
    for name, dtype in zip(relation.columns, relation.types, strict=True):
        marks = re.findall(r"[(\[)]", re.sub(r'"(?:[^"]|"")*"', "", str(dtype)))
        depths = itertools.accumulate({"(": 1, ")": -1, "[": 0}[mark] for mark in marks)
        if max(depths, default=0) + marks.count("[") > _DEEPEST:
            raise InputError(
                f"{label}: the column {name!r} holds values within values, more than {_DEEPEST} "
                "deep; leave it away"
            )


def quoted(name: str) -> str:
    """A column or table name as SQL writes it.

    >>> quoted('unit "net" price')
    '"unit ""net"" price"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL writes it.

    >>> literal("o'clock")
    "'o''clock'"
    """
    return "'" + value.replace("'", "''") + "'"


def _literally(path: Path) -> str:
    """A path as a text that DuckDB takes for that one file, never for a pattern."""
    return literal(_plainly(path))


def _plainly(path: Path) -> str:
    return re.sub(r"([\[*?])", r"[\1]", str(path))
