"""The interval of the difference of two periods' values, paired where customers are in both.

The limits are those of the two values put together: with l, u the limits of each by itself, the
difference reaches down by r √((v₁ − l₁)² + (u₀ − v₀)²) and up by r √((u₁ − v₁)² + (v₀ − l₀)²). With
r = 1 this is the recovery of variance estimates for independent values (Zou & Donner, *Statistics
in Medicine* 27, 2008), for shares Newcombe's hybrid score, method 10 (*Statistics in Medicine* 17,
1998).

r tells what the same customers in both periods do to it. Each value is linearised by customer: the
gradient of the value times the customer's own sums is the customer's influence ψ. The variance of
the difference is Σ(ψ₁ − ψ₀)² over all customers of either period, that of two samples of strangers
Σψ₁² + Σψ₀² (Särndal, Swensson & Wretman, *Model Assisted Survey Sampling*, 1992, section 5.5;
Berger, *J. Royal Statistical Society A* 167, 2004, for the difference between waves of a panel).
r² is the one over the other, with the square of the largest ψ added to both: as if one more
customer had changed, so that a sample in which nobody did does not claim that nobody could. An
interval that takes rows as independent is widened besides where customers' rows are alike.

Values of which no gradient is known (medians and means of waits and lives) are taken as
independent; where the same lives are in both the interval is too wide rather than too narrow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines import Engine
from kpilib.statistics.evaluate import PART, Prepare, with_part
from kpilib.statistics.intervals import normal_quantile
from kpilib.statistics.kinds import CUSTOMER
from kpilib.statistics.statistic import Slopes, Source, Statistic

Pair = tuple[int, int]
"""The places of the earlier and of the later period among those asked."""
Sums = Mapping[str, tuple[pd.DataFrame, ...]]
Limits = dict[tuple, tuple[float, float]]
"""The limits of the difference, by segment and part as far as there are any."""

ALIKE = 1.1
"""By so much the variance by customer must pass that of independent rows to widen an interval."""

_BOUNDED = ("share", "mix")
"""Kinds of which no difference is larger than 1."""


@dataclass(frozen=True)
class Spread:
    """Sums over customers: of the squared influences in each period, and of their products."""

    before: float
    after: float
    both: float
    largest: float
    """The largest square of one customer's influence in one period."""

    def __add__(self, other: "Spread") -> "Spread":
        largest = max(self.largest, other.largest)
        sums = (self.before + other.before, self.after + other.after, self.both + other.both)
        return Spread(*sums, largest)

    @property
    def strangers(self) -> float:
        """The variance of the difference if no customer were in both periods."""
        return self.before + self.after

    @property
    def pairing(self) -> float:
        """The variance of the difference over that of strangers."""
        paired = max(self.strangers - 2 * self.both, 0.0)
        whole = self.strangers + self.largest
        return (paired + self.largest) / whole if whole > 0 else 1.0


@dataclass(frozen=True)
class _Item:
    """One source of one value, with the value's slopes by its sums."""

    name: str
    part: str | None
    source: Source
    slopes: Slopes
    groups: pd.Index


def differences(
    engine: Engine,
    statistics: Mapping[str, Statistic],
    sums: Sums,
    values: Mapping[str, pd.DataFrame],
    pair: Pair,
    keys: Sequence[str] = ("period",),
    prepare: Prepare = lambda frame: frame,
) -> dict[str, Limits]:
    """The limits of the later value less the earlier one, for each statistic.

    `sums` are those of `evaluate.summed`, `values` what the statistics made of them, the first of
    `keys` the period. A group that is in one of the two periods only has no limits, nor has a value
    without any.
    """
    spreads = _spreads(engine, statistics, sums, pair, keys, prepare)
    return {
        name: _limits(name, statistic, values[name], pair, spreads)
        for name, statistic in statistics.items()
    }


def _limits(
    name: str,
    statistic: Statistic,
    values: pd.DataFrame,
    pair: Pair,
    spreads: Mapping[tuple, Spread],
) -> Limits:
    if statistic.forecast or not len(values):
        return {}
    rows: dict[tuple, np.ndarray] = {}
    value = values["value"].to_numpy(float)
    low, high = (np.asarray(arm, float) for arm in statistic.arms(values))
    parts = values["part"] if PART in values else [None] * len(values)
    for place, (key, part) in enumerate(zip(values.index, parts, strict=True)):
        group = key if part is None else (*key, part)
        rows[group] = np.array([value[place], low[place], high[place]])
    robust = any(source.cluster for source in statistic.sources())
    found: Limits = {}
    for group, after in rows.items():
        if group[0] != pair[1] or (before := rows.get((pair[0], *group[1:]))) is None:
            continue
        spread = spreads.get((name, *group[1:]))
        limits = between(before, after, spread, robust)
        if statistic.kind in _BOUNDED:
            limits = max(limits[0], -1.0), min(limits[1], 1.0)
        if np.isfinite(limits).all():
            found[group[1:]] = limits
    return found


def between(
    before: Any, after: Any, spread: Spread | None = None, robust: bool = False
) -> tuple[float, float]:
    """The limits of a difference, from value, lower and upper limit of each side.

    Without a `spread` the two are independent; `robust` says that the limits of each side know
    already that a customer's rows are alike.

    >>> low, high = between((0.6, 0.4905, 0.7004), (0.8, 0.6918, 0.8766))
    >>> f"{low:.3f} {high:.3f}"
    '0.052 0.334'
    """
    (v0, l0, u0), (v1, l1, u1) = before, after
    wider = 1.0
    if spread is not None and np.isfinite(spread.strangers):
        wider = spread.pairing
        own = ((u0 - l0) ** 2 + (u1 - l1) ** 2) / (2 * normal_quantile(0.95)) ** 2
        if not robust and spread.strangers > ALIKE * own > 0:
            wider *= spread.strangers / own
    wider = float(np.sqrt(wider))
    change = v1 - v0
    low = change - wider * np.hypot(v1 - l1, u0 - v0)
    return float(low), float(change + wider * np.hypot(u1 - v1, v0 - l0))


