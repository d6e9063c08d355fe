"""Maxima of likelihoods that are known on paper: bowls in free coordinates, counts of a Poisson."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from kpilib.clv import GammaGamma, Spend
from kpilib.clv.fitting import optimise
from kpilib.clv.fitting.optimise import Problem, climb, pinned, polish, settle, solve
from kpilib.clv.fitting.space import Space

STEEP = np.array([[900.0, 210.0, -30.0], [210.0, 400.0, 50.0], [-30.0, 50.0, 160.0]])
TOP = np.array([0.5, -1.25, 2.0])
MEAN, SD = np.array([0.25, 0.75, -1.5]), np.array([2.0, 0.5, 1.25])


class Bowl:
    """A log-likelihood that is quadratic in the logarithms of its parameters, -3 at its top."""

    def __init__(self, steep=STEEP, top=TOP):
        self.steep, self.top, self.at = np.array(steep), np.array(top), []

    def __call__(self, theta):
        self.at.append(np.log(theta))
        away = np.log(theta) - self.top
        slope = -self.steep @ away
        return -3.0 + 0.5 * float(away @ slope), slope / theta


def bowl(steep=STEEP, top=TOP, n=40.0, start=None, mean=MEAN, sd=SD):
    space = Space(("log",) * len(top))
    start = np.array(mean if start is None else start, dtype=float)
    return Problem(Bowl(steep, top), space, start, np.array(mean), np.array(sd), n)


def poisson(events, time, mean=1.0, sd=2.5):
    """Events over a time, at one rate: log-likelihood events log(rate) - rate time."""

    def log_likelihood(theta):
        rate = theta[0]
        return events * np.log(rate) - rate * time, np.array([events / rate - time])

    one = Space(("log",))
    return Problem(log_likelihood, one, np.zeros(1), np.array([mean]), np.array([sd]), time)


@pytest.mark.parametrize("weight", [0.0, 1.0, 0.5])
def test_the_prior_is_normal_and_the_gradient_is_that_of_both(weight):
    problem = bowl()
    u = np.array([0.75, 0.25, -0.5])
    value, slope = problem(u, weight)
    away, z = u - TOP, (u - MEAN) / SD
    assert value == pytest.approx(-3 - away @ STEEP @ away / 2 - weight * (z**2).sum() / 2)
    h = 1e-6 * np.eye(3)
    by_hand = [(problem(u + s, weight)[0] - problem(u - s, weight)[0]) / 2e-6 for s in h]
    assert slope == pytest.approx(by_hand, rel=1e-6)
    want = STEEP + weight * np.diag(1 / SD**2)
    assert problem.curvature(u, weight) == pytest.approx(want, rel=1e-7)


def test_without_a_word_of_it_there_is_no_prior():
    problem = bowl()
    assert problem(TOP)[0] == -3.0
    assert np.array_equal(problem.curvature(MEAN), problem.curvature(MEAN, 0.0))


def test_the_curvature_is_of_the_point_and_alike_on_both_sides_of_the_diagonal():
    """Of a likelihood that is no bowl: a rate's second derivative by its logarithm."""
    problem = poisson(30.0, 20.0)
    for u in (-1.0, 0.5):
        assert problem.curvature(np.array([u]))[0, 0] == pytest.approx(20 * np.exp(u), rel=1e-7)

    def crooked(theta):  # its gradient is none: the second derivatives differ
        x, y = np.log(theta)
        return 0.0, np.array([-3 * x - 5 * y, -1 * x - 7 * y]) / theta

    two = Space(("log", "log"))
    given = Problem(crooked, two, np.zeros(2), np.zeros(2), np.ones(2), 1.0)
    assert given.curvature(np.zeros(2)) == pytest.approx(np.array([[3, 3], [3, 7]]), rel=1e-7)


def test_the_maximum_and_its_covariance_are_those_on_paper():
    found = solve(bowl())
    assert found.u == pytest.approx(TOP, abs=1e-10)
    assert found.log_likelihood == pytest.approx(-3.0)
    assert found.curvature == pytest.approx(STEEP, rel=1e-6)
    assert found.covariance == pytest.approx(np.linalg.inv(STEEP), rel=1e-6)
    assert (found.flat, found.prior_used) == ((), False)


def test_the_rate_of_events_is_their_number_over_the_time():
    found = solve(poisson(30.0, 20.0))
    assert np.exp(found.u) == pytest.approx([1.5], rel=1e-10)
    assert found.curvature == pytest.approx(np.array([[30.0]]), rel=1e-6)
    assert found.log_likelihood == pytest.approx(30 * np.log(1.5) - 30)


