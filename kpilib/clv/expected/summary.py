"""The purchase summary: what the lifetime models need to know of each customer, in exact days.

Computed in the engine from the purchases, so that a customer never comes to Python for a fit: the
models take `Counts`, the distinct histories with how many customers share each. For one set of
purchases the numbers are those of `lifetimes.utils.summary_data_from_transaction_data` with
`freq="D"`, with three differences, each of them counted in `summary_account`:

- a refund is no purchase: it is taken off the order it names, and off all the customer's purchases
  in proportion where it names none (there a negative row counts as one more purchase day);
- the observation ends before a day, `until`, as everything here does (there on a day: the day
  before ours);
- a customer whose first purchase is on the last day has T = 0 and says nothing about a rate: kept
  in the summary, left out of fits.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.spend import Spend
from kpilib.engines.expressions import count_where, distinct, sum_where
from kpilib.errors import InputError
from kpilib.periods import Period, day_date, day_number
from kpilib.show.reason import answering
from kpilib.words import MISSING, Text, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

Until = str | date | Period | int | None
"""The first day outside the observation: a date, its ISO text, a period (its end), a day number."""


@answering
def purchase_summary(
    base: "Business", until: Until = None, by: str | None = None, *, include_first: bool = False
) -> pd.DataFrame:
    """One row per customer with a purchase before `until`, in the order of the ids.

    `customer_id`, `frequency` (repeat purchase days), `recency` (days from the first to the last
    purchase), `T` (days from the first purchase to the last day observed), `monetary_value` (mean
    net amount of the repeat purchase days, 0 without one), and the customer's `by` where asked
    for. With `include_first` the first purchase counts in frequency and monetary_value too; the
    models do not want it.

    Raises InputError where `until` is beyond the data, or no purchase lies before it.

    >>> from kpilib.demo import tiny_shop
    >>> print(purchase_summary(tiny_shop()).to_string(index=False))
    customer_id  frequency  recency   T  monetary_value
             An          3       87 115       26.666667
           Binh          0        0 108        0.000000
           Chen          1       36 100       15.000000
           Dana          1       40  81       60.000000
            Eve          1       85 105       30.000000
           Finn          0        0  56        0.000000
    """
    frame = summary_frame(base, until, include_first=include_first)
    if by is not None:
        frame = _with_attribute(base, frame, by)
    table = base.engine.collect(frame.sort("customer_id"))
    if not len(table):
        raise InputError(_nobody(base, until))
    return table


def summary_frame(
    base: "Business",
    until: Until = None,
    *,
    include_first: bool = False,
    acquired: Period | None = None,
) -> nw.LazyFrame:
    """The purchase summary as a lazy frame of the base's engine; see `purchase_summary`.

    `acquired` keeps the customers whose first purchase falls in a period.
    """
    closes = as_until(base, until)
    keys = ["customer_id"]
    bought = _purchases(base).filter(nw.col("day") < closes)
    refunds = base._bought.refunds
    refunds = None if refunds is None else refunds.filter(nw.col("day") < closes)
    parts = _net(summed(bought, keys), refunds, keys).with_columns(closes=nw.lit(closes))
    if acquired is not None:
        first = nw.col("first")
        parts = parts.filter((first >= acquired.start_day) & (first < acquired.end_day))
    return finished(parts, keys, include_first)


def _purchases(base: "Business") -> nw.LazyFrame:
    """`customer_id, day, amount`: the base's purchases, or what they are made of.

    Where nothing has asked for the purchases yet and DuckDB can do without their neighbours, orders
    merged by day will do, in a third of the time.
    """
    straight = base.engine.name == "duckdb" and "refunds" not in base.tables
    if base._bought.ready or not straight:
        return base.purchases
    orders = base.tables["orders"]
    day = nw.col("ordered_day").cast(nw.Int32)
    plain = orders.select("customer_id", "amount", day=day)
    return plain.group_by("customer_id", "day").agg(nw.col("amount").sum())


def histories(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The purchase summary at the close of each period: the same columns, and `period`."""
    keys = ["period", "customer_id"]
    closes = base.windows(periods).select("period", "closes")
    before = nw.col("day") < nw.col("closes")
    bought = base.purchases.join(closes, how="cross").filter(before)
    refunds = base._bought.refunds
    refunds = None if refunds is None else refunds.join(closes, how="cross").filter(before)
    parts = _net(summed(bought, keys), refunds, keys)
    return finished(parts.join(closes, on="period", how="inner"), keys)


