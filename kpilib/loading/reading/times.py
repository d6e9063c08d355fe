"""How times are written, decided from the data, and what second each of them is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import OURS, any_of, count, row, rows

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
    span: tuple[int, int] | None = None
    """The least and the greatest second that was read, where that is known."""


def given(format_: str) -> TimeReading:
    """The reading that the user's own `date_format` stands for."""
    if format_ in EPOCHS:
        return TimeReading(unit=format_)
    bare = format_.replace(".%f", "").replace("%z", "").replace("%Z", "").rstrip()
    return TimeReading((("", bare),), zoned=True, fraction=True)


def unreadable(label: str, name: str, sample: object, format_: str | None) -> InputError:
    """The error for a column of which no value is a time."""
    under = f" under date_format = {format_!r}" if format_ else ""
    write = '"…" in its settings, in strptime codes like "%d/%m/%Y %H:%M"'
    if re.fullmatch("[0-9]{9,13}", str(sample)):
        unit = EPOCH_SECONDS if len(str(sample)) < 12 else EPOCH_MILLISECONDS
        write = f'"{unit}" in its settings if it counts from 1970'
    return InputError(
        f"{label}: no value of {name} is a time{under}; one is {sample!r}. "
        f"Write date_format = {write}"
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


@dataclass
class _Seen:
    """The ways of writing dates and clocks that some of a column's texts have shown."""

    ways: set[int] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)
    zoned: bool = False
    fraction: bool = False

    def learn(self, texts: Iterable[str]) -> bool:
        """Take in what more texts show; whether that was anything new."""
        before = (len(self.ways), len(self.clocks), self.zoned, self.fraction)
        for text in texts:
            local = re.sub(_ZONE, "", text) if re.search(_ZONED, text) else text
            bare = re.sub("[.,][0-9]+$", "", local) if re.search(f"{_FRACTION}$", local) else local
            way = _first(bare, [f"{way}([ T].*)?" for way, _ in _WAYS])
            if way is None:
                continue
            tail = re.sub(f"^{_WAYS[way][0]}", "", bare)
            clock = _first(tail, [clock for clock, _ in _CLOCKS])
            if clock is not None:
                self.ways.add(way)
                self.clocks.add(clock)
                self.zoned = self.zoned or local != text
                self.fraction = self.fraction or bare != local
        return before != (len(self.ways), len(self.clocks), self.zoned, self.fraction)

    def readings(self) -> list[TimeReading]:
        """What to try, always in the same order."""
        clocks = [_CLOCKS[place] for place in sorted(self.clocks)]
        return [
            TimeReading(
                tuple((f"^{_WAYS[place][0]}{shape}$", date + clock) for shape, clock in clocks),
                zoned=self.zoned,
                fraction=self.fraction,
                way=place,
            )
            for place in sorted(self.ways)
            for date in _WAYS[place][1]
        ]


def _first(text: str, patterns: list[str]) -> int | None:
    """The place of the first pattern that the whole text matches."""
    return next((p for p, pattern in enumerate(patterns) if re.fullmatch(pattern, text)), None)


def decide_clean(
    engine: Engine, frame: nw.LazyFrame, name: str, text: str, label: str
) -> TimeReading | None:
    """How the texts of a column are written, where the first of them say it for all; else None."""
    seen = _Seen()
    sample = frame.select(text).filter(~nw.col(text).is_null()).head(_SAMPLE)
    if not seen.learn(engine.collect(sample)[text].tolist()):
        return None
    tried = _try_all(engine, frame, text, seen.readings())
    if max(tried.parsed) < tried.there:
        return None
    reading = _chosen(label, name, tried)
    if len(reading.formats) > 1:
        return reading
    return replace(reading, formats=(("", reading.formats[0][1]),))


