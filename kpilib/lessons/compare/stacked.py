"""Readings of the same records laid beside each other in one business, and counted in one go.

A search asks thousands of readings. Each customer stands once for every time zone and choice of
rows, as `code × readings + place` of the reading; so every table of a period is made once for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.lessons.compare.rule import Counts
from kpilib.lessons.compare.variations import Key, Records, move
from kpilib.questions.base import CustomerBase

COLUMNS = {
    "orders": ("order_id", "customer_id", "ordered_day", "amount"),
    "refunds": ("order_id", "customer_id", "refunded_day", "amount"),
    "subscriptions": ("customer_id", "started_day", "ended_day"),
    "tickets": ("customer_id", "created_day", "type"),
}
"""The tables that are laid beside each other → those of their columns that rules count in."""
IDS = ("customer_id", "order_id")
MOST_ROWS = 4_000_000
"""So many rows, over all readings, are held at a time."""


@dataclass(frozen=True)
class Stack:
    """Some readings in one business."""

    base: CustomerBase
    keys: tuple[Key, ...]

    def each(self, counts: Counts, periods: int) -> tuple[NDArray[np.float64], list[str]]:
        """Values and texts as of `Counts.each`, period by period, in each the readings in order."""
        wide = len(self.keys)
        keys = counts.rows["customer_id"].to_numpy(np.int64)
        place = counts.rows["period"].to_numpy(np.int64)
        return counts.each(place * wide + keys % wide, keys // wide, periods * wide)


@dataclass(frozen=True)
class Alone:
    """One reading by itself, for rules that count in more than can be laid together."""

    records: Records
    key: Key

    @property
    def base(self) -> CustomerBase:
        """The business on that reading."""
        return self.records.of(*self.key)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The one reading."""
        return (self.key,)

    def each(self, counts: Counts, periods: int) -> tuple[NDArray[np.float64], list[str]]:
        """Values and texts as of `Counts.each`."""
        place = counts.rows["period"].to_numpy(np.int64)
        return counts.each(place, counts.rows["customer_id"].to_numpy(), periods)


def stacks(records: Records) -> Iterator[Stack]:
    """All readings of the records, as many together as may be held."""
    tests = {"tests" in rows for _zone, rows in records.keys}
    tables = {one: _tables(records.of(None, ("tests",) if one else ())) for one in tests}
    most = max(sum(map(len, some.values())) for some in tables.values())
    step = max(1, MOST_ROWS // max(most, 1))
    for first in range(0, len(records.keys), step):
        keys = records.keys[first : first + step]
        yield Stack(_laid_together(records.base, tables, keys), keys)


def _tables(base: CustomerBase) -> dict[str, pd.DataFrame]:
    """The tables to be counted in, the refunds whether they count or not."""
    found = {}
    for name, columns in COLUMNS.items():
        if (frame := base.tables.get(name)) is not None:
            there = frame.collect_schema().names()
            seconds = [f"{one[:-4]}_second" for one in columns if one.endswith("_day")]
            table = frame.select(*[one for one in (*columns, *seconds) if one in there])
            found[name] = base.engine.collect(table)
    return found


def _laid_together(
    base: CustomerBase, tables: dict[bool, dict[str, pd.DataFrame]], keys: tuple[Key, ...]
) -> CustomerBase:
    codes = {name: _codes(tables, name) for name in IDS}
    laid: dict[str, list[pd.DataFrame]] = {}
    for place, (zone, rows) in enumerate(keys):
        for name, table in tables["tests" in rows].items():
            if name == "refunds" and "refunds" in rows:
                continue
            moved = table.assign(**move(table, zone)) if zone else table
            ids = {one: _code(table[one], codes[one], name) for one in IDS if one in table}
            keyed = {one: code * len(keys) + place for one, code in ids.items()}
            kept = [one for one in COLUMNS[name] if one in table]
            laid.setdefault(name, []).append(moved[kept].assign(**keyed))
    frames = {name: base.engine.frame(pd.concat(some)) for name, some in laid.items()}
    return base.varied({**dict.fromkeys(base.tables), **frames})


def _codes(tables: dict[bool, dict[str, pd.DataFrame]], name: str) -> pd.Index:
    """Every id of a kind once; its place is its code."""
    known = [table[name] for some in tables.values() for table in some.values() if name in table]
    return pd.Index(pd.concat(known).dropna().unique()) if known else pd.Index([])


def _code(ids: pd.Series, known: pd.Index, table: str) -> pd.Series:
    """The code of each id. What has none stays without, but tickets are of nobody, which is one."""
    code = pd.Series(known.get_indexer(pd.Index(ids)), dtype="Int64")
    return code.mask(code < 0, len(known) if table == "tickets" else pd.NA)
