"""Predicted values of contracts as rows in the engine, for KPIs; see `prediction`.

What a running life will pay is its monthly revenue times the discounted renewals that sBG expects
of one begun on that day, so the distinct first days carry one coefficient each.
"""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.recurring import contract_lives
from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.prediction import ENOUGH, SLOPES, neighbours, ruled_schedule
from kpilib.clv.value.renewals import Renewals, contract_counts, lives
from kpilib.errors import InputError
from kpilib.periods import Period

if TYPE_CHECKING:
    from kpilib.activity.business import Business

_COLUMNS = ("value", *SLOPES)


def predicted_contract_values(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """One row per period and customer with a contract begun before its close.

    `period, customer_id, running` (1 where a contract runs), `monthly` (the revenue of those that
    do, at the mean of the others where a contract has none), `value` (discounted, over the horizon
    and at the margin of the settings) and `SLOPES`. The model is fitted anew at every close, to
    lives, not to rows. Periods in which fewer than 20 lives have come to a renewal have no rows.
    """
    lived = base._keep(("contract lives", periods), lambda: contract_lives(base, periods))
    terms = base._bring(("value of contracts", periods), lambda: _terms(base, periods, lived))
    rows = lived.join(terms, on=["period", "started_day"], how="inner")
    running = nw.when(nw.col("ended") > nw.col("closes")).then(nw.lit(1)).otherwise(nw.lit(0))
    monthly = nw.col("monthly") + nw.col("unknown") * nw.col("mean")
    rows = rows.with_columns(running=running, monthly=monthly)
    return rows.group_by("period", "customer_id").agg(
        nw.col("running").sum(),
        nw.col("monthly").sum(),
        *((nw.col(f"{name}_each") * nw.col("monthly")).sum().alias(name) for name in _COLUMNS),
    )


def _terms(base: "Business", periods: tuple[Period, ...], lived: nw.LazyFrame) -> pd.DataFrame:
    """Per period and first day, what a unit of revenue is worth, by a model fitted there."""
    counted = base.engine.collect(
        lived.group_by("period", "started_day", "ended").agg(
            nw.len().alias("lives"), nw.col("known").sum(), nw.col("monthly").sum()
        )
    )
    parts = [_empty()]
    for place, period in enumerate(periods):
        seen = counted[counted["period"] == place].sort_values(["started_day", "ended"])
        found = _coefficients(base, seen, base.closes(period))
        if found is not None:
            parts.append(found.assign(period=place))
    return pd.concat(parts, ignore_index=True)


def _empty() -> pd.DataFrame:
    whole = {name: np.zeros(0, dtype=np.int64) for name in ("period", "started_day")}
    each = {f"{name}_each": np.zeros(0) for name in _COLUMNS}
    return pd.DataFrame(whole | {"mean": np.zeros(0)} | each)


def _coefficients(base: "Business", seen: pd.DataFrame, closes: int) -> pd.DataFrame | None:
    """Per first day, what a unit of monthly revenue is worth, and its slopes."""
    started = seen["started_day"].to_numpy(int)
    lived = lives(started, seen["ended"].to_numpy(float), closes)
    weights = seen["lives"].to_numpy(float)
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
    mean = seen["monthly"].sum() / known
    return pd.DataFrame({"started_day": days, "mean": mean, **columns})
