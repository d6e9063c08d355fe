"""Events before their ticket was created are left out and counted."""

import pandas as pd

from kpilib.loading import load

from ..shops import shop


def test_an_event_before_its_ticket_is_left_out():
    tickets = pd.DataFrame({"ticket_id": [1, 2], "created_at": ["2026-01-05 10:00", "2026-01-06"]})
    events = pd.DataFrame(
        {
            "ticket_id": [1, 1, 1, 1, 2, 9],
            "event_at": [
                *("2026-01-05 09:59:59", "2026-01-05 10:00", "2026-01-04", "2026-01-05"),
                *("2026-01-05 23:59", "2020-01-01"),
            ],
            "event": "reply",
        }
    )
    loaded = load(orders=shop(), tickets=tickets, ticket_events=events)
    account = loaded.accounts["ticket_events"]
    assert account.left_out == {"before its ticket was created": 3}
    assert account.wrong == ("before its ticket was created",)
    assert load(orders=shop(), ticket_events=events).accounts["ticket_events"].left_out == {}
