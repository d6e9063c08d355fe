"""How times are written, decided from the data, and what second each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.values import OURS, any_of, count, row, rows

EPOCHS = EPOCH_SECONDS, EPOCH_MILLISECONDS = "epoch_s", "epoch_ms"
"""What `date_format` may say of whole numbers that count from 1970."""

_HOUR = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_HALF = r"(0?[1-9]|1[0-2]):[0-5][0-9]"
_SECOND = ":[0-5][0-9]"
_NOON = "[AaPp][Mm]"
_ZONE = r" *([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
_ZONED = rf":[0-9]{{2}}([.,][0-9]+)?{_ZONE}"
_FRACTION = r":[0-9]{2}[.,][0-9]+"

_CLOCKS = (
    ("", ""),
    (f" {_HOUR}", " %H:%M"),
    (f"T{_HOUR}", "T%H:%M"),
    (f" {_HOUR}{_SECOND}", " %H:%M:%S"),
    (f"T{_HOUR}{_SECOND}", "T%H:%M:%S"),
    (f" {_HALF} {_NOON}", " %I:%M %p"),
    (f" {_HALF}{_NOON}", " %I:%M%p"),
    (f" {_HALF}{_SECOND} {_NOON}", " %I:%M:%S %p"),
    (f" {_HALF}{_SECOND}{_NOON}", " %I:%M:%S%p"),
)
"""How the time of day may be written after a date, and the format that reads it."""

_SHORT, _LONG = "[A-Za-z]{3}", "[A-Za-z]{4,9}"
_ONE, _TWO, _FOUR = "[0-9]{1,2}", "[0-9]{2}", "[0-9]{4}"

_WAYS = (
    (f"{_FOUR}-{_ONE}-{_ONE}", ("%Y-%m-%d",)),
    (f"{_FOUR}/{_ONE}/{_ONE}", ("%Y/%m/%d",)),
    ("(19|20)[0-9]{6}", ("%Y%m%d",)),
    (f"{_ONE}/{_ONE}/{_FOUR}", ("%d/%m/%Y", "%m/%d/%Y")),
    (f"{_ONE}-{_ONE}-{_FOUR}", ("%d-%m-%Y", "%m-%d-%Y")),
    (rf"{_ONE}\.{_ONE}\.{_FOUR}", ("%d.%m.%Y", "%m.%d.%Y")),
    (f"{_ONE}/{_ONE}/{_TWO}", ("%d/%m/%y", "%m/%d/%y")),
    (rf"{_ONE}\.{_ONE}\.{_TWO}", ("%d.%m.%y", "%m.%d.%y")),
    (f"{_ONE} {_SHORT} {_FOUR}", ("%d %b %Y",)),
    (f"{_ONE} {_LONG} {_FOUR}", ("%d %B %Y",)),
    (f"{_ONE}-{_SHORT}-{_FOUR}", ("%d-%b-%Y",)),
    (f"{_SHORT} {_ONE}, {_FOUR}", ("%b %d, %Y",)),
    (f"{_LONG} {_ONE}, {_FOUR}", ("%B %d, %Y",)),
)
"""The ways to write a date that are recognised, and the format of each; two where the order of day
and month is open."""

_TOLERANCE = 0.05
"""The share of values that may read only as the other order of day and month."""


@dataclass(frozen=True)
class TimeReading:
    """How one column's times are read."""

    formats: tuple[tuple[str, str], ...] = ()
    """What a text must look like, as a regular expression, and the strptime codes that read it."""
    zoned: bool = False
    """Whether a zone may follow."""
    fraction: bool = False
    """Whether a fraction of a second may follow."""
    unit: str = ""
    """For whole numbers that count from 1970: `epoch_s` or `epoch_ms`."""
    way: int = -1
    """Which way of writing dates it is; -1 for the user's own."""


