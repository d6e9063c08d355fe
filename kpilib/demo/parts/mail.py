"""E-mail: newsletters and campaigns' messages, opened by people and by machines."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.campaigns import FIRST_MONTH, Sent
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, stack, take

EVENTS = ("sent", "delivered", "opened", "clicked", "unsubscribed")


def messages(
    calendar: Calendar,
    people: People,
    made: Purchases,
    sent: list[Sent],
    rng: np.random.Generator,
    first_id: int,
) -> tuple[Rows, np.ndarray]:
    """The table `email_events`, and when each customer unsubscribed (-1: never)."""
    law, close = calendar.model.mail, calendar.days * DAY
    customer, second, campaign, names = _mailing(calendar, people, made, sent, rng)
    size = len(customer)
    taste = rng.beta(*law.opened, len(people))
    machine = (rng.random(len(people)) < law.machine)[customer]
    reads = taste[customer] * np.where(
        made.gone[customer] & (second > made.last[customer] + 30 * DAY), 0.35, 1.0
    )
    arrives = rng.random(size) < law.delivered
    delivered = np.where(arrives, second + rng.integers(1, 90, size), -1)
    opens = arrives & (rng.random(size) < reads)
    opened = np.where(opens, delivered + 60 + (rng.exponential(0.6, size) * DAY).astype(int), -1)
    clicks = opens & (rng.random(size) < law.clicked)
    clicked = np.where(clicks, opened + rng.integers(5, 600, size), -1)
    stops = arrives & (rng.random(size) < law.unsubscribed)
    stopped = np.where(stops, delivered + rng.integers(600, 2 * DAY, size), -1)
    by_machine = np.where(arrives & machine, delivered + rng.integers(5, 300, size), -1)

    until = np.full(len(people), 2**60)
    np.minimum.at(until, customer[stops], stopped[stops])
    kept = second <= until[customer]
    message = np.cumsum(kept) - 1 + first_id
    steps = (second, delivered, opened, clicked, stopped, by_machine)
    codes = (0, 1, 2, 3, 4, 2)
    parts = []
    for at, code in zip(steps, codes, strict=True):
        rows: Rows = {
            "message_id": message,
            "customer_id": customer,
            "campaign": Words(campaign, names),
            "second": at,
            "event": Words(np.full(size, code), EVENTS),
            "machine_open": np.full(size, at is by_machine),
        }
        parts.append(take(rows, kept & (at >= 0) & (at < close)))
    rows = by_time(stack(parts), "second", "message_id")
    rows = {
        "event_at" if name == "second" else name: (
            calendar.times(np.asarray(column)) if name == "second" else column
        )
        for name, column in rows.items()
    }
    return rows, np.where(until < close, until, -1)


def _mailing(
    calendar: Calendar,
    people: People,
    made: Purchases,
    sent: list[Sent],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """Customer, second and campaign of every message, in the order in which they go out."""
    law = calendar.model.mail
    who, when, codes = [], [], []
    names = tuple(one.name for one in sent)
    for place, one in enumerate(sent):
        who.append(one.reached)
        when.append(one.second[: len(one.reached)] + 600)
        codes.append(np.full(len(one.reached), place))
    letters: list[str] = []
    for month in range(FIRST_MONTH // 2, int(calendar.month[-1]) + 1):
        days = np.flatnonzero(calendar.month == month)
        if len(days) < 5:
            continue
        at = int(days[4]) * DAY + 10 * 3600
        fit = people.consents & people.reachable & (people.came < at)
        fit &= ~made.gone | (made.last > at - 300 * DAY)
        drawn = np.flatnonzero(fit & (rng.random(len(people)) < law.monthly))
        who.append(drawn)
        when.append(at + rng.integers(0, 1800, len(drawn)))
        codes.append(np.full(len(drawn), len(names) + len(letters)))
        letters.append(f"newsletter {str(calendar.dates[days[0]])[:7]}")
    if not who:
        none = np.zeros(0, int)
        return none, none, none, ("",)
    customer, second, campaign = (np.concatenate(part) for part in (who, when, codes))
    order = np.lexsort((customer, second))
    return customer[order], second[order], campaign[order], (*names, *letters)
