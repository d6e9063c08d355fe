"""Spark Connect: the tables of a session's catalogue, which stay where they are."""

from typing import Any

import narwhals.stable.v2 as nw

from kpilib.engines.duck import DuckEngine
from kpilib.engines.spark import connected
from kpilib.sources.databases.address import Address
from kpilib.sources.databases.server import Asked


class SparkServer:
    """A session on a Spark Connect server."""

    def __init__(self, address: Address) -> None:
        self.session = connected(address.url)

    def names(self) -> tuple[str, ...]:
        """Tables and views of the current database, and temporary views."""
        return tuple(table.name for table in self.session.catalog.listTables())

    def frame(self, asked: Asked) -> Any:
        """The rows as Spark holds them; nothing is read yet."""
        if asked.query:
            return self.session.sql(asked.query)
        return self.session.table(asked.table or "")

    def read(self, asked: Asked, duck: DuckEngine) -> nw.LazyFrame:
        """The rows brought over, for a source whose other tables are not in Spark."""
        return duck.adopt(self.frame(asked))

    def close(self) -> None:
        """The session goes on for whoever else uses it."""
