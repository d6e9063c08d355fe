"""The months that lie in an output folder, read from what each run left."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from kpilib.report.publish import MonthFolder, languages_of, read_run


def list_months(out: Path) -> list[dict[str, Any]]:
    """The months in `out`, newest first; a failed run that was kept is listed after its month."""
    months = []
    for folder in out.iterdir() if out.is_dir() else ():
        run = None if folder.name.startswith(".") else read_run(folder)
        if run is None:
            continue
        months.append(
            {
                "folder": folder.name,
                "label": run["period"]["label"],
                "start": run["period"]["start"],
                "data": run["data"],
                "status": run["status"],
                "notebooks": len(run["notebooks"]),
                "languages": languages_of(run),
                "kpis": sum(page["kpis"] for page in run["notebooks"]),
            }
        )
    months.sort(key=lambda month: month["folder"])
    return sorted(months, key=lambda month: month["start"], reverse=True)


def earlier_month(out: Path, looked_at: Iterable[str]) -> dict[str, Any] | None:
    """The last of the months that a run looked back at: its folder, period and languages."""
    for name in reversed([*looked_at]):
        if (run := read_run(out / name)) is not None:
            label = run["period"]["label"]
            return {"folder": name, "label": label, "languages": languages_of(run)}
    return None


def last_good(month: MonthFolder, start: date) -> dict[str, Any] | None:
    """This month's good report, or the last before it: its `folder` and `languages`, as
    `list_months` has them."""
    before = read_run(month.target)
    if before and before["status"] == "good":
        return {"folder": month.name, "languages": languages_of(before)}
    for found in list_months(month.out):
        if found["start"] < start.isoformat() and found["status"] == "good":
            return found
    return None
