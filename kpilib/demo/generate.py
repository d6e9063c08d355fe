"""The whole business from its model: part after part, some tens of thousands of customers at once.

Every part draws from a stream of random numbers of its own, named after the seed, the customers
and the part; so a scenario that changes one part leaves the luck of the others as it was.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.faults import add_faults
from kpilib.demo.model import Model
from kpilib.demo.parts import records, upkeep
from kpilib.demo.parts.buying import Purchases, bought_rows, called_off, orders, purchases, refunds
from kpilib.demo.parts.campaigns import Sent, exposure_rows, extra_rows, run_campaigns
from kpilib.demo.parts.contracts import memberships
from kpilib.demo.parts.costs import customer_costs
from kpilib.demo.parts.mail import messages
from kpilib.demo.parts.market import Market, make_market, rate_rows, spend_rows
from kpilib.demo.parts.people import People, make_people
from kpilib.demo.parts.referring import invitations
from kpilib.demo.parts.surveys import surveys
from kpilib.demo.parts.tickets import calendar_rows, make_tickets
from kpilib.demo.parts.visits import interactions
from kpilib.demo.rows import Rows, Words, by_time, count, stack, take
from kpilib.demo.truth import Truth

CHUNK = 50_000
"""Customers who are made at once; who refers whom stays among them."""

EVENTS = {
    "orders": "ordered_at", "refunds": "refunded_at", "subscriptions": "started_at",
    "campaign_exposures": "exposed_at", "email_events": "event_at", "interactions": "event_at",
    "referrals": "invited_at", "consents": "given_at", "survey_invitations": "sent_at",
    "survey_responses": "responded_at", "tickets": "created_at", "ticket_events": "event_at",
}  # fmt: skip
"""Tables that come every month, with the time of a row."""

_IDS = ("customer_id", "referrer_customer_id", "converted_customer_id",
        "referred_by_customer_id", "merged_into_id")  # fmt: skip

Sink = Callable[[str, Rows], None]


def generate(model: Model, sink: Sink) -> Truth:
    """Make the business and return what is true of it; `sink` gets each table, in parts."""
    calendar = Calendar(model)
    market = make_market(calendar, _stream(model, 0, "market"))
    run = _Run(market, sink, Truth(model))
    for place, size in enumerate(_sizes(model.customers)):
        _Chunk(run, place, size).make()
    run.shared()
    return run.truth


def _sizes(customers: int) -> Iterator[int]:
    for begun in range(0, customers, CHUNK):
        yield min(CHUNK, customers - begun)


def _stream(model: Model, chunk: int, part: str) -> np.random.Generator:
    return np.random.default_rng([model.seed, chunk, zlib.crc32(part.encode())])


@dataclass
class _Run:
    """What goes from one lot of customers to the next."""

    market: Market
    sink: Sink
    truth: Truth
    next_id: dict[str, int] = field(default_factory=dict)
    rows: dict[str, np.ndarray] = field(default_factory=dict)
    latest: dict[str, np.ndarray] = field(default_factory=dict)
    mailed: np.ndarray | None = None
    revenue: np.ndarray | None = None

    @property
    def calendar(self) -> Calendar:
        return self.market.calendar

    def first(self, table: str) -> int:
        """The next free number of a table."""
        return self.next_id.get(table, 1)

    def give(
        self, table: str, rows: Rows, rng: np.random.Generator, sound: np.ndarray | None = None
    ) -> None:
        """Hand over a part of a table, with its faulty rows."""
        if table in EVENTS:
            self._log(table, rows)
        sound = np.ones(count(rows), bool) if sound is None else sound
        rows, made = add_faults(table, rows, self.calendar, rng, sound)
        self.truth.add_faults(table, made, count(rows))
        self.sink(table, rows)

    def _log(self, table: str, rows: Rows) -> None:
        when = np.asarray(rows[EVENTS[table]])
        second = (when - self.calendar.start.astype("datetime64[s]")).astype(int)
        second = second[~np.isnat(when)]
        month = self.calendar.month[np.clip(second // DAY, 0, self.calendar.days - 1)]
        size = int(self.calendar.month[-1]) + 1
        latest = self.latest.get(table, np.full(size, -1))
        np.maximum.at(latest, month, second)
        self.latest[table] = latest
        self.rows[table] = self.rows.get(table, np.zeros(size, int)) + np.bincount(
            month, minlength=size
        )

    def shared(self) -> None:
        """The tables that belong to no customer."""
        model, calendar = self.calendar.model, self.calendar
        mailed = self.mailed
        if mailed is None:
            mailed = np.zeros((len(model.campaigns), calendar.days), int)
        rng = _stream(model, 0, "shared")
        self.give("marketing_spend", spend_rows(self.market, mailed), rng)
        self.give("exchange_rates", rate_rows(self.market), rng)
        self.give("calendars", calendar_rows(calendar), rng)
        self.give("rules", upkeep.rule_rows(), rng)
        assert self.revenue is not None
        self.give("targets", upkeep.target_rows(calendar, self.revenue), rng)
        self.give("load_log", upkeep.log_rows(calendar, self.rows, self.latest), rng)


class _Chunk:
    """One lot of customers and all their rows."""

    def __init__(self, run: _Run, place: int, size: int) -> None:
        self.run, self.place, self.size = run, place, size
        self.calendar, self.model = run.calendar, run.calendar.model
        self.offset = run.first("customers")

    def rng(self, part: str) -> np.random.Generator:
        return _stream(self.model, self.place, part)

    def make(self) -> None:
        """Every table, in the order in which one follows from another."""
        run, calendar = self.run, self.calendar
        people = make_people(run.market, self.size, self.rng("people"))
        made = purchases(calendar, people, self.rng("purchases"))
        sent = run_campaigns(calendar, people, made, self.rng("campaigns"))
        ordered = orders(
            run.market, people, bought_rows(made, extra_rows(sent)), self.rng("orders"),
            run.first("orders"),
        )  # fmt: skip
        referred, referred_by = invitations(
            calendar, people, ordered, self.rng("referrals"), run.first("referrals")
        )
        run.next_id["referrals"] = run.first("referrals") + count(referred)
        book = records.make_book(calendar, people, referred_by, self.rng("records"))
        run.truth.add_people(people, made, sent, ordered, book)
        self._count(sent, ordered)
        self._shop(book, made, ordered, people)
        self._outreach(people, made, sent, ordered)
        self._give("referrals", referred)
        self._voice(people, made, ordered)
        self._give("audit_sample", self._audit(book))
        merged = np.asarray(book.rows["merged_into_id"]) >= 0
        self._give("customers", book.rows, ~merged & ~np.asarray(book.rows["is_test"]))
        run.next_id["customers"] = self.offset + count(book.rows)

    def _audit(self, book: records.Book) -> Rows:
        share = self.size / self.model.customers
        size = max(1, round(self.model.records.audited * share))
        return records.audit(book, size, self.rng("audit"))

    def _count(self, sent: list[Sent], ordered: Rows) -> None:
        """Customers reached by campaign and day, and money by month."""
        run, calendar = self.run, self.calendar
        if run.mailed is None:
            run.mailed = np.zeros((len(self.model.campaigns), calendar.days), int)
            run.revenue = np.zeros(int(calendar.month[-1]) + 1)
        for one in sent:
            run.mailed[one.place, one.day] += len(one.reached)
        foreign, day = ordered["currency"], np.asarray(ordered["second"]) // DAY
        assert isinstance(foreign, Words) and run.revenue is not None
        paid = np.asarray(ordered["amount"])
        paid = paid * np.where(foreign.codes == 1, run.market.rate[day], 1.0)
        run.revenue += np.bincount(calendar.month[day], paid, len(run.revenue))

    def _give(self, table: str, rows: Rows, sound: np.ndarray | None = None) -> None:
        """A table with its customers' numbers, what a broken feed lost taken out."""
        rng = self.rng(f"faults of {table}")
        if table in EVENTS:
            arrived = ~self._lost(table, rows, rng)
            rows = take(rows, arrived)
            sound = None if sound is None else sound[arrived]
        shifted = {
            name: np.where(np.asarray(column) >= 0, np.asarray(column) + self.offset, -1)
            if name in _IDS
            else column
            for name, column in rows.items()
        }
        self.run.give(table, shifted, rng, sound)

    def _lost(self, table: str, rows: Rows, rng: np.random.Generator) -> np.ndarray:
        when = np.asarray(rows[EVENTS[table]])
        gone = np.zeros(len(when), bool)
        for shock in self.model.shocks:
            share = dict(shock.lost).get(table, 0.0)
            if share:
                day = when.astype("datetime64[D]")
                during = day >= np.datetime64(shock.since)
                if shock.until is not None:
                    during &= day < np.datetime64(shock.until)
                gone |= during & (rng.random(len(when)) < share)
        return gone

    def _shop(self, book: records.Book, made: Purchases, ordered: Rows, people: People) -> None:
        """Orders with cancelled ones and those of test accounts, refunds, contracts."""
        run, calendar, rng = self.run, self.calendar, self.rng("shop")
        first = run.first("orders") + count(ordered)
        off = called_off(calendar, ordered, rng, first)
        probes = take(ordered, rng.integers(0, count(ordered), 3 * book.tests))
        probes = {
            **probes,
            "customer": count(book.rows) - book.tests + np.arange(3 * book.tests) % book.tests,
            "order_id": first + count(off) + np.arange(3 * book.tests),
            "amount": np.full(3 * book.tests, 1_000.0),
        }
        whole = stack([ordered, off])
        whole["customer"] = records.rebooked(
            book, np.asarray(whole["customer"]), np.asarray(whole["second"]), rng
        )
        whole = by_time(stack([whole, probes]), "second", "order_id")
        run.truth.add_left_out("orders", "called off", "cancelled", count(off))
        run.truth.add_left_out("orders", "test account", "test customer", 3 * book.tests)
        status, owner = whole["status"], np.asarray(whole["customer"])
        assert isinstance(status, Words)
        stands = np.array([name == "completed" for name in status.names])[status.codes]
        stands &= owner < count(book.rows) - book.tests
        self._give("orders", _order_table(calendar, whole, rng), stands)
        run.next_id["orders"] = first + count(off) + 3 * book.tests
        back = refunds(calendar, ordered, self.rng("refunds"), run.first("refunds"))
        run.next_id["refunds"] = run.first("refunds") + count(back)
        run.truth.add_refunds(count(ordered), count(back))
        back["refunded_at"] = calendar.times(np.asarray(back.pop("second")))
        self._give("refunds", back)
        contracts = memberships(
            calendar, people, made, self.rng("contracts"), run.first("subscriptions")
        )
        run.next_id["subscriptions"] = run.first("subscriptions") + count(contracts)
        run.truth.add_contracts(contracts)
        self._give("subscriptions", contracts)

    def _outreach(self, people: People, made: Purchases, sent: list[Sent], ordered: Rows) -> None:
        """Campaigns, e-mail, visits, consents."""
        run, calendar = self.run, self.calendar
        self._give("campaign_exposures", exposure_rows(calendar, sent))
        letters, stopped = messages(
            calendar, people, made, sent, self.rng("mail"), run.first("messages")
        )
        run.next_id["messages"] = int(np.asarray(letters["message_id"]).max(initial=0)) + 1
        run.truth.add_mail(letters)
        self._give("email_events", letters)
        visits = interactions(
            calendar, people, made, ordered, self.rng("visits"), run.first("interactions")
        )
        run.next_id["interactions"] = run.first("interactions") + count(visits)
        self._give("interactions", visits)
        self._give("consents", records.consents(calendar, people, stopped, self.rng("consents")))

    def _voice(self, people: People, made: Purchases, ordered: Rows) -> None:
        """Tickets, surveys, and what serving customers cost."""
        run, calendar = self.run, self.calendar
        tickets = make_tickets(
            calendar, people, made, ordered, self.rng("tickets"), run.first("tickets")
        )
        run.next_id["tickets"] = run.first("tickets") + count(tickets.rows)
        run.truth.add_tickets(tickets)
        firsts = (run.first("survey_invitations"), run.first("survey_responses"))
        asked, answers = surveys(
            calendar, people, made, ordered, tickets, self.rng("surveys"), firsts
        )
        for name, rows in (("survey_invitations", asked), ("survey_responses", answers)):
            run.next_id[name] = run.first(name) + count(rows)
            self._give(name, rows)
        self._give("tickets", tickets.rows)
        self._give("ticket_events", tickets.events)
        self._give("customer_costs", customer_costs(run.market, ordered, tickets))


def _order_table(calendar: Calendar, whole: Rows, rng: np.random.Generator) -> Rows:
    """The columns of `orders`, and when each row reached the records."""
    second = np.asarray(whole["second"])
    late = rng.random(len(second)) < calendar.model.records.late
    soon, days = rng.integers(60, 3600, len(second)), rng.integers(DAY, 20 * DAY, len(second))
    wait = np.where(late, days, soon)
    names = (
        "order_id", "amount", "gross_amount", "discount", "tax", "shipping", "currency",
        "status", "product",
    )  # fmt: skip
    return {
        "order_id": np.asarray(whole["order_id"]),
        "customer_id": np.asarray(whole["customer"]),
        "ordered_at": calendar.times(second),
        **{name: whole[name] for name in names[1:]},
        "loaded_at": calendar.times(second + wait),
    }
