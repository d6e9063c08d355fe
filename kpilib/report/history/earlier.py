"""From run to run: values of earlier periods that need not be computed again.

A month's folder keeps the settled values that its run was answered, and what they rest on. The next
run of the same data takes over those whose rows are the same still, and computes the others.
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
from kpilib.report.history.published import months_before
from kpilib.report.page.facts import Facts, versions
from kpilib.report.publish import read_run
from kpilib.report.running.reuse import code_digest, digest


@dataclass(frozen=True)
class Carried:
    """What a run's values rest on, and what it took over from an earlier one."""

    ground: Ground | None = None
    """None where that cannot be told: then nothing is taken over, and nothing kept."""
    record: Mapping[str, Any] = field(default_factory=dict)
    """For `run.json`: `from` (the folder), `values` (how many), `until` (the rows of the
    days before it are the same)."""


def take_over(facts: Facts, out: Path, *, anew: bool) -> Carried:
    """Lay down for all processes of a run what still holds of the last run of the same data.

    With `anew` nothing is taken over, and all is computed.
    """
    if facts.base is None or facts.base.answered is None:
        return Carried()
    ground = earlier.ground(facts.base, digest([code_digest(), versions()]))
    if ground is None or anew:
        return Carried(ground)
    for folder in _folders(facts, out):
        kept = _kept(folder)
        until = None if kept is None else ground.same_until(kept[0])
        if kept is not None and until is not None:
            count = earlier.lay_earlier(facts.base, kept[1], until)
            return Carried(
                ground, {"from": folder.name, "values": count, "until": day_date(until).isoformat()}
            )
    return Carried(ground)


def keep(carried: Carried, folder: Path, facts: Facts) -> None:
    """Lay down in a month's folder what the next run may take over."""
    if carried.ground is None or facts.base is None:
        return
    kept = {"ground": asdict(carried.ground), "values": earlier.noted(facts.base)}
    (folder / FILE).write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


def _folders(facts: Facts, out: Path) -> Iterator[Path]:
    """The same month as it was published, and those before it of the same data, latest first."""
    yield out / facts.period.label
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
        return Ground(kept["ground"]["key"], kept["ground"]["as_of"], marks), kept["values"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
