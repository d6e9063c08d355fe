"""From any source to checked tables: `load` reads, maps and checks, and accounts for every row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.contract.account import Account
from kpilib.contract.settings import SETTING_NAMES, Settings
from kpilib.contract.tables import SCHEMAS
from kpilib.contract.vocabulary.personal import veiled, with_personal_data
from kpilib.engines import Engine
from kpilib.errors import InputError, QualityGateError, near_miss
from kpilib.loading import customers, money, nobody, order_lines, orders, refunds
from kpilib.loading.accounting import finish, with_note
from kpilib.loading.between import contracts, ids, personal, referrals, tickets
from kpilib.loading.bounded import evaluate, in_bounds
from kpilib.loading.rules import Horizon, horizon
from kpilib.loading.table import (
    Checked,
    Draft,
    Plan,
    draft_table,
    drop_duplicates,
    plan_table,
)
from kpilib.sources.find import Sources, find
from kpilib.sources.trust import trusted

__all__ = ["Loaded", "load", "trusted", "with_personal_data"]


_ORDER = tuple(dict.fromkeys(("orders", "order_lines", *SCHEMAS)))


@dataclass(frozen=True)
class Loaded:
    """Checked tables in one engine, and the account of every row."""

    engine: Engine
    """Where the rows live."""
    tables: dict[str, nw.LazyFrame]
    """Kept rows by table, in plain types; `order_lines` beside `orders` where lines were read."""
    accounts: dict[str, Account]
    """What became of the rows, by source table."""
    settings: Settings
    """The settings, the reporting currency filled in from the data where none was given."""
    as_of: int
    """The day number of the first day of which the data say nothing: complete before it."""
    source: str
    """How errors and reports name the source."""
    failures: tuple[str, ...] = ()
    """What the quality gate says against the tables; empty where they pass."""
    notes: tuple[str, ...] = ()
    """What is worth knowing about the source as a whole."""
    prints: Mapping[str, Callable[[], str]] = field(default_factory=dict, repr=False)
    """Table → how to compute the fingerprint of its input."""

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Table → a text that changes when its input does; computed when first asked for."""
        return {table: fingerprint() for table, fingerprint in self.prints.items()}


def load(
    source: str | Path | None = None,
    /,
    *,
    gate: bool = True,
    trust: bool = False,
    personal_data: bool = False,
    **settings_and_tables: Any,
) -> Loaded:
    """Read a source, check it, and account for every row.

    `source` is a file of orders (see `kpilib.sources.formats.kinds`), a folder, workbook, archive
    or database of tables, a `kpilib.toml`, or the built-in `"demo"`, `"cdnow"` and
    `"cdnow-sample"`. Keywords are the fields of `Settings`; tables by name, each a frame (pandas,
    Polars, DuckDB, Spark, Ibis) or a path; and `options`, which holds per table what
    `kpilib.toml` may say of it.

    A source reads no file outside its folder, and no view of a database, unless `trust` says so.

    What speaks of persons (`contract.vocabulary.personal`) stays behind unless `personal_data`.

    Raises `InputError` for what cannot be read, and `QualityGateError` where more of a table than
    `max_loss` has to be left out for faults (not with `gate=False`, which lists them in
    `failures`).

    >>> loaded = load("cdnow-sample")
    >>> loaded.accounts["orders"].kept
    6919
    >>> shop = {"customer_id": [1, 2, None], "ordered_at": "2026-10-05", "amount": 9.5}
    >>> loaded = load(orders=pd.DataFrame(shop), currency="EUR")
    >>> print(loaded.accounts["orders"].text())
    orders: 3 rows read, 2 kept, 1 left out
      1  no customer_id
    """
    with trusted(trust), with_personal_data(personal_data):
        try:
            return _load(source, gate, settings_and_tables)
        except InputError as error:
            if veiled(str(error)) == str(error):
                raise
            raise InputError(veiled(str(error))) from None


def _load(source: str | Path | None, gate: bool, given: Mapping[str, Any]) -> Loaded:
    settings, tables = _split(given)
    sources = find(source, settings, tables)
    beyond = horizon(sources.settings)
    run = _Run(sources, beyond)
    try:
        with in_bounds(sources.engine, sources.tables, sources.settings):
            checked = run.all()
            evaluate(sources.engine, run.tables, sources.settings)
    except sources.engine.data_errors as error:
        raise InputError(_unusable(sources.name, error)) from error
    failures = tuple(_failures(checked, run.settings.max_loss))
    if failures and gate:
        raise QualityGateError("; ".join(failures))
    return Loaded(
        engine=sources.engine,
        tables={name: run.tables[name] for name in _ORDER if name in run.tables},
        accounts={name: table.account for name, table in checked.items()},
        settings=run.settings,
        as_of=_as_of(checked, beyond, sources),
        source=sources.name,
        failures=failures,
        notes=sources.notes,
        prints={name: table.fingerprint for name, table in sources.tables.items()},
    )


