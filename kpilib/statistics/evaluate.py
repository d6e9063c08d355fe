"""Statistics computed in the engine: those that read the same rows are summed in one query."""

from collections.abc import Callable, Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from kpilib.engines import Engine
from kpilib.engines.expressions import count_where
from kpilib.statistics.statistic import Source, Statistic
from kpilib.words import MISSING

Prepare = Callable[[nw.LazyFrame], nw.LazyFrame]
Name = tuple[str, int]
"""A statistic's name, and the place of one of its sources."""

PART = "part"


def evaluate(
    engine: Engine,
    statistics: Mapping[str, Statistic],
    keys: Sequence[str] = ("period",),
    prepare: Prepare = lambda frame: frame,
) -> dict[str, pd.DataFrame]:
    """Each statistic's numbers, one row per group.

    `keys` are columns that every statistic's rows have, once `prepare` has been at them. What comes
    back holds, per name, the table of the statistic's `estimate`, indexed by the group: a tuple of
    the keys' values.
    """
    sums = summed(engine, statistics, keys, prepare)
    return {name: statistic.estimate(*sums[name]) for name, statistic in statistics.items()}


def summed(
    engine: Engine,
    statistics: Mapping[str, Statistic],
    keys: Sequence[str] = ("period",),
    prepare: Prepare = lambda frame: frame,
) -> dict[str, tuple[pd.DataFrame, ...]]:
    """What each statistic's `estimate` takes: the sums of its sources, of the same groups each."""
    sources = {name: statistic.sources() for name, statistic in statistics.items()}
    wanted = [
        ((name, place), one) for name, some in sources.items() for place, one in enumerate(some)
    ]
    sums: dict[Name, pd.DataFrame] = {}
    for batch in _batches(wanted):
        sums |= _sum(engine, batch, list(keys), prepare)
    return {
        name: tuple(_aligned([sums[name, place] for place in range(len(some))], some))
        for name, some in sources.items()
    }


def nothing(statistic: Statistic) -> pd.DataFrame:
    """The statistic's numbers where there is no row at all: what its kind makes of sums of zero."""
    sources = statistic.sources()
    empty = [_empty(source) for source in sources]
    if any(source.part for source in sources):
        return statistic.estimate(*empty)
    group = pd.Index([()], tupleize_cols=False)
    return statistic.estimate(*(_filled(*pair, group) for pair in zip(empty, sources, strict=True)))


def _aligned(tables: list[pd.DataFrame], sources: Sequence[Source]) -> list[pd.DataFrame]:
    """The tables with the same groups in the same order: those that any of them has."""
    if len(tables) == 1:
        return tables
    groups = tables[0].index
    for table in tables[1:]:
        groups = groups.append(table.index[~table.index.isin(groups)])
    return [_filled(*pair, groups) for pair in zip(tables, sources, strict=True)]


def _filled(table: pd.DataFrame, source: Source, groups: pd.Index) -> pd.DataFrame:
    """The sums of these groups, with sums of nothing where the source has no row of one."""
    if not source.per:
        return table.reindex(groups).fillna(0.0).astype(float)
    known = {key: place for place, key in enumerate(table.index)}
    none = np.zeros(0)
    columns = {
        name: [column[known[key]] if key in known else none for key in groups]
        for name, column in ((str(name), table[name].tolist()) for name in table.columns)
    }
    return pd.DataFrame(columns, index=groups, dtype=object)


def _empty(source: Source) -> pd.DataFrame:
    """The table of sums of a source with no group."""
    names = [source.per, *source.terms] if source.per else [*source.terms]
    if source.cluster and not source.single:
        names += ["xx", "xy", "yy", "clusters"]
    kind = object if source.per else float
    return pd.DataFrame(columns=names, dtype=kind, index=pd.Index([], dtype=object))


