"""Retention and churn taken apart: by segment, by campaign, by the reason given."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy.special import ndtr

from kpilib.activity.business import Business
from kpilib.contacts.campaigns import arms, exposures
from kpilib.engines.expressions import as_written, count_where, distinct
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import goodman, newcombe, wilson
from kpilib.words import MISSING, _

CONTROLLED, DESCRIPTIVE = "controlled", "descriptive only"


@analysis(name=_("Customer group retention comparison"), family="retention", contracts=True)
def segment_retention(
    base: Business, period: str | Period | None = None, *, by: str = "segment", least: int = 10
) -> pd.DataFrame:
    """Retention of each segment of the opening customers, beside all the others; largest first.

    Columns: `segment`, `customers` (opening), `retained`, `retention` with Wilson's `low` and
    `high`; `difference` to all other customers with Newcombe's limits; `p_value` of the two-sided
    z test with a pooled share, and `p_holm`, corrected for having looked at many (Holm,
    *Scandinavian J. of Statistics* 6, 1979). A segment of fewer than `least` customers has no
    numbers, and its customers still count among the others.

    Raises InputError where `by` is no attribute of customers.
    """
    asked = (base.period(period),)
    attribute = base.attribute(by).select("customer_id", segment=nw.col(by).cast(nw.String))
    opening = base.ledger(asked).filter(nw.col("opening"))
    named = opening.join(attribute, on="customer_id", how="left")
    grouped = named.group_by("segment").agg(
        customers=nw.len(), retained=count_where(nw.col("retained"))
    )
    table = base.engine.collect(grouped)
    table["segment"] = table["segment"].fillna(MISSING)
    table = table.groupby("segment", as_index=False)[["customers", "retained"]].sum()
    table = table.sort_values(["customers", "segment"], ascending=[False, True], ignore_index=True)
    n, k = (table[name].to_numpy(float) for name in ("customers", "retained"))
    few = n < least
    rest_n, rest_k = n.sum() - n, k.sum() - k
    low, high = wilson(k, n)
    apart = newcombe(k, n, rest_k, rest_n)
    p_value = _two_shares(k, n, rest_k, rest_n)
    found = table.assign(
        retention=k / n,
        low=low,
        high=high,
        difference=k / n - np.divide(rest_k, rest_n, out=np.full(len(n), np.nan), where=rest_n > 0),
        difference_low=apart[0],
        difference_high=apart[1],
        p_value=p_value,
    )
    found["retained"] = found["retained"].astype(float)
    found.loc[few, list(found.columns[2:])] = np.nan
    return found.assign(p_holm=_holm(found["p_value"].to_numpy(float)))


def _two_shares(k: np.ndarray, n: np.ndarray, k2: np.ndarray, n2: np.ndarray) -> np.ndarray:
    """Two-sided p of a difference of two shares, z with a pooled share; NaN where none varies."""
    both = n > 0
    both &= n2 > 0
    pooled = np.divide(k + k2, n + n2, out=np.full(len(n), np.nan), where=both)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / np.maximum(n, 1) + 1 / np.maximum(n2, 1)))
    gap = k / np.maximum(n, 1) - k2 / np.maximum(n2, 1)
    z = np.divide(gap, spread, out=np.full(len(n), np.nan), where=spread > 0)
    return 2 * ndtr(-np.abs(z))


def _holm(p: np.ndarray) -> np.ndarray:
    """p values corrected by Holm's step-down over those that are there."""
    there = np.flatnonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    steps = (len(order) - np.arange(len(order))) * p[order]
    out = np.full(len(p), np.nan)
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return out


