"""The business's clock: from wall time to UTC and back, through every change of the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw

DAY = 86_400
REPEATED, SKIPPED = 1, 2
_FLOOR = -70 * 365 * DAY
_CEILING = 230 * 365 * DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """One change of a zone's clock."""

    at: int
    """The UTC second at which it happens."""
    before: int
    """Seconds ahead of UTC until then."""
    after: int
    """Seconds ahead of UTC from then on."""

    @property
    def back(self) -> bool:
        """Whether the clock is set back, so that wall seconds come twice."""
        return self.after < self.before


@dataclass(frozen=True)
class Clock:
    """A time zone between two instants, as whole numbers that every engine can compute with.

    >>> clock = Clock.between(ZoneInfo("Europe/London"), 1_700_000_000, 1_720_000_000)
    >>> [(change.before, change.after) for change in clock.changes]
    [(0, 3600)]
    """

    first: int
    """Seconds ahead of UTC before the first change."""
    changes: tuple[Change, ...] = ()
    """The clock's changes, oldest first."""

    @classmethod
    def between(cls, zone: ZoneInfo, low: int, high: int) -> "Clock":
        """The clock of a zone from two days before `low` to two days after `high` (UTC seconds)."""
        # From midnight on, so that tables of the same days ask about the same instants.
        low = (max(min(low, _CEILING), _FLOOR) // DAY - 2) * DAY
        high = max(min(high, _CEILING), _FLOOR) + 2 * DAY
        changes = []
        start = ahead = _ahead(zone, low)
        for second in range(low, high, DAY):
            if _ahead(zone, second + DAY) != ahead:
                at = _bisect(zone, second, second + DAY)
                changes.append(Change(at, ahead, _ahead(zone, at)))
                ahead = changes[-1].after
        return cls(start, tuple(changes))

    def to_wall(self, utc: nw.Expr) -> nw.Expr:
        """What the business's clock shows, in seconds, at a UTC second."""
        steps = [(change.at, change.after) for change in self.changes]
        return utc + _step(utc, self.first, steps)

    def to_utc(self, wall: nw.Expr) -> nw.Expr:
        """The UTC second of a wall second.

        Of an hour that comes twice the first is meant; a time that the clock skips is read as if
        the clock had not yet changed.
        """
        steps = [(c.at + max(c.before, c.after), c.after) for c in self.changes]
        return wall - _step(wall, self.first, steps)

    def oddity(self, wall: nw.Expr) -> nw.Expr | None:
        """`REPEATED` for a wall second that comes twice, `SKIPPED` for one that the clock never
        shows, else 0; None where the clock never changes.
        """
        edges = [
            edge
            for change in self.changes
            for edge in (
                (
                    change.at + min(change.before, change.after),
                    REPEATED if change.back else SKIPPED,
                ),
                (change.at + max(change.before, change.after), 0),
            )
        ]
        return _step(wall, 0, edges) if edges else None


def _step(value: nw.Expr, first: int, steps: list[tuple[int, int]]) -> nw.Expr:
    """A step function, as a balanced tree of conditions."""
    if not steps:
        return nw.lit(first, nw.Int64)
    middle = len(steps) // 2
    bound, after = steps[middle]
    return (
        nw.when(value < bound)
        .then(_step(value, first, steps[:middle]))
        .otherwise(_step(value, after, steps[middle + 1 :]))
    )


@lru_cache(maxsize=50_000)
def _ahead(zone: ZoneInfo, second: int) -> int:
    moment = (_EPOCH + timedelta(seconds=second)).astimezone(zone)
    offset = moment.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _bisect(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second at which the clock no longer shows what it showed at `low`."""
    ahead = _ahead(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle) == ahead else (low, middle)
    return high
