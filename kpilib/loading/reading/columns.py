"""How each mapped column of a table is read, decided from all of its values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import narwhals.stable.v2 as nw

from kpilib.contract.schema import Column, Schema
from kpilib.contract.settings import TableSettings
from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.mapping import Mapped
from kpilib.loading.reading import times
from kpilib.loading.reading.times import TimeReading
from kpilib.loading.reading.values import (
    COMMA_SURE,
    NO_ID,
    NO_NUMBER,
    NO_TEXT,
    ODD_ID,
    OURS,
    PLAIN_NUMBER,
    POINT_SURE,
    WHOLE_ID,
    count,
    infinite_text,
    number_text,
    row,
    rows,
    valued,
    whole_text,
)

Family = Literal["text", "int", "wide", "float", "bool", "date", "naive", "zoned", "other"]
"""What a source says its values are; `wide` numbers may exceed 64 bits or be decimals."""

_TIMES = ("date", "naive", "zoned")


@dataclass(frozen=True)
class Reading:
    """How one of our columns is read from one of the source's."""

    column: Column
    """Ours."""
    source: str
    """The working frame's column that it is read from; for text, one with nothing to trim."""
    family: Family
    """What the source says its values are."""
    clean: bool = False
    """For text: whether no value has blanks around it or only says that there is none."""
    whole: bool = False
    """For an id: whether it becomes whole numbers rather than text."""
    plain: bool = False
    """For an id or a number in text: whether every value can be cast as it stands."""
    decimal: str = "."
    """For a number in text: its decimal mark."""
    times: TimeReading | None = None
    """For a time in text or in whole numbers: how it is written."""

    @property
    def is_epoch(self) -> bool:
        """Whether it is a time that counts from 1970."""
        return self.times is not None and bool(self.times.unit)


def read_columns(
    engine: Engine,
    mapped: Mapped,
    schema: Schema,
    options: TableSettings,
    label: str,
    is_text: bool,
) -> tuple[nw.LazyFrame, dict[str, Reading]]:
    """The readings of a table's columns, and the frame with their texts trimmed beside them."""
    types = mapped.frame.collect_schema()
    made = [
        nw.col(name).cast(nw.String)
        for name, dtype in types.items()
        if dtype in (nw.Categorical, nw.Enum)
    ]
    readings: dict[str, Reading] = {}
    for ours, source in mapped.columns.items():
        column, family = schema.column(ours), _family(types[source])
        if column.kind in ("time", "date") and family == "int":
            family = "int" if options.date_format in times.EPOCHS else "text"
        whole = column.kind == "id" and family in ("int", "wide", "float")
        readings[ours] = Reading(column, source, family, whole=whole)
        _check_family(readings[ours], label, types[source])
        if family == "text" and types[source] != nw.String:
            readings[ours] = replace(readings[ours], source=f"{OURS}text_of_{ours}")
            made.append(nw.col(source).cast(nw.String).alias(readings[ours].source))
    frame = mapped.frame.with_columns(*made) if made else mapped.frame
    frame = _trim(engine, frame, readings, options, label, is_text)
    for ours, reading in readings.items():
        if reading.family == "text" and reading.column.kind == "number" and not reading.plain:
            readings[ours] = _decide_number(engine, frame, reading, options, label)
        elif reading.column.kind in ("time", "date") and reading.family in ("text", "int"):
            readings[ours] = _decide_time(engine, frame, reading, options, label)
    return frame, readings


def _trim(
    engine: Engine,
    frame: nw.LazyFrame,
    readings: dict[str, Reading],
    options: TableSettings,
    label: str,
    is_text: bool,
) -> nw.LazyFrame:
    """Texts trimmed beside those that need it, and what could be decided of those that do not.

    Most files are clean. Asking that first, of all values, is much cheaper than trimming each of
    them every time it is read.
    """
    texts = {ours: reading for ours, reading in readings.items() if reading.family == "text"}
    seen = _evidence(engine, frame, texts.values(), options)
    for ours, reading in texts.items():
        kind = reading.column.kind
        if kind == "id":
            reading = _decide_id(reading, seen, is_text)
        elif kind == "number" and not rows(seen, f"{ours}__other") and options.decimal != ",":
            reading = replace(reading, clean=True, plain=True)
        elif kind in ("time", "date") and not options.date_format:
            known = times.decide_clean(engine, frame, ours, reading.source, label)
            reading = replace(reading, clean=known is not None, times=known)
        readings[ours] = reading
    dirty = [reading for reading in readings.values() if reading.family == "text"]
    dirty = [reading for reading in dirty if not reading.clean]
    if not dirty:
        return frame
    frame = frame.with_columns(*(_bare(reading) for reading in dirty))
    for reading in dirty:
        ours = reading.column.name
        readings[ours] = replace(reading, source=f"{OURS}bare_{ours}")
    ids = [readings[reading.column.name] for reading in dirty if reading.column.kind == "id"]
    if ids and is_text:
        seen = _evidence(engine, frame, ids, options)
        for reading in ids:
            readings[reading.column.name] = _decide_id(reading, seen, is_text)
    return frame


def _family(dtype: Any) -> Family:
    if dtype in (nw.String, nw.Categorical, nw.Enum, nw.Unknown):
        return "text"
    if dtype == nw.Decimal or dtype in (nw.UInt64, nw.Int128, nw.UInt128):
        return "wide"
    if dtype.is_integer():
        return "int"
    if dtype.is_float():
        return "float"
    if dtype == nw.Boolean:
        return "bool"
    if dtype == nw.Date:
        return "date"
    if dtype == nw.Datetime:
        return "naive" if getattr(dtype, "time_zone", None) is None else "zoned"
    return "other"


