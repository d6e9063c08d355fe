"""Circles in who brought whom."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines import Engine
from kpilib.engines.expressions import distinct

_PAIRS = {
    "customers": ("referred_by_customer_id", "customer_id"),
    "referrals": ("referrer_customer_id", "converted_customer_id"),
}
_MOST = 2_000_000


def circles(engine: Engine, tables: Mapping[str, nw.LazyFrame]) -> dict[str, str]:
    """Table → a note on customers who brought each other in a circle, where there are any."""
    found = {}
    for table, (who, whom) in _PAIRS.items():
        names = tables[table].collect_schema().names() if table in tables else []
        if who not in names or whom not in names:
            continue
        pairs = tables[table].select(who=nw.col(who), whom=nw.col(whom))
        pairs = pairs.filter(~nw.col("who").is_null() & ~nw.col("whom").is_null())
        pairs = distinct(pairs.filter(nw.col("who") != nw.col("whom")))
        if note := _said(engine.collect(pairs.head(_MOST)).sort_values(["who", "whom"])):
            found[table] = note
    return found


def _said(pairs: pd.DataFrame) -> str | None:
    """A sentence on the circles among pairs of who brought whom."""
    members = circle_members(pairs)
    if not members:
        return None
    shown = ", ".join(f"'{one}'" for one in members[0][:4])
    count = "1 circle" if len(members) == 1 else f"{len(members):,} circles"
    return (
        f"{count} of customers who brought each other, like {shown}: each is taken as begun by its "
        "earliest customer"
    )


def circle_members(pairs: pd.DataFrame) -> list[list]:
    """The customers of every circle in `who` brought `whom`, each circle in order.

    >>> circle_members(pd.DataFrame({"who": ["a", "b", "c"], "whom": ["b", "a", "d"]}))
    [['a', 'b']]
    """
    if pairs.empty:
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    codes, names = pd.factorize(pd.concat([pairs["who"], pairs["whom"]]), sort=True)
    who, whom = np.split(codes, 2)
    graph = coo_array((np.ones(len(who)), (who, whom)), shape=(len(names), len(names)))
    _, part = connected_components(graph.tocsr(), directed=True, connection="strong")
    sizes = np.bincount(part)
    return [
        [names[place] for place in np.flatnonzero(part == one)]
        for one in np.flatnonzero(sizes > 1)[:100]
    ]
