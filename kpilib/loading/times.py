"""How times are written, decided from the data, and what second each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.errors import InputError
from kpilib.loading.values import BLANKS, NO_NUMBER, any_of, count, valued

EPOCH_SECONDS, EPOCH_MILLISECONDS = "epoch_s", "epoch_ms"
"""What `date_format` may say of whole numbers that count from 1970."""

_HOUR = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
_MONTH_NAME = r"[A-Za-z]{3,9}"
_ZONE = r" *([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
_ZONED = rf":[0-9]{{2}}([.,][0-9]+)?{_ZONE}"
_CLOCKS = {
    r"^[^:]*$": ("",),
    rf"[ T]{_HOUR}$": (" %H:%M", "T%H:%M"),
    rf"[ T]{_HOUR}:[0-5][0-9]$": (" %H:%M:%S", "T%H:%M:%S"),
    rf" {_HOUR} ?[AaPp][Mm]$": (" %I:%M %p", " %I:%M%p"),
    rf" {_HOUR}:[0-5][0-9] ?[AaPp][Mm]$": (" %I:%M:%S %p", " %I:%M:%S%p"),
}
"""How the time of day may be written, and the formats that read it."""

_WAYS = (
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", ("%Y-%m-%d",)),
    (r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}", ("%Y/%m/%d",)),
    (r"(19|20)[0-9]{6}", ("%Y%m%d",)),
    (r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    (r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}", ("%d.%m.%Y", "%m.%d.%Y")),
    (r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}", ("%d/%m/%y", "%m/%d/%y")),
    (r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}", ("%d.%m.%y", "%m.%d.%y")),
    (rf"[0-9]{{1,2}} {_MONTH_NAME} [0-9]{{4}}", ("%d %b %Y", "%d %B %Y")),
    (rf"[0-9]{{1,2}}-{_MONTH_NAME}-[0-9]{{4}}", ("%d-%b-%Y", "%d-%B-%Y")),
    (rf"{_MONTH_NAME} [0-9]{{1,2}}, [0-9]{{4}}", ("%b %d, %Y", "%B %d, %Y")),
)
"""The ways to write a date that are recognised, and the formats that read each."""

_TOLERANCE = 0.05
"""The share of values that may read only as the other order of day and month."""


@dataclass(frozen=True)
class TimeReading:
    """How one column's times are read: formats for text, nothing where it has a type."""

    formats: tuple[str, ...] = ()
    """strptime codes, or `epoch_s` or `epoch_ms`; empty where the column has a type."""
    shape: str = ""
    """What a text must look like to be read, as a regular expression."""


def body(text: nw.Expr) -> nw.Expr:
    """The text of a time without its zone and its fraction of a second."""
    bare = valued(text, NO_NUMBER)
    local = nw.when(bare.str.contains(_ZONED)).then(bare.str.replace_all(_ZONE, "")).otherwise(bare)
    fraction = local.str.contains(r":[0-9]{2}[.,][0-9]+$")
    return nw.when(fraction).then(local.str.replace_all(r"[.,][0-9]+$", "")).otherwise(local)


def ahead(text: nw.Expr) -> nw.Expr:
    """Seconds ahead of UTC that the text of a time names; null where it names no zone."""
    bare = text.str.strip_chars(BLANKS)
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


def shape_counts(text: nw.Expr, name: str) -> list[nw.Expr]:
    """How many values look like each way of writing dates and each way of writing clocks."""
    seen = body(text)
    ways = [
        count(seen.str.contains(rf"^{way}([ T].*)?$")).alias(f"{name}__way_{place}")
        for place, (way, _) in enumerate(_WAYS)
    ]
    clocks = [
        count(seen.str.contains(clock)).alias(f"{name}__clock_{place}")
        for place, clock in enumerate(_CLOCKS)
    ]
    unlike = ~any_of([seen.str.contains(rf"^{way}([ T].*)?$") for way, _ in _WAYS])
    return [
        *ways,
        *clocks,
        nw.when(unlike).then(text).min().alias(f"{name}__unlike"),
        count(~seen.is_null()).alias(f"{name}__any"),
        text.min().alias(f"{name}__least"),
    ]


def candidates(name: str, seen: Mapping[str, Any]) -> list[TimeReading]:
    """The readings that the shapes allow, the likeliest first; none where nothing is like a time.

    `seen` holds the counts of `shape_counts`.
    """
    clocks = [
        (clock, formats)
        for place, (clock, formats) in enumerate(_CLOCKS.items())
        if seen[f"{name}__clock_{place}"]
    ]
    counted = [(int(seen[f"{name}__way_{place}"] or 0), place) for place in range(len(_WAYS))]
    readings = []
    for rows, place in sorted(counted, key=lambda item: (-item[0], item[1])):
        if not rows:
            continue
        way, dates = _WAYS[place]
        orders = [dates] if "%b" in dates[0] else [(date,) for date in dates]
        for order in orders:
            formats = tuple(
                date + clock
                for date in order
                for _, group in clocks
                for clock in group
                if clock[:1] != "T" or date == "%Y-%m-%d"
            )
            tail = "|".join(pattern.strip("$") for pattern, _ in clocks if pattern[0] != "^")
            readings.append(TimeReading(formats, rf"^{way}({tail})?$" if tail else rf"^{way}$"))
    return readings


def chosen(
    label: str,
    name: str,
    readings: list[TimeReading],
    parsed: list[int],
    only: list[int],
    sample: str,
) -> TimeReading:
    """The reading that most values have; refused where the order of day and month is open.

    `parsed` counts, per reading, the values that it reads, `only` those that no other one reads.
    """
    best = max(range(len(readings)), key=lambda place: (parsed[place], -place))
    rivals = [
        place
        for place in range(len(readings))
        if place != best and _same_way(readings[place], readings[best])
    ]
    for rival in rivals:
        total = max(parsed[best] + only[rival], 1)
        undecided = parsed[rival] == parsed[best] and not only[best] and not only[rival]
        contradictory = only[rival] > _TOLERANCE * total
        if undecided or contradictory:
            first, second = readings[best].formats[0], readings[rival].formats[0]
            why = "may be" if undecided else "are partly"
            raise InputError(
                f"{label}: the dates of {name}, like {sample!r}, {why} day first and month first; "
                f'write date_format = "{first}" or "{second}" in its settings'
            )
    return readings[best]


def given(format_: str) -> TimeReading:
    """The reading that the user's own `date_format` stands for."""
    bare = format_.replace(".%f", "").replace("%z", "").rstrip()
    return TimeReading((bare,), "")


def unreadable(label: str, name: str, sample: object, format_: str | None) -> InputError:
    """The error for a column of which no value is a time."""
    under = f" under date_format = {format_!r}" if format_ else ""
    return InputError(
        f"{label}: no value of {name} is a time{under}; one is {sample!r}. "
        'Write date_format = "…" in its settings, in strptime codes like "%d/%m/%Y %H:%M"'
    )


def _same_way(one: TimeReading, other: TimeReading) -> bool:
    return one.shape == other.shape
