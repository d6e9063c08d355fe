"""Customers reached by campaigns, or held back to compare with, and what they did afterwards."""

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.engines.expressions import any_of, count_where, distinct
from kpilib.periods import Period


def exposures(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The rows of `campaign_exposures` in each period, `control` true or false, never missing."""
    rows = base.events("campaign_exposures", periods)
    return rows.with_columns(control=nw.col("is_control").fill_null(False))


def bought_within(base: Business, rows: nw.LazyFrame, keys: list[str], days: int) -> nw.LazyFrame:
    """The rows watched for so many days after `day`, with whether the customer `bought` in them.

    A purchase counts from the day itself to so many days after it. `keys` name a row.
    """
    watched = rows.filter(nw.col("day") + days < base.as_of)
    purchases = base.visits.select("customer_id", bought_day=nw.col("day"))
    later = watched.select(*keys, "day").join(purchases, on="customer_id", how="inner")
    since = nw.col("bought_day") - nw.col("day")
    hits = later.group_by(*keys).agg(bought=any_of((since >= 0) & (since <= days)))
    joined = watched.join(hits, on=keys, how="left")
    return joined.with_columns(bought=nw.col("bought").fill_null(0) == 1)


def lapsed(base: Business, rows: nw.LazyFrame) -> nw.LazyFrame:
    """The rows whose customer had bought before `day` and was active no more on it."""
    spells = base.spells().select("customer_id", "start", "stop")
    keys = ["customer_id", "day"]
    pairs = distinct(rows.select(*keys)).join(spells, on="customer_id", how="inner")
    before = nw.col("start") < nw.col("day")
    there = pairs.group_by(*keys).agg(
        began=any_of(before), active=any_of(before & (nw.col("stop") >= nw.col("day")))
    )
    gone = there.filter((nw.col("began") == 1) & (nw.col("active") == 0)).select(*keys)
    return rows.join(gone, on=keys, how="inner")


def winning_back(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The lapsed customers reached, or held back, in each period, by the first time in it.

    `period, customer_id, control, day, bought`, only those watched long enough.
    """
    days = base.settings.campaigns.days
    rows = lapsed(base, exposures(base, periods))
    keys = ["period", "customer_id", "control"]
    first = rows.group_by(*keys).agg(nw.col("day").min())
    return bought_within(base, first, keys, days)


def arms(base: Business, rows: nw.LazyFrame, counted: str) -> pd.DataFrame:
    """Per campaign the customers reached, held back and both, and how many of each `counted`.

    `rows` are exposures with the boolean column `counted`. Indexed by campaign: `treated`,
    `control`, `both`, and `<counted>_treated`, `<counted>_control`; who is in both arms is in
    neither of these.
    """
    per = rows.group_by("campaign_id", "customer_id").agg(
        reached=any_of(~nw.col("control")),
        held=any_of(nw.col("control")),
        hit=any_of(nw.col(counted)),
    )
    reached, held = nw.col("reached") == 1, nw.col("held") == 1
    hit = nw.col("hit") == 1
    grouped = per.group_by("campaign_id").agg(
        count_where(reached & ~held).alias("treated"),
        count_where(held & ~reached).alias("control"),
        count_where(reached & held).alias("both"),
        count_where(reached & ~held & hit).alias(f"{counted}_treated"),
        count_where(held & ~reached & hit).alias(f"{counted}_control"),
    )
    return base.engine.collect(grouped).set_index("campaign_id").sort_index()
