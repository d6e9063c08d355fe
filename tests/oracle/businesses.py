"""Random businesses with what trips programs up: edges of days and periods, zones, odd refunds."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pandas as pd
import polars as pl

import kpilib
from kpilib.periods import Period

ZONES = (
    "UTC", "Europe/London", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe",
    "America/Sao_Paulo", "Pacific/Apia",
)  # fmt: skip
IDS = (
    (1, 2, 3, 4, 5, 6),
    ("An", "Bình", "陈", "d d", "É", "f"),
    ("007", "07", "7", "1e3", "A-1", "a-1"),
    (10**12 + 1, 10**12 + 2, 5, 6, 7, 8),
)
SECONDS = (0, 1, 3_599, 7_200, 43_200, 86_399)
"""Seconds of a local day: its edges, the hour in which clocks change, noon."""

DAYS = 200


@dataclass(frozen=True)
class Order:
    """One order as it was placed: its instant in UTC, or a clock time where no zone was written."""

    number: int
    customer: object
    at: datetime
    amount: float
    channel: str | None


@dataclass(frozen=True)
class Refund:
    """Money given back, of an order's number, of an order that never was, or of none."""

    order: int | None
    customer: object
    at: datetime
    amount: float


@dataclass(frozen=True)
class Contract:
    """One row of contracts: days, the last ones None where it runs on or has no term."""

    customer: object
    start: date
    end: date | None
    term: date | None
    mrr: float | None
    plan: str | None


@dataclass(frozen=True)
class Business:
    """All of it, and how it is given to the library."""

    zone: str
    aware: bool
    as_of: date
    window: int
    loyalty: tuple[int, int]
    settle: int
    grace: int
    orders: tuple[Order, ...] = ()
    refunds: tuple[Refund, ...] = ()
    contracts: tuple[Contract, ...] = ()
    costs: tuple[tuple[object, date, float], ...] = ()
    form: str = "pandas"
    activity: str | None = None
    renews: bool | None = None
    """Whether contracts that end as the records do are taken to run on; None: as its rows say."""
    periods: tuple[Period, ...] = field(default=())

    def of(self, people, renews: bool) -> "Business":
        """The same with the records of some of its customers alone; all it was taken for stays."""
        owners = {one.number: one.customer for one in self.orders}
        return replace(
            self,
            orders=tuple(one for one in self.orders if one.customer in people),
            refunds=tuple(
                one for one in self.refunds if owners.get(one.order, one.customer) in people
            ),
            contracts=tuple(one for one in self.contracts if one.customer in people),
            costs=tuple(one for one in self.costs if one[0] in people),
            renews=renews,
        )

    def day(self, at: datetime) -> date:
        """The business's own day of an instant."""
        return at.astimezone(ZoneInfo(self.zone)).date() if self.aware else at.date()


def midnights(start: date, days: int, zone: str, aware: bool, second: int) -> datetime:
    """A second of a local day; where the clock jumps over it, the instant that Python finds."""
    local = datetime(start.year, start.month, start.day) + timedelta(days=days, seconds=second)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if aware else local


