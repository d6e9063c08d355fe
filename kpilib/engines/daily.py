"""Customers' days in order, each with the one before it and the one after, as any engine can.

DuckDB has its own way, `kpilib.engines.stream`, which is held equal to this one.
"""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.engines.base import Engine

CUSTOMER, DAY = "customer_id", "day"


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


class Daily:
    """What an engine has that keeps customers' days in order by windows."""

    def visits(self: Engine, rows: nw.LazyFrame) -> nw.LazyFrame:
        """By windows."""
        days = rows.select(CUSTOMER, DAY).unique()
        return self.keep(with_neighbours(days))

    def purchases(self: Engine, rows: nw.LazyFrame) -> nw.LazyFrame:
        """By grouping and windows."""
        return self.keep(with_neighbours(merged(rows)))

    def with_following(self, days: nw.LazyFrame, columns: Mapping[str, str]) -> nw.LazyFrame:
        """By windows."""
        return with_following(days, columns)