def summed(bought: nw.LazyFrame, keys: list[str]) -> nw.LazyFrame:
    """Purchases added up per `keys`: bought, first, last, total, repeat_total.

    DuckDB takes the amount of the first day with `arg_min`; other engines, by its having none
    before it.
    """
    if bought.implementation.is_duckdb():
        return _summed_in_duckdb(bought, keys)
    repeat = ~nw.col("previous_day").is_null()
    return bought.group_by(*keys).agg(
        nw.len().alias("bought"),
        nw.col("day").min().alias("first"),
        nw.col("day").max().alias("last"),
        nw.col("amount").sum().alias("total"),
        sum_where(nw.col("amount"), repeat).alias("repeat_total"),
    )


def _summed_in_duckdb(bought: nw.LazyFrame, keys: list[str]) -> nw.LazyFrame:
    named = ", ".join(keys)
    relation = bought.to_native().aggregate(
        f"{named}, count(*) AS bought, min(day) AS first, max(day) AS last, sum(amount) AS total, "
        "sum(amount) - arg_min(amount, day) AS repeat_total",
        named,
    )
    return nw.from_native(relation)


def finished(parts: nw.LazyFrame, keys: list[str], include_first: bool = False) -> nw.LazyFrame:
    """The four numbers of a history from what `summed` gives and the day `closes`."""
    whole, first = nw.Int64, nw.col("first")
    counted = nw.col("bought") if include_first else nw.col("bought") - 1
    total = nw.col("total") if include_first else nw.col("repeat_total")
    mean = nw.when(counted > 0).then(total / counted).otherwise(nw.lit(0.0))
    return parts.select(
        *keys,
        frequency=counted.cast(whole),
        recency=(nw.col("last") - first).cast(whole),
        T=(nw.col("closes") - 1 - first).cast(whole),
        monetary_value=mean.cast(nw.Float64),
    )


def purchase_counts(
    base: "Business", until: Until = None, *, acquired: Period | None = None
) -> Counts:
    """The distinct histories with how many customers share each, counted in the engine.

    Counts add up with `+`: those of partitions of the customers, or of cohorts (`acquired`, the
    period of the first purchase), make those of the whole.

    >>> from kpilib.demo import tiny_shop
    >>> counts = purchase_counts(tiny_shop())
    >>> counts.customers, counts.repeat_buyers, counts.purchases
    (6.0, 4.0, 6.0)
    """
    frame = summary_frame(base, until, acquired=acquired)
    keys = ("frequency", "recency", "T")
    table = base.engine.collect(frame.group_by(*keys).agg(nw.len().alias("customers")))
    if not len(table):
        if acquired is None:
            raise InputError(_nobody(base, until))
        none = np.zeros(0)
        return Counts(none, none, none, none)
    return Counts.from_arrays(*(table[name].to_numpy() for name in (*keys, "customers")))


def purchase_spend(
    base: "Business", until: Until = None, *, acquired: Period | None = None
) -> Spend:
    """The mean spends of the repeat buyers, for `GammaGamma.fit_counts`.

    Customers with the same frequency and mean are counted together in the engine.
    """
    frame = summary_frame(base, until, acquired=acquired)
    keys = ("frequency", "monetary_value")
    table = base.engine.collect(frame.group_by(*keys).agg(nw.len().alias("customers")))
    return Spend.from_arrays(*(table[name].to_numpy() for name in (*keys, "customers")))


