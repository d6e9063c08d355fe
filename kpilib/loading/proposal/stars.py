"""Files that only add columns to the orders: their items and their payments, joined to them."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kpilib.loading.proposal.write import TableDraft
from kpilib.sources.recognise.guess import Guess
from kpilib.sources.recognise.names import OURS, QUANTITY, UNIT_PRICE
from kpilib.sources.recognise.sample import Sample, squash


def with_joins(tables: Sequence[TableDraft], found: Sequence[Any], to: Path) -> list[TableDraft]:
    """The tables, files of items and payments joined to orders that lack an amount.

    `found` are the files as they were looked at: `path`, `source`, `sample`, `guess`.
    """
    orders = next((one for one in found if _is_orders_without_money(one.guess)), None)
    known = any(table.guess.table == "orders" and table.guess.is_sure for table in tables)
    if orders is None or known:
        return [*tables]
    key = orders.guess.columns.get("order_id")
    joins, amount, lines = [], None, False
    used = {orders.path}
    for one in found:
        theirs = next(
            (name for name in one.sample.columns if key and squash(name) == squash(key)), None
        )
        if one is orders or theirs is None or amount is not None:
            continue
        brought = _money_of(one.sample)
        if brought is None:
            continue
        amount, summed = brought
        file = Path(os.path.relpath(one.path.absolute(), to.parent.absolute())).as_posix()
        on: Any = key if key == theirs else {key: theirs}
        joins.append({"file": file, "on": on, **({"sum": [summed]} if summed else {})})
        lines = summed is None
        used.add(one.path)
    if amount is None:
        return [*tables]
    guess = replace(
        orders.guess,
        columns={**orders.guess.columns, "amount": amount},
        others={**orders.guess.others, "amount": ()},
        doubts=tuple(doubt for doubt in orders.guess.doubts if not doubt.startswith("amount:")),
        lines=lines,
    )
    file = Path(os.path.relpath(orders.path.absolute(), to.parent.absolute())).as_posix()
    made = TableDraft(guess, (file,), tuple(orders.source.notes), joins=tuple(joins))
    others = [
        table
        for table in tables
        if table.guess.table != "orders"
        and not any(one.path in used and one.guess is table.guess for one in found)
    ]
    return [made, *others]


def _is_orders_without_money(guess: Guess) -> bool:
    there = {"order_id", "customer_id", "ordered_at"} <= set(guess.columns)
    return guess.table == "orders" and there and "amount" not in guess.columns


def _money_of(sample: Sample) -> tuple[str, str | None] | None:
    """The amount that a file of items or payments brings, and the column to add up first."""
    there = sample.squashed
    price = next((there[name] for name in UNIT_PRICE if name in there), None)
    if price is not None and sample.columns[price].are_numbers:
        count = next((there[name] for name in QUANTITY if name in there), None)
        return (f'"{price}" * "{count}"' if count else f'"{price}"'), None
    for name in ("paymentvalue", *OURS["orders"]["amount"][0]):
        if name in there and sample.columns[there[name]].are_numbers:
            return f'"{there[name]}"', there[name]
    return None
