"""Net and gross revenue retention of subscriptions: what the opening contracts are worth later."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import smaller, sum_where
from kpilib.errors import InputError
from kpilib.periods import Periods, as_periods
from kpilib.statistics.intervals import ratio_delta

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
    = (opening − contraction − churned) / opening, each with `…_low` and `…_high`: linearised, by
    customer. opening + new + reactivated + expansion − contraction − churned = closing, always.

    A contract counts at an instant where start < instant ≤ end. Revenue of customers who were not
    there at the opening is new, or reactivated where they had a contract before; neither is part of
    retention. Default: the last twelve months covered. Raises InputError without subscriptions.

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
    asked = base.period().trailing(12) if periods is None else as_periods(periods)
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
    for name, kept in (("net", "net"), ("gross", "gross")):
        low, high = ratio_delta(
            table[kept],
            table["opening"],
            table[f"{kept}_squares"],
            table[f"{kept}_products"],
            table["opening_squares"],
            table["customers"],
            level,
        )
        found[f"{name}_retention"] = table[kept] / opening
        found[f"{name}_low"] = np.maximum(low, 0)
        found[f"{name}_high"] = high if name == "net" else np.minimum(high, 1)
    return found


def customer_revenue(base: "Business", periods: Periods) -> nw.LazyFrame:
    """One row per period and customer: recurring revenue at its `opening` and at its `closing`.

    `period, customer_id, opening, closing, earlier` (1 where a contract began before the opening).
    """
    if "subscriptions" not in base.tables:
        raise InputError(
            "revenue retention needs the table subscriptions, which was not given; "
            "give one with customer_id, started_at, ended_at and mrr"
        )
    if "mrr" not in base.tables["subscriptions"].collect_schema().names():
        raise InputError("revenue retention needs the column mrr in subscriptions; map one to it")
    start, stop, opens, closes = (
        nw.col(n) for n in ("started_day", "ended_day", "opens", "closes")
    )
    contracts = base.tables["subscriptions"].select(
        "customer_id", "started_day", "ended_day", "mrr"
    )
    windows = base.windows(periods).select("period", "opens", "closes")
    both = contracts.join(windows, how="cross").filter(start < closes)

    def covers(instant: nw.Expr) -> nw.Expr:
        return (start < instant) & (stop.is_null() | (stop >= instant))

    return both.group_by("period", "customer_id").agg(
        opening=sum_where(nw.col("mrr"), covers(opens)),
        closing=sum_where(nw.col("mrr"), covers(closes)),
        earlier=nw.when(start < opens).then(nw.lit(1)).otherwise(nw.lit(0)).max(),
    )


def _sums(base: "Business", periods: Periods) -> nw.LazyFrame:
    opening, closing = nw.col("opening"), nw.col("closing")
    there = opening > 0
    net = nw.when(there).then(closing).otherwise(nw.lit(0.0))
    rows = customer_revenue(base, periods).with_columns(
        net=net, gross=smaller(net, opening), change=closing - opening
    )
    net, gross, change = nw.col("net"), nw.col("gross"), nw.col("change")
    stays = there & (closing > 0)
    return rows.group_by("period").agg(
        customers=nw.when(there).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        opening=opening.sum(),
        closing=closing.sum(),
        new=sum_where(closing, ~there & (nw.col("earlier") == 0)),
        reactivated=sum_where(closing, ~there & (nw.col("earlier") == 1)),
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
