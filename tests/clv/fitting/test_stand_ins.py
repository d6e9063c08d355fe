"""What stands in for costly functions: exact where it can be, refused where it is off."""

import itertools

import numpy as np
import pytest

from kpilib.clv.fitting import posterior as drawing
from kpilib.clv.fitting.optimise import Problem
from kpilib.clv.fitting.space import Space
from kpilib.clv.fitting.surrogate import REACH, fitted_polynomial, quadratic

CENTRE = np.array([0.5, -2.0, 7.0])
ROOT = np.array([[0.3, 0.0, 0.0], [-0.2, 1.5, 0.0], [0.1, 0.4, 0.7]])


class Curve:
    """A log-likelihood whose log posterior is `value` of the free coordinates, with `slope`."""

    def __init__(self, value, slope, size):
        self.value, self.slope, self.size, self.at = value, slope, size, []

    def problem(self):
        """Its prior is so wide that it adds nothing."""

        def log_likelihood(theta):
            u = np.log(theta)
            self.at.append(u)
            return self.value(u), self.slope(u) / theta

        space = Space(("log",) * self.size)
        zero = np.zeros(self.size)
        return Problem(log_likelihood, space, zero, zero, np.full(self.size, 1e12), 1.0)


def quartic(size, seed=4):
    """A polynomial of degree four with all its terms, that is 5 and has its top at CENTRE."""
    rng = np.random.default_rng(seed)
    terms = [c for k in (3, 4) for c in itertools.combinations_with_replacement(range(size), k)]
    factors = 0.004 * rng.standard_normal(len(terms))
    mode, root = CENTRE[:size], ROOT[:size, :size]

    def value(u):
        z = np.linalg.solve(root, u - mode)
        return (
            5.0
            - z @ z / 2
            + sum(f * np.prod(z[list(c)]) for f, c in zip(factors, terms, strict=True))
        )

    def slope(u):
        return np.array([value(u + one).imag / 1e-30 for one in 1e-30j * np.eye(size)])

    return Curve(value, slope, size), mode, root


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_posterior_of_degree_four_is_stood_in_for_exactly(size):
    curve, mode, root = quartic(size)
    found = fitted_polynomial(curve.problem(), mode, root)
    far = mode + np.random.default_rng(1).standard_normal((50, size)) @ root.T * 3
    assert found(far) == pytest.approx([curve.value(u) - 5 for u in far], abs=1e-8)


@pytest.mark.parametrize(("size", "pairs"), [(1, 12), (2, 12), (3, 22)])
def test_the_polynomial_goes_through_points_on_two_shells(size, pairs):
    curve, mode, root = quartic(size)
    fitted_polynomial(curve.problem(), mode, root)
    points = np.linalg.solve(root, (np.array(curve.at) - mode).T).T
    assert points[0] == pytest.approx(np.zeros(size), abs=1e-9)
    for some, number in ((points[1 : 1 + 2 * pairs], pairs), (points[1 + 2 * pairs :], 3)):
        assert len(some) == 2 * number
        far = np.linalg.norm(some, axis=1)
        outer = np.isclose(far, REACH)
        assert (outer | np.isclose(far, 1.8)).all()
        assert outer.sum() == 2 * np.ceil(number / 3)  # a third of them
        assert some[number:] == pytest.approx(-some[:number], abs=1e-9)  # on both sides


@pytest.mark.parametrize(("off", "good"), [(0.029, True), (0.031, False), (-0.031, False)])
def test_a_polynomial_that_is_off_by_more_than_three_hundredths_elsewhere_is_not_used(off, good):
    curve, mode, root = quartic(2)
    plain = curve.value
    curve.value = lambda u: plain(u) + (off if len(curve.at) == 1 + 24 + 4 else 0.0)
    assert (fitted_polynomial(curve.problem(), mode, root) is not None) == good


def test_at_the_mode_a_polynomial_is_the_density_itself():
    curve, mode, root = quartic(2)
    plain = curve.value

    def wavy(u):
        far = np.linalg.norm(np.linalg.solve(root, (u - mode)).real)
        return plain(u) + 0.01 * min(far, 1.0)

    curve.value = wavy
    found = fitted_polynomial(curve.problem(), mode, root)
    assert found(mode[None]) == pytest.approx([0.0], abs=1e-9)


