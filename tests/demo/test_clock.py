"""Open hours run backwards, holidays, and the span of the business's days."""

from datetime import date
from zoneinfo import ZoneInfo

import holidays as known
import numpy as np

from kpilib.activity.service.business_hours import OpenHours, Stretch
from kpilib.demo.clock import DAY, Calendar, holidays
from kpilib.demo.model import Desk, Model

PARIS = Desk("paris", "Europe/Paris", (("1-5", "09:00", "18:00"),), "FR")


def test_the_span_is_whole_months_up_to_the_last_day():
    calendar = Calendar(Model())
    assert str(calendar.start) == "2023-11-01"
    assert str(calendar.dates[-1]) == "2026-10-31"
    assert calendar.month[[0, -1]].tolist() == [0, 35]
    assert abs(calendar.demand.mean() - 1) < 1e-12


def test_an_answer_given_after_some_open_hours_took_them_over_every_change_of_the_clock():
    calendar = Calendar(Model())
    desk = calendar.open_time(PARIS)
    rng = np.random.default_rng(1)
    at = rng.integers(0, (calendar.days - 60) * DAY, 5_000)
    spent = rng.integers(1, 80 * 3600, 5_000)
    answered = desk.later(at, spent)
    midnight = int((calendar.start - np.datetime64(0, "D")).astype(int)) * DAY - 7 * 3600
    closed = [(day - date(1970, 1, 1)).days for day in holidays("FR", 2023, 2027)]
    week = [Stretch(day, 9 * 3600, 18 * 3600) for day in range(1, 6)]
    hours = OpenHours.of_week(
        week, ZoneInfo("Europe/Paris"), midnight, midnight + int(answered.max()), closed
    )
    assert (hours.between(at + midnight, answered + midnight) == spent).all()


def test_the_holidays_are_those_of_the_countries():
    french = set(known.country_holidays("FR", years=range(2023, 2028)))
    assert set(holidays("FR", 2023, 2027)) == french
    vietnamese = set(known.country_holidays("VN", years=range(2024, 2027)))
    both = vietnamese & set(holidays("VN", 2024, 2026))
    assert len(both) >= 30, "the lunar new year, the Hung Kings and the fixed days of three years"
