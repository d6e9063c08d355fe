"""Events of tickets beside the tickets they belong to."""

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading.reading.clock import DAY
from kpilib.loading.reading.values import OURS
from kpilib.loading.rules import Rule
from kpilib.loading.table import Draft

BEFORE = "before its ticket was created"


def leave_out_early(engine: Engine, events: Draft, tickets: nw.LazyFrame) -> None:
    """Leave out the events that happened before their ticket was created.

    On the day of creation an event without a clock, which counts as midnight, is not early.
    """
    if not events.has("event_day", "event_second", "ticket_id"):
        return
    names = ("ticket_id", "created_day", "created_second")
    created = tickets.group_by("ticket_id").agg(
        nw.col(names[1]).min().alias(f"{OURS}created_day"),
        nw.col(names[2]).min().alias(f"{OURS}created_second"),
    )
    created = created.select(
        nw.col("ticket_id").alias(f"{OURS}ticket"), f"{OURS}created_day", f"{OURS}created_second"
    )
    events.frame = events.frame.join(
        engine.keep(created),
        left_on=events.normal.outputs["ticket_id"],
        right_on=f"{OURS}ticket",
        how="left",
    )
    day, second = events.value("event_day"), events.value("event_second")
    midnight = events.normal.clock.to_utc(day * DAY)
    born_day, born = nw.col(f"{OURS}created_day"), nw.col(f"{OURS}created_second")
    early = (day < born_day) | ((day == born_day) & (second < born) & (second != midnight))
    events.add_rule(Rule(BEFORE, early.fill_null(False), fault=False, odd=True))
    events.costly = True
