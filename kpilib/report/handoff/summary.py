"""The month in a few lines, for a log, a chat or an e-mail: as text and as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kpilib.report.handoff.alerts import HELD, RAISED, Alert
from kpilib.report.handoff.plain import one_line
from kpilib.report.history.carried import carried_line
from kpilib.report.history.compare import BEYOND, compare
from kpilib.report.history.published import Published
from kpilib.report.history.told import tell
from kpilib.words import Text, _, format_value, ngettext
from kpilib.words.text import labelled
from kpilib.words.values import value_text

KEY_FIGURES = ("revenue", "customers_active", "new_customers", "churn_rate", "nps")
MOVERS = 5
"""How many changes are named."""

_HEAD = _("{period}, {data}: {status}")
_HELD_BACK = _("Held back:")
_MOVED = _("What moved beyond chance:")
_FAILED = _("Did not finish: {names}")
_PAGE = _("Report: {place}")


def summarise(
    run: Mapping[str, Any],
    values: Sequence[Mapping[str, Any]],
    alerts: Sequence[Alert],
    before: Published | None,
    folder: Path,
) -> dict[str, Any]:
    """The month as plain JSON: status, key figures, alerts, what moved, what was restated.

    And under `earlier` what was taken over of earlier periods, with a sentence on it (`said`).

    `before` is the month just before, as it was published, None where there is none.
    """
    lang, carried = run["lang"], run.get("earlier", {})
    month = Published(folder, run, tuple(values))
    moved = []
    if before is not None:
        moved = [one for one in compare(before, month) if one.verdict in BEYOND][:MOVERS]
    heads = month.heads()
    figures = [heads[which] for name in KEY_FIGURES if (which := (name, None)) in heads]
    keep = ("id", "value", "low", "high", "unit", "currency", "status")
    return {
        "period": run["period"]["label"],
        "data": run["data"],
        "status": run["status"],
        "failed": [page["name"] for page in run["notebooks"] if page["status"] == "failed"],
        "figures": [
            {name: value.get(name) for name in keep} | {"name": value["name"][lang]}
            for value in figures
            if value["value"] is not None
        ],
        "alerts": [alert.to_dict(lang) for alert in alerts],
        "moved": [one.to_dict(lang) | {"said": _line(tell(one, lang), lang)} for one in moved],
        "restated": int(run.get("restated", 0)),
        "earlier": {**carried, "said": carried_line(carried, lang)},
    }


def _line(line: Mapping[str, str], lang: str) -> str:
    moved = f"{line['before']} → {line['now']} ({line['change']})"
    return labelled(line["name"], moved, lang)


def raised(summary: Mapping[str, Any]) -> int:
    """How many alerts a summary has that are raised."""
    return sum(alert["state"] == RAISED for alert in summary.get("alerts", ()))


def summary_text(summary: Mapping[str, Any], lang: str, place: Path | None = None) -> str:
    """The summary as plain text, a thing a line."""
    status = value_text(summary["status"])
    said = {"period": summary["period"], "data": summary["data"], "status": status}
    lines = [_HEAD.format(**said).of(lang)]
    if summary["failed"]:
        lines.append(_FAILED.format(names=", ".join(summary["failed"])).of(lang))
    for figure in summary["figures"]:
        amount = format_value(figure["value"], figure["unit"], lang, figure["currency"])
        state = "" if figure["status"] == "complete" else f" [{_word(figure['status'], lang)}]"
        lines.append(f"  {labelled(figure['name'], amount, lang)}{state}")
    lines += alert_lines(summary["alerts"], lang)
    if summary["moved"]:
        lines += [_MOVED.of(lang), *(f"  {one['said']}" for one in summary["moved"])]
    if summary["restated"]:
        count = summary["restated"]
        words = ngettext(
            "{n} number of earlier reports is no longer what was published: history.html",
            "{n} numbers of earlier reports are no longer what was published: history.html",
            count,
        )
        lines.append(words.of(lang))
    if place is not None:
        lines.append(_PAGE.format(place=str(place)).of(lang))
    return "".join(f"{_safe(line)}\n" for line in lines)


def _safe(line: str) -> str:
    lead = line[: len(line) - len(line.lstrip(" "))]
    return lead + one_line(line)


def _word(status: str, lang: str) -> str:
    return value_text(status).of(lang)


def alert_lines(alerts: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """The alerts that are raised and those held back, a line each."""
    found = [alert["said"] for alert in alerts if alert["state"] == RAISED]
    held = [alert["said"] for alert in alerts if alert["state"] == HELD]
    lines = []
    if found:
        head: Text = ngettext("{n} alert:", "{n} alerts:", len(found))
        lines += [head.of(lang), *(f"  ! {said}" for said in found)]
    if held:
        lines += [_HELD_BACK.of(lang), *(f"  - {said}" for said in held)]
    return lines
