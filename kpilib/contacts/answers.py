"""Answers to surveys: one per customer, survey, wave and question, on the scale of the question.

A response counts in the period it came in; without a score it is no answer. Of one customer's
answers to one survey, wave and question in a period the latest counts; an answer without a customer
stands by itself. A question has one scale, the one that most of its rows in the records name: rows
that name none are taken to be on it, rows on another scale and scores outside it are left out and
counted.
"""

from typing import NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.worded import all_responses, responses
from kpilib.engines.expressions import as_written
from kpilib.periods import Period
from kpilib.statistics import Count

KEYS = ("survey_word", "wave_word", "item")
"""What one customer answers once in a period."""

USUAL = {"csat": (1.0, 5.0), "repurchase": (1.0, 5.0), "ces": (1.0, 7.0), "nps": (0.0, 10.0)}
"""The scales of questions whose rows name none."""


class Scale(NamedTuple):
    """The lowest and the highest score of a question."""

    low: float
    high: float


class Answers(NamedTuple):
    """The answers to a question, or to several aspects, and what had to be left out."""

    rows: nw.LazyFrame
    """A row per answer: `period, customer_id, who, question, item, wave, score, scale_min,
    scale_max, day, second`; `who` tells whose rows belong together."""
    left_out: Count
    """Rows on another scale or outside it, per period."""
    scales: dict[str, Scale]
    """The scale of each item."""
    other: Scale | None
    """Of a single question, the scale that most of its rows name that are left out for theirs."""
    only_other: bool
    """Whether every row of the question in the records is on another scale."""


def answers(base: Business, periods: tuple[Period, ...], item: str) -> Answers:
    """The answers to `csat`, `nps`, `ces`, `repurchase`, or to the `aspects` of satisfaction.

    The settings' `surveys` say which survey and question each of them is. Whoever asks for the same
    shares one frame, and so one query.
    """
    return base.remember(("answers", item, periods), lambda: _answers(base, periods, item))


def _answers(base: Business, periods: tuple[Period, ...], item: str) -> Answers:
    scales = _scales(base, item)
    rows = _asked(base, periods, item).filter(~nw.col("score").is_null())
    table = pd.DataFrame(
        [(name, *scale) for name, scale in scales.items()], columns=["item", "lowest", "highest"]
    ).astype({"item": object, "lowest": float, "highest": float})
    if len(table):
        known = base.engine.frame(table)
    else:
        known = base.engine.frame(pd.DataFrame({"item": [""], "lowest": [0.0], "highest": [0.0]}))
    scaled = rows.join(known, on="item", how="inner")
    low, high = nw.col("lowest"), nw.col("highest")
    same = (nw.coalesce("scale_min", "lowest") == low) & (
        nw.coalesce("scale_max", "highest") == high
    )
    inside = same & (nw.col("score") >= low) & (nw.col("score") <= high)
    good = scaled.filter(inside).with_columns(scale_min=low, scale_max=high)
    one_each = base._keep(("one answer each", item, periods), lambda: _latest(good))
    other, only = _other_scale(base, item, scales)
    return Answers(one_each, Count(scaled, ~inside), scales, other, only)


def main_scale(found: Answers, item: str) -> Scale:
    """The scale of a question that is one: its own, or the usual one where nobody answered."""
    return next(iter(found.scales.values()), Scale(*USUAL[item]))


def _asked(base: Business, periods: tuple[Period, ...], item: str) -> nw.LazyFrame:
    """The responses of the periods to one item."""
    return base.remember(
        ("responses to", item, periods),
        lambda: _of_item(base, responses(base, periods), item),
    )


def _of_item(base: Business, worded: nw.LazyFrame, item: str) -> nw.LazyFrame:
    """The responses to one item, `item` naming the question as it is compared."""
    rule = base.settings.surveys
    survey, asked = nw.col("survey_word"), nw.col("asked")
    if item == "repurchase":
        return worded.filter(asked == rule.repurchase).with_columns(item=asked)
    if item == "aspects":
        others = [rule.overall, rule.repurchase, rule.recommend]
        named = ~asked.is_null() & ~asked.is_in(others)
        return worded.filter((survey == rule.csat) & named).with_columns(item=asked)
    main = {"csat": rule.overall, "nps": rule.recommend, "ces": rule.effort}[item]
    of_it = (survey == getattr(rule, item)) & (asked.is_null() | (asked == main))
    return worded.filter(of_it).with_columns(item=nw.lit(main))


