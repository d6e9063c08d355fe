"""Ours made from the source's: ids, seconds and days, numbers, flags, text, in plain types."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading.reading import times
from kpilib.loading.reading.amounts import number_text
from kpilib.loading.reading.clock import DAY, Clock
from kpilib.loading.reading.columns import Reading
from kpilib.loading.reading.values import (
    OURS,
    flag_text,
    infinite_text,
    valued,
    whole_text,
)

_EXACT, _LONG = 2.0**53, 2.0**63 - 2.0**10
"""Below these a float still holds every whole number, and a number of 64 bits does."""


@dataclass(frozen=True)
class Normal:
    """A table's rows with our columns beside the source's."""

    frame: nw.LazyFrame
    """The working frame."""
    outputs: dict[str, str]
    """The name that a column of ours comes out under → its column in `frame`."""
    unread: dict[str, nw.Expr]
    """Our column → whether a row has a value there that cannot be read."""
    clock: Clock
    """The business's clock over the days of the table."""
    walls: dict[str, nw.Expr]
    """Our time column → the wall second of its values that name no zone."""


def normalise(
    engine: Engine,
    frame: nw.LazyFrame,
    readings: Mapping[str, Reading],
    whole: Mapping[str, bool],
    zone: ZoneInfo,
) -> Normal:
    """Every column of ours, computed; `whole` says which things' ids are numbers in all tables."""
    timed = {ours: r for ours, r in readings.items() if r.column.kind in ("time", "date")}
    frame = _with_seconds(engine, frame, timed)
    clock = _clock(engine, frame, timed, zone)
    outputs: dict[str, str] = {}
    made: list[nw.Expr] = []
    unread: dict[str, nw.Expr] = {}
    for ours, reading in readings.items():
        if ours in timed:
            parts = _times(reading, clock)
            unread[ours] = _time_unread(reading)
        else:
            expression, unread[ours] = _value(reading, whole)
            parts = {ours: expression}
        for output, expression in parts.items():
            outputs[output] = f"{OURS}is_{output}"
            made.append(expression.alias(outputs[output]))
    walls = {
        ours: _naive_wall(reading)
        for ours, reading in timed.items()
        if reading.family in ("naive", "text", "float") and not reading.is_epoch
    }
    return Normal(frame.with_columns(*made), outputs, unread, clock, walls)


def _naive_wall(reading: Reading) -> nw.Expr:
    ours = reading.column.name
    if not _may_be_zoned(reading):
        return nw.col(_second(ours))
    return nw.when(nw.col(_ahead(ours)).is_null()).then(nw.col(_second(ours)))


def _second(ours: str) -> str:
    return f"{OURS}second_{ours}"


def _ahead(ours: str) -> str:
    return f"{OURS}ahead_{ours}"


def _may_be_zoned(reading: Reading) -> bool:
    return reading.family == "text" and reading.times is not None and reading.times.zoned


def _with_seconds(
    engine: Engine, frame: nw.LazyFrame, timed: Mapping[str, Reading]
) -> nw.LazyFrame:
    """The second of every time, in UTC where it has a zone and by the wall clock where not."""
    typed, parsed, made, zoned = {}, {}, [], []
    for ours, reading in timed.items():
        value, how = nw.col(reading.source), reading.times
        if how is not None and how.unit:
            if reading.family == "text":
                second = times.counted_text(value, how.unit)
            else:
                second = times.counted_seconds(value, how.unit)
            made.append(second.alias(_second(ours)))
        elif reading.family != "text":
            typed[_second(ours)] = reading.source
        elif how is None:
            made.append(nw.lit(None, nw.Int64).alias(_second(ours)))
        else:
            parsed[_second(ours)] = (reading.source, how)
            if how.zoned:
                zoned.append(times.ahead(value, how, nw.col(_second(ours))).alias(_ahead(ours)))
    if made:
        frame = frame.with_columns(*made)
    if typed:
        frame = engine.with_seconds(frame, typed)
    if parsed:
        frame = times.with_parsed(engine, frame, parsed)
    return frame.with_columns(*zoned) if zoned else frame


