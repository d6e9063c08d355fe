"""What became of rows between two moments: which came late, moved, changed, went or are new.

A row is the same one where all of it is the same, else where its key is (an order's number), else,
where its table has none, where all but its customer is. A customer was merged where an id is no
more and all its rows have one other id in its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kpilib.contract.schema import Schema
from kpilib.contract.tables import SCHEMAS
from kpilib.questions.vintage.rows import Rows, owners

DEFINITION, MERGED, LATE = "definition", "merged_customers", "late_rows"
REFUNDS, CORRECTED, SINCE = "refunds", "corrected_rows", "known_since"
LAPSE, REST = "lapse_window", "remainder"
KINDS = (DEFINITION, MERGED, LATE, REFUNDS, CORRECTED, SINCE, LAPSE, REST)
"""The kinds of change, in the order in which they are put on one after the other."""


@dataclass(frozen=True)
class Step:
    """The rows once one more kind of change is put on the old ones."""

    kind: str
    tables: Mapping[str, pd.DataFrame]
    rows: Mapping[str, int] = field(default_factory=dict)
    """Table → how many rows this kind is about; of merges, how many customers."""


def steps(old: Rows, new: Rows) -> list[Step]:
    """The old rows, then with each kind of change put on in turn; the last are the new rows.

    A kind that no row belongs to is left out. Under the first come the old rows as they are.
    """
    pairs = {name: _pair(name, old, new) for name in {**old.tables, **new.tables}}
    merges = _merges(pairs, new)
    found = [Step(DEFINITION, old.tables)]
    if merges:
        moved = {name: _moved(name, table, merges) for name, table in old.tables.items()}
        found.append(Step(MERGED, moved, {"customers": len(merges)}))
    changes = {name: _sorted(one, merges, old.as_of) for name, one in pairs.items()}
    for kind in (LATE, REFUNDS, CORRECTED, SINCE):
        counts = {name: one.count(kind) for name, one in changes.items() if one.count(kind)}
        there = any(one.has(kind) for one in changes.values())
        if there or (kind == SINCE and new.as_of != old.as_of):
            until = KINDS[: KINDS.index(kind) + 1]
            tables = {name: one.table(until) for name, one in changes.items()}
            found.append(Step(kind, {**tables}, counts))
    return found


@dataclass(frozen=True)
class _Pairs:
    """One table then and now, and which of its rows are the same one."""

    schema: Schema
    old: pd.DataFrame
    new: pd.DataFrame
    same: np.ndarray
    """Place now of each old row; -1 where it is no more."""


@dataclass(frozen=True)
class _Sorted:
    """One table with the kind of change of each row."""

    moved: pd.DataFrame
    """The old rows, customers merged."""
    new: pd.DataFrame
    same: np.ndarray
    of_old: np.ndarray
    """The kind by which each old row is replaced or goes; empty where it stays as it is."""
    of_new: np.ndarray
    """The kind by which each new row comes; empty where it was there."""
    dated: bool
    """Whether the rows say when they happened; which came late is a guess where they do not."""

    def count(self, kind: str) -> int:
        """How many rows a kind is about; one that is replaced counts once, a guess not at all."""
        if kind == LATE and not self.dated:
            return 0
        gone = (self.of_old == kind) & (self.same < 0)
        return int(gone.sum() + (self.of_new == kind).sum() + self._replaced(kind).sum())

    def has(self, kind: str) -> bool:
        """Whether any row is of a kind."""
        return bool((self.of_old == kind).any() or (self.of_new == kind).any())

    def _replaced(self, kind: str) -> np.ndarray:
        return (self.of_old == kind) & (self.same >= 0)

    def table(self, kinds: Iterable[str]) -> pd.DataFrame:
        """The rows once the changes of these kinds are made."""
        done = [*kinds]
        gone = np.isin(self.of_old, done)
        into = self.same[gone & (self.same >= 0)]
        come = np.flatnonzero(np.isin(self.of_new, done))
        parts = [self.moved[~gone], self.new.iloc[[*into, *come]]]
        return pd.concat([part for part in parts if len(part)] or [self.new[:0]], ignore_index=True)


def _pair(name: str, old: Rows, new: Rows) -> _Pairs:
    schema = SCHEMAS[name]
    known = [rows.tables.get(name) for rows in (old, new)]
    there = [table for table in known if table is not None]
    columns = list(dict.fromkeys(column for table in there for column in table.columns))
    types = {column: table[column].dtype for table in reversed(there) for column in table.columns}
    tables = [_widened(table, columns, types) for table in known]
    same = _match(tables[0], tables[1], columns)
    key = [out for one in schema.key for out in schema.column(one).outputs]
    if key and all(name in columns for name in key):
        same = _match_rest(tables[0], tables[1], key, same, whole=True)
    rest = [name for name in columns if name not in owners(schema)]
    if rest:
        same = _match_rest(tables[0], tables[1], rest, same, whole=False)
    return _Pairs(schema, tables[0], tables[1], same)


def _widened(
    table: pd.DataFrame | None, columns: list[str], types: Mapping[str, Any]
) -> pd.DataFrame:
    """A table with all these columns, empty where it has none."""
    count = 0 if table is None else len(table)
    own = {} if table is None else {name: table[name] for name in table.columns}
    empty = [name for name in columns if name not in own]
    filled = {name: pd.Series([pd.NA] * count, dtype="object") for name in empty}
    made = {name: own[name] if name in own else filled[name] for name in columns}
    return pd.DataFrame(made).astype({name: types[name] for name in columns})


def _hashes(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """A number for each row that tells it from rows that are not alike, the repeats counted."""
    hashed = pd.Series(_plain_hashes(table[columns]), dtype="uint64")
    repeat = hashed.groupby(hashed).cumcount().to_numpy().astype("uint64")
    return hashed + repeat * np.uint64(0x9E3779B97F4A7C15)


def _plain_hashes(table: pd.DataFrame) -> np.ndarray:
    """A number for each row, the same for rows that are alike; what is missing is alike."""
    columns = {
        name: column if column.dtype == "str" else column.astype("float64")
        for name, column in table.items()
    }
    return pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()


def _match(old: pd.DataFrame, new: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Place in `new` of each old row that is alike in these columns; -1 where there is none."""
    places = pd.Index(_hashes(new, columns))
    return places.get_indexer(pd.Index(_hashes(old, columns)))


