"""Many customers at once: what is interpolated between them is what each alone would get."""

from dataclasses import replace

import numpy as np
import pytest

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, ParetoNBD
from kpilib.clv.fitting import special
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.optimise import climb
from kpilib.clv.fitting.special import purchases_while_alive
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models import gamma_gamma, transactions

PARAMETERS = [
    (0.8, 2.4, 0.24), (0.01, 0.02, 0.05), (30.0, 400.0, 12.0), (0.3, 0.1, 5.0),
    (1.0, 1.0, 1.0), (1e-3, 50.0, 0.1), (900.0, 3.0, 40.0),
]  # fmt: skip


def crowd(spread):
    """2,000 customers of three histories, on exposures of a tenth of a day to 30 years."""
    rng = np.random.default_rng(7)
    repeats = np.repeat([0, 1, 40], [1200, 500, 300])
    times = np.exp(rng.uniform(*spread, repeats.size))
    return repeats, rng.uniform(3.0, 2000.0, repeats.size), times


@pytest.mark.parametrize("spread", [(-2.3, 9.3), (5.8, 5.9)])
@pytest.mark.parametrize(("a", "b", "r"), PARAMETERS)
def test_a_crowd_gets_what_each_customer_alone_gets(a, b, r, spread):
    x, rate, t = crowd(spread)
    together = purchases_while_alive(r + x, rate, a, b + x, t)
    some = np.arange(0, x.size, 7)
    alone = [purchases_while_alive(r + x[i], rate[i], a, b + x[i], t[i])[0] for i in some]
    np.testing.assert_allclose(together[some], alone, rtol=2e-12)


def test_a_crowd_is_interpolated_and_a_few_are_not(monkeypatch):
    x, rate, t = crowd((2.0, 6.0))
    asked = []
    damped = special._damped
    monkeypatch.setattr(
        special, "_damped", lambda p, z, shape: asked.append(z.size) or damped(p, z, shape)
    )
    purchases_while_alive(0.24 + x, rate, 0.8, 2.4 + x, t)
    assert sum(asked) < 0.25 * x.size
    asked.clear()
    purchases_while_alive(0.24 + x[:20], rate[:20], 0.8, 2.4 + x[:20], t[:20])
    assert sum(asked) == 20


def test_no_time_and_no_end_stand_beside_a_crowd():
    x, rate, t = crowd((2.0, 6.0))
    t[:2] = 0.0, 1e15
    found = purchases_while_alive(0.24 + x, rate, 3.0, 2.4 + x, t)
    assert found[0] == 0.0
    assert found[1] == pytest.approx((3.0 + 2.4 - 1) / (3.0 - 1), rel=5e-3)  # the mean of 1/p
    assert np.isfinite(found).all()


@pytest.fixture
def small_samples(monkeypatch):
    for module in (transactions, gamma_gamma):
        monkeypatch.setattr(module, "SAMPLE", 1_500)


@pytest.mark.parametrize("model", [BGNBD, MBGNBD, ParetoNBD])
def test_the_maximum_is_the_same_wherever_the_climb_begins(model, small_samples):
    rng = np.random.default_rng(3)
    ages = rng.integers(100, 700, 30_000)
    repeats, recency = simulated(model, ages, rng)
    at_once(model.problem(Counts.from_arrays(repeats, recency, ages, np.ones(ages.size))))


def test_that_of_the_spend_too(small_samples):
    rng = np.random.default_rng(3)
    repeats = rng.geometric(0.3, 60_000)
    means = rng.gamma(6.0 * repeats, 1 / rng.gamma(4.0, 1 / 15.0, repeats.size)) / repeats
    at_once(GammaGamma.problem(Spend.from_arrays(repeats, means, np.ones(repeats.size))))


def simulated(model, ages, rng):
    """Whole days of repeat purchases by a crowd of the model."""
    rate = rng.gamma(0.6, 1 / 20.0, ages.size)
    ends = rng.exponential(400.0, ages.size)
    lives = np.minimum(ages, ends)
    repeats = rng.poisson(rate * lives)
    last = lives * rng.random(ages.size) ** (1 / np.maximum(repeats, 1))
    recency = np.where(repeats > 0, np.ceil(np.minimum(last, ages - 1)), 0)
    return np.minimum(repeats, recency.astype(int)), recency


def at_once(problem):
    """The climb that begins with a sample ends where that of all does from the start."""
    assert problem.sample is not None
    u, curvature = climb(problem, 0.0)
    other, same = climb(replace(problem, sample=None), 0.0)
    np.testing.assert_allclose(u, other, rtol=0, atol=1e-12)
    np.testing.assert_allclose(curvature, same, rtol=1e-6, atol=1e-9 * same.max())
