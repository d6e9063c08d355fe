"""From run to run: values of earlier periods that need not be computed again.

A month's folder keeps the settled values that its run was answered, and what they rest on. The next
run of the same data takes over those whose rows are the same still, and computes the others; what
it says of that is in `carried`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kpilib.periods import day_date
from kpilib.questions.shared import earlier
from kpilib.questions.shared.earlier import FILE, Ground
from kpilib.report.history.carried import DAMAGED, ENGINE, FORCED, NOTHING, ROWS, SHORTER
from kpilib.report.history.published import months_before
from kpilib.report.page.facts import Facts, versions
from kpilib.report.publish import folder_name, read_run
from kpilib.report.running.reuse import code_digest, digest


@dataclass(frozen=True)
class Carried:
    """What a run's values rest on, and what it took over from an earlier one."""

    ground: Ground | None = None
    """None where that cannot be told: then nothing is taken over, and nothing kept."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """For `run.json`: `values` (how many were taken over), `of` (how many were kept), `from` (the
    folder, None where there is none), `until` (the rows of the days before it are the same), and
    `why` not all were: a list of `reason` and `names`, see `carried`. Empty without data."""


def take_over(facts: Facts, out: Path, *, anew: bool) -> Carried:
    """Lay down for all processes of a run what still holds of the last run of the same data.

    With `anew` nothing is taken over, and all is computed.
    """
    if facts.base is None:
        return Carried()
    ground = None
    if facts.base.answered is not None:
        ground = earlier.ground(facts.base, digest([code_digest(), versions()]))
    if ground is None or anew:
        return Carried(ground, _nothing(None, {ENGINE if ground is None else FORCED: []}))
    refused = []
    for folder in _folders(facts, out):
        kept = _kept(folder)
        if kept is None:
            refused.append(_nothing(folder, {DAMAGED: [folder.name]}))
        elif differs := ground.differs(kept[0]):
            refused.append(_nothing(folder, differs, _count(kept[1])))
        else:
            return Carried(ground, _taken(facts, folder, ground, *kept))
    return Carried(ground, refused[0] if refused else _nothing(None, {NOTHING: []}))


def _taken(
    facts: Facts, folder: Path, ground: Ground, before: Ground, kept: Mapping[str, Any]
) -> dict[str, Any]:
    """What is taken over of a folder whose values may hold, as far as their rows do."""
    assert facts.base is not None
    until = ground.same_until(before)
    assert until is not None
    count, every = earlier.lay_earlier(facts.base, kept, until), _count(kept)
    day = day_date(until).isoformat()
    why: dict[str, list[str]] = {}
    if not every:
        why = {NOTHING: []}
    elif count < every and until < min(ground.as_of, before.as_of):
        why = {ROWS: [day]}
    elif count < every and ground.as_of < before.as_of:
        why = {SHORTER: [day]}
    return _nothing(folder, why, every) | {"values": count, "until": day}


def _nothing(folder: Path | None, why: Mapping[str, list[str]], kept: int = 0) -> dict[str, Any]:
    reasons = [{"reason": reason, "names": names} for reason, names in why.items()]
    name = folder and folder.name
    return {"from": name, "values": 0, "of": kept, "until": None, "why": reasons}


def _count(kept: Mapping[str, Any]) -> int:
    return sum(len(values["rows"]) for values in kept.values())


def keep(carried: Carried, folder: Path, facts: Facts) -> None:
    """Lay down in a month's folder what the next run may take over."""
    if carried.ground is None or facts.base is None:
        return
    kept = {"ground": asdict(carried.ground), "values": earlier.noted(facts.base)}
    (folder / FILE).write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


def _folders(facts: Facts, out: Path) -> Iterator[Path]:
    """The same month as it was published, and those before it of the same data, latest first."""
    own = out / folder_name(facts.period.label)
    if (read_run(own) or {}).get("data") == facts.data:
        yield own
    for month in reversed(months_before(out, facts.period.start.isoformat())):
        if month.run["data"] == facts.data:
            yield month.folder


def _kept(folder: Path) -> tuple[Ground, dict[str, Any]] | None:
    """What a run has kept; None where there is nothing, or it is not what was written."""
    try:
        written = (folder / FILE).read_bytes()
        sealed = (read_run(folder) or {})["files"][FILE]
        if hashlib.sha256(written).hexdigest() != sealed:
            return None
        kept = json.loads(written)
        marks = {
            name: {int(day): mark for day, mark in days.items()}
            for name, days in kept["ground"]["marks"].items()
        }
        parts = dict(kept["ground"]["parts"])
        return Ground(parts, kept["ground"]["as_of"], marks), kept["values"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
