"""When a new customer has earned back what it cost to win one."""

from typing import Any

import numpy as np
import pandas as pd

from kpilib.clv.value.worth import spend_terms

DRAWS = 200


Valued = Any
"""A `LifetimeValue`: the valuation whose new customer is followed."""


def payback_table(value: Valued) -> pd.DataFrame:
    """See `LifetimeValue.payback`."""
    cost = value.acquisition_cost
    sums = _cumulative(value, value.model, _mean_spend(value, None))
    table = pd.DataFrame({"months": value.schedule.months, "value": sums})
    table["low"], table["high"] = _limits(value)
    net = sums - (np.nan if cost is None else cost)
    return table.assign(net=net, paid_back=net >= 0)


def new_customer(value: Valued) -> pd.Series:
    """See `LifetimeValue.new_customer`."""
    table = payback_table(value)
    last = table.iloc[-1]
    paid = table.loc[table["paid_back"], "months"]
    cost = value.acquisition_cost
    return pd.Series(
        {
            "value": last["value"],
            "low": last["low"],
            "high": last["high"],
            "acquisition_cost": np.nan if cost is None else float(cost),
            "net": last["net"],
            "payback_months": float(paid.iloc[0]) if len(paid) else np.nan,
        },
        name="new_customer",
    )


def _cumulative(value: Valued, model: Any, spend: float) -> np.ndarray:
    """Discounted value of a new customer by the end of each step, first payment included."""
    schedule = value.schedule
    if model.kind == "SBG":
        whole = np.arange(1, int(np.ceil(schedule.months[-1])) + 1)
        per_month = model.survival(whole - 1) * (1 + schedule.discount_rate) ** (-(whole - 1) / 12)
        paid = np.cumsum(per_month)
        return value.margin * spend * paid[np.ceil(schedule.months).astype(int) - 1]
    times, matrix = schedule.nodes(model.time_scale)
    by_step = np.diff(matrix @ model.expected_purchases_new(times), prepend=0.0)
    return value.margin * spend * (1 + np.cumsum(schedule.factors * by_step))


def _mean_spend(value: Valued, draw: np.ndarray | None) -> float:
    if value.spend is None:
        return float(value.customers["expected_spend"].mean())
    if draw is None:
        return float(value.spend.mean_spend)
    return float(spend_terms(draw[None], np.zeros(1))[0][0, 0])


def _limits(value: Valued) -> tuple[np.ndarray, np.ndarray]:
    if value.posterior is None:
        none = np.full(len(value.schedule.ends), np.nan)
        return none, none
    models = list(value.posterior.models(DRAWS))
    phi = value.spend_draws
    rows = [
        _cumulative(value, model, _mean_spend(value, None if phi is None else phi[i % len(phi)]))
        for i, model in enumerate(models)
    ]
    low, high = np.quantile(rows, [(1 - value.level) / 2, (1 + value.level) / 2], axis=0)
    return low, high