def _unusable(name: str, error: Exception) -> str:
    """What the engine met in the rows: a file that is damaged, or a value in an expression."""
    said = str(error).strip().splitlines()[0]
    if re.search("(?i)failed to read file|parquet|thrift|decompress|corrupt", said):
        return f"{name}: a file is damaged inside: {said}; get it anew"
    return (
        f"{name}: a value is not what an expression of the settings wants: {said}\n"
        "Use TRY_CAST in it, or leave such rows out with leave_out"
    )


def _split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keyword arguments told apart: settings (those of tables among them), and tables."""
    settings: dict[str, Any] = {}
    tables: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name == "options":
            settings.update(value)
        elif (name == "targets" and isinstance(value, Mapping)) or name in SETTING_NAMES:
            if name == "targets" and not isinstance(value, Mapping):
                tables[name] = value
            else:
                settings[name] = value
        elif name in SCHEMAS:
            tables[name] = value
        else:
            hint = near_miss(name, (*SETTING_NAMES, *SCHEMAS, "options"))
            raise InputError(f"{name!r} is neither a setting nor a table; {hint}")
    return settings, tables


class _Run:
    """The tables of one load, in the order in which they need one another."""

    def __init__(self, sources: Sources, horizon: Horizon) -> None:
        self.sources = sources
        self.engine = sources.engine
        self.settings = sources.settings
        self.horizon = horizon
        self.whole: dict[str, bool] = {}
        self.tables: dict[str, nw.LazyFrame] = {}
        self.checked: dict[str, Checked] = {}
        self.records = customers.Records()
        self.rates: pd.DataFrame | None = None
        self.left_out: nw.LazyFrame | None = None

    def all(self) -> dict[str, Checked]:
        """Every table, checked."""
        plans = {
            name: plan_table(self.engine, table, SCHEMAS[name], self.settings, self.sources.name)
            for name, table in self.sources.tables.items()
        }
        self.whole = _whole(plans)
        drafts = {name: self._draft(plan) for name, plan in plans.items()}
        self._settle_ids(drafts)
        if "customers" in drafts:
            self.records = customers.find_records(self.engine, drafts["customers"])
            customers.check_customers(drafts["customers"], self.records)
        if "exchange_rates" in drafts:
            self._finish("exchange_rates", drafts.pop("exchange_rates"))
            self.rates = self.engine.collect(self.tables["exchange_rates"])
        self._one_currency(drafts)
        for name in sorted(drafts, key=lambda name: (*_after(name), name)):
            if name != "customers":
                customers.apply_records(drafts[name], self.records)
            self._finish(name, drafts[name])
        home = "refunds" if "refunds" in self.checked else "orders"
        if said := refunds.oddities(self.engine, self.tables):
            self.checked[home] = with_note(self.checked[home], *said)
        for name, note in referrals.circles(self.engine, self.tables).items():
            self.checked[name] = with_note(self.checked[name], note)
        return {name: self.checked[name] for name in plans}

    def _draft(self, plan: Plan) -> Draft:
        draft = draft_table(self.engine, plan, self.whole, self.settings, self.horizon)
        if plan.schema.name == "orders":
            if note := order_lines.recognise_lines(self.engine, draft, plan):
                draft.notes.append(note)
            orders.measure_orders(draft)
        return draft

    def _settle_ids(self, drafts: Mapping[str, Draft]) -> None:
        """Ids in the form in which they are compared; those of nobody left out."""
        ids.fold_ids(drafts.values(), self.settings.ids)
        found = nobody.find_nobody(self.engine, drafts, self.settings.nobody)
        for draft in drafts.values():
            if note := nobody.leave_out_nobody(self.engine, draft, found):
                draft.notes.append(note)
        for name, note in ids.near_ids(self.engine, drafts, self.settings.ids).items():
            drafts[name].notes.append(veiled(note))
        personal.hide_persons(self.engine, drafts, self.settings.privacy.columns)

    def _one_currency(self, drafts: Mapping[str, Draft]) -> None:
        """The reporting currency settled, and all money in it."""
        found = {
            name: money.currencies(self.engine, draft, self.settings.currency)
            for name, draft in drafts.items()
            if draft.plan.schema.money
        }
        currency = money.reporting_currency(found, self.settings.currency, self.rates is not None)
        if currency is not None:
            self.settings = self.settings.replace(currency=currency)
        for name, codes in found.items():
            money.in_whole_units(drafts[name], currency)
            money.convert(self.engine, drafts[name], codes, currency, self.rates)

    def _finish(self, name: str, draft: Draft) -> None:
        among = None
        if name == "orders":
            among = orders.purchases_only(draft)
        elif name == "refunds":
            refunds.own_refunds(self.engine, draft, self.tables.get("orders"), self.left_out)
        elif name == "ticket_events" and "tickets" in self.tables:
            tickets.leave_out_early(self.engine, draft, self.tables["tickets"])
        if not draft.plan.options.lines:
            drop_duplicates(self.engine, draft, among)
        checked = finish(self.engine, draft)
        if name == "orders":
            if checked.account.left_out and self._has_refunds(checked):
                self.left_out = orders.left_out_orders(self.engine, draft)
            checked = self._finish_orders(checked, bool(draft.plan.options.lines))
        elif name == "subscriptions":
            checked = contracts.overlaps(self.engine, contracts.with_ends(checked))
        elif name == "refunds":
            found = refunds.in_currency_of_order(checked.frame, self.tables.get("orders"))
            self.tables["refunds"] = refunds.all_refunds(
                self.engine, found, self.tables.get("refunds")
            )
        self.checked[name] = checked
        if name != "refunds":
            self.tables[name] = checked.frame

    def _finish_orders(self, checked: Checked, lines: bool) -> Checked:
        if lines and checked.account.kept:
            checked, self.tables["order_lines"] = orders.join_lines(self.engine, checked)
        checked, found = refunds.split_refunds(self.engine, checked, lines, self.left_out)
        if found is not None:
            self.tables["refunds"] = found
        return with_note(checked, partial(nobody.crowded, self.engine, checked))

    def _has_refunds(self, checked: Checked) -> bool:
        return "refunds" in self.sources.tables or bool(checked.counts["negative"])


def _after(name: str) -> tuple[bool, bool]:
    """Orders come first and tickets second: other tables are held against them."""
    return name != "orders", name != "tickets"


def _whole(plans: Mapping[str, Plan]) -> dict[str, bool]:
    """Which things have whole numbers for ids in every table that names them."""
    whole: dict[str, bool] = {}
    for plan in plans.values():
        for thing, readings in plan.named.items():
            whole[thing] = whole.get(thing, True) and all(reading.whole for reading in readings)
    return whole


def _failures(checked: Mapping[str, Checked], max_loss: float) -> list[str]:
    """What the quality gate says: a table of which too much was left out for faults."""
    found = []
    for name, table in checked.items():
        account = table.account
        out = sum(account.left_out.values())
        looked_at = account.read - (out - table.faults)
        reasons = ", ".join(
            f"{rows:,} {reason}"
            for reason, rows in sorted(account.left_out.items(), key=lambda item: -item[1])
        )
        # What is left out without fault says nothing against a table that is no basis of KPIs.
        usable = name not in ("orders", "subscriptions") and not table.faults
        if account.read and not account.kept and not usable:
            found.append(f"{name}: none of {account.read:,} rows can be used: {reasons}")
        elif looked_at and table.faults > max_loss * looked_at:
            found.append(
                f"{name}: {table.faults:,} of {looked_at:,} rows left out for faults, more than "
                f"max_loss = {max_loss:g}: {reasons}"
            )
    return found


def _as_of(checked: Mapping[str, Checked], horizon: Horizon, sources: Sources) -> int:
    """The day as of which the data are complete: as asked, or the one after the last event."""
    for name, table in sources.tables.items():
        read = checked[name].account.read
        if (
            not read
            and name in ("orders", "subscriptions")
            and (table.is_file or not horizon.chosen)
        ):
            raise InputError(f"{table.label} has a header and no rows; {name} needs at least one")
    if horizon.chosen:
        return horizon.day
    active = [checked["orders"].last_day] if "orders" in checked else []
    if "subscriptions" in checked:
        last = contracts.last_known_day(sources.engine, checked["subscriptions"], horizon.day)
        active.append(last)
    known = [day for day in active if day is not None]
    known = known or [table.last_day for table in checked.values() if table.last_day is not None]
    return max(known, default=horizon.day - 1) + 1
