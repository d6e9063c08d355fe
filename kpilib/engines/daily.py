"""Customers' days in order, each with the one before it and the one after, as any engine can.

DuckDB has its own way, `kpilib.engines.stream`, which is held equal to this one.
"""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.engines.base import Engine
from kpilib.engines.expressions import distinct

CUSTOMER, DAY = "customer_id", "day"
BEFORE_ALL = -10_000_000
"""A day earlier than any in use."""


def merged(rows: nw.LazyFrame) -> nw.LazyFrame:
    """One row per customer and day: `amount` is their total, `orders` how many rows made it."""
    return rows.group_by(CUSTOMER, DAY).agg(nw.col("amount").sum(), nw.len().alias("orders"))


def with_neighbours(days: nw.LazyFrame) -> nw.LazyFrame:
    """Days, each once a customer, with the customer's `previous_day`, `next_day`, `first_day`.

    `previous_day` of a first day and `next_day` of a last one are null.
    """
    day = nw.col(DAY)
    return days.with_columns(
        previous_day=day.shift(1).over(CUSTOMER, order_by=DAY),
        next_day=day.shift(-1).over(CUSTOMER, order_by=DAY),
        first_day=day.cum_min().over(CUSTOMER, order_by=DAY),
    )


def with_following(days: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
    """Days with columns of the customer's next row, as new name → column; null at the last."""
    following = {
        new: nw.col(old).shift(-1).over(CUSTOMER, order_by=DAY) for new, old in columns.items()
    }
    return days.with_columns(**following)


def with_sessions(events: nw.LazyFrame, seconds: int) -> nw.LazyFrame:
    """Events with what `Engine.sessions` says of them."""
    second, day = nw.col("event_second"), nw.col("event_day")
    before = {
        "before": second.shift(1).over(CUSTOMER, order_by="event_second"),
        "day_before": day.shift(1).over(CUSTOMER, order_by="event_second"),
    }
    near, again = second - nw.col("before") <= seconds, nw.col("day_before") == day
    begins = nw.when(near).then(nw.lit(0)).otherwise(nw.lit(1))
    begins_day = nw.when(again).then(nw.lit(0)).otherwise(nw.lit(1))
    begun = events.with_columns(**before).with_columns(begins=begins, begins_day=begins_day)
    first = nw.when(nw.col("begins") == 1).then(day).otherwise(nw.lit(BEFORE_ALL))
    # Of events at one second the one that begins the session comes first.
    order = ("event_second", "goes_on")
    numbered = begun.with_columns(first=first, goes_on=1 - nw.col("begins")).with_columns(
        session=nw.col("begins").cum_sum().over(CUSTOMER, order_by=order),
        session_day=nw.col("first").cum_max().over(CUSTOMER, order_by=order),
    )
    return numbered.drop("before", "day_before", "first", "goes_on")


class Daily:
    """What an engine has that keeps customers' days in order by windows."""

    def visits(self: Engine, rows: nw.LazyFrame) -> nw.LazyFrame:
        """By windows."""
        days = distinct(rows.select(CUSTOMER, DAY))
        return self.keep(with_neighbours(days))

    def purchases(self: Engine, rows: nw.LazyFrame) -> nw.LazyFrame:
        """By grouping and windows."""
        return self.keep(with_neighbours(merged(rows)))

    def with_following(self, days: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """By windows."""
        return with_following(days, columns)

    def sessions(self, events: nw.LazyFrame, seconds: int) -> nw.LazyFrame:
        """By windows."""
        return with_sessions(events, seconds)
