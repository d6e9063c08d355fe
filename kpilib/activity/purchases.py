"""Orders and refunds as money and purchases: what a customer bought on a day, net of refunds."""

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from kpilib.activity.spells import merge_purchases, with_neighbours
from kpilib.engines import Engine


@dataclass(frozen=True)
class Bought:
    """Purchases and the refunds that belong to none of them."""

    purchases: nw.LazyFrame
    """`customer_id, day, amount, orders` and the neighbours of `with_neighbours`."""
    refunds: nw.LazyFrame | None
    """`customer_id, day, amount` (negative) of refunds that name no known order; None if none."""
    refunded_orders: int
    """Orders that were refunded in full, and so are no purchases."""


def buy(engine: Engine, orders: nw.LazyFrame, refunds: nw.LazyFrame | None) -> Bought:
    """Net the refunds from the orders they name, and merge what is left by customer and day.

    A full refund removes the order: no purchase happened. A part refund keeps the purchase and
    lowers its amount. A refund that names no known order is money back on the day it was paid.
    """
    plain = orders.select("customer_id", "amount", day=nw.col("ordered_day"))
    apart, removed = None, 0
    if refunds is not None:
        columns = orders.collect_schema().names()
        linked = "order_id" in columns and "order_id" in refunds.collect_schema().names()
        if linked:
            plain, removed = _net(engine, orders, refunds)
        apart = _unlinked(orders if linked else None, refunds)
        apart = None if apart is None else engine.keep(apart)
    return Bought(engine.keep(with_neighbours(merge_purchases(plain))), apart, removed)


def _net(engine: Engine, orders: nw.LazyFrame, refunds: nw.LazyFrame) -> tuple[nw.LazyFrame, int]:
    known = ~nw.col("order_id").is_null()
    totals = orders.filter(known).group_by("order_id").agg(nw.col("amount").sum().alias("total"))
    returned = refunds.filter(known).group_by("order_id").agg(nw.col("amount").sum().alias("back"))
    remaining = 1 - nw.col("back") / nw.col("total")
    left = engine.keep(
        totals.join(returned, on="order_id", how="inner").select(
            "order_id", left=nw.when(nw.col("total") > 0).then(remaining).otherwise(nw.lit(0.0))
        )
    )
    gone = left.filter(nw.col("left") <= 1e-9)
    removed = int(engine.collect(gone.select(nw.len().alias("n")))["n"].iloc[0])
    joined = orders.join(left, on="order_id", how="left")
    keep = nw.when(nw.col("left").is_null()).then(nw.lit(1.0)).otherwise(nw.col("left"))
    net = joined.with_columns(left=keep).filter(nw.col("left") > 1e-9)
    amount = nw.col("amount") * nw.col("left")
    return net.select("customer_id", amount=amount, day=nw.col("ordered_day")), removed


def _unlinked(orders: nw.LazyFrame | None, refunds: nw.LazyFrame) -> nw.LazyFrame | None:
    if "customer_id" not in refunds.collect_schema().names():
        return None
    if orders is not None:
        known = orders.select("order_id").filter(~nw.col("order_id").is_null()).unique()
        refunds = refunds.join(known, on="order_id", how="anti")
    return refunds.filter(~nw.col("customer_id").is_null()).select(
        "customer_id", day=nw.col("refunded_day"), amount=-nw.col("amount")
    )
