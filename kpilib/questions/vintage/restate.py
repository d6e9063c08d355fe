"""Why a number that was published is another one now, put down to kinds of change, exactly.

The old rows are asked again by today's definitions, then with each kind of change put on in turn
(`changes.KINDS`): what a kind moves the number by is its part. The parts add up to the whole
change, whatever the order; which part a kind gets where two meet (a late order of a merged
customer) is decided by the order, which is fixed.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kpilib.engines.connection import one_thread
from kpilib.engines.duck import DuckEngine
from kpilib.loading import Loaded
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.base import CustomerBase
from kpilib.questions.values import KPIValue
from kpilib.questions.vintage.changes import (
    CORRECTED,
    DEFINITION,
    KINDS,
    LAPSE,
    LATE,
    REST,
    SINCE,
    Step,
    steps,
)
from kpilib.questions.vintage.rows import Rows
from kpilib.registry import definitions as registry

Which = tuple[Period, str, str | None]
"""A period, a KPI's id and the segment, None for the whole."""
Numbers = Mapping[Which, float | None]
Stage = tuple[str, Numbers]
"""A kind of change, and the numbers once it is put on."""

TOLERANCE = 1e-9
"""Below this part of a number a difference is one of rounding."""


@dataclass(frozen=True)
class Restated:
    """One number, as it was published and as it is now."""

    which: Which
    published: float | None
    now: float | None
    parts: Mapping[str, float | None]
    """Kind of change → by how much it moved the number; they add up to the whole change. None
    where there is no number on one side of it."""

    @property
    def difference(self) -> float | None:
        """By how much the number is another one; None where there is none on one side."""
        if self.published is None or self.now is None:
            return None
        return self.now - self.published


def differs(old: float | None, new: float | None) -> bool:
    """Whether two numbers differ by more than rounding.

    >>> differs(0.1 + 0.2, 0.3), differs(1.0, None), differs(100.0, 100.01)
    (False, True, True)
    """
    if old is None or new is None:
        return old is not new
    return abs(old - new) > TOLERANCE * max(1.0, abs(old), abs(new))


def restate(
    base: CustomerBase,
    published: Numbers,
    now: Numbers,
    old: Rows,
    new: Rows,
    found: Sequence[Step] | None = None,
) -> list[Restated]:
    """Every number that differs, with its parts.

    `published` and `now` are the numbers then and as `base` gives them, of one period or several;
    `old` and `new` are its rows then and now, `found` their `steps` where they are known already.
    """
    moved = [which for which in published if differs(published[which], now.get(which))]
    if not moved:
        return []
    found = steps(old, new) if found is None else found
    asked = Asked(base, moved)
    stages: list[Stage] = []
    for step in found:
        as_of = new.as_of if step.kind == SINCE else old.as_of
        kind = step.kind
        if kind in (LATE, CORRECTED) and old.reading != new.reading:
            kind = DEFINITION  # rows that came or went because they are read by other rules
        stages.append((kind, asked(step.tables, as_of, old.lapse_window)))
    if not _lapse_given(base) and new.lapse_window != old.lapse_window:
        last = found[-1].tables
        stages.append((LAPSE, asked(last, new.as_of, new.lapse_window)))
    stages.append((REST, now))
    return [_parts(which, published[which], stages) for which in moved]


def _lapse_given(base: CustomerBase) -> bool:
    return base._settings.lapse_window is not None


def _parts(which: Which, published: float | None, stages: Sequence[Stage]) -> Restated:
    """What each stage adds; what is less than rounding goes to the largest part."""
    parts: dict[str, float | None] = {}
    before = published
    for kind, numbers in stages:
        after = numbers.get(which)
        if differs(before, after):
            gap = None if before is None or after is None else after - before
            known = parts.get(kind, 0.0)
            parts[kind] = None if gap is None or known is None else known + gap
            before = after
    now = stages[-1][1].get(which)
    known_parts = {kind: part for kind, part in parts.items() if part is not None}
    if published is not None and now is not None and len(known_parts) == len(parts) > 0:
        largest = max(known_parts, key=lambda kind: abs(known_parts[kind]))
        parts[largest] = known_parts[largest] + (now - published - sum(known_parts.values()))
    return Restated(which, published, now, {one: parts[one] for one in KINDS if one in parts})


class Asked:
    """Numbers that are asked of one set of rows after the other, by a base's own rules."""

    def __init__(self, base: CustomerBase, which: Iterable[Which]) -> None:
        wanted = [*which]
        self.base = base
        self.periods = tuple(dict.fromkeys(period for period, _, _ in wanted))
        ids = dict.fromkeys(kpi_id for _, kpi_id, _ in wanted)
        self.definitions = {kpi_id: registry.definition(kpi_id) for kpi_id in ids}

    def __call__(
        self, tables: Mapping[str, pd.DataFrame], as_of: int, lapse: int
    ) -> dict[Which, float | None]:
        """The numbers that these rows give, seen at a day."""
        replayed = replay(self.base, tables, as_of, lapse)
        values = ask.values(replayed, self.definitions, self.periods)
        replayed.engine.connection.close()  # type: ignore[attr-defined]
        return numbers_of(values)


def numbers_of(values: Iterable[KPIValue]) -> dict[Which, float | None]:
    """Values by period, KPI and segment, as plain numbers."""
    return {(one.period, one.id, one.segment): finite(one.value) for one in values}


def finite(number: float | None) -> float | None:
    """The number, or None where it is none.

    >>> finite(float("nan")), finite(2.0)
    (None, 2.0)
    """
    return number if number is not None and math.isfinite(number) else None


def replay(
    base: CustomerBase, tables: Mapping[str, pd.DataFrame], as_of: int, lapse: int
) -> CustomerBase:
    """A base of these rows, seen at a day, by the rules of `base` and a lapse window."""
    with one_thread():
        engine = DuckEngine()
    settings = base._settings
    if settings.lapse_window is None:
        settings = dataclasses.replace(settings, lapse_window=lapse)
    loaded = Loaded(
        engine=engine,
        tables={name: engine.frame(table) for name, table in tables.items() if len(table.columns)},
        accounts={},
        settings=settings,
        as_of=as_of,
        source=base.source,
    )
    return CustomerBase(loaded, base.lang)
