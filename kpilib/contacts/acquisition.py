"""What it took to win customers: who began when, what was spent, what they left."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.engines.expressions import distinct, word
from kpilib.periods import Period, months_before

DAYS_A_MONTH = 365.25 / 12


def days_of(months: int) -> int:
    """So many months as whole days."""
    return round(months * DAYS_A_MONTH)


def earlier(period: Period, months: int) -> Period:
    """The period so many calendar months before.

    >>> print(earlier(Period.month("2026-10"), 12).label)
    2025-10
    """
    return Period(months_before(period.start, months), months_before(period.end, months))


def spend(base: Business, periods: tuple[Period, ...], types: tuple[str, ...]) -> nw.LazyFrame:
    """Spend of some types whose customers are looked for in the period: it leads by `lag_days`.

    The columns of `marketing_spend` and of the periods; spend without a type is marketing.
    """
    return base.remember(("spend", periods, types), lambda: _spend(base, periods, types))


def _spend(base: Business, periods: tuple[Period, ...], types: tuple[str, ...]) -> nw.LazyFrame:
    lag = base.settings.acquisition.lag_days
    table = base.table("marketing_spend").with_columns(day=nw.col("day") + lag)
    kind = word("cost_type").fill_null("marketing")
    return base.within(table.filter(kind.is_in(list(types))), periods)


def won(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The new customers of each period: `period, customer_id, first_day`."""
    rows = base.ledger(periods).filter(nw.col("new"))
    return rows.select("period", "customer_id", "first_day")


def money_of_the_new(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """What the new customers of a period paid in it, net: `period, customer_id, day, amount`."""
    paid = base.within(base.money, periods).select("period", "customer_id", "day", "amount")
    return paid.join(won(base, periods), on=["period", "customer_id"], how="inner")


def money_of_advertised(
    base: Business, periods: tuple[Period, ...], spent: nw.LazyFrame
) -> nw.LazyFrame:
    """What new customers paid whose recorded channel had some of this spend in the period."""
    had = spent.filter(~nw.col("channel").is_null()).select("period", word=word("channel"))
    channel = base.table("customers").select("customer_id", word=word("acquisition_channel"))
    came = money_of_the_new(base, periods).join(channel, on="customer_id", how="inner")
    return came.join(distinct(had), on=["period", "word"], how="inner").drop("word")


def contributions(base: Business, periods: tuple[Period, ...], days: int) -> nw.LazyFrame:
    """What the new customers of a period leave, from their first purchase on: a row per payment.

    `period, customer_id, age` (days since the first) and `amount`: net revenue at the margin, and
    the costs of the customer taken off, within the first so many days.
    """
    margin = base.settings.value.margin
    parts = [base.money.select("customer_id", "day", amount=nw.col("amount") * margin)]
    if "customer_costs" in base.tables:
        costs = base.table("customer_costs")
        parts.append(costs.select("customer_id", "day", amount=-nw.col("amount")))
    typed = [
        part.select("customer_id", nw.col("day").cast(nw.Int64), nw.col("amount").cast(nw.Float64))
        for part in parts
    ]
    both = nw.concat(typed, how="vertical")
    joined = won(base, periods).join(both, on="customer_id", how="inner")
    aged = joined.with_columns(age=nw.col("day") - nw.col("first_day"))
    return aged.filter((nw.col("age") >= 0) & (nw.col("age") < days))
