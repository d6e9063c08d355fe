"""Horizons, factors and what comes after them, against closed forms and a day on each side."""

from datetime import date, timedelta

import numpy as np
import pytest

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, ParetoNBD
from kpilib.clv.expected.discount import (
    YEAR,
    Schedule,
    _chebyshev,
    check_rate,
    horizon_end,
    horizon_start,
)
from kpilib.errors import InputError

START = date(2026, 5, 1)
MODELS = [
    BGNBD(0.4, 60.0, 0.7, 1.9),
    BGNBD(0.2, 2.0, 1.0, 1.0),  # a coffee bar: most come back within days
    MBGNBD(0.02, 9.0, 3.0, 0.5),
    ParetoNBD(0.6, 70.0, 0.9, 90.0),
    ParetoNBD(0.6, 70.0, 0.9, 3.0),
]


@pytest.mark.parametrize(("timing", "part"), [("start", 1.0), ("middle", 0.5), ("end", 0.0)])
def test_money_of_a_step_is_discounted_for_the_months_until_it_comes(timing, part):
    """Two whole months and nine days of July, which has 31."""
    schedule = Schedule.until(date(2026, 7, 10), start=START, discount_rate=0.21, timing=timing)
    assert schedule.ends.tolist() == [31, 61, 70] and schedule.days == 70
    assert schedule.months.tolist() == [1, 2, 2 + 9 / 31]
    comes = [1 - part, 2 - part, 2 + 9 / 31 - part * 9 / 31]
    assert schedule.factors.tolist() == pytest.approx([1.21 ** (-m / 12) for m in comes])
    assert schedule.discount_rate == 0.21
    assert schedule.dates(START) == [date(2026, 6, 1), date(2026, 7, 1), date(2026, 7, 10)]
    so_far = np.array([3.0, 10.0, 10.5])
    each = schedule.factors @ np.diff(so_far, prepend=0.0)
    assert schedule.weights @ so_far == pytest.approx(each)


def test_without_being_told_a_year_in_the_middle_of_its_months_at_ten_percent():
    plain = Schedule.until(start=START)
    told = Schedule.until("12 months", start=START, discount_rate=0.10, timing="middle")
    assert plain.factors.tolist() == told.factors.tolist() and len(plain.ends) == 12


@pytest.mark.parametrize("months", [20, 21, 60, 1200])
@pytest.mark.parametrize("model", MODELS)
def test_a_function_at_the_nodes_gives_it_at_every_step(model, months):
    schedule = Schedule.until(months, start=START)
    times, matrix = schedule.nodes(model.time_scale)
    exact = model.expected_purchases_new(schedule.ends)
    np.testing.assert_allclose(matrix @ model.expected_purchases_new(times), exact, rtol=1e-7)
    assert times.max() == pytest.approx(schedule.days) and (times > 0).all()
    assert len(times) <= 45
    if months == 20:
        assert times.tolist() == schedule.ends.tolist() and (matrix == np.eye(20)).all()
    if months >= 60 and model.time_scale >= 30:
        assert len(times) == 18


def test_a_time_scale_is_the_smallest_parameter_that_is_a_time():
    assert [model.time_scale for model in MODELS] == [60, 2, 9, 70, 3]
    assert MODELS[4].in_unit("weeks").time_scale == pytest.approx(3 / 7)
    assert GammaGamma(6, 4, 15).time_scale == np.inf
    plain, slow = (Schedule.until(60, start=START).nodes(*of) for of in ((), (400.0,)))
    assert plain[0].tolist() == slow[0].tolist()


def test_a_step_that_is_a_node_is_itself():
    days, scale = 1000.0, 30.0
    times, matrix = _chebyshev(days, np.array([1.0, days]), 18, scale)
    again = _chebyshev(days, times, 18, scale)[1]
    np.testing.assert_allclose(again, np.eye(18), atol=1e-9)
    assert matrix[1].tolist() == [0.0] * 17 + [1.0]


@pytest.mark.parametrize("months", [1, 12, 120])
@pytest.mark.parametrize("model", MODELS)
def test_four_nodes_tell_the_discounted_increase_to_three_digits_and_four_of_a_year(model, months):
    schedule = Schedule.until(months, start=START, discount_rate=0.15)
    times, weights = schedule.rough()
    exact = schedule.weights @ model.expected_purchases_new(schedule.ends)
    assert len(times) == 4
    found = weights @ model.expected_purchases_new(times)
    assert found == pytest.approx(exact, rel=1e-3 if months > 12 else 1e-4)


