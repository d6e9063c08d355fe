"""How a column of times is written, decided from all of its texts."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading import zones
from kpilib.loading.reading.formats import WAYS, Piece, Seen, Way, pieces
from kpilib.loading.reading.times import COUNTED, TimeReading, with_parsed
from kpilib.loading.reading.tried import Tried, date_codes, order_of, rivals
from kpilib.loading.reading.values import OURS, any_of, count, row
from kpilib.loading.told import Told

_TRIED = f"{OURS}tried"
_SAMPLE = 1000
"""How many texts suggest how a column's times are written."""


def given(formats: tuple[str, ...], told: Told, day: str | int | None) -> TimeReading:
    """The reading that the user's own `date_format` stands for."""
    if formats[0] in COUNTED:
        return TimeReading(unit=formats[0])
    made: list[Piece] = []
    for codes in formats:
        bare = codes.replace(".%f", "").replace("%z", "").replace("%Z", "").rstrip()
        whole = re.search("%[dejDxc]", bare)
        if not whole and day is None:
            raise which_day(told, "times", codes)
        way = Way("", (bare,), whole=True, month=not whole)
        made += [replace(piece, shape="") for piece in pieces(way, bare, (), day)]
    return TimeReading(tuple(made), zoned=True, fraction=True)


def which_day(told: Told, name: str, like: str) -> InputError:
    """The error for months that say no day."""
    return InputError(
        f"{told.label}: {name} like {like!r} say a month and no day; "
        f"{told.write('day', 'first', 'last', 15)} for the day of the month they stand for"
    )


def unreadable(
    told: Told, name: str, sample: object, formats: tuple[str, ...] | None
) -> InputError:
    """The error for a column of which no value is a time."""
    under = f" under date_format = {' or '.join(map(repr, formats))}" if formats else ""
    return InputError(
        f"{told.label}: no value of {name} is a time{under}; one is {sample!r}. "
        f"Map {name} to another column, or {told.write('date_format', '%d/%m/%Y %H:%M')} in the "
        "codes of strptime"
    )


