"""The rows of a base, kept small: what is needed to tell later why a number is another one.

Ids are kept as hashes, which tell the same id from another and nothing else; words that customers
wrote, and columns of the user's own, are not kept.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contract.schema import Schema
from kpilib.contract.tables import SCHEMAS
from kpilib.errors import InputError

MOST = 2_000_000
"""How many rows are kept at most, of all tables together."""
APART = ("audit_sample", "load_log", "rules", "targets")
"""Tables about the records and not of them."""
WRITTEN = ("comment",)
"""Columns of the customers' own words; only whether there are any is kept."""
ABOUT = "about.json"


@dataclass(frozen=True)
class Rows:
    """The rows that a base had at one moment, and how it saw them."""

    tables: Mapping[str, pd.DataFrame]
    """Table → its rows, in the loaded columns of its schema; ids as hashes."""
    as_of: int
    """The day before which the data were complete."""
    lapse_window: int
    """The lapse window in force, in days."""
    reading: str
    """A hash of the settings by which rows are read and left out."""


def owners(schema: Schema) -> list[str]:
    """The columns of a table that name a customer."""
    return [one.name for one in schema.columns if one.kind == "id" and one.names == "customer"]


def rows_of(base: Business, most: int = MOST) -> Rows | None:
    """The rows of a base; None where they are more than `most`."""
    tables: dict[str, pd.DataFrame] = {}
    left = most
    for name, frame in base._tables.items():
        if name in SCHEMAS and name not in APART:
            counted = base.engine.collect(frame.select(nw.len().alias("n")))
            left -= int(counted["n"].iloc[0])
            if left < 0:
                return None
            tables[name] = _table(base, SCHEMAS[name], frame)
    return Rows(tables, base.as_of, base.lapse_window.days, reading(base))


def reading(base: Business) -> str:
    """A hash of the settings that decide which rows there are and what they say."""
    settings = base._settings
    said = [settings.time_zone, settings.nobody, settings.ids, settings.currency]
    means = [(name, settings.table(name).meaning) for name in SCHEMAS]
    return hashlib.sha256(repr([said, means]).encode()).hexdigest()[:16]


def _table(base: Business, schema: Schema, frame: nw.LazyFrame) -> pd.DataFrame:
    """One table's rows in a fixed order, each column in the type it was loaded with."""
    types = frame.collect_schema()
    names = [out for one in schema.columns for out in one.outputs if out in types]
    kinds = {out: one.kind for one in schema.columns for out in one.outputs}
    chosen = [
        nw.col(name).cast(nw.String) if kinds[name] == "id" else nw.col(name) for name in names
    ]
    table = base.engine.collect(frame.select(*chosen))
    for name in names:
        table[name] = _typed(table[name], kinds[name], types[name], name in WRITTEN)
    return table.sort_values(names, ignore_index=True)


def _typed(column: pd.Series, kind: str, type_: Any, written: bool) -> pd.Series:
    if kind == "id":
        return _mapped(column, lambda value: hashlib.md5(value.encode()).hexdigest()[:16])
    if written:
        return _mapped(column, lambda value: "…")
    if type_.is_integer():
        return column.astype("Int64")
    if type_ == nw.Boolean:
        return column.astype("boolean")
    return column.astype("str") if type_ == nw.String else column.astype("float64")


def _mapped(column: pd.Series, one: Callable[[str], str]) -> pd.Series:
    """A column of texts with `one` made of each that is there."""
    codes, values = pd.factorize(column.astype("str"))
    made = pd.array([one(str(value)) for value in values] + [None], dtype="str")
    return pd.Series(made.take(codes), index=column.index)  # -1, which stands for none, is last


def write_rows(rows: Rows, folder: Path) -> None:
    """Lay the rows down in a new folder, a Parquet file for each table."""
    folder.mkdir()
    for name, table in rows.tables.items():
        table.to_parquet(folder / f"{name}.parquet", compression="zstd", index=False)
    about = {"as_of": rows.as_of, "lapse_window": rows.lapse_window, "reading": rows.reading}
    text = json.dumps(about | {"tables": [*rows.tables]}, indent=1) + "\n"
    (folder / ABOUT).write_text(text, encoding="utf-8")


def read_rows(folder: Path) -> Rows | None:
    """The rows that were laid down in a folder; None where there are none.

    Raises InputError where they cannot be read.
    """
    if not (folder / ABOUT).is_file():
        return None
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        tables = {name: _read(folder, name) for name in about["tables"]}
        lapse, how = int(about["lapse_window"]), str(about["reading"])
        return Rows(tables, int(about["as_of"]), lapse, how)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder}: the rows that were kept cannot be read ({error}); make the month again"
        ) from None


def _read(folder: Path, name: str) -> pd.DataFrame:
    if name not in SCHEMAS:
        raise ValueError(f"table {name!r} is not known")
    table = pd.read_parquet(folder / f"{name}.parquet", dtype_backend="numpy_nullable")
    for column in table.columns:
        if table[column].dtype == "string":
            table[column] = table[column].astype("str")
        elif table[column].dtype == "Float64":
            table[column] = table[column].astype("float64")
    return table
