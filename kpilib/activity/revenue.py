"""Net and gross revenue retention of subscriptions: what the opening contracts are worth later."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.recurring import customer_revenue
from kpilib.engines.expressions import count_where, smaller, sum_where
from kpilib.periods import Periods
from kpilib.statistics.intervals import ratio_delta, weighted_share
from kpilib.statistics.statistic import log_limits

if TYPE_CHECKING:
    from kpilib.activity.business import Business

MOVEMENTS = ("opening", "new", "reactivated", "expansion", "contraction", "churned", "closing")


def revenue_retention(
    base: "Business", periods: Periods | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Monthly recurring revenue from opening to closing, a row per period.

    Columns: `period`, `state` (`complete`, or `running` where the period is not over and the close
    is the last moment known), `customers` (with contracts at the opening), `opening`, `new`,
    `reactivated`, `expansion`, `contraction`, `churned`, `closing` in money per month;
    `net_retention` = (opening + expansion − contraction − churned) / opening and `gross_retention`
    = (opening − contraction − churned) / opening, each with `…_low` and `…_high`: linearised by
    customer, on the log scale for net, as a weighted share for gross (`statistics.intervals`); NaN
    where one customer, or nothing that varies, says nothing of them. opening + new + reactivated +
    expansion − contraction − churned = closing, always.

    What a customer pays at an instant, however their contracts were cut into rows, in which
    currency and without mrr, is said in `activity.recurring.customer_revenue`. Revenue of customers
    who paid nothing at the opening is new, or reactivated where they had paid before: who had a
    free contract until then is new. Neither is part of retention. Default: the last twelve months
    covered. Raises InputError without subscriptions.

    >>> import pandas as pd
    >>> import kpilib
    >>> contracts = pd.DataFrame({
    ...     "customer_id": ["An", "An", "Binh", "Chen"],
    ...     "started_at": ["2026-01-01", "2026-02-10", "2026-01-01", "2026-01-01"],
    ...     "ended_at": ["2026-02-10", None, "2026-02-20", None],
    ...     "mrr": [10.0, 15.0, 10.0, 20.0],
    ... })
    >>> orders = pd.DataFrame(
    ...     {"customer_id": ["An"], "ordered_at": ["2026-01-01"], "amount": [1.0]})
    >>> base = kpilib.open(orders=orders, subscriptions=contracts, as_of="2026-03-01")
    >>> table = revenue_retention(base, "2026-02")
    >>> table[["opening", "expansion", "churned", "net_retention", "gross_retention"]]
       opening  expansion  churned  net_retention  gross_retention
    0     40.0        5.0     10.0          0.875             0.75
    """
    asked = base.period().trailing(12) if periods is None else base.asked(periods)
    table = base.engine.collect(_sums(base, asked))
    table = (
        table.set_index("period")
        .reindex(range(len(asked)), fill_value=0)
        .astype(float)
        .rename_axis(None)
    )
    found = pd.DataFrame(
        {
            "period": [period.label for period in asked],
            "state": [
                "complete" if period.end_day <= base.as_of else "running" for period in asked
            ],
            "customers": table["customers"].astype("int64"),
        }
    ).join(table[list(MOVEMENTS)])
    opening = table["opening"].where(table["opening"] > 0)
    for name, limits in (("net", ratio_delta), ("gross", weighted_share)):
        kept, squares, products = (
            table[f"{name}{what}"].to_numpy() for what in ("", "_squares", "_products")
        )
        whole, whole_squares, customers = (
            table[column].to_numpy() for column in ("opening", "opening_squares", "customers")
        )
        found[f"{name}_retention"] = table[name] / opening
        low, high = limits(kept, whole, squares, products, whole_squares, customers, level)
        if name == "net":
            low, high = log_limits(found["net_retention"], low, high)
        found[f"{name}_low"], found[f"{name}_high"] = low, high
    return found


def _sums(base: "Business", periods: Periods) -> nw.LazyFrame:
    opening, closing = nw.col("opening"), nw.col("closing")
    there = opening != 0
    net = nw.when(there).then(closing).otherwise(nw.lit(0.0))
    rows = customer_revenue(base, periods).with_columns(
        net=net, gross=smaller(net, opening), change=closing - opening
    )
    net, gross, change = nw.col("net"), nw.col("gross"), nw.col("change")
    stays = there & (closing != 0)
    return rows.group_by("period").agg(
        customers=count_where(there),
        opening=opening.sum(),
        closing=closing.sum(),
        new=sum_where(closing, ~there & (nw.col("paid") == 0)),
        reactivated=sum_where(closing, ~there & (nw.col("paid") == 1)),
        expansion=sum_where(change, stays & (change > 0)),
        contraction=sum_where(-change, stays & (change < 0)),
        churned=sum_where(opening, there & (closing == 0)),
        net=net.sum(),
        gross=gross.sum(),
        net_squares=(net * net).sum(),
        net_products=(net * opening).sum(),
        gross_squares=(gross * gross).sum(),
        gross_products=(gross * opening).sum(),
        opening_squares=(opening * opening).sum(),
    )
