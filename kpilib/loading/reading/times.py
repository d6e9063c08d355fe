"""How times are written, and what second each of them is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.loading.reading.amounts import MIXED, number_text
from kpilib.loading.reading.clock import Clock
from kpilib.loading.reading.formats import CALM, FRACTION, Piece
from kpilib.loading.reading.values import OURS, count, row, rows
from kpilib.loading.reading.zones import ZONE, ZONED

EPOCHS = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
"""What `date_format` may say of numbers that count from 1970 → how many make a second."""

EXCEL = "excel"
"""What `date_format` says of numbers that count days as Excel does, from 1899-12-30."""

COUNTED = (*EPOCHS, EXCEL)
_EXCEL_1970 = 25_569
_DAY = 86_400
_SINCE, _BEFORE = 631_152_000, 2_051_222_400


@dataclass(frozen=True)
class TimeReading:
    """How one column's times are read."""

    formats: tuple[Piece, ...] = ()
    """What a text may look like, and what reads it; the first that fits does."""
    zoned: bool = False
    """Whether a zone may follow."""
    fraction: bool = False
    """Whether a fraction of a second may follow."""
    untidy: bool = False
    """Whether weekdays, brackets or odd blanks must be taken out first."""
    zones: Mapping[str, int | str] | None = None
    """The named zones that follow → seconds ahead of UTC, or the IANA name of the zone."""
    unit: str = ""
    """For numbers that count: one of `COUNTED`."""
    way: int = -1
    """Which way of writing dates it is; -1 for the user's own, and for several."""
    span: tuple[int, int] | None = None
    """The least and the greatest second that was read, where that is known."""
    common: str = ""
    """Where there are several ways to write dates, what the commonest looks like."""
    note: str = ""
    """What is worth knowing about how they are written."""

    @property
    def is_epoch(self) -> bool:
        """Whether it counts from 1970 in UTC."""
        return self.unit in EPOCHS


def tidy(text: nw.Expr) -> nw.Expr:
    """The text without weekdays, brackets and odd blanks, as `calmed` has it."""
    for pattern, plain in CALM:
        text = text.str.replace_all(pattern, plain)
    return text


def body(bare: nw.Expr, reading: TimeReading) -> nw.Expr:
    """The text of a time, without the zone and the fraction of a second that may follow it."""
    if reading.untidy:
        bare = tidy(bare)
    if reading.zoned:
        ends = bare.str.contains(ZONED)
        bare = nw.when(ends).then(bare.str.replace_all(ZONE, "")).otherwise(bare)
    if reading.fraction:
        ends = bare.str.contains(f"{FRACTION}$")
        bare = nw.when(ends).then(bare.str.replace_all("[.,][0-9]+$", "")).otherwise(bare)
    return bare


def ahead(bare: nw.Expr, reading: TimeReading, second: nw.Expr) -> nw.Expr:
    """Seconds ahead of UTC that the text of a time names; null where it names no zone."""
    if reading.untidy:
        bare = tidy(bare)
    zoned = bare.str.contains(ZONED)
    sign = nw.when(bare.str.contains(r"-[0-9]{2}:?(?:[0-9]{2})?$")).then(-1).otherwise(1)

    def seconds(pattern: str, hours: nw.Expr, minutes: nw.Expr | None) -> tuple[nw.Expr, nw.Expr]:
        fits = zoned & bare.str.contains(pattern)
        whole = nw.when(fits).then(hours).cast(nw.Int64) * 3600
        if minutes is not None:
            whole = whole + nw.when(fits).then(minutes).cast(nw.Int64) * 60
        return fits, whole * sign

    tail = bare.str.tail
    cases = [
        seconds(r"[+-][0-9]{2}:[0-9]{2}$", tail(5).str.head(2), tail(2)),
        seconds(r"[+-][0-9]{4}$", tail(4).str.head(2), tail(2)),
        seconds(r"[+-][0-9]{2}$", tail(2), None),
    ]
    for name, meant in (reading.zones or {}).items():
        named = zoned & bare.str.contains(f"(?:^|[^A-Za-z/_]){re.escape(name)}$")
        cases.append((named, _named(meant, reading, second)))
    found: nw.Expr = nw.when(zoned).then(0)
    for fits, value in reversed(cases):
        found = nw.when(fits).then(value).otherwise(found)
    return found


