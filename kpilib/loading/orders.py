"""What orders need beyond other tables: what is counted in them, and lines put together."""

from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.engines.expressions import distinct
from kpilib.loading.accounting import with_note
from kpilib.loading.reading.values import OURS, count, row
from kpilib.loading.table import CODE, Checked, Draft

_CORE = ("order_id", "customer_id", "ordered_day", "ordered_second", "amount")


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


def left_out_orders(engine: Engine, draft: Draft) -> nw.LazyFrame | None:
    """The numbers of orders of which a row was left out; None where orders have no number."""
    if not draft.has("order_id"):
        return None
    number = draft.value("order_id")
    paid = (draft.value("amount") >= 0) | draft.value("amount").is_null()
    out = draft.frame.filter((nw.col(CODE) != 0) & paid & ~number.is_null())
    return engine.keep(distinct(out.select(order_id=number)))
