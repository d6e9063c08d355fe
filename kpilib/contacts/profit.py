"""What each customer left in a period: revenue at the margin, less what they cost."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.periods import Period


def profits(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Everybody who was active, bought, got money back or cost something in a period.

    `period, customer_id, revenue` (net), `cost`, `profit` = revenue × margin − cost. They add up to
    the business's.
    """
    keys = ["period", "customer_id"]
    none = nw.lit(0.0)
    paid = base.activity(periods).select(
        *keys, revenue=nw.col("amount").cast(nw.Float64), cost=none
    )
    costs = base.events("customer_costs", periods).select(
        *keys, revenue=none, cost=nw.col("amount").cast(nw.Float64)
    )
    both = nw.concat([paid, costs], how="vertical").group_by(*keys)
    sums = both.agg(nw.col("revenue").sum(), nw.col("cost").sum())
    margin = base.settings.value.margin
    return sums.with_columns(profit=nw.col("revenue") * margin - nw.col("cost"))
