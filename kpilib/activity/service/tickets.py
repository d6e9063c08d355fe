"""How tickets were handled: first response, resolution, waits, in the desk's hours."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.activity.service.calendars import HOUR, Desk, decided_to, desk, midnight
from kpilib.engines.expressions import any_of
from kpilib.periods import day_date

if TYPE_CHECKING:
    from kpilib.activity.records import Records

Floats = NDArray[np.float64]

_TIMES = ("answered_second", "resolved_second", "reopened_second", "first_second")


@dataclass(frozen=True)
class Handled:
    """Every ticket so far and how it was handled, and what is to be said of the calendars."""

    rows: nw.LazyFrame
    """One row per ticket. `ticket_id, customer_id, day` (when it came in), `type, priority`
    (trimmed, in small letters), `by_agent` (an agent made it), `answered` and `response_hours`,
    `resolved` (for good) and `resolution_hours`, `first_resolved` and `first_hours`, `age_hours`
    and `promised_hours` to resolution. Hours are the desk's; where the end is not reached they
    run to the moment the data are complete to."""
    by_the_clock: int
    """Tickets that follow no calendar though there are some: theirs are hours of the clock."""
    holidays_to: date | None
    """Later public holidays are not all decided yet; None where none is missing."""


def complaints(base: "Records") -> nw.LazyFrame:
    """The tickets so far with their `day` and whether each is a `complaint`; needs their `type`."""
    is_one = _word("type").is_in(list(base.settings.service.complaint_types))
    tickets = base.tables["tickets"].filter(nw.col("created_day") < base.as_of)
    return tickets.with_columns(day=nw.col("created_day"), complaint=is_one.fill_null(False))


def handled(base: "Records") -> Handled:
    """The tickets so far with their first response and resolution; needs `ticket_events`.

    A first response is the first public reply by an agent; where `public` is not recorded every
    reply is public. A resolution counts for good if no reopening follows it. Events count from the
    ticket's creation until the moment the data are complete to.
    """
    table = base.engine.collect(_with_times(base))
    now = midnight(base, base.as_of)
    first = int(table["created_second"].min()) if len(table) else now
    calendars = desk(base, first, now)
    calendar = _calendar(table)
    found = _hours(base, table, calendars, calendar, now)
    keys = [name for name in ("ticket_id", "customer_id") if name in table]
    ids = table[keys].apply(_whole)
    names = {name: _name(table, name) for name in ("type", "priority")}
    frame = ids.assign(day=table["created_day"].to_numpy(), **names, **found)
    astray = calendars.strange(calendar) if calendars.default is None else 0
    return Handled(base.engine.frame(frame), astray, _holidays_to(base))


def _with_times(base: "Records") -> nw.LazyFrame:
    tickets = base.tables["tickets"].filter(nw.col("created_day") < base.as_of)
    known = tickets.collect_schema().names()
    wanted = ("customer_id", "type", "priority", "calendar_id")
    columns = ["ticket_id", "created_day", "created_second", *(n for n in wanted if n in known)]
    times = _steps(base).group_by("ticket_id").agg(**_times())
    return tickets.select(*columns).join(times, on="ticket_id", how="left")


def _steps(base: "Records") -> nw.LazyFrame:
    """Events of known tickets from their creation on: `ticket_id, second, step, agent, seen`."""
    events = base.tables["ticket_events"].filter(nw.col("event_day") < base.as_of)
    known = events.collect_schema().names()
    agent = _word("actor_type") == "agent" if "actor_type" in known else nw.lit(False)
    seen = nw.col("public") if "public" in known else nw.lit(True)
    created = base.tables["tickets"].select("ticket_id", "created_second")
    steps = events.select("ticket_id", second=nw.col("event_second"), step=_word("event"),
                          agent=agent, seen=seen)  # fmt: skip
    joined = steps.join(created, on="ticket_id", how="inner")
    return joined.filter(nw.col("second") >= nw.col("created_second"))


def _times() -> dict[str, nw.Expr]:
    second, step, agent = nw.col("second"), nw.col("step"), nw.col("agent")
    resolved = nw.when(step == "resolved").then(second)
    return {
        "answered_second": nw.when((step == "reply") & agent & nw.col("seen")).then(second).min(),
        "resolved_second": resolved.max(),
        "first_second": resolved.min(),
        "reopened_second": nw.when(step == "reopened").then(second).max(),
        "by_agent": any_of((step == "created") & agent),
    }


def _hours(
    base: "Records", table: pd.DataFrame, calendars: Desk, calendar: NDArray, now: int
) -> dict[str, NDArray]:
    """The columns of `Handled.rows` that are hours or say whether an end was reached."""
    start = table["created_second"].to_numpy(np.int64)
    answered, resolved, reopened, first = (table[name].to_numpy(float) for name in _TIMES)
    for_good = ~np.isnan(resolved) & ~(reopened > resolved)
    ends = {
        "response": np.where(np.isnan(answered), now, answered),
        "resolution": np.where(for_good, resolved, now),
        "first": np.where(np.isnan(first), now, first),
        "age": np.full(len(table), float(now)),
    }
    spent = {name: calendars.seconds(calendar, start, end) for name, end in ends.items()}
    rule = base.settings.service
    if rule.subtract_waiting:
        waits = _waits(base, table, now)
        for name in ("resolution", "first", "age"):
            spent[name] = spent[name] - _waited(waits, calendars, calendar, ends[name])
    promised = rule.promised(rule.resolution_hours)
    priority = _name(table, "priority")
    return {
        "by_agent": table["by_agent"].fillna(0).to_numpy() == 1,
        "answered": ~np.isnan(answered),
        "resolved": for_good,
        "first_resolved": ~np.isnan(first),
        "promised_hours": priority.map(promised).fillna(promised["default"]).to_numpy(float),
        **{f"{name}_hours": seconds / HOUR for name, seconds in spent.items()},
    }


def _waits(base: "Records", table: pd.DataFrame, now: int) -> pd.DataFrame:
    """Waits for the customer: `ticket` (its place in the table), `start`, `end`."""
    waits = nw.col("step").is_in(list(base.settings.service.waiting_events))
    steps = _steps(base).with_columns(waits=nw.when(waits).then(nw.lit(1)).otherwise(nw.lit(0)))
    following = nw.col("second").shift(-1).over("ticket_id", order_by=["second", "waits"])
    found = base.engine.collect(
        steps.with_columns(end=following)
        .filter(nw.col("waits") == 1)
        .select("ticket_id", "end", start=nw.col("second"))
    )
    place = pd.Index(table["ticket_id"]).get_indexer(pd.Index(found["ticket_id"]))
    return found.assign(ticket=place, end=found["end"].fillna(now)).astype({"end": "int64"})


def _waited(
    waits: pd.DataFrame, calendars: Desk, calendar: NDArray, until: Floats
) -> NDArray[np.int64]:
    """The open seconds that each ticket waited for its customer, up to an end."""
    ticket = waits["ticket"].to_numpy()
    end = np.minimum(waits["end"].to_numpy(), until[ticket])
    spent = calendars.seconds(calendar[ticket], waits["start"].to_numpy(), end)
    return np.bincount(ticket, spent, minlength=len(until)).astype(np.int64)


def _calendar(table: pd.DataFrame) -> NDArray:
    if "calendar_id" not in table:
        return np.full(len(table), None, dtype=object)
    return _whole(table["calendar_id"]).astype("str").to_numpy(dtype=object)


def _holidays_to(base: "Records") -> date | None:
    """The last day to which public holidays are decided, where the data reach beyond it."""
    last = decided_to(base)
    return last if last is not None and last < day_date(base.as_of - 1) else None


def _word(name: str) -> nw.Expr:
    return nw.col(name).str.strip_chars().str.to_lowercase()


def _name(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of words, trimmed and in small letters; none where the table has no such column."""
    if name not in table:
        return pd.Series(pd.NA, table.index, dtype="str")
    return table[name].astype("str").str.strip().str.lower()


def _whole(ids: pd.Series) -> pd.Series:
    """Ids as they were before a missing one made floats of them."""
    return ids.astype("Int64") if pd.api.types.is_float_dtype(ids.dtype) else ids
