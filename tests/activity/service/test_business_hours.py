"""Business hours against a reckoning minute by minute, and against dates worked out by hand."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from kpilib.activity.service.business_hours import OpenHours, Stretch, clock_seconds
from kpilib.errors import InputError
from kpilib.periods import day_number

HOUR = 3600
ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe",  # clocks change by half an hour
    "America/Santiago",  # clocks change at midnight
    "Asia/Kathmandu",  # 5:45 ahead
)
OFFICE = [Stretch(day, 9 * HOUR, 12 * HOUR) for day in range(1, 6)] + [
    Stretch(day, 13 * HOUR, 17 * HOUR + 1800) for day in range(1, 6)
]
NIGHT = [Stretch(day, 0, 2 * HOUR + 1800) for day in range(1, 8)] + [
    Stretch(day, 22 * HOUR, 24 * HOUR) for day in range(1, 8)
]
ALWAYS = [Stretch(day, 0, 24 * HOUR) for day in range(1, 8)]


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def minutes_open(week, zone, first, last, closed=()):
    """For every minute of the span whether it is open, asking the local clock each time.

    A stretch is open from the first minute at which the clock has reached its opening until the
    first at which it has reached its close.
    """
    instants = np.arange(first, last, 60)
    clock = [datetime.fromtimestamp(int(i), UTC).astimezone(zone) for i in instants]
    wall = np.array([datetime.combine(c.date(), c.time()) for c in clock], dtype="datetime64[s]")
    latest = np.maximum.accumulate(wall.astype(np.int64))
    is_open = np.zeros(len(instants), bool)
    days = {c.date() for c in clock}
    for day in sorted(days | {min(days) - timedelta(1)}):
        if day in closed:
            continue
        for stretch in week:
            if stretch.weekday == day.isoweekday():
                midnight = day_number(day) * 86_400
                begun = latest >= midnight + stretch.opens
                is_open |= begun & ~(latest >= midnight + stretch.closes)
    return instants, is_open


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("week", [OFFICE, NIGHT, ALWAYS], ids=["office", "night", "always"])
@pytest.mark.parametrize("month", ["2026-03", "2026-10", "2026-04", "2026-09"])
def test_every_minute_is_reckoned_as_the_local_clock_shows_it(zone, week, month):
    first = (
        seconds(f"{month}-24T00:00+00:00")
        if month in ("2026-03", "2026-10")
        else seconds(f"{month}-02T00:00+00:00")
    )
    last = first + 12 * 86_400
    closed = {date.fromisoformat(f"{month}-04"), date.fromisoformat(f"{month}-30")}
    # Begun a day before, so that the reckoning by minutes knows how far the clock has come.
    instants, is_open = minutes_open(week, ZoneInfo(zone), first - 86_400, last, closed)
    desk = OpenHours.of_week(week, ZoneInfo(zone), first, last, [day_number(d) for d in closed])
    inside = instants >= first
    found = desk.between(instants[inside], instants[inside] + 60) > 0
    assert np.array_equal(found, is_open[inside])
    random = np.random.default_rng(1)
    start, end = np.sort(random.integers(first // 60, last // 60, (2, 200)) * 60, axis=0)
    total = np.append(0, np.cumsum(is_open[inside])) * 60
    expected = total[(end - first) // 60] - total[(start - first) // 60]
    assert np.array_equal(desk.between(start, end), expected)


def test_a_day_has_23_or_25_hours_where_clocks_change():
    zone = ZoneInfo("Europe/London")
    desk = OpenHours.of_week(
        ALWAYS, zone, seconds("2026-01-01T00:00Z"), seconds("2026-12-31T00:00Z")
    )
    for day, next_day, hours in (
        ("2026-03-29T00:00+00:00", "2026-03-30T00:00+01:00", 23),
        ("2026-10-25T00:00+01:00", "2026-10-26T00:00+00:00", 25),
        ("2026-06-01T00:00+01:00", "2026-06-02T00:00+01:00", 24),
    ):
        assert desk.between([seconds(day)], [seconds(next_day)]).tolist() == [hours * HOUR]


def test_a_stretch_inside_the_hour_that_is_skipped_is_never_open_and_one_repeated_is_open_once():
    zone = ZoneInfo("Europe/London")
    week = [Stretch(7, 1 * HOUR, 2 * HOUR)]
    desk = OpenHours.of_week(week, zone, seconds("2026-01-01T00:00Z"), seconds("2026-12-31T00:00Z"))
    spring, autumn = seconds("2026-03-29T00:00Z"), seconds("2026-10-25T00:00Z")
    assert desk.between([spring], [spring + 86_400]).tolist() == [0]
    # 01:00 comes first at 00:00 UTC, and 02:00 at 02:00 UTC: two hours by any watch.
    assert desk.between([autumn], [autumn + 86_400]).tolist() == [2 * HOUR]


def test_a_ticket_outside_the_hours_starts_at_the_next_opening():
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    desk = OpenHours.of_week(
        OFFICE, zone, seconds("2026-02-01T00:00Z"), seconds("2026-03-01T00:00Z")
    )
    saturday, monday = seconds("2026-02-07T11:00+07:00"), seconds("2026-02-09T09:20+07:00")
    assert desk.between([saturday], [monday]).tolist() == [20 * 60]
    assert desk.between([monday], [saturday]).tolist() == [0]


def test_a_holiday_is_closed_and_the_days_beside_it_are_not():
    zone = ZoneInfo("UTC")
    tuesday = day_number(date(2026, 2, 17))
    span = (tuesday - 7) * 86_400, (tuesday + 7) * 86_400
    desk = OpenHours.of_week(OFFICE, zone, *span, closed=[tuesday])
    days = np.arange(tuesday - 1, tuesday + 2) * 86_400
    assert desk.between(days, days + 86_400).tolist() == [int(7.5 * HOUR), 0, int(7.5 * HOUR)]


def test_a_day_off_that_is_worked_has_the_hours_of_the_first_weekday():
    zone = ZoneInfo("UTC")
    saturday = day_number(date(2026, 2, 14))
    span = (saturday - 7) * 86_400, (saturday + 7) * 86_400
    days = np.array([saturday, saturday + 1]) * 86_400
    desk = OpenHours.of_week(OFFICE, zone, *span, extra=[saturday])
    assert desk.between(days, days + 86_400).tolist() == [int(7.5 * HOUR), 0]


def test_stretches_that_overlap_count_once_and_no_stretch_is_never_open():
    zone = ZoneInfo("UTC")
    week = [Stretch(1, 9 * HOUR, 12 * HOUR), Stretch(1, 10 * HOUR, 13 * HOUR)]
    monday = day_number(date(2026, 2, 16)) * 86_400
    desk = OpenHours.of_week(week, zone, monday, monday + 86_400)
    assert desk.between([monday], [monday + 86_400]).tolist() == [4 * HOUR]
    never = OpenHours.of_week([], zone, monday, monday + 86_400)
    assert never.between([monday], [monday + 86_400]).tolist() == [0]


@pytest.mark.parametrize("text", ["9", "9:60", "24:01", "-1:00", "nine", ""])
def test_what_is_no_time_of_day_is_named(text):
    with pytest.raises(InputError, match="is not a time of day; write it like 09:00"):
        clock_seconds(text)


def test_a_stretch_past_midnight_or_on_an_eighth_day_is_refused():
    zone = ZoneInfo("UTC")
    with pytest.raises(InputError, match=r"open from 22:00 to 06:00.*as two, to 24:00"):
        OpenHours.of_week([Stretch(1, 22 * HOUR, 6 * HOUR)], zone, 0, 1)
    with pytest.raises(InputError, match="weekday 8 is none"):
        OpenHours.of_week([Stretch(8, 0, HOUR)], zone, 0, 1)


def test_a_million_tickets_take_half_a_second_of_cpu():
    random = np.random.default_rng(2)
    first, last = seconds("2020-01-01T00:00Z"), seconds("2026-01-01T00:00Z")
    start = random.integers(first, last, 1_000_000)
    end = start + random.integers(0, 30 * 86_400, 1_000_000)
    began = time.process_time()
    desk = OpenHours.of_week(OFFICE, ZoneInfo("Europe/London"), first, last + 30 * 86_400)
    desk.between(start, end)
    assert time.process_time() - began < 0.5