def _clock(
    engine: Engine, frame: nw.LazyFrame, timed: Mapping[str, Reading], zone: ZoneInfo
) -> Clock:
    """The clock over the span of the table's times; a zone without changes needs no look."""
    if not timed or zone.key in ("UTC", "Etc/UTC"):
        return Clock(0)
    known = {ours: r.times.span for ours, r in timed.items() if r.times is not None}
    spans = [span for span in known.values() if span is not None]
    ends = [
        end
        for place, ours in enumerate(timed)
        if known.get(ours) is None
        for end in (
            nw.col(_second(ours)).min().alias(f"low_{place}"),
            nw.col(_second(ours)).max().alias(f"high_{place}"),
        )
    ]
    seen = [second for span in spans for second in span]
    if ends:
        seen += [int(second) for second in engine.collect(frame.select(*ends)).iloc[0].dropna()]
    return Clock.between(zone, min(seen), max(seen)) if seen else Clock(0)


def _times(reading: Reading, clock: Clock) -> dict[str, nw.Expr]:
    """The day of a time, and its UTC second where it is more than a date."""
    ours = reading.column.name
    second = nw.col(_second(ours))
    if reading.family == "zoned" or reading.is_epoch:
        utc, wall = second, clock.to_wall(second)
    elif _may_be_zoned(reading):
        ahead = nw.col(_ahead(ours))
        known = second - ahead
        utc = nw.when(ahead.is_null()).then(clock.to_utc(second)).otherwise(known)
        wall = nw.when(ahead.is_null()).then(second).otherwise(clock.to_wall(known))
    else:
        utc, wall = clock.to_utc(second), second
    outputs = reading.column.outputs
    values = (wall // DAY, utc)
    return {output: value.cast(nw.Int64) for output, value in zip(outputs, values, strict=False)}


def _time_unread(reading: Reading) -> nw.Expr:
    if reading.family != "text" or reading.times is None:
        return nw.lit(False)
    second = nw.col(_second(reading.column.name))
    return ~nw.col(reading.source).is_null() & second.is_null()


def _value(reading: Reading, whole: Mapping[str, bool]) -> tuple[nw.Expr, nw.Expr]:
    """A column's value in its plain type, and whether there is one that cannot be read."""
    match reading.column.kind:
        case "id":
            return _id(reading, whole.get(reading.column.names, reading.whole))
        case "number":
            return _number(reading)
        case "flag":
            return _flag(reading)
        case _:
            return _plain_text(reading), nw.lit(False)


def _plain_text(reading: Reading) -> nw.Expr:
    value = nw.col(reading.source)
    return value if reading.family == "text" else value.cast(nw.String)


def _id(reading: Reading, whole: bool) -> tuple[nw.Expr, nw.Expr]:
    """An id as a whole number, or as text where some table has it as text."""
    value = nw.col(reading.source)
    if not reading.whole:
        text = value.cast(nw.String)
        return valued(text) if reading.family == "other" else text, nw.lit(False)
    unread = nw.lit(False)
    if reading.family == "text":
        number = value.cast(nw.Int64) if reading.plain else whole_text(value)
    elif reading.family in ("wide", "float"):
        limit = _EXACT if reading.family == "float" else _LONG
        size = value.cast(nw.Float64)
        fits = (size == size.round(0)) & (size > -limit) & (size < limit)
        number = nw.when(fits).then(value).cast(nw.Int64)
        unread = ~size.is_nan() & ~fits
    else:
        number = value.cast(nw.Int64)
    return number if whole else number.cast(nw.String), unread


def _number(reading: Reading) -> tuple[nw.Expr, nw.Expr]:
    """A number; infinite ones stay, for the rules to name; what is no number is none."""
    value = nw.col(reading.source)
    if reading.family == "text" and reading.number.plain:
        return value.cast(nw.Float64), nw.lit(False)
    if reading.family == "text":
        number, infinite = number_text(value, reading.number.decimal), infinite_text(value)
        return (
            nw.when(infinite).then(float("inf")).otherwise(number),
            ~value.is_null() & number.is_null() & ~infinite,
        )
    if reading.family in ("wide", "float"):
        number = value.cast(nw.Float64)
        return nw.when(~number.is_nan()).then(number), nw.lit(False)
    return value.cast(nw.Int64).cast(nw.Float64), nw.lit(False)


def _flag(reading: Reading) -> tuple[nw.Expr, nw.Expr]:
    """True or false; a missing flag is false."""
    value = nw.col(reading.source)
    if reading.family == "text":
        flag = flag_text(value)
        return flag.fill_null(False), ~value.is_null() & flag.is_null()
    if reading.family == "bool":
        return value.fill_null(False), nw.lit(False)
    return (value.cast(nw.Float64).fill_null(0) != 0), nw.lit(False)
