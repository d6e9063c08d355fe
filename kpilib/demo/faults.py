"""Faulty rows, as records have them: added to the good ones, so that what is true stays true."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import Calendar
from kpilib.demo.rows import Rows, Words, count, stack, take

Spoil = Callable[[Rows, Calendar], Rows]
_UNKNOWN = 10**12


@dataclass(frozen=True)
class Fault:
    """One kind of faulty row."""

    table: str
    kind: str
    """What is wrong, in words."""
    reason: str
    """How the account of the loaded table names it."""
    spoil: Spoil
    """A copy of good rows with the fault put in."""


def none_id(column: str) -> Spoil:
    """The id is missing."""
    return lambda rows, _: {**rows, column: np.full(count(rows), -1)}


def none_word(column: str) -> Spoil:
    """The text is missing."""
    return lambda rows, _: {**rows, column: Words(np.full(count(rows), -1), ("",))}


def none_number(*columns: str) -> Spoil:
    """The numbers are missing."""
    return lambda rows, _: {**rows, **{one: np.full(count(rows), np.nan) for one in columns}}


def none_time(column: str) -> Spoil:
    """The time is missing."""
    return lambda rows, _: {**rows, column: np.full(count(rows), np.datetime64("NaT", "s"))}


def again(rows: Rows, _: Calendar) -> Rows:
    """The row came twice."""
    return rows


def in_years(column: str) -> Spoil:
    """The time lies a year after the last day."""

    def spoil(rows: Rows, calendar: Calendar) -> Rows:
        later = np.datetime64(calendar.model.end) + np.timedelta64(366, "D")
        when = later.astype("datetime64[s]") + np.arange(count(rows)).astype("timedelta64[s]")
        return {**rows, column: when}

    return spoil


def moved(column: str, start: str, seconds: int) -> Spoil:
    """One time lies that many seconds from another."""
    gap = np.timedelta64(seconds, "s")
    return lambda rows, _: {**rows, column: np.asarray(rows[start]) + gap}


def _off_scale(rows: Rows, _: Calendar) -> Rows:
    return {**rows, "score": np.asarray(rows["scale_max"]) + 5}


def _no_order(rows: Rows, _: Calendar) -> Rows:
    number, nobody = _UNKNOWN + np.arange(count(rows)), np.full(count(rows), -1)
    return {**rows, "refund_id": number, "order_id": number + 1, "customer_id": nobody}


def _no_owner(rows: Rows, _: Calendar) -> Rows:
    gone = np.full(count(rows), -1)
    return {**rows, "order_id": gone, "customer_id": gone}


def _oneself(rows: Rows, _: Calendar) -> Rows:
    own = np.asarray(rows["referrer_customer_id"])
    number = _UNKNOWN + np.arange(count(rows))
    return {**rows, "referral_id": number, "converted_customer_id": own}


def _no_rate(rows: Rows, _: Calendar) -> Rows:
    return {**rows, "rate": np.zeros(count(rows))}


def _early_step(rows: Rows, calendar: Calendar) -> Rows:
    before = calendar.start.astype("datetime64[s]") - np.timedelta64(1, "s")
    return {**rows, "event_at": np.full(count(rows), before)}


FAULTS = (
    Fault("orders", "no customer", "no customer_id", none_id("customer_id")),
    Fault("orders", "no amount", "no amount", none_number("amount", "gross_amount")),
    Fault("orders", "no time", "no ordered_at", none_time("ordered_at")),
    Fault("orders", "sent twice", "duplicate order_id", again),
    Fault("orders", "a year ahead", "as_of", in_years("ordered_at")),
    Fault("refunds", "of no known order", "its order is not among those kept", _no_order),
    Fault("refunds", "of nobody", "no customer_id and no order_id", _no_owner),
    Fault("refunds", "sent twice", "duplicate refund_id", again),
    Fault("customers", "sent twice", "duplicate customer_id", again),
    Fault("subscriptions", "ended too early", "ended before it started",
          moved("ended_at", "started_at", -86_400)),
    Fault("subscriptions", "no beginning", "no started_at", none_time("started_at")),
    Fault("exchange_rates", "rate of 0", "rate is not above 0", _no_rate),
    Fault("marketing_spend", "no amount", "no amount", none_number("amount")),
    Fault("campaign_exposures", "no campaign", "no campaign_id", none_word("campaign_id")),
    Fault("email_events", "no event", "no event", none_word("event")),
    Fault("email_events", "no time", "no event_at", none_time("event_at")),
    Fault("interactions", "no customer", "no customer_id", none_id("customer_id")),
    Fault("interactions", "sent twice", "duplicate event_id", again),
    Fault("referrals", "of oneself", "referrer and converted customer are one",
          _oneself),
    Fault("referrals", "sent twice", "duplicate referral_id", again),
    Fault("consents", "no purpose", "no purpose", none_word("purpose")),
    Fault("survey_invitations", "no customer", "no customer_id", none_id("customer_id")),
    Fault("survey_responses", "score off the scale", "score is outside its scale", _off_scale),
    Fault("survey_responses", "answered before it was sent", "answered before it was sent",
          moved("responded_at", "sent_at", -3600)),
    Fault("survey_responses", "sent twice", "duplicate response_id", again),
    Fault("tickets", "sent twice", "duplicate ticket_id", again),
    Fault("tickets", "no time", "no created_at", none_time("created_at")),
    Fault("ticket_events", "before its ticket", "before its ticket was created", _early_step),
    Fault("ticket_events", "no event", "no event", none_word("event")),
    Fault("customer_costs", "no amount", "no amount", none_number("amount")),
)  # fmt: skip


def add_faults(
    table: str, rows: Rows, calendar: Calendar, rng: np.random.Generator, sound: np.ndarray
) -> tuple[Rows, dict[str, int]]:
    """A table with its faulty rows among the others, and how many there are of each kind.

    They are copies of `sound` rows, which nothing else leaves out.
    """
    share = calendar.model.records.faults
    good, size = np.flatnonzero(sound), count(rows)
    wanted = [fault for fault in FAULTS if fault.table == table]
    if not share or not len(good) or not wanted:
        return rows, {}
    parts, made, places = [rows], {}, [np.arange(size, dtype=float)]
    for fault in wanted:
        some = min(max(1, round(share * size)), len(good))
        which = np.sort(rng.choice(good, some, replace=False))
        parts.append(fault.spoil(take(rows, which), calendar))
        places.append(which + 0.5)
        made[fault.kind] = some
    order = np.argsort(np.concatenate(places), kind="stable")
    return take(stack(parts), order), made
