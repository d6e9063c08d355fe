"""Contracts whose term was up: renewed or not, once the days of grace have passed."""

import narwhals.stable.v2 as nw

from kpilib.activity.business import Business
from kpilib.engines.expressions import any_of, distinct
from kpilib.periods import Period


def due(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The contracts whose term ended in each period, at least the days of grace ago.

    The columns of `subscriptions`, and `renewed`: the contract itself runs beyond the term's end
    and the grace, or another contract of the customer began after it, by then, and runs beyond the
    term's end.
    """
    grace = base.settings.renewal.grace_days
    term, ended = nw.col("term_end_day"), nw.col("ended_day")
    rows = base.events("subscriptions", periods, "term_end_at").filter(term + grace < base.as_of)
    keys = ["period", "customer_id", "started_day", "term_end_day"]
    others = base.table("subscriptions").select(
        "customer_id", next_start=nw.col("started_day"), next_end=nw.col("ended_day")
    )
    pairs = distinct(rows.select(*keys)).join(others, on="customer_id", how="inner")
    follows = (nw.col("next_start") > nw.col("started_day")) & (
        nw.col("next_start") <= term + grace
    )
    lasts = nw.col("next_end").is_null() | (nw.col("next_end") > term)
    followed = pairs.group_by(*keys).agg(followed=any_of(follows & lasts))
    joined = rows.join(followed, on=keys, how="left")
    goes_on = ended.is_null() | (ended > term + grace)
    return joined.with_columns(renewed=goes_on | (nw.col("followed").fill_null(0) == 1))
