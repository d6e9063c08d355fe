"""Free coordinates: means and spreads by their textbook formulas, slopes by small steps."""

import numpy as np
import pytest

from kpilib.clv.fitting.space import Space

ALL = Space(("rate", "share", "log", "rate"))
THETA = np.array([0.243, 4.414, 0.793, 2.426, 7.5, 3.1, 0.02])


def test_a_gamma_is_seen_by_its_mean_and_shape_and_a_beta_by_its_mean_and_size():
    free = ALL.to_free(THETA)
    r, alpha, a, b, p, s, beta = THETA
    mean = a / (a + b)
    assert free == pytest.approx(
        [np.log(r / alpha), np.log(r), np.log(mean / (1 - mean)), np.log(a + b), np.log(p),
         np.log(s / beta), np.log(s)]
    )  # fmt: skip
    assert len(ALL) == 7 and len(Space(("log",))) == 1


def test_many_rows_go_there_and_back():
    theta = THETA * np.geomspace(1e-3, 1e3, 12).reshape(3, 4, 1)
    free = ALL.to_free(theta)
    assert free.shape == (3, 4, 7)
    assert ALL.to_natural(free) == pytest.approx(theta, rel=1e-12)
    assert free[1, 2] == pytest.approx(ALL.to_free(theta[1, 2]))


def test_slopes_are_those_of_small_steps():
    free = ALL.to_free(THETA)
    steps = 1e-6 * np.eye(7)
    by_hand = [(ALL.to_natural(free + h) - ALL.to_natural(free - h)) / 2e-6 for h in steps]
    assert ALL.jacobian(free) == pytest.approx(np.array(by_hand).T, rel=1e-7, abs=1e-9)


def test_chances_of_next_to_nothing_and_next_to_one_keep_their_digits():
    share = Space(("share",))
    for odds in (-45.0, 45.0):
        a, b = share.to_natural([odds, 1.0])
        assert np.log(a) - np.log(b) == pytest.approx(odds, rel=1e-12)


def test_the_weak_prior_is_wide_about_what_is_usual():
    """As medians, and as factors to either side within which 95 % lie, two deviations."""
    mean, sd = ALL.prior((0.05, 8.0))
    r, alpha, a, b, p, s, beta = ALL.to_natural(mean)
    assert (r / alpha, s / beta) == pytest.approx((0.05, 8.0))  # the means that data give
    assert (r, s) == pytest.approx((1.0, 1.0))  # rates as unlike as in an exponential
    assert a / (a + b) == pytest.approx(1 / (1 + np.e))  # a chance of 27 %
    assert (a + b, p) == pytest.approx((np.e, np.e))
    assert 2 * sd == pytest.approx([6, 4, 5, 4, 5, 6, 4])  # e^4, say, is fifty times


def test_the_box_reaches_farther_than_data_can_tell():
    """A million times the mean and its millionth, shapes of ten-thousandths to thousands."""
    centre = np.array([-3.0, 0.0, -1.0, 1.0, 1.0, 2.0, 0.0])
    low, high = np.array(ALL.bounds(centre)).T
    assert centre - low == pytest.approx(high - centre)
    assert high - centre == pytest.approx([14, 9, 11, 9, 14, 14, 9])
    _mean, sd = ALL.prior((0.05, 8.0))
    assert ((high - centre) > 4 * sd).all()
    for corner in (low, high):
        natural = ALL.to_natural(corner)
        assert np.isfinite(natural).all() and (natural > 0).all()


@pytest.mark.parametrize("group", ["rate", "share", "log"])
def test_a_box_of_another_length_than_the_space_is_refused(group):
    with pytest.raises(ValueError):
        Space((group,)).bounds(np.zeros(3))
