"""Expected purchases read off a curve, held to the same expectation taken one at a time."""

import numpy as np
import pytest

from kpilib.clv.fitting import special
from kpilib.clv.fitting.special import beta_nodes, purchases_while_alive

CASES = [
    (0.243, 4.4, 0.793, 2.43, 40.0),
    (1.1, 60.0, 0.05, 0.3, 700.0),
    (3.0, 0.2, 5.0, 0.1, 3.0),
    (0.02, 900.0, 1.0, 90.0, 2000.0),
]


@pytest.mark.parametrize(("r", "alpha", "a", "b", "longest"), CASES)
@pytest.mark.parametrize("many", [1, 12, 300])
def test_many_at_once_are_what_each_is_alone(r, alpha, a, b, longest, many):
    rng = np.random.default_rng(7)
    x = np.repeat([0.0, 1.0, 2.0, 60.0, 3.0], [many, many, many, many, 1])
    rate, t = alpha + rng.uniform(0, longest, len(x)), rng.uniform(0.5, longest, len(x))
    together = purchases_while_alive(r + x, rate, a, b + x, t)
    alone = [purchases_while_alive(r + n, one, a, b + n, of)[0]
             for n, one, of in zip(x, rate, t, strict=True)]  # fmt: skip
    assert together == pytest.approx(np.array(alone), rel=1e-12, abs=0)


def test_most_of_many_times_are_read_off_curves(monkeypatch):
    asked = []
    damped = special._damped

    def counted(p, z, shape):
        asked.append(len(z))
        return damped(p, z, shape)

    monkeypatch.setattr(special, "_damped", counted)
    purchases_while_alive(1.5, np.linspace(5, 50, 5000), 0.8, 2.4, 30.0)
    assert sum(asked) < 100


def test_no_time_brings_no_purchase_beside_times_that_do():
    t = np.where(np.arange(200) % 4 == 0, 0.0, 30.0 + np.arange(200))
    found = purchases_while_alive(1.5, 20.0, 0.8, 2.4, t)
    assert (found[t == 0] == 0).all()
    assert (np.diff(found[t > 0]) > 0).all()


def test_times_too_far_apart_for_a_curve_are_taken_one_at_a_time():
    t = np.geomspace(1e-9, 1e9, 400)
    found = purchases_while_alive(1.5, 20.0, 0.8, 2.4, t)
    alone = [purchases_while_alive(1.5, 20.0, 0.8, 2.4, one)[0] for one in t]
    assert found == pytest.approx(np.array(alone), rel=1e-12, abs=0)


@pytest.mark.parametrize("a", [0.003, 0.05, 3.0])
@pytest.mark.parametrize("b", [0.003, 0.5, 1000.0])
@pytest.mark.parametrize("knee", [0.0, 1.0, 1000.0])
def test_nodes_have_the_moments_of_a_beta_however_lopsided(a, b, knee):
    p, w = beta_nodes(a, b, knee)
    assert w.sum() == pytest.approx(1)
    assert (w * p).sum() == pytest.approx(a / (a + b), rel=1e-11)
    assert (w * p**2).sum() == pytest.approx(a * (a + 1) / (a + b) / (a + b + 1), rel=1e-11)


def test_a_curve_whose_last_terms_have_not_all_vanished_is_not_used():
    """One that is alike to both sides of its middle has no odd terms, and may have a kink."""
    z = np.exp(np.linspace(-2.0, 2.0, 400))
    asked = []

    def kinked(key, z):
        asked.append(len(z))
        return z * np.exp(0.1 * np.abs(np.log(z)))

    found = special._along_curves(kinked, np.zeros(len(z), dtype=int), z, 1)
    assert found == pytest.approx(z * np.exp(0.1 * np.abs(np.log(z))), rel=1e-12)
    assert asked[-1] == 400
