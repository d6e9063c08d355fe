"""One table, from its source to checked rows with their account."""

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field

import narwhals.stable.v2 as nw

from kpilib.contract.account import Account
from kpilib.contract.schema import Schema
from kpilib.contract.settings import Settings, TableSettings
from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.between.calendars import numbered
from kpilib.loading.mapping import Mapped, map_columns
from kpilib.loading.reading.clock import DAY, REPEATED, SKIPPED
from kpilib.loading.reading.columns import Reading, Way, read_columns
from kpilib.loading.reading.normal import Normal, normalise
from kpilib.loading.reading.values import OURS
from kpilib.loading.rules import Horizon, Rule, reason_code, row_rules, tomorrow
from kpilib.loading.statuses import Statuses, find_statuses
from kpilib.loading.told import Told
from kpilib.sources.recognise.known import recognised
from kpilib.sources.source import Source

CODE = f"{OURS}code"
"""The working column that holds the place of a row's reason; 0 where the row is kept."""

_KINDS = {
    "id": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "time": "a time",
    "date": "a date",
    "text": "text",
}


@dataclass(frozen=True)
class Plan:
    """A table found, mapped and understood, not yet read."""

    source: Source
    schema: Schema
    options: TableSettings
    mapped: Mapped
    frame: nw.LazyFrame
    readings: dict[str, Reading]
    told: Told

    @property
    def named(self) -> dict[str, list[Reading]]:
        """The thing that an id names → the ids of this table that name it."""
        things: dict[str, list[Reading]] = {}
        for reading in self.readings.values():
            if reading.column.kind == "id":
                things.setdefault(reading.column.names, []).append(reading)
        return things


@dataclass
class Draft:
    """A table on its way: its working frame and the rules that its rows have met so far."""

    plan: Plan
    normal: Normal
    frame: nw.LazyFrame
    rules: list[Rule]
    costly: bool
    measures: dict[str, tuple[nw.Expr, str]] = field(default_factory=dict)
    """Name → rows to count among those kept, and the sentence that says so."""
    statuses: Statuses = field(default_factory=Statuses)
    """What the statuses of orders mean."""
    distinct: bool = False
    """Whether it is known already that no row repeats the table's key."""
    doubts: dict[str, tuple[nw.Expr, str]] = field(default_factory=dict)
    """Name → rows that are kept though something about them is a guess, and what."""
    personal: frozenset[str] | None = frozenset()
    """The source's columns that speak of persons, whose values are not shown; None: all are."""
    notes: list[str] = field(default_factory=list)
    """What is worth knowing about the table beyond what is counted."""

    def value(self, output: str) -> nw.Expr:
        """One of our columns."""
        return nw.col(self.normal.outputs[output])

    def has(self, *outputs: str) -> bool:
        """Whether the table has these columns of ours."""
        return all(output in self.normal.outputs for output in outputs)

    def add_rule(self, rule: Rule) -> None:
        """One more rule, for the rows that no earlier one has caught."""
        self.rules.append(rule)
        caught = (nw.col(CODE) == 0) & rule.breaks
        code = nw.when(caught).then(nw.lit(len(self.rules), nw.Int64)).otherwise(nw.col(CODE))
        self.frame = self.frame.with_columns(code.alias(CODE))

    def set(self, output: str, value: nw.Expr) -> None:
        """One of our columns, made anew; what was said of the old one stays true of it."""
        name = f"{self.normal.outputs.get(output, f'{OURS}is_{output}')}_anew"
        self.frame = self.frame.with_columns(value.alias(name))
        self.normal.outputs[output] = name

    def good(self) -> nw.LazyFrame:
        """The working rows that no rule has caught."""
        return self.frame.filter(nw.col(CODE) == 0)


@dataclass(frozen=True)
class Checked:
    """A table's kept rows and its account."""

    frame: nw.LazyFrame
    account: Account
    last_day: int | None
    """The last day on which a kept row happened."""
    counts: dict[str, int]
    """What `Draft.measures` counted."""
    faults: int
    """Rows left out because something was wrong with them."""


def plan_table(
    engine: Engine, source: Source, schema: Schema, settings: Settings, toml: str
) -> Plan:
    """The table's columns found and how each is read decided, from all of its values."""
    options = settings.table(schema.name)
    told = Told(source.label, schema.name, toml, source.is_file)
    if source.is_file and not told.has_toml:
        source, options = recognised(engine, source, schema, options)
    mapped = map_columns(engine, source, schema, options, toml)
    if options.lines and schema.name != "orders":
        raise InputError(f"{toml}: [{schema.name}] lines is for orders only; take it out")
    if options.lines and "order_id" not in mapped.columns:
        raise InputError(
            f"{source.label} has no order_id, which lines = true needs to put orders together; "
            'map it: order_id = "…"'
        )
    way = Way(options, told, settings.zone, source.is_text, schema.event, tomorrow(settings) * DAY)
    frame, readings = read_columns(engine, mapped, schema, way)
    return Plan(source, schema, options, mapped, frame, readings, told)


