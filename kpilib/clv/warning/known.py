"""What was known of each customer before a day: nothing dated on or after it plays a part."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.activity.purchases import Bought, buy
from kpilib.engines.expressions import any_of, count_where, known, sum_where

if TYPE_CHECKING:
    from kpilib.activity.business import Business

VISIT_DAYS, USUAL_DAYS = 30, 90
"""Interactions of the last days are held against those of the days before."""
CARE_DAYS = 90
"""For how long a complaint, or mail that stays shut, counts."""
ANSWER_DAYS = 180
"""For how long an answer to a survey counts."""


def bought_before(base: "Business", day: int) -> Bought:
    """Purchases before a day, net of the refunds made before it."""
    orders = base.tables["orders"].filter(nw.col("ordered_day") < day)
    refunds = base.tables.get("refunds")
    return buy(
        base.engine,
        orders,
        None if refunds is None else refunds.filter(nw.col("refunded_day") < day),
    )


def known_before(base: "Business", day: int, days: int) -> pd.DataFrame:
    """One row per customer with a purchase before a day, in the order of the ids.

    `customer_id`; `n` purchases, `first` and `last` (day numbers), `repeat_total` (their money but
    for the first's), `recent` and `before` (purchases in the last `days`, and in the `days` before
    those); and where the table is there `visits` and `visits_before` (interactions), `complaints`,
    `score` (the last answer to a survey, 0 at the bottom of its scale and 1 at the top), `opened`
    (the part of mails that a person opened), `member` and `ended` (a contract runs; one ended or
    was cancelled of late).
    """
    table = _history(base, day, days)
    for name, find in _TABLES.items():
        if name in base.tables:
            table = table.join(find(base, day), on="customer_id", how="left")
    found = base.engine.collect(table.sort("customer_id"))
    counts = [name for name in _COUNTS if name in found]
    return found.fillna(dict.fromkeys(counts, 0)).astype(dict.fromkeys(counts, float))


_COUNTS = ("visits", "visits_before", "complaints", "member", "ended")


def _history(base: "Business", day: int, days: int) -> nw.LazyFrame:
    on = nw.col("day")
    purchases = bought_before(base, day).purchases
    return purchases.group_by("customer_id").agg(
        n=nw.len(),
        first=on.min(),
        last=on.max(),
        repeat_total=sum_where(nw.col("amount"), known(nw.col("previous_day"))),
        recent=count_where(on >= day - days),
        before=count_where((on >= day - 2 * days) & (on < day - days)),
    )


def _since(frame: nw.LazyFrame, column: str, day: int, days: int) -> nw.LazyFrame:
    """The rows of known customers in the last `days` before a day."""
    on = nw.col(column)
    return frame.filter(known(nw.col("customer_id")) & (on < day) & (on >= day - days))


def _visits(base: "Business", day: int) -> nw.LazyFrame:
    rows = _since(base.table("interactions"), "event_day", day, VISIT_DAYS + USUAL_DAYS)
    late = nw.col("event_day") >= day - VISIT_DAYS
    return rows.group_by("customer_id").agg(
        visits=count_where(late), visits_before=count_where(~late)
    )


def _complaints(base: "Business", day: int) -> nw.LazyFrame:
    types = list(base.settings.service.complaint_types)
    is_one = nw.col("type").str.strip_chars().str.to_lowercase().is_in(types)
    rows = _since(base.table("tickets"), "created_day", day, CARE_DAYS)
    return rows.group_by("customer_id").agg(complaints=count_where(is_one))


def _score(base: "Business", day: int) -> nw.LazyFrame:
    """The mean of the scores on the last day with one; scales as the rows name them."""
    rows = _since(base.table("survey_responses"), "responded_day", day, ANSWER_DAYS)
    survey = nw.col("survey").str.strip_chars().str.to_lowercase()
    rule = base.settings.surveys
    net, ces = survey == rule.nps, survey == rule.ces
    least = nw.when(net).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
    most = (
        nw.when(net)
        .then(nw.lit(10.0))
        .otherwise(nw.when(ces).then(nw.lit(7.0)).otherwise(nw.lit(5.0)))
    )
    low = nw.when(known(nw.col("scale_min"))).then(nw.col("scale_min")).otherwise(least)
    high = nw.when(known(nw.col("scale_max"))).then(nw.col("scale_max")).otherwise(most)
    rows = rows.filter(known(nw.col("score"))).with_columns(low=low, high=high)
    rows = rows.filter(nw.col("high") > nw.col("low")).with_columns(
        last=nw.col("responded_day").max().over("customer_id"),
        part=(nw.col("score") - nw.col("low")) / (nw.col("high") - nw.col("low")),
    )
    latest = rows.filter(nw.col("responded_day") == nw.col("last"))
    return latest.group_by("customer_id").agg(score=nw.col("part").mean())


def _opened(base: "Business", day: int) -> nw.LazyFrame:
    """The part of delivered mails that a person opened; none delivered: missing."""
    rows = _since(base.table("email_events"), "event_day", day, CARE_DAYS)
    event = nw.col("event").str.strip_chars().str.to_lowercase()
    person = ~nw.col("machine_open").fill_null(False)
    mails = rows.group_by("customer_id", "message_id").agg(
        delivered=any_of(event == "delivered"), opened=any_of((event == "opened") & person)
    )
    there = mails.filter(nw.col("delivered") == 1)
    return there.group_by("customer_id").agg(opened=nw.col("opened").cast(nw.Float64).mean())


def _contracts(base: "Business", day: int) -> nw.LazyFrame:
    rows = base.table("subscriptions").filter(nw.col("started_day") < day)
    over, called_off = nw.col("ended_day"), nw.col("cancelled_day")
    ended, noticed = known(over) & (over < day), known(called_off) & (called_off < day)
    late = (ended & (over >= day - CARE_DAYS)) | (noticed & (called_off >= day - CARE_DAYS))
    return rows.group_by("customer_id").agg(member=any_of(~ended), ended=any_of(late))


_TABLES: dict[str, Callable[[Any, int], nw.LazyFrame]] = {
    "interactions": _visits,
    "tickets": _complaints,
    "survey_responses": _score,
    "email_events": _opened,
    "subscriptions": _contracts,
}
"""What each source table tells, where it was given."""
