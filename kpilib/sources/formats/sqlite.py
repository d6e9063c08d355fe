"""SQLite files, read with the standard library."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa

from kpilib.engines.duck import quoted
from kpilib.errors import InputError
from kpilib.sources.trust import is_trusted

_BATCH = 100_000
_TYPES = {"integer": pa.int64(), "real": pa.float64()}


def table_names(path: Path) -> list[str]:
    """The tables of a SQLite file; of a trusted one also its views, which are queries."""
    return _named(path, "table", *(["view"] if is_trusted() else []))


def view_names(path: Path) -> list[str]:
    """The views of a SQLite file."""
    return _named(path, "view")


def _named(path: Path, *kinds: str) -> list[str]:
    with _opened(path) as connection:
        rows = connection.execute(
            "SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
    return [str(name) for name, kind in rows if kind in kinds]


def read_table(path: Path, table: str) -> pa.Table:
    """A table, each column of the one type that all of its values have, else text."""
    with _opened(path) as connection:
        named = f"FROM {quoted(table)}"
        head = connection.execute(f"SELECT * {named} LIMIT 0")
        columns = [str(item[0]) for item in head.description]
        asked = [f"group_concat(DISTINCT typeof({quoted(column)}))" for column in columns]
        seen = connection.execute(f"SELECT {', '.join(asked)} {named}").fetchone()
        schema = pa.schema(
            [(column, _type(str(kinds))) for column, kinds in zip(columns, seen, strict=True)]
        )
        picked = [_picked(field) for field in schema]
        rows = connection.execute(f"SELECT {', '.join(picked)} {named}")
        batches = []
        while batch := rows.fetchmany(_BATCH):
            values = zip(*batch, strict=True)
            arrays = [pa.array(v, field.type) for v, field in zip(values, schema, strict=True)]
            batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _picked(field: pa.Field) -> str:
    name = quoted(field.name)
    return f"CAST({name} AS TEXT)" if field.type == pa.string() else name


def _type(kinds: str) -> pa.DataType:
    found = set(kinds.split(",")) - {"null", "None"}
    if found == {"integer", "real"}:
        return pa.float64()
    return _TYPES.get(found.pop(), pa.string()) if len(found) == 1 else pa.string()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            yield connection
    except sqlite3.Error as error:
        raise InputError(f"{path}: cannot be read as a SQLite file ({error})") from None
