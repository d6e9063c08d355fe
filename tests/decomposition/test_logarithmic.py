"""The logarithmic mean Divisia method against its own limits and numeric derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.decomposition.logarithmic import chain_effects, logarithmic_mean

TOTALS = st.lists(st.floats(0.01, 1e6), min_size=3, max_size=3).map(np.array)


@given(TOTALS, TOTALS)
def test_adds_up_and_does_not_mind_the_direction_of_time(before, after):
    there, back = chain_effects(before, after), chain_effects(after, before)
    assert there.values.sum() == pytest.approx(after[-1] - before[-1], rel=1e-12, abs=1e-9)
    scale = max(before[-1], after[-1]) * np.ptp(np.log([before, after])) + 1
    assert there.values == pytest.approx(-back.values, abs=1e-9 * scale)


def test_what_rounding_leaves_over_goes_to_the_largest_part():
    """Then most changes are met to the last bit: without it, two of five are."""
    pairs = np.random.default_rng(0).uniform(1, 1000, (300, 2, 3)).round(2)
    over = [chain_effects(*pair).values.sum() - (pair[1, -1] - pair[0, -1]) for pair in pairs]
    assert np.mean(np.array(over) == 0) > 0.5 and np.max(np.abs(over)) < 1e-12


def test_small_totals_are_shared_out_as_large_ones():
    before, after = np.array([[0.4, 0.3, 0.2], [0.2, 0.6, 0.5]])
    mean = 0.3 / np.log(0.5 / 0.2)
    expected = [mean * np.log(one) for one in (0.5, 4.0, (0.5 / 0.6) / (0.2 / 0.3))]
    assert chain_effects(before, after).values == pytest.approx(expected)


def test_has_the_values_of_the_formula():
    before, after = np.array([100.0, 150.0, 6000.0]), np.array([120.0, 150.0, 7500.0])
    mean = 1500 / np.log(7500 / 6000)
    expected = [mean * np.log(ratio) for ratio in (1.2, 1.25 / 1.5, 50 / 40)]
    assert chain_effects(before, after).values == pytest.approx(expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [((10, 20, 200), (15, 24, 400)), ((10, 20, 200), (15, 24, 200)), ((5, 5, 5), (5, 5, 5))],
)
def test_slopes_are_the_derivatives(before, after):
    both = np.array([before, after], float)
    found = chain_effects(*both).slopes
    for when in (0, 1):
        for place in range(3):
            step = np.zeros((2, 3))
            step[when, place] = 1e-4 * both[when, place]
            ends = [chain_effects(*(both + sign * step)).values for sign in (1, -1)]
            numeric = (ends[0] - ends[1]) / (2 * step[when, place])
            assert found[:, when, place] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def test_zeros_are_the_limits_of_small_numbers():
    """Ang and Liu: the analytical limit is what a tiny number in the place of 0 tends to."""
    after = np.array([4.0, 5.0, 60.0])
    tiny = chain_effects(np.array([1e-300, 1.25e-300, 15e-300]), after).values
    assert chain_effects(np.zeros(3), after).values == pytest.approx(tiny, abs=0.2)
    assert chain_effects(after, np.array([4.0, 5.0, 0.0])).values.tolist() == [0, 0, -60]


def test_money_below_nothing_is_all_of_the_last_factor():
    found = chain_effects(np.array([2.0, 2.0, -5.0]), np.array([3.0, 3.0, 10.0]))
    assert found.values.tolist() == [0, 0, 15]
    assert found.slopes[2].tolist() == [[0, 0, -1], [0, 0, 1]]
    back = chain_effects(np.array([3.0, 3.0, 10.0]), np.array([2.0, 2.0, -5.0]))
    assert back.values.tolist() == [0, 0, -15]


def test_the_mean_lies_between_the_geometric_and_the_arithmetic_one():
    for a, b in ((1.0, 2.0), (3.0, 3.0000001), (1e-6, 1e6)):
        assert np.sqrt(a * b) * (1 - 1e-9) <= logarithmic_mean(a, b) <= (a + b) / 2 * (1 + 1e-9)
        assert logarithmic_mean(a, b) == pytest.approx(logarithmic_mean(b, a))
