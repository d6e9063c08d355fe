"""A shop small enough to hold in the head, for examples: six customers, twelve orders.

Beside the orders it has a few rows of what else a business records: the channel each customer came
by, what was spent on channels, four tickets, and answers to two surveys.

Its lapse window is 45 days, its records are complete to the end of April 2026. In April it opens
with four customers (An, Chen, Dana, Finn), gets one back (Eve), loses two (Chen, Finn) and closes
with three; in March it opened with four, won one (Finn) and lost one (Eve).
"""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.questions.base import CustomerBase

ORDERS = (
    ("An", "2026-01-05", 20.0),
    ("Binh", "2026-01-12", 50.0),
    ("Eve", "2026-01-15", 30.0),
    ("Chen", "2026-01-20", 10.0),
    ("An", "2026-02-03", 30.0),
    ("Dana", "2026-02-08", 40.0),
    ("Chen", "2026-02-25", 15.0),
    ("Finn", "2026-03-05", 80.0),
    ("An", "2026-03-10", 25.0),
    ("Dana", "2026-03-20", 60.0),
    ("An", "2026-04-02", 25.0),
    ("Eve", "2026-04-10", 30.0),
)
"""Who ordered, when, and for how much, in pounds."""


CUSTOMERS = (
    ("An", "web", None),
    ("Binh", "ads", None),
    ("Chen", "web", "An"),
    ("Dana", "ads", None),
    ("Eve", "ads", None),
    ("Finn", "web", "An"),
)
"""By which channel each came, and who brought them."""

SPEND = (
    ("2026-01-08", "ads", "marketing", 90.0),
    ("2026-01-25", "web", "marketing", 30.0),
    ("2026-03-02", "ads", "marketing", 40.0),
    ("2026-03-12", "web", "sales", 20.0),
)
"""When money was spent, on which channel, of which type, and how much."""

TICKETS = (
    (1, "An", "complaint", "2026-03-02 10:00", "email"),
    (2, "Chen", "complaint", "2026-03-15 09:00", "phone"),
    (3, "Eve", "question", "2026-04-03 12:00", "email"),
    (4, None, "complaint", "2026-04-20 16:00", "phone"),
)
"""Whose ticket, what it is, when it came in and how; the last caller gave no name."""

TICKET_EVENTS = (
    (1, "2026-03-02 12:00", "reply", "agent"),
    (1, "2026-03-03 10:00", "resolved", "agent"),
    (2, "2026-03-15 10:00", "reply", "agent"),
    (2, "2026-03-15 17:00", "resolved", "agent"),
    (2, "2026-03-18 09:00", "reopened", "customer"),
    (3, "2026-04-03 16:00", "reply", "agent"),
)
"""What happened to each: the first was solved, the second opened again, the last unanswered."""

ANSWERS = (
    ("An", "nps", "recommend", "2026-04-05", 10.0, 0.0, 10.0),
    ("Dana", "nps", "recommend", "2026-04-06", 9.0, 0.0, 10.0),
    ("Chen", "nps", "recommend", "2026-04-07", 2.0, 0.0, 10.0),
    ("Eve", "nps", "recommend", "2026-04-08", None, 0.0, 10.0),
    ("An", "csat", "overall", "2026-04-05", 5.0, 1.0, 5.0),
    ("Dana", "csat", "overall", "2026-04-06", 4.0, 1.0, 5.0),
    ("Chen", "csat", "overall", "2026-04-07", 2.0, 1.0, 5.0),
    ("An", "csat", "delivery", "2026-04-05", 4.0, 1.0, 5.0),
    ("Chen", "csat", "delivery", "2026-04-07", 1.0, 1.0, 5.0),
)
"""Who answered which question of which survey, when, and the score on its scale."""


def tiny_orders() -> "pd.DataFrame":
    """The twelve orders: `customer_id`, `ordered_at`, `amount`.

    >>> len(tiny_orders())
    12
    """
    import pandas as pd

    orders = pd.DataFrame(ORDERS, columns=["customer_id", "ordered_at", "amount"])
    return orders.assign(ordered_at=pd.to_datetime(orders["ordered_at"]))


def tiny_tables() -> "dict[str, pd.DataFrame]":
    """All tables of the shop by name, as `kpilib.open` takes them.

    >>> {name: len(table) for name, table in tiny_tables().items()}
    {'orders': 12, 'customers': 6, 'marketing_spend': 4, 'tickets': 4, 'ticket_events': 6,
     'survey_responses': 9}
    """
    import pandas as pd

    columns = {
        "customers": ["customer_id", "acquisition_channel", "referred_by_customer_id"],
        "marketing_spend": ["date", "channel", "cost_type", "amount"],
        "tickets": ["ticket_id", "customer_id", "type", "created_at", "channel"],
        "ticket_events": ["ticket_id", "event_at", "event", "actor_type"],
        "survey_responses": [
            *("customer_id", "survey", "question", "responded_at"),
            *("score", "scale_min", "scale_max"),
        ],
    }
    rows = (CUSTOMERS, SPEND, TICKETS, TICKET_EVENTS, ANSWERS)
    tables = {
        name: pd.DataFrame(some, columns=heads)
        for (name, heads), some in zip(columns.items(), rows, strict=True)
    }
    for table in tables.values():
        for column in table.columns[table.columns.str.endswith(("_at", "date"))]:
            table[column] = pd.to_datetime(table[column])
    return {"orders": tiny_orders(), **tables}


@lru_cache(maxsize=1)
def tiny_shop() -> "CustomerBase":
    """The shop as a customer base.

    >>> print(tiny_shop().kpi("churn_rate", "2026-04"))
    Customer churn rate, 2026-04: 50.0% (95%: 15.0% … 85.0%)  = 2 / 4
      ▲ 25.0 points (95%: -47.8 to 76.8 points) from 25.0% in 2026-03; too early to tell whether...
    """
    import kpilib

    settings = {"currency": "GBP", "lapse_window": 45, "as_of": date(2026, 5, 1)}
    options: dict[str, Any] = {**tiny_tables(), **settings, "time_zone": "Europe/London"}
    return kpilib.open(**options)
