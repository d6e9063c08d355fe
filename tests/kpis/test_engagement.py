"""Engagement from hand-made rows: sessions, the silent, machine opens, days that count."""

from datetime import date

import pandas as pd
import pytest

from tests import quick
from tests.kpis.test_bounds import on_the_log_scale, ratio

MARCH = "2026-03"
ORDERS = pd.DataFrame(
    {
        "customer_id": ["A", "B", "C"],
        "ordered_at": pd.to_datetime(["2026-02-25", "2026-02-26", "2025-01-01"]),
        "amount": 1.0,
    }
)
ACTIVE_DAYS = 31 + 31
"""A and B are active all of March; C is not."""


def opened(events=(), mails=(), **options):
    tables = {"orders": ORDERS}
    heads = ["customer_id", "event_at", "channel", "event_type"]
    tables["interactions"] = pd.DataFrame(events, columns=heads)
    tables["interactions"]["event_at"] = pd.to_datetime(
        tables["interactions"]["event_at"], format="mixed"
    )
    if mails:
        heads = ["message_id", "customer_id", "event_at", "event", "machine_open"]
        tables["email_events"] = pd.DataFrame(mails, columns=heads)
        tables["email_events"]["event_at"] = pd.to_datetime(
            tables["email_events"]["event_at"], format="mixed"
        )
    settings = {"lapse_window": 60, "as_of": date(2026, 5, 1), "time_zone": "UTC"} | options
    return quick.opened(**tables, **settings)


EVENTS = [
    ("A", "2026-03-01 10:00", "Web", "view"),
    ("A", "2026-03-01 10:30:00", "web", "view"),
    ("A", "2026-03-01 11:00:01", "web", "buy"),
    ("A", "2026-03-31 23:50", "facebook", "like"),
    ("A", "2026-04-01 00:00", "web", "view"),
    ("C", "2026-03-05 10:00", "web", "view"),
]


def test_interactions_are_of_customers_with_active_time_and_the_silent_count():
    found = opened(EVENTS).kpi("interaction_frequency", MARCH)
    assert (found.numerator, found.denominator, found.n) == (4, ACTIVE_DAYS, 2)
    assert found.value == pytest.approx(4 / ACTIVE_DAYS * 365.25 / 12)


@pytest.mark.parametrize(("minutes", "visits"), [(29, 3), (30, 2), (31, 1)])
def test_a_visit_begins_more_than_so_many_minutes_after_the_last_event(minutes, visits):
    shop = opened(EVENTS, engagement={"session_minutes": minutes})
    assert shop.kpi("site_visit_frequency", MARCH).numerator == visits


def test_a_visit_over_midnight_is_of_the_period_it_began_in():
    events = [("A", "2026-03-31 23:50", "web", "view"), ("A", "2026-04-01 00:10", "web", "view")]
    shop = opened(events)
    assert shop.kpi("site_visit_frequency", MARCH).numerator == 1
    assert shop.kpi("site_visit_frequency", "2026-04").numerator == 0


def test_channels_of_social_media_are_words():
    assert opened(EVENTS).kpi("social_interactions", MARCH).numerator == 1


MAILS = [
    ("m1", "A", "2026-03-01 08:00", "delivered", None),
    ("m1", "A", "2026-03-01 09:00", "opened", True),
    ("m2", "A", "2026-03-02 08:00", "Delivered", None),
    ("m2", "A", "2026-03-09 23:00", "opened", False),
    ("m2", "A", "2026-03-09 23:01", "clicked", None),
    ("m3", "B", "2026-03-03 08:00", "delivered", None),
    ("m3", "B", "2026-03-11 08:00", "opened", False),
    ("m4", "B", "2026-03-04 08:00", "sent", None),
    ("m3", "B", "2026-03-20 08:00", "unsubscribed", None),
]


def test_a_machines_open_is_nobodys_and_a_late_one_does_not_count():
    found = opened(EVENTS, MAILS).kpi("email_open_rate", MARCH)
    assert (found.numerator, found.denominator) == (1, 3)
    assert found.details["with_machine_opens"] == pytest.approx(2 / 3)
    assert found.details["click_rate"] == pytest.approx(1 / 3)


def test_a_message_waits_until_it_could_have_been_opened():
    waiting = opened(EVENTS, MAILS, as_of=date(2026, 3, 10)).kpi("email_open_rate", MARCH)
    assert waiting.denominator == 2
    assert str(waiting.status) == "incomplete"


def test_customers_unsubscribe_once():
    found = opened(EVENTS, MAILS).kpi("unsubscribe_rate", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)


def test_engagement_is_told_in_three_parts():
    share, frequency, depth = opened(EVENTS, MAILS).kpi("engagement", MARCH)
    # A is in touch on the 1st, the 9th (open and click) and the 31st, B on the 11th.
    assert (share.segment, share.numerator, share.denominator) == ("active_share", 4, ACTIVE_DAYS)
    assert (frequency.numerator, frequency.denominator) == (7, 4)
    assert depth.denominator == 5
    # What began on the 31st went on after midnight with another kind.
    assert depth.numerator == 1 + 1 + 2 + 2 + 1


def test_a_rate_per_month_has_limits_on_the_log_scale():
    """A is in touch five times in 31 active days and B once: by hand, by customer."""
    events = [("A", f"2026-03-{day:02d}", "web", "view") for day in (2, 3, 5, 8, 13)]
    found = opened([*events, ("B", "2026-03-21", "web", "view")]).kpi(
        "interaction_frequency", MARCH
    )
    low, high = ratio([5, 1], [31, 31])
    ends = on_the_log_scale(6 / 62, low, high)
    month = 365.25 / 12
    assert (found.value, found.low, found.high) == pytest.approx(
        (6 / 62 * month, *(month * end for end in ends))
    )


