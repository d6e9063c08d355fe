"""What one process of a run was answered, laid down for the others, which need not ask again.

Each chapter of a report asks the KPIs of its family with their history, and the run asks all of
them. All see the same rows and have the same code, so that whoever asks first asks for all.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from kpilib.activity.business import Business
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.shared.plain import values_as_plain, values_from_plain
from kpilib.questions.values import KPIValue
from kpilib.registry.definitions import Definition

Pair = tuple[Period, Period]
Limits = dict[tuple[str, str | None], tuple[float, float]]


def answers(
    base: Business,
    definitions: Mapping[str, Definition],
    periods: tuple[Period, ...],
    by: str | None,
    pair: Pair,
) -> ask.Answers:
    """`ask.answers`, from what lies there of the same base where it does."""
    folder = base.answered
    if folder is None or by is not None:
        return ask.answers(base, definitions, periods, by, pair)
    places = {name: folder / _name(name, periods, pair) for name in definitions}
    known = {name: one for name, place in places.items() if (one := _read(base, place, name))}
    left = {name: one for name, one in definitions.items() if name not in known}
    if left:
        asked = ask.answers(base, left, periods, None, pair)
        for name in left:
            values = [value for value in asked.values if value.id == name]
            limits = {key: both for key, both in asked.differences.items() if key[0] == name}
            known[name] = values, limits
            _lay(places[name], values, limits)
    every = [known[name] for name in definitions]
    differences = {key: both for _, limits in every for key, both in limits.items()}
    return ask.Answers([value for values, _ in every for value in values], differences)


def _name(kpi: str, periods: tuple[Period, ...], pair: Pair) -> str:
    """The file of a KPI's answers for these periods."""
    asked = repr([(one.start.isoformat(), one.end.isoformat()) for one in (*periods, *pair)])
    return f"{kpi}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.json"


def _lay(place: Path, values: list[KPIValue], limits: Limits) -> None:
    """Lay answers down at one stroke; what cannot be laid down is asked again elsewhere."""
    part = place.with_suffix(f".{os.getpid()}.part")
    try:
        plain = values_as_plain(values)
        between = [[segment, *both] for (_, segment), both in limits.items()]
        text = json.dumps({**plain, "between": between}, ensure_ascii=False)
    except (TypeError, IndexError):
        return
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(place)


def _read(base: Business, place: Path, kpi: str) -> tuple[list[KPIValue], Limits] | None:
    try:
        plain = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    values = values_from_plain(plain, base.lang, partial(_rows_of, base, kpi))
    return values, {(kpi, segment): (low, high) for segment, low, high in plain["between"]}


def _rows_of(base: Business, kpi: str, period: Period) -> Callable[[], Any]:
    return lambda: ask.rows(base, kpi, period)
