"""Answers weighted to the margins of those asked, against reckonings row by row."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.engines.duck import DuckEngine
from kpilib.statistics import Raked
from kpilib.statistics.evaluate import evaluate
from kpilib.statistics.raked import BETWEEN, rake


def asked_of(said, invited):
    """The table of one Raked over frames with `period, cell, score`."""
    engine = DuckEngine()
    statistic = Raked(engine.frame(said), nw.col("score"), asked=engine.frame(invited))
    return evaluate(engine, {"x": statistic})["x"]


def frame(cells, scores=None):
    table = pd.DataFrame({"period": 0, "cell": cells})
    return table if scores is None else table.assign(score=np.array(scores, float))


def test_one_margin_is_post_stratification_with_limits_row_by_row():
    rng = np.random.default_rng(3)
    cells = np.array(["a"] * 40 + ["b"] * 10)
    scores = rng.normal(5, 2, 50) + (cells == "b")
    invited = ["a"] * 60 + ["b"] * 140
    row = asked_of(frame(cells, scores), frame(invited)).iloc[0]
    means = {name: scores[cells == name].mean() for name in "ab"}
    assert row["value"] == pytest.approx(0.3 * means["a"] + 0.7 * means["b"])
    weights = np.where(cells == "a", 0.3 / 40, 0.7 / 10)
    moved = row["value"] + 50 * weights * (scores - row["value"])
    low, high = stats.t.interval(0.95, 49, row["value"], stats.sem(moved))
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["n"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert row["unheard"] == 0


def test_equal_mixes_leave_the_plain_mean_and_its_limits():
    scores = [1.0, 2.0, 4.0, 5.0]
    row = asked_of(frame(list("aabb"), scores), frame(list("ab") * 9)).iloc[0]
    low, high = stats.t.interval(0.95, 3, 3.0, stats.sem(scores))
    assert (row["value"], row["n"]) == pytest.approx((3, 4))
    assert (row["low"], row["high"]) == pytest.approx((low, high))


def test_two_margins_are_met_and_weights_are_products():
    rng = np.random.default_rng(5)
    cells = np.array([f"{one}{BETWEEN}{other}" for one in "xyz" for other in "uv"])
    n, asked_n = rng.integers(3, 30, 6), rng.integers(10, 200, 6)
    weights, unheard = rake(cells, n, cells, asked_n.astype(float))
    have, want = (grid.reshape(3, 2) for grid in (weights * n, asked_n / asked_n.sum() * n.sum()))
    assert have.sum(0) == pytest.approx(want.sum(0))
    assert have.sum(1) == pytest.approx(want.sum(1))
    logs = np.log(weights).reshape(3, 2)
    assert logs[:, 0] - logs[:, 1] == pytest.approx(np.full(3, logs[0, 0] - logs[0, 1]))
    assert unheard == 0


def test_who_is_not_heard_is_told_and_who_was_not_asked_weighs_nothing():
    row = asked_of(frame(list("aab"), [4, 2, 9]), frame(list("aaaccc"))).iloc[0]
    assert (row["value"], row["unheard"]) == (3, 0.5)


@pytest.mark.parametrize(("said", "invited"), [([], ["a"]), (["a"], []), (["b"], ["a"])])
def test_nothing_to_weigh_is_no_number(said, invited):
    table = asked_of(frame(said, [1.0] * len(said)), frame(invited))
    assert table["value"].isna().all()


def test_a_blank_answer_is_none():
    both = asked_of(frame(list("aab"), [4, np.nan, 8]), frame(list("ab"))).iloc[0]
    assert both["value"] == 6
