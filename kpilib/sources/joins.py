"""Columns of a second table brought to the rows of a first, none of them counted twice unsaid."""

from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.contract.layout import Join
from kpilib.engines import Engine
from kpilib.engines.expressions import distinct
from kpilib.errors import InputError, near_miss
from kpilib.sources.source import PART, Source

_KEY, _FOUND = "kpilib__key_", "kpilib__found"
_EDGES = " \t\r\n\u00a0"


def joined(
    engine: Engine, left: Source, right: Source, join: Join, may_multiply: bool
) -> tuple[Source, bool]:
    """The rows of `left` with the columns of `right`, and whether that made rows more.

    Every row of `left` stays, and its account says how many found no partner, on either side.
    Raises `InputError` where a row finds several partners and `may_multiply` is false.
    """
    brought = _brought(engine, left, right, join)
    pairs = [(_named(left, one), _named(right, other)) for one, other in join.on]
    keys = [f"{_KEY}{place}" for place in range(len(pairs))]
    taken = {name.lower() for name in left.names}
    names = {name: _free(name, right.label, taken) for name in brought}
    source = _summed(engine, right, join, [other for _, other in pairs]) if join.sum else right
    other = source.frame.select(
        *(_key(column).alias(key) for key, (_, column) in zip(keys, pairs, strict=True)),
        *(nw.col(old).alias(new) for old, new in names.items()),
        nw.lit(1).alias(_FOUND),
    )
    other = engine.keep(other)
    first = left.frame.with_columns(
        *(_key(column).alias(key) for key, (column, _) in zip(keys, pairs, strict=True))
    )
    full = engine.keep(first.join(other, on=keys, how="left"))
    before, after = _rows(engine, left.frame), _rows(engine, full)
    on = " and ".join(dict.fromkeys(column for _, column in pairs))
    if after > before and not may_multiply:
        raise InputError(
            f"{left.label}: {right.label} has several rows for one {on}, so joining it makes "
            f"{after:,} rows of {before:,}. Write lines = true if each is one line of an order "
            '(one join may do so), or sum = ["…"] in the join to add a column of it up first'
        )
    alone = _rows(engine, full.filter(nw.col(_FOUND).is_null()))
    unused = _rows(engine, other.join(distinct(first.select(keys)), on=keys, how="anti"))
    shown = full.select(*left.names, *names.values(), *([PART] if left.parts else []))
    notes = [
        *left.notes,
        *right.notes,
        *(f"{old} of {right.label} is called {new}" for old, new in names.items() if old != new),
    ]
    if alone:
        notes.append(f"{alone:,} of {before:,} rows have no {on} that {right.label} has too")
    if unused:
        notes.append(f"{unused:,} rows of {right.label} belong to none of {left.label}")
    return replace(left, frame=shown, notes=tuple(notes)), after > before


def _brought(engine: Engine, left: Source, right: Source, join: Join) -> list[str]:
    """The columns of the second table that are wanted."""
    keys = {_named(right, other).lower() for _, other in join.on}
    if join.sum and not join.columns:
        return [_named(right, name) for name in join.sum]
    wanted = [*join.columns, *(name for name in join.sum if name not in join.columns)]
    if wanted:
        return [_named(right, name) for name in wanted]
    return [name for name in right.names if name.lower() not in keys]


def _named(source: Source, name: str) -> str:
    alike = [column for column in source.names if column.lower() == name.strip().lower()]
    if not alike:
        hint = near_miss(name, source.names)
        raise InputError(f"{source.label} has no column {name!r}, which a join names; {hint}")
    return alike[0]


def _free(name: str, label: str, taken: set[str]) -> str:
    """A name that no column has yet, with the second file's before it where needed."""
    new = name if name.lower() not in taken else f"{label.split('.')[0]}_{name}"
    while new.lower() in taken:
        new += "_"
    taken.add(new.lower())
    return new


def _key(column: str) -> nw.Expr:
    text = nw.col(column).cast(nw.String).str.strip_chars(_EDGES)
    return nw.when(text.str.len_chars() > 0).then(text)


def _summed(engine: Engine, right: Source, join: Join, keys: list[str]) -> Source:
    """The second table with one row per key, its `sum` columns added up, others as they begin."""
    types = right.frame.collect_schema()
    sums = [_named(right, name) for name in join.sum]
    others = [_named(right, name) for name in join.columns if name not in join.sum]
    plain = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*$"
    frame = right.frame
    for name in sums:
        if types[name] != nw.String:
            continue
        text = nw.col(name)
        bad = frame.filter(~text.str.contains(plain)).select(name).head(1)
        found = engine.collect(bad)[name].tolist()
        if found:
            raise InputError(
                f"{right.label}: {name} is to be added up, but {found[0]!r} is no plain number"
            )
    cast = [nw.col(name).cast(nw.Float64).alias(name) for name in sums]
    rows = frame.with_columns(*cast).group_by(*keys)
    added = rows.agg(
        *(nw.col(name).sum() for name in sums), *(nw.col(name).min() for name in others)
    )
    return replace(right, frame=added)


def _rows(engine: Engine, frame: nw.LazyFrame) -> int:
    found: Any = engine.collect(frame.select(nw.len().alias("rows")))["rows"].iloc[0]
    return int(found)
