"""Rows of calendars that say no hours: counted under their reason, and never fatal."""

import unicodedata

import pandas as pd
import pytest

import kpilib
from kpilib.activity.service.business_hours import clock_seconds
from kpilib.activity.service.calendars import desk
from kpilib.errors import InputError
from kpilib.loading import load
from tests.engines.frames import to_polars
from tests.loading.shops import shop

HEADS = ["calendar_id", "tz", "weekday", "open", "close", "holiday_date"]
LATE = ("b", "Asia/Tokyo", "7.0", "1:00", "2:00", None)
DAY_OFF = ("a", None, None, None, None, "2026-03-03")
GOOD = ("a", "UTC", "1", "09:00", "17:00", None)
BAD = {
    "weekday is not 1 to 7": [("weekday", one) for one in ("0", "8", "Monat", "1.5")],
    "open is not a time of day": [("open", one) for one in ("25:00", "9", "09:60", None)],
    "close is not a time of day": [("close", one) for one in ("24:01", "noon", "-1:00")],
    "closes before it opens": [("close", one) for one in ("09:00", "9:00:00", "08:59:59")],
    "tz is not a time zone": [("tz", one) for one in ("Mars/Olympus", "GMT+25")],
    "holiday_date is not a date": [("holiday_date", "2026-13-01")],
    "neither a weekday nor a holiday": [("weekday", None)],
}
CASES = [(reason, *change) for reason, changes in BAD.items() for change in changes]


def account(*rows, move=lambda tables: tables):
    tables = move({"calendars": pd.DataFrame(rows, columns=HEADS).astype(object)})
    orders = move({"orders": shop()})
    return load(**orders, **tables).accounts["calendars"]


@pytest.mark.parametrize("move", [lambda tables: tables, to_polars])
def test_every_row_that_says_no_hours_is_counted_under_its_reason(move):
    rows = [dict(zip(HEADS, GOOD, strict=True)) | {column: value} for _, column, value in CASES]
    found = account(GOOD, DAY_OFF, *(tuple(row.values()) for row in rows), move=move)
    assert found.left_out == {reason: len(changes) for reason, changes in BAD.items()}
    assert set(found.wrong) == set(BAD)
    assert found.kept == 2


def test_the_hours_that_can_be_are_kept():
    rows = [
        (*GOOD[:3], opens, closes, None)
        for opens, closes in [
            ("00:00", "24:00"),
            ("9:00", "10:00"),
            ("9:00", "9:00:01"),
            ("23:59", "24:00:00"),
        ]
    ]
    rows += [
        ("b", None, None, None, None, "2026-03-03"),
        ("b", "Asia/Tokyo", "7.0", "1:00", "2:00", None),
    ]
    found = account(*rows)
    assert found.left_out == {} and found.kept == len(rows)
    for row in rows[:4]:
        assert clock_seconds(row[3]) < clock_seconds(row[4])


def test_a_calendar_has_one_time_zone():
    rows = [("a", tz, "1", "09:00", "10:00", None) for tz in ("UTC", None, "Zulu", "Europe/Paris")]
    found = account(*rows, ("b", "Zulu", "1", "09:00", "10:00", None))
    assert found.left_out == {"another time zone than the calendar's other rows": 2}
    assert found.kept == 3


def test_what_is_left_is_what_the_desk_works_by():
    rows = [
        GOOD,
        ("a", "UTC", "9", "09:00", "17:00", None),
        ("a", "Nowhere", "2", "1:00", "2:00", None),
    ]
    base = kpilib.open(orders=shop(), calendars=pd.DataFrame(rows, columns=HEADS))
    monday = int(pd.Timestamp("2026-03-02", tz="UTC").timestamp())
    hours = desk(base, monday, monday + 7 * 86_400)
    assert hours.seconds(["a"], [monday], [monday + 7 * 86_400]).tolist() == [8 * 3600]


def test_a_setting_that_names_no_calendar_is_still_an_error():
    base = kpilib.open(
        orders=shop(), calendars=pd.DataFrame([GOOD], columns=HEADS), service={"calendar": "b"}
    )
    with pytest.raises(InputError, match=r"service.calendar = 'b' is not in calendars"):
        desk(base, 0, 1)


@pytest.mark.parametrize("move", [lambda tables: tables, to_polars])
@pytest.mark.parametrize(
    "names",
    [
        ("Monday", "tuesday", "Wed", "Thurs", "Fri.", "SAT", "Sun"),
        ("Thứ Hai", "thứ 3", "T4", "Thứ năm", "Thứ 6", "thứ bảy", "Chủ nhật"),
        ("周一", "星期二", "礼拜三", "周四", "星期五", "周六", "星期天"),
        ("1", "2.0", " 3 ", "4", "5", "6", "7"),
    ],
)
def test_weekdays_are_known_by_their_names(names, move):
    forms = ("NFC", "NFD") if names[0].startswith("Th") else ("NFC",)
    for form in forms:
        rows = [
            ("a", "UTC", unicodedata.normalize(form, name), "00:00", f"0{day}:00", None)
            for day, name in enumerate(names, start=1)
        ]
        tables = {"calendars": pd.DataFrame(rows, columns=HEADS), "orders": shop()}
        base = kpilib.open(**move(tables))
        assert base.accounts["calendars"].kept == 7
        monday = int(pd.Timestamp("2026-03-02", tz="UTC").timestamp())
        starts = [monday + day * 86_400 for day in range(7)]
        hours = desk(base, monday, starts[-1] + 86_400)
        open_for = hours.seconds(["a"] * 7, starts, [start + 86_400 for start in starts])
        assert (open_for // 3600).tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_calendars_of_which_no_row_is_left_are_not_said_to_be_missing():
    rows = [(*GOOD[:2], "workdays", *GOOD[3:])]
    tickets = pd.DataFrame(
        {"ticket_id": [1], "customer_id": ["a"], "created_at": ["2026-03-02 09:00"]}
    )
    events = pd.DataFrame(
        {"ticket_id": [1], "event_at": ["2026-03-02 11:00"], "event": ["reply"],
         "actor_type": ["agent"]}
    )  # fmt: skip
    base = kpilib.open(
        orders=shop(ordered_at=["2026-01-05"]),
        tickets=tickets,
        ticket_events=events,
        calendars=pd.DataFrame(rows, columns=HEADS),
        as_of="2026-04-01",
    )
    value = base.kpi("first_response_time", "2026-03")
    assert value.value == 2
    assert any("no row of calendars says when" in str(note) for note in value.notes)
