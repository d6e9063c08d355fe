"""What is true of a generated business: the model's parameters, and what chance made of them."""

import dataclasses
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from kpilib.demo.clock import DAY
from kpilib.demo.faults import FAULTS
from kpilib.demo.model import Model
from kpilib.demo.parts.buying import Purchases
from kpilib.demo.parts.campaigns import Sent
from kpilib.demo.parts.people import People, leaving_law
from kpilib.demo.parts.records import Book
from kpilib.demo.parts.tickets import Tickets
from kpilib.demo.rows import Rows, Words, count

WATCHED = 30
"""Days after a campaign in which a purchase counts towards its true effect."""


@dataclass
class Truth:
    """Counts that grow as customers are made; `to_dict` says what they mean."""

    model: Model
    left_out: dict[tuple[str, str, str], int] = field(default_factory=dict)
    campaigns: dict[str, dict[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add_left_out(self, table: str, kind: str, reason: str, rows: int) -> None:
        """Rows that loading leaves out, and the reason that its account will name."""
        if reason == "as_of":
            beyond = np.datetime64(self.model.end) + np.timedelta64(1, "D")
            reason = f"on or after {beyond}, the as_of day"
        key = (table, kind, reason)
        self.left_out[key] = self.left_out.get(key, 0) + rows

    def add_faults(self, table: str, made: dict[str, int], rows: int) -> None:
        """A part of a table, and the faulty rows that it has."""
        self.rows[table] += rows
        reasons = {fault.kind: fault.reason for fault in FAULTS if fault.table == table}
        for kind, number in made.items():
            self.add_left_out(table, kind, reasons[kind], number)

    def add_people(
        self, people: People, made: Purchases, sent: list[Sent], ordered: Rows, book: Book
    ) -> None:
        """Who came and left, what campaigns did, how the customers table is kept."""
        model, size = self.model, len(people)
        came, left = self.counts["customers"], self.counts["left_for"]
        came["all"] += size
        came["purchases"] += len(made.customer)
        came["orders"] += count(ordered)
        came["left"] += int(made.gone.sum())
        came["bad_experiences"] += int(made.bad.sum())
        for place, reason in enumerate(model.reasons):
            left[reason.name] += int((made.reason == place).sum())
        for place, channel in enumerate(model.channels):
            self.counts["new_by_channel"][channel.name] += int((people.channel == place).sum())
        referred = np.asarray(book.rows["referred_by_customer_id"])[:size] >= 0
        came["referrer_recorded"] += int(referred.sum())
        for one in sent:
            self._campaign(one, made)
        merged = "merged into another customer"
        self.add_left_out("customers", "second record", merged, len(book.owner))
        self.add_left_out("customers", "test account", "test customer", book.tests)
        for name, true in book.truth.items():
            kept = book.rows[name]
            assert isinstance(kept, Words)
            codes, kinds = kept.codes[:size], len(true.names)
            found = self.counts[f"column_{name}"]
            found["missing"] += int(((codes < 0) | np.isin(codes, (kinds, kinds + 1))).sum())
            found["vague"] += int((codes == kinds + 2).sum())
            found["true"] += int((codes == true.codes).sum())

    def _campaign(self, one: Sent, made: Purchases) -> None:
        """How many were reached, and how many of them bought who would not have otherwise."""
        span = 10**9
        marks = made.customer * span + made.second
        begins = one.reached * span + one.second[: len(one.reached)]
        ends = one.reached * span + (one.day + WATCHED + 1) * DAY
        own = np.searchsorted(marks, ends) > np.searchsorted(marks, begins)
        lured = np.isin(one.reached, one.made)
        found = self.campaigns.setdefault(one.name, defaultdict(int))
        found["reached"] += len(one.reached)
        found["control"] += len(one.control)
        found["bought_anyway"] += int(own.sum())
        found["won"] += int((lured & ~own).sum())

    def add_refunds(self, orders: int, refunds: int) -> None:
        """Orders, and those refunded wholly or in part."""
        self.counts["refunds"]["orders"] += orders
        self.counts["refunds"]["refunded"] += refunds

    def add_contracts(self, rows: Rows) -> None:
        """Terms of the membership, and how they ended."""
        ended = ~np.isnat(np.asarray(rows["ended_at"]))
        notice = ~np.isnat(np.asarray(rows["cancelled_at"]))
        paid = np.asarray(rows["voluntary"])
        found = self.counts["contracts"]
        found["terms"] += count(rows)
        found["members"] += len(np.unique(np.asarray(rows["customer_id"])))
        found["running"] += int((~ended).sum())
        found["notices"] += int(notice.sum())
        found["failed_payments"] += int((ended & ~paid).sum())
        found["renewed"] += int((ended & ~notice & paid).sum())

    def add_mail(self, rows: Rows) -> None:
        """Messages by what became of them."""
        event, machine = rows["event"], np.asarray(rows["machine_open"])
        assert isinstance(event, Words)
        found = self.counts["email"]
        for code, name in enumerate(event.names):
            found[name] += int(((event.codes == code) & ~machine).sum())
        found["machine_opens"] += int(machine.sum())

    def add_tickets(self, tickets: Tickets) -> None:
        """Tickets by type, and those solved."""
        type_ = tickets.rows["type"]
        assert isinstance(type_, Words)
        found = self.counts["tickets"]
        for code, name in enumerate(type_.names):
            found[name] += int((type_.codes == code).sum())
        found["solved"] += int((tickets.solved >= 0).sum())

    def to_dict(self) -> dict[str, Any]:
        """Everything for `truth.json`.

        `model` holds every parameter; `leaving` the Beta law of each channel; `counts` what chance
        made of it; `campaigns` the true effect on purchases within 30 days; `left_out` the rows
        that loading leaves out, with the reason that its account names.
        """
        a, b = leaving_law(self.model)
        names = [channel.name for channel in self.model.channels]
        return {
            "model": _plain(dataclasses.asdict(self.model)),
            "leaving": {
                name: {"a": round(float(a[i]), 6), "b": round(float(b[i]), 6)}
                for i, name in enumerate(names)
            },
            "counts": {name: dict(found) for name, found in sorted(self.counts.items())},
            "campaigns": {
                name: {**found, "effect": round(found["won"] / max(found["reached"], 1), 6)}
                for name, found in sorted(self.campaigns.items())
            },
            "left_out": [
                {
                    "table": table,
                    "kind": kind,
                    "reason": reason,
                    "rows": rows,
                    "share": round(rows / max(self.rows[table], 1), 6),
                }
                for (table, kind, reason), rows in sorted(self.left_out.items())
            ],
            "rows": dict(sorted(self.rows.items())),
        }


def _plain(value: Any) -> Any:
    """Values as JSON holds them."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
