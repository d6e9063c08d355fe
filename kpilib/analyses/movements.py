"""Who came, came back and left, between which groups they moved, and what the lapse window does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.ledger import touching
from kpilib.engines import Engine
from kpilib.engines.expressions import any_of, count_where, sum_where
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, Periods, day_number, months_before
from kpilib.show.reason import answering
from kpilib.statistics.intervals import wilson
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

COUNTS = ("opening", "new", "reactivated", "lost", "closing")
ABSENT = "absent"
"""Where a customer is who bought nothing in the window."""


@answering
def movements(
    base: "Business", periods: Periods | None = None, *, lapse_window: int | None = None
) -> pd.DataFrame:
    """The customer ledger in numbers, a row per period.

    Columns: `period`, `state` (`complete`, or `running` where the period is not over), `opening`,
    `new`, `reactivated`, `lost` (of them `lost_from_opening`; the rest came and went within the
    period), `closing`. opening + new + reactivated − lost = closing. Default: the last twelve
    months covered.

    >>> from kpilib.demo import tiny_shop
    >>> movements(tiny_shop(), ["2026-03", "2026-04"])[["period", *COUNTS]]
        period  opening  new  reactivated  lost  closing
    0  2026-03        4    1            0     1        4
    1  2026-04        4    0            1     2        3
    """
    asked = _asked(base, periods)
    counts = _counts(base, asked, lapse_window).reindex(range(len(asked)), fill_value=0)
    table = counts.astype("int64").rename_axis(None)
    table["lost"] = table["customers"] - table["closing"]
    table["reactivated"] = table["customers"] - table["opening"] - table["new"]
    table["lost_from_opening"] = table["opening"] - table["retained"]
    table = table[[*COUNTS, "lost_from_opening"]]
    table.insert(0, "period", [period.label for period in asked])
    table.insert(1, "state", [_state(base, period) for period in asked])
    return table


@answering
def flows(base: "Business", period: str | Period | None = None) -> pd.DataFrame:
    """Where customers stood when a period opened, and where when it closed.

    Columns: `opened` and `closed` (each `none`: not a customer yet, `active` or `lapsed`), and
    `customers`. Every customer begun before the close is in exactly one row; those who came and
    left within the period go from `none` or `lapsed` to `lapsed`.

    >>> from kpilib.demo import tiny_shop
    >>> flows(tiny_shop(), "2026-04")
       opened  closed  customers
    0  active  active          2
    1  active  lapsed          2
    2  lapsed  active          1
    3  lapsed  lapsed          1
    """
    asked = base.period(period)
    opens, closes = asked.start_day, base.closes(asked)
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


MOVEMENTS = ("new", "reactivated", "lost")


@answering
def moved_customers(
    base: "Business",
    period: str | Period | None = None,
    movement: str = "lost",
    *,
    limit: int = 10,
) -> pd.DataFrame:
    """The customers behind a movement of the ledger, those who brought most first.

    `movement` is `new`, `reactivated` or `lost`. Columns: `customer_id`, `purchases` and `money`
    (of the twelve months up to the close of the period), `last_day` (of the last purchase before
    it); at most `limit` rows. Raises InputError where there are no orders or the movement is none.

    >>> from kpilib.demo import tiny_shop
    >>> moved_customers(tiny_shop(), "2026-04")[["customer_id", "money"]].values.tolist()
    [['Finn', 80.0], ['Chen', 25.0]]
    """
    asked = base.period(period)
    if movement not in MOVEMENTS:
        raise InputError(f"movement {movement!r} is not known; {near_miss(movement, MOVEMENTS)}")
    if "orders" not in base.tables:
        raise InputError.about("moved_customers", _("needs the table orders, which was not given"))
    if limit < 1:
        raise InputError(f"customers with limit={limit}; write how many to list, 1 or more")
    ends = min(asked.end_day, base.as_of)
    since = day_number(months_before(asked.end, 12))
    day, late = nw.col("day"), nw.col("day") >= since
    who = base.ledger((asked,)).filter(nw.col(movement)).select("customer_id")
    bought = base.purchases.filter(day < ends).join(who, on="customer_id", how="inner")
    table = base.engine.collect(
        bought.group_by("customer_id").agg(
            purchases=count_where(late),
            money=sum_where(nw.col("amount").cast(nw.Float64), late),
            last_day=day.max(),
        )
    )
    table["purchases"] = table["purchases"].astype("int64")
    table["last_day"] = pd.to_datetime(table["last_day"], unit="D").dt.date
    order = table.sort_values(["money", "customer_id"], ascending=[False, True])
    return order.head(limit).reset_index(drop=True)


@answering
def window_sensitivity(
    base: "Business", period: str | Period | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """What a period's ledger would say under half and under double the lapse window.

    Columns: `window` (`half`, `chosen`, `double`), `days`, the counts of `movements`, and
    `churn` (opening customers lost, over opening) with Wilson's `low` and `high`. A conclusion that
    does not stand in all three rows rests on the window, not on the customers. Where contracts say
    who is active there is no window: one row, `contract`, whose `days` are missing.

    >>> from kpilib.demo import tiny_shop
    >>> window_sensitivity(tiny_shop(), "2026-04")[["window", "days", "opening", "churn"]]
       window  days  opening  churn
    0    half    22        2  1.000000
    1  chosen    45        4  0.500000
    2  double    90        6  0.166667
    """
    asked = base.period(period)
    windows: dict[str, int | None] = {"contract": None}
    if base.activity_rule != "subscriptions":
        chosen = base.lapse_window
        windows = {"half": chosen.half, "chosen": chosen.days, "double": chosen.double}
    rows = [movements(base, asked, lapse_window=days) for days in windows.values()]
    table = pd.concat(rows, ignore_index=True).drop(columns=["period", "state"])
    low, high = wilson(table["lost_from_opening"], table["opening"], level)
    churn = table["lost_from_opening"] / table["opening"].where(table["opening"] > 0)
    table = table.assign(churn=churn, low=low, high=high)
    table.insert(0, "window", list(windows))
    table.insert(1, "days", pd.Series(list(windows.values()), dtype="Int64"))
    return table


def _counts(
    base: "Business", periods: tuple[Period, ...], lapse_window: int | None
) -> pd.DataFrame:
    """Per period: `customers` there at all, `opening`, `closing`, `new`, `retained`.

    A spell is one customer, but for customers with several spells in a period. Those are few, and
    only they are grouped by customer; the rows of `base.ledger` would group all.
    """
    start, stop = nw.col("start"), nw.col("stop")
    opens, closes = nw.col("opens"), nw.col("closes")
    windows = base.windows(periods).select("period", "opens", "closes")
    spells = base.spells(lapse_window)
    touched = touching(spells, windows)
    sums = touched.group_by("period").agg(
        customers=nw.len(),
        opening=count_where(start < opens),
        closing=count_where(stop >= closes),
        new=count_where((nw.col("first") == 1) & (start >= opens)),
        retained=count_where((start < opens) & (stop >= closes)),
    )
    table = base.engine.collect(sums).set_index("period")
    before = spells.with_columns(
        before_start=start.shift(1).over("customer_id", order_by="start"),
        before_stop=stop.shift(1).over("customer_id", order_by="start"),
    )
    longest = max(period.days for period in periods)
    again = (
        before.filter(start - nw.col("before_stop") < longest)
        .join(windows, how="cross")
        .filter((nw.col("before_stop") >= opens) & (start < closes))
        .group_by("period", "customer_id")
        .agg(
            again=nw.len(),
            opening=any_of(nw.col("before_start") < opens),
            closing=any_of(stop >= closes),
        )
    )
    retained = (nw.col("opening") * nw.col("closing")).sum()
    more = base.engine.collect(
        again.group_by("period").agg(again=nw.col("again").sum(), retained=retained)
    ).set_index("period")
    table["customers"] = table["customers"].sub(more["again"], fill_value=0)
    table["retained"] = table["retained"].add(more["retained"], fill_value=0)
    return table


def _asked(base: "Business", periods: Periods | None) -> tuple[Period, ...]:
    if periods is not None:
        return base.asked(periods)
    last = base.period()
    return tuple(p for p in last.trailing(12) if p.end_day > base.first_day)


def _state(base: "Business", period: Period) -> str:
    return "complete" if period.end_day <= base.as_of else "running"


def to_money(base: "Business", amount: nw.Expr) -> nw.Expr:
    """An amount without what is only rounding, so that equal sums are equal.

    To a billionth of the largest amount there is, whether that is in cents or in millions.
    """
    return amount.round(base.money_decimals)


def moves(
    engine: Engine, before: nw.LazyFrame, after: nw.LazyFrame, groups: Sequence[str]
) -> pd.DataFrame:
    """Customers and money by the group they were in and the group they are in, in that order.

    Both frames have `customer_id`, `group` and `money`, a row per customer. What comes back has
    `before`, `after` (groups, or `absent`), `customers`, `money_before`, `money_after`.
    """
    then, now = (
        frame.select("customer_id", **{side: "group", f"money_{side}": "money"})
        for side, frame in (("before", before), ("after", after))
    )
    both = now.join(then, on="customer_id", how="full", suffix="_then").with_columns(
        before=nw.col("before").fill_null(ABSENT), after=nw.col("after").fill_null(ABSENT)
    )
    money = ["money_before", "money_after"]
    sums = {name: nw.col(name).sum() for name in money}
    table = engine.collect(both.group_by("before", "after").agg(customers=nw.len(), **sums))
    table[money] = table[money].astype(float).fillna(0.0)
    order = {name: place for place, name in enumerate([*groups, ABSENT])}
    table = table.sort_values(["before", "after"], key=lambda c: c.map(order), ignore_index=True)
    return table.astype({"customers": "int64"})
