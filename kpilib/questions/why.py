"""Why a KPI changed: asked of a customer base, by every dimension its rows know."""

from collections.abc import Callable
from functools import partial

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.decomposition.effects import PARTS, Effects, effects
from kpilib.decomposition.looks import looked_at
from kpilib.decomposition.moments import contributions, moments
from kpilib.decomposition.terms import Term, Terms, terms_of
from kpilib.engines.expressions import distinct
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions import ask, availability, compare
from kpilib.questions.breakdown import attach, breakdown, row_dimensions
from kpilib.questions.explained import Why
from kpilib.questions.values import KPIValue, Status
from kpilib.registry import definitions as registry
from kpilib.registry.definitions import Definition
from kpilib.words import MISSING, _
from kpilib.words.columns import NAME, kind
from kpilib.words.values import VALUES

MOST_SEGMENTS = 50
"""A dimension with more segments than this is looked at only where it is asked for."""

_UNLIKE = _("{period} cannot be compared with {before}; {other} is {status}")
_UNLIKE_AS = _("{period} cannot be compared with {before}; {other} is {status}: {reason}")

EVERYBODY, ALL = "customers", "all"
"""The dimension of one segment, by which only those who stayed, came and went are told apart."""


def why(base: Business, kpi_id: str, period: Period, by: str | None = None) -> Why:
    """The change of a KPI from the like period before, taken apart; see `Why`."""
    definition = registry.definition(kpi_id)
    both = (period.previous(), period)
    ways = _ways(base, definition, by)
    if (lacking := availability.absent(base, definition)) is not None:
        raise InputError.about(kpi_id, lacking)
    for of, _own in ways.values():
        _terms(base, of, both)
    value = _comparable(base, kpi_id, period)
    change = value.value - value.previous  # type: ignore[operator]
    found: dict[str, Effects] = {}
    crowded: dict[str, int] = {}
    small: list[str] = []
    least = base.settings.privacy.least
    for dimension, (of, own) in ways.items():
        terms = _terms(base, of, both)
        customers = _customers(base, terms, dimension, own, of.id, both)
        if customers is None:
            continue
        if by is None and (many := _segments(base, customers)) > MOST_SEGMENTS:
            crowded[dimension] = many
            continue
        table = moments(base.engine, customers)
        part = effects(table, terms.additive, terms.scale)
        if dimension != EVERYBODY and _is_small(part, least):
            small.append(dimension)
            continue
        found[dimension] = part
    if by in small:
        raise InputError(
            f"{kpi_id} by={by!r} has segments of fewer than {least} cases, which are kept back "
            "([privacy] least); ask for a coarser dimension"
        )
    if not found:
        raise InputError(
            f"{kpi_id} cannot be taken apart: its rows know neither their customer nor "
            "another dimension"
        )
    return Why(
        value=value,
        change=change,
        table=_table(found, change),
        segments=_of_segments(found),
        looked_at=looked_at(found),
        left_out=crowded,
        kept_back=tuple(small),
        find_rows=partial(_rows, base, both, ways),
    )


def _is_small(part: Effects, least: int) -> bool:
    """Whether a segment has some rows, and fewer than may be told of."""
    return bool(((part.rows > 0) & (part.rows < least)).any())


def _comparable(base: Business, kpi_id: str, period: Period) -> KPIValue:
    """The value beside the one before; an InputError where they do not compare."""
    value = compare.kpi(base, kpi_id, (period,), None, history=1)
    if not isinstance(value, KPIValue):
        raise InputError(
            f"{kpi_id} is itself a breakdown, several numbers and no single one; "
            "base.why takes the change of one number apart"
        )
    if value.previous is not None:
        return value
    before = ask.trend(base, kpi_id, (period.previous(),), None)[0]
    bad = value if before.status is Status.COMPLETE else before
    said = _UNLIKE if bad.reason is None else _UNLIKE_AS
    raise InputError.about(
        kpi_id,
        said.format(
            period=period.label,
            before=period.previous().label,
            other=bad.period.label,
            status=VALUES[bad.status],
            reason=bad.reason,
        ),
    )


Ways = dict[str, tuple[Definition, bool]]
"""Dimension → the KPI that answers it, and whether it is a column of the rows themselves."""


def _ways(base: Business, definition: Definition, by: str | None) -> Ways:
    if definition.breakdowns is not None:
        asked = [by] if by else list(definition.breakdowns)
        ways = {one: (registry.definition(breakdown(definition, one)), False) for one in asked}
        if not ways:
            raise InputError(
                f"{definition.id} cannot be taken apart: its rows know neither their customer nor "
                "another dimension"
            )
        return ways
    own = row_dimensions(base, {definition.id: definition})
    if by is not None:
        if by not in own and by not in base.dimensions:
            base.attribute(by)
        return {by: (definition, by in own)}
    # An id names a thing and no kind of customers.
    known = [one for one in dict.fromkeys((*own, *base.dimensions)) if kind(one) != NAME]
    ways = {one: (definition, one in own) for one in known}
    return ways | {EVERYBODY: ways.get(EVERYBODY, (definition, False))}


def _terms(base: Business, definition: Definition, both: tuple[Period, ...]) -> Terms:
    def make() -> Terms:
        statistic = definition.function(base, both)
        found = terms_of(statistic)
        if found is None:
            raise InputError(
                f"{definition.id} is a {statistic.kind}, neither a sum nor one sum over another; "
                "its change cannot be shared out among segments exactly"
            )
        return found

    return base.remember(("terms", definition.id, both), make)


