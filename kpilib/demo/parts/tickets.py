"""Tickets and what happens to them, in the open hours of the desk that answers."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import DAY, Calendar, holidays
from kpilib.demo.parts.buying import PRODUCTS, Purchases
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, draw, stack, take

TYPES = ("complaint", "question", "return", "technical")
EVENTS = ("created", "reply", "waiting", "resolved", "reopened")
ACTORS = ("customer", "agent", "machine")
CHANNELS = ("email", "chat", "phone", "zalo")


@dataclass(frozen=True)
class Tickets:
    """Tickets as they were made: seconds from the first midnight, -1 where it never happened."""

    rows: Rows
    events: Rows
    customer: np.ndarray
    """Also of those that the records do not connect with one."""
    created: np.ndarray
    hours: np.ndarray
    """Business hours to the first answer, had it been given."""
    solved: np.ndarray
    """When it was solved for good."""


def make_tickets(
    calendar: Calendar,
    people: People,
    made: Purchases,
    ordered: Rows,
    rng: np.random.Generator,
    first_id: int,
) -> Tickets:
    """Every ticket that the purchases give rise to."""
    service = calendar.model.service
    customer, created, type_, slow = _created(calendar, made, ordered, rng)
    size, close = len(customer), calendar.days * DAY
    priority = draw(rng, [share for _, share, _ in service.response], size)
    median = np.array([hours for _, _, hours in service.response])[priority]
    hours = median * np.exp(service.spread * rng.standard_normal(size)) * slow
    desk = _desks(calendar, people)[customer]
    agent = rng.random(size) < service.by_agent
    steps = _steps(calendar, created, hours, median, desk, rng)
    number = first_id + np.arange(size)
    events = stack(
        [
            _event(number, created, "created", np.where(agent, 1, 0), calendar),
            *(_event(number, at, what, who, calendar, public) for at, what, who, public in steps),
        ]
    )
    solved = np.maximum(steps[-1][0], np.where(steps[-2][0] >= 0, -1, steps[-3][0]))
    nameless = rng.random(size) < service.nameless
    rows: Rows = {
        "ticket_id": number,
        "customer_id": np.where(nameless, -1, customer),
        "type": Words(type_, TYPES),
        "created_at": calendar.times(created),
        "priority": Words(priority, tuple(name for name, _, _ in service.response)),
        "channel": Words(draw(rng, (0.4, 0.3, 0.18, 0.12), size), CHANNELS),
        "product": Words(draw(rng, (0.45, 0.25, 0.2, 0.1), size), PRODUCTS),
        "calendar_id": Words(desk, tuple(one.name for one in service.desks)),
    }
    solved = np.where(solved < close, solved, -1)
    return Tickets(rows, by_time(events, "event_at", "ticket_id"), customer, created, hours, solved)


def _created(
    calendar: Calendar, made: Purchases, ordered: Rows, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Customer, second, type and slowness of every ticket, in order of time."""
    model, service = calendar.model, calendar.model.service
    who, second = np.asarray(ordered["customer"]), np.asarray(ordered["second"])
    bad, size = np.asarray(ordered["bad"]), len(np.asarray(ordered["second"]))
    chance = np.where(bad, service.complains, service.complaints)
    complains = rng.random(size) < chance
    asks = rng.random(size) < service.questions
    soon = second + rng.integers(3600, 4 * DAY, size)
    later = second + rng.integers(3600, 10 * DAY, size)
    final = made.gone[who] & (second == made.last[who]) & bad
    customer = np.concatenate([who[complains], who[asks]])
    created = np.concatenate([soon[complains], later[asks]])
    type_ = np.concatenate(
        [np.zeros(complains.sum(), int), 1 + draw(rng, (0.6, 0.2, 0.2), int(asks.sum()))]
    )
    left = np.concatenate([final[complains], final[asks]])
    order = np.lexsort((customer, created))
    order = order[created[order] < calendar.days * DAY]
    customer, created, type_, left = customer[order], created[order], type_[order], left[order]
    slow = np.where(left, service.slower, 1.0)
    for shock in model.shocks:
        if shock.response != 1:
            slow = np.where(calendar.shocked(shock)[created // DAY], slow * shock.response, slow)
    return customer, created, type_, slow


def _desks(calendar: Calendar, people: People) -> np.ndarray:
    """The desk that answers each customer."""
    names = [desk.name for desk in calendar.model.service.desks]
    places = [
        names.index(country.desk) if country.desk in names else 0
        for country in calendar.model.countries
    ]
    return np.array(places)[people.country]


def _steps(
    calendar: Calendar,
    created: np.ndarray,
    hours: np.ndarray,
    median: np.ndarray,
    desk: np.ndarray,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, str, int, bool]]:
    """What happens after a ticket came in: when, what, by whom, seen by the customer or not."""
    service, size = calendar.model.service, len(created)
    desks = [calendar.open_time(one) for one in service.desks]

    def later(at: np.ndarray, spent: np.ndarray) -> np.ndarray:
        found = np.full(size, -1)
        for place, one in enumerate(desks):
            own = (desk == place) & (at >= 0)
            found[own] = one.later(at[own], (spent[own] * 3600).astype(int))
        return found

    answered = rng.random(size) >= service.unanswered
    reply = np.where(answered, later(created, hours), -1)
    noted = answered & (rng.random(size) < 0.2)
    note = np.where(noted, later(created, hours / 2), -1)
    waits = answered & (rng.random(size) < service.waiting)
    waiting = np.where(waits, reply + 60, -1)
    back = np.where(waits, reply + rng.integers(4 * 3600, 40 * 3600, size), -1)
    work = service.solution * median * np.exp(service.spread * rng.standard_normal(size))
    solves = answered & (rng.random(size) >= service.unsolved)
    first = np.where(solves, later(np.maximum(reply, back), work), -1)
    again = solves & (rng.random(size) < service.reopened)
    reopened = np.where(again, first + rng.integers(2 * 3600, 5 * DAY, size), -1)
    second = np.where(again, later(reopened, work / 2), -1)
    return [
        (created + 60, "reply", 2, True),
        (note, "reply", 1, False),
        (reply, "reply", 1, True),
        (waiting, "waiting", 1, True),
        (back, "reply", 0, True),
        (first, "resolved", 1, True),
        (reopened, "reopened", 0, True),
        (second, "resolved", 1, True),
    ]


def _event(
    number: np.ndarray,
    at: np.ndarray,
    what: str,
    who: int | np.ndarray,
    calendar: Calendar,
    public: bool = True,
) -> Rows:
    rows: Rows = {
        "ticket_id": number,
        "event_at": calendar.times(at),
        "event": Words(np.full(len(number), EVENTS.index(what)), EVENTS),
        "actor_type": Words(np.broadcast_to(who, len(number)).copy(), ACTORS),
        "public": np.full(len(number), public),
    }
    return take(rows, (at >= 0) & (at < calendar.days * DAY))


def calendar_rows(calendar: Calendar) -> Rows:
    """`calendars`: the desks' weeks and holidays."""
    rows: list[tuple] = []
    first, last = calendar.start.astype(object).year, calendar.model.end.year
    for desk in calendar.model.service.desks:
        for weekdays, opens, closes in desk.hours:
            low, _, high = weekdays.partition("-")
            for weekday in range(int(low), int(high or low) + 1):
                rows.append((desk.name, desk.zone, str(weekday), opens, closes, None))
        for day in holidays(desk.holidays, first, last):
            rows.append((desk.name, desk.zone, None, None, None, day))
    names = ("calendar_id", "tz", "weekday", "open", "close")
    table: Rows = {name: Words.of([row[i] for row in rows]) for i, name in enumerate(names)}
    dates = np.array([row[5] for row in rows], "datetime64[D]")
    return {**table, "holiday_date": dates}