def _check_family(reading: Reading, label: str, dtype: Any) -> None:
    """A typed column that can never be what ours is."""
    kind, family = reading.column.kind, reading.family
    wrong = (kind == "number" and family in (*_TIMES, "other")) or (
        kind in ("time", "date") and family in ("wide", "float", "bool", "other")
    )
    if wrong:
        raise InputError(
            f"{label}: {reading.column.name} is read from {reading.source}, which is of type "
            f"{dtype}, not a {kind}; map it to another column or to an expression"
        )


def _bare(reading: Reading) -> nw.Expr:
    """A column's text without blanks around it, null where it says that there is no value."""
    value = nw.col(reading.source).cast(nw.String)
    nothing = {"id": NO_ID, "text": NO_TEXT}.get(reading.column.kind, NO_NUMBER)
    return valued(value, nothing).alias(f"{OURS}bare_{reading.column.name}")


def _evidence(
    engine: Engine, frame: nw.LazyFrame, texts: Iterable[Reading], options: TableSettings
) -> Mapping[str, Any]:
    """What the ids and numbers in text look like, in one pass over all rows."""
    asked: list[nw.Expr] = []
    for reading in texts:
        ours, value = reading.column.name, nw.col(reading.source)
        if reading.column.kind == "id":
            asked.append(count(value.str.contains(ODD_ID)).alias(f"{ours}__odd"))
            asked.append(count(~value.str.contains(WHOLE_ID)).alias(f"{ours}__other"))
            asked.append(count(value.str.contains(".", literal=True)).alias(f"{ours}__point"))
        elif reading.column.kind == "number":
            asked.append(count(~value.str.contains(PLAIN_NUMBER)).alias(f"{ours}__other"))
    return row(engine, frame.select(*asked)) if asked else {}


def _decide_id(reading: Reading, seen: Mapping[str, Any], is_text: bool) -> Reading:
    """Text stays text, but in a CSV file where all of it is whole numbers."""
    ours = reading.column.name
    return replace(
        reading,
        clean=not rows(seen, f"{ours}__odd"),
        whole=is_text and not rows(seen, f"{ours}__other"),
        plain=not rows(seen, f"{ours}__point"),
    )


def _decide_number(
    engine: Engine,
    frame: nw.LazyFrame,
    reading: Reading,
    options: TableSettings,
    label: str,
) -> Reading:
    """The decimal mark of a number in text; refused where it cannot be told."""
    ours = reading.column.name
    found = row(engine, frame.select(*_number_evidence(nw.col(reading.source))))
    mark = options.decimal
    if mark is None:
        point, comma = rows(found, "point_sure"), rows(found, "comma_sure")
        if not point and not comma and rows(found, "open"):
            raise InputError(
                f"{label}: {ours} like {found['with_comma']!r} may have a decimal comma or a "
                'comma between thousands; write decimal = "," or decimal = "." in its settings'
            )
        mark = "," if comma > point else "."
    if rows(found, "any") and not rows(found, "comma" if mark == "," else "point"):
        raise InputError(
            f"{label}: no value of {ours} is a number; one is {found['unlike']!r}. "
            f"Map {ours} to another column, or to an expression that makes it one"
            f"{_without_sign(found['unlike'])}"
        )
    return replace(reading, decimal=mark)


def _without_sign(sample: str) -> str:
    """For an amount with a currency's sign, the expression that takes it off."""
    sign = re.search(r"[^\w\s.,'’+-]+|[A-Za-z]{3}", sample)
    if sign is None or not re.search("[0-9]", sample):
        return ""
    return f""", like "replace(its_column, '{sign[0]}', '')\""""


def _number_evidence(bare: nw.Expr) -> list[nw.Expr]:
    there = ~bare.is_null() & ~infinite_text(bare)
    point, comma = ~number_text(bare, ".").is_null(), ~number_text(bare, ",").is_null()
    commas = bare.str.contains(",", literal=True)
    return [
        count(there).alias("any"),
        count(there & point).alias("point"),
        count(there & comma).alias("comma"),
        count(bare.str.contains(POINT_SURE)).alias("point_sure"),
        count(bare.str.contains(COMMA_SURE)).alias("comma_sure"),
        count(commas & point).alias("open"),
        nw.when(commas).then(bare).min().alias("with_comma"),
        nw.when(there & ~point).then(bare).min().alias("unlike"),
    ]


def _decide_time(
    engine: Engine, frame: nw.LazyFrame, reading: Reading, options: TableSettings, label: str
) -> Reading:
    """How a time in text or in whole numbers is written."""
    ours = reading.column.name
    if reading.times is not None:
        return reading
    if not options.date_format:
        decided = times.decide(engine, frame, ours, reading.source, label)
        return replace(reading, times=decided)
    given = times.given(options.date_format)
    if reading.family == "text":
        name, texts = f"{OURS}tried", frame.select(reading.source)
        if given.unit:
            tried = texts.with_columns(whole_text(nw.col(reading.source)).alias(name))
        else:
            tried = times.with_parsed(engine, texts, {name: (reading.source, given)})
        there, parsed = ~nw.col(reading.source).is_null(), ~nw.col(name).is_null()
        asked = [count(there).alias("any"), count(parsed).alias("parsed")]
        sample = nw.col(reading.source).min().alias("least")
        found = row(engine, tried.select(sample, *asked))
        if rows(found, "any") and not rows(found, "parsed"):
            raise times.unreadable(label, ours, found["least"], options.date_format)
    return replace(reading, times=given)
