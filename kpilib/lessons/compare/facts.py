"""What named definitions count in: the tables of some periods, as small frames."""

from functools import cached_property

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.ledger import active_time
from kpilib.activity.service.tickets import complaints
from kpilib.contacts.answers import answers
from kpilib.periods import Period
from kpilib.questions.base import CustomerBase


class Facts:
    """The tables of several periods of one business, each brought when first asked for.

    `period` in them is the place of the period among `periods`.
    """

    def __init__(
        self,
        base: CustomerBase,
        periods: tuple[Period, ...],
        lapse_window: int | None = None,
    ) -> None:
        self.base, self.periods = base, periods
        self.window = lapse_window

    def without_first(self) -> "Facts":
        """The same without the ledger's customers who are in their first thirty days."""
        found = Facts(self.base, self.periods, self.window)
        opens = self.ledger["period"].map({i: p.start_day for i, p in enumerate(self.periods)})
        found.ledger = self.ledger[self.ledger["first_day"] <= opens - 30].reset_index(drop=True)
        found.active, found.buyers = self.active, self.buyers
        return found

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """`period, customer_id, first_day` and the flags of `activity.ledger`."""
        return self.base.engine.collect(self.base.ledger(self.periods, self.window))

    @cached_property
    def buyers(self) -> pd.DataFrame:
        """`period, customer_id, purchases, amount, first_day, opens, closes` and `orders`."""
        table = self.base.engine.collect(self.base.buyers(self.periods))
        within = self.base.within(self.base.purchases, self.periods)
        orders = within.group_by("period", "customer_id").agg(nw.col("orders").sum())
        return table.merge(self.base.engine.collect(orders), on=["period", "customer_id"])

    @cached_property
    def later_buyers(self) -> pd.DataFrame:
        """`period, customer_id` of who bought in the like period after, where that is over."""
        later = tuple(one.shift(1) for one in self.periods)
        table = self.base.engine.collect(self.base.buyers(later))
        over = [i for i, one in enumerate(later) if one.end_day <= self.base.as_of]
        return table[table["period"].isin(over)]

    @cached_property
    def active(self) -> pd.DataFrame:
        """`period, customer_id, days`: days on which each was active, over those of the period."""
        time = active_time(self.base.spells(self.window), self.base.windows(self.periods))
        table = self.base.engine.collect(time).rename(columns={"active_days": "days"})
        length = {i: self.base.closes(p) - p.start_day for i, p in enumerate(self.periods)}
        return table.assign(days=table["days"] / table["period"].map(length))

    @cached_property
    def complaints(self) -> pd.DataFrame:
        """`period, customer_id` of each complaint."""
        tickets = complaints(self.base)
        if "customer_id" not in tickets.collect_schema().names():
            tickets = tickets.with_columns(customer_id=nw.lit(None))
        came = self.base.within(tickets.filter(nw.col("complaint")), self.periods)
        return self.base.engine.collect(came.select("period", "customer_id"))

    @cached_property
    def satisfaction(self) -> pd.DataFrame:
        """`period, customer_id, score, scale_min, scale_max, day` of the csat answers."""
        return self.base.engine.collect(answers(self.base, self.periods, "csat").rows)

    @cached_property
    def tickets(self) -> pd.DataFrame:
        """Tickets that customers made, as `Handled.rows`, with their `period`."""
        rows = self.base.within(self.base.handled().rows.filter(~nw.col("by_agent")), self.periods)
        return self.base.engine.collect(rows)


def among(customers: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """Whether each row of `customers` has its period and customer in `listed`."""
    keys = ["period", "customer_id"]
    there = pd.MultiIndex.from_frame(listed[keys])
    found = pd.MultiIndex.from_frame(customers[keys]).isin(there)
    return pd.Series(found, index=customers.index)
