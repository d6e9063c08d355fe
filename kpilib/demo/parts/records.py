"""The customers table as it is kept: second records, test accounts, gaps, errors, consents."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.parts.people import People
from kpilib.demo.rows import Rows, Words, by_time, count, stack, take

PLACEHOLDERS = ("n/a", "unknown")
VAGUE = "other"
COLUMNS = ("acquisition_channel", "segment", "country")


@dataclass(frozen=True)
class Book:
    """The customers table and what was done to it."""

    rows: Rows
    truth: dict[str, Words]
    """Column → what is true of each customer, whatever the table says."""
    owner: np.ndarray
    """The customer of each second record."""
    second_from: np.ndarray
    """The second from which orders may be booked on each second record."""
    tests: int
    """Test accounts; they come last."""

    @property
    def customers(self) -> int:
        """Customers without second records and tests."""
        return count(self.rows) - len(self.owner) - self.tests


def make_book(
    calendar: Calendar, people: People, referred_by: np.ndarray, rng: np.random.Generator
) -> Book:
    """The customers table; customers first, then their second records, then test accounts."""
    model, law, size = calendar.model, calendar.model.records, len(people)
    truth = {
        "acquisition_channel": Words(people.channel, tuple(c.name for c in model.channels)),
        "segment": Words(people.segment, tuple(s.name for s in model.segments)),
        "country": Words(people.country, tuple(c.code for c in model.countries)),
    }
    created = np.maximum(people.came - rng.integers(20, 900, size), 0)
    fresh = created + (rng.random((2, size)).max(axis=0) * (calendar.days * DAY - created))
    stale = rng.random(size) < law.stale
    known = np.where(rng.random(size) < 0.9, referred_by, -1)
    rows: Rows = {
        "customer_id": np.arange(size),
        "created_at": calendar.times(np.where(rng.random(size) < 0.004, -1, created)),
        **{name: _kept(truth[name], name, calendar, rng) for name in COLUMNS},
        "referred_by_customer_id": known,
        "merged_into_id": np.full(size, -1),
        "is_test": np.zeros(size, bool),
        "contactable": people.reachable,
        "updated_at": calendar.times(np.where(stale, created, fresh)),
    }
    owner = np.sort(rng.choice(size, round(law.duplicates * size), replace=False))
    begins = created[owner] + (rng.random(len(owner)) * (calendar.days * DAY - created[owner]))
    tests = max(1, round(law.tests * size))
    again = _second_records(calendar, take(rows, owner), owner, begins.astype(int), size)
    probes = _tests(calendar, take(rows, np.arange(min(tests, size))), size + len(owner), rng)
    return Book(stack([rows, again, probes]), truth, owner, begins.astype(int), count(probes))


def _kept(true: Words, name: str, calendar: Calendar, rng: np.random.Generator) -> Words:
    """A column as it was recorded: mostly true, sometimes wrong, vague or not there."""
    law, size, kinds = calendar.model.records, len(true), len(true.names)
    codes = true.codes.copy()
    if name != "acquisition_channel" and kinds > 1:
        wrong = rng.random(size) < law.wrong
        codes[wrong] = (codes[wrong] + rng.integers(1, kinds, wrong.sum())) % kinds
    luck, which = rng.random(size), rng.integers(0, 3, size)
    missing, vague = dict(law.missing).get(name, 0.0), dict(law.vague).get(name, 0.0)
    empty = np.array([-1, kinds, kinds + 1])[which]
    codes = np.where(luck < missing, empty, codes)
    codes = np.where((luck >= missing) & (luck < missing + vague), kinds + 2, codes)
    return Words(codes, (*true.names, *PLACEHOLDERS, VAGUE))


def _second_records(
    calendar: Calendar, rows: Rows, owner: np.ndarray, begins: np.ndarray, first: int
) -> Rows:
    """Every tenth leads to another second record, which leads to the customer."""
    size = len(owner)
    into = owner.copy()
    chained = (np.arange(size) % 10 == 9) & (np.arange(size) > 0)
    into[chained] = owner[np.flatnonzero(chained)]
    return {
        **rows,
        "customer_id": first + np.arange(size),
        "created_at": calendar.times(begins),
        "merged_into_id": into,
        "updated_at": calendar.times(begins),
    }


def _tests(calendar: Calendar, rows: Rows, first: int, rng: np.random.Generator) -> Rows:
    size = count(rows)
    return {
        **rows,
        "customer_id": first + np.arange(size),
        "referred_by_customer_id": np.full(size, -1),
        "merged_into_id": np.full(size, -1),
        "is_test": np.ones(size, bool),
    }


def rebooked(
    book: Book, customer: np.ndarray, second: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Customers of rows, half of them moved to a second record once there is one."""
    place = np.full(book.customers, -1)
    place[book.owner] = np.arange(len(book.owner))
    which = place[customer]
    moved = (which >= 0) & (rng.random(len(customer)) < 0.5)
    moved[moved] = second[moved] >= book.second_from[which[moved]]
    return np.where(moved, book.customers + which, customer)


def consents(
    calendar: Calendar,
    people: People,
    stopped: np.ndarray,
    rng: np.random.Generator,
) -> Rows:
    """The table `consents`; who unsubscribes mostly withdraws as well."""
    size = len(people)
    parts: list[Rows] = []
    for purpose, chance in (("marketing", None), ("profiling", 0.45), ("third_party", 0.12)):
        gives = people.consents if chance is None else rng.random(size) < chance
        who = np.flatnonzero(gives)
        given = people.came[who]
        span = calendar.days * DAY - given
        leaves = rng.random(len(who)) < 0.05
        withdrawn = np.where(leaves, given + (rng.random(len(who)) * span).astype(int), -1)
        if chance is None:
            told = (stopped[who] >= 0) & (rng.random(len(who)) < 0.9)
            withdrawn = np.where(told, stopped[who], withdrawn)
        parts.append(
            {
                "customer_id": who,
                "purpose": Words.same(purpose, len(who)),
                "given_at": calendar.times(given),
                "withdrawn_at": calendar.times(withdrawn),
            }
        )
    return by_time(stack(parts), "given_at", "customer_id")


def audit(book: Book, size: int, rng: np.random.Generator) -> Rows:
    """`audit_sample`: customers drawn by chance, one column of each held against the truth."""
    size = min(size, book.customers)
    who = np.sort(rng.choice(book.customers, size, replace=False))
    column = rng.integers(0, len(COLUMNS), size)
    parts = []
    for place, name in enumerate(COLUMNS):
        own = who[column == place]
        parts.append(
            {
                "customer_id": own,
                "column": Words.same(name, len(own)),
                "recorded": book.rows[name][own],
                "verified": book.truth[name][own],
            }
        )
    return by_time(stack(parts), "customer_id")
