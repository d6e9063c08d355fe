"""The active time of customers beside what they bought and paid in a period."""

import narwhals.stable.v2 as nw

from kpilib.engines.expressions import smaller

KEYS = ("period", "customer_id")
COLUMNS = (*KEYS, "active_days", "purchases", "amount")
"""What each of these frames has, one row per period and customer."""


def active_as_bought(
    bought: nw.LazyFrame, visits: nw.LazyFrame, windows: nw.LazyFrame, lapse_window: int
) -> nw.LazyFrame:
    """The active by purchases, where no period is longer than the lapse window.

    Then whoever buys in a period is there from the first of these purchases to its close, and
    before that as far as the purchase before it reaches; whoever does not, as far as the last one
    reaches. So no spell needs to be looked up. `bought` has one row per period and buyer, with the
    `day` of the first purchase in it and the `previous_day` before that.
    """
    day, opens, closes = (nw.col(name) for name in ("day", "opens", "closes"))
    before, reach = nw.col("previous_day"), nw.col("previous_day") + lapse_window
    rest = smaller(reach, day) - opens
    earlier = nw.when((before < opens) & (reach > opens)).then(rest).otherwise(nw.lit(0))
    buyers = bought.join(windows, on="period", how="inner").with_columns(
        active_days=closes - day + earlier
    )
    after = nw.col("next_day")
    silent = visits.join(windows, how="cross").filter(
        (day < opens) & (after.is_null() | (after >= closes)) & (day + lapse_window >= opens)
    )
    others = silent.with_columns(
        active_days=smaller(day + lapse_window, closes) - opens,
        purchases=nw.lit(0),
        amount=nw.lit(0.0),
    )
    return nw.concat([_typed(buyers), _typed(others)], how="vertical")


def with_time(bought: nw.LazyFrame, time: nw.LazyFrame) -> nw.LazyFrame:
    """The active, by whatever makes them so, and whoever else bought."""
    active = time.join(bought, on=list(KEYS), how="left").with_columns(
        nw.col("purchases").fill_null(0), nw.col("amount").cast(nw.Float64).fill_null(0.0)
    )
    others = bought.join(time, on=list(KEYS), how="anti").with_columns(active_days=nw.lit(0))
    return nw.concat([_typed(active), _typed(others)], how="vertical")


def with_money_back(found: nw.LazyFrame, refunds: nw.LazyFrame) -> nw.LazyFrame:
    """The same with refunds (`period, customer_id, amount`) that belong to no order.

    Whoever got one and was neither active nor a buyer has a row of their own.
    """
    amount = nw.col("amount").cast(nw.Float64)
    back = refunds.group_by(*KEYS).agg(amount.sum().alias("back"))
    net = nw.col("amount") + nw.col("back").fill_null(0.0)
    joined = found.join(back, on=list(KEYS), how="left").with_columns(amount=net)
    others = back.join(found, on=list(KEYS), how="anti").with_columns(
        active_days=nw.lit(0), purchases=nw.lit(0), amount=nw.col("back")
    )
    return nw.concat([_typed(joined), _typed(others)], how="vertical")


def _typed(frame: nw.LazyFrame) -> nw.LazyFrame:
    """The columns that all have, in one order and of one kind."""
    whole = (nw.col(name).cast(nw.Int64) for name in ("active_days", "purchases"))
    return frame.select(*KEYS, *whole, nw.col("amount").cast(nw.Float64))
