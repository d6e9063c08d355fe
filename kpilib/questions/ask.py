"""Asking a customer base for KPIs: definitions in, values with their status out."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.activity.kept import SETS_OF_PERIODS
from kpilib.change.difference import differences
from kpilib.errors import InputError, UnknownNameError, near_miss
from kpilib.periods import Period
from kpilib.questions import availability
from kpilib.questions.breakdown import attach, keep_back, row_dimensions
from kpilib.questions.identity import identity, read_statistic
from kpilib.questions.quality import quality_notes
from kpilib.questions.values import KPITable, KPIValue, Status
from kpilib.questions.wanted import target_of
from kpilib.registry import definitions as registry
from kpilib.registry.definitions import Definition
from kpilib.registry.notes import activity_note, history_note, horizon_note
from kpilib.registry.small_cells import without_small_cells
from kpilib.show.marked import mark
from kpilib.show.options import check_options
from kpilib.statistics.evaluate import PART, Prepare, nothing, summed
from kpilib.statistics.statistic import COLUMNS, Statistic
from kpilib.words import Text, _
from kpilib.words import columns as heads

_NOWHERE = _("no table that was given has a column for it: {by}")
Segments = dict[str | None, Mapping[str, float]]
Groups = dict[int, Segments]


def trend(base: Business, kpi_id: str, periods: tuple[Period, ...], by: str | None) -> KPITable:
    """One KPI over several periods, oldest question first."""
    definition = registry.definition(kpi_id)
    if not periods:
        raise InputError(f"a trend of {kpi_id} over no period; ask for 1 or more, like 12")
    found = values(base, {kpi_id: definition}, periods, by)
    return KPITable(tuple(found), base.lang)


def rows(base: Business, kpi_id: str, period: Period) -> pd.DataFrame:
    """The rows behind one number, days as dates, with `counted` where only some are counted."""
    definition = registry.definition(kpi_id)
    absent = availability.absent(base, definition)
    if absent:
        raise InputError.about(kpi_id, absent)
    listings = definition.function(base, (period,)).listings()
    tables = [
        readable(base.engine.collect(frame).drop(columns="period", errors="ignore"))
        for frame in listings.values()
    ]
    if len(tables) == 1:
        return tables[0]
    return pd.concat(tables, keys=listings, names=["part", None]).reset_index(0)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in a fixed order, days as dates, whole ids as such where some are missing."""
    for column in table.columns:
        if column.endswith("_id") and pd.api.types.is_float_dtype(table[column].dtype):
            table[column] = table[column].astype("Int64")
        if column in ("day", "opens", "closes") or column.endswith("_day"):
            table[column] = pd.to_datetime(table[column], unit="D").dt.date
    return table.sort_values(list(table.columns), ignore_index=True)


def analysis(
    base: Business, analysis_id: str, period: Period, options: Mapping[str, Any]
) -> pd.DataFrame:
    """The table of an analysis; an InputError where a table, a column or an option is missing."""
    asked = registry.analysis_of(analysis_id)
    if (absent := availability.absent(base, asked)) is not None:
        raise InputError.about(analysis_id, absent)
    for name in options:
        if name not in asked.options:
            hint = near_miss(name, asked.options)
            raise UnknownNameError(f"{analysis_id}: {name!r} is not an option; {hint}")
    check_options(asked.function, (base, period), dict(options))
    base.forget(SETS_OF_PERIODS)
    table = asked.function(base, period, **options)
    table = without_small_cells(table, base.settings.privacy.least)
    return mark(table, base.lang, base.currency)


def values(
    base: Business,
    definitions: Mapping[str, Definition],
    periods: tuple[Period, ...],
    by: str | None = None,
) -> list[KPIValue]:
    """Every value asked for: KPI by KPI, then period by period, then segment by segment."""
    return answers(base, definitions, periods, by).values


@dataclass(frozen=True)
class Answers:
    """The values asked for, and the limits of the difference between two periods of them."""

    values: list[KPIValue]
    differences: Mapping[tuple[str, str | None], tuple[float, float]]
    """By KPI and segment."""


