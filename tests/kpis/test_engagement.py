"""Engagement from hand-made rows: sessions, the silent, machine opens, days that count."""

from datetime import date

import pandas as pd
import pytest

from tests import quick

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
