"""Which table a file is and which of its columns is which of ours, as far as that is sure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpilib.contract.tables import SCHEMAS
from kpilib.sources.recognise.names import (
    FILES,
    LINE_TOTAL,
    NEVER,
    OURS,
    QUANTITY,
    UNIT_PRICE,
)
from kpilib.sources.recognise.platforms import Platform, platform_of
from kpilib.sources.recognise.sample import Sample, Values, squash


@dataclass(frozen=True)
class Guess:
    """What a file seems to be."""

    table: str
    """The table."""
    columns: Mapping[str, str]
    """Column of ours → column or expression, of which it is sure."""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column of ours → columns that could be it too, or that are to choose from."""
    lines: bool = False
    """Whether several rows make one order."""
    platform: Platform | None = None
    """The export it is, where that is known."""
    doubts: tuple[str, ...] = ()
    """What has to be decided by someone who knows, one sentence each."""

    @property
    def is_sure(self) -> bool:
        """Whether everything that the table needs is found beyond doubt."""
        needed = [name for name in SCHEMAS[self.table].required if name not in self.columns]
        return not needed and not self.doubts


def guess(sample: Sample, table: str | None = None, file: str = "") -> Guess:
    """What a file is; `table` where that is known, `file` its name.

    >>> from kpilib.sources.recognise.sample import sample_from
    >>> columns = {"Kunde": ["a"], "Datum": ["2026-01-05"], "Betrag": ["1,50"]}
    >>> found = guess(sample_from("s.csv", columns))
    >>> found.table, dict(found.columns)
    ('orders', {'customer_id': 'Kunde', 'ordered_at': 'Datum', 'amount': 'Betrag'})
    """
    platform = platform_of(sample)
    if platform is not None and table in (None, platform.table):
        return _of_platform(sample, platform)
    if table is not None:
        return _of_table(sample, table)
    named = [name for name, words in FILES.items() if any(w in squash(file) for w in words)]
    found = {name: _of_table(sample, name) for name in OURS}
    for name in named:
        if found[name].is_sure:
            return found[name]
    ranked = [name for name in _LIKELY if _fits(found[name])]
    return found[(ranked or named or ["orders"])[0]]


_LIKELY = (
    "refunds", "subscriptions", "tickets", "survey_responses", "orders", "customers",
    "marketing_spend",
)  # fmt: skip
"""Where several tables fit: those with columns that no other has go first."""

_OWN = {
    "refunds": ("refund_id",),
    "subscriptions": ("subscription_id", "mrr", "ended_at", "term_end_at", "cancelled_at"),
    "tickets": ("ticket_id",),
    "survey_responses": ("score",),
    "customers": ("created_at", "country", "segment"),
    "marketing_spend": ("channel", "campaign"),
}


def _fits(found: Guess) -> bool:
    own = _OWN.get(found.table)
    return found.is_sure and (own is None or any(name in found.columns for name in own))


def _of_platform(sample: Sample, platform: Platform) -> Guess:
    columns, others = {}, {}
    for ours, choices in platform.columns.items():
        there = [name for choice in choices if (name := _present(sample, choice))]
        if not there:
            continue
        filled = [name for name in there if _filled(sample, name) >= _HALF]
        columns[ours] = (filled or there)[0]
        others[ours] = tuple(name for name in there if name != columns[ours])
    doubts = tuple(
        f"{name}: {platform.name} has no column for it here; map one, or leave the file out"
        for name in SCHEMAS[platform.table].required
        if name not in columns
    )
    return Guess(platform.table, columns, others, platform.lines, platform, doubts)


_HALF = 0.5


def _present(sample: Sample, choice: str) -> str | None:
    if choice.startswith("= "):
        return choice[2:]
    return sample.squashed.get(squash(choice))


def _filled(sample: Sample, name: str) -> float:
    values = sample.columns.get(name)
    return 1.0 if values is None else values.filled


def _of_table(sample: Sample, table: str) -> Guess:
    schema = SCHEMAS[table]
    columns: dict[str, str] = {}
    others: dict[str, tuple[str, ...]] = {}
    doubts: list[str] = []
    lines = False
    for ours in _names_of(table):
        found = [name for name in candidates(sample, table, ours) if name not in columns.values()]
        if ours == "amount" and table == "orders":
            choice = _amount(sample, found, columns.get("order_id"))
            columns |= choice.columns
            others |= choice.others
            doubts += choice.doubts
            lines = choice.lines
        elif found:
            columns[ours], *rest = found
            others[ours] = tuple(rest)
        elif ours == "survey" and (named := _survey(sample)) is not None:
            columns[ours] = named
        elif schema.column(ours).required:
            choices = _by_values(sample, table, ours, set(columns.values()))
            if schema.column(ours).kind == "time" and len(choices) == 1:
                columns[ours] = choices[0]
                continue
            others[ours] = choices
            doubts.append(_ask(ours, choices))
    return Guess(table, columns, others, lines, None, tuple(doubts))