def test_where_a_point_has_no_value_there_is_no_polynomial():
    curve, mode, root = quartic(2)
    plain = curve.value
    curve.value = lambda u: plain(u) if len(curve.at) != 9 else np.nan
    assert fitted_polynomial(curve.problem(), mode, root) is None


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_a_quadratic_is_known_everywhere_from_its_points(size):
    rng = np.random.default_rng(6)
    free = rng.standard_normal((200, size)) @ rng.standard_normal((size, size)) + 3.0
    wanted = 3.0 + 4 * rng.standard_normal((30, size))
    points, basis = quadratic(free, wanted)
    bent, tilt = rng.standard_normal((size, size)), rng.standard_normal(size)

    def value(u):
        return 7.0 + u @ tilt + np.einsum("ij,jk,ik->i", u, bent, u)

    assert basis @ value(points) == pytest.approx(value(wanted), rel=1e-7)
    assert basis.sum(axis=1) == pytest.approx(np.ones(30))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_its_points_surround_the_mean_of_the_draws(size):
    """The mean, both ways along each axis, and both diagonals of each two of them."""
    rng = np.random.default_rng(6)
    free = rng.standard_normal((200, size)) @ rng.standard_normal((size, size)) + 3.0
    points, _basis = quadratic(free, free)
    pairs = size * (size - 1) // 2
    assert len(points) == len(np.unique(points.round(9), axis=0)) == 1 + 2 * size + 4 * pairs
    assert points.mean(axis=0) == pytest.approx(free.mean(axis=0))
    away = points - free.mean(axis=0)
    spread = np.cov(free.T, ddof=1 if size > 1 else 0).reshape(size, size)
    far = np.sqrt(np.einsum("ij,jk,ik->i", away, np.linalg.inv(spread), away))
    want = [0.0] + [np.sqrt(2)] * (4 * pairs) + [1.5] * (2 * size)
    assert np.sort(far) == pytest.approx(want)
    both = {tuple(one.round(9)) for one in away}
    assert both == {tuple(-np.array(one) + 0.0) for one in both}


# Which density the draws are weighed by.


def known(draws, monkeypatch, stand_ins, curve, seed=3):
    """Draws of the posterior of a curve, with these densities offered in its place."""
    value, mode, _root = curve
    monkeypatch.setattr(drawing, "_stand_ins", lambda *_given: iter(stand_ins))
    value.at.clear()
    problem = value.problem()
    return drawing._importance(problem, mode, draws, seed)


def test_a_stand_in_is_asked_from_a_hundred_draws_on(monkeypatch):
    curve, mode, root = quartic(2)
    asked = []

    def exact(free):
        asked.append(len(free))
        return np.array([curve.value(u) - 5.0 for u in free])

    for draws, used in ((99, False), (100, True)):
        asked.clear()
        free, _ess = known(draws, monkeypatch, [exact], (curve, mode, root))
        assert free.shape == (draws, 2) and bool(asked) == used
        assert not used or asked[-1] == 16  # the first eight draws and the eight farthest
        assert (len(curve.at) < 60) == used


@pytest.mark.parametrize(("off", "used"), [(0.09, True), (0.11, False), (-0.11, False)])
@pytest.mark.parametrize("where", ["at the farthest draws", "at all draws"])
def test_a_stand_in_that_is_off_by_a_tenth_where_it_matters_is_not_used(
    off, used, where, monkeypatch
):
    curve, mode, root = quartic(2)

    def wrong(free):
        far = np.linalg.norm(np.linalg.solve(root, (free - mode).T), axis=0)
        beyond = far > (1.8 if where == "at the farthest draws" else -1)
        return np.array([curve.value(u) - 5.0 for u in free]) + np.where(beyond, off, 0.0)

    known(400, monkeypatch, [wrong], (curve, mode, root))
    assert (len(curve.at) < 60) == used


def test_a_stand_in_of_which_few_draws_are_worth_anything_is_not_used(monkeypatch):
    """Right where it is checked, but its draws would be worth a fortieth of their number."""
    curve, mode, root = quartic(2)

    def spikes(free):
        if len(free) == 16:
            return np.array([curve.value(u) - 5.0 for u in free])
        return np.where(np.arange(len(free)) % 40 == 0, 0.0, -50.0)

    free, ess = known(200, monkeypatch, [spikes], (curve, mode, root))
    assert ess > 150 and len(np.unique(free, axis=0)) > 120