def decide(
    engine: Engine, frame: nw.LazyFrame, name: str, bare: str, label: str
) -> TimeReading | None:
    """How the texts of the column `bare` are written; None where there is none.

    The first rows say what to try. As long as some texts cannot be read, those say what to try as
    well. Raises `InputError` where no value is a time or the order of day and month is open.
    """
    seen, tried = _Seen(), None
    sample = frame.select(bare).filter(~nw.col(bare).is_null()).head(_SAMPLE)
    for _ in range(len(_WAYS) + 1):
        texts = engine.collect(sample)[bare].tolist()
        if seen.learn(texts):
            tried = _try_all(engine, frame, bare, seen.readings())
        elif tried is not None:
            break
        if tried is not None and max(tried.parsed) == tried.there:
            break
        sample = _unread(engine, frame, bare, seen.readings())
    if tried is None or not max(tried.parsed):
        if texts:
            raise unreadable(label, name, min(texts), None)
        return None
    return _chosen(label, name, tried)


_SAMPLE = 1000
"""How many texts suggest how a column's times are written."""


@dataclass(frozen=True)
class _Tried:
    """What each of some readings makes of a column."""

    readings: list[TimeReading]
    there: int
    """The values there are."""
    parsed: list[int]
    """The values that a reading reads."""
    only: list[int]
    """The values that no other one reads."""
    least: str
    """The least value."""


def _unread(
    engine: Engine, frame: nw.LazyFrame, bare: str, readings: list[TimeReading]
) -> nw.LazyFrame:
    """The least of the different texts that none of the readings reads."""
    texts = frame.select(bare).filter(~nw.col(bare).is_null())
    if readings:
        wanted = {f"{OURS}try_{place}": (bare, one) for place, one in enumerate(readings)}
        texts = with_parsed(engine, texts, wanted)
        for name in wanted:
            texts = texts.filter(nw.col(name).is_null())
    return texts.group_by(bare).agg(nw.len().alias("rows")).sort(bare).head(_SAMPLE)


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


def _try_all(engine: Engine, frame: nw.LazyFrame, bare: str, readings: list[TimeReading]) -> _Tried:
    names = [f"{OURS}try_{place}" for place in range(len(readings))]
    wanted = {name: (bare, reading) for name, reading in zip(names, readings, strict=True)}
    tried = with_parsed(engine, frame.select(bare), wanted)
    read = [~nw.col(name).is_null() for name in names]
    asked = [count(hit).alias(f"all_{place}") for place, hit in enumerate(read)]
    for place, hit in enumerate(read):
        others = [other for other in read if other is not hit]
        alone = hit & ~any_of(others) if others else hit
        asked.append(count(alone).alias(f"only_{place}"))
        asked.append(nw.col(names[place]).min().alias(f"low_{place}"))
        asked.append(nw.col(names[place]).max().alias(f"high_{place}"))
    there = count(~nw.col(bare).is_null()).alias("any")
    seen = row(engine, tried.select(there, nw.col(bare).min().alias("least"), *asked))
    places = range(len(readings))
    spans = [(rows(seen, f"low_{place}"), rows(seen, f"high_{place}")) for place in places]
    return _Tried(
        [replace(reading, span=span) for reading, span in zip(readings, spans, strict=True)],
        rows(seen, "any"),
        [rows(seen, f"all_{place}") for place in places],
        [rows(seen, f"only_{place}") for place in places],
        str(seen["least"]),
    )


def _chosen(label: str, name: str, tried: _Tried) -> TimeReading:
    """The reading that reads most; refused where its order of day and month is a guess."""
    best = max(range(len(tried.readings)), key=lambda place: (tried.parsed[place], -place))
    for place, rival in enumerate(tried.readings):
        if place == best or rival.way != tried.readings[best].way:
            continue
        parsed, only = tried.parsed, tried.only
        undecided = parsed[place] == parsed[best] and not only[best] and not only[place]
        contradictory = only[place] > _TOLERANCE * (parsed[best] + only[place])
        if undecided or contradictory:
            one, other = tried.readings[best].formats[0][1], rival.formats[0][1]
            raise InputError(
                f"{label}: the dates of {name}, like {tried.least!r}, "
                f"{'may be' if undecided else 'are partly'} day first and month first; "
                f'write date_format = "{one}" or "{other}" in its settings'
            )
    return tried.readings[best]
