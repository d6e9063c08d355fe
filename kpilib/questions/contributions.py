"""What each row adds to the sums that a number is made of, for whoever adds them up elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contract.tables import SCHEMAS
from kpilib.periods import Period
from kpilib.questions import availability
from kpilib.questions.values import KPIValue
from kpilib.registry.definitions import Definition
from kpilib.statistics.statistic import Statistic
from kpilib.words import MISSING

MOST = 200_000
"""How many rows of one frame are listed at most."""
CLOSE = 1e-12
"""How far, against itself, a sum may lie from the number it is taken for."""

_ROW = "_row"
_APART = ("comment", "recorded", "verified")
_INSIDE = ("period", "opens", "closes", _ROW)
_KNOWN = frozenset(
    name
    for schema in SCHEMAS.values()
    for column in schema.columns
    for name in column.outputs
    if name not in _APART
)


@dataclass(frozen=True)
class Part:
    """A sum of one column of a listing."""

    listing: int
    """The place of its listing among those of the family."""
    column: str


@dataclass(frozen=True)
class Sums:
    """How a number is made of sums: scale × (over − less) ÷ all of `under` together."""

    over: Part
    less: Part | None = None
    under: tuple[Part, ...] = ()
    scale: float = 1.0

    @property
    def parts(self) -> tuple[Part, ...]:
        """All of them."""
        return (self.over, *((self.less,) if self.less else ()), *self.under)


@dataclass(frozen=True)
class Family:
    """Rows and what they add, for the KPIs of one family."""

    listings: Sequence[pd.DataFrame]
    """Rows, days as dates, each with a column for every sum that a number is made of."""
    made: Mapping[tuple[str, str | None], Sums] = field(default_factory=dict)
    """KPI and part → how its number is made; what is missing is no sum over a sum."""


@dataclass
class _Asked:
    """What is summed of one frame: label → term, and label → the column of its parts."""

    rows: nw.LazyFrame
    terms: dict[str, nw.Expr] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


def contributions(
    base: Business, definitions: Mapping[str, Definition], values: Iterable[KPIValue]
) -> Family:
    """The rows behind a family's values of one period, and how each value is a formula over them.

    KPIs that read the same rows share a listing. A value that is no sum of rows over another (a
    median, a forecast), and one of more than `MOST` rows, is in no listing. Of texts, only the
    columns of kpilib's own tables are listed, and no words that customers wrote.
    """
    known = [one for one in values if one.value is not None and one.numerator is not None]
    if not known:
        return Family(())
    statistics = {
        kpi_id: _statistics(base, definitions[kpi_id], known[0].period)
        for kpi_id in dict.fromkeys(one.id for one in known)
    }
    listings: list[pd.DataFrame] = []
    places: dict[str, Part] = {}
    for asked in _frames(statistics).values():
        listing, made = _listed(base, asked)
        if listing is not None:
            places |= {name: Part(len(listings), name) for name in made}
            listings.append(listing)
    totals = {part: float(listings[part.listing][part.column].sum()) for part in places.values()}
    found: dict[tuple[str, str | None], Sums] = {}
    for value in known:
        mine = _of_value(value, statistics[value.id], places)
        if (sums := _found(value, mine, totals)) is not None:
            found.setdefault((value.id, value.segment), sums)
    used = {part.column for sums in found.values() for part in sums.parts}
    kept = [
        listing.drop(columns=[one for one in listing if one in places and one not in used])
        for listing in listings
    ]
    return Family(kept, found)


def _statistics(
    base: Business, definition: Definition, period: Period
) -> list[tuple[str | None, Statistic]]:
    """The statistics that make a KPI's numbers, by part; what only stands beside them is none."""
    if availability.absent(base, definition) is not None:
        return []
    statistic = definition.function(base, (period,))
    parts = getattr(statistic, "parts", None)
    if isinstance(parts, Mapping):
        return [
            (str(part), getattr(one, "main", one))
            for part, one in parts.items()
            if isinstance(one, Statistic)
        ]
    return [(None, getattr(statistic, "main", statistic))]


