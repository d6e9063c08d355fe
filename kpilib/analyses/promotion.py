"""What campaigns and channels brought: conversion beside those held back, cost by every rule."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.analyses.retention import effect_of
from kpilib.contacts.attribution import RULES, spent_and_won
from kpilib.contacts.campaigns import arms, bought_within, exposures
from kpilib.engines.expressions import distinct, word
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics import ByPart, Count, Known, Quotient
from kpilib.statistics.evaluate import evaluate
from kpilib.words import _


@analysis(
    name=_("Effect of marketing activity and channels"),
    family="acquisition",
    tables=("orders", "campaign_exposures"),
)
def promotion_effect(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """Who bought after a campaign, beside those held back, a row per campaign of the period.

    Each customer counts once per campaign, from the first exposure in the period on, once watched
    for `campaigns.days`. Columns: `campaign`; `reached` and `control` customers, `bought` and
    `bought_control` within those days, `conversion` and `conversion_control`; `effect`, their
    difference, with Newcombe's `low` and `high`; `cost`, all spend with that campaign in the
    period, and `cost_per_extra` = cost / (effect × reached), NaN where the effect is not above 0;
    `design`: `controlled`, or `descriptive only` where nobody was held back.
    """
    asked = (base.period(period),)
    keys = ["campaign_id", "customer_id"]
    rows = exposures(base, asked)
    first = rows.with_columns(first=nw.col("day").min().over(*keys))
    once = distinct(first.filter(nw.col("day") == nw.col("first")).select(*keys, "day", "control"))
    table = arms(
        base, bought_within(base, once, [*keys, "control"], base.settings.campaigns.days), "bought"
    )
    every = base.engine.collect(distinct(rows.select("campaign_id")))
    table = table.reindex(sorted(every["campaign_id"])).fillna(0)
    numbers = effect_of(table, "bought")
    spent = _spend(base, asked).reindex([str(one).strip().lower() for one in table.index])
    cost = spent.fillna(0.0).to_numpy(float)
    extra = numbers["effect"].to_numpy(float) * table["treated"].to_numpy(float)
    extra = np.where(extra > 0, extra, np.nan)
    found = pd.DataFrame(
        {
            "campaign": table.index,
            "reached": table["treated"].astype("int64"),
            "control": table["control"].astype("int64"),
            "bought": table["bought_treated"].astype("int64"),
            "bought_control": table["bought_control"].astype("int64"),
            "conversion": numbers["rate_treated"],
            "conversion_control": numbers["rate_control"],
            "effect": numbers["effect"],
            "low": numbers["low"],
            "high": numbers["high"],
            "cost": cost,
            "cost_per_extra": cost / extra,
            "design": numbers["design"],
        }
    ).reset_index(drop=True)
    found.attrs["heads"] = {"bought": "bought_reached"}
    return found


def _spend(base: Business, asked: tuple[Period, ...]) -> pd.Series:
    """What was spent on each campaign in the period, by the campaign's word."""
    if "marketing_spend" not in base.tables:
        return pd.Series(dtype=float)
    rows = base.events("marketing_spend", asked).with_columns(word=word("campaign"))
    grouped = rows.group_by("word").agg(nw.col("amount").sum())
    return base.engine.collect(grouped).set_index("word")["amount"]


@analysis(
    name=_("CAC by channel under every attribution"),
    family="acquisition",
    tables=("orders", "marketing_spend"),
    columns=("customers.acquisition_channel", "interactions.channel"),
    contracts=True,
)
def cac_by_attribution(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """What a customer cost by each channel, under every rule that says who came by which.

    A row per channel and rule, named as the setting `acquisition.attribution` does. Columns:
    `channel, attribution`; `spend`; `customers` put down to the channel, who add up to the new
    customers under each rule; `cac` = spend / customers, NaN where nobody was, with `low` and
    `high` from the count. Where the rules disagree, no more is known of a channel's cost.
    """
    asked = (base.period(period),)
    statistics = {}
    for rule in RULES:
        spent, came = spent_and_won(base, asked, rule)
        cost = Quotient(Known(spent, nw.col("amount")), Count(came, weight=nw.col("weight")))
        statistics[rule] = ByPart(cost, "channel")
    found = evaluate(base.engine, statistics)
    rows = pd.concat([table.assign(attribution=rule) for rule, table in found.items()])
    place = rows["attribution"].map({rule: at for at, rule in enumerate(RULES)})
    rows = rows.assign(place=place).sort_values(["part", "place"], ignore_index=True)
    names = {"part": "channel", "numerator": "spend", "denominator": "customers", "value": "cac"}
    return rows.rename(columns=names)[
        ["channel", "attribution", "spend", "customers", "cac", "low", "high"]
    ]