def answers(
    base: Business,
    definitions: Mapping[str, Definition],
    periods: tuple[Period, ...],
    by: str | None = None,
    pair: tuple[Period, Period] | None = None,
) -> Answers:
    """Every value asked for, as `values` has them; with the limits of a difference for a `pair`."""
    base.forget(SETS_OF_PERIODS)
    own = row_dimensions(base, definitions) if by is not None else ()
    if by is not None and by not in own and by not in base.dimensions:
        by = _otherwise_written(by, base.dimensions) or _hold_to_columns(base, by)
    absent = {
        name: availability.absent(base, definition) for name, definition in definitions.items()
    }
    given = [one for name, one in definitions.items() if absent[name] is None]
    seen = [
        period
        for period in periods
        if any(availability.unseen(base, period, one) is None for one in given)
    ]
    statistics = {
        name: read_statistic(base, definition, tuple(seen))
        for name, definition in definitions.items()
        if seen and not absent[name]
    }
    places = [seen.index(one) for one in pair or () if one in seen]
    groups, limits = _groups(base, statistics, by, by in own, places)
    found = []
    for name, definition in definitions.items():
        quality = _quality(base, definition)
        unavailable = absent[name] is not None
        blank = _blank(base, definition, identity(base, definition, unavailable=unavailable))
        statistic = statistics.get(name)
        for period in periods:
            early = history_note(base, period) if period in seen else None
            if unavailable:
                found.append(blank(period, Status.UNAVAILABLE, absent[name]))
            elif (unseen := availability.unseen(base, period, definition)) is not None:
                found.append(blank(period, *unseen))
            else:
                assert statistic is not None
                status, reason = availability.observed(base, definition, period)
                if status is Status.UNDEFINED:
                    found.append(blank(period, status, reason))
                    continue
                place = seen.index(period)
                segments = groups[name].get(place) or _of_nobody(statistic, by)
                for segment, numbers in segments.items():
                    one = blank(period, status, reason, segment=segment)
                    value = _filled(one, definition, statistic, numbers)
                    if early and activity_note(base) in value.notes:
                        value = replace(value, notes=(*value.notes, early))
                    found.append(replace(value, notes=(*value.notes, *quality)))
    return Answers(keep_back(found, definitions, base.settings.privacy.least), limits)


def _otherwise_written(by: str, dimensions: Sequence[str]) -> str | None:
    """The one dimension of that name in capitals or small letters: a file's `Country`.

    >>> _otherwise_written("country", ("lines", "Country"))
    'Country'
    """
    alike = [name for name in dimensions if name.casefold() == str(by).casefold()]
    return alike[0] if len(alike) == 1 else None


def _hold_to_columns(base: Business, by: str) -> str:
    """The name; an InputError where it is no column's, or no table given has that column."""
    if not isinstance(by, str):
        raise InputError(f"by = {by!r} is not the name of one dimension, like 'country'")
    try:
        base.attribute(by)
    except InputError as error:
        known = heads.COLUMNS.get(by)
        raise InputError(str(error), _NOWHERE.format(by=known.head if known else by)) from None
    return by


def _quality(base: Business, definition: Definition) -> tuple[Text, ...]:
    """What is wrong with the tables that a KPI is made of."""
    columns = definition.columns
    columns = columns if isinstance(columns, tuple) else columns(base)
    tables = [*definition.tables, *(name.split(".")[0] for name in columns)]
    if definition.contracts and base.activity_rule == "subscriptions":
        tables.append("subscriptions")
    return quality_notes(base.accounts, tables, base.currency)


