"""What one process of a run was answered, laid down for the others, which need not ask again.

Each chapter of a report asks the KPIs of its family with their history, and the run asks all of
them. All see the same rows and have the same code, so that whoever asks first asks for all.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from kpilib.activity.business import Business
from kpilib.contract.prepared import file_of, laid, lay
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
    places = {name: _place(folder, name, periods, pair) for name in definitions}
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


def _place(folder: Path, kpi: str, periods: tuple[Period, ...], pair: Pair) -> Path:
    """The file of a KPI's answers for these periods."""
    return folder / file_of(kpi, [(one.start, one.end) for one in (*periods, *pair)])


def _lay(place: Path, values: list[KPIValue], limits: Limits) -> None:
    """Lay answers down; what cannot be laid down is asked again elsewhere."""
    with suppress(TypeError, IndexError):
        between = [[segment, *both] for (_, segment), both in limits.items()]
        lay(place, {**values_as_plain(values), "between": between})


def _read(base: Business, place: Path, kpi: str) -> tuple[list[KPIValue], Limits] | None:
    if (plain := laid(place)) is None:
        return None
    values = values_from_plain(plain, base.lang, partial(rows_of, base, kpi))
    return values, {(kpi, segment): (low, high) for segment, low, high in plain["between"]}


def rows_of(base: Business, kpi: str, period: Period) -> Callable[[], Any]:
    """How the rows behind a value that was read are found, should they be asked for."""
    return lambda: ask.rows(base, kpi, period)
