"""The same customers valued in several ways, and where the ways part."""

from itertools import pairwise
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.expected.choose import ModelChoice, chosen_purchases
from kpilib.clv.value.valuation import LifetimeValue
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.errors import InputError
from kpilib.periods import Period, day_date, months_before
from kpilib.show.reason import answering
from kpilib.statistics import intervals
from kpilib.statistics.evaluate import evaluate
from kpilib.statistics.several import DAYS_PER_YEAR, DiscountedProfit, Duration, SimpleValue
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

YEAR = 365
FREQUENCIES = (0, 1, 2, 4, 8)
_CONTRACTS = _(
    "contracts say themselves who is active, so there is no lapse window to compare; give {instead}"
)


@answering
def new_customer_values(
    base: "Business",
    period: str | Period | None = None,
    *,
    discount_rate: float | None = None,
    model: ModelChoice = None,
    draws: int = 500,
) -> pd.DataFrame:
    """What a new customer brings, by four methods, as known when the period closes; in revenue.

    `method`, `value`, `low`, `high` (95%), `customers` behind it and `takes` (what it takes
    customers for). `observed`: discounted revenue of the first year of all who have been customers
    for one. `simple product`: purchase value x frequency of the last twelve months x lifetime,
    with no horizon and no discount. `survival`: revenue per active year of the same months times
    the discounted years lived within the first. `model`: purchases and spend of a new customer in
    the first year, the first purchase included.

    >>> import kpilib
    >>> table = new_customer_values(kpilib.open("cdnow-sample"), "1998-05", draws=100)
    >>> table["method"].tolist()
    ['observed', 'simple product', 'survival', 'model']
    """
    closes = base.closes(base.period(period))
    end = day_date(closes)
    if discount_rate is None:
        discount_rate = base.settings.value.discount_rate
    year = Period(months_before(end, 12), end)
    name = chosen_purchases(base, model, "the comparison")
    value = customer_lifetime_value(
        base, f"{YEAR} days", discount_rate, 1.0, until=closes, model=name, draws=draws
    )
    new = value.new_customer()
    rows = [("observed", *_observed(base, closes, discount_rate), "those already seen for a year")]
    simple, survival = _by_rates(base, year, discount_rate)
    rows += [
        ("simple product", *simple, "all alike, for as long as a customer lasts"),
        ("survival", *survival, "all alike, leaving as the survival curve says"),
        ("model", new["value"], new["low"], new["high"], len(value.customers),
         "each with their own rate, leaving and spend"),
    ]  # fmt: skip
    columns = ["method", "value", "low", "high", "customers", "takes"]
    return pd.DataFrame(rows, columns=columns).astype({"customers": int})


def _observed(
    base: "Business", closes: int, discount_rate: float
) -> tuple[float, float, float, int]:
    age = nw.col("day") - nw.col("first_day")
    old = base.purchases.filter(nw.col("first_day") + YEAR <= closes)
    days = np.arange(YEAR)
    factors = pd.DataFrame({"age": days, "factor": (1 + discount_rate) ** (-days / DAYS_PER_YEAR)})
    spent = (
        old.with_columns(age=age)
        .join(base.engine.frame(factors), on="age", how="inner")
        .group_by("customer_id")
        .agg((nw.col("amount") * nw.col("factor")).sum().alias("x"))
    )
    table = base.engine.collect(
        spent.select(n=nw.len(), x=nw.col("x").sum(), xx=(nw.col("x") * nw.col("x")).sum())
    )
    n, x = float(table["n"].iloc[0]), float(table["x"].iloc[0])
    low, high = intervals.student(table["n"], table["x"], table["xx"])
    return x / n if n else np.nan, float(low[0]), float(high[0]), int(n)


def _by_rates(
    base: "Business", year: Period, discount_rate: float
) -> list[tuple[float, float, float, int]]:
    """The simple product, and the product with the survival curve, over one year's activity."""
    lifetime = Duration(base.lifetimes((year,)), lasted=nw.col("active"), ended=nw.col("ended"))
    activity = base.activity((year,))
    amount, purchases, exposure = (nw.col(c) for c in ("amount", "purchases", "active_days"))
    timed = nw.when(exposure > 0).then(purchases).otherwise(nw.lit(0))
    found = evaluate(
        base.engine,
        {
            "simple": SimpleValue(activity, amount, purchases, timed, exposure, lifetime),
            "survival": DiscountedProfit(activity, amount, exposure, lifetime, discount_rate, YEAR),
        },
    )
    rows = [found[name].iloc[0] for name in ("simple", "survival")]
    return [(row["value"], row["low"], row["high"], int(row["n"])) for row in rows]


@answering
def lapse_against_model(base: "Business", value: LifetimeValue) -> pd.DataFrame:
    """Who is active by the lapse window, against what the model believes, by purchases so far.

    One row per `frequency` (repeat purchases, as a range) and `active` (by the window at the
    valuation's start): `customers`, `probability_alive` and `value` on average, and `total`. The
    window gives every silent customer the same time; the model gives frequent buyers less.

    >>> import kpilib
    >>> base = kpilib.open("cdnow-sample")
    >>> table = lapse_against_model(base, customer_lifetime_value(base, draws=0))
    >>> int(table["customers"].sum())
    2357
    """
    if "recency" not in value.customers:
        raise InputError(_CONTRACTS.format(instead="customer_lifetime_value(base, model='BGNBD')"))
    window = base.lapse_window.days
    people = value.customers
    silent = people["T"] - people["recency"]
    edges = [*FREQUENCIES, np.inf]
    place = np.searchsorted(FREQUENCIES, people["frequency"], side="right") - 1
    labels = [_range(a, b) for a, b in pairwise(edges)]
    table = people.assign(place=place, active=silent < window)
    grouped = table.groupby(["place", "active"])
    out = grouped.agg(
        customers=("value", "size"),
        probability_alive=("probability_alive", "mean"),
        value=("value", "mean"),
        total=("value", "sum"),
    ).reset_index()
    out.insert(0, "frequency", [labels[i] for i in out.pop("place")])
    return out


def _range(first: float, beyond: float) -> str:
    if np.isinf(beyond):
        return f"{first:g}+"
    return f"{first:g}" if beyond == first + 1 else f"{first:g}–{beyond - 1:g}"