def test_no_events_leave_the_rate_open_below_and_the_prior_closes_it():
    found = solve(poisson(0.0, 20.0))
    assert (found.flat, found.prior_used) == (((0, -1),), True)
    at = optimize.brentq(lambda u: -20 * np.exp(u) - (u - 1.0) / 2.5**2, -9, 1)
    assert found.u == pytest.approx([at], abs=1e-9)
    assert found.log_likelihood == pytest.approx(-20 * np.exp(at))  # without the prior
    assert found.curvature == pytest.approx(np.array([[20 * np.exp(at) + 1 / 2.5**2]]), rel=1e-6)


# A bowl's own deviation, times the prior's, on either side of it; a flat way is felt by all.
@pytest.mark.parametrize(("wide", "is_open"), [(0.98, False), (1.02, True)])
@pytest.mark.parametrize("side", [-1, 1])
def test_what_is_known_less_well_than_by_the_prior_is_open(wide, is_open, side):
    top = MEAN + side * np.array([0.3, -0.2, 0.6])
    steep = np.diag([90.0, 70.0, 1 / (wide * SD[2]) ** 2])
    found = solve(bowl(steep, top))
    assert found.flat == (((2, side),) if is_open else ())
    assert found.prior_used == is_open
    if is_open:
        both = steep + np.diag(1 / SD**2)
        want = np.linalg.solve(both, steep @ top + MEAN / SD**2)
        assert found.u == pytest.approx(want, abs=1e-8)
        assert found.curvature == pytest.approx(both, rel=1e-6)


@pytest.mark.parametrize(("far", "is_open"), [(13.4, False), (13.6, True)])
@pytest.mark.parametrize("side", [-1, 1])
def test_what_ends_near_the_edge_of_the_box_is_open(far, is_open, side):
    """The box reaches 14 from the prior's mean; within half of one from its edge is at it."""
    top = MEAN + np.array([0.1, side * far, -0.2])
    found = solve(bowl(np.diag([90.0, 900.0, 80.0]), top))
    assert found.flat == (((1, side),) if is_open else ())


def test_what_a_flat_way_touches_lightly_is_not_open_itself():
    """The second plus a fiftieth of the first is known: both are wide, until the first is not."""
    across = np.array([0.02, 1.0, 0.0])
    steep = 80 * np.outer(across, across) + np.diag([0.0, 0.0, 60.0]) + 1e-7 * np.eye(3)
    found = solve(bowl(steep, MEAN + 0.1))
    assert found.flat == ((0, 1),)


@pytest.mark.parametrize(("part", "named"), [(0.24, [0]), (0.26, [0, 1])])
def test_of_what_a_flat_way_widens_that_is_open_which_the_prior_narrows_little(part, named):
    """With the prior the second keeps this part of the prior's variance; more than 1/4 is open."""
    across = np.array([-np.sqrt(part), np.sqrt(1 - part)])
    steep = 1e7 * np.outer(across, across) + 1e-7 * np.eye(2)
    closed = np.linalg.inv(steep + np.eye(2))
    assert np.diag(closed) == pytest.approx([1 - part, part], rel=1e-6)
    for scale in (1.0, 3.0):
        narrow = steep / scale**2
        found = solve(bowl(narrow, [0.1, 0.1], mean=[0.0, 0.0], sd=np.full(2, scale)))
        assert [index for index, _side in found.flat] == named


def test_where_there_is_no_curvature_everything_is_open():
    def nowhere(theta):
        return 0.0, np.array([np.nan if theta[0] > 1.0 else 0.0, 0.0])

    two = Space(("log", "log"))
    problem = Problem(nowhere, two, np.zeros(2), np.zeros(2), np.ones(2), 1.0)
    bent = np.full((2, 2), np.nan)
    flat = optimise._open_coordinates(problem, np.array([-1.0, 0.5]), bent)
    assert flat == ((0, -1), (1, 1))


def test_what_is_climbed_down_is_minus_the_objective_per_observation():
    problem = bowl(n=40.0)
    value, slope = optimise._loss(problem, 0.5)(MEAN + 0.3)
    whole, rise = problem(MEAN + 0.3, 0.5)
    assert value == pytest.approx(-whole / 40) and slope == pytest.approx(-rise / 40)