def given(format_: str) -> TimeReading:
    """The reading that the user's own `date_format` stands for."""
    if format_ in EPOCHS:
        return TimeReading(unit=format_)
    bare = format_.replace(".%f", "").replace("%z", "").replace("%Z", "").rstrip()
    return TimeReading((("", bare),), zoned=True, fraction=True)


def unreadable(label: str, name: str, sample: object, format_: str | None) -> InputError:
    """The error for a column of which no value is a time."""
    under = f" under date_format = {format_!r}" if format_ else ""
    return InputError(
        f"{label}: no value of {name} is a time{under}; one is {sample!r}. "
        'Write date_format = "…" in its settings, in strptime codes like "%d/%m/%Y %H:%M"'
    )


def body(bare: nw.Expr, zoned: bool, fraction: bool) -> nw.Expr:
    """The text of a time, without the zone and the fraction of a second that may follow it."""
    if zoned:
        ends = bare.str.contains(_ZONED)
        bare = nw.when(ends).then(bare.str.replace_all(_ZONE, "")).otherwise(bare)
    if fraction:
        ends = bare.str.contains(f"{_FRACTION}$")
        bare = nw.when(ends).then(bare.str.replace_all("[.,][0-9]+$", "")).otherwise(bare)
    return bare


def ahead(bare: nw.Expr) -> nw.Expr:
    """Seconds ahead of UTC that the text of a time names; null where it names no zone."""
    zoned = bare.str.contains(_ZONED)
    sign = nw.when(bare.str.contains(r"-[0-9]{2}:?([0-9]{2})?$")).then(-1).otherwise(1)

    def seconds(pattern: str, hours: nw.Expr, minutes: nw.Expr | None) -> tuple[nw.Expr, nw.Expr]:
        fits = zoned & bare.str.contains(pattern)
        whole = nw.when(fits).then(hours).cast(nw.Int64) * 3600
        if minutes is not None:
            whole = whole + nw.when(fits).then(minutes).cast(nw.Int64) * 60
        return fits, whole * sign

    tail = bare.str.tail
    colon = seconds(r"[+-][0-9]{2}:[0-9]{2}$", tail(5).str.head(2), tail(2))
    plain = seconds(r"[+-][0-9]{4}$", tail(4).str.head(2), tail(2))
    short = seconds(r"[+-][0-9]{2}$", tail(2), None)
    return (
        nw.when(colon[0])
        .then(colon[1])
        .when(plain[0])
        .then(plain[1])
        .when(short[0])
        .then(short[1])
        .when(zoned)
        .then(0)
    )


def decide(
    engine: Engine, frame: nw.LazyFrame, name: str, bare: str, label: str
) -> TimeReading | None:
    """How the texts of the column `bare` are written; None where there is none.

    The first rows say what to try; what does not read every value is looked at in full. Raises
    `InputError` where no value is a time, and where day and month cannot be told apart.
    """
    for part in (frame.head(_FIRST), frame):
        seen = _shapes(engine, part, bare)
        readings = _candidates(seen)
        if readings:
            there, parsed, only, least = _try_all(engine, frame, bare, readings)
            best = max(range(len(readings)), key=lambda place: (parsed[place], -place))
            if part is frame or parsed[best] == there:
                _check_order(label, name, readings, best, parsed, only, least)
                return readings[best]
    if seen["any"]:
        raise unreadable(label, name, seen["unlike"], None)
    return None


_FIRST = 1000
"""How many rows suggest how a column's times are written."""


