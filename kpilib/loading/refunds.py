"""Refunds: told from purchases, owned by a customer, in their order's currency, said where odd.

Money goes out once. A refund that names an order is netted from it, in the order's own currency;
what it is above the order is money given back on its day. One whose order was left out is left out
with it: that order's money never came in. One that names an order that was never there is money
given back on its day.
"""

from collections.abc import Mapping
from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.engines.expressions import distinct
from kpilib.errors import InputError
from kpilib.loading.accounting import with_note
from kpilib.loading.reading.values import OURS, row
from kpilib.loading.rules import Rule
from kpilib.loading.table import Checked, Draft

_REFUNDS = ("order_id", "customer_id", "refunded_day", "refunded_second", "amount")
_MONEY = ("currency", "exchange_rate")


def split_refunds(
    engine: Engine, checked: Checked, lines: bool, left_out: nw.LazyFrame | None
) -> tuple[Checked, nw.LazyFrame | None]:
    """Orders without their negative amounts, and those amounts as refunds on their day.

    `left_out` has the numbers of orders that were left out: their refunds are as well.
    """
    if not checked.counts["negative"]:
        return checked, None
    frame = checked.frame
    negative = nw.col("amount") < 0
    kept = frame.filter(nw.col("amount") >= 0)
    names = frame.collect_schema().names()
    found = frame.filter(negative).select(
        "customer_id",
        *(name for name in ("order_id", *_MONEY) if name in names),
        refunded_day=nw.col("ordered_day"),
        refunded_second=nw.col("ordered_second"),
        amount=-nw.col("amount"),
    )
    counted = nw.len().alias("refunds")
    all_of_them = row(engine, found.select(counted))["refunds"]
    if not all_of_them:
        return checked, None
    refunds = found
    if left_out is not None and "order_id" in names:
        gone = left_out.join(_numbered(kept), on="order_id", how="anti")
        refunds = found.join(gone, on="order_id", how="anti")
    refunds = engine.keep(in_currency_of_order(refunds, kept))
    counted = row(engine, refunds.select(counted))["refunds"]
    notes = [_said(counted, "order" if lines else "amount")] if counted else []
    if dropped := all_of_them - counted:
        one = dropped == 1
        notes.append(
            f"{dropped:,} {'refund' if one else 'refunds'} not counted, as "
            f"{'its order was' if one else 'their orders were'} left out"
        )
    return with_note(replace(checked, frame=kept), *notes), refunds


def _said(refunds: int, what: str) -> str:
    noun = what if refunds == 1 else f"{what}s"
    return f"{refunds:,} negative {noun} read as {'a refund' if refunds == 1 else 'refunds'}"


def _numbered(orders: nw.LazyFrame) -> nw.LazyFrame:
    return distinct(orders.filter(~nw.col("order_id").is_null()).select("order_id"))


def in_currency_of_order(refunds: nw.LazyFrame, orders: nw.LazyFrame | None) -> nw.LazyFrame:
    """The refunds at the exchange rate of the order they name, where they are in its currency.

    A refund that says no currency is in its order's.
    """
    names = refunds.collect_schema().names()
    columns = orders.collect_schema().names() if orders is not None else []
    if orders is None or "order_id" not in names or not {"order_id", *_MONEY} <= {*columns}:
        return refunds
    code, rate = f"{OURS}order_currency", f"{OURS}order_rate"
    numbered = orders.filter(~nw.col("order_id").is_null()).group_by("order_id")
    known = numbered.agg(
        nw.col("currency").min().alias(code), nw.col("exchange_rate").min().alias(rate)
    )
    amount = nw.col("amount")
    own = amount / nw.col("exchange_rate") if "exchange_rate" in names else amount
    alike = ~nw.col(rate).is_null()
    if "currency" in names:
        alike = alike & (nw.col("currency").is_null() | (nw.col("currency") == nw.col(code)))
    joined = refunds.join(known, on="order_id", how="left")
    in_order = nw.when(alike).then(own * nw.col(rate)).otherwise(amount)
    return joined.with_columns(amount=in_order).drop(code, rate)


