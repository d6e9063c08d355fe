"""What every database server offers to whoever reads from it."""

from dataclasses import dataclass
from typing import Protocol

import narwhals.stable.v2 as nw

from kpilib.engines.duck import DuckEngine


@dataclass(frozen=True)
class Asked:
    """What of a database makes one table: one of its tables, or a query."""

    label: str
    """How errors name it."""
    table: str | None = None
    """A table or view, as the server calls it."""
    query: str | None = None
    """A SELECT in the server's own SQL."""


class Server(Protocol):
    """One connection to a database, which only reads."""

    def names(self) -> tuple[str, ...]:
        """Tables and views, with their schema where the name alone would not reach them."""

    def read(self, asked: Asked, duck: DuckEngine) -> nw.LazyFrame:
        """The rows, read into DuckDB."""

    def close(self) -> None:
        """Let go of the connection; what was read stays."""
