"""Predicted values of contracts as rows in the engine, for KPIs; see `prediction`.

What a running contract will pay is its monthly revenue times the discounted renewals that sBG
expects of a contract begun on that day, so the distinct first days carry one coefficient each.
"""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.prediction import ENOUGH, SLOPES, neighbours, ruled_schedule
from kpilib.clv.value.renewals import Renewals, contract_counts, lives
from kpilib.errors import InputError
from kpilib.periods import Period

if TYPE_CHECKING:
    from kpilib.activity.business import Business

OPEN = 10_000_000
"""The day on which a contract without an end is taken to end: never."""

_COLUMNS = ("value", *SLOPES)


def predicted_contract_values(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """One row per period and customer with a contract begun before its close.

    `period, customer_id, running` (contracts), `monthly` (their revenue; the mean of all contracts
    where a contract has none), `value` (discounted, over the horizon and at the margin of the
    settings) and `SLOPES`. The model is fitted anew at every close. Periods in which fewer than 20
    contracts have come to a renewal have no rows.
    """
    contracts = base.tables["subscriptions"].select(
        "customer_id",
        "started_day",
        ended=nw.col("ended_day").fill_null(OPEN),
        mrr=nw.col("mrr").cast(nw.Float64),
    )
    counted = base.engine.collect(
        contracts.group_by("started_day", "ended").agg(
            nw.len().alias("contracts"), nw.col("mrr").count().alias("known"), nw.col("mrr").sum()
        )
    )
    parts = [_empty()]
    for place, period in enumerate(periods):
        closes = min(period.end_day, base.as_of)
        seen = counted[counted["started_day"] < closes].sort_values(["started_day", "ended"])
        found = _coefficients(base, seen, closes)
        if found is not None:
            parts.append(found.assign(period=place))
    terms = base.engine.frame(pd.concat(parts, ignore_index=True))
    rows = contracts.join(terms, on="started_day", how="inner")
    running = nw.col("ended") > nw.col("closes")
    monthly = nw.when(running).then(nw.col("mrr").fill_null(nw.col("mean"))).otherwise(nw.lit(0.0))
    rows = rows.with_columns(running=running.cast(nw.Int64), monthly=monthly)
    return rows.group_by("period", "customer_id").agg(
        nw.col("running").sum(),
        nw.col("monthly").sum(),
        *((nw.col(f"{name}_each") * nw.col("monthly")).sum().alias(name) for name in _COLUMNS),
    )


def _empty() -> pd.DataFrame:
    whole = {name: np.zeros(0, dtype=np.int64) for name in ("period", "started_day", "closes")}
    each = {f"{name}_each": np.zeros(0) for name in _COLUMNS}
    return pd.DataFrame(whole | {"mean": np.zeros(0)} | each)


def _coefficients(base: "Business", seen: pd.DataFrame, closes: int) -> pd.DataFrame | None:
    """Per first day, what a unit of monthly revenue is worth, and its slopes."""
    started = seen["started_day"].to_numpy(int)
    lived = lives(started, seen["ended"].to_numpy(float), closes)
    weights = seen["contracts"].to_numpy(float)
    renewed = weights[~lived["running"] | (lived["renewals"] >= 1)].sum()
    known = seen["known"].sum()
    if renewed < ENOUGH or not known:
        return None
    try:
        model = SBG.fit_counts(contract_counts(lived, weights))
    except InputError:
        return None
    days = np.unique(started)
    at_close = lives(days, np.full(len(days), np.nan), closes)
    ahead = Renewals(at_close["renewals"], at_close["elapsed"], ruled_schedule(base, closes))
    margin = base.settings.value.margin
    columns = {f"{name}_each": np.zeros(len(days)) for name in SLOPES}
    columns["value_each"] = margin * ahead.within(model)
    for name, (up, down) in zip(SLOPES, neighbours(model), strict=False):
        columns[f"{name}_each"] = margin * (ahead.within(up) - ahead.within(down)) / 2
    mean = seen["mrr"].sum() / known
    return pd.DataFrame({"started_day": days, "closes": closes, "mean": mean, **columns})
