"""Verdicts: each one, the t limit against scipy, the views, and what a scorecard lends."""

import numpy as np
import pytest
from scipy import stats

from kpilib.change.signal import LEAST, RATE, WRONG, Series, Signal, View, alpha, judge

RNG = np.random.default_rng(1)


def series(history, now, error=0.01, **more):
    values = np.array([*history, now], float)
    return Series(values, np.full(len(values), error), **more)


def steady(n, seed=0, spread=1.0):
    """Independent noise about 10; not one that happens to wander."""
    return 10 + spread * np.random.default_rng(seed).normal(size=n)


@pytest.mark.parametrize(
    ("now", "signal"),
    [(30, Signal.UP), (-10, Signal.DOWN), (10, Signal.NO_CLEAR_CHANGE)],
)
def test_far_off_is_up_or_down_and_near_is_neither(now, signal):
    (found,) = judge([series(steady(12), now, 0.5)])
    assert (found.signal, found.periods, found.view) == (signal, 12, View.LEVEL)
    assert found.usual == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("n", "signal"), [(LEAST - 1, Signal.TOO_EARLY), (LEAST, Signal.UP), (LEAST + 1, Signal.UP)]
)
def test_under_six_periods_it_is_too_early(n, signal):
    assert judge([series(steady(n), 60, 0.5)])[0].signal == signal


def test_what_does_not_compare_is_no_period():
    history = steady(12)
    history[[1, 4, 5, 7, 8, 10, 11]] = np.nan
    (found,) = judge([series(history, 60, 0.5)])
    assert (found.signal, found.periods) == (Signal.TOO_EARLY, 5)


def test_the_chance_is_that_of_students_prediction():
    history, now = steady(12, seed=4), 13.0
    (found,) = judge([series(history, now, 0.01)])
    score = (now - history.mean()) / (history.std(ddof=1) * np.sqrt(1 + 1 / 12))
    assert found.view is View.LEVEL
    assert found.p == pytest.approx(2 * stats.t.sf(score, 11))


def test_visible_is_where_a_verdict_begins():
    history = steady(12, seed=4)
    (found,) = judge([series(history, 10, 0.01)], possible=20)
    far = found.usual + found.visible
    for now, signal in ((far * 0.9999, Signal.NO_CLEAR_CHANGE), (far * 1.0001, Signal.UP)):
        assert judge([series(history, now, 0.01)], possible=20)[0].signal == signal


def test_a_period_of_few_is_measured_by_its_own_error():
    sizes = np.array([1000.0] * 12 + [10.0])
    history = steady(12, seed=4, spread=0.1)
    values = np.append(history, 11.0)
    errors = np.append(np.full(12, 0.1), 0.001)
    small = judge([Series(values, errors, sizes)])[0]
    alike = judge([Series(values, errors, np.full(13, 1000.0))])[0]
    assert (small.signal, alike.signal) == (Signal.NO_CLEAR_CHANGE, Signal.UP)
    assert small.visible > 5 * alike.visible


def test_sampling_alone_is_the_least_spread():
    (found,) = judge([series(np.full(12, 10.0), 10.5, error=1.0)])
    assert found.signal is Signal.NO_CLEAR_CHANGE
    assert found.p == pytest.approx(2 * stats.t.sf(0.5 / np.sqrt(1 + 1 / 12), 11))


def test_without_sampling_what_never_moved_is_sure():
    for now, signal in ((1.0, Signal.NO_CLEAR_CHANGE), (0.9, Signal.DOWN)):
        (found,) = judge([series(np.ones(12), now, error=np.nan)])
        assert (found.signal, found.visible) == (signal, 0.0)


def test_individuals_stand_for_themselves():
    history = steady(12, seed=4)
    (found,) = judge([series(history, 13.0, error=np.nan)])
    score = (13 - history.mean()) / (history.std(ddof=1) * np.sqrt(1 + 1 / 12))
    assert found.p == pytest.approx(2 * stats.t.sf(score, 11))


def test_a_trend_is_judged_on_its_steps():
    rising = np.arange(24.0) + 0.2 * RNG.normal(size=24)
    (same,) = judge([series(rising, 24.0, 0.05)])
    (jump,) = judge([series(rising, 29.0, 0.05)])
    (stop,) = judge([series(rising, 19.0, 0.05)])
    assert (same.view, same.signal) == (View.STEP, Signal.NO_CLEAR_CHANGE)
    assert (jump.signal, stop.signal) == (Signal.UP, Signal.DOWN)
    assert same.usual == pytest.approx(24, abs=0.5)


def seasonal(n):
    return 10 + 5 * np.sin(2 * np.pi * np.arange(n) / 12) + 0.3 * RNG.normal(size=n)


def test_seasons_are_seen_with_two_full_years_and_not_before():
    whole = seasonal(25)
    views = [
        judge([series(whole[25 - n - 1 : -1], whole[-1], 0.05, season=12)])[0].view
        for n in (24, 23)
    ]
    assert views[0] is View.SEASON and views[1] is not View.SEASON
    december = judge([series(whole[:-1], whole[-1] + 4, 0.05, season=12)])[0]
    assert december.signal is Signal.UP
    assert judge([series(whole[:-1], whole[-1], 0.05)])[0].view is not View.SEASON


def test_many_looked_at_need_more():
    p = np.array([0.001, 0.004, 0.006, 0.02, 0.5])
    assert alpha(p, 50) == pytest.approx(RATE * 3 / 50)
    assert alpha(p, 1000) == pytest.approx(WRONG / 1000)
    assert alpha(np.array([]), 50) == pytest.approx(WRONG / 50)


def test_short_histories_borrow_from_a_scorecard_that_is_alike():
    many = [series(steady(6, seed, 0.5), 12.5, 0.5) for seed in range(40)]
    alone = [judge([one], 40)[0].signal is Signal.UP for one in many]
    together = [found.signal is Signal.UP for found in judge(many, 40)]
    assert sum(together) > 2 * sum(alone)


def test_spreads_that_are_unlike_lend_little():
    many = [series(steady(12, seed, 3.0 ** (seed % 8)), 12, 0.5) for seed in range(40)]
    alone = np.array([judge([one], 40)[0].visible for one in many])
    together = np.array([found.visible for found in judge(many, 40)])
    assert np.corrcoef(np.log(alone), np.log(together))[0, 1] > 0.95


def test_nothing_to_judge_is_nothing():
    assert judge([]) == []
    assert judge([series(steady(12), np.nan)])[0].signal is Signal.TOO_EARLY
