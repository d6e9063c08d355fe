"""Answers to surveys: which count, on which scale, and what each question is called."""

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines.expressions import known
from kpilib.periods import Periods, as_periods

if TYPE_CHECKING:
    from kpilib.activity.business import Business

ITEM = ("survey", "question")
_OTHERS: dict[str, Any] = {"customer_id": nw.String, "wave": nw.String, "question": nw.String,
           "scale_min": nw.Float64, "scale_max": nw.Float64}  # fmt: skip
"""Columns that the table may lack, and what stands in for them."""


def answers(base: "Business", periods: Periods) -> nw.LazyFrame:
    """One row per answer that counts in a period: `customer_id, survey, wave, question, score,
    scale_min, scale_max`, with `day`, `period` and the rest of `windows`.

    An answer has a score, counts on the day it was given, and lies on the one scale of its item.
    Of a customer's answers to one item and wave in a period the latest counts (of two at one
    instant the lower); an answer without a customer counts by itself. Words are trimmed and in
    small letters; a missing question is the survey's main one, a missing wave none.
    """
    asked = as_periods(periods)
    good = base.within(_on_scale(base), asked)
    place = (
        nw.col("one")
        .cum_sum()
        .over("period", "customer_id", *ITEM, "wave", order_by=["newest", "score"])
    )
    ordered = good.with_columns(one=nw.lit(1), newest=-nw.col("second"))
    ranked = ordered.with_columns(place=place)
    anonymous = nw.col("customer_id").is_null()
    return ranked.filter(anonymous | (nw.col("place") == 1)).drop("one", "newest", "place")


def scales(base: "Business") -> pd.DataFrame:
    """The one scale of each item: `survey, question, scale_min, scale_max`.

    The one that most of its rows in the records name (of two as common, the wider); where none is
    named, 1 to 7 for ces and 1 to 5 for others. That of nps is 0 to 10 whatever they name.
    """
    named = _said(base).group_by(*ITEM, "scale_min", "scale_max").agg(rows=nw.len())
    table = base.engine.collect(named)
    table["named"] = table["scale_min"].notna() & table["scale_max"].notna()
    wide = table["scale_max"] - table["scale_min"]
    order = ["named", "rows", "wide", "scale_min"]
    ordered = table.assign(wide=wide).sort_values(order, ascending=[False, False, False, True])
    found = ordered.drop_duplicates(list(ITEM)).sort_values(list(ITEM), ignore_index=True)
    rule = base.settings.surveys
    seven = (found["survey"] == rule.ces) & (found["question"] == rule.effort)
    net = (found["survey"] == rule.nps) & (found["question"] == rule.recommend)
    low = found["scale_min"].where(found["named"], 1.0).mask(net, 0.0)
    usual = seven.map({True: 7.0, False: 5.0})
    high = found["scale_max"].where(found["named"], usual).mask(net, 10.0)
    return found[list(ITEM)].assign(scale_min=low.astype(float), scale_max=high.astype(float))


def _on_scale(base: "Business") -> nw.LazyFrame:
    """The answers with a score on their item's scale."""
    limits = {"scale_min": "low", "scale_max": "high"}
    own = base._bring(("scales",), lambda: scales(base).rename(columns=limits))
    low, high, score = nw.col("low"), nw.col("high"), nw.col("score")
    said = _said(base).filter(known(score)).join(own, on=list(ITEM), how="inner")
    same = [
        nw.col(name).is_null() | (nw.col(name) == limit)
        for name, limit in (("scale_min", low), ("scale_max", high))
    ]
    inside = said.filter(same[0] & same[1] & (score >= low) & (score <= high))
    return inside.with_columns(scale_min=low, scale_max=high).drop("low", "high")


def _said(base: "Business") -> nw.LazyFrame:
    """All that was answered, the words made comparable and missing columns filled."""
    table = base.tables["survey_responses"]
    there = table.collect_schema().names()
    if lacking := [name for name in _OTHERS if name not in there]:
        table = table.with_columns(**{name: nw.lit(None, _OTHERS[name]) for name in lacking})
    rule = base.settings.surveys
    table = table.select(
        "customer_id",
        "score",
        "scale_min",
        "scale_max",
        survey=_word("survey"),
        question=_word("question"),
        wave=_word("wave").fill_null(""),
        day=nw.col("responded_day"),
        second=nw.col("responded_second"),
    )
    main = nw.lit("")
    for survey, question in (
        (rule.csat, rule.overall),
        (rule.nps, rule.recommend),
        (rule.ces, rule.effort),
    ):
        main = nw.when(nw.col("survey") == survey).then(nw.lit(question)).otherwise(main)
    blank = nw.col("question").is_null() | (nw.col("question") == "")
    return table.with_columns(question=nw.when(blank).then(main).otherwise(nw.col("question")))


def _word(name: str) -> nw.Expr:
    return nw.col(name).str.strip_chars().str.to_lowercase()
