"""Contracts: ends that are not recorded, and contracts of one customer that overlap."""

from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading.accounting import with_note
from kpilib.loading.reading.values import row, rows
from kpilib.loading.table import Checked

_NO_END = 2**40


def with_ends(checked: Checked) -> Checked:
    """The contracts with the columns of their ends, empty where the source records none."""
    names = checked.frame.collect_schema().names()
    if "ended_day" in names:
        return checked
    empty = nw.lit(None, nw.Int64)
    frame = checked.frame.with_columns(ended_day=empty, ended_second=empty)
    note = "no ends are recorded (ended_at): every contract is taken as running"
    given = [name for name in ("cancelled_at", "term_end_at") if name[:-3] + "_day" in names]
    if given:
        note += f"; if contracts end at {' or '.join(given)}, map ended_at to it"
    return with_note(replace(checked, frame=frame), note)


def last_known_day(engine: Engine, checked: Checked, before: int) -> int | None:
    """The last day on which a contract began, was given notice or ended, before a day."""
    names = checked.frame.collect_schema().names()
    found = [checked.last_day]
    for name in ("ended_day", "cancelled_day"):
        if name in names:
            past = nw.when(nw.col(name) < before).then(nw.col(name))
            last = row(engine, checked.frame.select(past.max().alias("last")))["last"]
            found.append(None if last is None or last != last else int(last))
    return max((day for day in found if day is not None), default=None)


def overlaps(engine: Engine, checked: Checked) -> Checked:
    """The contracts with a note on customers of whom two run at once."""
    start, end = nw.col("started_day"), nw.col("ended_day").fill_null(_NO_END)
    lives = checked.frame.select("customer_id", start=start, end=end)
    following = nw.col("start").shift(-1).over("customer_id", order_by=["start", "end"])
    both = lives.with_columns(following=following).filter(nw.col("following") < nw.col("end"))
    groups = both.group_by("customer_id").agg(nw.len().alias("rows"))
    found = row(engine, groups.select(nw.len().alias("customers")))
    customers = rows(found, "customers")
    if not customers:
        return checked
    who = "1 customer has" if customers == 1 else f"{customers:,} customers have"
    note = f"{who} contracts that overlap: active once, their monthly revenue added up"
    return with_note(checked, note)
