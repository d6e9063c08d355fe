"""What serving each customer cost, by month."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.market import Market
from kpilib.demo.parts.tickets import Tickets
from kpilib.demo.rows import Rows, Words, by_time, stack

TYPES = ("delivery", "payment", "support")


def customer_costs(market: Market, ordered: Rows, tickets: Tickets) -> Rows:
    """`customer_costs`: deliveries, payment fees and tickets, booked at the end of the month."""
    calendar, costs = market.calendar, market.calendar.model.costs
    second, foreign = np.asarray(ordered["second"]), ordered["currency"]
    assert isinstance(foreign, Words)
    who, day = np.asarray(ordered["customer"]), second // DAY
    paid = np.asarray(ordered["amount"]) * np.where(foreign.codes == 1, market.rate[day], 1.0)
    sent = np.full(len(who), costs.delivery)
    handled = np.full(len(tickets.customer), costs.ticket)
    return by_time(
        stack(
            [
                _by_month(calendar, who, day, sent, 0),
                _by_month(calendar, who, day, costs.payment * paid, 1),
                _by_month(calendar, tickets.customer, tickets.created // DAY, handled, 2),
            ]
        ),
        "date",
        "customer_id",
    )


def _by_month(
    calendar: Calendar, who: np.ndarray, day: np.ndarray, amount: np.ndarray, code: int
) -> Rows:
    months = int(calendar.month[-1]) + 1
    key, place = np.unique(who * months + calendar.month[day], return_inverse=True)
    ends = np.append(np.flatnonzero(np.diff(calendar.month)), calendar.days - 1)
    return {
        "customer_id": key // months,
        "date": calendar.dates[ends[key % months]],
        "cost_type": Words(np.full(len(key), code), TYPES),
        "amount": np.round(np.bincount(place, amount, len(key)), 0),
    }
