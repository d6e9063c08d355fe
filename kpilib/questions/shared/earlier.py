"""What an earlier run was answered of periods whose rows are the same today: not asked again.

A value that is settled rests on the rows of the days before it was, on the settings, the lapse
window and the code, and on nothing else (`Ground`). Where all of these are what they were, so is
the value. A late row, a corrected one and one that is gone move the mark of
their day, a refund that of the order it names: whatever rests on that day or a later one is asked
again. Only of tables in `MARKED` is this known; a KPI that reads any other is always asked.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contract.prepared import laid, lay
from kpilib.contract.tables import schema
from kpilib.engines.duck import DuckEngine
from kpilib.engines.expressions import distinct, smaller
from kpilib.engines.marks import DAY, marks_by_day
from kpilib.periods import Period
from kpilib.questions import ask, availability
from kpilib.questions.shared.plain import values_as_plain, values_from_plain
from kpilib.questions.values import KPIValue, Status
from kpilib.registry import definitions as registry
from kpilib.registry.definitions import Definition

MARKED = ("orders", "refunds", "order_lines")
"""Tables of which every row lies on a day, and changes no number of the days before."""
OF_TODAY = ("data_quality",)
"""Families that are about the records as they are today, and of no period."""
IN_ANY_ORDER = ("lifetime_value",)
"""Families whose sums of money come in another order, and so end on another last digit, where
other periods are asked with them."""
FILE = "earlier.json"
CODE, LAPSE, SETTINGS, COLUMNS, TARGETS = ["code", "lapse_window", "settings", "columns", "targets"]
"""Why nothing of an earlier run may hold."""
MOST = 48
"""How many periods of a KPI are kept."""

Values = dict[str, dict[Period, list[KPIValue]]]
"""KPI → its values by period."""


@dataclass(frozen=True)
class Ground:
    """What settled values rest on."""

    parts: Mapping[str, str]
    """What of the code, the settings, the lapse window and the tables' columns it is: the reason
    to give where it differs, a space and a name where there are several of a kind → its state."""
    as_of: int
    """The day before which the records are complete."""
    marks: Mapping[str, Mapping[int, str]]
    """Table → day → the mark of its rows."""

    def differs(self, before: "Ground") -> dict[str, list[str]]:
        """Why nothing can be the same as `before`: reason → what of it; empty where it can be."""
        found: dict[str, list[str]] = {}
        for part in sorted({*self.parts, *before.parts}):
            if self.parts.get(part) != before.parts.get(part):
                reason, _, name = part.partition(" ")
                found.setdefault(reason, []).extend([name] if name else [])
        if LAPSE in found:
            found[LAPSE] = [one.parts[LAPSE] for one in (before, self)]
        if names := found.get(COLUMNS):  # those of a table that is new or gone go without saying
            found[COLUMNS] = [one for one in names if one.partition(".")[0] not in {*names} - {one}]
        return found

    def same_until(self, before: "Ground") -> int | None:
        """The first day with other rows than `before` had; None where nothing can be the same."""
        if self.differs(before):
            return None
        moved = [
            day
            for name in {*self.marks, *before.marks}
            for day in {*self.marks.get(name, {}), *before.marks.get(name, {})}
            if self.marks.get(name, {}).get(day) != before.marks.get(name, {}).get(day)
        ]
        return min([self.as_of, before.as_of, *moved])


def ground(base: Business, code: str) -> Ground | None:
    """What the values of a base rest on; `code` is a hash of what computes them.

    None where that cannot be told: the rows are not in DuckDB, or there are no orders.
    """
    if not isinstance(base.engine, DuckEngine) or "orders" not in base._tables:
        return None
    tables = {name: _dated(base, name) for name in MARKED if name in base._tables}
    marks = {name: marks_by_day(frame) for name, frame in tables.items()}
    return Ground(_parts(base, code), base.as_of, marks)


def _parts(base: Business, code: str) -> dict[str, str]:
    parts = {CODE: code, LAPSE: str(base.lapse_window.days)}
    for one in fields(base._settings):
        said = getattr(base._settings, one.name)
        if one.name == "lapse_window":
            said = said is None
        elif one.name == "activity":
            said = base.activity_rule
        if one.name != "as_of":
            parts[f"{SETTINGS} {one.name}"] = hashlib.sha256(repr(said).encode()).hexdigest()[:16]
    for name, frame in base._tables.items():
        parts[f"{COLUMNS} {name}"] = ""
        parts |= {f"{COLUMNS} {name}.{one}": "" for one in frame.collect_schema().names()}
    if "targets" in base._tables:
        parts[TARGETS] = base.engine.fingerprint(base._tables["targets"])
    return parts


def _dated(base: Business, name: str) -> nw.LazyFrame:
    """A table's rows with the first day of which they can change a number.

    That of a refund is the day of the order which it names: it changes what was sold then.
    """
    frame = base._tables[name]
    own = nw.col(schema("refunds" if name == "refunds" else "orders").day_of())
    dated = frame.with_columns(own.cast(nw.Int64).alias(DAY))
    orders = base._tables["orders"]
    if name != "refunds" or any(
        "order_id" not in one.collect_schema().names() for one in (frame, orders)
    ):
        return dated
    named = distinct(frame.select("order_id"))
    sold = (
        orders.join(named, on="order_id", how="semi")
        .group_by("order_id")
        .agg(nw.col("ordered_day").cast(nw.Int64).min().alias("sold"))
    )
    joined = dated.join(sold, on="order_id", how="left")
    first = smaller(nw.col(DAY), nw.col("sold").fill_null(nw.col(DAY)))
    return joined.with_columns(first.alias(DAY)).drop("sold")


def lay_earlier(base: Business, plain: Mapping[str, Any], until: int) -> int:
    """Lay down, for all processes of a run, the values whose rows are the same before a day.

    Gives how many there are.
    """
    assert base.answered is not None
    values = _read(base, plain, until)
    lay(base.answered / FILE, _plain(values))
    return sum(len(some) for periods in values.values() for some in periods.values())


def earlier(base: Business) -> Values:
    """What was laid down of earlier periods; nothing outside of a run."""

    def found() -> Values:
        plain = laid(base.answered / FILE) if base.answered else None
        return {
            name: {period: _with_quality(base, name, some) for period, some in periods.items()}
            for name, periods in _read(base, plain or {}, base.as_of).items()
        }

    return base.remember(("earlier",), found)


def note(
    base: Business, name: str, values: Iterable[KPIValue], tables: Collection[str] | None
) -> None:
    """Note what was answered of a KPI, and the tables that it read, as far as that is known."""
    if base.answered is None:
        return
    fresh: dict[Period, list[KPIValue]] = {}
    for value in values:
        fresh.setdefault(value.period, []).append(value)
    base.remember(("noted",), dict).setdefault(name, {}).update(fresh)
    if tables is not None:
        base.remember(("tables of noted",), dict)[name] = frozenset(tables)


def known(base: Business) -> Values:
    """What was laid down of earlier periods, and what this process was answered since."""
    found: Values = {name: dict(periods) for name, periods in earlier(base).items()}
    for name, periods in base.remember(("noted",), dict).items():
        found.setdefault(name, {}).update(periods)
    return found


def noted(base: Business) -> dict[str, Any]:
    """The settled values that are known, as JSON has them, for a later run."""
    every, before = known(base), earlier(base)
    tables = base.remember(("tables of noted",), dict)
    kept: Values = {}
    for name, definition in _ours().items():
        read = tables.get(name)
        if name not in before and not (read and read <= {*MARKED}):
            continue
        latest = sorted(every.get(name, {}), key=lambda one: (one.start, one.end))[-MOST:]
        settled = [one for one in latest if _is_settled(base, definition, one, base.as_of)]
        quality = len(ask._quality(base, definition)) if settled else 0
        for period in settled:
            # The notes on the tables' quality, which come last, speak of today.
            kept.setdefault(name, {})[period] = [
                replace(one, notes=one.notes[: len(one.notes) - quality])
                for one in every[name][period]
            ]
    return _plain(kept)


def _with_quality(base: Business, name: str, values: Iterable[KPIValue]) -> list[KPIValue]:
    own = ask._quality(base, registry.definition(name))
    return [replace(one, notes=(*one.notes, *own)) for one in values]


def _ours() -> dict[str, Definition]:
    """The KPIs whose code is kpilib's own, but for those about the records as they are today."""
    return {
        name: one
        for name, one in registry.family("all").items()
        if one.function.__module__.startswith("kpilib.") and one.family not in OF_TODAY
    }


def _is_settled(base: Business, definition: Definition, period: Period, before: int) -> bool:
    """Whether nothing that happens from a day on can change a value."""
    until = definition.until(base, period) if definition.until else period.end_day
    status, _ = availability.settled(base, definition, period)
    return status is Status.COMPLETE and until <= before


def _plain(values: Values) -> dict[str, Any]:
    return {
        name: values_as_plain([one for some in periods.values() for one in some])
        for name, periods in values.items()
    }


def _read(base: Business, plain: Mapping[str, Any], until: int) -> Values:
    """The values of JSON that rest on nothing but the days before one."""
    found: Values = {}
    ours = _ours()
    for name in plain.keys() & ours.keys():
        rows = partial(_rows_of, base, name)
        for value in values_from_plain(plain[name], base.lang, rows):
            if _is_settled(base, ours[name], value.period, until):
                found.setdefault(name, {}).setdefault(value.period, []).append(value)
    return found


def _rows_of(base: Business, kpi: str, period: Period) -> Callable[[], Any]:
    return lambda: ask.rows(base, kpi, period)
