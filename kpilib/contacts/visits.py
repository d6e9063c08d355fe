"""How customers are in touch: interactions, sessions, messages, each beside their active time."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.engines.expressions import any_of, count_where, word
from kpilib.periods import Period

DAYS_A_MONTH = 365.25 / 12
MINUTES_A_DAY = 1440
KEYS = ("period", "customer_id")


def per_customer(
    base: Business, periods: tuple[Period, ...], *counted: nw.LazyFrame
) -> nw.LazyFrame:
    """Customers with active time in each period, with their active days and what is counted.

    Each frame has `period`, `customer_id` and numbers; what comes back has `active_days` and, under
    the numbers' names, the customer's sums, 0 for the silent.
    """
    active = base.activity(periods).filter(nw.col("active_days") > 0)
    rows = active.select(*KEYS, "active_days")
    for frame in counted:
        names = [name for name in frame.collect_schema().names() if name not in KEYS]
        sums = frame.group_by(*KEYS).agg(nw.col(*names).sum())
        rows = rows.join(sums, on=list(KEYS), how="left")
        rows = rows.with_columns(nw.col(*names).fill_null(0))
    return rows


def interactions(
    base: Business, periods: tuple[Period, ...], channels: tuple[str, ...] | None = None
) -> nw.LazyFrame:
    """The interactions of each period, on some channels or all, each `counted` as 1."""
    rows = base.events("interactions", periods)
    if channels is not None:
        rows = rows.filter(word("channel").is_in(list(channels)))
    return rows.select(*KEYS, counted=nw.lit(1))


def _begun(
    periods: tuple[Period, ...], events: nw.LazyFrame, minutes: int
) -> tuple[nw.LazyFrame, nw.Expr]:
    """The events that can be of a session of the periods, and which of them begin one.

    What lies so long before the first period that no session can reach into it from there is not
    looked at.
    """
    second = nw.col("event_second")
    earliest = min(period.start_day for period in periods) - minutes // MINUTES_A_DAY - 2
    late = events.filter(nw.col("event_day") >= earliest)
    before = second.shift(1).over("customer_id", order_by="event_second")
    begins = nw.col("before").is_null() | (second - nw.col("before") > 60 * minutes)
    return late.with_columns(before=before), begins


def visits(
    base: Business, periods: tuple[Period, ...], events: nw.LazyFrame, minutes: int
) -> nw.LazyFrame:
    """Visits: what follows within so many minutes of the event before belongs together.

    `events` has `customer_id, event_day, event_second`. A visit is in the period of its first
    event: `period, customer_id`, `counted` 1.
    """
    placed, begins = _begun(periods, events, minutes)
    first = placed.filter(begins).with_columns(day=nw.col("event_day"))
    return base.within(first, periods).select(*KEYS, counted=nw.lit(1))


def sessions(
    base: Business, periods: tuple[Period, ...], events: nw.LazyFrame, minutes: int
) -> nw.LazyFrame:
    """Visits, of events that have a `kind`: `period, customer_id`, `sessions` 1 and `kinds`.

    `kinds` is how many different kinds of event the visit had.
    """
    placed, begins = _begun(periods, events, minutes)
    begun = placed.with_columns(begins=nw.when(begins).then(nw.lit(1)).otherwise(nw.lit(0)))
    numbered = begun.with_columns(
        session=nw.col("begins").cum_sum().over("customer_id", order_by="event_second")
    )
    kinds = numbered.group_by("customer_id", "session", "kind").agg(day=nw.col("event_day").min())
    whole = kinds.group_by("customer_id", "session").agg(day=nw.col("day").min(), kinds=nw.len())
    return base.within(whole, periods).select(*KEYS, "kinds", sessions=nw.lit(1))


def site_events(base: Business, channels: tuple[str, ...]) -> nw.LazyFrame:
    """The interactions on the channels of the site, as `visits` takes them."""
    rows = base.table("interactions").filter(word("channel").is_in(list(channels)))
    return rows.select("customer_id", "event_day", "event_second")


def all_events(base: Business) -> nw.LazyFrame:
    """Every contact with its kind: interactions by type, and what people did with e-mails.

    A person's opens and clicks are kinds of their own; a machine's opens are nobody's.
    """
    columns = ["customer_id", "event_day", "event_second"]
    table = base.table("interactions")
    found = [table.select(*columns, kind=word("event_type").fill_null(""))]
    if "email_events" in base.tables:
        mails = base.table("email_events").with_columns(event=word("event"))
        machine = nw.col("machine_open")
        person = mails.filter(
            (nw.col("event") == "clicked")
            | ((nw.col("event") == "opened") & (machine.is_null() | ~machine))
        )
        kind = nw.concat_str([nw.lit("e-mail "), nw.col("event")])
        found.append(person.select(*columns, kind=kind))
    return found[0] if len(found) == 1 else nw.concat(found, how="vertical")


def engaged(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Customers with active time: days with a contact, contacts, sessions and kinds in them.

    `period, customer_id, active_days, days, contacts, sessions, kinds`.
    """
    events = all_events(base)
    dated = base.within(events.with_columns(day=nw.col("event_day")), periods)
    active = base.activity(periods).filter(nw.col("active_days") > 0).select(*KEYS)
    mine = dated.join(active, on=list(KEYS), how="inner")
    days = mine.group_by(*KEYS, "day").agg(contacts=nw.len())
    minutes = base.settings.engagement.session_minutes
    return per_customer(
        base,
        periods,
        days.select(*KEYS, "contacts", days=nw.lit(1)),
        sessions(base, periods, events, minutes),
    )


def deliveries(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Messages delivered to customers in each period and watched long enough.

    `period, customer_id, message_id, opened` (by a person, within `open_days`), `with_machine` (or
    by a machine), `clicked`.
    """
    days = base.settings.engagement.open_days
    keys = [*KEYS, "message_id"]
    mails = base.table("email_events").with_columns(event=word("event"))
    got = base.events("email_events", periods).filter(word("event") == "delivered")
    first = got.group_by(*keys).agg(delivered=nw.col("event_day").min())
    first = first.filter(nw.col("delivered") + days < base.as_of)
    later = mails.select("customer_id", "message_id", "event", "event_day", "machine_open")
    joined = first.join(later, on=["customer_id", "message_id"], how="left")
    since = nw.col("event_day") - nw.col("delivered")
    in_time = (since >= 0) & (since <= days)
    opened = in_time & (nw.col("event") == "opened")
    machine = nw.col("machine_open").fill_null(False)
    found = joined.group_by(*keys).agg(
        opened=any_of(opened & ~machine),
        with_machine=any_of(opened),
        clicked=any_of(in_time & (nw.col("event") == "clicked")),
    )
    names = ("opened", "with_machine", "clicked")
    return found.with_columns(*((nw.col(name) == 1).alias(name) for name in names))


def mailed(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Customers to whom something was delivered in each period, with whether they unsubscribed."""
    rows = base.events("email_events", periods).with_columns(event=word("event"))
    found = rows.group_by(*KEYS).agg(
        delivered=count_where(nw.col("event") == "delivered"),
        unsubscribed=any_of(nw.col("event") == "unsubscribed"),
    )
    got = found.filter(nw.col("delivered") > 0)
    return got.select(*KEYS, unsubscribed=nw.col("unsubscribed") == 1)