@pytest.mark.parametrize("discount_rate", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("horizon", [1, 36, "10 days", "30 days"])
def test_what_comes_after_the_horizon_is_the_integral_to_infinity(discount_rate, horizon):
    schedule = Schedule.until(horizon, start=START, discount_rate=discount_rate)
    months = schedule.months[-1]
    times, weights = schedule.tail()
    assert times[0] == schedule.days and (np.diff(times) > 0).all()
    rate, left = np.log(1 + discount_rate) / YEAR, (1 + discount_rate) ** (-months / 12)
    assert weights @ times == pytest.approx(left / rate, rel=1e-7)
    for fade in (1e-4, 1e-2):
        found = weights @ -np.expm1(-fade * times)
        exact = left * fade * np.exp(-fade * schedule.days) / (fade + rate)
        assert found == pytest.approx(exact, rel=1e-6)
    assert weights.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("discount_rate", [0.0, -0.1])
def test_without_a_discount_what_comes_after_has_no_sum(discount_rate):
    assert Schedule.until(12, start=START, discount_rate=discount_rate).tail() is None


@pytest.mark.parametrize(
    ("horizon", "end"),
    [
        ("1 day", date(2026, 5, 2)),
        ("2 Weeks", date(2026, 5, 15)),
        ("2.5 weeks", date(2026, 5, 19)),
        (" 1.5 years ", date(2027, 11, 1)),
        ("1 quarter", date(2026, 8, 1)),
        (7, date(2026, 12, 1)),
        (np.int64(7), date(2026, 12, 1)),
        (date(2026, 5, 2), date(2026, 5, 2)),
        ("1200 months", date(2126, 5, 1)),
        (date(2126, 5, 1), date(2126, 5, 1)),
        ("36524 days", date(2126, 5, 1)),
    ],
)
def test_a_horizon_ends_where_it_says(horizon, end):
    assert horizon_end(horizon, START) == end


@pytest.mark.parametrize(
    ("horizon", "begins"),
    [
        ("1 day", date(2026, 4, 30)),
        ("2.5 weeks", date(2026, 4, 13)),
        ("1.5 years", date(2024, 11, 1)),
        ("1 quarter", date(2026, 2, 1)),
        (3, date(2026, 2, 1)),
    ],
)
def test_a_horizon_reaches_back_as_far(horizon, begins):
    assert horizon_start(horizon, START) == begins


@pytest.mark.parametrize(
    ("horizon", "words"),
    [
        ("0 days", "is no time at all from 2026-05-01 on"),
        (0, "is no time at all"),
        (START, "is no time at all"),
        ("0.05 weeks", "is no time at all"),
        (START - timedelta(days=1), "is no time at all"),
        ("1201 months", "is more than a century"),
        ("36525 days", "is more than a century"),
        ("40000 days", "is more than a century"),
        ("9999999999999 weeks", "is more than a century"),
        ("9999999999999 years", "is more than a century"),
        (date(2126, 5, 2), "is more than a century"),
        ("1.5 months", "is not a whole number of months; give it in days"),
        ("soon", "horizon 'soon' is not understood"),
        ("-3 months", "is not understood"),
    ],
)
def test_what_is_no_horizon_is_refused(horizon, words):
    with pytest.raises(InputError, match=words):
        horizon_end(horizon, START)


@pytest.mark.parametrize("horizon", ["0 months", "0 days", 0])
def test_no_time_has_no_beginning(horizon):
    with pytest.raises(InputError, match=f"horizon {horizon} is no time at all; write one like"):
        horizon_start(horizon, START)


@pytest.mark.parametrize("rate", [-1, -1.5, np.inf, np.nan, "ten", None])
def test_a_rate_that_leaves_nothing_is_refused(rate):
    with pytest.raises(InputError, match=f"discount_rate is {rate}; it must be a yearly rate"):
        check_rate(rate)


def test_a_rate_just_above_minus_one_and_the_text_of_a_number_are_rates():
    assert check_rate(-0.999) == -0.999 and check_rate("0.1") == 0.1
    with pytest.raises(InputError, match="timing 'midle' is not known; did you mean 'middle'"):
        Schedule.until(12, start=START, timing="midle")


@pytest.mark.parametrize("horizon", ["100 years", "1200 months", 1200])
def test_a_century_is_the_longest_horizon(horizon):
    schedule = Schedule.until(horizon, start=date(2026, 1, 1))
    assert len(schedule.ends) == 1200 and schedule.months[-1] == 1200
    assert schedule.dates(date(2026, 1, 1))[-1] == date(2126, 1, 1)