@analysis(
    name=_("Effect of retention campaigns"),
    family="retention",
    tables=("orders", "campaign_exposures"),
    contracts=True,
)
def retention_strategy_effect(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """Retention of the opening customers a campaign reached, beside those held back.

    A row per campaign with an exposure in the period. Columns: `campaign`; `treated` and `control`
    customers, and those in `both` arms, who count in neither; `retained_treated`,
    `retained_control`, `retention_treated`, `retention_control`; `effect`, their difference, with
    Newcombe's `low` and `high`; `design`: `controlled`, or `descriptive only` where nobody was held
    back, for then nothing says what the campaign did.
    """
    asked = (base.period(period),)
    opening = base.ledger(asked).filter(nw.col("opening")).select("customer_id", "retained")
    table = arms(
        base, exposures(base, asked).join(opening, on="customer_id", how="inner"), "retained"
    )
    every = base.engine.collect(distinct(exposures(base, asked).select("campaign_id")))
    table = table.reindex(sorted(every["campaign_id"])).fillna(0)
    numbers = effect_of(table, "retained")
    columns = {
        "campaign": table.index,
        "treated": table["treated"].astype("int64"),
        "control": table["control"].astype("int64"),
        "both": table["both"].astype("int64"),
        "retained_treated": table["retained_treated"].astype("int64"),
        "retained_control": table["retained_control"].astype("int64"),
        "retention_treated": numbers["rate_treated"],
        "retention_control": numbers["rate_control"],
    }
    rest = {name: numbers[name] for name in ("effect", "low", "high", "design")}
    return pd.DataFrame(columns | rest).reset_index(drop=True)


def effect_of(table: pd.DataFrame, counted: str) -> pd.DataFrame:
    """The shares of both arms and their difference: `rate_treated … design`, a row per campaign."""
    n1, n2 = (table[name].to_numpy(float) for name in ("treated", "control"))
    k1, k2 = (table[f"{counted}_{name}"].to_numpy(float) for name in ("treated", "control"))
    rates = [
        np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0) for k, n in ((k1, n1), (k2, n2))
    ]
    low, high = newcombe(k1, n1, k2, n2)
    controlled = n2 > 0
    return pd.DataFrame(
        {
            "rate_treated": rates[0],
            "rate_control": rates[1],
            "effect": rates[0] - rates[1],
            "low": np.where(controlled, low, np.nan),
            "high": np.where(controlled, high, np.nan),
            "design": np.where(controlled, CONTROLLED, DESCRIPTIVE),
        },
        index=table.index,
    )


@analysis(
    name=_("Churn reasons"),
    family="churn",
    tables=("subscriptions",),
    columns=("subscriptions.cancel_reason",),
    contracts=True,
)
def churn_reasons(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """Why the period's lost customers left, by the reason given when their contract ended.

    Columns: `reason`; `customers`; `share` of the lost customers with Goodman's `low` and `high`
    (NaN where somebody gave two reasons, for then the shares pass 1 together); `value`, the monthly
    revenue of their contracts that ended with it, and `value_share`. Who gave none is `(missing)`,
    last; the others by customers, then name. A contract that another follows within a day has not
    ended a life, and its reason is none. What people say and why they leave are two things.
    """
    asked = (base.period(period),)
    lost = base.ledger(asked).filter(nw.col("lost")).select("customer_id")
    everyone = int(base.engine.collect(lost.select(n=nw.len()))["n"].iloc[0])
    if everyone == 0:
        raise InputError.about(
            "churn_reasons", _("no customer was lost in {period}", period=asked[0])
        )
    ended = _not_continued(base, base.events("subscriptions", asked, "ended_at"))
    mine = as_written(ended.join(lost, on="customer_id", how="inner"), "cancel_reason")
    mine = mine.with_columns(reason=nw.col("cancel_reason"))
    per = mine.group_by("customer_id", "reason").agg(value=nw.col("mrr").sum())
    table = base.engine.collect(lost.join(per, on="customer_id", how="left"))
    table["reason"] = table["reason"].where(table["reason"].notna(), MISSING)
    table["reason"] = table["reason"].replace("", MISSING)
    named = table.loc[table["reason"] != MISSING, "customer_id"].unique()
    said = (table["reason"] != MISSING) | ~table["customer_id"].isin(named)
    people = table[said].groupby("reason")["customer_id"].nunique()
    worths = table.groupby("reason")["value"].sum().reindex(people.index).fillna(0.0)
    found = pd.DataFrame({"customers": people, "value": worths}).reset_index()
    last = found["reason"] == MISSING
    found = found.assign(last=last).sort_values(
        ["last", "customers", "reason"], ascending=[True, False, True], ignore_index=True
    )
    alone = found["customers"].sum() == everyone
    none = np.full(len(found), np.nan)
    low, high = goodman(found["customers"].to_numpy(float)) if alone else (none, none)
    worth = found["value"].sum()
    return pd.DataFrame(
        {
            "reason": found["reason"],
            "customers": found["customers"].astype("int64"),
            "share": found["customers"] / everyone,
            "low": low,
            "high": high,
            "value": found["value"],
            "value_share": found["value"] / worth if worth else none,
        }
    )


def _not_continued(base: Business, ended: nw.LazyFrame) -> nw.LazyFrame:
    """Contracts that ended and that no other one of the customer follows on the day or the next."""
    keys = ["customer_id", "ended_day"]
    others = base.table("subscriptions").select(
        "customer_id", begins=nw.col("started_day"), until=nw.col("ended_day")
    )
    pairs = distinct(ended.select(*keys)).join(others, on="customer_id", how="inner")
    gap = nw.col("begins") - nw.col("ended_day")
    further = nw.col("until").is_null() | (nw.col("until") > nw.col("ended_day"))
    followed = distinct(pairs.filter((gap >= 0) & (gap <= 1) & further).select(*keys))
    joined = ended.join(followed.with_columns(followed=nw.lit(1)), on=keys, how="left")
    return joined.filter(nw.col("followed").is_null()).drop("followed")