@st.composite
def periods(draw, start: date, end: date):
    """Two like periods that follow each other and touch the data, most often well within them."""
    kind = draw(st.sampled_from(["month", "quarter", "week", "year", "days"]))
    days = max((end - start).days - 1, 0)
    on = start + timedelta(days=draw(st.one_of(st.integers(0, days), st.just(days // 2))))
    if kind == "month":
        first = Period.parse(f"{on:%Y-%m}")
    elif kind == "quarter":
        first = Period.parse(f"{on.year}-Q{(on.month + 2) // 3}")
    elif kind == "year":
        first = Period.parse(f"{on.year}")
    elif kind == "week":
        first = Period.parse(f"{on:%G}-W{on:%V}")
    else:
        first = Period(on, on + timedelta(days=draw(st.integers(1, 75))))
    return first, first.shift(1)


@st.composite
def shops(draw, contracts: bool = False):
    """A shop; with `contracts`, its customers may have contracts, or it has nothing else."""
    zone, aware = draw(st.sampled_from(ZONES)), draw(st.booleans())
    start = draw(st.sampled_from([date(2024, 1, 31), date(2024, 2, 20), date(2023, 10, 1)]))
    people = draw(st.sampled_from(IDS))[: draw(st.integers(1, 6))]
    who = st.sampled_from(people)
    orders = draw(_orders(start, zone, aware, who)) if not contracts or draw(st.booleans()) else ()
    back = draw(_refunds(orders, start, zone, aware, who)) if orders else ()
    rows = draw(_contracts(start, who)) if contracts else ()
    shop = Business(zone, aware, start, 1, (1, 1), 0, 0)
    known = [shop.day(one.at) for one in (*orders, *back)]
    known += [day for one in rows for day in (one.start, one.end) if day]
    as_of = max(known) + timedelta(days=1 + draw(st.sampled_from([0, 0, 1, 5, 40])))
    costs = draw(st.lists(
        st.tuples(who, st.integers(0, (as_of - start).days - 1), st.sampled_from([1.0, 2.5])),
        max_size=4,
    )) if orders else []  # fmt: skip
    return Business(
        zone=zone,
        aware=aware,
        as_of=as_of,
        window=draw(st.sampled_from([1, 2, 7, 29, 30, 31, 60, 90])),
        loyalty=(draw(st.integers(1, 4)), draw(st.sampled_from([1, 7, 30, 90, 365]))),
        settle=draw(st.sampled_from([0, 0, 3])),
        grace=draw(st.sampled_from([0, 1, 15, 30])),
        orders=tuple(orders),
        refunds=tuple(back),
        contracts=tuple(rows),
        costs=tuple((one, start + timedelta(days=day), cost) for one, day, cost in costs),
        form=draw(st.sampled_from(["pandas", "pandas", "polars", "csv", "parquet"])),
        activity=draw(st.sampled_from([None, "purchases"])) if orders and rows else None,
        periods=draw(periods(min(known), as_of)),
    )


@st.composite
def _orders(draw, start, zone, aware, who):
    day, second = st.integers(0, DAYS), st.sampled_from(SECONDS)
    amount = st.sampled_from([0.0, 1.0, 5.0, 12.5, 99.75])
    channel = st.sampled_from(["web", "shop", None])
    many = draw(st.sampled_from([1, 3, 8, 20, 40]))
    one = st.tuples(who, day, second, amount, channel)
    found = draw(st.lists(one, min_size=many, max_size=many))
    again = draw(st.lists(st.sampled_from(found), max_size=5))
    return [
        Order(number, one, midnights(start, day, zone, aware, second), amount, channel)
        for number, (one, day, second, amount, channel) in enumerate([*found, *again], start=1)
    ]


@st.composite
def _refunds(draw, orders, start, zone, aware, who):
    parts = st.sampled_from([0.25, 0.5, 1.0, 1.5])
    named = st.tuples(st.sampled_from(orders), parts, st.integers(-3, 60), st.sampled_from(SECONDS))
    found = [
        Refund(order.number, order.customer, order.at + timedelta(days=later),
               order.amount * part or 3.0)
        for order, part, later, _second in draw(st.lists(named, max_size=5))
    ]  # fmt: skip
    loose = st.tuples(st.sampled_from([None, 900]), who, st.integers(0, DAYS),
                      st.sampled_from(SECONDS), st.sampled_from([2.0, 40.0]))  # fmt: skip
    return found + [
        Refund(number, one, midnights(start, day, zone, aware, second), amount)
        for number, one, day, second, amount in draw(st.lists(loose, max_size=3))
    ]


@st.composite
def _contracts(draw, start, who):
    """Lives of one to four rows that overlap, touch, follow a day later, or leave a gap."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        one, at = draw(who), draw(st.integers(0, DAYS))
        for _ in range(draw(st.integers(1, 4))):
            length = draw(st.sampled_from([0, 1, 7, 28, 30, 31, 60]))
            runs_on = draw(st.booleans()) and draw(st.booleans())
            term = draw(st.sampled_from([None, 0, -5, 10]))
            begins, ends = (start + timedelta(days=day) for day in (at, at + length))
            mrr = draw(st.sampled_from([10.0, 20.0, 5.5, 0.0, None]))
            plan = draw(st.sampled_from(["small", "large", None]))
            due = None if term is None else max(ends + timedelta(days=term), begins)
            rows.append(Contract(one, begins, None if runs_on else ends, due, mrr, plan))
            at += length + draw(st.sampled_from([0, 0, 1, 1, 2, -3, 14]))
            at = max(at, 0)
    return rows


def opened(shop: Business, folder):
    """The library's base of a business, through frames, CSV or Parquet."""
    tables = {}
    if shop.orders:
        tables["orders"] = pd.DataFrame(
            {
                "order_id": [one.number for one in shop.orders],
                "customer_id": [one.customer for one in shop.orders],
                "ordered_at": _times(shop, [one.at for one in shop.orders]),
                "amount": [one.amount for one in shop.orders],
                "channel": pd.Series([one.channel for one in shop.orders], dtype="str"),
            }
        )
    if shop.refunds:
        tables["refunds"] = pd.DataFrame(
            {
                "order_id": pd.array([one.order for one in shop.refunds], dtype="Int64"),
                "customer_id": [one.customer for one in shop.refunds],
                "refunded_at": _times(shop, [one.at for one in shop.refunds]),
                "amount": [one.amount for one in shop.refunds],
            }
        )
    if shop.contracts:
        tables["subscriptions"] = pd.DataFrame(
            {
                "customer_id": [one.customer for one in shop.contracts],
                "started_at": pd.to_datetime([one.start for one in shop.contracts]),
                "ended_at": pd.to_datetime([one.end for one in shop.contracts]),
                "term_end_at": pd.to_datetime([one.term for one in shop.contracts]),
                "mrr": pd.array([one.mrr for one in shop.contracts], dtype="Float64"),
                "plan": pd.Series([one.plan for one in shop.contracts], dtype="str"),
            }
        )
    if shop.costs:
        columns = ["customer_id", "date", "amount"]
        tables["customer_costs"] = pd.DataFrame(shop.costs, columns=columns)
    given = {name: _given(shop.form, name, table, folder) for name, table in tables.items()}
    return kpilib.open(
        **given,
        time_zone=shop.zone,
        as_of=shop.as_of,
        lapse_window=shop.window,
        settle_days=shop.settle,
        activity=shop.activity,
        loyalty={"purchases": shop.loyalty[0], "days": shop.loyalty[1]},
        renewal={"grace_days": shop.grace},
        max_loss=1.0,
    )


def _times(shop: Business, times: list[datetime]) -> pd.Series:
    return pd.Series(pd.to_datetime(times, utc=True) if shop.aware else pd.to_datetime(times))


def _given(form: str, name: str, table: pd.DataFrame, folder):
    if form == "pandas":
        return table
    if form == "polars":
        return pl.from_pandas(table)
    path = folder / f"{name}.{form}"
    if form == "csv":
        table.to_csv(path, index=False, date_format="%Y-%m-%dT%H:%M:%S%z")
    else:
        table.to_parquet(path, index=False)
    return str(path)
