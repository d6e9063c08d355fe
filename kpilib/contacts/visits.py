"""How customers are in touch: interactions, sessions, messages, each beside their active time."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contacts.worded import contacts, mails
from kpilib.engines.expressions import any_of, count_where
from kpilib.periods import Period

DAYS_A_MONTH = 365.25 / 12
KEYS = ("period", "customer_id")
_EVENT = ("customer_id", "event_day", "event_second")


def per_customer(
    base: Business, periods: tuple[Period, ...], key: tuple, *counted: nw.LazyFrame
) -> nw.LazyFrame:
    """Customers with active time in each period, with their active days and what is counted.

    Each frame has `period`, `customer_id` and numbers; what comes back has `active_days` and, under
    the numbers' names, the customer's sums, 0 for the silent. It is held under the `key`.
    """
    return base._keep(("per customer", *key, periods), lambda: _beside(base, periods, counted))


def _beside(
    base: Business, periods: tuple[Period, ...], counted: tuple[nw.LazyFrame, ...]
) -> nw.LazyFrame:
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


def visits(
    base: Business, periods: tuple[Period, ...], channels: tuple[str, ...], minutes: int
) -> nw.LazyFrame:
    """Visits on some channels: what follows within so many minutes of the event before is one.

    A visit is in the period of its first event: `period, customer_id`, `counted` 1.
    """

    def build() -> nw.LazyFrame:
        rows = contacts(base, periods).filter(nw.col("channel").is_in(list(channels)))
        return base.engine.sessions(rows.select(*_EVENT), 60 * minutes)

    events = base._keep(("visits", periods, channels, minutes), build)
    first = events.filter(nw.col("begins") == 1)
    dated = first.select("customer_id", day=nw.col("event_day"))
    return base.within(dated, periods).select(*KEYS, counted=nw.lit(1))


def sessions(base: Business, periods: tuple[Period, ...], events: nw.LazyFrame) -> nw.LazyFrame:
    """The kinds of event of each session: `period, customer_id`, `sessions` and `kinds`.

    A row for each kind that a session had, `kinds` 1; `sessions` is 1 in one row of each.
    """
    kinds = events.group_by("customer_id", "session", "kind").agg(
        day=nw.col("session_day").max(), sessions=nw.col("begins").sum()
    )
    return base.within(kinds, periods).select(*KEYS, "sessions", kinds=nw.lit(1))


def all_events(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Every contact with its kind: interactions by type, and what people did with e-mails.

    A person's opens and clicks are kinds of their own; a machine's opens are nobody's.
    """
    found = [contacts(base, periods).select(*_EVENT, kind=nw.col("kind").fill_null(""))]
    if "email_events" in base.tables:
        opened = (nw.col("event") == "opened") & ~nw.col("machine")
        person = mails(base, periods).filter((nw.col("event") == "clicked") | opened)
        kind = nw.concat_str([nw.lit("e-mail "), nw.col("event")])
        found.append(person.select(*_EVENT, kind=kind))
    return nw.concat(found, how="vertical")


def engaged(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Customers with active time: days with a contact, contacts, sessions and kinds in them.

    `period, customer_id, active_days, days, contacts, sessions, kinds`.
    """
    minutes = base.settings.engagement.session_minutes
    events = base._keep(
        ("events", periods, minutes),
        lambda: base.engine.sessions(all_events(base, periods), 60 * minutes),
    )
    dated = events.select("customer_id", day=nw.col("event_day"), days=nw.col("begins_day"))
    days = base.within(dated, periods)
    return per_customer(
        base,
        periods,
        ("engaged", minutes),
        days.select(*KEYS, "days", contacts=nw.lit(1)),
        sessions(base, periods, events),
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
