"""The account of a table's rows: every row read was kept, or left out for a named reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, NamedTuple, overload

import pandas as pd

from kpilib.errors import KpilibError

SAMPLE_ROWS = 5
"""How many rows a reason shows at most."""


class Samples(Mapping[str, pd.DataFrame]):
    """Sample rows by reason, each fetched when first looked at and then kept.

    >>> Samples({"no customer_id": lambda: pd.DataFrame({"amount": [9.5]})})["no customer_id"]
       amount
    0     9.5
    """

    def __init__(self, fetch: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self._fetch = {reason: cache(rows) for reason, rows in fetch.items()}

    def __getitem__(self, reason: str) -> pd.DataFrame:
        return self._fetch[reason]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._fetch)

    def __len__(self) -> int:
        return len(self._fetch)

    def __reduce__(self) -> tuple:
        """Handed to another process, they are fetched: the source may be out of its reach."""
        return dict, (dict(self),)


class Notes(Sequence[str]):
    """Sentences, some of which are worked out when they are first looked at.

    >>> Notes("a zero amount", lambda: "one customer has all orders", lambda: None)
    ('a zero amount', 'one customer has all orders')
    """

    def __init__(self, *parts: str | Callable[[], str | None]) -> None:
        self._parts = parts

    def and_then(self, *parts: str | Callable[[], str | None]) -> "Notes":
        """These sentences and further ones, none of them worked out yet."""
        return Notes(*self._parts, *parts)

    @cached_property
    def _said(self) -> tuple[str, ...]:
        found = (part if isinstance(part, str) else part() for part in self._parts)
        return tuple(text for text in found if text)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        return self._said[place]

    def __len__(self) -> int:
        return len(self._said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | Notes) and self._said == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._said)

    def __reduce__(self) -> tuple:
        """Handed to another process, they are worked out: the rows may be out of its reach."""
        return tuple, (list(self),)


class StatusCount(NamedTuple):
    """One status of the orders, and what it means.

    >>> StatusCount("wc-pending", 3, "not paid", True).sold
    False
    """

    status: str
    """The word as the source has it."""
    rows: int
    """How many rows have it."""
    reason: str
    """Why such orders are no sale; empty where they are."""
    known: bool
    """Whether it is a known word, or one that the settings name."""

    @property
    def sold(self) -> bool:
        """Whether such orders count as sold."""
        return not self.reason

    @property
    def said(self) -> str:
        """What it means, in words."""
        if self.reason:
            return "not sold" if self.reason == "not sold" else f"not sold: {self.reason}"
        return "sold" if self.known else "sold, as the word is not known"


@dataclass(frozen=True)
class Caveat:
    """What is wrong with a table so far that every number from it should carry it."""

    table: str
    """The table."""
    rows: int
    """Rows left out because something is wrong with them; 0 where they are too few to tell."""
    read: int
    """Rows in the source."""
    money: float | None
    """What those left out are worth; None where the table has no money."""
    worth: float | None
    """What all rows are worth."""
    doubts: dict[str, tuple[int, float | None]]
    """What is a guess about rows that are kept → how many, and what they are worth."""


@dataclass(frozen=True)
class Account:
    """What became of every row of one source table.

    >>> account = Account("orders", read=10, kept=7, left_out={"no customer_id": 3})
    >>> print(account.text())
    orders: 10 rows read, 7 kept, 3 left out
      3  no customer_id
    """

    table: str
    """The table's name in kpilib's vocabulary, like `orders`."""
    read: int
    """Rows in the source."""
    kept: int
    """Rows that count in the KPIs."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Rows left out, by reason: `read == kept + sum(left_out.values())`, always."""
    samples: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    """Up to five rows for each reason, in the source's own columns and values."""
    notes: Sequence[str] = ()
    """What happened to rows that were kept, in sentences."""
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Where several files make the table: file → the rows read from it, and those kept."""

    money: dict[str, float] | None = None
    """What the rows are worth: `kept` and each reason → the sum of the table's amount (of
    subscriptions the monthly revenue); None where the table has no money."""
    wrong: tuple[str, ...] = ()
    """The reasons for which rows are left out because something is wrong with them."""
    doubts: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    """What is a guess about rows that are kept → how many, and what they are worth."""
    statuses: tuple[StatusCount, ...] = ()
    """Orders only: every status with its rows and whether it counts as sold."""

    def __post_init__(self) -> None:
        if self.read != self.kept + sum(self.left_out.values()):
            raise KpilibError(
                f"{self.table}: {self.read:,} rows read are not the {self.kept:,} kept and "
                f"{sum(self.left_out.values()):,} left out; the source changed while it was read, "
                "read it again"
            )

    def caveat(self, least: float = 0.01) -> "Caveat | None":
        """What must be told beside every number: more than `least` wrong, mixed or guessed."""
        out = sum(self.left_out[reason] for reason in self.wrong)
        lost, worth = None, None
        if self.money is not None:
            lost = sum(self.money.get(reason, 0.0) for reason in self.wrong)
            worth = sum(self.money.values())
        doubts = {
            words: found
            for words, found in self.doubts.items()
            if self._tells(*found, worth, least)
        }
        found = Caveat(self.table, out, self.read, lost, worth, doubts)
        if self._tells(out, lost, worth, least):
            return found
        return replace(found, rows=0, money=None) if doubts else None

    def _tells(self, rows: int, money: float | None, worth: float | None, least: float) -> bool:
        """Whether so many rows, or so much money, are more than a share of the table's."""
        if rows > least * self.read:
            return True
        return bool(money and worth is not None and abs(money) > least * abs(worth))

    def text(self, samples: bool = False) -> str:
        """The account as plain text, with the sample rows where `samples`."""
        out = sum(self.left_out.values())
        lines = [f"{self.table}: {self.read:,} rows read, {self.kept:,} kept, {out:,} left out"]
        width = max((len(f"{rows:,}") for rows in self.left_out.values()), default=0)
        for reason, rows in sorted(self.left_out.items(), key=lambda item: (-item[1], item[0])):
            lines.append(f"  {rows:>{width},}  {reason}")
            if samples and reason in self.samples:
                shown = self.samples[reason].to_string(index=False, max_colwidth=28, na_rep="")
                lines += [f"      {line}" for line in shown.splitlines()]
        lines += [
            f"  from {name}: {read:,} rows read, {kept:,} kept"
            for name, (read, kept) in self.parts.items()
        ]
        width = max((len(f"{one.rows:,}") for one in self.statuses), default=0)
        lines += [
            f"  status: {one.rows:>{width},}  {one.status} ({one.said})" for one in self.statuses
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The account as plain values for JSON; sample values as text, missing ones as None."""
        return {
            "table": self.table,
            "read": self.read,
            "kept": self.kept,
            "left_out": dict(self.left_out),
            "samples": {
                reason: [
                    {name: None if pd.isna(value) else str(value) for name, value in row.items()}
                    for row in rows.to_dict("records")
                ]
                for reason, rows in self.samples.items()
            },
            "money": self.money,
            "doubts": [
                {"what": words, "rows": rows, "money": money}
                for words, (rows, money) in self.doubts.items()
            ],
            "statuses": [
                {"status": one.status, "rows": one.rows, "sold": one.sold, "reason": one.reason}
                | {"known": one.known}
                for one in self.statuses
            ],
            "notes": list(self.notes),
            "parts": {
                name: {"read": read, "kept": kept} for name, (read, kept) in self.parts.items()
            },
        }
