"""Customers who have neither bought nor been in touch for a lapse window."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period


def silent(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """All customers so far, under contracts the closing ones, with whether they are `dormant`.

    `period, customer_id, dormant, amount` (net revenue so far). Dormant: no purchase and no
    interaction on the lapse window's days up to the close, `closes - w <= day < closes`.
    """
    return base._keep(("silent", periods), lambda: _silent(base, periods))


def _silent(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    keys = ["period", "customer_id"]
    if base.activity_rule == "subscriptions":
        paying = base.ledger(periods).filter(nw.col("closing")).select(*keys)
        rows = paying.join(base.spent_so_far(periods), on=keys, how="left")
    else:  # who has bought is a customer
        rows = base.spent_so_far(periods)
    days = [base.visits.select("customer_id", nw.col("day").cast(nw.Int64))]
    contacts = base.table("interactions")
    days.append(contacts.select("customer_id", day=nw.col("event_day").cast(nw.Int64)))
    seen = nw.concat(days, how="vertical")
    recent = base.lately(seen, periods, base.lapse_window.days)
    heard = recent.with_columns(heard=nw.lit(1))
    joined = rows.select(*keys, "amount").join(heard, on=keys, how="left")
    return joined.select(
        *keys, dormant=nw.col("heard").is_null(), amount=nw.col("amount").fill_null(0.0)
    )