def _groups(
    base: Business,
    statistics: Mapping[str, Statistic],
    by: str | None,
    own: bool,
    pair: Sequence[int],
) -> tuple[dict[str, Groups], dict[tuple[str, str | None], tuple[float, float]]]:
    """The numbers of each KPI by period and segment, and the limits of the pair's differences."""
    if not statistics:
        return {}, {}
    keys: tuple[str, ...] = ("period",)
    prepare: Prepare = _as_is
    if by is not None:
        for name, statistic in statistics.items():
            if statistic.has_parts:
                raise InputError(f"{name} is itself a breakdown; ask for it without by={by!r}")
        keys, prepare = ("period", "segment"), lambda frame: attach(base, frame, by, own)
    sums = summed(base.engine, statistics, keys, prepare)
    tables = {name: one.estimate(*sums[name]) for name, one in statistics.items()}
    groups: dict[str, Groups] = {}
    for name, table in tables.items():
        found: Groups = {}
        for key, part, numbers in _rows_of(table):
            segment = part if by is None else str(key[1])
            found.setdefault(int(key[0]), {})[segment] = numbers
        groups[name] = found
    if len(pair) < 2:
        return groups, {}
    both = pair[0], pair[1]
    apart = differences(base.engine, statistics, sums, tables, both, keys, prepare)
    return groups, {
        (name, str(key[-1]) if key else None): limits
        for name, some in apart.items()
        for key, limits in some.items()
    }


def _as_is(frame: nw.LazyFrame) -> nw.LazyFrame:
    return frame


def _of_nobody(statistic: Statistic, by: str | None) -> Segments:
    """What stands where a period has no row: no segments, or what sums of zero make."""
    if by:
        return {}
    return {part: numbers for _key, part, numbers in _rows_of(nothing(statistic))}


def _rows_of(table: pd.DataFrame) -> Iterator[tuple[tuple, str | None, Mapping[str, float]]]:
    """Each row's group, part (None where there are none) and numbers."""
    columns = {str(name): table[name].tolist() for name in table.columns}
    parts = columns.pop(PART, [None] * len(table))
    for place, (key, part) in enumerate(zip(table.index, parts, strict=True)):
        yield key, part, {name: column[place] for name, column in columns.items()}


def _blank(base: Business, definition: Definition, hashed: str) -> Callable[..., KPIValue]:
    """A function that makes this KPI's values, all but their numbers."""

    def blank(
        period: Period, status: Status, reason: Text | None, segment: str | None = None
    ) -> KPIValue:
        return KPIValue(
            id=definition.id,
            family=definition.family,
            name=definition.name,
            unit=definition.unit,
            better=definition.better,
            period=period,
            definition=hashed,
            formula=definition.formula,
            summary=definition.summary,
            status=status,
            reason=reason,
            segment=segment,
            target=target_of(base, definition.id, period) if segment is None else None,
            currency=base.currency,
            lang=base.lang,
            find_rows=lambda: rows(base, definition.id, period),
        )

    return blank


def _filled(
    blank: KPIValue,
    definition: Definition,
    statistic: Statistic,
    numbers: Mapping[str, float],
) -> KPIValue:
    """The value with its numbers; undefined, with the reason, where there is none.

    A KPI that must wait beyond its period, and has nothing yet, is incomplete and not undefined.
    """
    clean = {name: _number(value) for name, value in numbers.items()}
    n = clean.get("n")
    details = {name: value for name, value in clean.items() if name not in COLUMNS}
    told = (note(clean) if callable(note) else note for note in statistic.notes)
    notes = tuple(note for note in told if note is not None)
    if (horizon := details.get("horizon")) is not None:
        notes = (horizon_note(round(horizon)), *notes)
    value = replace(
        blank,
        value=clean.get("value"),
        low=clean.get("low"),
        high=clean.get("high"),
        numerator=clean.get("numerator"),
        denominator=clean.get("denominator"),
        n=None if n is None else round(n),
        details=details,
        notes=notes,
        scale=statistic.scaling(blank.segment),
        is_part=statistic.has_parts,
    )
    if value.value is not None:
        return value
    if value.status is Status.INCOMPLETE and definition.until:
        return value
    why = statistic.undefined
    return replace(value, status=Status.UNDEFINED, reason=why(clean) if callable(why) else why)


def _number(value: object) -> float | None:
    number = math.nan if value is None else float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None
