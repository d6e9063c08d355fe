"""Statistics put together: one over another, one beside others, one for each part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Generic, TypeVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.statistics.statistic import Slopes, Source, Statistic, columns_of, divide


@dataclass(frozen=True, eq=False)
class Quotient(Statistic):
    """One total over another total of different rows: acquisition cost, return on spend.

    The limits are those of the part that varies. Over a known total, the limits of `over` divided
    by it; a known total over a varying one, divided by the limits of `under` (an infinite upper
    limit is none). Where both vary they are taken as independent and the limits by the delta method
    on the log scale. `scale` turns the quotient into the unit asked for; with `each`, a count,
    numerator and denominator are given per one of those counted.
    """

    over: Statistic
    under: Statistic
    scale: float = 1.0
    each: Statistic | None = None
    kind: ClassVar[str] = "ratio"

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The rows of the numerator, and those of the denominator."""
        (over,), (under,) = self.over.listings().values(), self.under.listings().values()
        return {"over": over, "under": under}

    def sources(self) -> tuple[Source, ...]:
        """Those of all of them."""
        every = (self.over, self.under, *((self.each,) if self.each else ()))
        return tuple(source for one in every for source in one.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The quotient of the values."""
        every = (self.over, self.under, *((self.each,) if self.each else ()))
        over, under, *count = each(every, tables)
        n = count[0]["value"] if count else np.ones(len(over))
        value = divide(over["value"], under["value"])
        low, high = self._limits(value, over, under)
        return columns_of(
            over,
            value=value * self.scale,
            low=low * self.scale,
            high=high * self.scale,
            numerator=divide(over["value"], n),
            denominator=divide(under["value"], n),
            n=over["n"] if self.under.exact else under["n"],
        )

    def _limits(
        self, value: np.ndarray, over: pd.DataFrame, under: pd.DataFrame
    ) -> tuple[np.ndarray, np.ndarray]:
        # Over or under less than nothing, as after credits, the nearer end is the other one.
        if self.under.exact:
            known = under["value"]
            return _turned(divide(over["low"], known), divide(over["high"], known), known < 0)
        if self.over.exact:
            ends = (divide(over["value"], under[end]) for end in ("high", "low"))
            low, high = (np.where(np.isnan(value), np.nan, end) for end in ends)
            return _turned(low, high, over["value"] < 0)
        both = ((one["high"] - one["low"], 2 * one["value"]) for one in (over, under))
        reach = np.hypot(*(divide(*one) for one in both))
        positive = np.where(value > 0, value, np.nan)
        return positive * np.exp(-reach), positive * np.exp(reach)

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]] | None:
        """Those of both, by the chain rule."""
        every = (self.over, self.under, *((self.each,) if self.each else ()))
        over, under = each(every, sums)[:2]
        tables = own_tables(every, sums)
        x, y = over["value"].to_numpy(float), under["value"].to_numpy(float)
        by = (divide(self.scale, y), -self.scale * divide(x, y**2))
        found: list[Slopes] = []
        for one, outer, mine in zip(every, by, tables, strict=False):
            inner = one.gradient(*mine)
            if inner is None:
                return None
            found += [{name: outer * slope for name, slope in part.items()} for part in inner[None]]
        return {None: (*found, *({} for _ in sums[len(found) :]))}


def _turned(low: Any, high: Any, where: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limits, put the other way round where that is so."""
    return np.where(where, high, low), np.where(where, low, high)


Main = TypeVar("Main", bound=Statistic)
Derive = Callable[[pd.DataFrame, Mapping[str, pd.DataFrame]], Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Beside(Statistic, Generic[Main]):
    """A statistic with others among its details; of the kind of the main one.

    `others` stand there under their names, each by its value; those whose names begin with `_`
    only serve the rest. `derive` makes further details from
    the main table and the others' tables by name, all with the columns of `COLUMNS` and the same
    groups: a mapping from names to arrays, one element per group.
    """

    main: Main
    others: Mapping[str, Statistic]
    derive: Derive | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.main.kind)
        object.__setattr__(self, "undefined", self.main.undefined)
        object.__setattr__(self, "notes", (*self.main.notes, *self.notes))

    def scaling(self, part: str | None = None) -> float:
        """That of the main statistic."""
        return self.main.scaling(part)

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The rows of the main statistic."""
        return self.main.listings()

    def sources(self) -> tuple[Source, ...]:
        """Those of all of them, the main ones first."""
        every: tuple[Statistic, ...] = (self.main, *self.others.values())
        return tuple(source for one in every for source in one.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The main table with the details as further columns."""
        main, *rest = each((self.main, *self.others.values()), tables)
        others = dict(zip(self.others, rest, strict=True))
        details: dict[str, Any] = {
            name: table["value"].to_numpy() for name, table in others.items()
        }
        details |= self.derive(main, others) if self.derive else {}
        shown = {name: column for name, column in details.items() if not name.startswith("_")}
        return main.assign(**shown)

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]] | None:
        """Those of the main statistic."""
        own = len(self.main.sources())
        found = self.main.gradient(*sums[:own])
        rest: tuple[Slopes, ...] = tuple({} for _ in sums[own:])
        return None if found is None else {part: (*one, *rest) for part, one in found.items()}

    def arms(self, values: pd.DataFrame) -> tuple[Any, Any]:
        """Those of the main statistic."""
        return self.main.arms(values)


