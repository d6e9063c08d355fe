"""What goes with what: satisfaction and staying, recommending and growth, loyalty and value."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.answers import answers
from kpilib.contacts.profit import profits
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import student, wilson
from kpilib.words import _

_NOT_OVER = _(
    "needs the period after {period} to be over; the data are complete up to {end}, so ask "
    "for an earlier period"
)
GROUPS = ("promoters", "passives", "detractors")
LEVELS = ("first-time", "developing", "loyal")


def _after(base: Business, period: Period, what: str) -> Period:
    """The like period after, or an InputError where it is not over."""
    after = period.shift(1)
    if after.end_day > base.as_of:
        raise InputError.about(what, _NOT_OVER.format(period=period, end=day_date(base.as_of - 1)))
    return after


def _last_scores(base: Business, period: Period, item: str) -> nw.LazyFrame:
    """Each customer's last answer to an item in the period: `customer_id, score`."""
    rows = answers(base, (period,), item).rows.filter(~nw.col("customer_id").is_null())
    last = rows.with_columns(last=nw.col("second").max().over("customer_id"))
    kept = last.filter(nw.col("second") == nw.col("last"))
    return kept.group_by("customer_id").agg(nw.col("score").max())


def _next_period_over(base: Business, period: Period) -> int:
    return period.shift(1).end_day


@analysis(
    name=_("Satisfaction to loyalty link"),
    family="satisfaction",
    tables=("orders", "survey_responses"),
    until=_next_period_over,
)
def satisfaction_loyalty_link(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """Who bought in the like period after, by the last satisfaction score in this one.

    A row per score, lowest first. Columns: `score`, `customers`, `kept` (bought in the period
    after), `retention` with Wilson's `low` and `high`, and `tau`, Kendall's tau-b of score and
    staying over all of them, the same in every row. The score comes before what it is held against;
    only those who answered are in it, and what goes with staying need not bring it about.
    """
    from scipy import stats

    asked = base.period(period)
    after = _after(base, asked, "satisfaction_loyalty_link")
    bought = base.buyers((after,)).select("customer_id", kept=nw.lit(1))
    scores = _last_scores(base, asked, "csat").join(bought, on="customer_id", how="left")
    table = base.engine.collect(scores.select("score", kept=nw.col("kept").fill_null(0)))
    by = table.groupby("score", as_index=False)["kept"].agg(["size", "sum"])
    by = by.rename(columns={"size": "customers", "sum": "kept"}).sort_values("score")
    low, high = wilson(by["kept"], by["customers"])
    tau = stats.kendalltau(table["score"], table["kept"]).statistic if len(table) > 1 else np.nan
    return pd.DataFrame(
        {
            "score": by["score"],
            "customers": by["customers"].astype("int64"),
            "kept": by["kept"].astype("int64"),
            "retention": by["kept"] / by["customers"],
            "low": low,
            "high": high,
            "tau": float(tau),
        }
    ).reset_index(drop=True)


@analysis(
    name=_("NPS and growth"),
    family="satisfaction",
    tables=("orders", "survey_responses"),
    until=_next_period_over,
)
def nps_growth_link(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """How revenue moved from this period to the like one after, by the last NPS answer in this one.

    Rows promoters, passives, detractors. Columns: `group`, `customers`, `revenue_before` (this
    period), `revenue_after`, `growth` = after / before − 1; `correlation`, Spearman's of score and
    after − before over the `n` customers, the same in every row. That a high NPS brings growth is
    a claim; this is what these customers did.
    """
    from scipy import stats

    asked = base.period(period)
    after = _after(base, asked, "nps_growth_link")
    scores = _last_scores(base, asked, "nps")
    for name, one in (("revenue_before", asked), ("revenue_after", after)):
        money = base.within(base.money, (one,)).group_by("customer_id")
        totals = money.agg(nw.col("amount").sum().alias(name))
        scores = scores.join(totals, on="customer_id", how="left")
        scores = scores.with_columns(nw.col(name).fill_null(0.0).alias(name))
    table = base.engine.collect(scores)
    group = np.select([table["score"] >= 9, table["score"] >= 7], GROUPS[:2], GROUPS[2])
    change = table["revenue_after"] - table["revenue_before"]
    varied = len(table) > 2 and table["score"].nunique() > 1 and change.nunique() > 1
    correlation = stats.spearmanr(table["score"], change).statistic if varied else np.nan
    by = table.assign(group=group).groupby("group")
    sums = by[["revenue_before", "revenue_after"]].sum().reindex(GROUPS).fillna(0.0)
    before = sums["revenue_before"].where(sums["revenue_before"] != 0)
    return pd.DataFrame(
        {
            "group": GROUPS,
            "customers": by.size().reindex(GROUPS).fillna(0).astype("int64").to_numpy(),
            "revenue_before": sums["revenue_before"].to_numpy(),
            "revenue_after": sums["revenue_after"].to_numpy(),
            "growth": (sums["revenue_after"] / before - 1).to_numpy(),
            "correlation": float(correlation),
            "n": len(table),
        }
    )


@analysis(
    name=_("Loyalty and lifetime value"), family="loyalty", tables=("orders", "customer_costs")
)
def loyalty_value_link(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """What the opening customers left in the period, by how loyal they were when it opened.

    Rows first-time, developing, loyal, as in `lost_customer_mix`. Columns: `level`, `customers`,
    `value` (mean profit, as in `customer_net_profit`) with Student's `low` and `high`, `purchases`
    (mean). Loyalty is taken before the value: in one and the same window the two would be one.
    """
    asked = (base.period(period),)
    opening = (
        base.standing(asked).filter(nw.col("opening")).select("customer_id", "loyal", "bought")
    )
    money = profits(base, asked).select("customer_id", "profit")
    bought = base.activity(asked).select("customer_id", "purchases")
    rows = opening.join(money, on="customer_id", how="left").join(
        bought, on="customer_id", how="left"
    )
    table = base.engine.collect(rows).fillna({"profit": 0.0, "purchases": 0})
    level = np.select([table["loyal"], table["bought"] <= 1], [LEVELS[2], LEVELS[0]], LEVELS[1])
    by = table.assign(level=level, square=table["profit"] ** 2).groupby("level")
    n = by.size().reindex(LEVELS).fillna(0).to_numpy(float)
    profit, square, purchases = (
        by[name].sum().reindex(LEVELS).fillna(0.0).to_numpy(float)
        for name in ("profit", "square", "purchases")
    )
    low, high = student(n, profit, square)
    each = np.where(n > 0, n, np.nan)
    return pd.DataFrame(
        {
            "level": LEVELS,
            "customers": n.astype("int64"),
            "value": profit / each,
            "low": low,
            "high": high,
            "purchases": purchases / each,
        }
    )
