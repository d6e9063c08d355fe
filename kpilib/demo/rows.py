"""Tables while they are made: columns of numpy arrays, and how they become Arrow tables.

Whole-number ids have -1 where there is none, texts are codes into a short list of names with -1
for none, times are `datetime64[s]` on the business's clock with NaT for none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Words:
    """A text column: for every row the place of its text among `names`; -1 for none."""

    codes: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: np.ndarray) -> "Words":
        return Words(self.codes[rows], self.names)

    @classmethod
    def same(cls, name: str, rows: int) -> "Words":
        """The same text in every row."""
        return cls(np.zeros(rows, np.int32), (name,))

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> "Words":
        """From the texts themselves."""
        names = tuple(sorted({text for text in texts if text is not None}))
        place: dict[str | None, int] = {name: code for code, name in enumerate(names)}
        return cls(np.array([place.get(text, -1) for text in texts], np.int32), names)


Column = np.ndarray | Words
Rows = dict[str, Column]


def count(rows: Mapping[str, Column]) -> int:
    """How many rows a table has."""
    return len(next(iter(rows.values())))


def take(rows: Mapping[str, Column], which: np.ndarray) -> Rows:
    """Some rows of a table, by a mask or by their places."""
    return {name: column[which] for name, column in rows.items()}


def stack(tables: Sequence[Mapping[str, Column]]) -> Rows:
    """Tables of the same columns below each other."""
    if len(tables) == 1:
        return dict(tables[0])
    return {name: _joined([table[name] for table in tables]) for name in tables[0]}


def _joined(columns: Sequence[Column]) -> Column:
    if not isinstance(columns[0], Words):
        return np.concatenate([np.asarray(column) for column in columns])
    names: dict[str, int] = {}
    codes = []
    for column in columns:
        assert isinstance(column, Words)
        places = [names.setdefault(name, len(names)) for name in column.names]
        lookup = np.array([*places, -1], np.int32)
        codes.append(lookup[column.codes])
    return Words(np.concatenate(codes), tuple(names))


def by_time(rows: Rows, time: str, *more: str) -> Rows:
    """The table in the order of a time column, then of others."""
    keys = [np.asarray(rows[name]) for name in (*reversed(more), time)]
    return take(rows, np.lexsort(keys))


def to_arrow(rows: Mapping[str, Column]) -> pa.Table:
    """An Arrow table; whole numbers below 0 in `…_id` columns, NaN and NaT become null."""
    return pa.table({name: _array(name, column) for name, column in rows.items()})


def _array(name: str, column: Column) -> pa.Array:
    if isinstance(column, Words):
        texts = pa.array([*column.names, ""], pa.string())
        codes = pa.array(column.codes, mask=column.codes < 0)
        return texts.take(codes)
    if column.dtype.kind in "iu" and name.endswith("_id"):
        return pa.array(column, mask=column < 0)
    if column.dtype.kind == "f":
        return pa.array(column, from_pandas=True)
    return pa.array(column)


def draw(rng: np.random.Generator, shares: Sequence[float], size: int) -> np.ndarray:
    """Places drawn in proportion to `shares`."""
    edges = np.cumsum(np.asarray(shares, float))
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(size), side="right")
