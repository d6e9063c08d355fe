"""Lines of orders told from orders that come twice, where the settings do not say."""

from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import OURS, any_of, count, row, rows
from kpilib.loading.rules import Rule
from kpilib.loading.table import CODE, Draft, Plan

_HARDLY = 0.01
"""The share of orders below which rows that differ are slips and no lines."""


def recognise_lines(engine: Engine, draft: Draft, plan: Plan) -> str | None:
    """Take the rows as lines where they are; a note that says so, or None.

    Rows of one order, customer and time are lines where their amounts differ. Where all their
    amounts are the same and other columns differ, they may be lines, or repeat the order's amount:
    raises `InputError` with both readings.
    """
    if plan.options.lines is not None or not draft.has("order_id"):
        return None
    order, amount = draft.value("order_id"), draft.value("amount")
    part = (nw.col(CODE) == 0) & ~order.is_null() & (amount >= 0)
    several = draft.frame.filter(part)
    number = draft.normal.outputs["order_id"]
    repeated = engine.repeated(draft.frame.filter(~order.is_null()).select(number), [number])
    if repeated is None:
        draft.distinct = True
        return None
    together = several.join(repeated, on=number, how="semi")
    seen = _look(engine, draft, together)
    if rows(seen, "rows") == rows(seen, "numbers"):  # only rows that are left out repeat a number
        draft.distinct = True
        return None
    alone = several.join(repeated, on=number, how="anti")
    seen["orders"] += rows(row(engine, alone.select(nw.len().alias("alone"))), "alone")
    orders, varied, unlike = (rows(seen, name) for name in ("orders", "varied", "unlike"))
    if varied >= max(1, _HARDLY * orders):
        draft.plan = replace(plan, options=replace(plan.options, lines=True))
        draft.add_rule(Rule("no order_id", order.is_null()))
        return (
            f"{rows(seen, 'several'):,} of {orders:,} orders come in several rows with different "
            f"amounts, which were read as lines of an order and added up; {_said(plan, True)} to "
            "say so (false keeps one row of each)"
        )
    if not varied and unlike >= max(1, _HARDLY * orders):
        pieces, size = rows(seen, "pieces"), float(seen["size"])
        raise InputError(
            f"{plan.source.label}: order_id {seen['sample']} comes in {pieces} rows of {size:g} "
            f"that differ in {_differing(engine, draft, together)}: {pieces * size:g} if each is a "
            f"line of the order ({_said(plan, True)}), {size:g} if each repeats the order's amount "
            f"({_said(plan, False)})"
        )
    if varied + unlike:
        return (
            f"{varied + unlike:,} orders come in several rows that are not the same, of which one "
            f"was kept; {_said(plan, True)} to add them up as lines of an order"
        )
    return None


def _said(plan: Plan, lines: bool) -> str:
    return plan.told.write("lines", lines)


def _others(draft: Draft) -> dict[str, str]:
    """The source's further columns, and our text columns, by the name that a reader knows."""
    mapped = draft.plan.mapped
    ours = ("customer_id", "order_id", "ordered_at", "amount")
    own = {name: draft.normal.outputs[name] for name in draft.normal.outputs if name not in ours}
    own = {name: column for name, column in own.items() if not name.startswith("ordered_")}
    return own | mapped.extras


def _look(engine: Engine, draft: Draft, several: nw.LazyFrame) -> dict:
    """What the rows of an order have in common, counted over the orders."""
    others = list(_others(draft).values())
    keys = [draft.normal.outputs[name] for name in ("order_id", "customer_id", "ordered_second")]
    keys = [key for key in keys if key in draft.normal.outputs.values()]
    texts = [nw.col(name).cast(nw.String).fill_null("") for name in others]
    made = [text.alias(f"{OURS}other_{place}") for place, text in enumerate(texts)]
    named = several.with_columns(*made) if made else several
    amount = draft.value("amount")
    groups = named.group_by(keys).agg(
        nw.len().alias("pieces"),
        amount.min().alias("low"),
        amount.max().alias("high"),
        *(nw.col(f"{OURS}other_{p}").min().alias(f"low_{p}") for p in range(len(others))),
        *(nw.col(f"{OURS}other_{p}").max().alias(f"high_{p}") for p in range(len(others))),
    )
    many, varied = nw.col("pieces") > 1, nw.col("low") != nw.col("high")
    differ = [nw.col(f"low_{p}") != nw.col(f"high_{p}") for p in range(len(others))]
    unlike = many & ~varied & any_of(differ) if differ else nw.lit(1) > nw.col("pieces")
    order = nw.col(keys[0]).cast(nw.String)
    sample = nw.when(unlike).then(order).min()
    found = row(
        engine,
        groups.select(
            nw.len().alias("orders"),
            nw.col("pieces").sum().alias("rows"),
            nw.col(keys[0]).n_unique().alias("numbers"),
            count(many).alias("several"),
            count(varied).alias("varied"),
            count(unlike).alias("unlike"),
            sample.alias("sample"),
        ),
    )
    if found["sample"] is not None and rows(found, "unlike"):
        one = groups.filter(unlike & (order == str(found["sample"])))
        found |= row(engine, one.select(nw.col("pieces").max(), nw.col("low").max().alias("size")))
    return found


def _differing(engine: Engine, draft: Draft, several: nw.LazyFrame) -> str:
    """The columns in which rows of one order differ, by name."""
    others = _others(draft)
    groups = several.group_by(draft.normal.outputs["order_id"]).agg(
        *(
            (nw.col(column).cast(nw.String).min() != nw.col(column).cast(nw.String).max()).alias(
                f"differ_{place}"
            )
            for place, column in enumerate(others.values())
        )
    )
    found = row(
        engine,
        groups.select(
            *(count(nw.col(f"differ_{p}")).alias(f"differ_{p}") for p in range(len(others)))
        ),
    )
    names = [name for place, name in enumerate(others) if rows(found, f"differ_{place}")]
    return ", ".join(names[:4]) or "other columns"