def _scales(base: Business, item: str) -> dict[str, Scale]:
    """The scale that most rows of each question in the records name; the usual one for none."""
    table = _counted(base, item)
    if item == "nps":
        return {str(name): Scale(*USUAL["nps"]) for name in table["item"].unique()}
    usual = Scale(*USUAL.get(item, USUAL["csat"]))
    found = dict.fromkeys(sorted(table["item"]), usual)
    named = table.dropna(subset=["scale_min", "scale_max"])
    named = named.sort_values(["n", "scale_min", "scale_max"], ascending=[True, False, False])
    for row in named.to_dict("records"):
        found[str(row["item"])] = Scale(float(row["scale_min"]), float(row["scale_max"]))
    return found


def _counted(base: Business, item: str) -> pd.DataFrame:
    """`item, scale_min, scale_max, n`: how many rows of each question name which scale."""

    def counted() -> pd.DataFrame:
        named = base.remember(("scales named",), lambda: _scales_named(base))
        groups = _of_item(base, named, item).group_by("item", "scale_min", "scale_max")
        return base.engine.collect(groups.agg(nw.col("n").sum()))

    return base.remember(("scales counted", item), counted)


def _other_scale(base: Business, item: str, scales: dict[str, Scale]) -> tuple[Scale | None, bool]:
    """The scale that most rows of a single question name instead of its own; whether all do."""
    if len(scales) != 1:
        return None, False
    (own,) = scales.values()
    table = _counted(base, item)
    low = table["scale_min"].astype(float).fillna(own.low)
    high = table["scale_max"].astype(float).fillna(own.high)
    others = table.assign(scale_min=low, scale_max=high)[(low != own.low) | (high != own.high)]
    if others.empty:
        return None, False
    most = others.sort_values(["n", "scale_min", "scale_max"]).iloc[-1]
    return Scale(float(most["scale_min"]), float(most["scale_max"])), len(others) == len(table)


def _scales_named(base: Business) -> nw.LazyFrame:
    """How many responses of each survey and question name which scale, of all records."""
    counted = all_responses(base).group_by("survey_word", "asked", "scale_min", "scale_max")
    return base.engine.frame(base.engine.collect(counted.agg(n=nw.len())))


def _latest(rows: nw.LazyFrame) -> nw.LazyFrame:
    """One answer per customer, survey, wave and question; those of nobody each by itself."""
    second = nw.col("responded_second")
    columns = {"day": "day", "second": "responded_second", "scale_min": "scale_min",
               "scale_max": "scale_max", "opens": "opens", "closes": "closes"}  # fmt: skip
    keys = ["period", "customer_id", *KEYS]
    named = rows.filter(~nw.col("customer_id").is_null())
    last = named.with_columns(last=second.max().over(*keys)).filter(second == nw.col("last"))
    one = last.group_by(*keys).agg(
        score=nw.col("score").max(),
        question=nw.col("question").min(),
        **{name: nw.col(column).max() for name, column in columns.items()},
    )
    kept = ["period", "customer_id", "who", "question", "item", "wave", "score", *columns]
    one = one.with_columns(
        who=nw.concat_str([nw.lit("c"), nw.col("customer_id").cast(nw.String)]),
        wave=nw.col("wave_word"),
    )
    alone = rows.filter(nw.col("customer_id").is_null())
    alone = alone.with_row_index("place", order_by=["responded_second", "score"])
    alone = alone.with_columns(
        who=nw.concat_str([nw.lit("?"), nw.col("place").cast(nw.String)]),
        wave=nw.col("wave_word"),
        **{name: nw.col(column) for name, column in columns.items()},
    )
    return as_written(nw.concat([one.select(kept), alone.select(kept)], how="vertical"), "question")