def test_a_few_steps_with_a_fixed_curvature_settle_on_the_maximum():
    problem = bowl()
    near = TOP + np.array([0.5, -0.25, 0.9])
    assert settle(problem, near, STEEP, 0.0, steps=2) == pytest.approx(TOP, abs=1e-9)
    rough = STEEP * 1.1  # a tenth off: each step leaves a tenth of the way
    assert settle(problem, near, rough, 0.0, steps=9) == pytest.approx(TOP, abs=1e-6)
    assert settle(problem, near, rough, 0.0, steps=2) is None
    shallow = bowl(STEEP / 1e4)  # a likelihood of little weight
    assert settle(shallow, near, STEEP / 1e4, 0.0, steps=2) == pytest.approx(TOP, abs=1e-6)
    both = STEEP + np.diag(1 / SD**2)
    want = np.linalg.solve(both, STEEP @ TOP + MEAN / SD**2)
    assert settle(problem, near, both, 1.0, steps=3) == pytest.approx(want, abs=1e-9)


@pytest.mark.parametrize(("far", "settles"), [(0.99, True), (1.01, False)])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_step_longer_than_one_is_not_taken(far, settles, side):
    found = settle(bowl(), TOP + np.array([0.0, side * far, 0.1]), STEEP, 0.0, steps=3)
    assert (found is not None) == settles


def test_a_curvature_that_is_none_settles_nothing():
    problem, near = bowl(), TOP + 0.1
    for bent in (np.diag([1.0, 2.0, -1e-9]), np.zeros((3, 3)), np.full((3, 3), np.nan)):
        assert settle(problem, near, bent, 0.0, steps=5) is None


def test_a_step_that_goes_down_does_not_settle():
    assert settle(bowl(), TOP + 0.3, STEEP / 2.5, 0.0, steps=9) is None  # it leaps to and fro
    valley = bowl()
    valley.log_likelihood.steep = -STEEP
    assert settle(valley, TOP + 0.3, STEEP, 0.0, steps=9) is None


def test_at_the_maximum_no_step_is_made():
    problem = bowl()
    assert np.array_equal(settle(problem, TOP, STEEP, 0.0, steps=9), TOP)
    assert len(problem.log_likelihood.at) == 1


@pytest.mark.parametrize(("far", "moved"), [(0.9e-3, True), (1.1e-3, False)])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_last_digits_are_found_from_very_near_alone(far, moved, side):
    problem = bowl()
    near = TOP + side * np.array([far, -far / 3, far / 2])
    found, curvature = polish(problem, near, 0.0)
    assert curvature == pytest.approx(STEEP, rel=1e-6)
    assert found == pytest.approx(TOP if moved else near, abs=1e-9)


@pytest.mark.parametrize("side", [-1, 1])
def test_what_lies_at_an_edge_with_more_beyond_stays_there(side):
    problem = bowl(STEEP, TOP)
    edge = MEAN[1] + side * 14.0
    others = [0, 2]
    rest = -np.linalg.solve(STEEP[np.ix_(others, others)], STEEP[others, 1])
    problem.log_likelihood.top = top = np.array([TOP[0], edge + side * 0.5, TOP[2]])
    at = top + np.array([rest[0], 1.0, rest[1]]) * (edge - top[1])
    found, _curvature = polish(problem, at + np.array([2e-4, 0, -1e-4]), 0.0)
    assert found[1] == edge and found == pytest.approx(at, abs=1e-9)
    problem.log_likelihood.top = top = np.array([TOP[0], edge - side * 5e-4, TOP[2]])
    found, _curvature = polish(problem, top + np.array([0, side * 5e-4, 0]), 0.0)
    assert found == pytest.approx(top, abs=1e-9)


def test_where_the_curve_is_no_hill_the_point_is_left():
    problem = bowl(np.diag([9.0, -4.0, 2.0]), TOP)
    near = TOP + 1e-4
    found, _curvature = polish(problem, near, 0.0)
    assert np.array_equal(found, near)


def test_with_one_coordinate_held_the_best_of_the_others_is_the_ridge():
    """The likelihood of a bowl with one coordinate held falls by its conditional curvature."""
    problem = bowl()
    for index in range(3):
        conditional = 1 / np.linalg.inv(STEEP)[index, index]
        for away in (0.0, -0.3, 0.4):
            found = pinned(problem, TOP + 0.05, index, TOP[index] + away)
            assert found == pytest.approx(-3 - conditional * away**2 / 2, abs=1e-6)


