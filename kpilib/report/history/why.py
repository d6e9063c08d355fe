"""Why a month's movers moved, taken apart when the month was published and kept beside it."""

import json
from collections.abc import Iterable, Mapping

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions.base import CustomerBase
from kpilib.report.history.published import Published, Value
from kpilib.words import LANGUAGES

FILE = "why.json"
MOST = 10
"""So many movers are taken apart, the most surprising first."""

Reasons = dict[str, dict[str, str]]
"""A KPI's id → why it moved from the like period before, in a sentence or two of each language."""


def reasons(base: CustomerBase | None, period: Period, values: Iterable[Value]) -> Reasons:
    """Of the values of a period, those that moved beyond chance, each taken apart.

    What cannot be taken apart (no sum and no ratio of sums) is left out.
    """
    found: Reasons = {}
    for value in _movers(values, period)[:MOST] if base is not None else ():
        try:
            why = base.why(value["id"], period)  # type: ignore[union-attr]
        except InputError:
            continue
        found[value["id"]] = {lang: why.told(lang) for lang in LANGUAGES}
    return found


def _movers(values: Iterable[Value], period: Period) -> list[Value]:
    own = period.to_dict()
    moved = [
        value
        for value in values
        if value.get("signal") in ("up", "down")
        and value.get("segment") is None
        and value["period"] == own
    ]
    return sorted(moved, key=lambda value: -_surprise(value))


def _surprise(value: Value) -> float:
    usual, visible = value.get("usual"), value.get("visible")
    if usual is None or not visible or value["value"] is None:
        return 0.0
    return abs(value["value"] - usual) / visible


def published_reasons(first: Published, second: Published) -> Mapping[str, Mapping[str, str]]:
    """What the second month said of its movers, where the first is the one it was held against."""
    if second.period.previous() != first.period or first.run["data"] != second.run["data"]:
        return {}
    try:
        found = json.loads((second.folder / FILE).read_text(encoding="utf-8"))
        return {
            str(name): {lang: str(said[lang]) for lang in LANGUAGES} for name, said in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