def _match_rest(
    old: pd.DataFrame, new: pd.DataFrame, keys: list[str], same: np.ndarray, *, whole: bool
) -> np.ndarray:
    """The match of rows that have none yet, by some columns; all of them there where `whole`."""
    left = (same < 0) & (old[keys].notna().all(axis=1).to_numpy() if whole else True)
    free = np.ones(len(new), dtype=bool)
    free[same[same >= 0]] = False
    if whole:
        free &= new[keys].notna().all(axis=1).to_numpy()
    olds, news = np.flatnonzero(left), np.flatnonzero(free)
    found = _match(old.iloc[olds], new.iloc[news], keys)
    same = same.copy()
    same[olds[found >= 0]] = news[found[found >= 0]]
    return same


def _merges(pairs: Mapping[str, _Pairs], new: Rows) -> dict[str, str]:
    """Ids that are no more → the one id that stands in all their rows."""
    there = {
        id_
        for name, table in new.tables.items()
        for column in owners(SCHEMAS[name])
        if column in table
        for id_ in table[column].dropna().unique()
    }
    moves: dict[str, set[str]] = {}
    for one in pairs.values():
        for column in [name for name in owners(one.schema) if name in one.old]:
            if one.schema.key == (column,):
                continue
            olds = one.old[column].to_numpy(dtype=object)[one.same >= 0]
            news = one.new[column].to_numpy(dtype=object)[one.same[one.same >= 0]]
            for before, after in {*zip(olds, news, strict=True)}:
                if isinstance(before, str) and isinstance(after, str) and before != after:
                    moves.setdefault(before, set()).add(after)
    return {
        before: next(iter(after))
        for before, after in moves.items()
        if len(after) == 1 and before not in there
    }


def _moved(name: str, table: pd.DataFrame, merges: Mapping[str, str]) -> pd.DataFrame:
    """A table with the ids of merged customers replaced; their own records go."""
    schema = SCHEMAS[name]
    columns = [column for column in owners(schema) if column in table]
    if name == "customers" and "customer_id" in table:
        table = table[~table["customer_id"].isin([*merges])]
    changed = {column: table[column].replace(dict(merges)).astype("str") for column in columns}
    return table.assign(**changed)


def _sorted(one: _Pairs, merges: Mapping[str, str], as_of: int) -> _Sorted:
    """The kind of change of each row of a table."""
    name = one.schema.name
    stays = np.ones(len(one.old), dtype=bool)
    if name == "customers" and "customer_id" in one.old:
        stays = ~one.old["customer_id"].isin([*merges]).to_numpy()
    moved = _moved(name, one.old, merges)
    same = one.same[stays]
    of_old = np.full(len(moved), "", dtype=object)
    of_old[same < 0] = CORRECTED
    kept = np.flatnonzero(same >= 0)
    before = moved.iloc[kept].reset_index(drop=True)
    after = one.new.iloc[same[kept]].reset_index(drop=True)
    differs = _differs(before, after)
    later = _later(before, after, as_of)
    of_old[kept[differs]] = np.where(later[differs], SINCE, CORRECTED)
    if name == "refunds":
        of_old[of_old != ""] = REFUNDS
    of_new = np.full(len(one.new), "", dtype=object)
    come = np.setdiff1d(np.arange(len(one.new)), one.same[one.same >= 0])
    of_new[come] = REFUNDS if name == "refunds" else _arrival(one, come, as_of)
    dated = _day_of(one.schema) in one.new
    return _Sorted(moved.reset_index(drop=True), one.new, same, of_old, of_new, dated)


def _differs(before: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    return _plain_hashes(before) != _plain_hashes(after)


def _later(before: pd.DataFrame, after: pd.DataFrame, as_of: int) -> np.ndarray:
    """Whether a row says now of a day that was still to come then."""
    found = np.zeros(len(after), dtype=bool)
    for name in after.columns:
        if name == "day" or name.endswith("_day"):
            now = after[name].astype("float64").to_numpy()
            found |= (now >= as_of) & (now != before[name].astype("float64").to_numpy())
    return found


def _day_of(schema: Schema) -> str:
    return schema.day_of() if schema.event else "created_day"


def _arrival(one: _Pairs, come: np.ndarray, as_of: int) -> np.ndarray:
    """Whether a new row is of a day that was over when the old ones were read, or came since."""
    day = _day_of(one.schema)
    if day not in one.new:
        return np.full(len(come), LATE, dtype=object)
    days = one.new[day].astype("float64").to_numpy()[come]
    return np.where(days >= as_of, SINCE, LATE).astype(object)