def _shapes(engine: Engine, frame: nw.LazyFrame, bare: str) -> dict[str, Any]:
    """How many values look like each way of writing dates and each way of writing clocks."""
    value = nw.col(bare)
    stripped = frame.select(
        value,
        body(value, True, True).alias(f"{OURS}body"),
        value.str.contains(_ZONED).alias(f"{OURS}zoned"),
        value.str.contains(_FRACTION).alias(f"{OURS}fraction"),
    )
    text = nw.col(f"{OURS}body")
    ways = [text.str.contains(f"^{way}([ T].*)?$") for way, _ in _WAYS]
    clocks = [text.str.contains(f"{clock}$" if clock else "^[^:]*$") for clock, _ in _CLOCKS]
    return row(
        engine,
        stripped.select(
            *(count(way).alias(f"way_{place}") for place, way in enumerate(ways)),
            *(count(clock).alias(f"clock_{place}") for place, clock in enumerate(clocks)),
            count(~text.is_null()).alias("any"),
            count(nw.col(f"{OURS}zoned")).alias("zoned"),
            count(nw.col(f"{OURS}fraction")).alias("fraction"),
            nw.when(~any_of(ways)).then(value).min().alias("unlike"),
        ),
    )


def _candidates(seen: Mapping[str, Any]) -> list[TimeReading]:
    """The readings that the shapes allow, the likeliest first."""
    clocks = [clock for place, clock in enumerate(_CLOCKS) if rows(seen, f"clock_{place}")]
    counted = [(rows(seen, f"way_{place}"), place) for place in range(len(_WAYS))]
    return [
        TimeReading(
            tuple((f"^{_WAYS[place][0]}{shape}$", date + clock) for shape, clock in clocks),
            zoned=bool(rows(seen, "zoned")),
            fraction=bool(rows(seen, "fraction")),
            way=place,
        )
        for found, place in sorted(counted, key=lambda item: (-item[0], item[1]))
        for date in _WAYS[place][1]
        if found
    ]


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
        bodies.append(body(nw.col(bare), reading.zoned, reading.fraction).alias(name))
        parts[new] = []
        for shape, format_ in reading.formats:
            piece, text = f"{OURS}piece_{len(parsed)}", nw.col(name)
            fit = nw.when(text.str.contains(shape)).then(text) if shape else text
            shaped.append(fit.alias(f"{piece}_text"))
            parsed[piece] = (f"{piece}_text", format_)
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


def _try_all(
    engine: Engine, frame: nw.LazyFrame, bare: str, readings: list[TimeReading]
) -> tuple[int, list[int], list[int], str]:
    """The values, those that each reading reads, those that it alone reads, and the least value."""
    names = [f"{OURS}try_{place}" for place in range(len(readings))]
    wanted = {name: (bare, reading) for name, reading in zip(names, readings, strict=True)}
    tried = with_parsed(engine, frame.select(bare), wanted)
    read = [~nw.col(name).is_null() for name in names]
    asked = [count(hit).alias(f"all_{place}") for place, hit in enumerate(read)]
    for place, hit in enumerate(read):
        others = [other for other in read if other is not hit]
        alone = hit & ~any_of(others) if others else hit
        asked.append(count(alone).alias(f"only_{place}"))
    there = count(~nw.col(bare).is_null()).alias("any")
    seen = row(engine, tried.select(there, nw.col(bare).min().alias("least"), *asked))
    places = range(len(readings))
    return (
        rows(seen, "any"),
        [rows(seen, f"all_{place}") for place in places],
        [rows(seen, f"only_{place}") for place in places],
        str(seen["least"]),
    )


def _check_order(
    label: str,
    name: str,
    readings: list[TimeReading],
    best: int,
    parsed: list[int],
    only: list[int],
    sample: str,
) -> None:
    """Refuse a best reading whose order of day and month is a guess."""
    for place, rival in enumerate(readings):
        if place == best or rival.way != readings[best].way:
            continue
        undecided = parsed[place] == parsed[best] and not only[best] and not only[place]
        contradictory = only[place] > _TOLERANCE * (parsed[best] + only[place])
        if undecided or contradictory:
            one, other = readings[best].formats[0][1], rival.formats[0][1]
            raise InputError(
                f"{label}: the dates of {name}, like {sample!r}, "
                f"{'may be' if undecided else 'are partly'} day first and month first; "
                f'write date_format = "{one}" or "{other}" in its settings'
            )