@dataclass(frozen=True, eq=False)
class Parts(Statistic):
    """Several statistics as the parts of one KPI, in the order given."""

    parts: Mapping[str, Statistic]
    kind: ClassVar[str] = "parts"
    has_parts: ClassVar[bool] = True

    def scaling(self, part: str | None = None) -> float:
        """That of the part's statistic."""
        return self.parts[part].scaling() if part is not None and part in self.parts else 1.0

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The rows of each part."""
        return {
            name: frame for name, one in self.parts.items() for frame in one.listings().values()
        }

    def sources(self) -> tuple[Source, ...]:
        """Those of every part."""
        return tuple(source for one in self.parts.values() for source in one.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """One row per group and part."""
        found = each(tuple(self.parts.values()), tables)
        named = [table.assign(part=name) for name, table in zip(self.parts, found, strict=True)]
        together = pd.concat(named)
        order = np.argsort(np.tile(np.arange(len(tables[0])), len(named)), kind="stable")
        return together.iloc[order]

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]] | None:
        """Those of each part in its own sources."""
        tables = own_tables(tuple(self.parts.values()), sums)
        found: dict[str | None, tuple[Slopes, ...]] = {}
        for place, (name, one) in enumerate(self.parts.items()):
            mine = one.gradient(*tables[place])
            if mine is None:
                return None
            before, after = (
                sum(len(table) for table in some) for some in (tables[:place], tables[place + 1 :])
            )
            found[name] = (*({} for _ in range(before)), *mine[None], *({} for _ in range(after)))
        return found


@dataclass(frozen=True, eq=False)
class ByPart(Statistic):
    """The same statistic for each value of a column of its rows, sorted by name.

    With two sources each has a column of that name. What has none is `(missing)`.
    """

    of: Statistic
    part: str
    kind: ClassVar[str] = "parts"
    has_parts: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "undefined", self.of.undefined)
        object.__setattr__(self, "notes", (*self.of.notes, *self.notes))

    def listings(self) -> dict[str, nw.LazyFrame]:
        """The rows of the statistic, of all parts."""
        return self.of.listings()

    def sources(self) -> tuple[Source, ...]:
        """The same, with the part as one more key."""
        return tuple(replace(source, part=self.part) for source in self.of.sources())

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """One row per group and part."""
        found = self.of.estimate(*tables)
        found = found.assign(part=[key[-1] for key in found.index])
        found.index = pd.Index([key[:-1] for key in found.index], tupleize_cols=False)
        return found.sort_values("part", kind="stable")

    def gradient(self, *sums: pd.DataFrame) -> dict[str | None, tuple[Slopes, ...]] | None:
        """Those of the statistic: the part is a key of its sums."""
        return self.of.gradient(*sums)

    def arms(self, values: pd.DataFrame) -> tuple[Any, Any]:
        """Those of the statistic."""
        return self.of.arms(values)


def each(statistics: tuple[Statistic, ...], tables: tuple[pd.DataFrame, ...]) -> list[pd.DataFrame]:
    """What each statistic makes of its own tables."""
    own = own_tables(statistics, tables)
    return [one.estimate(*mine) for one, mine in zip(statistics, own, strict=True)]


def own_tables(
    statistics: tuple[Statistic, ...], tables: tuple[pd.DataFrame, ...]
) -> list[tuple[pd.DataFrame, ...]]:
    """The tables that are each statistic's own."""
    ends = np.cumsum([0, *(len(one.sources()) for one in statistics)])
    return [tables[start:stop] for start, stop in pairwise(ends)]
