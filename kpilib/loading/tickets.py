"""What the events of tickets need beyond other tables: the tickets themselves."""

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading.reading.values import OURS
from kpilib.loading.rules import Rule
from kpilib.loading.table import Draft


def leave_out_early_events(engine: Engine, draft: Draft, tickets: nw.LazyFrame | None) -> None:
    """Leave out what is said to have happened to a ticket before it was created."""
    if tickets is None:
        return
    created, ticket = f"{OURS}created", f"{OURS}ticket"
    known = tickets.select(
        nw.col("ticket_id").alias(ticket), nw.col("created_second").alias(created)
    )
    number = draft.normal.outputs["ticket_id"]
    draft.frame = draft.frame.join(engine.keep(known), left_on=number, right_on=ticket, how="left")
    early = (draft.value("event_second") < nw.col(created)).fill_null(False)
    draft.add_rule(Rule("before its ticket was created", early, fault=False, odd=True))
    draft.costly = True
