"""Statistics computed in the engine: those that read the same rows are summed in one query."""

from collections.abc import Callable, Mapping, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines import Engine
from kpilib.statistics.kinds import Source, Statistic


def evaluate(
    engine: Engine,
    statistics: Mapping[str, Statistic],
    keys: Sequence[str] = ("period",),
    prepare: Callable[[nw.LazyFrame], nw.LazyFrame] = lambda frame: frame,
) -> dict[str, pd.DataFrame]:
    """Each statistic's numbers, one row per group.

    `keys` are columns that every statistic's rows have, once `prepare` has been at them. What comes
    back holds, per name, the table of the statistic's `estimate`, indexed by the group: a tuple of
    the keys' values.
    """
    wanted = [
        ((name, place), source)
        for name, statistic in statistics.items()
        for place, source in enumerate(statistic.sources())
    ]
    sums: dict[tuple[str, int], pd.DataFrame] = {}
    for batch in _batches(wanted):
        sums |= _sum(engine, batch, list(keys), prepare)
    return {
        name: statistic.estimate(*(sums[name, i] for i in range(len(statistic.sources()))))
        for name, statistic in statistics.items()
    }


def nothing(statistic: Statistic) -> pd.DataFrame:
    """The statistic's numbers where there is no row at all: what its kind makes of sums of zero."""
    return statistic.estimate(*(_zeros(source) for source in statistic.sources()))


def _zeros(source: Source) -> pd.DataFrame:
    names = list(source.sums)
    if source.per:
        return pd.DataFrame([{name: np.zeros(0) for name in (source.per, *names)}], dtype=object)
    if source.by_customer:
        names += ["xx", "xy", "yy", "customers"]
    return pd.DataFrame([dict.fromkeys(names, 0.0)])


Wanted = tuple[tuple[str, int], Source]


def _batches(wanted: list[Wanted]) -> list[list[Wanted]]:
    """Those that sum the same frame in the same way, together."""
    batches: dict[tuple[int, bool, str | None, int], list[Wanted]] = {}
    for place, (name, source) in enumerate(wanted):
        alone = place if source.per else -1
        key = (id(source.rows), source.by_customer, source.per, alone)
        batches.setdefault(key, []).append((name, source))
    return list(batches.values())


def _sum(
    engine: Engine,
    batch: list[Wanted],
    keys: list[str],
    prepare: Callable[[nw.LazyFrame], nw.LazyFrame],
) -> dict[tuple[str, int], pd.DataFrame]:
    first = batch[0][1]
    rows = prepare(first.rows)
    columns = {
        f"s{place}_{name}": expression
        for place, (_, source) in enumerate(batch)
        for name, expression in source.sums.items()
    }
    if first.by_customer:
        columns, rows = _square(rows, columns, keys)
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


def _square(
    rows: nw.LazyFrame, columns: dict[str, nw.Expr], keys: list[str]
) -> tuple[dict[str, nw.Expr], nw.LazyFrame]:
    """Sum per customer first; the sums, squares and products of those sums second."""
    per_customer = rows.group_by(*keys, "customer_id").agg(**columns)
    names: dict[str, nw.Expr] = {}
    for column in columns:
        x = nw.col(column)
        names[column] = x.sum()
        names[column + column[-1]] = (x * x).sum()
        if column.endswith("_x"):
            names[column[:-1] + "customers"] = nw.len()
        if column.endswith("_y"):
            names[column[:-1] + "xy"] = (nw.col(column[:-1] + "x") * x).sum()
    floats = {column: nw.col(column).cast(nw.Float64) for column in columns}
    return names, per_customer.with_columns(**floats)


def _lists(table: pd.DataFrame, keys: list[str], per: str) -> pd.DataFrame:
    """One row per group, its values gathered into arrays."""
    values = [column for column in table.columns if column not in keys]
    index = _index(table, keys)
    groups: dict[tuple, list[int]] = {}
    for place, key in enumerate(index):
        groups.setdefault(key, []).append(place)
    names = {column: per if column == per else column.split("_", 1)[1] for column in values}
    rows = [
        {name: table[column].to_numpy(float)[places] for column, name in names.items()}
        for places in (np.array(found) for found in groups.values())
    ]
    lists = pd.DataFrame(rows, columns=list(names.values()), dtype=object)
    lists.index = pd.Index(list(groups), tupleize_cols=False)
    return lists


def _index(table: pd.DataFrame, keys: list[str]) -> pd.Index:
    return pd.Index(list(zip(*(table[key] for key in keys), strict=True)), tupleize_cols=False)