def own_refunds(
    engine: Engine, draft: Draft, orders: nw.LazyFrame | None, left_out: nw.LazyFrame | None
) -> None:
    """Give each refund its customer, from its order; leave out those that have neither."""
    amount = draft.value("amount")
    draft.measures["signed"] = (amount < 0, "{rows} with a negative amount, taken as positive")
    draft.set("amount", nw.when(amount < 0).then(-amount).otherwise(amount))
    numbered = orders is not None and "order_id" in orders.collect_schema().names()
    if not draft.has("order_id") or not numbered or orders is None:
        if not draft.has("customer_id"):
            raise InputError(
                f"{draft.plan.source.label} has no customer_id and no order_id that the orders "
                "have too; map one of them, or give the orders their order_id"
            )
        draft.add_rule(Rule("no customer_id", draft.value("customer_id").is_null()))
        return
    owner = f"{OURS}owner"
    owners = (
        orders.filter(~nw.col("order_id").is_null())
        .group_by(nw.col("order_id").alias(f"{OURS}id"))
        .agg(nw.col("customer_id").min().alias(owner))
    )
    draft.frame = draft.frame.join(
        engine.keep(owners),
        left_on=draft.normal.outputs["order_id"],
        right_on=f"{OURS}id",
        how="left",
    )
    strange = ~draft.value("order_id").is_null() & nw.col(owner).is_null()
    if left_out is not None:
        out = left_out.with_columns(nw.lit(1).alias(f"{OURS}out")).rename({"order_id": f"{OURS}no"})
        number = draft.normal.outputs["order_id"]
        draft.frame = draft.frame.join(out, left_on=number, right_on=f"{OURS}no", how="left")
        draft.add_rule(
            Rule("its order was left out", strange & ~nw.col(f"{OURS}out").is_null(), False)
        )
    anybody = draft.value("customer_id") if draft.has("customer_id") else nw.lit(None)
    draft.add_rule(Rule("its order is not among those kept", strange & anybody.is_null(), False))
    if draft.has("customer_id"):
        draft.measures["strange"] = (
            strange,
            "{rows} that name an order that is not there, money given back on its day",
        )
    customer = nw.col(owner)
    if draft.has("customer_id"):
        customer = nw.when(customer.is_null()).then(draft.value("customer_id")).otherwise(customer)
    draft.set("customer_id", customer)
    draft.add_rule(Rule("no customer_id and no order_id", draft.value("customer_id").is_null()))
    draft.costly = True


def all_refunds(
    engine: Engine, from_file: nw.LazyFrame, from_orders: nw.LazyFrame | None
) -> nw.LazyFrame:
    """Refunds of the refunds table and those found among the orders, in one table."""
    if from_orders is None:
        return from_file
    frames = (from_file, from_orders)
    shared = set.intersection(*(set(frame.collect_schema().names()) for frame in frames))
    core = [name for name in _REFUNDS if name in shared]
    return engine.keep(nw.concat([frame.select(*core) for frame in frames], how="vertical"))


def oddities(engine: Engine, tables: Mapping[str, nw.LazyFrame]) -> list[str]:
    """What to say of refunds: money beyond their orders, and money given back to nobody."""
    refunds, orders = tables.get("refunds"), tables.get("orders")
    if refunds is None or orders is None:
        return []
    notes = []
    columns = [frame.collect_schema().names() for frame in (refunds, orders)]
    if all("order_id" in names for names in columns):
        paid, back = (
            frame.filter(~nw.col("order_id").is_null())
            .group_by("order_id")
            .agg(nw.col("amount").sum().alias(name))
            for name, frame in (("paid", orders), ("back", refunds))
        )
        beyond = nw.col("back") - nw.col("paid")
        both = paid.join(back, on="order_id", how="inner").filter(beyond > 1e-9 * nw.col("back"))
        seen = row(engine, both.select(nw.len().alias("n"), beyond.sum().alias("money")))
        if seen["n"]:
            whose = "1 order was" if seen["n"] == 1 else f"{seen['n']:,} orders were"
            notes.append(
                f"{whose} refunded beyond what was paid: {seen['money']:,.2f} in all, given back "
                "on the day of the last refund"
            )
    if "customer_id" in columns[0]:
        buyers = distinct(orders.select("customer_id"))
        never = refunds.join(buyers, on="customer_id", how="anti")
        people = never.group_by("customer_id").agg(nw.col("amount").sum())
        seen = row(engine, people.select(nw.len().alias("n"), nw.col("amount").sum()))
        if seen["n"]:
            who = "1 person" if seen["n"] == 1 else f"{seen['n']:,} people"
            notes.append(
                f"{seen['amount']:,.2f} was given back to {who} without an order: money of the "
                "business, and no customers of it"
            )
    return notes