def _customers(
    base: Business, terms: Terms, by: str, own: bool, key: str, both: tuple[Period, ...]
) -> nw.LazyFrame | None:
    """What each customer adds, with their segment; None where the rows do not know it."""
    if terms.part is not None:
        part = nw.col(terms.part).cast(nw.String).fill_null(MISSING)
        return contributions(terms, lambda rows: rows.with_columns(segment=part))
    names = [one.rows.collect_schema().names() for one in terms.terms]
    if own and all(by in one for one in names):
        return contributions(terms, lambda rows: attach(base, rows, by, own=True))
    if not all("customer_id" in one for one in names):
        return None
    kept = base._keep(("why", key, both), lambda: contributions(terms))
    if by == EVERYBODY and by not in base.dimensions:
        return kept.with_columns(segment=nw.lit(ALL))
    return _attached(base, kept, by) if by in base.dimensions else None


def _attached(base: Business, customers: nw.LazyFrame, by: str) -> nw.LazyFrame:
    """The customers with their attribute as `segment`; theirs who are nobody is missing."""
    attribute = base.attribute(by).select(
        customer_id=nw.col("customer_id").cast(nw.String), segment=nw.col(by).cast(nw.String)
    )
    joined = customers.join(attribute, on="customer_id", how="left")
    return joined.with_columns(segment=nw.col("segment").fill_null(MISSING))


def _segments(base: Business, customers: nw.LazyFrame) -> int:
    """How many segments there are."""
    counted = distinct(customers.select("segment")).select(n=nw.len())
    return int(base.engine.collect(counted)["n"].iloc[0])


def _table(found: dict[str, Effects], change: float) -> pd.DataFrame:
    """The parts of every dimension, one below the other; see `Why.table`."""
    rows: list[tuple] = []
    for dimension, one in found.items():
        mine = [
            (dimension, segment, part, value, value - reach, value + reach)
            for segment, values, reaches in zip(
                one.segments, one.contributions, one.reaches, strict=True
            )
            for part, value, reach in zip(PARTS, values, reaches, strict=True)
            if value or np.isfinite(reach)
        ]
        rest = change - sum(row[3] for row in mine)
        # What is no more than the rounding of the sums is nothing.
        size = abs(change) + sum(abs(row[3]) for row in mine)
        rest = rest if abs(rest) > _ROUNDING * size else 0.0
        rows += [*mine, (dimension, None, "unexplained", rest, np.nan, np.nan)]
    names = ["contribution", "contribution_low", "contribution_high"]
    return pd.DataFrame(rows, columns=["dimension", "segment", "component", *names])


_ROUNDING = 1e-13


def _of_segments(found: dict[str, Effects]) -> pd.DataFrame:
    """A row per segment of every dimension; see `Why.segments`."""
    tables = [
        pd.DataFrame(
            {
                "dimension": dimension,
                "segment": list(one.segments),
                "value_before": one.values[:, 0],
                "value_now": one.values[:, 1],
                "share_before": one.weights[:, 0],
                "share_now": one.weights[:, 1],
                "rows_before": one.rows[:, 0].astype("int64"),
                "rows_now": one.rows[:, 1].astype("int64"),
                "contribution": one.whole[:, 0],
                "contribution_low": one.whole[:, 0] - one.whole[:, 1],
                "contribution_high": one.whole[:, 0] + one.whole[:, 1],
            }
        )
        for dimension, one in found.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _rows(
    base: Business, both: tuple[Period, ...], ways: Ways, dimension: str, segment: str,
    component: str | None,
) -> pd.DataFrame:  # fmt: skip
    """The rows behind a segment, or behind one of its components that is of some customers."""
    definition, own = ways[dimension]
    terms = _terms(base, definition, both)

    def segmented(rows: nw.LazyFrame) -> nw.LazyFrame:
        if terms.part is not None:
            named = nw.col(terms.part).cast(nw.String).fill_null(MISSING)
            return rows.with_columns(segment=named)
        if dimension == EVERYBODY and dimension not in base.dimensions:
            return rows.with_columns(segment=nw.lit(ALL))
        return attach(base, rows, dimension, own)

    tables = [base.engine.collect(_of_term(one, segmented, segment)) for one in terms.terms]
    table = pd.concat(tables, ignore_index=True)
    who = next((name for name in (terms.cluster, "customer_id") if name in table), None)
    if component in _WHOSE:
        table = table[_WHOSE[component](table, who)] if who else table.iloc[:0]
    table["period"] = table["period"].map({0: both[0].label, 1: both[1].label})
    return ask.readable(table)


def _of_term(
    one: Term, segmented: Callable[[nw.LazyFrame], nw.LazyFrame], segment: str
) -> nw.LazyFrame:
    rows = one.rows.with_columns(numerator=one.x, denominator=one.y)
    adds = (nw.col("numerator") != 0) | (nw.col("denominator") != 0)
    return segmented(rows.filter(adds)).filter(nw.col("segment") == segment)


def _seen(table: pd.DataFrame, who: str, place: int) -> pd.Series:
    """Whether a row's customer has a row in the period of that place."""
    return table[who].isin(table.loc[table["period"] == place, who])


_WHOSE: dict[str | None, Callable[[pd.DataFrame, str], pd.Series]] = {
    "same": lambda t, who: t[who].notna() & _seen(t, who, 0) & _seen(t, who, 1),
    "joined": lambda t, who: t[who].notna() & ~_seen(t, who, 0),
    "left": lambda t, who: t[who].notna() & ~_seen(t, who, 1),
    "unknown": lambda t, who: t[who].isna(),
}
"""Components that are of some customers alone → which rows are theirs."""
