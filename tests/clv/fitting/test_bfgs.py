"""The climb in a box, held to textbook formulas, to conditions of an optimum, and to scipy."""

import numpy as np
import pytest
from scipy import optimize

from kpilib.clv.fitting.bfgs import _search, _updated, _way, minimise

BENT = np.array([[4.0, 1.0, 0.3], [1.0, 3.0, -0.5], [0.3, -0.5, 0.2]])
BOTTOM = np.array([3.0, -2.0, 0.5])
WIDE = np.full(3, -50.0), np.full(3, 50.0)


def bowl(u):
    """A bowl fifty times as steep one way as another, with its least value, 7, at BOTTOM."""
    away = u - BOTTOM
    return 7.0 + 0.5 * float(away @ BENT @ away), BENT @ away


def valley(u):
    """Rosenbrock's."""
    return float(optimize.rosen(u)), optimize.rosen_der(u)


class Asked:
    """A loss that remembers where it was asked for."""

    def __init__(self, loss):
        self.loss, self.at = loss, []

    def __call__(self, u):
        self.at.append(np.array(u))
        return self.loss(u)


def test_with_the_true_curvature_a_bowl_takes_one_step():
    asked = Asked(bowl)
    start = BOTTOM + np.array([0.5, -1.0, 1.5])
    found = minimise(asked, start, *WIDE, np.linalg.inv(BENT))
    assert found == pytest.approx(BOTTOM, abs=1e-12)
    assert len(asked.at) == 2


def test_no_step_is_longer_than_two_in_any_coordinate():
    asked = Asked(bowl)
    start = np.array([-7.0, 8.0, 30.5])
    found = minimise(asked, start, *WIDE, np.linalg.inv(BENT))
    assert found == pytest.approx(BOTTOM, abs=1e-6)
    way = asked.at[1] - start
    assert np.abs(way).max() == pytest.approx(2.0)
    assert way / np.abs(way).max() == pytest.approx((BOTTOM - start) / 30.0)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_bent_valley_is_followed_to_its_end_in_few_steps(size):
    start = np.linspace(-1.2, 1.5, size)
    asked = Asked(valley)
    found = minimise(asked, start, np.full(size, -9.0), np.full(size, 9.0), np.eye(size))
    assert found == pytest.approx(np.ones(size), abs=1e-6)
    theirs = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="BFGS")
    assert len(asked.at) < 1.5 * theirs.nfev


@pytest.mark.parametrize(
    ("low", "high", "start"),
    [
        ([-1.0, -1.0, -4.0], [2.0, 9.0, 9.0], [0.0, 0.0, 0.0]),
        ([3.5, -9.0, -9.0], [9.0, -2.5, 9.0], [20.0, 20.0, 20.0]),
        ([-9.0, -9.0, -9.0], [9.0, 9.0, -3.0], [1.0, 1.0, 1.0]),
        ([4.0, 1.0, 2.0], [4.0, 1.0, 2.0], [0.0, 0.0, 0.0]),
    ],
)
@pytest.mark.parametrize("loss", [bowl, valley])
def test_in_a_box_the_slope_points_out_of_it_where_it_does_not_vanish(loss, low, high, start):
    low, high, start = np.array(low), np.array(high), np.array(start)
    asked = Asked(loss)
    found = minimise(asked, start, low, high, np.eye(3))
    assert all(((low <= u) & (u <= high)).all() for u in asked.at)
    slope = loss(found)[1]
    assert np.abs(slope[(found > low) & (found < high)]).max(initial=0.0) < 1e-6
    assert (slope[(found == low) & (found < high)] >= 0).all()
    assert (slope[(found == high) & (found > low)] <= 0).all()
    theirs = optimize.minimize(
        lambda u: loss(u)[0], np.clip(start, low, high), jac=lambda u: loss(u)[1],
        bounds=list(zip(low, high, strict=True)),
    )  # fmt: skip
    assert loss(found)[0] <= theirs.fun + 1e-9 * abs(theirs.fun)


def test_along_the_edge_of_a_box_the_climb_is_as_short_as_within():
    """What stands at an edge must not spoil what is learnt of the curve along it."""
    rng = np.random.default_rng(1)
    ours, theirs = 0, 0
    for _case in range(12):
        low = rng.uniform(-3.0, 0.5, 4)
        high = low + rng.uniform(0.5, 4.0, 4)
        start = rng.uniform(low, high)
        asked = Asked(valley)
        found = minimise(asked, start, low, high, np.eye(4))
        scipys = optimize.minimize(
            optimize.rosen, start, jac=optimize.rosen_der, bounds=list(zip(low, high, strict=True))
        )
        assert valley(found)[0] <= scipys.fun + 1e-6
        ours, theirs = ours + len(asked.at), theirs + scipys.nfev
    assert ours < 2 * theirs


