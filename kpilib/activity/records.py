"""The records of one business: what was bought, when its customers were active, who they are."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity import spells
from kpilib.activity.lapse import LapseWindow, find_lapse_window
from kpilib.activity.purchases import Bought, buy
from kpilib.contract.settings import Settings
from kpilib.contract.tables import schema
from kpilib.engines import Engine
from kpilib.engines.expressions import count_where
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, day_date


class Records:
    """The source tables of one business, and what is made of them whatever the period asked for.

    Frames are narwhals lazy frames in the engine where the rows live.
    """

    engine: Engine
    tables: dict[str, nw.LazyFrame]
    settings: Settings
    source: str
    as_of: int
    lang: str
    _kept: dict[tuple, nw.LazyFrame]

    @property
    def time_zone(self) -> str:
        """The business's time zone, in which days begin and end."""
        return self.settings.time_zone

    @property
    def currency(self) -> str | None:
        """The reporting currency's code, or None where none was given."""
        return self.settings.currency

    def period(self, text: str | Period | None = None) -> Period:
        """The period asked for, or the last month that the data cover to its end.

        Raises InputError where the period has no day in common with the data.
        """
        first, last = day_date(self.first_day), day_date(self.as_of - 1)
        if text is not None:
            period = Period.parse(text)
            if period.start > last or period.end <= first:
                raise InputError(
                    f"period {period.label} is outside the data, which run from {first} to {last}; "
                    f"choose one between {first:%Y-%m} and {last:%Y-%m}"
                )
            return period
        month = Period.month(f"{day_date(self.as_of):%Y-%m}").previous()
        return month if month.end > first else month.shift(1)

    @cached_property
    def _bought(self) -> Bought:
        if "orders" in self.tables:
            return buy(self.engine, self.tables["orders"], self.tables.get("refunds"))
        # Contracts alone: nobody has bought anything.
        contracts = self.tables["subscriptions"].select(
            "customer_id", ordered_day=nw.col("started_day"), amount=nw.lit(0.0)
        )
        return buy(self.engine, contracts.filter(nw.col("amount") > 0), None)

    @property
    def purchases(self) -> nw.LazyFrame:
        """One row per customer and day with a purchase, net of refunds.

        `customer_id, day, amount, orders, previous_day, next_day, first_day`.
        """
        return self._bought.purchases

    @cached_property
    def money(self) -> nw.LazyFrame:
        """Purchases and unlinked refunds: `customer_id, day, amount, purchase` (1, or 0)."""
        bought = _as_money(self.purchases, 1)
        if self._bought.refunds is None:
            return bought
        return nw.concat([bought, _as_money(self._bought.refunds, 0)], how="vertical")

    @cached_property
    def first_day(self) -> int:
        """The day number of the first purchase, or of the first contract where that is earlier."""
        days = [self.purchases.select("day")]
        if self.activity_rule == "subscriptions":
            days.append(self.tables["subscriptions"].select(day=nw.col("started_day")))
        firsts = [self.engine.collect(day.select(nw.col("day").min()))["day"] for day in days]
        known = [int(first.iloc[0]) for first in firsts if len(first) and pd.notna(first.iloc[0])]
        if not known:
            raise InputError(
                f"{self.source}: there is no purchase left in orders; "
                "kpilib check says what was left out and why"
            )
        return min(known)

    @cached_property
    def lapse_window(self) -> LapseWindow:
        """How long without a purchase until a customer counts as lost, and how it was come by."""
        if self.settings.lapse_window is not None:
            return LapseWindow(self.settings.lapse_window, "given")
        return find_lapse_window(self.engine, self.purchases, self.as_of)

    @property
    def activity_rule(self) -> str:
        """`"purchases"` or `"subscriptions"`: what makes a customer active."""
        if self.settings.activity:
            return self.settings.activity
        return "subscriptions" if "subscriptions" in self.tables else "purchases"

    def spells(self, lapse_window: int | None = None) -> nw.LazyFrame:
        """The stretches of days on which customers are active; see `kpilib.activity.spells`."""
        if self.activity_rule == "subscriptions":
            return self.contract_spells
        days = lapse_window or self.lapse_window.days
        return self._keep(("spells", days), lambda: spells.purchase_spells(self.purchases, days))

    @cached_property
    def contracts(self) -> nw.LazyFrame:
        """One row per contract; see `kpilib.activity.spells.contract_rows`."""
        rows = spells.contract_rows(self.tables["subscriptions"])
        return spells.unseen_renewals(self.engine, rows, self.as_of)

    @cached_property
    def contracts_without_revenue(self) -> int:
        """How many contracts do not say what they bring a month."""
        without = self.contracts.select(rows=count_where(nw.col("mrr").is_null()))
        return int(self.engine.collect(without)["rows"].iloc[0])

    @property
    def contract_spells(self) -> nw.LazyFrame:
        """The lives that contracts make, whatever rule of activity the settings name."""
        return self._keep(("contract spells",), lambda: spells.contract_spells(self.contracts))

    @property
    def definition_settings(self) -> dict[str, Any]:
        """The settings that KPI definitions are read with; part of each definition's hash."""
        return {
            "activity": self.activity_rule,
            "lapse_window": self.lapse_window.days,
            "loyalty": repr(self.settings.loyalty),
            "value": repr(self.settings.value),
            "time_zone": self.time_zone,
        }

    def attribute(self, name: str) -> nw.LazyFrame:
        """`customer_id` and one attribute of the customer.

        From the customers table where it has a column of that name; else from orders, as it was on
        the customer's first order.
        """
        customers = self.tables.get("customers")
        if customers is not None and name in customers.collect_schema().names():
            return customers.select("customer_id", name)
        if name not in self.dimensions:
            raise InputError(
                f"dimension {name!r} is not a column of customers or orders; "
                f"{near_miss(name, self.dimensions)}"
            )
        return self._keep(("attribute", name), lambda: _first_value(self.tables["orders"], name))

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The names that `by=` takes: attributes of customers, and columns of orders."""
        found: dict[str, None] = {}
        for table, own in (("customers", ("customer_id",)), ("orders", _ORDER_COLUMNS)):
            if table in self.tables:
                names = self.tables[table].collect_schema().names()
                found |= dict.fromkeys(
                    name for name in names if name not in own and not name.endswith(_TIMES)
                )
        return tuple(found)

    def table(self, name: str) -> nw.LazyFrame:
        """A source table with every column that its schema knows; null where it was not given."""
        frame = self.tables[name]
        there = frame.collect_schema().names()
        wanted = {
            output: _TYPES.get(column.kind, nw.Int64)
            for column in schema(name).columns
            for output in column.outputs
        }
        absent = {output: kind for output, kind in wanted.items() if output not in there}
        return frame.with_columns(**{output: nw.lit(None, kind) for output, kind in absent.items()})

    def remember(self, key: tuple, build: Callable[[], nw.LazyFrame]) -> nw.LazyFrame:
        """One frame for all who ask the same, computed anew by each: a filter or a join."""
        if key not in self._kept:
            self._kept[key] = build()
        return self._kept[key]

    def _keep(self, key: tuple, build: Callable[[], nw.LazyFrame]) -> nw.LazyFrame:
        if key not in self._kept:
            self._kept[key] = self.engine.keep(build())
        return self._kept[key]


_TYPES: dict[str, Any] = {
    "id": nw.String,
    "text": nw.String,
    "number": nw.Float64,
    "flag": nw.Boolean,
}
_TIMES = ("_day", "_second", "_at")
_ORDER_COLUMNS = (
    "order_id",
    "customer_id",
    "amount",
    "gross_amount",
    "discount",
    "tax",
    "exchange_rate",
)


def _as_money(frame: nw.LazyFrame, purchase: int) -> nw.LazyFrame:
    return frame.select(
        "customer_id",
        day=nw.col("day").cast(nw.Int64),
        amount=nw.col("amount").cast(nw.Float64),
        purchase=nw.lit(purchase).cast(nw.Int64),
    )


def _first_value(orders: nw.LazyFrame, name: str) -> nw.LazyFrame:
    first = orders.with_columns(first=nw.col("ordered_second").min().over("customer_id"))
    earliest = first.filter(nw.col("ordered_second") == nw.col("first"))
    return earliest.group_by("customer_id").agg(nw.col(name).min())
