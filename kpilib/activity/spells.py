"""Purchases and contracts as spells: the unbroken stretches of days on which a customer is active.

A purchase on day d keeps a customer active on (d, d + w], w the lapse window; a contract keeps
its customer active from the day it starts to the day it ends. Days are day numbers, instants are
the midnights that open them. A spell covers the instant p where `start < p <= stop`.

Contracts are lives, however they were cut into rows. One rule of continuity holds for spells,
revenue, reasons and values: a contract that begins on the day on which the last one ended, or on
the day after, continues the life. So a renewal, an upgrade or a follow-on contract is no end and
no beginning, and one open contract, yearly terms and monthly rows give the same numbers.
"""

import narwhals.stable.v2 as nw

from kpilib.engines import Engine
from kpilib.engines.expressions import sum_where

OPEN_END = 10_000_000
"""The `stop` of a contract with no end: later than any day number in use."""


def purchase_spells(engine: Engine, visits: nw.LazyFrame, lapse_window: int) -> nw.LazyFrame:
    """The spells that purchases make, purchases no further apart than the lapse window being one.

    `visits` comes from `Engine.visits`. What comes back has one row per spell:
    `customer_id`, `first` (1 for the customer's first spell, else 0), `start` (day of its first
    purchase), `stop` (day of its last purchase plus the window), `first_day`, and of the spells
    beside it `stop_before` and `start_after` (null where there is none).
    """
    day, before, after = (nw.col(name) for name in ("day", "previous_day", "next_day"))
    opens = before.is_null() | (day - before > lapse_window)
    ends = after.is_null() | (after - day > lapse_window)
    # Of the purchases that open or end a spell, the one after an opening is that spell's end.
    edges = engine.with_following(
        visits.filter(opens | ends), {"following": "day", "later": "next_day"}
    ).with_columns(
        end=nw.when(ends).then(day).otherwise(nw.col("following")),
        start_after=nw.when(ends).then(after).otherwise(nw.col("later")),
    )
    return edges.filter(opens).select(
        "customer_id",
        "first_day",
        "start_after",
        first=nw.when(before.is_null()).then(nw.lit(1)).otherwise(nw.lit(0)),
        start=day,
        stop=nw.col("end") + lapse_window,
        stop_before=before + lapse_window,
    )


def contract_spells(contracts: nw.LazyFrame) -> nw.LazyFrame:
    """The spells that contracts make, those that overlap or follow within a day being one.

    `contracts` has `customer_id`, `start` and `stop` (day numbers; `stop` null where the contract
    runs on). The columns that come back are those of `purchase_spells`, but for the spells beside.
    """
    by_start = {"order_by": ["start", "stop"]}
    contracts = contracts.with_columns(stop=nw.col("stop").fill_null(OPEN_END)).with_columns(
        reach=nw.col("stop").cum_max().over("customer_id", **by_start)
    )
    contracts = contracts.with_columns(
        reached=nw.col("reach").shift(1).over("customer_id", **by_start),
        first_day=nw.col("start").min().over("customer_id"),
        final=nw.col("stop").max().over("customer_id"),
    )
    fresh = nw.col("reached").is_null()
    opens = contracts.filter(fresh | (nw.col("start") > nw.col("reached") + 1))
    stop = nw.col("reached").shift(-1).over("customer_id", **by_start)
    return opens.with_columns(until=stop).select(
        "customer_id",
        "first_day",
        "start",
        first=nw.when(fresh).then(nw.lit(1)).otherwise(nw.lit(0)),
        stop=nw.when(nw.col("until").is_null()).then(nw.col("final")).otherwise(nw.col("until")),
    )


def contract_rows(table: nw.LazyFrame) -> nw.LazyFrame:
    """The rows of `subscriptions` as `customer_id, start, stop` and what there is of their money.

    `stop` is null where a contract runs on. `mrr` is in the reporting currency at the rate of the
    start; `own_mrr` and `currency`, where there are several currencies, are as they were written.
    """
    names = table.collect_schema().names()
    stop = nw.col("ended_day") if "ended_day" in names else nw.lit(None)
    money = [name for name in ("mrr", "own_mrr", "currency") if name in names]
    return table.select(
        "customer_id", *money, start=nw.col("started_day"), stop=stop.cast(nw.Int64)
    )


def unseen_renewals(engine: Engine, rows: nw.LazyFrame, as_of: int) -> nw.LazyFrame:
    """The rows, those that ended as the records do taken to run on where contracts are renewed.

    A contract that ends on the last day of the records may be continued on the day after, which
    they do not hold. Where most contracts that end are continued so, these are taken to be as well;
    else their end stands as it is written.
    """
    stop, last = nw.col("stop"), as_of - 1
    ended = sum_where(nw.lit(1), stop < last)
    table = engine.collect(rows.select(ended=ended))
    lives = engine.collect(contract_spells(rows).select(ended=ended))
    if not table["ended"].iloc[0] > 2 * lives["ended"].iloc[0]:
        return rows
    return rows.with_columns(stop=nw.when((stop < last) | (stop > as_of)).then(stop))