def test_a_start_at_the_edge_leaves_it_where_the_slope_points_inwards():
    low, high = np.full(3, -4.0), np.full(3, 4.0)
    for start in (low, high):
        assert minimise(bowl, start, low, high, np.eye(3)) == pytest.approx(BOTTOM, abs=1e-5)


def test_where_the_slope_is_small_enough_no_step_is_made():
    for far, made in ((0.9, 0), (1.1, 1)):
        asked = Asked(lambda u: (float(u @ u) / 2, u))
        minimise(asked, np.array([far * 1e-3, 0.0]), -np.ones(2), np.ones(2), np.eye(2), small=1e-3)
        assert len(asked.at) == 1 + made


def test_the_default_is_a_slope_of_a_ten_millionth():
    for far, made in ((0.95, 0), (1.05, 1)):
        asked = Asked(lambda u: (float(u @ u) / 2, u))
        minimise(asked, np.array([0.0, far * 1e-7]), -np.ones(2), np.ones(2), np.eye(2))
        assert len(asked.at) == 1 + made


def test_no_more_steps_than_asked_for():
    box = np.full(2, -9.0), np.full(2, 9.0)
    start = np.array([-1.2, 1.0])
    one = minimise(valley, start, *box, np.eye(2), steps=1)
    assert valley(one)[0] < valley(start)[0]
    assert np.linalg.det([one - start, valley(start)[1]]) == pytest.approx(0, abs=1e-9)
    assert minimise(valley, start, *box, np.eye(2), steps=0).tolist() == start.tolist()


@pytest.mark.parametrize(("steep", "longest"), [(1.0, 0.1), (0.01, 0.0297)])
def test_a_guess_that_leads_nowhere_gives_way_to_the_slope_a_tenth_at_most(steep, longest):
    """Over a ridge that no guess of a curvature can see, and down the other coordinate."""

    def creased(u):
        x, y = u
        return steep * (abs(x) + y * y / 2), steep * np.array([1.0 if x >= 0 else -1.0, y])

    asked = Asked(creased)
    guess = np.diag([1.0, 0.01]) / steep
    found = minimise(asked, np.array([1.0, 3.0]), np.full(2, -9.0), np.full(2, 9.0), guess)
    assert asked.at[1].tolist() == [0.0, 2.97]
    after = asked.at[32] - asked.at[1]  # the 30 tries along the guess have failed
    assert after == pytest.approx(-longest * np.array([1.0, 2.97]) / 2.97)
    assert abs(found[1]) < 2.0


def test_where_the_slope_leads_nowhere_either_the_climb_ends():
    asked = Asked(lambda u: (float(np.abs(u).sum()), np.where(u >= 0, 1.0, -1.0)))
    assert minimise(asked, np.ones(1), np.full(1, -9.0), np.full(1, 9.0), np.eye(1)) == 0
    assert len(asked.at) == 2 + 30 + 30
    asked.at.clear()
    assert minimise(asked, np.zeros(1), np.full(1, -9.0), np.full(1, 9.0), np.eye(1)) == 0
    assert len(asked.at) == 1 + 30


def test_the_step_is_newtons_on_what_is_free():
    slope, held = np.array([1.0, -0.5, 0.25]), np.array([False, True, False])
    guess = np.linalg.inv(BENT)
    way = _way(guess, slope, held)
    inner = guess[np.ix_([0, 2], [0, 2])] @ slope[[0, 2]]
    assert way[1] == 0
    assert way[[0, 2]] == pytest.approx(-inner * min(1.0, 2.0 / np.abs(inner).max()))
    short = _way(guess / 1e3, slope, held)
    assert short[[0, 2]] == pytest.approx(-inner / 1e3)


@pytest.mark.parametrize("guess", [-np.eye(3), np.zeros((3, 3))])
def test_a_guess_that_goes_up_or_nowhere_gives_way_to_the_slope(guess):
    slope, held = np.array([1.0, -0.5, 0.25]), np.array([False, True, False])
    assert _way(guess, slope, held).tolist() == [-1.0, 0.0, -0.25]
    assert _way(guess, 8 * slope, held).tolist() == [-2.0, 0.0, -0.5]


