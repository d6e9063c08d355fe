"""Customers who have neither bought nor been in touch for a lapse window."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period


def silent(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """All customers so far, under contracts the closing ones, with whether they are `dormant`.

    `period, customer_id, dormant, amount` (net revenue so far). Dormant: no purchase and no
    interaction on the lapse window's days up to the close, `closes - w <= day < closes`.
    """
    keys = ["period", "customer_id"]
    if base.activity_rule == "subscriptions":
        rows = base.ledger(periods).filter(nw.col("closing")).select(*keys)
    else:
        rows = base.lifetimes(periods).select(*keys)
    days = [base.visits.select("customer_id", nw.col("day").cast(nw.Int64))]
    contacts = base.table("interactions")
    days.append(contacts.select("customer_id", day=nw.col("event_day").cast(nw.Int64)))
    seen = nw.concat(days, how="vertical")
    recent = base.lately(seen, periods, base.lapse_window.days)
    heard = recent.with_columns(heard=nw.lit(1))
    spent = base.spent_so_far(periods).select(*keys, "amount")
    joined = rows.join(heard, on=keys, how="left").join(spent, on=keys, how="left")
    return joined.select(
        *keys, dormant=nw.col("heard").is_null(), amount=nw.col("amount").fill_null(0.0)
    )
