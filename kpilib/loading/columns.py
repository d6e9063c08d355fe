"""How each mapped column of a table is read: decided from all its values, then applied."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading import times
from kpilib.loading.mapping import OURS, Mapped
from kpilib.loading.times import TimeReading
from kpilib.loading.values import (
    COMMA_SURE,
    NO_NUMBER,
    POINT_SURE,
    WHOLE_ID,
    count,
    id_text,
    infinite_text,
    number_text,
    valued,
)
from kpilib.schema import Column, Schema
from kpilib.settings import TableSettings

Family = Literal["text", "int", "float", "bool", "date", "naive", "zoned", "other"]


@dataclass(frozen=True)
class Reading:
    """How one of our columns is read from one of the source's."""

    column: Column
    """Ours."""
    source: str
    """The working frame's column that it is read from."""
    family: Family
    """What the source says its values are."""
    whole: bool = False
    """For an id: whether it becomes whole numbers rather than text."""
    decimal: str = "."
    """For a number in text: its decimal mark."""
    times: TimeReading = TimeReading()  # noqa: RUF009 (frozen, so shared safely)
    """For a time in text or whole numbers: its formats."""


def read_columns(
    engine: Engine,
    mapped: Mapped,
    schema: Schema,
    options: TableSettings,
    label: str,
    is_text: bool,
) -> tuple[nw.LazyFrame, dict[str, Reading]]:
    """The readings of a table's columns, and the frame with its categories made text."""
    types = mapped.frame.collect_schema()
    categories = [name for name, dtype in types.items() if dtype in (nw.Categorical, nw.Enum)]
    frame = mapped.frame
    if categories:
        frame = frame.with_columns(nw.col(name).cast(nw.String) for name in categories)
    readings = {}
    for ours, source in mapped.columns.items():
        column, family = schema.column(ours), _family(types[source])
        if column.kind in ("time", "date") and family == "int":
            family = "text" if options.date_format not in _EPOCHS else "int"
        readings[ours] = Reading(column, source, family)
        _check_family(readings[ours], label, types[source])
    seen = _evidence(engine, frame, readings, options, is_text)
    for ours, reading in readings.items():
        readings[ours] = _decide(reading, seen, options, label, is_text)
    return frame, _settle_times(engine, frame, readings, seen, options, label)


_EPOCHS = (times.EPOCH_SECONDS, times.EPOCH_MILLISECONDS)


def _family(dtype: Any) -> Family:
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        return "text"
    if dtype.is_integer():
        return "int"
    if dtype.is_float() or dtype == nw.Decimal:
        return "float"
    if dtype == nw.Boolean:
        return "bool"
    if dtype == nw.Date:
        return "date"
    if dtype == nw.Datetime:
        return "naive" if getattr(dtype, "time_zone", None) is None else "zoned"
    return "other"


_TIMES, _NUMBERS = ("date", "naive", "zoned"), ("int", "float", "bool")


def _check_family(reading: Reading, label: str, dtype: Any) -> None:
    """A typed column that can never be what ours is."""
    kind, family = reading.column.kind, reading.family
    wrong = (kind == "number" and family in (*_TIMES, "other")) or (
        kind in ("time", "date") and family in ("float", "bool", "other")
    )
    if wrong:
        raise InputError(
            f"{label}: {reading.column.name} is read from {reading.source}, which is of type "
            f"{dtype}, not a {kind}; map it to another column or to an expression"
        )


def _text(reading: Reading) -> nw.Expr:
    return nw.col(reading.source).cast(nw.String)


def _evidence(
    engine: Engine,
    frame: nw.LazyFrame,
    readings: Mapping[str, Reading],
    options: TableSettings,
    is_text: bool,
) -> Mapping[str, Any]:
    """What all values of the columns that need a decision look like, in one pass."""
    asked: list[nw.Expr] = []
    for ours, reading in readings.items():
        kind, value = reading.column.kind, nw.col(reading.source)
        if kind == "id" and reading.family == "float":
            part = value.is_finite() & (value != value.round(0))
            asked.append(count(part).alias(f"{ours}__part"))
        elif kind == "id" and reading.family == "text" and is_text:
            text = id_text(value)
            asked.append(count(~text.str.contains(WHOLE_ID)).alias(f"{ours}__other"))
        elif kind == "number" and reading.family == "text":
            asked += _number_evidence(value, ours)
        elif kind in ("time", "date") and reading.family == "text" and not options.date_format:
            asked += times.shape_counts(_text(reading), ours)
    if not asked:
        return {}
    return _row(engine, frame.select(*asked))


