"""Whether a KPI or an analysis can be answered for a period: one rule for all that is asked."""

from collections.abc import Callable
from typing import Protocol

from kpilib.activity.business import Business
from kpilib.contract.tables import schema
from kpilib.periods import Period, day_date
from kpilib.questions.values import Status
from kpilib.registry.definitions import Definition
from kpilib.registry.observed import Unobserved
from kpilib.words import Text, _
from kpilib.words.tables import table_as_given
from kpilib.words.text import Listed

_LACKING = _("needs records that were not given: {tables}")


class Asked(Protocol):
    """What the rule must know of a KPI or an analysis."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The source tables that it cannot do without."""

    @property
    def columns(self) -> tuple[str, ...] | Callable[[Business], tuple[str, ...]]:
        """Optional columns that it needs as well, or what says which."""

    @property
    def until(self) -> Callable[[Business, Period], int] | None:
        """The day before which the data must be complete, where later than the period's end."""

    @property
    def contracts(self) -> bool:
        """Whether contracts do as well as orders where they make customers active."""


def state(base: Business, asked: Asked, period: Period) -> tuple[Status, Text | None]:
    """How far an answer for the period can be relied on, and why no further."""
    if (lacking := absent(base, asked)) is not None:
        return Status.UNAVAILABLE, lacking
    return unseen(base, period, asked) or settled(base, asked, period)


def needs(base: Business, asked: Asked) -> tuple[str, ...]:
    """What it needs and was not given: tables, and columns of given tables as `table.column`."""
    columns = asked.columns if isinstance(asked.columns, tuple) else asked.columns(base)
    wanted = dict.fromkeys((*asked.tables, *(name.split(".")[0] for name in columns)))
    if asked.contracts and base.activity_rule == "subscriptions":
        wanted.pop("orders", None)
    tables = tuple(table for table in wanted if table not in base.tables)
    return tables + tuple(
        f"{table}.{name}"
        for table, name in (column.split(".") for column in columns)
        if table in base.tables and not _has(base, table, name)
    )


def _has(base: Business, table: str, name: str) -> bool:
    """Whether a table was given a column; a time is known by its day."""
    known = {column.name: column.outputs[0] for column in schema(table).columns}
    return known.get(name, name) in base.tables[table].collect_schema().names()


def absent(base: Business, asked: Asked) -> Text | None:
    """Which tables are missing, or else the first column that is; None where nothing is."""
    lacking = needs(base, asked)
    if tables := [name for name in lacking if "." not in name]:
        return _LACKING.format(tables=Listed(tuple(map(table_as_given, tables))))
    if lacking:
        table, name = lacking[0].split(".")
        return _(
            "needs the column {column} in {table}; map one to it",
            column=name,
            table=table_as_given(table),
        )
    return None


def unseen(
    base: Business, period: Period, asked: Asked | None = None
) -> tuple[Status, Text] | None:
    """Why a period has nothing to count at all, or None where it has a day in the data.

    What reads contracts and no orders has a day where contracts do, whatever rule of activity.
    """
    if period.start_day >= base.as_of:
        end = day_date(base.as_of)
        return Status.INCOMPLETE, _(
            "the data end before {end}, and the period has not begun by then", end=end
        )
    contracts = asked is not None and {"subscriptions"} == {*asked.tables}
    begins = min(base.first_day, base.first_contract) if contracts else base.first_day
    if period.end_day <= begins:
        first = day_date(begins)
        return Status.UNDEFINED, _("the data begin on {first}, after the period", first=first)
    return None


def observed(base: Business, definition: Definition, period: Period) -> tuple[Status, Text | None]:
    """Whether the records reach back far enough, and then whether they reach far enough ahead."""
    status = settled(base, definition, period)
    rule = definition.observed_from
    short = rule(base, period) if rule else None
    of_orders = "orders" in definition.tables or definition.contracts
    if short is None and of_orders and base.first_day > period.start_day:
        short = Unobserved(
            _("the records begin on {first}, within the period", first=day_date(base.first_day)),
            bound=True,
        )
    if short is None:
        return status
    if not short.bound:
        return Status.UNDEFINED, short.reason
    return (Status.PROVISIONAL, short.reason) if status[0] is Status.COMPLETE else status


def is_bound(base: Business, definition: Definition, period: Period) -> bool:
    """Whether the records reach back so little that a value is no more than a bound."""
    return observed(base, definition, period) != settled(base, definition, period)


def settled(base: Business, asked: Asked, period: Period) -> tuple[Status, Text | None]:
    """Whether the data reach far enough beyond the period, and no row of it may still come in."""
    until = asked.until(base, period) if asked.until else period.end_day
    end = day_date(base.as_of)
    if until > base.as_of:
        return Status.INCOMPLETE, _(
            "needs the data up to {needed}; they are complete up to {end}",
            needed=day_date(until - 1),
            end=day_date(base.as_of - 1),
        )
    settled = day_date(until + base.settings.settle_days)
    if settled > end:
        return Status.PROVISIONAL, _("rows may still arrive until {day}", day=settled)
    return Status.COMPLETE, None
