"""Events of tickets are held against the tickets: a second before, at, and after the creation."""

import pandas as pd

from kpilib.loading import load


def test_events_before_their_ticket_are_left_out_and_counted():
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-10-05"], "amount": [9.5]})
    tickets = pd.DataFrame({"ticket_id": [7, 8], "created_at": ["2026-10-05 10:00:00"] * 2})
    events = pd.DataFrame(
        {
            "ticket_id": [7, 7, 7, 9],
            "event_at": [
                "2026-10-05 09:59:59",
                "2026-10-05 10:00:00",
                "2026-10-05 10:00:01",
                "2026-10-01 08:00:00",
            ],
            "event": ["reply", "created", "reply", "reply"],
        }
    )
    loaded = load(orders=orders, tickets=tickets, ticket_events=events, as_of="2026-11-01")
    account = loaded.accounts["ticket_events"]
    assert account.left_out == {"before its ticket was created": 1}
    assert account.kept == 3
    alone = load(orders=orders, ticket_events=events, as_of="2026-11-01")
    assert alone.accounts["ticket_events"].left_out == {}
