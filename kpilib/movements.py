"""The ledger as a picture: who came, came back and left, where they went, and what the lapse
window has to do with it.
"""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.errors import InputError
from kpilib.intervals import wilson
from kpilib.periods import Period, Periods, as_periods
from kpilib.portable import count_where

if TYPE_CHECKING:
    from kpilib.base import CustomerBase

COUNTS = ("opening", "new", "reactivated", "lost", "closing")


def movements(
    base: "CustomerBase", periods: Periods | None = None, *, lapse_window: int | None = None
) -> pd.DataFrame:
    """The customer ledger in numbers, a row per period.

    Columns: `period`, `state` (`complete`, or `running` where the period is not over), `opening`,
    `new`, `reactivated`, `lost` (of them `lost_from_opening`; the rest came and went within the
    period), `closing`. opening + new + reactivated − lost = closing. Default: the last twelve
    months covered.

    >>> from kpilib.tiny import tiny_shop
    >>> movements(tiny_shop(), ["2026-03", "2026-04"])[["period", *COUNTS]]
        period  opening  new  reactivated  lost  closing
    0  2026-03        4    1            0     1        4
    1  2026-04        4    0            1     2        3
    """
    asked = _asked(base, periods)
    states = {name: count_where(nw.col(name)) for name in COUNTS}
    sums = (
        base.ledger(asked, lapse_window)
        .group_by("period")
        .agg(**states, lost_from_opening=count_where(nw.col("opening") & nw.col("lost")))
    )
    columns = [*COUNTS, "lost_from_opening"]
    table = base.engine.collect(sums).set_index("period")[columns]
    table = table.reindex(range(len(asked)), fill_value=0).astype("int64").rename_axis(None)
    table.insert(0, "period", [period.label for period in asked])
    table.insert(1, "state", [_state(base, period) for period in asked])
    return table


def flows(base: "CustomerBase", period: str | Period | None = None) -> pd.DataFrame:
    """Where customers stood when a period opened, and where when it closed.

    Columns: `opened` and `closed` (each `none`: not a customer yet, `active` or `lapsed`), and
    `customers`. Every customer begun before the close is in exactly one row; those who came and
    left within the period go from `none` or `lapsed` to `lapsed`.

    >>> from kpilib.tiny import tiny_shop
    >>> flows(tiny_shop(), "2026-04")
       opened  closed  customers
    0  active  active          2
    1  active  lapsed          2
    2  lapsed  active          1
    3  lapsed  lapsed          1
    """
    asked = base.period(period)
    opens, closes = asked.start_day, min(asked.end_day, base.as_of)
    start, stop = nw.col("start"), nw.col("stop")

    def covers(instant: int) -> nw.Expr:
        held = nw.when((start < instant) & (stop >= instant)).then(nw.lit(1)).otherwise(nw.lit(0))
        return held.max()

    customers = (
        base.spells()
        .filter(start < closes)
        .group_by("customer_id")
        .agg(begun=nw.col("first_day").min(), at_open=covers(opens), at_close=covers(closes))
    )
    begun = nw.when(nw.col("begun") < opens).then(nw.lit(1)).otherwise(nw.lit(0))
    table = base.engine.collect(
        customers.with_columns(begun=begun)
        .group_by("begun", "at_open", "at_close")
        .agg(customers=nw.len())
    )
    closed = table["at_close"].map({1: "active", 0: "lapsed"})
    opened = table["at_open"].map({1: "active", 0: "lapsed"}).where(table["begun"] == 1, "none")
    found = pd.DataFrame(
        {"opened": opened, "closed": closed, "customers": table["customers"].astype("int64")}
    )
    return found.sort_values(["opened", "closed"], ignore_index=True)


def window_sensitivity(
    base: "CustomerBase", period: str | Period | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """What a period's ledger would say under half and under double the lapse window.

    Columns: `window` (`half`, `chosen`, `double`), `days`, the counts of `movements`, and
    `churn` (opening customers lost, over opening) with Wilson's `low` and `high`. A conclusion that
    does not stand in all three rows rests on the window, not on the customers. Raises InputError
    where contracts, not a window, say who is active.

    >>> from kpilib.tiny import tiny_shop
    >>> window_sensitivity(tiny_shop(), "2026-04")[["window", "days", "opening", "churn"]]
       window  days  opening  churn
    0    half    22        2  1.000000
    1  chosen    45        4  0.500000
    2  double    90        6  0.166667
    """
    if base.activity_rule == "subscriptions":
        raise InputError(
            "window sensitivity: contracts say who is active here, so there is no lapse window"
        )
    asked, chosen = base.period(period), base.lapse_window
    windows = {"half": chosen.half, "chosen": chosen.days, "double": chosen.double}
    rows = [movements(base, asked, lapse_window=days) for days in windows.values()]
    table = pd.concat(rows, ignore_index=True).drop(columns=["period", "state"])
    low, high = wilson(table["lost_from_opening"], table["opening"], level)
    churn = table["lost_from_opening"] / table["opening"].where(table["opening"] > 0)
    table = table.assign(churn=churn, low=low, high=high)
    table.insert(0, "window", list(windows))
    table.insert(1, "days", list(windows.values()))
    return table


def _asked(base: "CustomerBase", periods: Periods | None) -> tuple[Period, ...]:
    if periods is not None:
        return as_periods(periods)
    last = base.period()
    return tuple(p for p in last.trailing(12) if p.end_day > base.first_day)


def _state(base: "CustomerBase", period: Period) -> str:
    return "complete" if period.end_day <= base.as_of else "running"
