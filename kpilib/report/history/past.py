"""What a run says of earlier months, in the reader's words and in its folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpilib.periods import Period
from kpilib.questions.vintage.changes import (
    CORRECTED,
    DEFINITION,
    LAPSE,
    LATE,
    MERGED,
    REFUNDS,
    REST,
    SINCE,
)
from kpilib.questions.vintage.rows import write_rows
from kpilib.report.history.restated import RECORD, ROWS, Past
from kpilib.report.page.facts import Facts
from kpilib.report.page.pages import render
from kpilib.report.record import write_json
from kpilib.words import Unit, _, format_number, format_value, ngettext
from kpilib.words.tables import table_name
from kpilib.words.text import Listed

PAGE = "history.html"

KIND_NAMES = {
    DEFINITION: _("changed definitions"),
    MERGED: _("merged customers"),
    LATE: _("late rows"),
    REFUNDS: _("refunds"),
    CORRECTED: _("rows corrected or taken out"),
    SINCE: _("known only since"),
    LAPSE: _("the lapse window found anew"),
    REST: _("nothing that is known"),
}
_ROWS = _("Rows of each kind: {rows}.")
_KIND_ROWS = _("{kind} ({counts})")
_NO_ROWS = _("not known: the report kept no rows")
_NO_NUMBER = _("(no number on one side)")
_POINTS = _("{gap} points")
_BETWEEN = _("{low} to {high}")


def write_past(past: Past, folder: Path, facts: Facts) -> None:
    """Lay down the run's own rows, and what it says of earlier months as JSON."""
    if facts.base is None:
        return
    if past.rows is not None:
        write_rows(past.rows, folder / ROWS)
    write_json(folder / RECORD, past.to_dict())


def write_past_page(past: Past, folder: Path, facts: Facts, run: Mapping[str, Any]) -> None:
    """Lay down what the run says of earlier months as a page."""
    if facts.base is None:
        return
    page = past_page(past, facts, run)
    (folder / PAGE).write_text(page, encoding="utf-8", newline="\n")


def past_page(past: Past, facts: Facts, run: Mapping[str, Any]) -> str:
    """The page about earlier months."""
    lang = run["lang"]
    restated = past.restated
    count = len(past.months)
    checked = ngettext(
        "Of {n} archived report, every number still holds.",
        "Of {n} archived reports, every number still holds.",
        count,
    )
    moved = ngettext(
        "{n} number is no longer what was published.",
        "{n} numbers are no longer what was published.",
        restated,
    )
    return render(
        "history.html",
        lang,
        facts=facts,
        run=run,
        command=run["command"],
        months=[_month(month, lang) for month in reversed(past.months)],
        restated=restated,
        say_checked=checked.of(lang),
        say_restated=moved.of(lang),
        settling=[_ending(line, lang) for line in past.settling],
    )


def _month(month: Mapping[str, Any], lang: str) -> dict[str, Any]:
    counted = [
        _KIND_ROWS.format(
            kind=KIND_NAMES[kind],
            counts=", ".join(
                f"{table_name(table).of(lang)} {format_number(n, lang)}"
                for table, n in counts.items()
            ),
        ).of(lang)
        for kind, counts in month["rows"].items()
    ]
    return {
        "id": f"m-{month['period']}",
        "name": Period.parse(month["period"]).of(lang),
        "folder": month["folder"],
        "languages": month["languages"],
        "note": month.get("note"),
        "lines": [_line(value, month.get("attributed", True), lang) for value in month["values"]],
        "rows": _ROWS.format(rows=Listed(tuple(counted), "; ")).of(lang) if counted else "",
    }


def name_of(value: Mapping[str, Any], lang: str) -> str:
    """A number's name with its segment."""
    name = value["name"].get(lang) or value["name"]["en"]
    segment = value.get("segment_name") or value.get("segment")
    return f"{name} · {segment}" if segment is not None else name


def _line(value: Mapping[str, Any], attributed: bool, lang: str) -> dict[str, str]:
    unit, currency = value["unit"], value["currency"]
    before, now = (format_value(value[side], unit, lang, currency) for side in ("published", "now"))
    return {
        "name": name_of(value, lang),
        "published": before,
        "now": now,
        "difference": signed(value["difference"], unit, lang, currency),
        "parts": parts_text(value, lang) if attributed else _NO_ROWS.of(lang),
    }


def parts_text(value: Mapping[str, Any], lang: str) -> str:
    """The parts of a restated number, the largest first: *late rows +£120.00, refunds -£30.00*."""
    unit, currency = value["unit"], value["currency"]
    parts = sorted(value["parts"].items(), key=lambda part: -abs(part[1] or 0.0))
    said = []
    for kind, size in parts:
        amount = signed(size, unit, lang, currency) if size is not None else _NO_NUMBER.of(lang)
        said.append(f"{KIND_NAMES[kind].of(lang)} {amount}")
    return ", ".join(said)


def signed(size: float | None, unit: str, lang: str, currency: str | None) -> str:
    """A difference with its sign; of shares in points.

    >>> signed(-0.015, "share", "en", None), signed(120.0, "money", "en", "GBP")
    ('-1.5 points', '+£120.00')
    """
    if size is None:
        return "–"
    plus = "+" if size > 0 else ""
    if unit == Unit.SHARE:
        decimals = 1 if abs(size) >= 0.001 else 3
        return plus + _POINTS.format(gap=format_number(size * 100, lang, decimals)).of(lang)
    return plus + format_value(size, unit, lang, currency)


def _ending(line: Mapping[str, Any], lang: str) -> dict[str, str]:
    unit, currency = line["unit"], line["currency"]
    low, high = (format_value(line[end], unit, lang, currency) for end in ("low", "high"))
    return {
        "name": name_of(line, lang),
        "now": format_value(line["value"], unit, lang, currency),
        "between": _BETWEEN.format(low=low, high=high).of(lang),
        "months": format_number(line["months"], lang),
    }
