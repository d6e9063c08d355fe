"""Which segment a change goes with, and how sure that is after having looked at so many."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpilib.decomposition.effects import Effects

RATE, MIX = "rate", "mix"
_SIDES = (MIX, RATE)


def looked_at(found: Mapping[str, Effects]) -> pd.DataFrame:
    """Every segment of every dimension that was tested, the one least likely by chance first.

    Columns: `dimension`, `segment`, `effect` (`rate`: it moved unlike all others; `mix`: its weight
    changed and it is unlike the whole), `p_value`, and `p_holm`, corrected for all of the rows
    (Holm, *Scandinavian J. of Statistics* 6, 1979). Of a dimension with two segments, of which the
    one moves unlike the other as the other does, the one that moved more clearly is there.
    """
    rows = [row for dimension, one in found.items() for row in _of_dimension(dimension, one)]
    table = pd.DataFrame(rows, columns=["dimension", "segment", "effect", "p_value", "own"])
    table["own"] = table["own"].abs()
    table = table.sort_values(
        ["p_value", "own", "dimension", "segment", "effect"],
        ascending=[True, False, True, True, True],
        ignore_index=True,
    )
    table["p_holm"] = holm(table["p_value"].to_numpy(float))
    return table.drop(columns="own")


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values of p-values in ascending order.

    >>> holm(np.array([0.01, 0.02, 0.5])).round(3).tolist()
    [0.03, 0.04, 0.5]
    """
    many = len(p_values)
    return np.minimum(np.maximum.accumulate(p_values * np.arange(many, 0, -1)), 1.0)


@dataclass(frozen=True)
class _Tested:
    segment: str
    p_value: float
    own: float


def _of_dimension(dimension: str, one: Effects) -> list[tuple[str, str, str, float, float]]:
    rows = []
    for side, effect in enumerate(_SIDES):
        tested = [
            _Tested(segment, p_value, own)
            for segment, p_value, own in zip(
                one.segments, one.p_values[:, side], one.own[:, side], strict=True
            )
            if np.isfinite(p_value)
        ]
        if len(one.segments) < 2:
            continue
        if len(one.segments) == 2 and tested:
            tested = [max(tested, key=lambda test: abs(test.own) if np.isfinite(test.own) else 0)]
        rows += [(dimension, test.segment, effect, test.p_value, test.own) for test in tested]
    return rows
