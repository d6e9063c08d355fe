"""The loyalty index under other weights: what of it is a finding, and what a choice."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.contacts.loyalty import answerable, component_columns, parts, weights_of
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.words import MISSING, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

ALL = "all"
SCALE = 100.0


@analysis(name=_("Loyalty index under other weights"), family="loyalty", columns=component_columns)
def loyalty_index_weights(
    base: "Business",
    period: str | Period | None = None,
    *,
    by: str | None = None,
    draws: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """The loyalty index under every preset and under other weights, and the ranking of segments.

    A row per preset that the data can answer, way to weigh, and segment (a value of the customers'
    attribute `by`, or `segment` where they have one), first for `all` of them. `weights` is
    `chosen` (the settings'; equal where they say none), `near` (each of them between half and
    double, at random) or `any` (every mix alike).

    Columns: `preset, weights, segment`; `index`, under `near` and `any` the mean of the draws, with
    `low` and `high`, between which 95% of them lie: that is what the weights do, and no sampling
    error. `rank` among the segments, 1 for the highest; `same_rank`, the share of draws in which
    the segment has the rank of the chosen weights. Where that is small, who is more loyal is a
    matter of the weights. A segment lacking a component has no index, and no rank.
    """
    if draws < 1 or seed < 0:
        raise InputError(f"draws is {draws}, seed {seed}; give 1 or more, and a seed of 0 or more")
    asked = (base.period(period),)
    presets = {preset: weights_of(base, preset) for preset in answerable(base)}
    names = tuple(dict.fromkeys(name for mine in presets.values() for name in mine))
    by = by or ("segment" if "segment" in base.dimensions else None)
    table = _components(base, asked, names, by)
    rng = np.random.default_rng(seed)
    found = []
    for preset, mine in presets.items():
        scores = table[list(mine)].to_numpy(float)
        chosen = np.array([[*mine.values()]])
        near = chosen * 2.0 ** rng.uniform(-1, 1, (draws, len(mine)))
        every = rng.dirichlet(np.ones(len(mine)), draws)
        best = _ranks(_index(scores, chosen))[:, 0]
        for name, some in (("chosen", chosen), ("near", near), ("any", every)):
            rows = _rows(table["segment"], _index(scores, some), best)
            found.append(rows.assign(preset=preset, weights=name))
    rows = pd.concat(found, ignore_index=True)
    return rows[["preset", "weights", "segment", "index", "low", "high", "rank", "same_rank"]]


def _components(
    base: "Business", asked: tuple[Period, ...], names: tuple[str, ...], by: str | None
) -> pd.DataFrame:
    """`segment` and each component as a share; `all` first, then by name."""
    sums = [nw.col(f"{side}_{name}").sum() for name in names for side in ("x", "y")]
    rows = parts(base, asked, names)
    whole = base.engine.collect(rows.select(*sums)).fillna(0.0).assign(segment=ALL)
    if by:
        attribute = base.attribute(by).select("customer_id", segment=nw.col(by).cast(nw.String))
        named = rows.join(attribute, on="customer_id", how="left")
        named = named.with_columns(segment=nw.col("segment").fill_null(MISSING))
        split = base.engine.collect(named.group_by("segment").agg(*sums)).sort_values("segment")
        whole = pd.concat([whole, split], ignore_index=True)
    shares = {
        name: whole[f"x_{name}"] / whole[f"y_{name}"].where(whole[f"y_{name}"] > 0)
        for name in names
    }
    return pd.DataFrame({"segment": whole["segment"], **shares})


def _index(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The index of each segment (rows) under each mix of weights (columns)."""
    return SCALE * scores @ (weights / weights.sum(axis=1, keepdims=True)).T


def _ranks(index: np.ndarray) -> np.ndarray:
    """The rank of each segment but the first row, which is all; equal values share the better."""
    segments = pd.DataFrame(index[1:]).rank(ascending=False, method="min")
    return np.vstack([np.full((1, index.shape[1]), np.nan), segments.to_numpy(float)])


def _rows(segment: pd.Series, index: np.ndarray, best: np.ndarray) -> pd.DataFrame:
    """What the draws amount to, a row per segment."""
    drawn = index.shape[1] > 1
    ends = np.quantile(index, (0.025, 0.975), axis=1) if drawn else np.full((2, len(index)), np.nan)
    mean = index.mean(axis=1)
    ranked = ~np.isnan(best)
    same = np.where(ranked, (_ranks(index) == best[:, None]).mean(axis=1), np.nan)
    return pd.DataFrame(
        {
            "segment": segment,
            "index": mean,
            "low": ends[0],
            "high": ends[1],
            "rank": _ranks(mean[:, None])[:, 0],
            "same_rank": same if drawn else np.nan,
        }
    )
