"""DuckDB, embedded in the process: the default engine."""

import itertools
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.errors import InputError


class DuckEngine:
    """An in-memory DuckDB database that spills to disk when memory runs short."""

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.connection = connection or _connect()
        self._names = (f"kept_{number}" for number in itertools.count())

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame as a table of this database."""
        name = next(self._names)
        self.connection.register("incoming", table)
        try:
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        finally:
            self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(name))

    def keep(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """The frame as a table."""
        name = next(self._names)
        frame.to_native().create(name)
        return nw.from_native(self.connection.table(name))

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """The frame as pandas."""
        return frame.to_native().df()

    def adopt(self, table: Any) -> nw.LazyFrame:
        """A frame of pandas is scanned in place; one that streams as Arrow is read in once."""
        name = next(self._names)
        if isinstance(table, pd.DataFrame):
            self.connection.register(name, _scannable(table))
            return nw.from_native(self.connection.table(name))
        reader = _arrow_reader(table)
        self.connection.register("incoming", reader)
        try:
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        finally:
            self.connection.unregister("incoming")
        return nw.from_native(self.connection.table(name))

    def with_sql(self, frame: nw.LazyFrame, expressions: Mapping[str, str]) -> nw.LazyFrame:
        """Expressions in DuckDB's SQL."""
        for name, expression in expressions.items():
            try:
                added = frame.to_native().project(f"*, ({expression}\n) AS {quoted(name)}")
            except duckdb.Error as error:
                raise ValueError(str(error).strip().splitlines()[0]) from None
            frame = nw.from_native(added)
        return frame

    def with_seconds(self, frame: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """`epoch_us`, floored to seconds; an infinite time is none."""
        return self.with_sql(
            frame,
            {
                new: f"CASE WHEN isfinite({quoted(old)}) "
                f"THEN epoch_us({quoted(old)}::TIMESTAMP) // 1000000 END"
                for new, old in columns.items()
            },
        )

    def with_parsed_seconds(
        self, frame: nw.LazyFrame, columns: Mapping[str, tuple[str, tuple[str, ...]]]
    ) -> nw.LazyFrame:
        """`try_strptime` with the list of formats."""
        return self.with_sql(
            frame,
            {
                new: f"epoch_us(try_strptime({quoted(old)}, "
                f"[{', '.join(_text(format_) for format_ in formats)}])) // 1000000"
                for new, (old, formats) in columns.items()
            },
        )

    def scan_parquet(self, path: Path) -> nw.LazyFrame:
        """A Parquet file, scanned where it lies."""
        try:
            return nw.from_native(
                self.connection.sql(f"SELECT * FROM read_parquet({_text(str(path))})")
            )
        except duckdb.Error as error:
            raise InputError(
                f"{path}: not a Parquet file that can be read ({str(error).splitlines()[0]})"
            ) from None

    def read_csv(
        self, path: Path, names: list[str], delimiter: str
    ) -> tuple[nw.LazyFrame, pd.DataFrame]:
        """A UTF-8 CSV file as text columns, and the lines that have not as many fields as it."""
        name = next(self._names)
        columns = ", ".join(f"{_text(column)}: 'VARCHAR'" for column in names)
        self.connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_csv({_text(str(path))}, "
            f"auto_detect = false, header = true, delim = {_text(delimiter)}, quote = '\"', "
            f"escape = '\"', columns = {{{columns}}}, store_rejects = true, "
            f"rejects_table = '{name}_rejects', rejects_scan = '{name}_scans')"
        )
        rejects = self.connection.sql(
            f"SELECT line, any_value(csv_line) AS text FROM {name}_rejects "
            "GROUP BY line ORDER BY line"
        ).df()
        self.connection.execute(f"DROP TABLE {name}_rejects; DROP TABLE {name}_scans")
        return nw.from_native(self.connection.table(name)), rejects

    def attach(self, path: Path) -> dict[str, str]:
        """A DuckDB file, attached for reading: the names of its tables → how SQL names them."""
        name = next(self._names).replace("kept", "file")
        self.connection.execute(f"ATTACH {_text(str(path))} AS {name} (READ_ONLY)")
        rows = self.connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? "
            "UNION ALL SELECT schema_name, view_name FROM duckdb_views() "
            "WHERE database_name = ? AND NOT internal ORDER BY ALL",
            [name, name],
        ).fetchall()
        return {
            table if schema == "main" else f"{schema}.{table}": (
                f"{name}.{quoted(schema)}.{quoted(table)}"
            )
            for schema, table in rows
        }

    def table(self, name: str) -> nw.LazyFrame:
        """A table, as SQL names it."""
        return nw.from_native(self.connection.sql(f"SELECT * FROM {name}"))


def quoted(name: str) -> str:
    """A column or table name as SQL writes it.

    >>> quoted('unit "net" price')
    '"unit ""net"" price"'
    """
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _connect() -> duckdb.DuckDBPyConnection:
    """A database of its own: spills to the system's temporary folder, downloads nothing."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "temp_directory": str(Path(tempfile.gettempdir()) / f"kpilib-{os.getpid()}"),
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    if (memory := _memory()) is not None:
        connection.execute(f"SET memory_limit = '{memory // 2**21} MiB'")
    return connection


def _memory() -> int | None:
    """The machine's memory in bytes, where the system tells it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _scannable(table: pd.DataFrame) -> pd.DataFrame:
    """A shallow copy with text names, its columns of mixed objects made text.

    The copy shares its values until either side writes, so later changes to the user's frame do
    not reach it.
    """
    shown = table.copy(deep=False)
    shown.columns = _distinct([str(name) for name in table.columns])
    for place, name in enumerate(shown.columns):
        values = table.iloc[:, place]
        if isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype(values.cat.categories.dtype)
        if values.dtype == object:
            shown[name] = _plain(values)
        elif isinstance(values.dtype, pd.PeriodDtype):
            shown[name] = values.dt.start_time
        else:
            shown[name] = values
    return shown


def _plain(values: pd.Series) -> pd.Series:
    """Objects of one kind as they are, others as text."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("string", "date", "datetime", "datetime64", "boolean", "empty"):
        return values
    if kind == "integer":
        return values.astype("Int64")
    if kind in ("floating", "mixed-integer-float", "decimal"):
        return values.astype("float64")
    return values.map(str, na_action="ignore").astype("str")


def _distinct(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"the frame has two columns called {name!r}; rename one of them")
    return names


def _arrow_reader(table: Any) -> Any:
    """Arrow batches from a relation, a Polars frame, an Ibis table or an Arrow table."""
    if isinstance(table, duckdb.DuckDBPyRelation):
        return table.to_arrow_reader() if hasattr(table, "to_arrow_reader") else table.arrow()
    if hasattr(table, "to_pyarrow_batches"):
        return table.to_pyarrow_batches()
    if hasattr(table, "collect"):
        table = table.collect()
    if hasattr(table, "to_arrow"):
        return table.to_arrow()
    return table
