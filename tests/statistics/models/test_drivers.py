"""Shares of R² against an average over all orderings, and against published numbers."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from kpilib.errors import InputError
from kpilib.statistics.models.drivers import (
    MOST_ORDERED,
    correlations,
    importance,
    lmg,
    relative_weights,
    shares_of_r2,
)

SWISS = np.array(
    [
        [1.0, 0.35307918, -0.6458827, -0.66378886, 0.4636847, 0.41655603],
        [0.35307918, 1.0, -0.6865422, -0.63952252, 0.4010951, -0.06085861],
        [-0.6458827, -0.6865422, 1.0, 0.6984153, -0.5727418, -0.1140216],
        [-0.66378886, -0.63952252, 0.6984153, 1.0, -0.1538589, -0.09932185],
        [0.4636847, 0.4010951, -0.5727418, -0.1538589, 1.0, 0.17549591],
        [0.41655603, -0.06085861, -0.1140216, -0.09932185, 0.17549591, 1.0],
    ]
)
"""Correlations of R's data set swiss: fertility, then agriculture, examination, education,
share of Catholics, infant mortality."""


def answers(n=300, p=4, seed=0):
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(p, p))
    x = random.normal(size=(n, p)) @ mixing
    return x @ random.normal(size=p) + random.normal(size=n), x


def r2_of(matrix, subset):
    places = [1 + place for place in subset]
    if not places:
        return 0.0
    column = matrix[places, 0]
    return float(column @ np.linalg.solve(matrix[np.ix_(places, places)], column))


def over_all_orderings(matrix):
    p = len(matrix) - 1
    parts = np.zeros(p)
    for order in permutations(range(p)):
        for place, driver in enumerate(order):
            parts[driver] += r2_of(matrix, order[: place + 1]) - r2_of(matrix, order[:place])
    return parts / factorial(p)


@pytest.mark.parametrize("p", [1, 2, 3, 5])
def test_lmg_is_the_average_over_all_orderings(p):
    y, x = answers(p=p, seed=p)
    matrix = correlations(np.column_stack([y, x]))
    assert np.allclose(lmg(matrix), over_all_orderings(matrix), atol=1e-12)


def test_lmg_same_values_as_groemping_2006_for_swiss_fertility():
    published = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
    assert np.allclose(lmg(SWISS), published, atol=2e-7)
    assert lmg(SWISS).sum() == pytest.approx(0.7067350, abs=1e-6)


def test_relative_weights_by_johnsons_own_matrices():
    y, x = answers(p=3, seed=7)
    matrix = correlations(np.column_stack([y, x]))
    centred = x - x.mean(axis=0)
    unit = centred / np.sqrt((centred**2).sum(axis=0))
    left, values, right = np.linalg.svd(unit, full_matrices=False)
    nearest = left @ right  # the uncorrelated variables closest to the drivers
    loadings = nearest.T @ unit
    beta = nearest.T @ ((y - y.mean()) / np.sqrt(((y - y.mean()) ** 2).sum()))
    assert len(values) == 3
    assert np.allclose(relative_weights(matrix), (loadings.T**2) @ beta**2, atol=1e-12)


def test_both_add_up_to_r2_and_are_never_negative():
    for seed in range(5):
        y, x = answers(p=6, seed=seed)
        matrix = correlations(np.column_stack([y, x]))
        r2 = r2_of(matrix, range(6))
        for parts in (lmg(matrix), relative_weights(matrix)):
            assert parts.sum() == pytest.approx(r2, abs=1e-10)
            assert (parts >= 0).all()


def test_two_drivers_that_say_the_same_share_what_one_would_have():
    y, x = answers(p=2)
    twice = np.column_stack([x, x[:, 0]])
    found = importance(y, twice, replicates=0)
    alone = importance(y, x, replicates=0)
    assert found.r2 == pytest.approx(alone.r2)
    assert found.share[0] == pytest.approx(found.share[2])


def test_a_driver_that_never_varies_explains_nothing():
    y, x = answers(p=2)
    found = importance(y, np.column_stack([x, np.full(len(y), 4.0)]), replicates=20)
    assert found.share[2] == 0 == found.high[2]


def test_many_drivers_take_relative_weights():
    y, x = answers(n=400, p=MOST_ORDERED + 1, seed=3)
    matrix = correlations(np.column_stack([y, x]))
    assert np.array_equal(shares_of_r2(matrix), relative_weights(matrix))
    y, x = answers(n=400, p=MOST_ORDERED, seed=3)
    matrix = correlations(np.column_stack([y, x]))
    assert np.array_equal(shares_of_r2(matrix), lmg(matrix))


def test_many_matrices_at_once_give_what_each_gives_alone():
    matrices = np.array([correlations(np.column_stack(answers(p=3, seed=s))) for s in range(4)])
    for kernel in (lmg, relative_weights):
        assert np.allclose(kernel(matrices), [kernel(one) for one in matrices], atol=1e-14)


def test_limits_hold_the_share_and_do_not_depend_on_the_run():
    y, x = answers(n=200, p=3, seed=5)
    first, again = importance(y, x, replicates=200), importance(y, x, replicates=200)
    assert np.array_equal(first.low, again.low) and np.array_equal(first.high, again.high)
    assert ((first.low <= first.share) & (first.share <= first.high)).all()
    assert not np.array_equal(first.low, importance(y, x, replicates=200, seed=1).low)


def test_limits_cover_the_true_share_about_as_often_as_they_say():
    matrix = np.array([[1.0, 0.6, 0.4], [0.6, 1.0, 0.3], [0.4, 0.3, 1.0]])
    truth = lmg(matrix)[0] / lmg(matrix).sum()
    root = np.linalg.cholesky(matrix)
    random = np.random.default_rng(11)
    held = 0
    for trial in range(60):
        rows = random.normal(size=(150, 3)) @ root.T
        found = importance(rows[:, 0], rows[:, 1:], replicates=200, seed=trial)
        held += found.low[0] <= truth <= found.high[0]
    assert held >= 51  # 95% of 60 is 57; fewer than 51 have a chance of 1 in 1,300


def test_what_cannot_be_explained_is_refused():
    y, x = answers(n=10, p=2)
    with pytest.raises(InputError, match="the same in every row"):
        importance(np.ones(10), x)
    with pytest.raises(InputError, match="goes together with none"):
        importance(y, np.ones((10, 2)))
    with pytest.raises(InputError, match="missing or not finite"):
        importance(y, np.where(x > 0, np.nan, x))
    with pytest.raises(InputError, match="give 3 or more"):
        importance(y[:2], x[:2])
    with pytest.raises(InputError, match="one row of at least one driver, per respondent"):
        importance(y[:9], x)