def _named(value: int | str, reading: TimeReading, second: nw.Expr) -> nw.Expr:
    """Seconds ahead of UTC in a named zone, at a second of its own clock."""
    if isinstance(value, int):
        return nw.lit(value, nw.Int64)
    low, high = reading.span or (_SINCE, _BEFORE)
    return second - Clock.between(ZoneInfo(value), low, high).to_utc(second)


def counted_seconds(value: nw.Expr, unit: str) -> nw.Expr:
    """The second that a number stands for: UTC, or what the clock showed for Excel's days."""
    if unit == EXCEL:
        return (((value - _EXCEL_1970) * _DAY) + 0.5).floor().cast(nw.Int64)
    return (value // EPOCHS[unit]).cast(nw.Int64)


def counted_text(bare: nw.Expr, unit: str) -> nw.Expr:
    """The second that a number in text stands for."""
    return counted_seconds(number_text(bare, MIXED), unit)


def counted(
    engine: Engine, frame: nw.LazyFrame, name: str, value: nw.Expr, bad: nw.Expr | None = None
) -> TimeReading | None:
    """The reading of numbers that can only count from 1970 or as Excel does; None for others.

    `value` are the numbers and `bad` says which rows hold none though they hold something. All
    must lie between 1990 and 2035 under one unit: those ranges do not touch.
    """
    asked = [value.min().alias("low"), value.max().alias("high")]
    asked += [] if bad is None else [count(bad).alias("bad")]
    found = row(engine, frame.select(*asked))
    low, high = found["low"], found["high"]
    if low is None or low != low or rows(found, "bad"):
        return None
    ranges = {unit: (_SINCE * parts, _BEFORE * parts) for unit, parts in EPOCHS.items()}
    ranges[EXCEL] = (_SINCE // _DAY + _EXCEL_1970, _BEFORE // _DAY + _EXCEL_1970)
    for unit, (since, before) in ranges.items():
        if since <= low and high < before:
            what = {
                "epoch_s": "seconds since 1970", "epoch_ms": "milliseconds since 1970",
                "epoch_us": "microseconds since 1970", "epoch_ns": "nanoseconds since 1970",
                EXCEL: "days as Excel counts them",
            }[unit]  # fmt: skip
            shown = f"{int(low)}" if low == int(low) else f"{low:.10g}"
            note = f"{name} was read as {what}: {shown} is {_moment(low, unit)}"
            return TimeReading(unit=unit, note=note)
    return None


def _moment(value: float, unit: str) -> str:
    seconds = (value - _EXCEL_1970) * _DAY if unit == EXCEL else value / EPOCHS[unit]
    return f"{datetime.fromtimestamp(round(seconds), UTC):%Y-%m-%d %H:%M}"


def with_parsed(
    engine: Engine, frame: nw.LazyFrame, wanted: Mapping[str, tuple[str, TimeReading]]
) -> nw.LazyFrame:
    """The frame with, as new name → (column of texts, reading), the second of each text."""
    bodies: list[nw.Expr] = []
    shaped: list[nw.Expr] = []
    parsed: dict[str, tuple[str, str]] = {}
    parts: dict[str, list[str]] = {}
    for new, (bare, reading) in wanted.items():
        name = f"{OURS}body_{len(bodies)}"
        bodies.append(body(nw.col(bare), reading).alias(name))
        parts[new] = []
        for one in reading.formats:
            piece, text = f"{OURS}piece_{len(parsed)}", nw.col(name)
            whole = nw.concat_str([nw.lit(one.before), text]) if one.before else text
            fit = nw.when(text.str.contains(one.shape)).then(whole) if one.shape else whole
            shaped.append(fit.alias(f"{piece}_text"))
            parsed[piece] = (f"{piece}_text", one.codes)
            parts[new].append(piece)
    frame = frame.with_columns(*bodies)
    frame = engine.with_parsed_seconds(frame.with_columns(*shaped), parsed)
    made = [
        nw.coalesce(*(nw.col(piece) for piece in pieces)).alias(new)
        for new, pieces in parts.items()
    ]
    return frame.with_columns(*made).drop(
        name for piece, (text_name, _) in parsed.items() for name in (piece, text_name)
    )
