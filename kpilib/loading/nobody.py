"""Ids that mean nobody, and ids that stand for too many orders to be one customer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from kpilib.contract.vocabulary.nobody import PATTERN, means_nobody, plain_id
from kpilib.engines import Engine
from kpilib.engines.expressions import distinct
from kpilib.loading.reading.values import row, rows
from kpilib.loading.rules import Rule
from kpilib.loading.table import Checked, Draft

NOBODY = "customer_id means nobody"
_HANDFUL, _TENTH, _LEAST = 5, 0.1, 1000
_SHOWN = 6


@dataclass(frozen=True)
class Nobody:
    """Which ids mean nobody in a source."""

    given: tuple[str, ...] | None = None
    """The user's own list, which goes before all words."""
    zero: bool = True
    """Whether 0 does; not where the customers are numbered from it."""

    def means(self, text: str) -> bool:
        """Whether an id means nobody."""
        if self.given is not None:
            return plain_id(text) in {plain_id(one) for one in self.given}
        return means_nobody(text) and (self.zero or plain_id(text) not in ("0", "0.0"))


def find_nobody(
    engine: Engine, drafts: Mapping[str, Draft], given: tuple[str, ...] | None
) -> Nobody:
    """Whether 0 is a customer like the others: where the ids count up from it without gaps.

    The first of customers, orders and subscriptions decides. An id with more than a tenth of
    many rows is never one of such a row of numbers.
    """
    if given is not None:
        return Nobody(given)
    name = next((name for name in ("customers", "orders", "subscriptions") if name in drafts), "")
    draft = drafts.get(name)
    reading = draft.plan.readings["customer_id"] if draft is not None else None
    if draft is None or reading is None or not reading.whole or not reading.low:
        return Nobody()
    value = draft.value("customer_id")
    if draft.frame.collect_schema()[draft.normal.outputs["customer_id"]] != nw.Int64:
        return Nobody()
    zeros = rows(row(engine, draft.frame.filter(value == 0).select(nw.len().alias("n"))), "n")
    if not zeros:
        return Nobody()
    seen = row(engine, draft.frame.select(value.max().alias("high"), nw.len().alias("all")))
    if zeros > max(_HANDFUL, _TENTH * rows(seen, "all")):
        return Nobody()
    # The least ids tell for all whether there are gaps; to look at all of them costs much more.
    least = distinct(draft.frame.filter((value >= 0) & (value < _LEAST)).select(value.alias("id")))
    different = rows(row(engine, least.select(nw.len().alias("ids"))), "ids")
    return Nobody(zero=different < 0.9 * min(_LEAST, rows(seen, "high") + 1))


def leave_out_nobody(engine: Engine, draft: Draft, nobody: Nobody) -> str | None:
    """Leave out the rows whose customer is nobody; a note that says how such ids are written.

    Where a table can do without a customer, the row stays and has none.
    """
    reading = draft.plan.readings.get("customer_id")
    if reading is None:
        return None
    value = draft.value("customer_id")
    is_number = draft.frame.collect_schema()[draft.normal.outputs["customer_id"]] == nw.Int64
    if is_number and not reading.low and nobody.given is None:
        return None
    if is_number:
        likely = value <= 0 if nobody.given is None else value.is_in(_numbers(nobody.given))
    elif nobody.given is not None:
        wanted = [plain_id(one) for one in nobody.given]
        likely = value.str.to_lowercase().is_in(wanted) | value.is_in(list(nobody.given))
    else:
        likely = value.str.contains(PATTERN)
    groups = draft.frame.filter(likely).select(value.alias("id")).group_by("id")
    seen = engine.collect(groups.agg(nw.len().alias("rows")).sort("id"))
    found = {one: int(n) for one, n in zip(seen["id"], seen["rows"], strict=True)}
    found = {one: n for one, n in found.items() if nobody.means(str(one))}
    if not found:
        return _kept_zero(seen["id"].tolist(), nobody) if is_number else None
    is_nobody = value.is_in(list(found)).fill_null(False)
    if reading.column.required:
        draft.add_rule(Rule(NOBODY, is_nobody, fault=False, odd=True))
    else:
        draft.set("customer_id", nw.when(~is_nobody).then(value))
    shown = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    more = f" and {len(shown) - _SHOWN:,} more" if len(shown) > _SHOWN else ""
    words = ", ".join(f"'{one}' ({n:,})" for one, n in shown[:_SHOWN])
    return f"ids that mean nobody: {words}{more}"


def _kept_zero(found: list[int], nobody: Nobody) -> str | None:
    if 0 in found and nobody.given is None and not nobody.zero:
        return 'the customer 0 was kept, as ids count up from 0; if it is nobody, nobody = ["0"]'
    return None


def _numbers(given: tuple[str, ...]) -> list[int]:
    return [int(one) for one in given if re.fullmatch(r"\s*-?[0-9]{1,18}\s*", one)]


def crowded(engine: Engine, checked: Checked) -> str | None:
    """A note on the id with more than a tenth of all orders, if there is one."""
    everyone = checked.frame.select("customer_id")
    top = _top(engine, everyone)
    total = rows(row(engine, checked.frame.select(nw.len().alias("rows"))), "rows")
    if top is None or top[1] <= max(_HANDFUL, _TENTH * total):
        return None
    return (
        f"one customer, '{top[0]}', has {top[1]:,} of {total:,} orders "
        f"({100 * top[1] / total:.0f}%); if it is a till, a shop or nobody, "
        f'nobody = ["{top[0]}"] leaves it out'
    )


def _top(engine: Engine, orders: nw.LazyFrame) -> tuple[object, int] | None:
    groups = orders.group_by("customer_id").agg(nw.len().alias("rows"))
    most = engine.collect(groups.sort("rows", "customer_id", descending=[True, False]).head(1))
    return (most["customer_id"].iloc[0], int(most["rows"].iloc[0])) if len(most) else None
