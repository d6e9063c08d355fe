"""Predicted values as rows in the engine, for KPIs: a column to sum, and how it moves.

A customer's value is linear in what they spent once their history is known (see `worth`): the
distinct histories carry the purchases expected of them, each number of purchases carries the
coefficients of its spend, and the engine does the rest. How the value moves with each parameter of
the models, one standard deviation at a time along independent directions, is carried in the same
way: the sums of these slopes make the interval of any total.
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
from kpilib.clv.value.worth import discounted, roughly, spend_terms
from kpilib.errors import InputError
from kpilib.periods import Period, day_date

if TYPE_CHECKING:
    from kpilib.activity.business import Business

ENOUGH = 20
"""Customers who have bought again, with a spend above 0, below which no value is predicted."""

SLOPES = tuple(f"slope_{k}" for k in range(7))
_OF_PURCHASES, _OF_SPEND = SLOPES[:4], SLOPES[4:]
_PAID, _PARTS = ("value", *_OF_SPEND), ("each", "spent")
_KEYS = ("period", "frequency", "recency", "T")


def predicted_values(base: "Business", periods: tuple[Period, ...]) -> nw.LazyFrame:
    """One row per period and customer who had bought by its close.

    `period, customer_id, frequency, recency, T, monetary_value`, `value` (discounted, over the
    horizon and at the margin of the settings) and `SLOPES`. Models are fitted anew at every close,
    on what lies before it. Periods in which fewer than 20 customers have bought again have no rows.
    """
    people = base._keep(("histories", periods), lambda: histories(base, periods))
    spends = base.remember(("spend by close", periods), lambda: _spends(base, periods, people))
    paid = base._bring(("spend by purchases", periods), lambda: _spend_terms(spends))
    expected = base._bring(
        ("purchases of histories", periods), lambda: _purchases(base, periods, people, [*spends])
    )
    mean = nw.col("monetary_value")
    spent = nw.col("frequency") * nw.when(mean > 0).then(mean).otherwise(nw.lit(0.0))
    spend = {one: nw.col(f"{one}_each") + nw.col(f"{one}_spent") * spent for one in _PAID}
    return (
        people.join(expected, on=list(_KEYS), how="inner")
        .join(paid, on=["period", "frequency"], how="inner")
        .select(
            "customer_id",
            *_KEYS,
            "monetary_value",
            value=nw.col("within") * spend["value"],
            **{slope: nw.col(slope) * spend["value"] for slope in _OF_PURCHASES},
            **{slope: nw.col("within") * spend[slope] for slope in _OF_SPEND},
        )
    )


def _spends(
    base: "Business", periods: tuple[Period, ...], people: nw.LazyFrame
) -> dict[int, tuple[GammaGamma, np.ndarray]]:
    """By place of the period, the model of spend fitted at its close and the frequencies there.

    Places where too few have bought again, or under whose model no mean exists, are left out.
    """
    money = base.engine.collect(
        people.group_by("period", "frequency", "monetary_value").agg(nw.len().alias("customers"))
    )
    found = {}
    for place in range(len(periods)):
        seen = money[money["period"] == place]
        good = seen[(seen["frequency"] > 0) & (seen["monetary_value"] > 0)]
        if good["customers"].sum() < ENOUGH:
            continue
        good = good.sort_values(["frequency", "monetary_value"])
        columns = (good[name].to_numpy() for name in ("frequency", "monetary_value", "customers"))
        try:
            spend = GammaGamma.fit_counts(Spend.from_arrays(*columns))
        except InputError:
            continue
        if spend.q > 1.05:
            found[place] = (spend, np.sort(seen["frequency"].unique()))
    return found


def _spend_terms(spends: dict[int, tuple[GammaGamma, np.ndarray]]) -> pd.DataFrame:
    """Per period and frequency, the two coefficients of the spend and of how it moves."""
    names = ("period", "frequency", *(f"{one}_{part}" for one in _PAID for part in _PARTS))
    parts = [_empty(names)]
    for place, (spend, frequency) in spends.items():
        terms = [spend_terms(spend, frequency)]
        for up, down in neighbours(spend):
            above, below = spend_terms(up, frequency), spend_terms(down, frequency)
            terms.append(tuple((a - b) / 2 for a, b in zip(above, below, strict=True)))
        columns = (np.full(len(frequency), place), frequency, *(c for pair in terms for c in pair))
        parts.append(pd.DataFrame(dict(zip(names, columns, strict=True))))
    return pd.concat(parts, ignore_index=True)


def _purchases(
    base: "Business", periods: tuple[Period, ...], people: nw.LazyFrame, places: list[int]
) -> pd.DataFrame:
    """Per period of the places and distinct history, `within` and how it moves.

    `within` are the purchases expected within the horizon, discounted and times the margin, by a
    model fitted at the close.
    """
    name = chosen_purchases(base, None, "this prediction")
    table = base.engine.collect(people.group_by(*_KEYS).agg(nw.len().alias("customers")))
    parts = [_empty((*_KEYS, "within", *_OF_PURCHASES))]
    for place in places:
        seen = table[table["period"] == place].sort_values(list(_KEYS), ignore_index=True)
        columns = [seen[one].to_numpy() for one in (*_KEYS[1:], "customers")]
        try:
            model = PURCHASE_MODELS[str(name)].fit_counts(Counts.from_arrays(*columns))
        except InputError:
            continue
        schedule = ruled_schedule(base, base.closes(periods[place]))
        moves = _expected(model, schedule, base.settings.value.margin, *columns[:3])
        parts.append(seen[list(_KEYS)].assign(**moves))
    return pd.concat(parts, ignore_index=True)


def _expected(
    model: Any, schedule: Schedule, margin: float, *columns: np.ndarray
) -> dict[str, np.ndarray]:
    """`within` of each history, and how it moves with each parameter of the purchase model."""
    history = [column.astype(float) for column in columns]
    within = margin * discounted(model, schedule, *history)
    now = np.maximum(roughly(model, schedule, *history), 1e-300)
    moves = {"within": within}
    for slope, (up, down) in zip(_OF_PURCHASES, neighbours(model), strict=True):
        higher, lower = (roughly(one, schedule, *history) for one in (up, down))
        moves[slope] = within * (higher - lower) / (2 * now)
    return moves


def _empty(names: tuple[str, ...]) -> pd.DataFrame:
    """No row, with the columns as they are joined: keys are whole numbers."""
    kinds = {name: np.int64 if name in _KEYS else np.float64 for name in names}
    return pd.DataFrame({name: np.zeros(0, kind) for name, kind in kinds.items()})


def ruled_schedule(base: "Business", closes: int) -> Schedule:
    """The steps from a close to the horizon of the settings, at their rate."""
    rule = base.settings.value
    return Schedule.until(rule.months, start=day_date(closes), discount_rate=rule.discount_rate)


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
