"""What is held of contacts is enough for the periods that are asked, and no less."""

from datetime import date

import pandas as pd
import pytest

from kpilib.contacts.asked import invitations
from kpilib.contacts.visits import deliveries, interactions, visits
from kpilib.periods import Period
from tests import quick

MARCH = Period.month("2026-03")
ORDERS = pd.DataFrame({"customer_id": ["A"], "ordered_at": ["2026-02-25"], "amount": [1.0]})


def opened(**tables):
    return quick.opened(
        orders=ORDERS, as_of=date(2026, 6, 1), lapse_window=60, time_zone="UTC", **tables
    )


@pytest.mark.parametrize(("days", "begun"), [(1, 2), (2, 2), (3, 1), (7, 1)])
def test_of_a_month_asked_alone_no_session_is_cut(days, begun):
    """Contacts on 26 February, 1 March and 9 March, noon: two of them three days apart."""
    at = [f"2026-{day} 12:00" for day in ("02-26", "03-01", "03-09")]
    table = pd.DataFrame({"customer_id": "A", "event_at": at, "channel": "web"})
    minutes = days * 1440
    base = opened(interactions=table, engagement={"session_minutes": minutes})
    assert len(base.engine.collect(interactions(base, (MARCH,)))) == 2
    assert len(base.engine.collect(visits(base, (MARCH,), ("web",), minutes))) == begun
    several = (Period.month("2026-04"), MARCH, Period.month("2026-02"))
    assert len(base.engine.collect(interactions(base, several))) == 3


def test_an_answer_on_the_first_day_of_the_month_is_in_time():
    sent = pd.DataFrame({"customer_id": ["A"], "survey": "nps", "sent_at": ["2026-03-01 08:00"]})
    said = pd.DataFrame(
        {"customer_id": ["A"], "survey": "nps", "responded_at": ["2026-03-01 09:00"], "score": 9}
    )
    base = opened(survey_invitations=sent, survey_responses=said)
    assert base.engine.collect(invitations(base, (MARCH,)))["answered"].tolist() == [True]


def test_where_no_record_says_what_a_machine_opened_people_did():
    mails = pd.DataFrame(
        {"customer_id": "A", "message_id": "m", "event": ["delivered", "opened"],
         "event_at": ["2026-03-01 08:00", "2026-03-02 08:00"]}
    )  # fmt: skip
    base = opened(email_events=mails)
    assert base.engine.collect(deliveries(base, (MARCH,)))["opened"].tolist() == [True]
