"""What the data now say of months that were published before, and why it is something else.

Each run keeps its rows beside its numbers (`questions.vintage`); a later run asks the same
questions again, and takes every difference apart by replaying the kept rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpilib.errors import InputError
from kpilib.questions.base import CustomerBase
from kpilib.questions.shared import answers
from kpilib.questions.values import KPIValue
from kpilib.questions.vintage.changes import steps
from kpilib.questions.vintage.restate import Restated, Which, differs, finite, restate
from kpilib.questions.vintage.rows import Rows, read_rows, rows_of
from kpilib.registry.definitions import Definition, family
from kpilib.report.history.published import Published, months_before
from kpilib.report.history.settling import settling
from kpilib.report.page.facts import Facts
from kpilib.report.publish import folder_name
from kpilib.report.running.reuse import code_digest, digest

LOOKED_AT = 12
"""How many months are looked back at."""
ROWS = "rows"
"""The folder, in a month's, of the rows that were kept."""
RECORD = "restated.json"
"""The file, in a month's folder, of what its run said of the months before."""
APART = ("data_quality",)
"""Families that are about the records as they are today, and of no period."""


@dataclass(frozen=True)
class Past:
    """What a run says of the months before it."""

    rows: Rows | None = field(default=None, repr=False)
    """The run's own rows, to be kept; None where they are too many."""
    months: tuple[dict[str, Any], ...] = ()
    """The archived months, oldest first: `period, folder, languages, values, rows`, and where
    numbers are restated `attributed` (whether their parts are known), `note` where a month's rows
    are not."""
    settling: tuple[dict[str, Any], ...] = ()
    """Where provisional numbers of the run's own month will end."""
    archive: Mapping[str, str] = field(default_factory=dict)
    """Folder of a month that was looked back at → a hash of what it published."""

    @property
    def restated(self) -> int:
        """How many numbers are no longer what was published."""
        return sum(len(month["values"]) for month in self.months)

    def to_dict(self) -> dict[str, Any]:
        """As `restated.json` has it."""
        return {"months": [*self.months], "settling": [*self.settling]}


def look_back(facts: Facts, out: Path, values: Sequence[Mapping[str, Any]]) -> Past:
    """Hold the archived months of the same data against what the data say today.

    `values` are the run's own numbers. Months of other data, and months that began with the run's
    own or later, are left alone.
    """
    base = facts.base
    if base is None:
        return Past()
    rows = rows_of(base)
    before = [
        month
        for month in months_before(out, facts.period.start.isoformat())
        if month.run["data"] == facts.data
    ][-LOOKED_AT:]
    alike = {"inputs": facts.inputs(), "code": code_digest()}
    moved = [one for one in before if any(one.run.get(k) != v for k, v in alike.items())]
    now = _values(base, moved)
    own = out / folder_name(facts.period.label)
    known = records([*(month.folder for month in before), own])
    months = [
        _looked_at(base, month, now, rows, known.get(month.folder.name))
        if month in moved
        else _same(month)
        for month in before
    ]
    ends = settling(before, now, values, facts.as_of)
    archive = {month.folder.name: digest([*month.values]) for month in before}
    return Past(rows, tuple(months), tuple(ends), archive)


def asked_again() -> dict[str, Definition]:
    """The KPIs that are asked again of earlier months."""
    return {name: one for name, one in family("all").items() if one.family not in APART}


def _values(base: CustomerBase, months: Sequence[Published]) -> dict[Which, KPIValue]:
    """Every KPI of the periods of some months, as the data say today."""
    periods = tuple(dict.fromkeys(month.period for month in months))
    if not periods:
        return {}
    found = answers.values(base, asked_again(), periods, exactly=False)
    return {(one.period, one.id, one.segment): one for one in found}


def _same(month: Published) -> dict[str, Any]:
    """A month that nothing can have changed: its input and the code are the same."""
    return {"period": month.label, **month.place, "values": [], "rows": {}}


def _looked_at(
    base: CustomerBase,
    month: Published,
    now: Mapping[Which, KPIValue],
    rows: Rows | None,
    known: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """One month held against today's numbers; what is `known` of it is not reckoned anew."""
    found = _same(month)
    published, today = numbers(month, now), {which: finite(v.value) for which, v in now.items()}
    moved = [which for which in published if differs(published[which], today.get(which))]
    if not moved:
        return found
    try:
        old = read_rows(month.folder / ROWS)
    except InputError as error:
        old, found["note"] = None, str(error)
    if old is None or rows is None:
        plain = [Restated(which, published[which], today.get(which), {}) for which in moved]
        return found | {"values": [_told(one, month, now) for one in plain], "attributed": False}
    found_steps = steps(old, rows)
    counted = {step.kind: dict(step.rows) for step in found_steps if step.rows}
    if known is not None and _still_so(known, published, today, moved):
        parts = {(value["id"], value["segment"]): value["parts"] for value in known["values"]}
        restated = [
            Restated(which, published[which], today.get(which), parts[which[1], which[2]])
            for which in moved
        ]
    else:
        restated = restate(base, published, today, old, rows, found_steps)
    told = [_told(one, month, now) for one in restated]
    return found | {"values": told, "rows": counted, "attributed": True}


def records(folders: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Folder of a month → what the last of these runs that looked at it said of it."""
    found: dict[str, dict[str, Any]] = {}
    for folder in folders:
        try:
            record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            for month in record["months"]:
                for value in month["values"]:
                    [value[name] for name in ("id", "segment", "published", "now", "parts")]
                found[month["folder"]] = month
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _still_so(
    known: Mapping[str, Any],
    published: Mapping[Which, float | None],
    today: Mapping[Which, float | None],
    moved: Sequence[Which],
) -> bool:
    """Whether an earlier run found the very same numbers restated, and attributed them."""
    before = {
        (value["id"], value["segment"]): (value["published"], value["now"])
        for value in known["values"]
    }
    return known.get("attributed") is True and before == {
        (which[1], which[2]): (published[which], today.get(which)) for which in moved
    }


def numbers(month: Published, now: Mapping[Which, KPIValue]) -> dict[Which, float | None]:
    """What a month published of the KPIs that are asked again, parts of KPIs among them.

    Segments that a notebook chose are not asked again, and what was not over was no number yet.
    """
    parts = {which[1] for which, value in now.items() if value.is_part}
    known = asked_again()
    return {
        (month.period, kpi_id, segment): value["value"]
        for (kpi_id, segment), value in month.heads().items()
        if kpi_id in known and value["status"] != "incomplete"
        if segment is None or kpi_id in parts
    }


def _told(one: Restated, month: Published, now: Mapping[Which, KPIValue]) -> dict[str, Any]:
    """A restated number as `restated.json` has it."""
    _, kpi_id, segment = one.which
    value = month.heads()[kpi_id, segment]
    today = now.get(one.which)
    return {
        "id": kpi_id,
        "segment": segment,
        "segment_name": value.get("segment_name"),
        "name": value["name"],
        "unit": value["unit"],
        "currency": value.get("currency"),
        "published": one.published,
        "now": one.now,
        "difference": one.difference,
        "status": None if today is None else str(today.status),
        "parts": dict(one.parts),
    }
