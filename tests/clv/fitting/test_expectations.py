"""Series, nodes and curves of the special functions, held to mpmath to nearly all their digits."""

import mpmath as mp
import numpy as np
import pytest
from numpy.polynomial import chebyshev

from kpilib.clv.fitting import special
from kpilib.clv.fitting.special import (
    beta_nodes,
    growth,
    log_rising,
    psi_rising,
    purchases_while_alive,
)


@pytest.fixture(autouse=True)
def _precision():
    with mp.workdps(60):
        yield


def near(found, want, rel):
    assert abs(mp.mpf(float(found)) - want) <= rel * abs(want), (float(found), mp.nstr(want, 20))


@pytest.mark.parametrize("z", [1e-200, 1e-8, 0.3, 1.0, -3.0, 50.0, 800.0, -700.0])
def test_growth_is_what_its_formula_says(z):
    with mp.workdps(250):
        near(growth(z), (1 - mp.exp(-mp.mpf(z))) / mp.mpf(z), 1e-15)


def test_growth_of_nothing_is_one_and_that_of_far_too_much_has_no_end():
    assert growth([0.0, 0.0]).tolist() == [1.0, 1.0] and growth(-1e4) == np.inf
    assert growth([[2.0], [0.0]]).shape == (2, 1)


RISES = [(z, m) for z in (0.001, 0.5, 15.99, 16.0, 16.5, 21.0, 60.0, 1e7, 1e15)
         for m in (0.5, 1.0, 7.0, 1e5)]  # fmt: skip


@pytest.mark.parametrize(("z", "m"), RISES)
def test_rises_of_the_gamma_function_keep_their_digits(z, m):
    x, y = mp.mpf(z), mp.mpf(m)
    near(log_rising(z, m), mp.loggamma(x + y) - mp.loggamma(x), 2e-14)
    near(psi_rising(z, m), mp.digamma(x + y) - mp.digamma(x), 1e-13)


def test_rises_are_of_arrays_of_any_shape_and_nothing_rises_by_nothing():
    assert (log_rising([3.0, 30.0, 3e9], 0.0) == 0).all()
    assert (psi_rising([3.0, 30.0, 3e9], 0.0) == 0).all()
    assert log_rising([[2.0], [20.0]], [1.0, 2.0]) == pytest.approx(
        np.log([[2.0, 6.0], [20.0, 420.0]])
    )


@pytest.mark.parametrize("z", [16.0, 19.0, 40.0])
def test_what_stirling_leaves_out_is_known_to_thirteen_places(z):
    x = mp.mpf(z)
    stirling = (x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2
    assert abs(mp.mpf(float(special._stirling(z))) - (mp.loggamma(x) - stirling)) < 2e-14
    assert abs(mp.mpf(float(special._psi_rest(z))) - (mp.log(x) - mp.digamma(x))) < 2e-14


BETAS = [(0.5, 2.0), (0.05, 0.02), (30.0, 400.0), (0.01, 50.0), (900.0, 3.0), (1.0, 1.0),
         (5000.0, 7000.0), (0.3, 1e4)]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), BETAS)
@pytest.mark.parametrize("knee", [1.0, 20.0, 1e4, 1e8])
def test_nodes_give_the_expectations_of_a_beta(a, b, knee):
    p, w = beta_nodes(a, b, knee)
    x, y = mp.mpf(a), mp.mpf(b)
    near(w.sum(), mp.mpf(1), 1e-14)
    near((w * p).sum(), x / (x + y), 5e-13)
    near((w * p**2).sum(), x / (x + y) * (x + 1) / (x + y + 1), 5e-13)
    near((w * (1 - p)).sum(), y / (x + y), 5e-13)
    near((w / (1 + knee * p)).sum(), mp.hyp2f1(1, x, x + y, -mp.mpf(knee)), 5e-13)


def test_nodes_of_many_at_once_are_those_of_each():
    a, b, knee = np.array([0.5, 30.0, 2.0]), 2.0, np.array([3.0, 3.0, 50.0])
    p, w = beta_nodes(a, b, knee)
    assert p.shape == w.shape and p.shape[0] == 3
    alone = [beta_nodes(one, b, 50.0) for one in a]
    for row, (q, v) in enumerate(alone):
        assert (w[row] * p[row] ** 3).sum() == pytest.approx((v * q**3).sum(), rel=1e-12)
    assert beta_nodes(np.empty(0), np.empty(0))[0].shape[0] == 0
    plain, without = beta_nodes(0.5, 2.0, 1.0), beta_nodes(0.5, 2.0)
    assert (plain[0] ** 2 @ plain[1]) == pytest.approx(without[0] ** 2 @ without[1], rel=1e-13)


# With one purchase expected per lambda, the gamma's shape 1, the expectation has a closed form.


def once(z, a, b):
    """E z / (1 + p z), p ~ beta(a, b)."""
    return mp.mpf(z) * mp.hyp2f1(1, a, mp.mpf(a) + b, -mp.mpf(z))


@pytest.mark.parametrize(("a", "b"), BETAS)
@pytest.mark.parametrize("z", [1e-12, 0.3, 40.0, 1e6])
def test_purchases_of_one_shape_are_those_of_the_closed_form(a, b, z):
    near(purchases_while_alive(1.0, 2.0, a, b, 2 * z)[0], once(z, a, b), 2e-12)


