"""How each mapped column of a table is read, decided from all of its values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from kpilib.contract.schema import Column, Schema
from kpilib.contract.settings import TableSettings
from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.mapping import Mapped
from kpilib.loading.reading import amounts, times
from kpilib.loading.reading.amounts import PLAIN, NumberReading
from kpilib.loading.reading.deciding import Deciding, given, unreadable
from kpilib.loading.reading.times import TimeReading
from kpilib.loading.reading.values import (
    NO_ID,
    NO_NUMBER,
    NO_TEXT,
    ODD_ID,
    OURS,
    PLAIN_NUMBER,
    WHOLE_ID,
    count,
    row,
    rows,
    valued,
)
from kpilib.loading.told import Told

Family = Literal["text", "int", "wide", "float", "bool", "date", "naive", "zoned", "other"]
"""What a source says its values are; `wide` numbers may exceed 64 bits or be decimals."""

_TIMES = ("date", "naive", "zoned")
_NUMBERS = ("int", "wide", "float")


@dataclass(frozen=True)
class Way:
    """What decides how the columns of one table are read, beside their values."""

    options: TableSettings
    """What the user said of the table."""
    told: Told
    """How errors name it."""
    zone: ZoneInfo
    """The business's time zone."""
    is_text: bool
    """Whether every column is text because the source says nothing of types."""
    event: str
    """The column that says when a row happened."""
    by: int
    """The second by which all of them must have happened."""


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
    """For an id in text: whether every value can be cast as it stands."""
    low: bool = True
    """For an id of whole numbers: whether some may be 0 or below."""
    number: NumberReading = PLAIN
    """For a number in text: how it is written."""
    times: TimeReading | None = None
    """For a time in text or in whole numbers: how it is written."""

    @property
    def is_epoch(self) -> bool:
        """Whether it is a time that counts from 1970."""
        return self.times is not None and self.times.is_epoch

    @property
    def is_counted(self) -> bool:
        """Whether it is a time written as a number that counts."""
        return self.times is not None and bool(self.times.unit)

    @property
    def odd(self) -> nw.Expr | None:
        """The rows that are written in another way than most; None where all are alike."""
        text = nw.col(self.source)
        if self.times is not None and self.times.common:
            return ~times.body(text, self.times).str.contains(self.times.common)
        if self.number.decimal == amounts.MIXED:
            return amounts.rarer(text, self.number)
        return None

    @property
    def note(self) -> str:
        """What is worth knowing about how it was read; empty where nothing is."""
        return self.times.note if self.times is not None else self.number.note