def _survey(sample: Sample) -> str | None:
    """Which survey it is, as SQL, where a column of scores is named after it."""
    said = {kind for name in sample.squashed for kind in ("nps", "csat", "ces") if kind in name}
    return f"'{said.pop()}'" if len(said) == 1 else None


def _names_of(table: str) -> list[str]:
    known = OURS.get(table, {})
    required = [name for name in SCHEMAS[table].required if name not in known]
    return [*known, *required]


def candidates(sample: Sample, table: str, ours: str) -> list[str]:
    """The columns whose name is known for ours and whose values can be it, the surest first."""
    kind = SCHEMAS[table].column(ours).kind
    groups = ((squash(ours),), *OURS.get(table, {}).get(ours, ()))
    found = []
    for group in groups:
        for name in group:
            column = sample.squashed.get(_bare(sample, name))
            if column and column not in found and _suits(sample.columns[column], kind, ours):
                found.append(column)
    return found


def _bare(sample: Sample, name: str) -> str:
    """A name as a column has it: itself, or followed by a currency or zone like `total (EUR)`."""
    if name in sample.squashed:
        return name
    tails = ("eur", "usd", "gbp", "vnd", "cny", "jpy", "aud", "cad", "utc", "元", "at", "dong")
    return next((name + tail for tail in tails if name + tail in sample.squashed), name)


def _suits(values: Values, kind: str, ours: str) -> bool:
    if ours == "currency":
        return not values.texts or values.are_codes
    if ours == "status":
        return not values.are_times and not (values.are_numbers and values.distinct > 20)
    return values.fit(kind)


@dataclass(frozen=True)
class _Choice:
    columns: dict[str, str]
    others: dict[str, tuple[str, ...]]
    doubts: list[str]
    lines: bool = False


def _amount(sample: Sample, found: list[str], order_id: str | None) -> _Choice:
    """Which column the money of an order is, and whether several rows make one order."""
    first = OURS["orders"]["amount"][0]
    strong = [name for name in found if _in_group(name, ("amount", *first))]
    orders = sample.columns[order_id] if order_id else None
    repeats = orders is not None and orders.distinct < len(orders.texts)
    if repeats and (line := _line_amount(sample)) is not None:
        rest = tuple(name for name in found if name != line)
        return _Choice({"amount": line}, {"amount": rest}, [], lines=True)
    if strong and all(sample.columns[name] == sample.columns[strong[0]] for name in strong):
        rest = tuple(name for name in found if name not in strong)
        doubts = [_repeated(order_id, strong[0])] if repeats else []
        return _Choice({"amount": strong[0]}, {"amount": rest}, doubts)
    money = [
        name
        for name in _by_values(sample, "orders", "amount", {order_id or ""})
        if not sample.columns[name].are_whole
    ]
    alone = len(found) == 1 and not repeats and squash(found[0]) not in UNIT_PRICE
    if not strong and alone and set(money) <= set(found):
        return _Choice({"amount": found[0]}, {}, [])
    if not strong and (line := _line_amount(sample)) is not None:
        return _Choice({"amount": line}, {"amount": tuple(found)}, [])
    choices = tuple(strong) or tuple(dict.fromkeys([*found, *money]))
    choices = choices or _by_values(sample, "orders", "amount", {order_id or ""})
    return _Choice({}, {"amount": choices}, [_ask("amount", choices)])


def _repeated(order_id: str | None, amount: str) -> str:
    return (
        f"lines: {order_id} repeats; write lines = true if {amount} is that of one line each, or "
        "leave out all but one row of an order if it is the whole order's"
    )


def _line_amount(sample: Sample) -> str | None:
    """The money of one line: a column of it, or price times quantity."""
    there = sample.squashed
    total = next((there[name] for name in LINE_TOTAL[:3] if name in there), None)
    if total is not None and sample.columns[total].are_numbers:
        return total
    price = next((there[name] for name in UNIT_PRICE if name in there), None)
    count = next((there[name] for name in QUANTITY if name in there), None)
    if price is None or count is None:
        return None
    if not (sample.columns[price].are_numbers and sample.columns[count].are_numbers):
        return None
    return f'"{price}" * "{count}"'


def _in_group(column: str, group: tuple[str, ...]) -> bool:
    name = squash(column)
    return any(name.startswith(known) and len(name) <= len(known) + 4 for known in group)


def _by_values(sample: Sample, table: str, ours: str, taken: set[str]) -> tuple[str, ...]:
    """The columns that could be ours by their values, and are not something else by name."""
    kind = SCHEMAS[table].column(ours).kind
    never = NEVER.get(ours, ())
    return tuple(
        name
        for name, values in sample.columns.items()
        if name not in taken
        and values.texts
        and values.fit(kind)
        and not (kind == "number" and values.are_times)
        and not any(word in squash(name) for word in never)
        and (kind != "id" or values.distinct > 1)
    )


def _ask(ours: str, choices: tuple[str, ...]) -> str:
    if not choices:
        return f"{ours}: no column looks like it; write the one that is, or an SQL expression"
    shown = " or ".join(f'"{name}"' for name in choices[:6])
    return f"{ours}: choose {shown}"