def test_the_search_takes_the_first_point_inwards_that_goes_down_enough():
    """Armijo's condition, with a ten-thousandth of the slope, at steps that shrink to 3/10."""

    def curve(u):
        return float(np.cosh(3 * u[0])), 3 * np.sinh(3 * u)

    start, low, high = np.array([-0.4]), np.array([-9.0]), np.array([9.0])
    value, slope = curve(start)
    for far in (0.5, 2.0, 7.0, 40.0):
        new, new_value, new_slope = _search(curve, start, value, slope, np.array([far]), low, high)
        steps = [far * 0.3**k for k in range(30)]
        enough = [
            curve(np.clip(start + s, low, high))[0]
            <= value + 1e-4 * float(slope[0]) * (min(start[0] + s, 9.0) - start[0])
            for s in steps
        ]
        assert new == pytest.approx(start + steps[enough.index(True)], rel=1e-12)
        assert (new_value, new_slope) == curve(new)


@pytest.mark.parametrize(("share", "taken"), [(0.99e-4, False), (1.01e-4, True)])
def test_going_down_less_than_a_ten_thousandth_of_the_slope_is_not_enough(share, taken):
    def slowly(u):  # falls by this share of what its slope promises
        return -share * float(u[0]), np.array([-1.0])

    box = np.full(1, -9.0), np.full(1, 9.0)
    found = _search(slowly, np.zeros(1), 0.0, np.array([-1.0]), np.ones(1), *box)
    assert (found is not None) == taken


def test_a_point_without_a_slope_is_not_taken():
    def half_known(u):
        return -float(u[0]), np.where(np.abs(u) > 0.2, np.nan, -1.0)

    new, _value, _slope = _search(
        half_known, np.zeros(1), 0.0, -np.ones(1), np.ones(1), np.full(1, -9.0), np.full(1, 9.0)
    )
    assert new == pytest.approx([0.09])


def test_where_nothing_goes_down_or_moves_there_is_no_step():
    up = Asked(lambda u: (float(np.abs(u).sum()), np.ones(1)))
    box = np.full(1, -9.0), np.full(1, 9.0)
    assert _search(up, np.zeros(1), 0.0, np.ones(1), -np.ones(1), *box) is None
    assert len(up.at) == 30
    flat = Asked(lambda u: (0.0, np.ones(1)))
    assert _search(flat, np.zeros(1), 0.0, np.ones(1), -np.ones(1), np.zeros(1), box[1]) is None
    assert len(flat.at) == 1


@pytest.mark.parametrize(("fall", "taken"), [(0.0, False), (3e-16, True)])
@pytest.mark.parametrize("value", [7.0, -7.0])
def test_a_step_whose_gain_rounding_takes_is_none(fall, taken, value):
    lower = value - fall * abs(value)
    level = Asked(lambda u: (lower, np.full(1, -1e-12)))
    box = np.full(1, -9.0), np.full(1, 9.0)
    found = _search(level, np.zeros(1), value, np.full(1, -1e-12), np.full(1, 1e-9), *box)
    assert (found is not None) == taken


def test_the_update_is_that_of_broyden_fletcher_goldfarb_and_shanno():
    rng = np.random.default_rng(3)
    guess = np.linalg.inv(BENT)
    step, change = rng.standard_normal((2, 3))
    change = change if step @ change > 0 else -change
    rho, eye = 1 / (step @ change), np.eye(3)
    left = eye - rho * np.outer(step, change)
    want = left @ guess @ left.T + rho * np.outer(step, step)
    new = _updated(guess, step, change)
    assert new == pytest.approx(want, rel=1e-10)
    assert new @ change == pytest.approx(step, rel=1e-10)  # the secant condition


@pytest.mark.parametrize(("along", "left_alone"), [(0.95e-10, True), (1.05e-10, False)])
def test_where_the_slope_does_not_rise_along_the_step_the_guess_is_left_alone(along, left_alone):
    step, change = np.array([3.0, 0.0]), np.array([5 * along, 5.0])
    new = _updated(np.eye(2), step, change)
    assert np.array_equal(new, np.eye(2)) == left_alone
    assert np.array_equal(_updated(np.eye(2), step, -step), np.eye(2))
    assert np.array_equal(_updated(np.eye(2), step, 0 * step), np.eye(2))
