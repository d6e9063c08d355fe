"""The correction for many looks against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from kpilib.decomposition.effects import effects
from kpilib.decomposition.looks import holm, looked_at
from tests.decomposition.test_effects import moments_of, population


def test_holm_is_that_of_statsmodels():
    p = np.sort(np.random.default_rng(4).random(40) ** 3)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_every_segment_of_every_dimension_is_a_look_and_one_of_two_counts_once():
    table = population(customers=600)
    two = table.assign(segment=np.where(table["segment"] == "a", "a", "other"))
    found = {
        name: effects(moments_of(one), additive=False, scale=1.0)
        for name, one in (("three", table), ("two", two), ("one", table.assign(segment="all")))
    }
    looks = looked_at(found)
    assert looks.groupby(["dimension", "effect"]).size().to_dict() == {
        ("three", "mix"): 3, ("three", "rate"): 3, ("two", "mix"): 1, ("two", "rate"): 1,
    }  # fmt: skip
    assert looks["p_value"].is_monotonic_increasing
    assert looks["p_holm"].to_numpy() == pytest.approx(
        multipletests(looks["p_value"], method="holm")[1]
    )


def test_of_two_segments_the_one_that_moved_is_named():
    rows = []
    for segment, n, changed in (("still", 300, 0), ("moved", 300, 90)):
        for when in (0, 1):
            k = 90 + (changed if when else 0)
            rows += [{"segment": segment, f"x{when}": float(i < k), f"y{when}": 1.0}
                     for i in range(n)]  # fmt: skip
    table = pd.DataFrame(rows).fillna(0.0)
    looks = looked_at({"d": effects(moments_of(table), additive=False, scale=1.0)})
    assert looks["segment"].iloc[0] == "moved"
    assert looks["p_holm"].iloc[0] < 1e-6
