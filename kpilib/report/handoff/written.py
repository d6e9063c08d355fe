"""What a run leaves in its folder for others to read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kpilib.report.handoff.alerts import Alert, check_ids, watch
from kpilib.report.handoff.summary import summarise, summary_text
from kpilib.report.handoff.tables import values_table, write_tables
from kpilib.report.handoff.workbook import FILE, write_workbook
from kpilib.report.history.published import Published, months_before
from kpilib.report.history.restated import Past
from kpilib.report.page.facts import Facts
from kpilib.report.record import write_json

SUMMARY = ("summary.json", "summary.txt")


def check_watched(facts: Facts) -> None:
    """An InputError where the settings watch a KPI that is none."""
    if facts.base is not None:
        check_ids(facts.base.settings.alerts, facts.base.settings.targets)


def alerts_of(facts: Facts, kpis: Sequence[Mapping[str, Any]], past: Past) -> list[Alert]:
    """What the settings watch, held against the month's own numbers."""
    own = [value for value in kpis if value["period"] == facts.period.to_dict()]
    ends = {
        str(one["id"]): (one["low"], one["high"]) for one in past.settling if one["segment"] is None
    }
    return watch(own, {} if facts.base is None else facts.base.settings.alerts, ends)


def write_handoff(
    folder: Path,
    out: Path,
    facts: Facts,
    run: Mapping[str, Any],
    kpis: Sequence[Mapping[str, Any]],
    past: Past,
    *,
    xlsx: bool = False,
) -> dict[str, Any]:
    """Write the tables and the summary into the month's folder; gives the summary.

    With `xlsx`, the workbook too.
    """
    if xlsx and facts.base is not None:
        write_workbook(folder / FILE, facts.base, facts.period, run["lang"])
    write_tables(folder, values_table(kpis, run))
    alerts = alerts_of(facts, kpis, past)
    summary = summarise(run, kpis, alerts, _before(facts, out), folder)
    write_json(folder / SUMMARY[0], summary)
    text = summary_text(summary, run["lang"])
    (folder / SUMMARY[1]).write_text(text, encoding="utf-8", newline="\n")
    return summary


def _before(facts: Facts, out: Path) -> Published | None:
    """The month just before, of the same data, as it was published."""
    for month in reversed(months_before(out, facts.period.start.isoformat())):
        if month.period == facts.period.previous() and month.run["data"] == facts.data:
            return month
    return None
