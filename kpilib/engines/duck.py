"""DuckDB, embedded in the process: the default engine."""

import itertools

import duckdb
import narwhals.stable.v2 as nw
import pandas as pd


class DuckEngine:
    """An in-memory DuckDB database that spills to disk when memory runs short."""

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self.connection = connection or duckdb.connect()
        self._names = (f"kept_{number}" for number in itertools.count())

    def frame(self, table: pd.DataFrame) -> nw.LazyFrame:
        """A small pandas frame as a table of this database."""
        name = next(self._names)
        self.connection.register("incoming", table)
        self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
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
