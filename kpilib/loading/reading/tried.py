"""What each of several readings makes of a column of times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kpilib.loading.reading.formats import WAYS
from kpilib.loading.reading.times import TimeReading
from kpilib.loading.reading.values import rows


@dataclass(frozen=True)
class Tried:
    """What each of some readings makes of a column."""

    readings: list[TimeReading]
    seen: Mapping[str, Any]

    @property
    def there(self) -> int:
        """The values there are."""
        return rows(self.seen, "any")

    @property
    def union(self) -> int:
        """The values that some reading reads."""
        return rows(self.seen, "union")

    def parsed(self, place: int) -> int:
        """The values that a reading reads."""
        return rows(self.seen, f"all_{place}")

    def span(self, place: int) -> tuple[int, int]:
        """The least and the greatest second that a reading reads."""
        return rows(self.seen, f"low_{place}"), rows(self.seen, f"high_{place}")

    def alone(self, one: int, other: int) -> int:
        """The values that one reading reads and another of its way does not."""
        return rows(self.seen, f"alone_{one}_{other}")

    def unlike(self, one: int, other: int) -> int:
        """The values that two readings of a way read, and not as the same second."""
        return rows(self.seen, f"unlike_{min(one, other)}_{max(one, other)}")

    def sample(self, one: int, other: int) -> object:
        """The least text of those."""
        return self.seen[f"text_{min(one, other)}_{max(one, other)}"]

    def codes_beside(self, way: int) -> list[str]:
        """The codes of the other ways of writing dates that are in the column."""
        places = [place for place, one in enumerate(self.readings) if one.way != way]
        return [date_codes(self.readings[place]) for place in places if self.parsed(place)]

    def plausible(self, places: list[int]) -> list[int]:
        """Without readings that put many events into the future, where others put hardly any.

        It tells years of two digits in front from those behind: days read as years lie ahead.
        """
        share = {place: rows(self.seen, f"late_{place}") / self.parsed(place) for place in places}
        if min(share.values(), default=0) > _FEW:
            return places
        return [place for place in places if share[place] <= _FEW]


_FEW = 0.05


def rivals(readings: list[TimeReading]) -> Iterable[tuple[int, int]]:
    """The pairs, both ways round, of readings of one way of writing dates."""
    for one, reading in enumerate(readings):
        for other, rival in enumerate(readings):
            if one != other and reading.way == rival.way:
                yield one, other


def date_codes(reading: TimeReading) -> str:
    """The codes of the date alone."""
    return next(c for c in WAYS[reading.way].codes if c in reading.formats[0].codes)


def order_of(codes: str) -> str:
    """What comes first, in words."""
    return {"d": "day first", "m": "month first"}.get(
        next(letter for letter in codes if letter in "dmyYbB"), "year first"
    )