@dataclass(frozen=True)
class Deciding:
    """What decides how a column of texts is read."""

    engine: Engine
    frame: nw.LazyFrame
    name: str
    """The column of ours."""
    text: str
    """The column of texts."""
    told: Told
    zone: ZoneInfo
    """The business's time zone."""
    day: str | int | None
    """The day of the month that a month alone stands for."""
    by: int | None
    """The second by which the column's events must have happened; None where they may be ahead."""

    def quickly(self) -> TimeReading | None:
        """The reading where the first texts say it for all, and nothing need be trimmed."""
        seen = Seen()
        there = self.frame.select(self.text).filter(~nw.col(self.text).is_null())
        if not seen.learn(self.engine.collect(there.head(_SAMPLE))[self.text].tolist()):
            return None
        tried = self._try_all(seen)
        if tried.union < tried.there:
            return None
        reading = self._chosen(tried)
        if len(reading.formats) == 1 and not reading.formats[0].before:
            return replace(reading, formats=(replace(reading.formats[0], shape=""),))
        return reading

    def thoroughly(self) -> TimeReading | None:
        """The reading; None where there is no text.

        The first rows say what to try. As long as some texts cannot be read, those say what to try
        as well. Raises `InputError` where no value is a time, where the order of day and month is
        open, and where a month is named without a day.
        """
        seen, tried = Seen(), None
        sample = self.frame.select(self.text).filter(~nw.col(self.text).is_null()).head(_SAMPLE)
        for _ in range(len(WAYS) + 1):
            texts = self.engine.collect(sample)[self.text].tolist()
            if seen.learn(texts):
                tried = self._try_all(seen)
            elif tried is not None:
                break
            if tried is not None and tried.union == tried.there:
                break
            sample = self._unread(seen)
        if tried is None or not tried.union:
            if texts:
                raise unreadable(self.told, self.name, min(texts), None)
            return None
        return self._chosen(tried)

    def widened(
        self, own: TimeReading, formats: tuple[str, ...]
    ) -> tuple[TimeReading, nw.LazyFrame]:
        """The user's reading with the clocks that stand behind his dates, and the texts tried."""
        texts = self.frame.select(self.text)
        tried = with_parsed(self.engine, texts, {_TRIED: (self.text, own)})
        unread = tried.filter(nw.col(_TRIED).is_null() & ~nw.col(self.text).is_null())
        left = self.engine.collect(unread.select(self.text).head(_SAMPLE))[self.text].tolist()
        seen = Seen()
        if not left or not seen.learn(left):
            return own, tried
        more = [
            piece
            for place in sorted(seen.ways)
            for codes in WAYS[place].codes
            if codes in formats
            for piece in pieces(WAYS[place], codes, seen.clocks, self.day)
        ]
        named = zones.meanings(self.told, self.name, seen.zones, self.zone)
        wide = replace(own, formats=(*own.formats, *more), untidy=seen.untidy, zones=named)
        return wide, with_parsed(self.engine, texts, {_TRIED: (self.text, wide)})

    def _readings(self, seen: Seen) -> list[TimeReading]:
        """What to try, always in the same order."""
        named = zones.meanings(self.told, self.name, seen.zones, self.zone)
        return [
            TimeReading(
                pieces(WAYS[place], codes, seen.clocks, self.day),
                zoned=seen.zoned,
                fraction=seen.fraction,
                untidy=seen.untidy,
                zones=named,
                way=place,
            )
            for place in sorted(seen.ways)
            for codes in WAYS[place].codes
        ]

    def _unread(self, seen: Seen) -> nw.LazyFrame:
        """The least of the different texts that none of the readings reads."""
        texts = self.frame.select(self.text).filter(~nw.col(self.text).is_null())
        readings = self._readings(seen)
        if readings:
            wanted = {f"{OURS}try_{place}": (self.text, one) for place, one in enumerate(readings)}
            texts = with_parsed(self.engine, texts, wanted)
            for name in wanted:
                texts = texts.filter(nw.col(name).is_null())
        groups = texts.group_by(self.text).agg(nw.len().alias("rows"))
        return groups.sort(self.text).head(_SAMPLE)

    def _try_all(self, seen: Seen) -> "Tried":
        readings = self._readings(seen)
        names = [f"{OURS}try_{place}" for place in range(len(readings))]
        wanted = {name: (self.text, one) for name, one in zip(names, readings, strict=True)}
        tried = with_parsed(self.engine, self.frame.select(self.text), wanted)
        text, seconds = nw.col(self.text), [nw.col(name) for name in names]
        read = [~second.is_null() for second in seconds]
        asked = [count(~text.is_null()).alias("any"), count(any_of(read)).alias("union")]
        for place, hit in enumerate(read):
            asked += [
                count(hit).alias(f"all_{place}"),
                seconds[place].min().alias(f"low_{place}"),
                seconds[place].max().alias(f"high_{place}"),
                nw.when(hit).then(text).min().alias(f"like_{place}"),
            ]
            if self.by is not None:
                asked.append(count(seconds[place] >= self.by).alias(f"late_{place}"))
        for one, other in rivals(readings):
            alone = read[one] & ~read[other]
            both = read[one] & read[other]
            unlike = both & (seconds[one] != seconds[other])
            if one < other:
                asked += [
                    count(unlike).alias(f"unlike_{one}_{other}"),
                    nw.when(unlike).then(text).min().alias(f"text_{one}_{other}"),
                ]
            asked += [
                count(alone).alias(f"alone_{one}_{other}"),
                nw.when(alone).then(text).min().alias(f"only_{one}_{other}"),
            ]
        return Tried(readings, row(self.engine, tried.select(*asked)))

    def _chosen(self, tried: "Tried") -> TimeReading:
        """Of each way the reading that fits, put together; refused where one is a guess."""
        ways = dict.fromkeys(reading.way for reading in tried.readings)
        best = [place for way in ways if (place := self._best(tried, way)) is not None]
        best.sort(key=lambda place: (-tried.parsed(place), place))
        chosen = [tried.readings[place] for place in best]
        months = [place for place in best if WAYS[tried.readings[place].way].month]
        if months and self.day is None:
            raise which_day(self.told, self.name, str(tried.seen[f"like_{months[0]}"]))
        spans = [tried.span(place) for place in best]
        span = (min(low for low, _ in spans), max(high for _, high in spans))
        if len(chosen) == 1:
            return replace(chosen[0], span=span)
        return replace(
            chosen[0],
            formats=tuple(piece for reading in chosen for piece in reading.formats),
            way=-1,
            span=span,
            common=f"^{WAYS[chosen[0].way].pattern}",
            note=f"{self.name} is written in {len(chosen)} ways: "
            + ", ".join(
                f"{tried.parsed(place):,} like {tried.seen[f'like_{place}']!r}" for place in best
            ),
        )

    def _best(self, tried: "Tried", way: int) -> int | None:
        """The reading of one way of writing dates; None where none reads anything."""
        places = [p for p, one in enumerate(tried.readings) if one.way == way and tried.parsed(p)]
        places = tried.plausible(places)
        if not places:
            return None
        best = max(places, key=lambda place: (tried.parsed(place), -place))
        for rival in places:
            if rival == best:
                continue
            if tried.alone(rival, best):
                raise self._contrary(tried, best, rival)
            if not tried.alone(best, rival) and tried.unlike(best, rival):
                raise self._open(tried, best, rival)
        return best

    def _open(self, tried: Tried, best: int, rival: int) -> InputError:
        sample = str(tried.sample(best, rival))
        days = [self._day_of(sample, tried.readings[place]) for place in (best, rival)]
        codes = [date_codes(tried.readings[place]) for place in (best, rival)]
        one, other = (f"{day} ({order_of(code)})" for day, code in zip(days, codes, strict=True))
        others = tried.codes_beside(tried.readings[best].way)
        choices = [[*others, code] for code in codes] if others else codes
        return InputError(
            f"{self.told.label}: the dates of {self.name} can be read in two ways: {sample!r} is "
            f"{one} or {other}; {self.told.write('date_format', *choices)}"
        )

    def _contrary(self, tried: Tried, best: int, rival: int) -> InputError:
        shown = []
        for place, against in ((best, rival), (rival, best)):
            sample = str(tried.seen[f"only_{place}_{against}"])
            day = self._day_of(sample, tried.readings[place])
            shown.append(f"{tried.alone(place, against):,} like {sample!r} can only be {day}")
        codes = [date_codes(tried.readings[place]) for place in (best, rival)]
        orders = " and partly ".join(order_of(one) for one in codes)
        return InputError(
            f"{self.told.label}: the dates of {self.name} are partly {orders}: {', '.join(shown)}; "
            f"put them right, or {self.told.write('date_format', *codes)} to leave the others out"
        )

    def _day_of(self, text: str, reading: TimeReading) -> str:
        """The day that a reading makes of one text."""
        frame = self.engine.frame(pd.DataFrame({"text": [text]}))
        found = with_parsed(self.engine, frame, {"second": ("text", reading)})
        second = self.engine.collect(found)["second"].iloc[0]
        return f"{datetime.fromtimestamp(int(second), UTC):%Y-%m-%d}"