def summary_account(base: "Business", until: Until = None) -> pd.Series:
    """What making the summary touched: how many customers, purchases, merged orders, refunds.

    `customers`, `purchases` (purchase days), `merged_orders` (orders that fell on a day with
    another of the same customer), `refunded_orders` (refunded in full: no purchase),
    `spread_refunds` (customers with refunds that name no order), `zero_age` (customers with T = 0),
    `not_positive` (repeat buyers whose mean spend is 0 or less, whom no spend model describes).

    >>> from kpilib.demo import tiny_shop
    >>> summary_account(tiny_shop()).loc[["customers", "purchases", "merged_orders"]].tolist()
    [6, 12, 0]
    """
    closes = as_until(base, until)
    bought = base.purchases.filter(nw.col("day") < closes)
    rows = bought.select(
        nw.len().alias("purchases"), (nw.col("orders") - 1).sum().alias("merged_orders")
    )
    repeat = nw.col("frequency") > 0
    people = summary_frame(base, closes).select(
        nw.len().alias("customers"),
        count_where(nw.col("T") == 0).alias("zero_age"),
        count_where(repeat & (nw.col("monetary_value") <= 0)).alias("not_positive"),
    )
    counted = base.engine.collect(rows).iloc[0].to_dict()
    counted |= base.engine.collect(people).iloc[0].to_dict()
    counted["refunded_orders"] = base._bought.refunded_orders
    counted["spread_refunds"] = 0
    if base._bought.refunds is not None:
        back = distinct(base._bought.refunds.filter(nw.col("day") < closes).select("customer_id"))
        counted["spread_refunds"] = len(base.engine.collect(back))
    order = ["customers", "purchases", "merged_orders", "refunded_orders", "spread_refunds",
             "zero_age", "not_positive"]  # fmt: skip
    return pd.Series({name: int(counted[name] or 0) for name in order}, name="count")


def as_until(base: "Business", until: Until) -> int:
    """`until` as a day number; the end of the data where not given.

    Raises InputError where the data do not reach so far, or begin later.
    """
    if until is None:
        return base.as_of
    try:
        closes = _day(until)
    except ValueError:
        raise InputError(f"until = {until!r} is not a date; write it like 2026-11-01") from None
    if closes > base.as_of:
        end = day_date(base.as_of)
        raise InputError(_BEYOND.format(day=day_date(closes), end=end))
    if closes <= base.first_day:
        raise InputError(_nobody(base, closes))
    return closes


def _day(until: str | date | Period | int) -> int:
    if isinstance(until, Period):
        return until.end_day
    if isinstance(until, int | np.integer) and not isinstance(until, bool):
        return int(until)
    if isinstance(until, datetime):
        return day_number(until.date())
    return day_number(until if isinstance(until, date) else date.fromisoformat(str(until)))


_NOBODY = _("there is no purchase before {end}; the data begin on {start}")
_BEYOND = _("until {day} is beyond the data, complete before {end}")


def _nobody(base: "Business", until: Until) -> Text:
    end = day_date(base.as_of if until is None else _day(until))
    return _NOBODY.format(end=end, start=day_date(base.first_day))


def _net(parts: nw.LazyFrame, refunds: nw.LazyFrame | None, keys: list[str]) -> nw.LazyFrame:
    """Refunds that name no order, taken off all the customer's purchases in proportion."""
    if refunds is None:
        return parts
    back = refunds.group_by(*keys).agg(nw.col("amount").sum().alias("back"))
    joined = parts.join(back, on=keys, how="left")
    total = nw.when(nw.col("total") > 0).then(nw.col("total")).otherwise(nw.lit(1.0))
    left = 1.0 + nw.col("back").fill_null(0.0) / total
    left = nw.when(left > 0).then(left).otherwise(nw.lit(0.0))
    return joined.with_columns(
        total=nw.col("total") * left, repeat_total=nw.col("repeat_total") * left
    )


def _with_attribute(base: "Business", frame: nw.LazyFrame, by: str) -> nw.LazyFrame:
    attribute = base.attribute(by).with_columns(nw.col(by).cast(nw.String))
    joined = frame.join(attribute, on="customer_id", how="left")
    return joined.with_columns(nw.col(by).fill_null(MISSING))
