"""A shop small enough to hold in the head, for examples: six customers, twelve orders.

Its lapse window is 45 days, its records are complete to the end of April 2026. In April it opens
with four customers (An, Chen, Dana, Finn), gets one back (Eve), loses two (Chen, Finn) and closes
with three; in March it opened with four, won one (Finn) and lost one (Eve).
"""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

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


def tiny_orders() -> "pd.DataFrame":
    """The twelve orders: `customer_id`, `ordered_at`, `amount`.

    >>> len(tiny_orders())
    12
    """
    import pandas as pd

    orders = pd.DataFrame(ORDERS, columns=["customer_id", "ordered_at", "amount"])
    return orders.assign(ordered_at=pd.to_datetime(orders["ordered_at"]))


@lru_cache(maxsize=1)
def tiny_shop() -> "CustomerBase":
    """The shop as a customer base.

    >>> print(tiny_shop().kpi("churn_rate", "2026-04"))
    Customer churn rate, 2026-04: 50.0% (95%: 15.0% … 85.0%)  = 2 / 4
    """
    import kpilib

    return kpilib.open(
        orders=tiny_orders(),
        time_zone="Europe/London",
        currency="GBP",
        lapse_window=45,
        as_of=date(2026, 5, 1),
    )