def test_a_sample_is_climbed_first_and_the_whole_settles_from_there():
    whole = bowl(start=MEAN)
    sample = bowl(STEEP / 8, TOP + np.array([0.05, -0.04, 0.03]), n=5.0)
    found, curvature = climb(replace(whole, sample=sample), 0.0)
    assert found == pytest.approx(TOP, abs=1e-10)
    assert curvature == pytest.approx(STEEP, rel=1e-6)
    # The sample's curvature eight times over is that of the whole: one step and it is there.
    assert len(whole.log_likelihood.at) < 14
    weighed = climb(replace(whole, sample=sample), 1.0)[0]
    both = STEEP + np.diag(1 / SD**2)
    assert weighed == pytest.approx(np.linalg.solve(both, STEEP @ TOP + MEAN / SD**2), abs=1e-9)


def test_a_sample_that_misleads_does_no_harm():
    whole = bowl()
    for sample in (bowl(STEEP, TOP + 6.0), bowl(STEEP / 300, TOP), bowl(STEEP * 300, TOP)):
        assert climb(replace(whole, sample=sample), 0.0)[0] == pytest.approx(TOP, abs=1e-8)


def test_the_first_guess_is_the_inverse_of_the_curvature_made_positive():
    problem = bowl(n=40.0)
    guess = optimise._first_guess(problem, TOP, 0.0)
    assert guess == pytest.approx(np.linalg.inv(STEEP) * 40, rel=1e-6)
    # Down as steep as up, and what is flat as if it had a thousandth of the steepest.
    bent = bowl(np.diag([50.0, -20.0, 0.0]), TOP, n=10.0)
    guess = optimise._first_guess(bent, TOP, 0.0)
    assert guess == pytest.approx(np.diag([0.2, 0.5, 200.0]), rel=1e-5)
    level = bowl(np.zeros((3, 3)), TOP, n=10.0)
    assert np.isfinite(optimise._first_guess(level, TOP, 0.0)).all()
    level.log_likelihood.steep = np.full((3, 3), np.nan)
    assert np.array_equal(optimise._first_guess(level, TOP, 0.0), np.eye(3))


def test_of_a_few_odd_spends_the_climb_ends_where_rounding_hides_the_way():
    """Their likelihood rises without end along a ridge, by less and less."""
    problem = GammaGamma.problem(Spend.from_arrays([3, 1, 5], [28.0, 7.0, 23.3]))
    calls = []

    def counted(theta):
        calls.append(theta)
        return problem.log_likelihood(theta)

    u, _curvature = climb(replace(problem, log_likelihood=counted), 0.0)
    assert len(calls) < 400
    assert problem(u)[0] > problem(problem.start)[0]


def test_a_likelihood_that_fails_somewhere_is_climbed_around():
    def log_likelihood(theta):
        if theta[0] > 4.0:
            return np.nan, np.array([np.nan])
        return 30 * np.log(theta[0]) - 10 * theta[0], np.array([30 / theta[0] - 10])

    one = Space(("log",))
    problem = Problem(log_likelihood, one, np.array([-3.0]), np.array([1.0]), np.array([2.5]), 10.0)
    assert np.exp(solve(problem).u) == pytest.approx([3.0])


@pytest.mark.parametrize(("short", "named"), [(0.48, True), (0.5, True), (0.52, False)])
@pytest.mark.parametrize("side", [-1, 1])
def test_half_a_unit_from_the_edge_of_the_box_is_at_the_edge(short, named, side):
    """Of a well known coordinate: the other, in the middle, is not named."""
    two = Space(("log", "log"))
    mean = np.zeros(2)
    problem = Problem(lambda _theta: (0.0, mean), two, mean, mean, np.ones(2), 1.0)
    low, high = np.array(two.bounds(mean))[0]
    u = np.array([low + short if side < 0 else high - short, 0.0])
    found = optimise._open_coordinates(problem, u, 1e6 * np.eye(2))
    assert found == (((0, side),) if named else ())


@pytest.mark.parametrize(
    ("curvature", "top"),
    [(STEEP, True), (-STEEP, False), (np.diag([1.0, 0.0]), False), (np.full((2, 2), np.nan), False),
     (np.array([[1.0, np.inf], [np.inf, 1.0]]), False)],
)  # fmt: skip
def test_a_top_falls_off_in_every_direction_that_is_known(curvature, top):
    assert optimise._is_a_top(curvature) is top
