"""Who moved between groups of customers from one period to the next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine

if TYPE_CHECKING:
    from kpilib.activity.business import Business

ABSENT = "absent"
"""Where a customer is who bought nothing in the window."""


def to_money(base: "Business", amount: nw.Expr) -> nw.Expr:
    """An amount without what is only rounding, so that equal sums are equal.

    To a billionth of the largest amount there is, whether that is in cents or in millions.
    """
    return amount.round(base.money_decimals)


def moves(
    engine: Engine, before: nw.LazyFrame, after: nw.LazyFrame, groups: Sequence[str]
) -> pd.DataFrame:
    """Customers and money by the group they were in and the group they are in, in that order.

    Both frames have `customer_id`, `group` and `money`, a row per customer. What comes back has
    `before`, `after` (groups, or `absent`), `customers`, `money_before`, `money_after`.
    """
    then, now = (
        frame.select("customer_id", **{side: "group", f"money_{side}": "money"})
        for side, frame in (("before", before), ("after", after))
    )
    both = now.join(then, on="customer_id", how="full", suffix="_then").with_columns(
        before=nw.col("before").fill_null(ABSENT), after=nw.col("after").fill_null(ABSENT)
    )
    money = ["money_before", "money_after"]
    sums = {name: nw.col(name).sum() for name in money}
    table = engine.collect(both.group_by("before", "after").agg(customers=nw.len(), **sums))
    table[money] = table[money].astype(float).fillna(0.0)
    order = {name: place for place, name in enumerate([*groups, ABSENT])}
    table = table.sort_values(["before", "after"], key=lambda c: c.map(order), ignore_index=True)
    return table.astype({"customers": "int64"})
