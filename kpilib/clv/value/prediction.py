"""Predicted values as rows in the engine, for KPIs: a column to sum, and how it moves.

A customer's value is linear in what they spent once their history is known (see `worth`), so the
distinct histories carry two coefficients each, and the engine does the rest. How the value moves
with each of the models' parameters, one standard deviation at a time along independent directions,
is carried in the same way: the sums of these slopes make the interval of any total.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.expected.choose import PURCHASE_MODELS, chosen_purchases
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.summary import histories
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.model import Model
from kpilib.clv.value.worth import roughly, spend_terms, units
from kpilib.errors import InputError
from kpilib.periods import Period, day_date

if TYPE_CHECKING:
    from kpilib.activity.business import Business

ENOUGH = 20
"""Customers who have bought again, with a spend above 0, below which no value is predicted."""

SLOPES = tuple(f"slope_{k}" for k in range(7))
_KEYS = ("period", "frequency", "recency", "T")


def predicted_values(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """One row per period and customer who had bought by its close.

    `period, customer_id, frequency, recency, T, monetary_value`, `value` (discounted, over the
    horizon and at the margin of the settings) and `SLOPES`. Models are fitted anew at every close,
    on what lies before it. Periods in which fewer than 20 customers have bought again have no rows.
    """
    people = base._keep(("histories", periods), lambda: histories(base, periods))
    terms = base._bring(("value of histories", periods), lambda: _terms(base, periods, people))
    mean = nw.col("monetary_value")
    spent = nw.col("frequency") * nw.when(mean > 0).then(mean).otherwise(nw.lit(0.0))
    names = ("value", *SLOPES)
    return people.join(terms, on=list(_KEYS), how="inner").select(
        "customer_id",
        *_KEYS,
        "monetary_value",
        **{name: nw.col(f"{name}_each") + nw.col(f"{name}_spent") * spent for name in names},
    )


def _terms(base: "Business", periods: tuple[Period, ...], people: nw.LazyFrame) -> pd.DataFrame:
    """Per period and distinct history, what makes its value and slopes, by models fitted there."""
    name, keys = chosen_purchases(base, None, "this prediction"), list(_KEYS)
    table = base.engine.collect(people.group_by(*keys).agg(nw.len().alias("customers")))
    money = base.engine.collect(
        people.group_by("period", "frequency", "monetary_value").agg(nw.len().alias("customers"))
    )
    parts = [_empty()]
    for place, period in enumerate(periods):
        closes = base.closes(period)
        seen = table[table["period"] == place].sort_values(keys, ignore_index=True)
        models = _fitted(str(name), seen, money[money["period"] == place])
        if models is None:
            continue
        schedule = ruled_schedule(base, closes)
        found = _coefficients(*models, seen, schedule, base.settings.value.margin)
        parts.append(found.assign(period=place))
    return pd.concat(parts, ignore_index=True)


def _empty() -> pd.DataFrame:
    whole = {name: np.zeros(0, dtype=np.int64) for name in _KEYS}
    names = [f"{name}_{part}" for name in ("value", *SLOPES) for part in ("each", "spent")]
    return pd.DataFrame(whole | {name: np.zeros(0) for name in names})


def ruled_schedule(base: "Business", closes: int) -> Schedule:
    """The steps from a close to the horizon of the settings, at their rate."""
    rule = base.settings.value
    return Schedule.until(rule.months, start=day_date(closes), discount_rate=rule.discount_rate)


def _coefficients(
    purchases: Any, spend: GammaGamma, seen: pd.DataFrame, schedule: Schedule, margin: float
) -> pd.DataFrame:
    """Per distinct history, the two coefficients of its value and of each slope."""
    history = [seen[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    within = margin * units(purchases, schedule, *history).within
    each, spent = spend_terms(spend, history[0])
    columns = {"value": (within * each, within * spent)}
    now = np.maximum(roughly(purchases, schedule, *history), 1e-300)
    for name, (up, down) in zip(SLOPES, neighbours(purchases), strict=False):
        higher, lower = (roughly(model, schedule, *history) for model in (up, down))
        moved = within * (higher - lower) / (2 * now)
        columns[name] = (moved * each, moved * spent)
    for name, (up, down) in zip(SLOPES[4:], neighbours(spend), strict=True):
        above, below = spend_terms(up, history[0]), spend_terms(down, history[0])
        columns[name] = tuple(within * (a - b) / 2 for a, b in zip(above, below, strict=True))
    named = {
        f"{name}_{part}": column
        for name, pair in columns.items()
        for part, column in zip(("each", "spent"), pair, strict=True)
    }
    return seen[list(_KEYS)].assign(**named)


def _fitted(name: str, seen: pd.DataFrame, money: pd.DataFrame) -> tuple[Any, GammaGamma] | None:
    """Both models, or None where there is too little to fit them to."""
    good = money[(money["frequency"] > 0) & (money["monetary_value"] > 0)]
    if good["customers"].sum() < ENOUGH:
        return None
    good = good.sort_values(["frequency", "monetary_value"])
    counts = Counts.from_arrays(
        *(seen[name].to_numpy() for name in ("frequency", "recency", "T", "customers"))
    )
    try:
        purchases = PURCHASE_MODELS[name].fit_counts(counts)
        spend = GammaGamma.fit_counts(
            Spend.from_arrays(
                *(good[c].to_numpy() for c in ("frequency", "monetary_value", "customers"))
            )
        )
    except InputError:
        return None
    return (purchases, spend) if spend.q > 1.05 else None


def neighbours(model: Model) -> list[tuple[Any, Any]]:
    """The model moved up and down by a standard deviation along independent directions."""
    assert model.fitted is not None
    space = model.space
    u = space.to_free(list(model.parameters.values()))
    inverse = np.linalg.inv(space.jacobian(u))
    root = np.linalg.cholesky(inverse @ model.fitted.covariance @ inverse.T)

    def at(free: np.ndarray) -> Any:
        theta = dict(zip(model.symbols, space.to_natural(free), strict=True))
        if "q" in theta:
            theta["q"] = max(theta["q"], 1.02)
        return replace(model, **theta, fitted=None)

    return [(at(u + step), at(u - step)) for step in root.T]
