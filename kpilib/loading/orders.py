"""What orders need beyond other tables: lines put together, and refunds told from purchases."""

from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import OURS, count, row
from kpilib.loading.rules import Rule
from kpilib.loading.table import Checked, Draft, with_note

_CORE = ("order_id", "customer_id", "ordered_day", "ordered_second", "amount")
_REFUNDS = ("order_id", "customer_id", "refunded_day", "refunded_second", "amount")


def measure_orders(draft: Draft) -> None:
    """Count the amounts that are read as refunds, and those that are zero."""
    noun = "line" if draft.plan.options.lines else "amount"
    amount = draft.value("amount")
    draft.measures["negative"] = (amount < 0, "")  # `split_refunds` says it
    draft.measures["zero"] = (amount == 0, f"{{rows}} with a zero {noun}, kept")


def purchases_only(draft: Draft) -> nw.Expr:
    """The rows among which an order number may not come twice: a refund may repeat its order's."""
    return draft.value("amount") >= 0


def join_lines(engine: Engine, checked: Checked) -> tuple[Checked, nw.LazyFrame]:
    """One row per order from one row per line, and the lines.

    The amount is the sum and the time the first of the lines; a further column stays with the
    order where it is the same in all lines of every order, and with the lines only otherwise.
    """
    lines = engine.keep(checked.frame)
    names = lines.collect_schema().names()
    money = [n for n in ("amount", "gross_amount", "discount", "tax", "shipping") if n in names]
    others = [n for n in names if n not in (*_CORE, *money)]
    low = {name: f"{OURS}low_{place}" for place, name in enumerate(others)}
    high = {name: f"{OURS}high_{place}" for place, name in enumerate(others)}
    orders = engine.keep(
        lines.group_by("order_id", "customer_id").agg(
            nw.col("ordered_day").min(),
            nw.col("ordered_second").min(),
            *(nw.col(name).sum() for name in money),
            nw.len().cast(nw.Int64).alias("lines"),
            *(nw.col(name).min().alias(low[name]) for name in others),
            *(nw.col(name).max().alias(high[name]) for name in others),
        )
    )
    varied = {name: count(nw.col(low[name]) != nw.col(high[name])) for name in others}
    seen = row(
        engine,
        orders.select(
            nw.len().alias("rows"), *(rows.alias(low[name]) for name, rows in varied.items())
        ),
    )
    same = [nw.col(low[name]).alias(name) for name in others if not seen[low[name]]]
    kept = orders.select(*_CORE, "lines", *(n for n in money if n != "amount"), *same)
    note = f"{checked.account.kept:,} lines make {int(seen['rows']):,} orders"
    return with_note(replace(checked, frame=kept), note), lines


def split_refunds(
    engine: Engine, checked: Checked, lines: bool
) -> tuple[Checked, nw.LazyFrame | None]:
    """Orders without their negative amounts, and those amounts as refunds on their day."""
    if not checked.counts["negative"]:
        return checked, None
    frame = checked.frame
    negative = nw.col("amount") < 0
    found = row(engine, frame.filter(negative).select(nw.len().alias("refunds")))["refunds"]
    if not found:
        return checked, None
    has_order = "order_id" in frame.collect_schema().names()
    refunds = frame.filter(negative).select(
        *(["order_id"] if has_order else []),
        "customer_id",
        nw.col("ordered_day").alias("refunded_day"),
        nw.col("ordered_second").alias("refunded_second"),
        (-nw.col("amount")).alias("amount"),
    )
    what = "order" if lines else "amount"
    noun = what if found == 1 else f"{what}s"
    note = f"{found:,} negative {noun} read as {'a refund' if found == 1 else 'refunds'}"
    kept = replace(checked, frame=frame.filter(nw.col("amount") >= 0))
    return with_note(kept, note), engine.keep(refunds)


def own_refunds(engine: Engine, draft: Draft, orders: nw.LazyFrame | None) -> None:
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
    numbered_row = ~draft.value("order_id").is_null()
    draft.add_rule(
        Rule("its order is not among those kept", numbered_row & nw.col(owner).is_null(), False)
    )
    customer = nw.col(owner)
    if draft.has("customer_id"):
        customer = nw.when(customer.is_null()).then(draft.value("customer_id")).otherwise(customer)
    draft.set("customer_id", customer)
    draft.add_rule(Rule("no customer_id and no order_id", draft.value("customer_id").is_null()))
    draft.costly = True


def all_refunds(
    engine: Engine, from_file: nw.LazyFrame | None, from_orders: nw.LazyFrame | None
) -> nw.LazyFrame | None:
    """Refunds of the refunds table and those found among the orders, in one table."""
    found = [frame for frame in (from_file, from_orders) if frame is not None]
    if len(found) < 2:
        return found[0] if found else None
    shared = set(found[0].collect_schema().names()) & set(found[1].collect_schema().names())
    core = [name for name in _REFUNDS if name in shared]
    return engine.keep(nw.concat([frame.select(*core) for frame in found], how="vertical"))