def _batches(wanted: list[tuple[Name, Source]]) -> list[list[tuple[Name, Source]]]:
    """Those that sum the same frame in the same way, together."""
    batches: dict[tuple, list[tuple[Name, Source]]] = {}
    for place, (name, source) in enumerate(wanted):
        alone = place if source.per else None
        cluster = None if source.single else source.cluster
        key = (id(source.rows), cluster, source.per, source.part, alone)
        batches.setdefault(key, []).append((name, source))
    return list(batches.values())


def _sum(
    engine: Engine, batch: list[tuple[Name, Source]], keys: list[str], prepare: Prepare
) -> dict[Name, pd.DataFrame]:
    first = batch[0][1]
    rows = prepare(first.rows)
    if first.part:
        rows, keys = with_part(rows, first.part), [*keys, PART]
    columns = {
        f"s{place}_{name}": term.sum()
        for place, (_, source) in enumerate(batch)
        for name, term in source.terms.items()
    }
    if first.cluster and not first.single:
        columns, rows = _square(rows, columns, [*keys, first.cluster])
    by = [*keys, first.per] if first.per else keys
    summed = rows.group_by(*by).agg(**columns)
    table = engine.collect(summed).sort_values(by, kind="stable").reset_index(drop=True)
    if first.per:
        return {batch[0][0]: _lists(table, keys, first.per)}
    table.index = _index(table, keys)
    found = {}
    for place, (name, _) in enumerate(batch):
        prefix = f"s{place}_"
        mine = [column for column in table.columns if column.startswith(prefix)]
        found[name] = table[mine].set_axis([column[len(prefix) :] for column in mine], axis=1)
    return found


def with_part(rows: nw.LazyFrame, part: str) -> nw.LazyFrame:
    """The rows with a column `PART`, their part as text."""
    named = nw.col(part).cast(nw.String).fill_null(MISSING)
    return rows.with_columns(named.alias(PART))


def _square(
    rows: nw.LazyFrame, columns: dict[str, nw.Expr], keys: list[str]
) -> tuple[dict[str, nw.Expr], nw.LazyFrame]:
    """Sum per cluster first; the sums, squares and products of those sums second."""
    per_cluster = rows.group_by(*keys).agg(**columns)
    names: dict[str, nw.Expr] = {}
    for column in columns:
        if not column.endswith("_x"):
            continue
        stem, x = column[:-1], nw.col(column)
        names |= {column: x.sum(), f"{stem}xx": (x * x).sum()}
        something = x != 0
        if f"{stem}y" in columns:
            y = nw.col(f"{stem}y")
            names |= {f"{stem}y": y.sum(), f"{stem}xy": (x * y).sum(), f"{stem}yy": (y * y).sum()}
            something = something | (y != 0)
        names[f"{stem}clusters"] = count_where(something)
    floats = {column: nw.col(column).cast(nw.Float64) for column in columns}
    return names, per_cluster.with_columns(**floats)


def _lists(table: pd.DataFrame, keys: list[str], per: str) -> pd.DataFrame:
    """One row per group, its values gathered into arrays."""
    values = [column for column in table.columns if column not in keys]
    index = _index(table, keys)
    groups: dict[tuple, list[int]] = {}
    for place, key in enumerate(index):
        groups.setdefault(key, []).append(place)
    names = {column: per if column == per else column.split("_", 1)[1] for column in values}
    arrays = {
        name: table[column].to_numpy(float if is_numeric_dtype(table[column]) else object)
        for column, name in names.items()
    }
    rows = [
        {name: array[places] for name, array in arrays.items()}
        for places in (np.array(found) for found in groups.values())
    ]
    lists = pd.DataFrame(rows, columns=list(names.values()), dtype=object)
    lists.index = pd.Index(list(groups), tupleize_cols=False)
    return lists


def _index(table: pd.DataFrame, keys: list[str]) -> pd.Index:
    return pd.Index(list(zip(*(table[key] for key in keys), strict=True)), tupleize_cols=False)