def draft_table(
    engine: Engine,
    plan: Plan,
    whole: Mapping[str, bool],
    settings: Settings,
    horizon: Horizon,
) -> Draft:
    """The table's values and, for each row, the first rule that it breaks on its own."""
    normal = normalise(engine, plan.frame, plan.readings, whole, settings.zone)
    costly = any(_is_costly(reading) for reading in plan.readings.values())
    draft = Draft(plan, normal, normal.frame, [], costly)
    if plan.schema.name == "orders" and draft.has("gross_amount"):
        _amount(draft)
    if plan.schema.name == "calendars" and draft.has("weekday"):
        draft.set("weekday", numbered(draft.value("weekday")))
    draft.rules = row_rules(
        plan.schema, draft.normal, plan.mapped.exclusions, plan.options, horizon
    )
    if plan.schema.name == "orders":
        draft.statuses = find_statuses(engine, normal, plan.options, plan.told)
        draft.rules += draft.statuses.rules(draft.normal)
    _doubt(draft)
    draft.frame = draft.frame.with_columns(reason_code(draft.rules).alias(CODE))
    _measure(draft)
    return draft


def _doubt(draft: Draft) -> None:
    """Rows that say nothing wrong, but are written in another way than most, or not understood."""
    unknown = draft.statuses.unknown(draft.normal)
    if unknown is not None:
        draft.doubts["status"] = (unknown, "of a status that is not known, counted as sold")
    for ours, reading in draft.plan.readings.items():
        odd = reading.odd
        if odd is not None:
            words = "with another decimal mark" if reading.times is None else "dated in another way"
            draft.doubts[ours] = (odd, f"{words} than most in {ours}")


def _is_costly(reading: Reading) -> bool:
    """Whether reading a column again costs more than keeping what was read."""
    if reading.family != "text" or reading.column.kind == "text":
        return False
    return reading.column.kind != "id" or reading.whole or not reading.clean


def _amount(draft: Draft) -> None:
    """What the customer paid, from the price, the discount and the tax where it is not said."""
    amount = draft.value("gross_amount")
    unread = draft.normal.unread
    bad = [unread["gross_amount"]]
    for part in ("discount", "tax"):
        if draft.has(part):
            amount = amount - draft.value(part).fill_null(0.0)
            bad.append(unread[part])
    wrong = functools.reduce(operator.or_, bad)
    if draft.has("amount"):
        said = draft.value("amount")
        silent = said.is_null() & ~unread["amount"]
        draft.measures["reckoned"] = (
            silent & ~amount.is_null(),
            "{rows} without an amount, taken as the gross amount less discount and tax",
        )
        amount = nw.when(silent).then(amount).otherwise(said)
        wrong = unread["amount"] | (silent & wrong)
    draft.set("amount", amount)
    unread["amount"] = wrong


def _measure(draft: Draft) -> None:
    """What is worth knowing about rows that are kept: odd hours, values that were set aside."""
    schema, normal = draft.plan.schema, draft.normal
    wall = normal.walls.get(schema.event)
    oddity = normal.clock.oddity(wall) if wall is not None else None
    if oddity is not None:
        name = f"{OURS}oddity"
        draft.frame = draft.frame.with_columns(oddity.alias(name))
        for measure, kind, words in (
            ("repeated", REPEATED, "in the hour that a clock change repeats, read as its first"),
            (
                "skipped",
                SKIPPED,
                "in an hour that a clock change skips, read as if the clock had not changed",
            ),
        ):
            draft.measures[measure] = (nw.col(name) == kind, f"{{rows}} at a time {words}")
    for column in schema.columns:
        if column.required or column.name not in normal.unread:
            continue
        words = f"{{rows}} whose {column.name} is not {_KINDS[column.kind]}, taken as missing"
        draft.measures[f"unread_{column.name}"] = (normal.unread[column.name], words)


def drop_duplicates(engine: Engine, draft: Draft, among: nw.Expr | None = None) -> None:
    """Leave out rows that repeat the table's key, but for one that no order of rows decides.

    `among` says which rows take part; the one kept has the least values, column by column, but
    in `customers` the latest `updated_at`.
    """
    schema = draft.plan.schema
    key = [draft.plan.schema.column(name).outputs[0] for name in schema.key]
    if draft.distinct or not key or not draft.has(*key):
        return
    there = nw.all_horizontal(*(~draft.value(one).is_null() for one in key), ignore_nulls=True)
    part = (nw.col(CODE) == 0) & there
    if among is not None:
        part = part & among
    names = [draft.normal.outputs[output] for output in key]
    # Of all rows, also those left out: then only the key has to be read.
    repeated = engine.repeated(draft.frame.filter(there).select(names), names)
    if repeated is None:
        return
    order = [name for output, name in draft.normal.outputs.items() if output not in key]
    extras = [name for name in draft.plan.mapped.extras.values() if name not in order]
    latest = f"{OURS}latest"
    frame = draft.frame.with_columns(part.fill_null(False).alias(f"{OURS}part"))
    if draft.has("updated_second"):
        frame = frame.with_columns((-draft.value("updated_second")).fill_null(2**62).alias(latest))
        order = [latest, *order]
    frame = frame.with_columns(nw.lit(1).alias(f"{OURS}one"))
    place = nw.col(f"{OURS}one").cum_sum().over(*names, f"{OURS}part", order_by=[*order, *extras])
    # Rows are put in order only where there are several of a key, which are few.
    several = frame.join(repeated, on=names, how="semi")
    ordered = several.with_columns(place.cast(nw.Int64).alias(f"{OURS}place"))
    alone = frame.join(repeated, on=names, how="anti")
    first = alone.with_columns(nw.lit(1).cast(nw.Int64).alias(f"{OURS}place"))
    draft.frame = nw.concat([first, ordered], how="vertical")
    again = nw.col(f"{OURS}part") & (nw.col(f"{OURS}place") > 1)
    draft.add_rule(Rule(f"duplicate {' + '.join(schema.key)}", again))
    draft.costly = True
