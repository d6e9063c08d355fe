"""The records of one business: what was bought, when its customers were active, who they are."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from math import ceil, log10
from typing import Any, cast

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity import spells
from kpilib.activity.kept import Kept, Reads, ReadSettings, ReadTables
from kpilib.activity.lapse import LapseWindow, find_lapse_window
from kpilib.activity.purchases import Bought, buy
from kpilib.contract.account import Account
from kpilib.contract.settings import Settings
from kpilib.contract.tables import schema
from kpilib.engines import Engine
from kpilib.engines.expressions import count_where
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, Periods, as_periods, day_date


class Records:
    """The source tables of one business, and what is made of them whatever the period asked for.

    Frames are narwhals lazy frames in the engine where the rows live.
    """

    engine: Engine
    accounts: Mapping[str, Account]
    source: str
    as_of: int
    lang: str
    _tables: Mapping[str, nw.LazyFrame]
    _settings: Settings
    _made: Bought | None = None
    _kept: Kept

    @property
    def tables(self) -> Mapping[str, nw.LazyFrame]:
        """The source tables by name."""
        if self._kept.is_reading:
            return ReadTables(self._tables, self._settings, self._kept)
        return self._tables

    @property
    def settings(self) -> Settings:
        """What the user decides."""
        if self._kept.is_reading:
            return cast(Settings, ReadSettings(self._settings, self._kept))
        return self._settings

    def reading(self) -> AbstractContextManager[Reads]:
        """A context that notes the settings and tables that are read while it is open.

        >>> from kpilib.demo import tiny_shop
        >>> base = tiny_shop()
        >>> with base.reading() as read:
        ...     rule = base.settings.loyalty.days
        >>> read
        {'loyalty.days': 365}
        """
        return self._kept.reading()

    def forget(self, most: int = 0) -> None:
        """Let go of the tables of all periods, but for the `most` sets of them asked for last.

        Every question lets go of what lies long back; frames of this base that were taken from a
        table of those periods can then not be collected any more.
        """
        self._kept.let_go(most)

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
            period = self.asked(text)[0]
            if period.start > last or period.end <= first:
                raise InputError(
                    f"period {period.label} is outside the data, which run from {first} to {last}; "
                    f"choose one between {first:%Y-%m} and {last:%Y-%m}"
                )
            return period
        month = Period.month(f"{day_date(self.as_of):%Y-%m}").previous()
        return month if month.end > first else month.shift(1)

    def asked(self, periods: Periods) -> tuple[Period, ...]:
        """One period or many, whose weeks start when the business's do."""
        return as_periods(periods, self._settings.week_starts)

    @property
    def _bought(self) -> Bought:
        return self.remember(("bought",), self._buy)

    def _buy(self) -> Bought:
        if "orders" in self.tables:
            orders, refunds = self.tables["orders"], self.tables.get("refunds")
            return self._made or buy(self.engine, orders, refunds)
        # Contracts alone: nobody has bought anything.
        contracts = self.tables["subscriptions"].select(
            "customer_id", ordered_day=nw.col("started_day"), amount=nw.lit(0.0)
        )
        return buy(self.engine, contracts.filter(nw.col("amount") > 0), None)

    def made(self) -> tuple[dict[str, nw.LazyFrame], dict[str, Any]]:
        """What is made of the tables whatever is asked, for other processes to `take_over`."""
        frames = {"purchases": self._bought.purchases}
        if self._bought.refunds is not None:
            frames["refunds"] = self._bought.refunds
        return frames, {"refunded_orders": self._bought.refunded_orders}

    def take_over(self, frames: dict[str, nw.LazyFrame], values: dict[str, Any]) -> None:
        """Take what another process made of the same tables, in the place of making it."""
        purchases, refunds = frames["purchases"], frames.get("refunds")
        self._made = Bought(
            self.engine, purchases, refunds, values["refunded_orders"], laid=purchases
        )

    @property
    def purchases(self) -> nw.LazyFrame:
        """One row per customer and day with a purchase, net of refunds.

        `customer_id, day, amount, orders, previous_day, next_day, first_day`.
        """
        return self._bought.purchases

    @property
    def visits(self) -> nw.LazyFrame:
        """The same rows without their money: `customer_id, day` and the days beside them.

        What asks for no amount asks here.
        """
        return self._bought.visits

    @property
    def money(self) -> nw.LazyFrame:
        """Purchases and unlinked refunds: `customer_id, day, amount, purchase` (1, or 0)."""
        return self._bought.money

    @property
    def first_day(self) -> int:
        """The day number of the first purchase, or of the first contract where that is earlier."""
        return self.remember(("first day",), self._first_day)

    def _first_day(self) -> int:
        days = [self._bought.days]
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

    @property
    def lapse_window(self) -> LapseWindow:
        """How long without a purchase until a customer counts as lost, and how it was come by.

        A window that is found is read as the rule that finds it, not as the days found: these move
        with every month of data.
        """
        if (given := self.settings.lapse_window) is not None:
            return LapseWindow(given, "given")
        return self.remember(("lapse window",), self._find_lapse_window)

    def _find_lapse_window(self) -> LapseWindow:
        return find_lapse_window(self.engine, self.visits, self.as_of)

    @property
    def activity_rule(self) -> str:
        """`"purchases"` or `"subscriptions"`: what makes a customer active."""
        found = "subscriptions" if "subscriptions" in self._tables else "purchases"
        rule = self._settings.activity or found
        self._kept.note("activity", rule)
        return rule

    def spells(self, lapse_window: int | None = None) -> nw.LazyFrame:
        """The stretches of days on which customers are active; see `kpilib.activity.spells`."""
        if self.activity_rule == "subscriptions":
            return self.contract_spells
        days = lapse_window or self.lapse_window.days
        return self._keep(
            ("spells", days), lambda: spells.purchase_spells(self.engine, self.visits, days)
        )

    @property
    def money_decimals(self) -> int:
        """So many decimals that what they leave is rounding: a billionth of the largest amount."""
        return self.remember(("money decimals",), self._money_decimals)

    def _money_decimals(self) -> int:
        largest = self.money.select(most=nw.col("amount").abs().max())
        most = float(self.engine.collect(largest)["most"].iloc[0])
        return max(0, 9 - ceil(log10(most))) if most > 0 else 2

    @property
    def contracts(self) -> nw.LazyFrame:
        """One row per contract; see `kpilib.activity.spells.contract_rows`."""
        return self.remember(("contracts",), self._contracts)

    def _contracts(self) -> nw.LazyFrame:
        rows = spells.contract_rows(self.tables["subscriptions"])
        return spells.unseen_renewals(self.engine, rows, self.as_of)

    @property
    def contracts_without_revenue(self) -> int:
        """How many contracts do not say what they bring a month."""
        return self.remember(("without revenue",), self._without_revenue)

    def _without_revenue(self) -> int:
        without = self.contracts.select(rows=count_where(nw.col("mrr").is_null()))
        return int(self.engine.collect(without)["rows"].iloc[0])

    @property
    def first_contract(self) -> int:
        """The day number of the first contract's start; that of the first purchase without any."""
        return self.remember(("first contract",), self._first_contract)

    def _first_contract(self) -> int:
        if "subscriptions" not in self.tables:
            return self.first_day
        starts = self.engine.collect(self.contracts.select(day=nw.col("start").min()))["day"]
        return int(starts.iloc[0]) if pd.notna(starts.iloc[0]) else self.first_day

    @property
    def contract_spells(self) -> nw.LazyFrame:
        """The lives that contracts make, whatever rule of activity the settings name."""
        return self._keep(("contract spells",), lambda: spells.contract_spells(self.contracts))

    def attribute(self, name: str) -> nw.LazyFrame:
        """`customer_id` and one attribute of the customer.

        From the customers table where it has a column of that name; else from orders or contracts,
        as it was on the customer's first order or contract.
        """
        customers = self.tables.get("customers")
        if customers is not None and name in customers.collect_schema().names():
            return customers.select("customer_id", name)
        if name not in self.dimensions:
            raise InputError(
                f"dimension {name!r} is not a column of customers, orders or subscriptions; "
                f"{near_miss(name, self.dimensions)}"
            )
        table = next(
            table
            for table in _FIRSTS
            if table in self.tables and name in self.tables[table].collect_schema().names()
        )
        return self._keep(
            ("attribute", name), lambda: _first_value(self.tables[table], name, _FIRSTS[table])
        )

    @cached_property
    def target_lines(self) -> pd.DataFrame:
        """The table `targets`, small enough to be held, its ids as kpilib writes them."""
        lines = self.engine.collect(self.table("targets"))
        return lines.assign(kpi_id=lines["kpi_id"].str.strip().str.lower())

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The names that `by=` takes: attributes of customers, columns of orders and contracts."""
        found: dict[str, None] = {}
        for table, own in _OWN_COLUMNS.items():
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
        added = {output: nw.lit(None, kind) for output, kind in absent.items()}
        return frame.with_columns(**added) if added else frame

    def closes(self, period: Period) -> int:
        """The day number at which a period closes: its end, or where the data end before that."""
        return max(min(period.end_day, self.as_of), period.start_day)

    def _keep(self, key: tuple, build: Callable[[], nw.LazyFrame]) -> nw.LazyFrame:
        """A frame as a table of the engine, made once; let go with the periods in its key."""
        return self._kept.get(key, lambda: self.engine.keep(build()), made=True)

    def _bring(self, key: tuple, build: Callable[[], pd.DataFrame]) -> nw.LazyFrame:
        """A small pandas frame as a table of the engine, made once; let go likewise."""
        return self._kept.get(key, lambda: self.engine.frame(build()), made=True)

    def remember(self, key: tuple, build: Callable[[], Any]) -> Any:
        """Anything else, made once: a value, or one frame for all who ask the same.

        A filter or a join is computed anew by each; what should be computed once is for `_keep`.
        """
        return self._kept.get(key, build)


_TYPES: dict[str, Any] = {
    "id": nw.String,
    "text": nw.String,
    "number": nw.Float64,
    "flag": nw.Boolean,
}
_TIMES = ("_day", "_second", "_at")
_ORDER_COLUMNS = (
    *("order_id", "customer_id"),
    *("amount", "gross_amount", "discount", "tax", "exchange_rate"),
)
_OWN_COLUMNS = {
    "customers": ("customer_id",),
    "orders": _ORDER_COLUMNS,
    "subscriptions": ("subscription_id", "customer_id", "mrr", "exchange_rate"),
}
_FIRSTS = {"orders": "ordered_second", "subscriptions": "started_second"}
"""Tables whose first row says what a customer was like → when their rows happened."""


def _first_value(rows: nw.LazyFrame, name: str, second: str) -> nw.LazyFrame:
    first = rows.with_columns(first=nw.col(second).min().over("customer_id"))
    earliest = first.filter(nw.col(second) == nw.col("first"))
    return earliest.group_by("customer_id").agg(nw.col(name).min())
