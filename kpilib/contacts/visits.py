"""How customers are in touch: interactions, sessions, messages, each beside their active time."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.worded import contacts, mails
from kpilib.engines.expressions import any_of, count_where
from kpilib.periods import Period

DAYS_A_MONTH = 365.25 / 12
BEFORE_ALL = -10_000_000
"""A day earlier than any in use."""
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
    rows = contacts(base, periods)
    if channels is not None:
        rows = rows.filter(nw.col("channel").is_in(list(channels)))
    dated = rows.select("customer_id", day=nw.col("event_day"))
    return base.within(dated, periods).select(*KEYS, counted=nw.lit(1))


def _begun(events: nw.LazyFrame, minutes: int) -> nw.LazyFrame:
    """The events with `begins`: 1 where a session begins with one, else 0."""
    second = nw.col("event_second")
    before = second.shift(1).over("customer_id", order_by="event_second")
    goes_on = second - nw.col("before") <= 60 * minutes
    begins = nw.when(goes_on).then(nw.lit(0)).otherwise(nw.lit(1))
    return events.with_columns(before=before).with_columns(begins=begins).drop("before")


def visits(
    base: Business, periods: tuple[Period, ...], events: nw.LazyFrame, minutes: int
) -> nw.LazyFrame:
    """Visits: what follows within so many minutes of the event before belongs together.

    `events` has `customer_id, event_day, event_second`. A visit is in the period of its first
    event: `period, customer_id`, `counted` 1.
    """
    first = _begun(events, minutes).filter(nw.col("begins") == 1)
    dated = first.select("customer_id", day=nw.col("event_day"))
    return base.within(dated, periods).select(*KEYS, counted=nw.lit(1))


def sessions(
    base: Business, periods: tuple[Period, ...], events: nw.LazyFrame, minutes: int
) -> nw.LazyFrame:
    """Visits, of events that have a `kind`: `period, customer_id`, `sessions` and `kinds`.

    A row for each kind of event that a visit had, `kinds` 1; `sessions` is 1 in one row of each.
    """
    begun = _begun(events, minutes).with_columns(
        first_day=nw.when(nw.col("begins") == 1)
        .then(nw.col("event_day"))
        .otherwise(nw.lit(BEFORE_ALL))
    )
    # Of events at one second the one that begins the session comes first.
    order = ("event_second", "goes_on")
    numbered = begun.with_columns(goes_on=1 - nw.col("begins")).with_columns(
        session=nw.col("begins").cum_sum().over("customer_id", order_by=order),
        day=nw.col("first_day").cum_max().over("customer_id", order_by=order),
    )
    kinds = numbered.group_by("customer_id", "session", "kind").agg(
        day=nw.col("day").max(), sessions=nw.col("begins").sum()
    )
    return base.within(kinds, periods).select(*KEYS, "sessions", kinds=nw.lit(1))


def site_events(
    base: Business, periods: tuple[Period, ...], channels: tuple[str, ...]
) -> nw.LazyFrame:
    """The interactions on the channels of the site, as `visits` takes them."""
    rows = contacts(base, periods).filter(nw.col("channel").is_in(list(channels)))
    return rows.select("customer_id", "event_day", "event_second")


def all_events(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Every contact with its kind: interactions by type, and what people did with e-mails.

    A person's opens and clicks are kinds of their own; a machine's opens are nobody's.
    """
    columns = ["customer_id", "event_day", "event_second"]
    found = [contacts(base, periods).select(*columns, kind=nw.col("kind").fill_null(""))]
    if "email_events" in base.tables:
        opened = (nw.col("event") == "opened") & ~nw.col("machine")
        person = mails(base, periods).filter((nw.col("event") == "clicked") | opened)
        kind = nw.concat_str([nw.lit("e-mail "), nw.col("event")])
        found.append(person.select(*columns, kind=kind))
    return found[0] if len(found) == 1 else nw.concat(found, how="vertical")


def engaged(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Customers with active time: days with a contact, contacts, sessions and kinds in them.

    `period, customer_id, active_days, days, contacts, sessions, kinds`.
    """
    events = all_events(base, periods)
    dated = events.select("customer_id", day=nw.col("event_day"))
    by_day = dated.group_by("customer_id", "day").agg(contacts=nw.len())
    days = base.within(by_day, periods)
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
    events = mails(base, periods)
    got = events.filter(nw.col("event") == "delivered").with_columns(day=nw.col("event_day"))
    first = base.within(got, periods).group_by(*keys).agg(delivered=nw.col("event_day").min())
    first = first.filter(nw.col("delivered") + days < base.as_of)
    later = events.select("customer_id", "message_id", "event", "event_day", "machine")
    joined = first.join(later, on=["customer_id", "message_id"], how="left")
    since = nw.col("event_day") - nw.col("delivered")
    in_time = (since >= 0) & (since <= days)
    opened = in_time & (nw.col("event") == "opened")
    found = joined.group_by(*keys).agg(
        opened=any_of(opened & ~nw.col("machine")),
        with_machine=any_of(opened),
        clicked=any_of(in_time & (nw.col("event") == "clicked")),
    )
    names = ("opened", "with_machine", "clicked")
    return found.with_columns(*((nw.col(name) == 1).alias(name) for name in names))


def mailed(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Customers to whom something was delivered in each period, with whether they unsubscribed."""
    dated = mails(base, periods).with_columns(day=nw.col("event_day"))
    rows = base.within(dated, periods)
    found = rows.group_by(*KEYS).agg(
        delivered=count_where(nw.col("event") == "delivered"),
        unsubscribed=any_of(nw.col("event") == "unsubscribed"),
    )
    got = found.filter(nw.col("delivered") > 0)
    return got.select(*KEYS, unsubscribed=nw.col("unsubscribed") == 1)
