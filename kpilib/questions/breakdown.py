"""What `by=` may be (columns of the rows, attributes of customers), and which segments are told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contract.tables import schema
from kpilib.errors import InputError
from kpilib.questions.values import KPIValue, Status
from kpilib.registry.definitions import Definition
from kpilib.registry.small_cells import to_hide
from kpilib.words import MISSING, _

_COUNTING = ("share", "mix", "count", "flow", "net")
"""Kinds whose numerator counts cases."""

_KEPT_BACK = _("kept back: it rests on fewer than {least} cases, or would tell of a part that does")


def breakdown(definition: Definition, by: str) -> str:
    """The KPI that answers this breakdown of one that has few."""
    known = definition.breakdowns or {}
    if by not in known:
        spend = "marketing_spend" in definition.tables
        why = "marketing_spend knows only its channel" if spend else "its rows know no customer"
        offered = " or ".join(f"by={name!r}" for name in known)
        raise InputError(
            f"{definition.id} cannot be broken down by {by!r}: {why}; "
            + (f"ask {offered}" if offered else "ask without by=")
        )
    return known[by]


def row_dimensions(base: Business, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
    """The columns of the rows themselves that `by=` takes: text and flags of the tables read.

    What a customer bought or is belongs to the customer, so orders and customers offer theirs as
    attributes, through `base.dimensions`.
    """
    found: dict[str, None] = {}
    for table in dict.fromkeys(name for one in definitions.values() for name in one.tables):
        if table in base.tables and table not in ("orders", "customers"):
            columns = base.tables[table].collect_schema().names()
            kinds = {column.name: column.kind for column in schema(table).columns}
            found |= {name: None for name in columns if kinds.get(name) in ("text", "flag")}
    return tuple(found)


def attach(base: Business, frame: nw.LazyFrame, by: str, own: bool) -> nw.LazyFrame:
    """The rows with a column `segment`: their own, or their customer's attribute."""
    names = frame.collect_schema().names()
    if own and by in names:
        return frame.with_columns(segment=nw.col(by).cast(nw.String).fill_null(MISSING))
    if "customer_id" not in names:
        raise InputError(f"the rows know neither {by!r} nor their customer; ask without by={by!r}")
    attribute = base.attribute(by).select("customer_id", segment=nw.col(by).cast(nw.String))
    others = [name for name in names if name != "segment"]  # rows of customers may have a segment
    joined = frame.select(others).join(attribute, on="customer_id", how="left")
    return joined.with_columns(segment=nw.col("segment").fill_null(MISSING))


def keep_back(
    values: Sequence[KPIValue], definitions: Mapping[str, Definition], least: int
) -> list[KPIValue]:
    """The values, those of small segments and parts without their numbers.

    Of one KPI and period two at least are kept back, so that none can be had from the total.
    """
    if least <= 1:
        return list(values)
    found = list(values)
    groups: dict[object, list[int]] = {}
    for place, value in enumerate(found):
        if value.segment is not None and value.value is not None:
            groups.setdefault((value.id, value.period), []).append(place)
    for places in groups.values():
        smallest = [_smallest(found[place], definitions) for place in places]
        for place, hidden in zip(places, to_hide(smallest, least), strict=True):
            if hidden:
                found[place] = _without_numbers(found[place], least)
    return found


def _smallest(value: KPIValue, definitions: Mapping[str, Definition]) -> float:
    """The fewest cases that one of its numbers tells of; 0 where there are none."""
    cells = [value.n or 0.0]
    if definitions[value.id].kind in _COUNTING and value.numerator is not None:
        cells.append(abs(value.numerator))
        if value.denominator is not None:
            cells.append(value.denominator - value.numerator)
    return min((cell for cell in cells if cell > 0), default=0.0)


def is_kept_back(value: KPIValue) -> bool:
    """Whether a value has no number because it would tell of too few cases."""
    return value.reason is not None and value.reason.message == _KEPT_BACK.message


def _without_numbers(value: KPIValue, least: int) -> KPIValue:
    return replace(
        value,
        status=Status.UNDEFINED,
        reason=_KEPT_BACK.format(least=least),
        value=None,
        low=None,
        high=None,
        numerator=None,
        denominator=None,
        n=None,
        details={},
        notes=(),
    )
