"""What differs between two months, in the reader's words: for the page and for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from kpilib.report.history.compare import (
    BETTER,
    BEYOND,
    CHANCE,
    EARLY,
    MOVED,
    NEITHER,
    SAME,
    UNKNOWN,
    UNLIKE,
    WORSE,
    Compared,
)
from kpilib.report.history.published import Published
from kpilib.show.change import change_size
from kpilib.words import Text, Unit, _, format_number, format_value
from kpilib.words.values import value_text

VERDICTS = {
    BETTER: _("better"),
    WORSE: _("worse"),
    MOVED: _("moved"),
    CHANCE: _("may be chance"),
    UNKNOWN: _("changed; whether by chance is not known"),
    SAME: _("unchanged"),
    EARLY: _("too early to tell"),
    UNLIKE: _("not comparable"),
    NEITHER: _("no value in either report"),
}
GROUPS = (
    (_("What moved beyond chance"), BEYOND),
    (_("May be chance"), (CHANCE,)),
    (_("Changed, and no interval tells whether by chance"), (UNKNOWN,)),
    (_("Unchanged"), (SAME,)),
    (_("Too early to tell, or not comparable"), (EARLY, UNLIKE)),
    (_("No value in either report"), (NEITHER,)),
)
"""The parts of a comparison, in the order in which they are read."""

HEADS = {
    "name": _("KPI"),
    "change": _("Change"),
    "interval": _("95% interval of the change"),
    "verdict": _("Verdict"),
}
"""The heads of the columns that are no months."""

_POINTS = _("{low} to {high} points")
_BETWEEN = _("{low} to {high}")
_DATA = _("The two reports were made from other data: {old}, and {new}.")
_WINDOW = _("A customer was lost after {old} days without a purchase, and after {new} now.")
_VERSION = _("The first report was made by kpilib {old}, the second by {new}.")
_NOT_GOOD = _("The report of {month} is not good: {status}.")


def kpi_name(one: Compared, lang: str) -> str:
    """The name of a KPI with its segment."""
    value = one.value
    name = value["name"]
    said = name.get(lang) or name.get("en") if isinstance(name, Mapping) else str(name)
    segment = value.get("segment_name") or value.get("segment")
    return f"{said} · {segment}" if segment is not None else str(said)


def tell(
    one: Compared, lang: str, whys: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, str]:
    """A line of the comparison: `name, id, before, now, change, interval, verdict, kind, reason`,
    and `why` where it is known.

    Every text is plain; `kind` is the verdict as code reads it.
    """
    value = one.value
    sides = [None if side is None else side["value"] for side in (one.a, one.b)]
    unit, currency = value["unit"], value.get("currency")
    before, now = (format_value(number, unit, lang, currency) for number in sides)
    moved = ""
    if one.difference and one.a is not None and one.b is not None:
        moved = change_size(one.b, one.difference, one.a["value"], lang)
    return {
        "name": kpi_name(one, lang),
        "id": value["id"],
        "before": before,
        "now": now,
        "change": moved,
        "interval": _interval(one, lang),
        "verdict": VERDICTS[one.verdict].of(lang),
        "kind": one.verdict,
        "reason": one.reason.of(lang) if one.reason else "",
        "why": _why(one, lang, whys or {}),
    }


def _why(one: Compared, lang: str, whys: Mapping[str, Mapping[str, str]]) -> str:
    value = one.value
    known = one.verdict in BEYOND and value.get("segment") is None
    return whys.get(value["id"], {}).get(lang, "") if known else ""


def _interval(one: Compared, lang: str) -> str:
    """The interval of the difference: of a share in points, else in the KPI's own unit."""
    if one.difference is None or one.low is None or one.high is None:
        return ""
    unit, currency = one.value["unit"], one.value.get("currency")
    if unit == Unit.SHARE:
        low, high = (format_number(end * 100, lang, 1) for end in (one.low, one.high))
        return _POINTS.format(low=low, high=high).of(lang)
    low, high = (format_value(end, unit, lang, currency) for end in (one.low, one.high))
    return _BETWEEN.format(low=low, high=high).of(lang)


def remarks(first: Published, second: Published) -> list[Text]:
    """What else differs between the two runs, that a reader must know."""
    found = []
    if first.run["data"] != second.run["data"]:
        found.append(_DATA.format(old=first.run["data"], new=second.run["data"]))
    windows = [_given(month, "inputs", "lapse_window") for month in (first, second)]
    if None not in windows and windows[0] != windows[1]:
        found.append(_WINDOW.format(old=windows[0], new=windows[1]))
    made = [_given(month, "versions", "kpilib") for month in (first, second)]
    if None not in made and made[0] != made[1]:
        found.append(_VERSION.format(old=str(made[0]), new=str(made[1])))
    for month in (first, second):
        if (status := month.run["status"]) != "good":
            found.append(_NOT_GOOD.format(month=month.label, status=value_text(status)))
    return found


def _given(month: Published, part: str, name: str) -> Any:
    found = month.run.get(part)
    return found.get(name) if isinstance(found, Mapping) else None


def grouped(
    compared: Sequence[Compared], lang: str, whys: Mapping[str, Mapping[str, str]] | None = None
) -> list[dict[str, Any]]:
    """The parts of a comparison that have any line: `title`, `lines` (see `tell`)."""
    found = []
    for title, kinds in GROUPS:
        lines = [tell(one, lang, whys) for one in compared if one.verdict in kinds]
        if lines:
            found.append({"title": title.of(lang), "kinds": kinds, "lines": lines})
    return found
