"""Weeks that start on any day of the week, against the calendars that are published for them."""

from datetime import date, timedelta

import pandas as pd
import pytest

import kpilib
from kpilib import InputError
from kpilib.periods import WEEKDAYS, Period, as_periods

MMWR = [  # first days of MMWR weeks, as the CDC's calendars print them
    ("2014-W53", date(2014, 12, 28)),
    ("2020-W53", date(2020, 12, 27)),
    ("2025-W01", date(2024, 12, 29)),
    ("2026-W01", date(2026, 1, 4)),
]


@pytest.mark.parametrize("year", range(1999, 2031))
def test_weeks_from_monday_are_those_of_iso_8601(year):
    last = date(year, 12, 28).isocalendar().week
    for week in (1, 9, last):
        assert Period.parse(f"{year}-W{week:02d}").start == date.fromisocalendar(year, week, 1)
    for week in (0, last + 1):
        with pytest.raises(InputError, match=f"weeks of {year} go from 01 to {last}"):
            Period.parse(f"{year}-W{week:02d}")


@pytest.mark.parametrize(("label", "start"), MMWR)
def test_weeks_from_sunday_are_mmwr_weeks(label, start):
    assert Period.parse(label, "sunday") == Period(start, start + timedelta(days=7))


@pytest.mark.parametrize("starts", WEEKDAYS)
def test_the_weeks_of_years_follow_one_another_without_gap(starts):
    end = Period.parse("2010-W01", starts).start
    for year in range(2010, 2030):
        for week in range(1, 54):
            try:
                period = Period.parse(f"{year}-W{week:02d}", starts)
            except InputError:
                assert week == 53
                continue
            assert period.start == end
            assert period.start.weekday() == WEEKDAYS.index(starts)
            in_year = sum((period.start + timedelta(days=d)).year == year for d in range(7))
            assert in_year >= 4
            end = period.end


def test_a_business_week_holds_its_own_days():
    """One order a day from Saturday the 3rd to Monday the 12th of January 2026."""
    days = [f"2026-01-{day:02d}" for day in range(3, 13)]
    rows = {"customer_id": [f"C{day}" for day in days], "ordered_at": days, "amount": 1.0}
    counted = {}
    for starts in ("monday", "Sunday", "saturday"):
        base = kpilib.open(
            orders=pd.DataFrame(rows), time_zone="UTC", week_starts=starts, as_of="2026-02-01"
        )
        counted[starts] = [
            base.kpi("orders_count", week).value for week in ("2026-W01", "2026-W02", "2026-W03")
        ]
        assert base.period("2026-W02") == base.asked("2026-W02")[0]
    # Monday: to the 4th, 5th-11th, from the 12th. Sunday: 4th-10th. Saturday: 3rd-9th.
    assert counted == {"monday": [2, 7, 1], "Sunday": [7, 2, 0], "saturday": [7, 3, 0]}


def test_cohorts_by_week_open_when_the_weeks_of_the_business_do():
    rows = {
        "customer_id": ["sat", "sun", "mon", "sun"],
        "ordered_at": ["2026-01-03", "2026-01-04", "2026-01-05", "2026-01-11"],
        "amount": 1.0,
    }
    found = {}
    for starts in ("monday", "sunday"):
        base = kpilib.open(
            orders=pd.DataFrame(rows), time_zone="UTC", week_starts=starts, as_of="2026-01-25"
        )
        table = kpilib.cohorts.cohorts(base, by="week")
        first = table[(table["age"] == 0) & ~table["pooled"]]
        found[starts] = dict(zip(first["cohort"], first["size"], strict=True))
        again = table[(table["age"] == 1) & ~table["pooled"]].set_index("cohort")["customers"]
        assert again.sum() == 1
    assert found["monday"] == {"2026-W01": 2, "2026-W02": 1}
    assert found["sunday"] == {"2025-12-28": 1, "2026-01-04": 2}


def test_a_day_that_is_none_is_named():
    with pytest.raises(
        InputError, match="week_starts = 'sundy' is not known; did you mean 'sunday'"
    ):
        kpilib.open("cdnow-sample", week_starts="sundy")
    with pytest.raises(InputError, match="not a day of the week"):
        as_periods("2026-W01", "sundy")