def _number_evidence(value: nw.Expr, ours: str) -> list[nw.Expr]:
    bare = valued(value, NO_NUMBER)
    there = ~bare.is_null() & ~infinite_text(value)
    point, comma = number_text(value, "."), number_text(value, ",")
    return [
        count(there).alias(f"{ours}__any"),
        count(there & ~point.is_null()).alias(f"{ours}__point"),
        count(there & ~comma.is_null()).alias(f"{ours}__comma"),
        count(bare.str.contains(POINT_SURE)).alias(f"{ours}__point_sure"),
        count(bare.str.contains(COMMA_SURE)).alias(f"{ours}__comma_sure"),
        count(bare.str.contains(",") & ~point.is_null()).alias(f"{ours}__open"),
        nw.when(bare.str.contains(",")).then(bare).min().alias(f"{ours}__with_comma"),
        nw.when(there & point.is_null()).then(bare).min().alias(f"{ours}__unlike"),
    ]


def _decide(
    reading: Reading, seen: Mapping[str, Any], options: TableSettings, label: str, is_text: bool
) -> Reading:
    """The reading of one id or number, now that its values are known."""
    ours, kind = reading.column.name, reading.column.kind
    if kind == "id":
        if reading.family == "int":
            return replace(reading, whole=True)
        if reading.family == "float":
            return replace(reading, whole=not _rows(seen, f"{ours}__part"))
        if reading.family == "text" and is_text:
            return replace(reading, whole=not _rows(seen, f"{ours}__other"))
    if kind == "number" and reading.family == "text":
        return replace(reading, decimal=options.decimal or _decimal(ours, seen, label))
    return reading


def _decimal(ours: str, seen: Mapping[str, Any], label: str) -> str:
    """The decimal mark of a number in text, refused where it cannot be told."""
    point, comma = _rows(seen, f"{ours}__point_sure"), _rows(seen, f"{ours}__comma_sure")
    if comma > point:
        mark = ","
    elif point or not _rows(seen, f"{ours}__open"):
        mark = "."
    else:
        raise InputError(
            f"{label}: {ours} like {seen[f'{ours}__with_comma']!r} may have a decimal comma or "
            'a comma between thousands; write decimal = "," or decimal = "." in its settings'
        )
    if _rows(seen, f"{ours}__any") and not _rows(
        seen, f"{ours}__comma" if mark == "," else f"{ours}__point"
    ):
        raise InputError(
            f"{label}: no value of {ours} is a number; one is {seen[f'{ours}__unlike']!r}. "
            f"Map {ours} to another column, or to an expression that makes it one"
        )
    return mark


def _row(engine: Engine, frame: nw.LazyFrame) -> dict[str, Any]:
    """The only row of a small result."""
    row = engine.collect(frame).iloc[0]
    return {str(name): row[name] for name in row.index}


def _rows(seen: Mapping[str, Any], name: str) -> int:
    value = seen.get(name)
    return 0 if value is None or pd.isna(value) else int(value)


def _settle_times(
    engine: Engine,
    frame: nw.LazyFrame,
    readings: dict[str, Reading],
    seen: Mapping[str, Any],
    options: TableSettings,
    label: str,
) -> dict[str, Reading]:
    """The formats of times in text; where the shapes leave a choice, all values are tried."""
    open_ = {}
    for ours, reading in readings.items():
        if reading.column.kind not in ("time", "date") or reading.family not in ("text", "int"):
            continue
        if options.date_format:
            readings[ours] = replace(reading, times=times.given(options.date_format))
        elif _rows(seen, f"{ours}__any"):
            found = times.candidates(ours, seen)
            if not found:
                raise times.unreadable(label, ours, seen[f"{ours}__unlike"], None)
            readings[ours] = replace(reading, times=found[0])
            if len(found) > 1:
                open_[ours] = found
    if open_:
        for ours, found in open_.items():
            parsed, only = _try_all(engine, frame, readings[ours], found)
            sample = str(seen[f"{ours}__least"])
            best = times.chosen(label, ours, found, parsed, only, sample)
            readings[ours] = replace(readings[ours], times=best)
    return readings


def _try_all(
    engine: Engine, frame: nw.LazyFrame, reading: Reading, found: list[TimeReading]
) -> tuple[list[int], list[int]]:
    """For each reading, how many values it reads and how many it alone reads."""
    names = [f"{OURS}try_{place}" for place in range(len(found))]
    texts = [
        nw.when(times.body(_text(reading)).str.contains(one.shape))
        .then(times.body(_text(reading)))
        .alias(f"{OURS}shaped_{place}")
        for place, one in enumerate(found)
    ]
    tried = engine.with_parsed_seconds(
        frame.select(*texts),
        {name: (f"{OURS}shaped_{p}", found[p].formats) for p, name in enumerate(names)},
    )
    read = {name: ~nw.col(name).is_null() for name in names}
    asked = [count(read[name]).alias(f"all_{place}") for place, name in enumerate(names)]
    for place, name in enumerate(names):
        alone = read[name]
        for other in names:
            if other != name:
                alone = alone & ~read[other]
        asked.append(count(alone).alias(f"only_{place}"))
    rows = _row(engine, tried.select(*asked))
    places = range(len(found))
    return [_rows(rows, f"all_{p}") for p in places], [_rows(rows, f"only_{p}") for p in places]
