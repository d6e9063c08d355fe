"""PostgreSQL, read with ADBC in batches of Arrow: one transaction, so that all tables agree."""

import os
import time
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa

from kpilib.engines.duck import DuckEngine, quoted
from kpilib.errors import InputError
from kpilib.sources.databases.address import Address
from kpilib.sources.databases.server import Asked

_PLAIN = (
    *("int2", "int4", "int8", "oid", "float4", "float8", "numeric", "bool"),
    *("text", "varchar", "bpchar", "name", "date", "timestamp", "timestamptz"),
)
"""Types that arrive as what they are; any other is read as PostgreSQL writes it as text."""

_LISTED = """
SELECT n.nspname, c.relname, n.nspname = ANY (current_schemas(false))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema' AND NOT c.relispartition
  AND has_schema_privilege(n.oid, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
ORDER BY array_position(current_schemas(false), n.nspname), n.nspname, c.relname
"""

_BEGIN = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BROKEN = ("08", "57P")
"""How the codes of errors begin that a connection which broke off gives."""

_TRIES, _WAIT = 3, 2.0

_PATIENCE = {
    "connect_timeout": 15,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""How long to wait for a server, in seconds: one that went away without a word is noticed within a
minute, where the system itself would wait two hours."""


class Postgres:
    """A connection to PostgreSQL; a table whose reading broke off is read again from its start."""

    def __init__(self, address: Address) -> None:
        try:
            from adbc_driver_manager import Error
            from adbc_driver_postgresql import dbapi
        except ImportError:
            raise InputError(
                f'{address.url}: PostgreSQL is read with ADBC; pip install "kpilib[postgresql]"'
            ) from None
        self._address = address
        self._dbapi = dbapi
        self._errors: type[Exception] = Error
        self._names: dict[str, str] | None = None
        self._connection = self._connected()

    def names(self) -> tuple[str, ...]:
        """What this user may read; `schema.table` where the search path does not lead there."""
        return tuple(self._listed())

    def read(self, asked: Asked, duck: DuckEngine) -> nw.LazyFrame:
        """The rows as a table of DuckDB, decimals with the digits they have."""
        rows = self._listed()[asked.table] if asked.table else f"(\n{asked.query}\n) AS asked"
        for left in reversed(range(_TRIES)):
            try:
                return self._read(duck, rows)
            except (self._errors, *duck.data_errors) as error:
                if left and _broke_off(error):
                    self._connection.close()
                    time.sleep(_WAIT)
                    self._connection = self._connected()
                    continue
                raise InputError(f"{asked.label}: {_reason(error)}") from None
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """The transaction ends with the connection."""
        self._connection.close()

    def _connected(self) -> Any:
        asked = self._address.url
        given = {"connect_timeout"} if "PGCONNECT_TIMEOUT" in os.environ else set()
        more = [f"{name}={value}" for name, value in _PATIENCE.items() if name not in given]
        more = [one for one in more if f"{one.partition('=')[0]}=" not in asked]
        url = asked + ("&" if "?" in asked else "?") + "&".join(more) if more else asked
        try:
            connection = self._dbapi.connect(url)
        except self._errors as error:
            raise InputError(
                f"{self._address.url}: no connection ({_reason(error)}); check host, port and "
                "database, and that PGPASSWORD or ~/.pgpass holds the password"
            ) from None
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN)
        return connection

    def _listed(self) -> dict[str, str]:
        """The name of each table → how SQL names it."""
        if self._names is None:
            with self._connection.cursor() as cursor:
                cursor.execute(_LISTED)
                rows = cursor.fetchall()
            names: dict[str, str] = {}
            for schema, table, near in rows:
                name = table if near and table not in names else f"{schema}.{table}"
                names[name] = f"{quoted(schema)}.{quoted(table)}"
            self._names = names
        return self._names

    def _read(self, duck: DuckEngine, rows: str) -> nw.LazyFrame:
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {rows} LIMIT 0")
            schema = cursor.fetch_record_batch().schema
            picked = ", ".join(_picked(field) for field in schema)
            cursor.execute(f"SELECT {picked} FROM {rows}")
            stored = ", ".join(_stored(field) for field in schema)
            return duck.read_in(cursor.fetch_record_batch(), stored)


def _type(field: pa.Field) -> str:
    return ((field.metadata or {}).get(b"POSTGRESQL:type") or b"").decode()


def _picked(field: pa.Field) -> str:
    """A column as PostgreSQL is to send it."""
    name = quoted(field.name)
    return name if _type(field) in _PLAIN else f"{name}::text AS {name}"


def _stored(field: pa.Field) -> str:
    """A column as DuckDB is to store it: a decimal, which arrives as text, with its own digits.

    One that was declared without digits, or with more than DuckDB holds, becomes a double.
    """
    name = quoted(field.name)
    if _type(field) != "numeric":
        return name
    modifier = int((field.metadata or {}).get(b"POSTGRESQL:typmod") or b"-1") - 4
    precision, scale = modifier >> 16, modifier & 0x7FF
    kind = f"DECIMAL({precision}, {scale})" if 0 < precision <= 38 >= scale else "DOUBLE"
    return f"TRY_CAST(nullif({name}, 'NaN') AS {kind}) AS {name}"


def _broke_off(error: Exception) -> bool:
    state = getattr(error, "sqlstate", None) or ""
    lost = (
        "server closed the connection",
        "terminating connection",
        "connection not open",
        "no connection to the server",
        "could not receive data from server",
    )
    return state.startswith(_BROKEN) or any(text in str(error) for text in lost)


def _reason(error: Exception) -> str:
    """The server's own words, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = next((line for line in lines if "ERROR:" in line or "FATAL:" in line), lines[0])
    return first.partition("ERROR:")[2].strip() or first.partition("FATAL:")[2].strip() or first
