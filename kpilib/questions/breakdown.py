"""What `by=` may be: columns of the rows themselves, or attributes of their customers."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.contract.tables import schema
from kpilib.errors import InputError
from kpilib.registry.definitions import Definition
from kpilib.words import MISSING


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
    joined = frame.join(attribute, on="customer_id", how="left")
    return joined.with_columns(segment=nw.col("segment").fill_null(MISSING))
