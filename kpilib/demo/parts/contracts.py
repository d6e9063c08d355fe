"""The membership: contracts cut into terms, a row each."""

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, draw, stack

FAILED = "payment failed"


def memberships(
    calendar: Calendar,
    people: People,
    made: Purchases,
    rng: np.random.Generator,
    first_id: int,
) -> Rows:
    """`subscriptions`: members renew by sBG; who leaves the business gives notice as they lapse."""
    model, club = calendar.model, calendar.model.club
    who = np.flatnonzero(rng.random(len(people)) < club.share)
    start = people.came[who] + (rng.exponential(club.joins, len(who)) * DAY).astype(int)
    lapse = made.last[who] + (model.lapse_window + rng.integers(-3, 12, len(who))) * DAY
    closes = np.where(made.gone[who], lapse, 2**60)
    joins = (start < calendar.days * DAY) & (start < closes - 30 * DAY)
    who, start, closes = who[joins], start[joins], closes[joins]
    kind = draw(rng, [share for _, share, _ in club.terms], len(who))
    months = np.array([one[0] for one in club.terms])[kind]
    price = np.array([one[2] for one in club.terms], float)[kind]
    stops = rng.beta(club.alpha, club.beta, len(who))
    parts: list[Rows] = []
    while len(who) or not parts:
        ends = _later(calendar, start, months)
        stays = (rng.random(len(who)) >= stops) & (ends < closes)
        rows = _term(calendar, who, start, ends, closes, price, stays, made, rng)
        parts.append(rows)
        late = rng.integers(2, 21, len(who)) * DAY * (rng.random(len(who)) < club.gap)
        step = rng.random(len(who))
        price = np.where(step < club.upgrade, price * 1.5, price)
        price = np.where(step > 1 - club.downgrade, price * 0.7, price)
        start = ends + late
        on = stays & (start < calendar.days * DAY)
        who, start, closes, months = who[on], start[on], closes[on], months[on]
        price, stops = price[on], stops[on]
    rows = by_time(stack(parts), "started_at", "customer_id")
    return {"subscription_id": first_id + np.arange(len(np.asarray(rows["started_at"]))), **rows}


def _later(calendar: Calendar, start: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Midnight of the same day of the month, some months later (or of that month's last day)."""
    day = calendar.start + start // DAY
    month = day.astype("datetime64[M]")
    inside = (day - month.astype("datetime64[D]")).astype(int)
    there = month + months
    after = there + np.timedelta64(1, "M")
    length = (after.astype("datetime64[D]") - there.astype("datetime64[D]")).astype(int)
    ends = there.astype("datetime64[D]") + np.minimum(inside, length - 1)
    return (ends - calendar.start).astype(int) * DAY


def _term(
    calendar: Calendar,
    who: np.ndarray,
    start: np.ndarray,
    ends: np.ndarray,
    closes: np.ndarray,
    price: np.ndarray,
    stays: np.ndarray,
    made: Purchases,
    rng: np.random.Generator,
) -> Rows:
    """One term of every member: renewed, ended, or still running when the records stop."""
    club, size, close = calendar.model.club, len(who), calendar.days * DAY
    failed = ~stays & (closes >= ends) & (rng.random(size) < club.failed)
    notice = ~stays & ~failed
    left = closes < ends  # they lapse before the term is over
    last_day = np.where(left, closes // DAY * DAY, ends)
    given = np.maximum(last_day - rng.integers(3, 25, size) * DAY, start + 3600)
    early = notice & ~left & (rng.random(size) < club.early)
    over = np.where(early, np.minimum(given + DAY, ends), np.maximum(last_day, start + DAY))
    over = np.where(failed, ends + 7 * DAY, over)
    words = [reason.words for reason in calendar.model.reasons]
    reason = np.where(made.gone[who], made.reason[who], draw(rng, [0.1, 0.4, 0.2, 0.3], size))
    reason = np.where(rng.random(size) < club.unsaid, -1, np.minimum(reason, len(words) - 1))
    told = notice & (given < close)
    done = over < close
    reason = np.where(told, reason, np.where(failed & done, len(words), -1))
    return {
        "customer_id": who,
        "started_at": calendar.times(start),
        "term_end_at": calendar.times(ends),
        "cancelled_at": calendar.times(np.where(told, given, -1)),
        "ended_at": calendar.times(np.where(done, over, -1)),
        "cancel_reason": Words(reason, (*words, FAILED)),
        "voluntary": ~failed,
        "mrr": np.round(price, -3),
        "currency": Words.same(calendar.model.currency, size),
    }
