"""Contracts month by month against plain loops over the calendar, and renewals against sums."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import SBG
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.value.renewals import (
    Renewals,
    contract_counts,
    day_before,
    filled,
    lives,
    months_between,
)
from kpilib.errors import InputError

MODEL = SBG(0.7, 3.1)


def number(day):
    return (pd.Timestamp(day) - pd.Timestamp("1970-01-01")).days


def reckoned(start, stop):
    """Whole months lived, month by month by pandas' calendar, and the part of the next."""
    start, stop = pd.Timestamp(start), pd.Timestamp(stop)
    whole = 0
    while start + pd.DateOffset(months=whole + 1) <= stop:
        whole += 1
    lower, upper = (start + pd.DateOffset(months=whole + k) for k in (0, 1))
    return whole, (stop - lower) / (upper - lower)


def test_months_and_their_parts_follow_the_calendar_day_by_day():
    stops = pd.date_range("2024-01-31", "2024-07-02", freq="D")
    for start in ("2024-01-01", "2024-01-29", "2024-01-31", "2023-12-15"):
        whole, part = months_between(
            np.full(len(stops), number(start)), np.array([number(stop) for stop in stops])
        )
        expected = [reckoned(start, stop) for stop in stops]
        assert whole.tolist() == [one for one, _part in expected]
        assert part == pytest.approx([part for _one, part in expected])


def test_a_life_runs_until_the_day_of_its_end_and_has_begun_the_month_it_ended_in():
    closes = number("2026-03-15")
    started = [number(day) for day in ("2026-01-15", "2026-01-15", "2026-01-15", "2026-01-15",
                                       "2026-03-01", "2026-03-10", "2025-12-20")]  # fmt: skip
    ended = ["2026-03-15", "2026-03-16", None, "2026-02-20", None, "2026-03-12", "2026-01-20"]
    ends = np.array([np.nan if day is None else number(day) for day in ended])
    found = lives(np.array(started), ends, closes)
    assert found["running"].tolist() == [False, True, True, False, True, False, False]
    assert found["renewals"].tolist() == [2, 2, 2, 1, 0, 0, 1]
    # Who ended after a part of a month had begun it; who runs has come to so many renewals.
    assert found["periods"].tolist() == [2, 2, 2, 2, 1, 1, 1]
    assert found["elapsed"] == pytest.approx([0, 0, 0, 5 / 28, 14 / 31, 2 / 31, 0])


def test_a_running_contract_counts_from_its_first_renewal_on_and_one_that_ended_always():
    lived = {
        "running": np.array([True, True, True, False, False]),
        "renewals": np.array([0, 1, 4, 0, 3]),
        "periods": np.array([1, 1, 4, 1, 3]),
    }
    weights = np.array([8.0, 2.0, 3.0, 5.0, 7.0])
    counts = contract_counts(lived, weights)
    by_period = {
        period: (ended, running)
        for period, ended, running in zip(counts.periods, counts.ended, counts.running, strict=True)
    }
    assert by_period == {1: (5, 2), 3: (7, 0), 4: (0, 3)}
    plain = contract_counts(lived)
    assert (plain.ended.sum(), plain.running.sum()) == (2, 2)
    young = {name: column[:1] for name, column in lived.items()}
    with pytest.raises(InputError, match="no contract has come to a first renewal"):
        contract_counts(young)


def test_a_contract_without_revenue_is_taken_at_the_mean_of_the_others():
    monthly, unknown = pd.Series([10.0, 0.0, 5.0]), pd.Series([0, 2, 1])
    assert filled(monthly, unknown, 4.0).tolist() == [10, 8, 9]
    assert filled(monthly, pd.Series([0, 0, 0]), np.nan).tolist() == [10, 0, 5]


def test_the_day_before_an_instant_closes_at_it():
    day = day_before(number("2026-03-01"))
    assert (day.start, day.end) == (date(2026, 2, 28), date(2026, 3, 1))


def by_hand(n, elapsed, months, rate):
    """The renewals of one contract within so many months: how likely each, and its discount."""
    k = np.arange(1, int(np.floor(months + elapsed + 1e-9)) + 1)
    chance = MODEL.survival(n + k) / MODEL.survival(n)
    return k, chance, (1 + rate) ** (-(k - elapsed) / 12)


RUNNING = ((0, 0.0), (3, 0.25), (3, 0.5), (11, 0.9), (1, 29 / 30))


@pytest.mark.parametrize(
    ("horizon", "rate"), [("12 months", 0.3), ("1 months", 0.3), ("45 days", 0.12), (30, 0.0)]
)
def test_renewals_of_every_contract_are_summed_as_by_hand(horizon, rate):
    schedule = Schedule.until(horizon, start=date(2026, 1, 1), discount_rate=rate)
    n, elapsed = (np.array(column) for column in zip(*RUNNING, strict=True))
    found = Renewals(n, elapsed, schedule)
    months = schedule.months[-1]
    steps = np.zeros(len(schedule.ends))
    for at, (renewed, over) in enumerate(RUNNING):
        k, chance, factor = by_hand(renewed, over, months, rate)
        assert found.expected(MODEL)[at] == pytest.approx(chance.sum())
        assert found.within(MODEL)[at] == pytest.approx(chance @ factor)
        # It pays until it ends: after j renewals with the chance S(j) - S(j + 1).
        paid = np.concatenate([[0.0], np.cumsum(factor)])
        still = np.concatenate([[1.0], chance])
        ends_after = still - np.append(still[1:], 0.0)
        mean = ends_after @ paid
        variance = ends_after @ (paid - mean) ** 2
        assert mean == pytest.approx(chance @ factor)
        assert found.variance(MODEL)[at] == pytest.approx(variance, abs=1e-12)
        for place, one in zip(k, chance, strict=True):
            steps[min(place, len(steps)) - 1] += one
    assert found.by_step(MODEL) == pytest.approx(steps)


def test_beyond_the_horizon_is_the_rest_of_an_endless_sum():
    schedule = Schedule.until("6 months", start=date(2026, 1, 1), discount_rate=0.5)
    n, elapsed = (np.array(column) for column in zip(*RUNNING, strict=True))
    found = Renewals(n, elapsed, schedule).beyond(MODEL)
    for at, (renewed, over) in enumerate(RUNNING):
        within = len(by_hand(renewed, over, 6, 0.5)[0])
        _k, chance, factor = by_hand(renewed, over, 1200, 0.5)
        assert found[at] == pytest.approx((chance * factor)[within:].sum(), rel=1e-6)
    for rate in (0.0, -0.1):
        schedule = Schedule.until("6 months", start=date(2026, 1, 1), discount_rate=rate)
        assert np.isnan(Renewals(n, elapsed, schedule).beyond(MODEL)).all()


def test_of_no_contracts_there_are_no_renewals():
    schedule = Schedule.until("6 months", start=date(2026, 1, 1))
    none = Renewals(np.zeros(0, int), np.zeros(0), schedule)
    assert len(none.within(MODEL)) == len(none.variance(MODEL)) == 0
    assert (none.by_step(MODEL) == 0).all()
