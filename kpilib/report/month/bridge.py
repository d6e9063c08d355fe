"""What revenue rose or fell by, step by step from one month to the next."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from kpilib.periods import Named
from kpilib.report.month.asked import Asked
from kpilib.report.month.wording import MINUS, Short
from kpilib.words import Text, Unit, _, format_number, pgettext
from kpilib.words.short import short_value
from kpilib.words.text import capital

_NAMES = {
    "new": pgettext("step of the revenue bridge", "New customers"),
    "customers": pgettext("step of the revenue bridge", "Returning buyers"),
    "orders_each": pgettext("step of the revenue bridge", "Orders each"),
    "order_size": pgettext("step of the revenue bridge", "Order size"),
    "refunds": pgettext("step of the revenue bridge", "Refunds"),
}
_NOTES = {
    "new": _("{now} came, after {before}"),
    "refunds": _("for no known order"),
}
_NOTE = _("{now}, after {before}")
_MORE, _LESS = {
    "new": pgettext("what lifted revenue", "new customers"),
    "customers": pgettext("what lifted revenue", "more returning buyers"),
    "orders_each": pgettext("what lifted revenue", "more orders from each"),
    "order_size": pgettext("what lifted revenue", "larger orders"),
    "refunds": pgettext("what lifted revenue", "less money given back"),
}, {
    "new": pgettext("what lowered revenue", "fewer or smaller first orders"),
    "customers": pgettext("what lowered revenue", "fewer returning buyers"),
    "orders_each": pgettext("what lowered revenue", "fewer orders from each"),
    "order_size": pgettext("what lowered revenue", "smaller orders"),
    "refunds": pgettext("what lowered revenue", "more money given back"),
}  # fmt: skip
_TITLES = {
    (True, True): _("{first} outweighed {second}"),
    (True, False): _("What drove the rise most: {first}"),
    (False, True): _("{first} outweighed {second}"),
    (False, False): _("What drove the fall most: {first}"),
}
_LEVEL = _("Revenue came to the same")
_SUB = _("Net revenue: what changed between {before} and {now}, in {currency}")
_ALT = _("From {before} in {earlier} to {now} in {later}: {steps}.")


@dataclass(frozen=True)
class Step:
    """One step: its driver, what it brought in money, and the driver before and now."""

    key: str
    amount: float
    before: float
    now: float

    @property
    def ratio(self) -> float | None:
        """The driver now over before, less 1; None where it cannot be said."""
        if not self.before > 0 or not self.now >= 0:
            return None
        return self.now / self.before - 1


@dataclass(frozen=True)
class Steps:
    """The bridge in steps: revenue before, the steps in order, revenue now."""

    before: float
    now: float
    steps: tuple[Step, ...]

    @property
    def change(self) -> float:
        """What revenue rose by."""
        return self.now - self.before

    def largest(self, rising: bool) -> Step | None:
        """The step that lifted, or lowered, revenue most."""
        some = [step for step in self.steps if (step.amount > 0) == rising and step.amount]
        return max(some, key=lambda step: abs(step.amount), default=None)


def steps(asked: Asked) -> Steps | None:
    """The bridge of the month, new customers as one step; None where there is none."""
    table = asked.bridge
    if table is None:
        return None
    rows = {(row["driver"], row["buyers"]): row for row in table.to_dict("records")}
    of_new = [row for (_, buyers), row in rows.items() if buyers == "new"]
    total, came = rows["revenue", "all"], rows["customers", "new"]
    found = [
        Step(
            "new",
            sum(row["contribution"] for row in of_new),
            came["value_before"],
            came["value_now"],
        )
    ]
    for driver in ("customers", "orders_each", "order_size"):
        found.append(_step(driver, rows[driver, "returning"]))
    if ("refunds", "all") in rows:
        found.append(_step("refunds", rows["refunds", "all"]))
    return Steps(total["value_before"], total["value_now"], tuple(found))


def _step(key: str, row: dict[Any, Any]) -> Step:
    return Step(key, row["contribution"], row["value_before"], row["value_now"])


def bridge(asked: Asked, lang: str) -> dict[str, Any] | None:
    """The bridge to be shown: `title`, `sub`, `svg` (with its name), `list` (the same, for phones).

    An entry of the list: `name`, `note`, `amount`, `kind` (`whole`, `good`, `bad`) and `width`, in
    per cent of the largest step; beside revenue itself the steps would be too short to see.
    """
    found = steps(asked)
    if found is None:
        return None
    currency = asked.base.currency
    entries = _entries(asked, found, lang)
    told = ", ".join(f"{one['name']} {one['amount']}" for one in entries[1:-1])
    alt = _ALT.format(
        before=entries[0]["amount"],
        now=entries[-1]["amount"],
        earlier=Named(asked.period.previous()),
        later=Named(asked.period),
        steps=told,
    ).of(lang)
    sub = _SUB.format(
        before=Named(asked.period.previous()), now=Named(asked.period), currency=currency or ""
    ).of(lang)
    return {
        "title": _title(found).of(lang),
        "sub": sub if currency else sub.rpartition(",")[0] or sub,
        "svg": _drawn(found, entries, alt),
        "list": entries,
    }


def _title(found: Steps) -> Text:
    rises = found.change > 0
    first, second = found.largest(rises), found.largest(not rises)
    if not found.change or first is None:
        return _LEVEL
    words = (_MORE, _LESS) if rises else (_LESS, _MORE)
    parts = {"first": words[0][first.key]}
    against = 0.0 if second is None else abs(second.amount / first.amount)
    if second is not None and 0.15 < against < 1:
        parts["second"] = words[1][second.key]
    title = _TITLES[rises, "second" in parts]
    return title.format(**{name: _Begun(text) if title.message.startswith("{" + name) else text
                           for name, text in parts.items()})  # fmt: skip


@dataclass(frozen=True)
class _Begun:
    """A text that begins a sentence."""

    text: Text

    def of(self, lang: str) -> str:
        return capital(self.text.of(lang))


def _entries(asked: Asked, found: Steps, lang: str) -> list[dict[str, Any]]:
    currency = asked.base.currency
    longest = max(abs(one.amount) for one in found.steps)

    def entry(name: str, note: str, amount: float, kind: str) -> dict[str, Any]:
        text = short_value(abs(amount), Unit.MONEY, lang, currency)
        sign = MINUS if amount < 0 else "+" if kind != "whole" else ""
        width = round(100 * abs(amount) / longest, 1) if longest and kind != "whole" else 0
        return {"name": name, "note": note, "amount": sign + text, "kind": kind, "width": width}

    months = [capital(Named(one).of(lang)) for one in (asked.period.previous(), asked.period)]
    return [
        entry(months[0], "", found.before, "whole"),
        *(
            entry(
                _NAMES[one.key].of(lang),
                _noted(one, lang, currency),
                one.amount,
                "good" if one.amount >= 0 else "bad",
            )
            for one in found.steps
        ),
        entry(months[1], "", found.now, "whole"),
    ]


def _noted(step: Step, lang: str, currency: str | None) -> str:
    """The driver now and before, as far as it can be said."""
    if step.key == "refunds":
        return _NOTES["refunds"].of(lang)

    def written(number: float) -> Any:
        if number != number:
            return "–"
        if step.key == "order_size":
            return Short(number, Unit.MONEY, currency)
        return format_number(number, lang, 2 if step.key == "orders_each" else 0)

    text = _NOTES.get(step.key, _NOTE)
    return text.format(now=written(step.now), before=written(step.before)).of(lang)


WIDE, TALL, FLOOR, TOP = 860, 234, 174, 34


def _drawn(found: Steps, entries: Sequence[dict[str, Any]], alt: str) -> str:
    """The bridge as SVG: bars from the floor at both ends, the steps hanging between."""
    levels = [found.before]
    for step in found.steps:
        levels.append(levels[-1] + step.amount)
    spans = [(0.0, found.before), *pairwise(levels), (0.0, found.now)]
    low, high = min(0.0, *levels), max(0.0, *levels)
    column = WIDE / len(entries)

    def place(level: float) -> float:
        return FLOOR - (FLOOR - TOP) * (level - low) / ((high - low) or 1)

    parts = [f'<line class="floor" x1="0" x2="{WIDE}" y1="{place(0):.1f}" y2="{place(0):.1f}"/>']
    for number, ((start, end), one) in enumerate(zip(spans, entries, strict=True)):
        parts.append(_bar(number, column, place, start, end, one))
        if number < len(entries) - 1:
            y, x = place(end), number * column + 0.84 * column
            parts.append(
                f'<line class="link" x1="{x:.1f}" x2="{x + 0.32 * column:.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/>'
            )
    return (
        f'<svg viewBox="0 0 {WIDE} {TALL}" role="img" aria-label="{escape(alt)}">'
        f"{''.join(parts)}</svg>"
    )


LETTERS = 20
"""So many letters of a note have room under a bar."""
_BREAK = re.compile(r"(?<=[,，、]) ?")


def _lines(note: str) -> list[str]:
    """A note on one line, or on two where it is too long for that."""
    wide = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in note)
    if not note or wide <= LETTERS:
        return [note] if note else []
    return _BREAK.split(note, maxsplit=1)


def _bar(
    number: int,
    column: float,
    place: Callable[[float], float],
    start: float,
    end: float,
    one: dict[str, Any],
) -> str:
    middle, top = (number + 0.5) * column, min(place(start), place(end))
    height = max(abs(place(end) - place(start)), 1.0)
    left, width = middle - 0.34 * column, 0.68 * column
    words = f'<text class="name" x="{middle:.1f}" y="193">{escape(one["name"])}</text>'
    for line, note in enumerate(_lines(one["note"])):
        words += f'<text class="note" x="{middle:.1f}" y="{211 + 16 * line}">{escape(note)}</text>'
    return (
        f'<rect class="{one["kind"]}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="1"/><text class="amount" x="{middle:.1f}" '
        f'y="{top - 7:.1f}">{escape(one["amount"])}</text>{words}'
    )
