"""A month as it was published: its `run.json` and its `kpis.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, near_miss
from kpilib.periods import Period
from kpilib.report.archive import list_months
from kpilib.report.publish import languages_of, read_run

Which = tuple[str, str | None]
"""A KPI's id and the segment, None for the whole."""
Value = Mapping[str, Any]
"""A KPI's value as `kpis.json` has it."""

_NEEDED = ("id", "family", "name", "unit", "period", "value", "status")


@dataclass(frozen=True)
class Published:
    """One month's folder, and the numbers in it."""

    folder: Path
    run: Mapping[str, Any]
    values: tuple[Value, ...]

    @property
    def label(self) -> str:
        """The period as `Period.parse` reads it."""
        return self.run["period"]["label"]

    @property
    def place(self) -> dict[str, Any]:
        """Where its pages are, as `list_months` has it: `folder` (its name) and `languages`."""
        return {"folder": self.folder.name, "languages": languages_of(self.run)}

    @property
    def period(self) -> Period:
        """The period that is reported on."""
        return Period.parse(self.label)

    def heads(self) -> dict[Which, Value]:
        """The values of the month's own period, in the order of the registry."""
        own = self.period.to_dict()
        found: dict[Which, Value] = {}
        for value in self.values:
            if value["period"] == own:
                found.setdefault((value["id"], value.get("segment")), value)
        return found


def read_month(folder: Path) -> Published:
    """The month in a folder; an InputError where there is none, or its numbers cannot be read."""
    run = read_run(folder)
    if run is None:
        raise InputError(f"{folder} holds no report of kpilib; name a folder like reports/2026-10")
    path = folder / "kpis.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        for value in values:
            [value[name] for name in _NEEDED]
            number = value["value"]
            if not (number is None or isinstance(number, int | float)):
                raise TypeError(number)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read ({type(error).__name__}: {error}); "
            f"make the month again: {run.get('command', 'kpilib report')}"
        ) from None
    return Published(folder, run, tuple(values))


def find_month(name: str, out: Path) -> Published:
    """The month called `name` in `out`, or the one in the folder of that path."""
    place = Path(name)
    if (out / name).is_dir() and name:
        place = out / name
    elif not place.is_dir():
        known = [month["folder"] for month in list_months(out)]
        if not known:
            raise InputError(f"there is no report in {str(out)!r}; name the folder with --out")
        raise InputError(f"month {name!r} is not in {str(out)!r}; {near_miss(name, known)}")
    return read_month(place)


def months_before(out: Path, start: str) -> list[Published]:
    """The good months in `out` of periods that began before `start`, oldest first."""
    found = []
    for month in reversed(list_months(out)):
        if month["start"] < start and month["status"] == "good":
            try:
                found.append(read_month(out / month["folder"]))
            except InputError:  # `kpilib verify` tells of it
                continue
    return found
