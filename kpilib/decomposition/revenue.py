"""The revenue bridge: how much of a change of revenue is customers, orders, or their size."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.decomposition.logarithmic import chain_effects
from kpilib.engines.expressions import sum_where
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.statistics.intervals import normal_quantile
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

DRIVERS = ("customers", "orders_each", "order_size")
"""What the money of a group of buyers is the product of."""
GROUPS = ("new", "returning")
_NOT_OVER = _("{period} is not over in the data, which end before {day}; ask for {before}")
_NOT_HELD = _(
    "the data begin on {day} and do not hold all of {before}, the period before; "
    "ask for {later} or later"
)
_SUMS = ("o0", "m0", "r0", "o1", "m1", "r1")
"""Of each customer in the period before (0) and in this one (1): orders, money, money back."""


def revenue_bridge(
    base: "Business", period: str | Period | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """The change of net revenue from the like period before, shared out among what made it.

    Revenue is new customers × their orders each × their order size, the same of returning buyers,
    and money given back for no known order. Each factor's contribution is that of the logarithmic
    mean Divisia method (`decomposition.logarithmic.chain_effects`), so that they add up to the
    change exactly, in whatever order they are read. It is arithmetic: it says what the change
    consists of, not what brought it about.

    Columns: `driver` (`customers`, `orders_each`, `order_size`, `refunds`, at last `revenue`: the
    whole), `buyers` (`new`, `returning` or `all`), `value_before` and `value_now` of the driver,
    its `contribution` in money with limits `contribution_low` and `contribution_high`, `period`
    and `compared_with`. A new customer's first purchase ever is in the period; orders are counted
    and sized net of refunds. The row `refunds` is there where money was given back for no known
    order. Limits are those of other customers who might have bought: linearised, with the two
    periods of one customer together.

    Raises InputError where a period is not over, or the records do not hold all of the one before.

    >>> from kpilib.demo import tiny_shop
    >>> table = revenue_bridge(tiny_shop(), "2026-04")
    >>> table[["driver", "buyers", "value_before", "value_now", "contribution"]].round(2)
            driver     buyers  value_before  value_now  contribution
    0    customers        new           1.0        0.0         -80.0
    1  orders_each        new           1.0        NaN           0.0
    2   order_size        new          80.0        NaN           0.0
    3    customers  returning           2.0        2.0           0.0
    4  orders_each  returning           1.0        1.0           0.0
    5   order_size  returning          42.5       27.5         -30.0
    6      revenue        all         165.0       55.0        -110.0
    """
    asked = base.period(period)
    both = _both(base, asked)
    table = base.engine.collect(_moments(base, both))
    z = normal_quantile(level)
    rows = [row for group in GROUPS for row in _of_group(table, group, z)]
    back = table[["r0", "r1"]].sum()
    if table[["r0r0", "r1r1"]].to_numpy().any():
        rows.append(("refunds", "all", back["r0"], back["r1"], *_linear(table, ("r",), z)))
    before, now = (float(table[[f"m{when}", f"r{when}"]].sum().sum()) for when in (0, 1))
    rows.append(("revenue", "all", before, now, *_linear(table, ("m", "r"), z)))
    names = ["contribution", "contribution_low", "contribution_high"]
    found = pd.DataFrame(rows, columns=["driver", "buyers", "value_before", "value_now", *names])
    return found.assign(period=asked.label, compared_with=both[0].label)


def _both(base: "Business", asked: Period) -> tuple[Period, Period]:
    before = asked.previous()
    begin, end = day_date(base.first_day), day_date(base.as_of)
    if asked.end_day > base.as_of:
        raise InputError.about(
            "revenue_bridge",
            _NOT_OVER.format(period=asked.label, day=end, before=before.label),
        )
    if before.start_day < base.first_day:
        raise InputError.about(
            "revenue_bridge",
            _NOT_HELD.format(day=begin, before=before.label, later=asked.shift(1).label),
        )
    return before, asked


def _moments(base: "Business", both: tuple[Period, Period]) -> nw.LazyFrame:
    """Customers by the group they were in before and are in now, their sums and products."""
    bought = base.purchases.select(
        "customer_id",
        nw.col("day", "orders", "first_day").cast(nw.Int64),
        nw.col("amount").cast(nw.Float64),
        purchase=nw.lit(1).cast(nw.Int64),
    )
    back = base.money.filter(nw.col("purchase") == 0).select(
        "customer_id",
        "day",
        orders=nw.lit(0).cast(nw.Int64),
        first_day=nw.lit(_NEVER).cast(nw.Int64),
        amount="amount",
        purchase=nw.lit(0).cast(nw.Int64),
    )
    rows = base.within(nw.concat([bought, back], how="vertical"), both)
    buys = nw.col("purchase") == 1
    sums = {
        f"{name}{when}": sum_where(nw.col(column), (nw.col("period") == when) & which)
        for when in (0, 1)
        for name, column, which in (
            ("b", "purchase", buys), ("o", "orders", buys), ("m", "amount", buys),
            ("r", "amount", ~buys),
        )
    }  # fmt: skip
    customers = rows.group_by("customer_id").agg(nw.col("first_day").min(), **sums)
    groups = {
        f"g{when}": nw.when(nw.col(f"b{when}") == 0)
        .then(nw.lit("none"))
        .otherwise(
            nw.when(nw.col("first_day") >= period.start_day)
            .then(nw.lit("new"))
            .otherwise(nw.lit("returning"))
        )
        for when, period in enumerate(both)
    }
    floats = {name: nw.col(name).cast(nw.Float64) for name in _SUMS}
    customers = customers.with_columns(**groups, **floats)
    products = {
        f"{one}{other}": (nw.col(one) * nw.col(other)).sum()
        for place, one in enumerate(_SUMS)
        for other in _SUMS[place:]
    }
    return customers.group_by("g0", "g1").agg(
        n=nw.len(), **{name: nw.col(name).sum() for name in _SUMS}, **products
    )


_NEVER = 10_000_000
"""A first day later than any, of who is seen only getting money back."""


def _of_group(table: pd.DataFrame, group: str, z: float) -> list[tuple]:
    """The three rows of a group of buyers."""
    before, now = (
        np.array([table.loc[mine, name].sum() for name in ("n", f"o{when}", f"m{when}")], float)
        for when in (0, 1)
        for mine in [table[f"g{when}"] == group]
    )
    found = chain_effects(before, now)
    rows = []
    for place, driver in enumerate(DRIVERS):
        reach = z * np.sqrt(_variance(table, group, found.slopes[place]))
        value = float(found.values[place])
        values = [float(one[0] if not place else _ratio(one, place)) for one in (before, now)]
        rows.append((driver, group, *values, value, value - reach, value + reach))
    return rows


def _ratio(totals: np.ndarray, place: int) -> float:
    return totals[place] / totals[place - 1] if totals[place - 1] else np.nan


def _variance(table: pd.DataFrame, group: str, slopes: np.ndarray) -> float:
    """The sum over customers of the square of what each adds to a contribution, linearised."""
    total = 0.0
    for _place, row in table.iterrows():
        # A customer counts in each period in which they belong to the group.
        weights = {"one": 0.0}
        for when in (0, 1):
            if row[f"g{when}"] == group:
                weights["one"] += slopes[when, 0]
                weights[f"o{when}"], weights[f"m{when}"] = slopes[when, 1], slopes[when, 2]
        total += _quadratic(row, weights)
    return max(total, 0.0)


def _linear(table: pd.DataFrame, names: tuple[str, ...], z: float) -> tuple[float, float, float]:
    """The change of a plain sum, with its limits."""
    weights = {f"{name}{when}": (-1.0, 1.0)[when] for name in names for when in (0, 1)}
    change = float(sum(weight * table[name].sum() for name, weight in weights.items()))
    square = sum(_quadratic(row, weights) for _place, row in table.iterrows())
    reach = z * np.sqrt(max(square, 0.0))
    return change, change - reach, change + reach


def _quadratic(row: pd.Series, weights: dict[str, float]) -> float:
    """Σ (Σ weight × value)² over the customers of a row, from their sums and products."""
    names = sorted(weights, key=lambda name: ("one", *_SUMS).index(name))
    total = 0.0
    for place, one in enumerate(names):
        for other in names[place:]:
            if other == "one":
                product = row["n"]
            else:
                product = row[other] if one == "one" else row[f"{one}{other}"]
            total += (1 if one == other else 2) * weights[one] * weights[other] * float(product)
    return total
