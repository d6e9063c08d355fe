"""Calendars as tables hold them: whose hours a ticket follows, and what cannot be."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.activity.service.calendars import desk, midnight, passed_by
from kpilib.errors import InputError
from kpilib.periods import Period, day_number
from tests import quick

MONDAY = day_number(pd.Timestamp("2026-03-02").date())
HEADS = ["calendar_id", "tz", "weekday", "open", "close", "holiday_date"]
OFFICE = [("office", "Europe/London", day, "09:00", "17:00", None) for day in range(1, 6)]
NIGHT = [("night", "Asia/Tokyo", day, "00:00", "24:00", None) for day in range(1, 8)]


def business(rows, **settings):
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-03-01"], "amount": [1.0]})
    tables = {"calendars": pd.DataFrame(rows, columns=HEADS)} if rows else {}
    return quick.opened(
        orders=orders, time_zone="UTC", currency="GBP", as_of="2026-04-01", **tables, **settings
    )


def hours(base, calendar, start, end):
    first, last = (int(pd.Timestamp(text, tz="UTC").timestamp()) for text in (start, end))
    return desk(base, first, last).seconds([calendar], [first], [last])[0] / 3600


def test_a_ticket_follows_its_own_calendar_else_the_setting_else_the_only_one_else_the_clock():
    day = ("2026-03-02 00:00", "2026-03-03 00:00")
    both = business(OFFICE + NIGHT, service={"calendar": "office"})
    assert hours(both, "night", *day) == 24
    assert hours(both, None, *day) == 8
    assert hours(both, "unknown", *day) == 8
    assert hours(business(OFFICE), None, *day) == 8
    assert hours(business(OFFICE + NIGHT), None, *day) == 24  # by the clock
    assert hours(business(None), None, *day) == 24


def test_weekdays_beside_holidays_are_read_though_missing_ones_made_floats_of_them():
    table = [*OFFICE, ("office", None, None, None, None, "2026-03-03")]
    base = business(table)
    assert hours(base, None, "2026-03-02 00:00", "2026-03-05 00:00") == 16
    assert hours(base, None, "2026-03-03 00:00", "2026-03-04 00:00") == 0


def test_a_calendar_without_a_zone_keeps_the_business_time():
    rows = [("office", None, day, "09:00", "17:00", None) for day in range(1, 6)]
    tokyo = business(rows).settings.replace(time_zone="Asia/Tokyo")
    base = business(rows)
    base._settings = tokyo
    assert hours(base, None, "2026-03-02 00:00", "2026-03-02 01:00") == 1  # 9 to 10 in Tokyo
    assert hours(base, None, "2026-03-02 08:00", "2026-03-02 09:00") == 0


def test_a_country_closes_its_public_holidays_and_opens_the_days_worked_for_them():
    rows = [("hanoi", "Asia/Ho_Chi_Minh", day, "08:00", "17:00", None) for day in range(1, 6)]
    for service, tet, saturday in (({}, 9, 0), ({"holidays": "VN"}, 0, 9)):
        base = business(rows, service=service)
        assert hours(base, None, "2025-01-28 17:00", "2025-01-29 17:00") == tet
        assert hours(base, None, "2025-04-25 17:00", "2025-04-26 17:00") == saturday
    other = business(rows, service={"holidays": {"saigon": "VN"}})
    assert hours(other, None, "2025-01-28 17:00", "2025-01-29 17:00") == 9


def test_the_day_by_which_hours_have_passed():
    base = business(OFFICE)
    assert passed_by(base, MONDAY, 40) == MONDAY + 5  # all of Monday to Friday
    assert passed_by(base, MONDAY, 40.5) == MONDAY + 8
    assert passed_by(base, MONDAY, 8) == MONDAY + 1
    assert passed_by(business(None), MONDAY, 40) == MONDAY + 2
    assert passed_by(base, MONDAY, 10_000) == MONDAY + 365


def test_midnight_is_the_business_time_zones():
    base = business(None)
    base._settings = base.settings.replace(time_zone="Asia/Ho_Chi_Minh")
    assert midnight(base, MONDAY) == MONDAY * 86_400 - 7 * 3600


def test_what_cannot_be_is_named():
    with pytest.raises(InputError, match=r"service.calendar = 'offise' .* did you mean 'office'"):
        desk(business(OFFICE + NIGHT, service={"calendar": "offise"}), 0, 1)


def test_several_calendars_need_the_tickets_to_name_one():
    base = business(OFFICE + NIGHT)
    events = pd.DataFrame({"ticket_id": [1], "event_at": ["2026-03-03"], "event": ["resolved"]})
    tickets = pd.DataFrame({"ticket_id": [1], "created_at": ["2026-03-02"]})
    tables = {"tickets": tickets, "ticket_events": events}
    base = quick.opened(
        orders=pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-03-01"], "amount": [1.0]}),
        calendars=pd.DataFrame(OFFICE + NIGHT, columns=HEADS),
        currency="GBP",
        as_of="2026-04-01",
        **tables,
    )
    value = base.kpi("resolution_time", "2026-03")
    assert str(value.status) == "unavailable"
    named = "needs the column calendar_id in service tickets (tickets); map one to it"
    assert value.reason.en == named
    assert Period.parse("2026-03").label == value.period.label


def test_calendars_are_read_from_files_as_from_frames(tmp_path):
    rows = [*OFFICE, ("office", None, None, None, None, "2026-03-03")]
    pd.DataFrame(rows, columns=HEADS).to_csv(tmp_path / "calendars.csv", index=False)
    pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-03-01"], "amount": [1.0]}).to_csv(
        tmp_path / "orders.csv", index=False
    )
    base = kpilib.open(tmp_path, currency="GBP", as_of="2026-04-01")
    assert hours(base, None, "2026-03-02 00:00", "2026-03-05 00:00") == 16
    assert np.array_equal(desk(base, 0, 1).seconds([], [], []), [])
