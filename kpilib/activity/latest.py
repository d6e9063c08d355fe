"""What is known of each customer at an instant: the last purchase before it.

Each purchase carries what its customer had done by then, so that an instant is asked by picking one
row a customer, and no history is added up again for each of the periods.
"""

import narwhals.stable.v2 as nw

from kpilib.activity.spells import OPEN_END


def spent_by_then(purchases: nw.LazyFrame) -> nw.LazyFrame:
    """Purchases with what the customer had spent when each was made, itself included: `amount`."""
    spent = nw.col("amount").cum_sum().over("customer_id", order_by="day")
    return purchases.select("customer_id", "day", until=_until(), amount=spent)


def visits_by_then(visits: nw.LazyFrame, back: int) -> nw.LazyFrame:
    """Purchases with how many the customer had made when each was: `bought`.

    `since` is the day of the one from which on they were `back`: null where they were not so many.
    """
    day = nw.col("day")
    return visits.select(
        "customer_id",
        "first_day",
        "day",
        until=_until(),
        bought=day.cum_count().over("customer_id", order_by="day").cast(nw.Int64),
        since=day.shift(back - 1).over("customer_id", order_by="day"),
    )


def latest(history: nw.LazyFrame, windows: nw.LazyFrame, instant: str = "closes") -> nw.LazyFrame:
    """The last purchase of each customer before an instant of each period, with the `windows`."""
    at = nw.col(instant)
    before = (nw.col("day") < at) & (nw.col("until") >= at)
    return history.join(windows, how="cross").filter(before)


def opening_standing(
    visits: nw.LazyFrame, windows: nw.LazyFrame, lapse_window: int, loyalty_days: int
) -> nw.LazyFrame:
    """The ledger's opening customers of purchases, with `bought` and `loyal` at the opening.

    No period may be longer than the lapse window: then whoever buys in one is there at its close.
    """
    day, opens, closes = (nw.col(name) for name in ("day", "opens", "closes"))
    there = latest(visits, windows, "opens").filter(day + lapse_window >= opens)
    closing = (day + lapse_window >= closes) | (nw.col("until") < closes)
    return there.with_columns(closing=closing).select(
        "period",
        "customer_id",
        "first_day",
        *_flags(opening=True, new=False),
        "closing",
        *_flags(reactivated=False),
        "bought",
        retained=nw.col("closing"),
        lost=~nw.col("closing"),
        loyal=(nw.col("since") >= opens - loyalty_days).fill_null(False),
    )


def standing_of_others(ledger: nw.LazyFrame) -> nw.LazyFrame:
    """The rest of the ledger, under the same condition: nobody of it is lost or loyal."""
    return ledger.filter(~nw.col("opening")).select(
        "period",
        "customer_id",
        "first_day",
        *_flags(opening=False),
        "new",
        *_flags(closing=True),
        "reactivated",
        nw.lit(None).cast(nw.Int64).alias("bought"),
        *_flags(retained=False, lost=False, loyal=False),
    )


def _flags(**said: bool) -> list[nw.Expr]:
    return [nw.lit(flag).alias(name) for name, flag in said.items()]


def _until() -> nw.Expr:
    """The day of the next purchase, later than any day in use where there is none."""
    return nw.col("next_day").fill_null(OPEN_END)