def test_each_part_of_engagement_has_limits_that_cannot_pass_0():
    """A: two contacts on one day in one session of two kinds; B: one a day on three days."""
    events = [("A", "2026-03-02 10:00", "web", "view"), ("A", "2026-03-02 10:05", "web", "buy")]
    events += [("B", f"2026-03-{day:02d} 10:00", "web", "view") for day in (3, 4, 9)]
    share, frequency, depth = opened(events).kpi("engagement", MARCH)
    parts = ((share, [1, 3], [31, 31]), (frequency, [2, 3], [1, 3]), (depth, [2, 3], [1, 3]))
    for found, over, under in parts:
        value = sum(over) / sum(under)
        low, high = on_the_log_scale(value, *ratio(over, under))
        assert (found.value, found.low, found.high) == pytest.approx((value, low, high))


@pytest.mark.parametrize(("day", "status"), [(7, "incomplete"), (8, "complete")])
def test_a_month_of_mails_is_complete_when_the_last_could_have_been_opened(day, status):
    mails = [("m1", "A", "2026-03-31 08:00", "delivered", None)]
    found = opened(EVENTS, mails, as_of=date(2026, 4, day)).kpi("email_open_rate", MARCH)
    assert (str(found.status), found.denominator) == (status, status == "complete")


@pytest.mark.parametrize(
    ("delivered", "opened_at", "counted"),
    [
        ("2026-03-10 20:00", "2026-03-10 19:00", 1),
        ("2026-03-10 20:00", "2026-03-09 19:00", 0),
        ("2026-03-10 20:00", "2026-03-17 23:00", 1),
        ("2026-03-10 20:00", "2026-03-18 00:00", 0),
    ],
)
def test_a_mail_is_opened_from_the_day_it_came_to_seven_days_later(delivered, opened_at, counted):
    mails = [("m", "A", delivered, "delivered", None), ("m", "A", "2026-03-29", "delivered", None)]
    mails += [("m", "A", opened_at, event, None) for event in ("opened", "clicked")]
    mails += [
        ("other", "A", "2026-03-11", "opened", None),
        ("m", "B", "2026-03-11", "opened", None),
    ]
    found = opened(EVENTS, mails).kpi("email_open_rate", MARCH)
    assert (found.numerator, found.denominator) == (counted, 1)
    assert found.details == {"with_machine_opens": counted, "click_rate": counted}


def test_who_unsubscribes_without_a_message_was_not_written_to():
    mails = [("m1", "A", "2026-03-05", "delivered", None), ("m2", "A", "2026-03-06", "sent", None),
             ("m0", "B", "2026-03-06", "unsubscribed", None)]  # fmt: skip
    found = opened(EVENTS, mails).kpi("unsubscribe_rate", MARCH)
    assert (found.numerator, found.denominator) == (0, 1)


def test_of_people_the_machine_says_nothing_where_it_is_not_known():
    mails = [
        ("m1", "A", "2026-03-05", "delivered", None),
        ("m1", "A", "2026-03-06", "opened", None),
    ]
    found = opened(EVENTS, mails).kpi("email_open_rate", MARCH)
    assert found.numerator == 1


def test_a_session_of_days_reaches_back_before_the_period():
    """With three days of silence between sessions what was on 27 February goes on in March."""
    events = [("A", "2026-02-27 12:00", "web", "view"), ("A", "2026-03-01 12:00", "web", "view"),
              ("A", "2026-03-05 12:01", "web", "view")]  # fmt: skip
    shop = opened(events, engagement={"session_minutes": 3 * 1440})
    assert shop.kpi("interaction_frequency", MARCH).numerator == 2
    assert shop.kpi("site_visit_frequency", MARCH).numerator == 1
    months = shop.trend("site_visit_frequency", ("2026-04", MARCH, "2026-02"))
    assert [one.numerator for one in months] == [0, 1, 1]


def test_contacts_of_no_kind_are_one_kind_and_a_day_counts_once():
    events = [("A", f"2026-03-02 {hour}:00", "web", None) for hour in ("09", "10", "11")]
    share, frequency, depth = opened(events).kpi("engagement", MARCH)
    assert (share.numerator, frequency.numerator) == (1, 3)
    assert (depth.numerator, depth.denominator) == (3, 3)


def test_under_contracts_who_buys_without_one_has_no_active_time():
    """B buys and is in touch in March, after the contract; C's begins on the last day of it."""
    contacts = [(who, "2026-03-31 10:00", "web", "view") for who in "ABC"]
    paying = pd.DataFrame(
        {"customer_id": list("ABC"),
         "started_at": pd.to_datetime(["2025-01-01", "2025-01-01", "2026-03-31"]),
         "ended_at": pd.to_datetime([None, "2026-02-10", None])}
    )  # fmt: skip
    bought = pd.DataFrame({"customer_id": ["B"], "ordered_at": ["2026-03-30"], "amount": [1.0]})
    shop = quick.opened(
        orders=bought,
        subscriptions=paying,
        interactions=pd.DataFrame(
            contacts, columns=["customer_id", "event_at", "channel", "event_type"]
        ),
        activity="subscriptions",
        as_of=date(2026, 5, 1),
        time_zone="UTC",
    )
    found = shop.kpi("interaction_frequency", MARCH)
    assert (found.numerator, found.denominator) == (2, 31 + 1)
    assert set(found.rows()["customer_id"]) == {"A", "C"}
