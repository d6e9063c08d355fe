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
from kpilib.questions.identity import tables_read
from kpilib.questions.shared import earlier
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
        asked = _asked(base, left, periods, pair)
        for name in left:
            values = [value for value in asked.values if value.id == name]
            limits = {key: both for key, both in asked.differences.items() if key[0] == name}
            known[name] = values, limits
            _lay(places[name], values, limits, tables_read(base, definitions[name]))
    every = [known[name] for name in definitions]
    differences = {key: both for _, limits in every for key, both in limits.items()}
    return ask.Answers([value for values, _ in every for value in values], differences)


def values(
    base: Business,
    definitions: Mapping[str, Definition],
    periods: tuple[Period, ...],
    *,
    exactly: bool = True,
) -> list[KPIValue]:
    """`ask.values`, but for what an earlier run was answered of the very same rows.

    To the last digit, or not `exactly`: then within 1e-12, and what this process was answered
    together with other periods is not asked again either.
    """
    return _asked(base, definitions, periods, None, exactly=exactly).values


def _asked(
    base: Business,
    definitions: Mapping[str, Definition],
    periods: tuple[Period, ...],
    pair: Pair | None,
    *,
    exactly: bool = True,
) -> ask.Answers:
    """`ask.answers`, in which periods that an earlier run was answered of are not asked again.

    The pair always is: the limits of its difference need its rows.
    """
    known = earlier.earlier(base) if exactly else earlier.known(base)
    old = {
        name: {} if exactly and one.family in earlier.IN_ANY_ORDER else known.get(name, {})
        for name, one in definitions.items()
    }
    groups: dict[tuple[Period, ...], dict[str, Definition]] = {}
    for name, definition in definitions.items():
        lacking = tuple(one for one in periods if one in (pair or ()) or one not in old[name])
        groups.setdefault(lacking, {})[name] = definition
    asked = [ask.answers(base, some, rest, None, pair) for rest, some in groups.items() if rest]
    found: dict[tuple[str, Period], list[KPIValue]] = {}
    for value in (value for one in asked for value in one.values):
        found.setdefault((value.id, value.period), []).append(value)
    whole = [
        value
        for name in definitions
        for period in periods
        for value in found.get((name, period), old[name].get(period, []))
    ]
    for name, definition in definitions.items():
        own = [value for value in whole if value.id == name]
        earlier.note(base, name, own, tables_read(base, definition))
    return ask.Answers(whole, {key: both for one in asked for key, both in one.differences.items()})


def _place(folder: Path, kpi: str, periods: tuple[Period, ...], pair: Pair) -> Path:
    """The file of a KPI's answers for these periods."""
    return folder / file_of(kpi, [(one.start, one.end) for one in (*periods, *pair)])


def _lay(
    place: Path, values: list[KPIValue], limits: Limits, tables: frozenset[str] | None
) -> None:
    """Lay answers down; what cannot be laid down is asked again elsewhere."""
    with suppress(TypeError, IndexError):
        between = [[segment, *both] for (_, segment), both in limits.items()]
        read = None if tables is None else sorted(tables)
        lay(place, {**values_as_plain(values), "between": between, "tables": read})


def _read(base: Business, place: Path, kpi: str) -> tuple[list[KPIValue], Limits] | None:
    if (plain := laid(place)) is None:
        return None
    values = values_from_plain(plain, base.lang, partial(rows_of, base, kpi))
    earlier.note(base, kpi, values, plain["tables"])
    return values, {(kpi, segment): (low, high) for segment, low, high in plain["between"]}


def rows_of(base: Business, kpi: str, period: Period) -> Callable[[], Any]:
    """How the rows behind a value that was read are found, should they be asked for."""
    return lambda: ask.rows(base, kpi, period)
