"""What a run says of the values of earlier periods: how many were taken over, and why not all."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from kpilib.questions.shared.earlier import CODE, COLUMNS, LAPSE, SETTINGS, TARGETS
from kpilib.report.handoff.plain import one_line
from kpilib.words import Text, _, ngettext
from kpilib.words.text import Listed

DAMAGED, ENGINE, FORCED, NOTHING = "file", "engine", "forced", "nothing kept"
"""Why nothing could be taken over, beside what a `Ground` tells."""
ROWS, SHORTER = "rows", "end of the data"
"""Why not all could be taken over."""
_SHOWN = 5

_WHY: dict[str, Callable[[Sequence[str]], Text]] = {
    CODE: lambda names: _(
        "kpilib, Python or a package that computes the values has another version now"
    ),
    SETTINGS: lambda names: _("settings have changed: {names}", names=_listed(names)),
    LAPSE: lambda names: ngettext(
        "the lapse window is {n} day now, and was {before}",
        "the lapse window is {n} days now, and was {before}",
        int(names[1]),
        before=int(names[0]),
    ),
    COLUMNS: lambda names: _("tables or columns have come or gone: {names}", names=_listed(names)),
    TARGETS: lambda names: _("the table of targets has changed"),
    DAMAGED: lambda names: _(
        "what {month} kept for later runs is missing or was changed", month=names[0]
    ),
    ENGINE: lambda names: _("that is done only for orders that DuckDB reads"),
    FORCED: lambda names: _("--force has everything computed anew"),
    NOTHING: lambda names: _("no earlier run of these data has kept any"),
    ROWS: lambda names: _("rows of {day} or later are not what they were", day=_day(names)),
    SHORTER: lambda names: _("the data end before {day} now", day=_day(names)),
}


def carried_text(record: Mapping[str, Any]) -> Text | None:
    """What `run.json` says under `earlier`, in a sentence; None where it says nothing.

    >>> carried_text({"from": "2026-09", "values": 812, "of": 812, "why": []}).en
    '812 values of earlier periods were taken over from 2026-09'
    >>> carried_text({}) is None
    True
    """
    if not record:
        return None
    why = Listed(tuple(_WHY[one["reason"]](one["names"]) for one in record["why"]), "; ")
    if not record["values"]:
        return _("No value of an earlier period was taken over, all are computed: {why}", why=why)
    if record["values"] < record["of"]:
        return ngettext(
            "{taken} of {n} value of earlier periods was taken over from {month}: {why}",
            "{taken} of {n} values of earlier periods were taken over from {month}, "
            "the others are computed: {why}",
            record["of"],
            taken=record["values"],
            month=record["from"],
            why=why,
        )
    return ngettext(
        "{n} value of earlier periods was taken over from {month}",
        "{n} values of earlier periods were taken over from {month}",
        record["values"],
        month=record["from"],
    )


def carried_line(record: Mapping[str, Any], lang: str) -> str:
    """The same in a language, as a line for a terminal; empty where there is nothing to say."""
    text = carried_text(record)
    return one_line(text.of(lang)) if text else ""


def _listed(names: Sequence[str]) -> Listed:
    return Listed((*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else [])))


def _day(names: Sequence[str]) -> date:
    return date.fromisoformat(names[0])
