"""Ours made from the source's: ids, seconds and days, numbers, flags, text, in plain types."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading import times
from kpilib.loading.clock import DAY, Clock
from kpilib.loading.columns import Reading
from kpilib.loading.mapping import OURS
from kpilib.loading.values import NO_NUMBER as NOTHING
from kpilib.loading.values import (
    flag_text,
    id_text,
    id_whole,
    infinite_text,
    number_text,
    trimmed,
    valued,
)


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
    walls = {ours: _naive_wall(r) for ours, r in timed.items() if r.family in ("naive", "text")}
    return Normal(frame.with_columns(*made), outputs, unread, clock, walls)


def _naive_wall(reading: Reading) -> nw.Expr:
    ours = reading.column.name
    if reading.family == "naive":
        return nw.col(_second(ours))
    return nw.when(nw.col(_ahead(ours)).is_null()).then(nw.col(_second(ours)))


def _second(ours: str) -> str:
    return f"{OURS}second_{ours}"


def _ahead(ours: str) -> str:
    return f"{OURS}ahead_{ours}"


def _with_seconds(
    engine: Engine, frame: nw.LazyFrame, timed: Mapping[str, Reading]
) -> nw.LazyFrame:
    """The second of every time, in UTC where it has a zone and by the wall clock where not."""
    typed, parsed, made = {}, {}, []
    for ours, reading in timed.items():
        value = nw.col(reading.source)
        if reading.family == "int":
            thousandths = reading.times.formats == (times.EPOCH_MILLISECONDS,)
            made.append(
                (value // 1000 if thousandths else value).cast(nw.Int64).alias(_second(ours))
            )
        elif reading.family == "text":
            text = value.cast(nw.String)
            bare = times.body(text)
            if reading.times.shape:
                bare = nw.when(bare.str.contains(reading.times.shape)).then(bare)
            made += [bare.alias(f"{OURS}body_{ours}"), times.ahead(text).alias(_ahead(ours))]
            parsed[_second(ours)] = (f"{OURS}body_{ours}", reading.times.formats or ("%Y-%m-%d",))
        else:
            typed[_second(ours)] = reading.source
    if made:
        frame = frame.with_columns(*made)
    if typed:
        frame = engine.with_seconds(frame, typed)
    return engine.with_parsed_seconds(frame, parsed) if parsed else frame


def _clock(
    engine: Engine, frame: nw.LazyFrame, timed: Mapping[str, Reading], zone: ZoneInfo
) -> Clock:
    """The clock over the span of the table's times; a zone without changes needs no look."""
    if not timed or zone.key in ("UTC", "Etc/UTC"):
        return Clock(0)
    ends = [
        end
        for place, ours in enumerate(timed)
        for end in (
            nw.col(_second(ours)).min().alias(f"low_{place}"),
            nw.col(_second(ours)).max().alias(f"high_{place}"),
        )
    ]
    seen = engine.collect(frame.select(*ends)).iloc[0].dropna()
    if not len(seen):
        return Clock(0)
    return Clock.between(zone, int(seen.min()), int(seen.max()))


def _times(reading: Reading, clock: Clock) -> dict[str, nw.Expr]:
    """The day of a time, and its UTC second where it is more than a date."""
    ours = reading.column.name
    second = nw.col(_second(ours))
    if reading.family in ("zoned", "int"):
        utc, wall = second, clock.to_wall(second)
    elif reading.family == "text":
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
    if reading.family != "text":
        return nw.lit(False)
    there = ~valued(nw.col(reading.source).cast(nw.String), NOTHING).is_null()
    return there & nw.col(_second(reading.column.name)).is_null()


def _value(reading: Reading, whole: Mapping[str, bool]) -> tuple[nw.Expr, nw.Expr]:
    """A column's value in its plain type, and whether there is one that cannot be read."""
    match reading.column.kind:
        case "id":
            return _id(reading, whole.get(reading.column.names, reading.whole)), nw.lit(False)
        case "number":
            return _number(reading)
        case "flag":
            return _flag(reading)
        case _:
            return trimmed(nw.col(reading.source).cast(nw.String)), nw.lit(False)


def _id(reading: Reading, whole: bool) -> nw.Expr:
    """An id as a whole number, or as text where some table has it as text."""
    value = nw.col(reading.source)
    if reading.family == "text":
        if reading.whole:
            number = id_whole(value)
            return number if whole else number.cast(nw.String)
        return id_text(value)
    if reading.family == "float":
        there = nw.when(value.is_finite()).then(value)
        if reading.whole:
            number = there.cast(nw.Int64)
            return number if whole else number.cast(nw.String)
        return there.cast(nw.String)
    if reading.whole:
        return value.cast(nw.Int64) if whole else value.cast(nw.Int64).cast(nw.String)
    return trimmed(value.cast(nw.String))


def _number(reading: Reading) -> tuple[nw.Expr, nw.Expr]:
    """A number; infinite ones stay, for the rules to name; what is no number is none."""
    value = nw.col(reading.source)
    if reading.family == "text":
        number = number_text(value, reading.decimal)
        infinite = infinite_text(value)
        there = ~valued(value, NOTHING).is_null()
        return (
            nw.when(infinite).then(float("inf")).otherwise(number),
            there & number.is_null() & ~infinite,
        )
    if reading.family == "float":
        number = value.cast(nw.Float64)
        return nw.when(~number.is_nan()).then(number), nw.lit(False)
    return value.cast(nw.Int64).cast(nw.Float64), nw.lit(False)


def _flag(reading: Reading) -> tuple[nw.Expr, nw.Expr]:
    """True or false; a missing flag is false."""
    value = nw.col(reading.source)
    if reading.family == "text":
        flag = flag_text(value)
        there = ~valued(value, NOTHING).is_null()
        return flag.fill_null(False), there & flag.is_null()
    if reading.family == "bool":
        return value.fill_null(False), nw.lit(False)
    return (value.cast(nw.Float64).fill_null(0) != 0), nw.lit(False)