def _frames(
    statistics: Mapping[str, Sequence[tuple[str | None, Statistic]]],
) -> dict[int, _Asked]:
    """The frames that are summed, each once, with all that is summed in it."""
    found: dict[int, _Asked] = {}
    for kpi_id, parts in statistics.items():
        for part, statistic in parts:
            for at, source in enumerate(statistic.sources()):
                if source.per is not None:
                    continue
                asked = found.setdefault(id(source.rows), _Asked(source.rows))
                for name, term in source.terms.items():
                    label = _label(kpi_id, part, at, name)
                    asked.terms[label] = term
                    if source.part is not None:
                        asked.parts[label] = source.part
    return found


def _label(kpi_id: str, part: str | None, source: int, name: str) -> str:
    return f"{kpi_id}{f' · {part}' if part else ''}: {name}{source + 1 if source else ''}"


def _of_part(label: str, part: str) -> str:
    return f"{label} [{part}]"


def _listed(base: Business, asked: _Asked) -> tuple[pd.DataFrame | None, list[str]]:
    """The rows with what each adds, and the names of those columns; None where they are too many.

    A sum that is kept by parts has one more column for each part.
    """
    engine, rows = base.engine, asked.rows
    if int(engine.collect(rows.select(nw.len().alias("n")))["n"].iloc[0]) > MOST:
        return None, []
    schema = rows.collect_schema()
    numbered = engine.keep(rows.with_row_index(_ROW, order_by=list(schema)))
    added = engine.collect(
        numbered.select(_ROW, *(one.alias(name) for name, one in asked.terms.items()))
    )
    by = dict.fromkeys(asked.parts.values())
    keep = [
        name
        for name, kind in schema.items()
        if name not in _INSIDE and (name in _KNOWN or name in by or kind != nw.String)
    ]
    table = engine.collect(numbered.select(_ROW, *keep)).merge(added, on=_ROW)
    engine.forget(numbered)
    table = table.sort_values(_ROW, ignore_index=True).drop(columns=_ROW)
    made = {}
    for label, column in asked.parts.items():
        parts = table[column].astype("object").where(table[column].notna(), MISSING).astype("str")
        for part in sorted(parts.unique()):
            made[_of_part(label, part)] = table[label].where(parts == part, 0)
    for name in keep:
        if name == "day" or name.endswith("_day"):
            table[name] = pd.to_datetime(table[name], unit="D")
    return pd.concat([table, pd.DataFrame(made)], axis=1), [*asked.terms, *made]


def _of_value(
    value: KPIValue,
    statistics: Sequence[tuple[str | None, Statistic]],
    places: Mapping[str, Part],
) -> list[Part]:
    """The sums that a value may be made of; the one that has its part's name is the first."""
    labels = []
    for part, statistic in statistics:
        if part not in (None, value.segment):
            continue
        for at, source in enumerate(statistic.sources()):
            for name in source.terms:
                label = _label(value.id, part, at, name)
                labels.append(_of_part(label, str(value.segment)) if source.part else label)
    own = f": {value.segment}"
    return [places[one] for one in sorted(labels, key=lambda one: own not in one) if one in places]


def _found(value: KPIValue, parts: Sequence[Part], totals: Mapping[Part, float]) -> Sums | None:
    """The sums whose formula gives the value: the first for the numerator, the last below it."""
    pairs: list[tuple[Part, Part | None]] = [
        (one, None) for one in parts if _same(totals[one], value.numerator)
    ]
    pairs += [
        (a, b)
        for a, b in combinations(parts, 2)
        if a.listing == b.listing and _same(totals[a] - totals[b], value.numerator)
    ]
    under: list[tuple[Part, ...]] = [()]
    if value.denominator is not None:
        alone = [(one,) for one in reversed(parts)]
        under = [
            some
            for some in (*alone, tuple(parts))
            if _same(sum(totals[one] for one in some), value.denominator)
        ]
    for a, b in pairs:
        for some in under:
            number = totals[a] - (totals[b] if b else 0.0)
            below = sum(totals[one] for one in some) if some else 1.0
            if below and _same(number / below * value.scale, value.value):
                return Sums(a, b, some, value.scale)
    return None


def _same(number: float, wanted: float | None) -> bool:
    return wanted is not None and abs(number - wanted) <= CLOSE * max(1.0, abs(wanted))
