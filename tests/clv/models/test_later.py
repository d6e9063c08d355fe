"""P(alive) at a future day and the probability of n more purchases: sums, limits, simulation."""

import mpmath
import numpy as np
import pytest

from kpilib.clv import BGNBD, MBGNBD

MODELS = [BGNBD(0.243, 4.414, 0.793, 2.426), MBGNBD(0.525, 6.183, 0.891, 1.614)]
X, T_X, AGE = [0, 1, 2, 7, 40], [0.0, 5.0, 30.43, 38.0, 38.5], [38.86] * 5


@pytest.mark.parametrize("model", MODELS, ids=["BGNBD", "MBGNBD"])
def test_counts_of_purchases_to_come_sum_to_1_and_to_what_is_expected(model):
    n = np.arange(600)[:, None]
    found = model.probability_of_n_more_purchases(n, 26.0, X, T_X, AGE)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-9)
    mean = (n * found).sum(axis=0)
    np.testing.assert_allclose(mean, model.expected_purchases(26.0, X, T_X, AGE), rtol=1e-7)


@pytest.mark.parametrize("model", MODELS, ids=["BGNBD", "MBGNBD"])
@pytest.mark.parametrize("ahead", [0.0, 3.0, 400.0])
def test_alive_later_is_an_integral_over_the_chance_to_leave(model, ahead):
    found = model.probability_alive_later(ahead, X, T_X, AGE)
    for x, t_x, age, value in zip(X, T_X, AGE, found, strict=True):
        left = model.b + x + model.first_chance
        lasts = mpmath.quad(
            lambda p, x=x, age=age, left=left: (
                p ** (model.a - 1)
                * (1 - p) ** (left - 1)
                * (1 + p * ahead / (model.alpha + age)) ** -(model.r + x)
            ),
            [0, 0.01, 0.1, 1],
        ) / mpmath.beta(model.a, left)
        alive = model.probability_alive(x, t_x, age)
        assert value == pytest.approx(float(alive * lasts), rel=1e-6)


@pytest.mark.parametrize("model", MODELS, ids=["BGNBD", "MBGNBD"])
def test_both_agree_with_simulated_futures(model):
    seen = model.simulate(np.full(200_000, 30.0), ahead=20.0, seed=4)
    later = model.simulate(np.full(200_000, 50.0), seed=5)
    expected = model.probability_alive_later(
        20.0, seen["frequency"], seen["recency"], seen["T"]
    ).mean()
    assert expected == pytest.approx(later["alive"].mean(), abs=0.005)
    for n in (0, 1, 3):
        each = model.probability_of_n_more_purchases(
            n, 20.0, seen["frequency"], seen["recency"], seen["T"]
        )
        assert each.mean() == pytest.approx((seen["future"] == n).mean(), abs=0.004)