def read_columns(
    engine: Engine, mapped: Mapped, schema: Schema, way: Way
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
        reading = Reading(column, source, family)
        if column.kind in ("time", "date") and family in _NUMBERS:
            reading = _counted(engine, mapped.frame, reading, way)
        elif column.kind == "id":
            reading = replace(reading, whole=family in _NUMBERS)
        _check_family(reading, way.told, types[source])
        if reading.family == "text" and types[source] != nw.String:
            reading = replace(reading, source=f"{OURS}text_of_{ours}")
            made.append(nw.col(source).cast(nw.String).alias(reading.source))
        readings[ours] = reading
    frame = mapped.frame.with_columns(*made) if made else mapped.frame
    frame = _trim(engine, frame, readings, way)
    for ours, reading in readings.items():
        if reading.family == "text" and reading.column.kind == "number" and not reading.clean:
            number = amounts.decide(
                engine, frame, ours, reading.source, way.told, way.options.decimal
            )
            readings[ours] = replace(reading, number=number)
        elif reading.column.kind in ("time", "date") and reading.family == "text":
            readings[ours] = _decide_time(engine, frame, reading, way)
    return frame, readings


def _counted(engine: Engine, frame: nw.LazyFrame, reading: Reading, way: Way) -> Reading:
    """A time in numbers: one that counts, or whole ones that are read as text, like 20260131."""
    formats = way.options.date_formats
    if formats and formats[0] in times.COUNTED:
        return replace(reading, times=TimeReading(unit=formats[0]))
    if not formats:
        value = nw.col(reading.source)
        value = value if reading.family == "int" else value.cast(nw.Float64)
        value = nw.when(value == value).then(value)
        known = times.counted(engine, frame, reading.column.name, value)
        if known is not None:
            return replace(reading, times=known)
    return replace(reading, family="text") if reading.family == "int" else reading


def _trim(
    engine: Engine, frame: nw.LazyFrame, readings: dict[str, Reading], way: Way
) -> nw.LazyFrame:
    """Texts trimmed beside those that need it, and what could be decided of those that do not.

    Most files are clean. Asking that first, of all values, is much cheaper than trimming each of
    them every time it is read.
    """
    texts = {ours: reading for ours, reading in readings.items() if reading.family == "text"}
    seen = _evidence(engine, frame, texts.values(), way)
    for ours, reading in texts.items():
        kind = reading.column.kind
        if kind == "id":
            reading = _decide_id(reading, seen, way.is_text)
        elif kind == "number":
            plain = not rows(seen, f"{ours}__unsure") and way.options.decimal != ","
            reading = replace(reading, clean=plain, number=NumberReading(plain=plain))
        elif kind in ("time", "date") and not way.options.date_formats:
            known = _deciding(engine, frame, reading, way).quickly()
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
    return frame


def _deciding(engine: Engine, frame: nw.LazyFrame, reading: Reading, way: Way) -> Deciding:
    name, day = reading.column.name, way.options.day
    by = way.by if name == way.event else None
    return Deciding(engine, frame, name, reading.source, way.told, way.zone, day, by)


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


def _check_family(reading: Reading, told: Told, dtype: Any) -> None:
    """A typed column that can never be what ours is."""
    kind, family = reading.column.kind, reading.family
    wrong = (kind == "number" and family in (*_TIMES, "other")) or (
        kind in ("time", "date")
        and family in ("wide", "float", "bool", "other")
        and not reading.is_counted
    )
    if wrong:
        given = "its expression" if reading.source.startswith(OURS) else reading.source
        raise InputError(
            f"{told.label}: {reading.column.name} is read from {given}, which is of type "
            f"{dtype}, not a {kind}; map it to another column or to an expression"
        )


def _bare(reading: Reading) -> nw.Expr:
    """A column's text without blanks around it, null where it says that there is no value."""
    value = nw.col(reading.source).cast(nw.String)
    nothing = {"id": NO_ID, "text": NO_TEXT}.get(reading.column.kind, NO_NUMBER)
    return valued(value, nothing).alias(f"{OURS}bare_{reading.column.name}")


def _evidence(
    engine: Engine, frame: nw.LazyFrame, texts: Iterable[Reading], way: Way
) -> Mapping[str, Any]:
    """What the ids and numbers in text look like, in one pass over all rows."""
    asked: list[nw.Expr] = []
    for reading in texts:
        ours, value = reading.column.name, nw.col(reading.source)
        if reading.column.kind == "id":
            asked.append(count(value.str.contains(ODD_ID)).alias(f"{ours}__odd"))
            asked.append(count(~value.str.contains(WHOLE_ID)).alias(f"{ours}__other"))
            asked.append(count(value.str.contains(".", literal=True)).alias(f"{ours}__point"))
            low = value.str.starts_with("0") | value.str.starts_with("-")
            asked.append(count(low).alias(f"{ours}__low"))
        elif reading.column.kind == "number":
            plain = PLAIN_NUMBER if way.options.decimal == "." else amounts.SURELY_PLAIN
            asked.append(count(~value.str.contains(plain)).alias(f"{ours}__unsure"))
    return row(engine, frame.select(*asked)) if asked else {}


def _decide_id(reading: Reading, seen: Mapping[str, Any], is_text: bool) -> Reading:
    """Text stays text, but in a CSV file where all of it is whole numbers."""
    ours = reading.column.name
    clean = not rows(seen, f"{ours}__odd")
    return replace(
        reading,
        clean=clean,
        low=not clean or bool(rows(seen, f"{ours}__low")),
        whole=is_text and not rows(seen, f"{ours}__other"),
        plain=not rows(seen, f"{ours}__point"),
    )


def _decide_time(engine: Engine, frame: nw.LazyFrame, reading: Reading, way: Way) -> Reading:
    """How a time in text is written."""
    formats, ours = way.options.date_formats, reading.column.name
    if reading.times is not None:
        return reading
    bare = nw.col(reading.source)
    if not formats:
        number = amounts.number_text(bare, amounts.MIXED)
        known = times.counted(engine, frame, ours, number, ~bare.is_null() & number.is_null())
        return replace(reading, times=known or _deciding(engine, frame, reading, way).thoroughly())
    own = given(formats, way.told, way.options.day)
    if own.unit:
        frame = frame.with_columns(times.counted_text(bare, own.unit).alias(f"{OURS}tried"))
    else:
        own, frame = _deciding(engine, frame, reading, way).widened(own, formats)
    there = count(~bare.is_null()).alias("any")
    parsed = count(~nw.col(f"{OURS}tried").is_null()).alias("parsed")
    found = row(engine, frame.select(bare.min().alias("least"), there, parsed))
    if rows(found, "any") and not rows(found, "parsed"):
        raise unreadable(way.told, ours, found["least"], formats)
    return replace(reading, times=own)
