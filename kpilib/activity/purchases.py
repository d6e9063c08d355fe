"""Orders and refunds as money and purchases: what a customer bought on a day, net of refunds."""

from dataclasses import dataclass
from functools import cached_property

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.engines.expressions import distinct

VISIT = ("customer_id", "day", "previous_day", "next_day", "first_day")


@dataclass(frozen=True)
class Bought:
    """What was sold, and the refunds that belong to nothing sold."""

    engine: Engine
    sold: nw.LazyFrame
    """`customer_id, day, amount` of each order, net of its refunds."""
    refunds: nw.LazyFrame | None
    """`customer_id, day, amount` (negative) of money back that is of no order; None if none."""
    refunded_orders: int
    """Orders that were refunded in full, and so are no purchases."""
    laid: nw.LazyFrame | None = None
    """The purchases, where they have been made already."""

    @property
    def ready(self) -> bool:
        """Whether the purchases have been made."""
        return self.laid is not None or "purchases" in vars(self)

    @property
    def days(self) -> nw.LazyFrame:
        """`day` of everything sold, from what has been made of it so far."""
        made = self.visits if self.ready or "visits" in vars(self) else self.sold
        return made.select("day")

    @cached_property
    def purchases(self) -> nw.LazyFrame:
        """One row per customer and day: `amount, orders` beside the columns of `visits`."""
        return self.engine.purchases(self.sold) if self.laid is None else self.laid

    @cached_property
    def visits(self) -> nw.LazyFrame:
        """The purchases without their money, which cost half where nobody asks for that."""
        if self.ready:
            return self.purchases.select(*VISIT)
        return self.engine.visits(self.sold)

    @cached_property
    def money(self) -> nw.LazyFrame:
        """Purchases and refunds that belong to none: `customer_id, day, amount, purchase`."""
        bought = _as_money(self.purchases, 1)
        if self.refunds is None:
            return bought
        return nw.concat([bought, _as_money(self.refunds, 0)], how="vertical")


def _as_money(frame: nw.LazyFrame, purchase: int) -> nw.LazyFrame:
    return frame.select(
        "customer_id",
        day=nw.col("day").cast(nw.Int64),
        amount=nw.col("amount").cast(nw.Float64),
        purchase=nw.lit(purchase).cast(nw.Int64),
    )


def buy(engine: Engine, orders: nw.LazyFrame, refunds: nw.LazyFrame | None) -> Bought:
    """Net the refunds from the orders they name, and merge what is left by customer and day.

    A full refund removes the order: no purchase happened. A part refund keeps the purchase and
    lowers its amount, whenever it came: numbers are as all refunds known today make them, also for
    a period that closed before a refund. What a refund is above its order, and a refund that names
    no known order, is money back on the day it was paid.
    """
    plain = orders.select("customer_id", "amount", day=nw.col("ordered_day"))
    apart: list[nw.LazyFrame] = []
    removed = 0
    if refunds is not None:
        columns = orders.collect_schema().names()
        linked = "order_id" in columns and "order_id" in refunds.collect_schema().names()
        if linked:
            left = engine.keep(_left(orders, refunds))
            plain, removed = _net(engine, orders, left)
            apart.append(_beyond(left))
        if "customer_id" in refunds.collect_schema().names():
            apart.append(_unlinked(orders if linked else None, refunds))
    back = engine.keep(nw.concat(apart, how="vertical")) if apart else None
    return Bought(engine, plain, back, removed)


def _left(orders: nw.LazyFrame, refunds: nw.LazyFrame) -> nw.LazyFrame:
    """Per refunded order: its customer, which part of it is `left`, and the last refund's day."""
    known = ~nw.col("order_id").is_null()
    totals = (
        orders.filter(known)
        .group_by("order_id")
        .agg(nw.col("amount").sum().alias("total"), nw.col("customer_id").min())
    )
    returned = (
        refunds.filter(known)
        .group_by("order_id")
        .agg(nw.col("amount").sum().alias("back"), nw.col("refunded_day").max().alias("day"))
    )
    part = 1 - nw.col("back") / nw.col("total")
    return totals.join(returned, on="order_id", how="inner").with_columns(
        left=nw.when(nw.col("total") > 0).then(part).otherwise(nw.lit(0.0))
    )


def _net(engine: Engine, orders: nw.LazyFrame, left: nw.LazyFrame) -> tuple[nw.LazyFrame, int]:
    gone = left.filter(nw.col("left") <= _NOTHING)
    removed = int(engine.collect(gone.select(nw.len().alias("n")))["n"].iloc[0])
    joined = orders.join(left.select("order_id", "left"), on="order_id", how="left")
    keep = nw.when(nw.col("left").is_null()).then(nw.lit(1.0)).otherwise(nw.col("left"))
    net = joined.with_columns(left=keep).filter(nw.col("left") > _NOTHING)
    amount = nw.col("amount") * nw.col("left")
    return net.select("customer_id", amount=amount, day=nw.col("ordered_day")), removed


_NOTHING = 1e-9
"""The part of an order that is no more than rounding."""


def _beyond(left: nw.LazyFrame) -> nw.LazyFrame:
    """What refunds are above their orders, as money back on the day of the last of them."""
    excess = nw.col("back") - nw.col("total")
    above = left.filter(excess > _NOTHING * nw.col("back"))
    return above.select("customer_id", nw.col("day").cast(nw.Int64), amount=-excess)


def _unlinked(orders: nw.LazyFrame | None, refunds: nw.LazyFrame) -> nw.LazyFrame:
    if orders is not None:
        known = distinct(orders.select("order_id").filter(~nw.col("order_id").is_null()))
        refunds = refunds.join(known, on="order_id", how="anti")
    return refunds.filter(~nw.col("customer_id").is_null()).select(
        "customer_id", day=nw.col("refunded_day").cast(nw.Int64), amount=-nw.col("amount")
    )
