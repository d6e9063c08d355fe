"""What it took to win customers: when each began, what was spent, which channel they came by."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.engines.expressions import as_written, word
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
    return came.join(had.unique(), on=["period", "word"], how="inner").drop("word")


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
    both = typed[0] if len(typed) == 1 else nw.concat(typed, how="vertical")
    joined = won(base, periods).join(both, on="customer_id", how="inner")
    aged = joined.with_columns(age=nw.col("day") - nw.col("first_day"))
    return aged.filter((nw.col("age") >= 0) & (nw.col("age") < days))


def channels(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The new customers of each period shared out over channels: `channel` and `weight`.

    One row per period, customer and channel; a customer's weights add up to 1. By the settings'
    `attribution` it is the channel recorded with the customer, or the touches (interactions with a
    channel) not later than the first order and within `touch_days` before its day: the earliest,
    the latest, all alike, or each halved in weight per `half_life_days` before. Who has none has
    the channel null.
    """
    new = won(base, periods)
    rule = base.settings.acquisition
    if rule.attribution == "recorded":
        recorded = base.table("customers").select(
            "customer_id", channel=nw.col("acquisition_channel")
        )
        return new.join(recorded, on="customer_id", how="left").with_columns(weight=nw.lit(1.0))
    touches = _touches(base, new)
    second = nw.col("event_second")
    keys = ["period", "customer_id"]
    if rule.attribution in ("first", "last"):
        edge = second.min() if rule.attribution == "first" else second.max()
        touches = touches.with_columns(edge=edge.over(*keys)).filter(second == nw.col("edge"))
    before = nw.col("begun_day") - nw.col("event_day")
    decays = rule.attribution == "time_decay"
    raw = nw.lit(2.0) ** (-1.0 * before / rule.half_life_days) if decays else nw.lit(1.0)
    raws = touches.with_columns(raw=raw)
    whole = raws.with_columns(whole=nw.col("raw").sum().over(*keys))
    shares = whole.group_by(*keys, "channel").agg(weight=(nw.col("raw") / nw.col("whole")).sum())
    joined = new.join(shares, on=keys, how="left")
    return joined.with_columns(weight=nw.col("weight").fill_null(1.0))


def _touches(base: Business, new: nw.LazyFrame) -> nw.LazyFrame:
    """The interactions with a channel that may have won a new customer."""
    begun = new.join(_beginnings(base), on="customer_id", how="inner")
    table = base.table("interactions").filter(~nw.col("channel").is_null())
    touches = begun.join(
        table.select("customer_id", "channel", "event_day", "event_second"),
        on="customer_id",
        how="inner",
    )
    days = base.settings.acquisition.touch_days
    in_time = nw.col("event_second") <= nw.col("begun_second")
    return touches.filter(in_time & (nw.col("event_day") >= nw.col("begun_day") - days))


def _beginnings(base: Business) -> nw.LazyFrame:
    """When each customer's first order, or contract, was made: `begun_day`, `begun_second`."""
    contracts = base.activity_rule == "subscriptions"
    table, day, second = (
        ("subscriptions", "started_day", "started_second")
        if contracts
        else ("orders", "ordered_day", "ordered_second")
    )
    rows = base.table(table)
    if not contracts:
        firsts = base.purchases.group_by("customer_id").agg(first=nw.col("first_day").min())
        rows = rows.join(firsts, on="customer_id", how="inner").filter(
            nw.col(day) == nw.col("first")
        )
    return rows.group_by("customer_id").agg(
        begun_day=nw.col(day).min(), begun_second=nw.col(second).min()
    )


def one_spelling(spent: nw.LazyFrame, came: nw.LazyFrame) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Both frames with each channel spelled in one way: words are compared without case."""
    texts = [one.select(channel=nw.col("channel").cast(nw.String)) for one in (spent, came)]
    both = as_written(nw.concat(texts, how="vertical"), "channel")
    spellings = (
        both.with_columns(word=word("channel"))
        .group_by("word")
        .agg(spelled=nw.col("channel").min())
    )
    found = []
    for frame in (spent, came):
        keyed = frame.with_columns(word=word("channel")).join(spellings, on="word", how="left")
        found.append(keyed.with_columns(channel=nw.col("spelled")).drop("word", "spelled"))
    return found[0], found[1]