@pytest.mark.parametrize(("a", "b"), [(0.05, 2.0), (3.0, 60.0)])
@pytest.mark.parametrize("z", [0.3, 40.0, 1e4])
def test_purchases_of_many_so_far_are_those_of_the_closed_form_too(a, b, z):
    """(1 - (1 + p z)^-shape) / p is z times the sum of (1 + p z)^-k for k up to a whole shape."""
    x, y = mp.mpf(a), mp.mpf(b)
    want = mp.mpf(z) * sum(mp.hyp2f1(k, x, x + y, -mp.mpf(z)) for k in range(1, 121))
    near(purchases_while_alive(120.0, 2.0, a, b, 2 * z)[0], want, 2e-12)


def test_who_never_leaves_buys_at_the_mean_rate():
    shape, rate, t = np.array([0.3, 4.0, 50.0]), np.array([2.0, 0.7, 9.0]), 7.0
    found = purchases_while_alive(shape, rate, 1e-13, 3.0, t)
    assert found == pytest.approx(shape / rate * t, rel=1e-9)


def test_many_times_are_read_off_a_curve_as_exactly():
    z = np.geomspace(0.02, 300.0, 400)
    found = purchases_while_alive(1.0, 1.0, 0.7, 3.0, z)
    for place in (0, 57, 199, 398, 399):
        near(found[place], once(z[place], 0.7, 3.0), 2e-12)


def test_alike_customers_with_times_alike_get_the_same():
    found = purchases_while_alive(np.ones(300), 1.0, 0.7, 3.0, 5.0)
    assert (found == found[0]).all()
    near(found[0], once(5.0, 0.7, 3.0), 2e-12)


def test_more_customers_than_are_taken_at_once_get_what_each_alone_gets():
    shape = np.linspace(0.1, 40.0, 16_400)  # all unlike: no curve is drawn
    found = purchases_while_alive(shape, 3.0, 0.7, 3.0, 5.0)
    some = [0, 16_383, 16_384, 16_399]
    alone = [purchases_while_alive(shape[i], 3.0, 0.7, 3.0, 5.0)[0] for i in some]
    assert found[some] == pytest.approx(alone, rel=1e-12)


def test_customers_alike_in_shape_alone_are_told_apart():
    shape, a = np.array([1.0, 1.0, 1.0, 2.0]), np.array([0.7, 0.2, 0.7, 0.7])
    b = np.array([3.0, 3.0, 5.0, 3.0])
    keys, place = special._distinct(shape, a, b)
    assert keys.shape == (3, 4) and np.array_equal(keys[:, place], [shape, a, b])
    keys, place = special._distinct(shape, a[[0, 0, 0, 1]], b[[0, 0, 0, 2]])
    assert keys.shape == (3, 2)
    assert np.array_equal(keys[:, place], [shape, a[[0, 0, 0, 1]], b[[0, 0, 0, 2]]])
    found = purchases_while_alive(shape, 1.0, a, b, 4.0)
    for one, p, q in zip(found[:3], a, b, strict=False):
        near(one, once(4.0, p, q), 2e-12)


@pytest.mark.parametrize(
    ("p", "z", "shape"),
    [
        (0.3, 2.0, 1.5),
        (1e-12, 5.0, 0.2),
        (1e-200, 1e-150, 3.0),
        (0.9, 1e200, 0.5),
        (1e-308, 2.0, 7.0),
    ],
)
def test_damped_purchases_are_what_their_formula_says(p, z, shape):
    with mp.workdps(500):
        x, y, s = mp.mpf(p), mp.mpf(z), mp.mpf(shape)
        want = (1 - (1 + x * y) ** -s) / x
        near(special._damped(np.array(p), np.array(z), np.array(shape)), want, 4e-15)
    assert special._damped(np.array(0.0), np.array(z), np.array(shape)) == pytest.approx(shape * z)


def test_a_series_is_summed_as_numpy_does():
    rng = np.random.default_rng(4)
    series, x = rng.standard_normal((7, 3)), np.linspace(-1, 1, 9)
    of = rng.integers(0, 3, 9)
    want = [chebyshev.chebval(one, series[:, k]) for one, k in zip(x, of, strict=True)]
    assert special._chebyshev(series, of, x) == pytest.approx(want, rel=1e-12)


def along(many, reach, bend=lambda z: z**0.7):
    """Values read off along two keys, and how many were asked for exactly; key 0 has few."""
    asked = []

    def exactly(key, z):
        asked.append(len(z))
        return (key + 1.0) * bend(z)

    z = np.concatenate([np.geomspace(1.0, 9.0, 12), np.geomspace(0.2, 0.2 * np.exp(reach), many)])
    key = np.repeat([0, 1], [12, many])
    order = np.random.default_rng(0).permutation(len(z))
    found = special._along_curves(exactly, key[order], z[order], 2)
    assert found == pytest.approx((key[order] + 1.0) * bend(z[order]), rel=3e-13)
    return sum(asked)


def test_a_curve_costs_its_terms_where_that_is_less_than_half_of_what_is_asked():
    """9 terms, and 9 more for each unit of half its width in log z."""
    for reach in (1.0, 2.5, 4.0):
        terms = 9 + int(9 * reach / 2)
        assert along(2 * terms + 1, reach) == 12 + terms
        assert along(2 * terms, reach) == 12 + 2 * terms


def test_a_curve_that_is_too_wide_or_has_a_corner_is_not_used():
    assert along(900, 11.9) == 12 + 9 + int(9 * 11.9 / 2)
    assert along(900, 12.1) == 12 + 900
    assert along(900, 4.0, lambda z: np.minimum(z, 3.0)) == 12 + 27 + 900