def _spreads(
    engine: Engine,
    statistics: Mapping[str, Statistic],
    sums: Sums,
    pair: Pair,
    keys: Sequence[str],
    prepare: Prepare,
) -> dict[tuple, Spread]:
    """The spread of each value by name, segment and part, where its rows know their customer."""
    batches: dict[tuple, list[_Item]] = {}
    for name, statistic in statistics.items():
        gradient = statistic.gradient(*sums[name]) or {}
        groups = sums[name][0].index if sums[name] else pd.Index([])
        items = [
            _Item(name, part, source, slopes, groups)
            for part, every in gradient.items()
            for source, slopes in zip(statistic.sources(), every, strict=True)
            if slopes
        ]
        clusters = [_cluster(item.source) for item in items]
        if None in clusters:
            continue
        for item, cluster in zip(items, clusters, strict=True):
            key = (id(item.source.rows), cluster, item.source.part)
            batches.setdefault(key, []).append(item)
    found: dict[tuple, Spread] = {}
    for (_rows, cluster, _part), batch in batches.items():
        for key, spread in _summed(engine, batch, cluster, pair, list(keys), prepare).items():
            found[key] = found[key] + spread if key in found else spread
    return found


def _cluster(source: Source) -> str | None:
    """The column that tells whose the rows are, where there is one."""
    if source.cluster or source.per:
        return source.cluster
    return CUSTOMER if CUSTOMER in source.rows.collect_schema().names() else None


def _summed(
    engine: Engine,
    batch: list[_Item],
    cluster: str,
    pair: Pair,
    keys: list[str],
    prepare: Prepare,
) -> dict[tuple, Spread]:
    """One query: each customer's influences in the two periods, squared and multiplied."""
    rows, part = prepare(batch[0].source.rows), batch[0].source.part
    if part:
        rows, keys = with_part(rows, part), [*keys, PART]
    period, rest = keys[0], keys[1:]
    rows = rows.filter(nw.col(period).is_in(list(pair)) & ~nw.col(cluster).is_null())
    slopes = {
        f"g{place}_{name}": np.asarray(slope, float)
        for place, item in enumerate(batch)
        for name, slope in item.slopes.items()
    }
    known = pd.concat(
        [
            _slopes(item, place, slopes, keys, pair)
            for place, item in enumerate(batch)
        ],
        axis=1,
    )  # fmt: skip
    if known.empty:
        return {}
    later = nw.col(period) == pair[1]
    table = None
    if rest or not np.isfinite(known.to_numpy()).all():
        table = engine.frame(known.reset_index())
        rows = rows.join(table, on=keys, how="inner")
        by = {name: nw.col(name) for name in slopes}
    else:  # two numbers each: the engine is spared a table
        both = known.set_axis(known.index.get_level_values(0)).reindex(list(pair), fill_value=0.0)
        by = {
            str(name): nw.when(later).then(nw.lit(after)).otherwise(nw.lit(before))
            for name, (before, after) in both.items()
        }
    sides: dict[str, nw.Expr] = {}
    for place, item in enumerate(batch):
        parts = [
            item.source.terms[name].cast(nw.Float64) * by[f"g{place}_{name}"]
            for name in item.slopes
        ]
        psi = nw.sum_horizontal(*parts) if len(parts) > 1 else parts[0]
        sides[f"a{place}"] = nw.when(later).then(psi).otherwise(nw.lit(0.0)).sum()
        sides[f"b{place}"] = nw.when(later).then(nw.lit(0.0)).otherwise(psi).sum()
    each = rows.group_by(cluster, *rest).agg(**sides)
    moments: dict[str, nw.Expr] = {}
    for place in range(len(batch)):
        a, b = nw.col(f"a{place}"), nw.col(f"b{place}")
        moments |= {
            f"aa{place}": (a * a).sum(),
            f"bb{place}": (b * b).sum(),
            f"ab{place}": (a * b).sum(),
            f"ma{place}": (a * a).max(),
            f"mb{place}": (b * b).max(),
        }
    whole = each.with_columns(all=nw.lit(0)).group_by("all", *rest).agg(**moments)
    answer = engine.collect(whole)
    if table is not None:
        engine.forget(table)
    found: dict[tuple, Spread] = {}
    for row in answer.to_dict("records"):
        group = tuple(row[name] for name in rest)
        for place, item in enumerate(batch):
            key = (item.name, *group, *(() if item.part is None else (item.part,)))
            aa, bb, ab, ma, mb = (
                float(row[f"{name}{place}"]) for name in ("aa", "bb", "ab", "ma", "mb")
            )
            spread = Spread(bb, aa, ab, max(ma, mb))
            found[key] = found[key] + spread if key in found else spread
    return found


def _slopes(
    item: _Item, place: int, slopes: Mapping[str, np.ndarray], keys: list[str], pair: Pair
) -> pd.DataFrame:
    """The slopes of one value in the two periods, by group."""
    mine = {name: slope for name, slope in slopes.items() if name.startswith(f"g{place}_")}
    index = pd.MultiIndex.from_tuples(list(item.groups), names=keys)
    table = pd.DataFrame(mine, index=index)
    return table[table.index.get_level_values(0).isin(pair)]
