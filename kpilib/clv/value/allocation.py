"""Where money for keeping customers goes furthest, by what the customers are worth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib.clv.expected.choose import ModelChoice, chosen_purchases
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.rates import Rates
from kpilib.clv.expected.summary import purchase_summary
from kpilib.clv.fitting.arguments import as_numbers
from kpilib.clv.value.valuation import ruled
from kpilib.clv.value.value import value_of_summary
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.show.reason import answering

if TYPE_CHECKING:
    from kpilib.activity.business import Business

TIER_SHARES = (0.80, 0.95)


@answering
def clv_allocation(
    base: "Business",
    period: str | Period | None = None,
    by: str | None = None,
    *,
    uplift: float | Mapping[str, float] | None = None,
    cost: float | Mapping[str, float] | None = None,
    budget: float | None = None,
    horizon: Any = None,
    discount_rate: float | None = None,
    margin: float | None = None,
    model: ModelChoice = None,
    draws: int = 500,
    seed: int | None = 0,
) -> pd.DataFrame:
    """Where money for keeping customers goes furthest, segment by segment, the best first.

    Segments are those of the attribute `by`; without it, tiers of predicted value: A the customers
    who make the first 80%, B up to 95%, C the rest. Value alone does not say who can be moved:
    that is `uplift`, the share by which a measure raises a customer's value (from a test against a
    control group), at `cost` a customer; both one number, or one per segment. Horizon, rate, margin
    and model are those of the settings where they are not given.

    Columns: the segment, `customers`, `value` with `low` and `high`, `value_each`, `low_each`,
    `high_each`, `value_share`, `overlaps` (its interval of `value_each` meets the next row's),
    `break_even` (the uplift that pays for the cost), `gain_each` (uplift x value less cost),
    `return` (gain per unit of cost), `spend` (of the budget, best return first, nothing where the
    gain is not positive; without a budget, all that gains), `gain` and `rule`: what the texts say
    of segments whose value per customer is above the average (retain and grow) or below it (acquire
    more like the better ones).

    >>> import kpilib
    >>> base = kpilib.open("cdnow-sample")
    >>> table = clv_allocation(base, uplift=0.05, cost=1.0, budget=300.0, draws=100)
    >>> table["tier"].tolist(), float(table["spend"].sum()) <= 300
    (['A', 'B', 'C'], True)
    """
    name = chosen_purchases(base, model, "an allocation")
    closes = base.closes(base.period(period))
    horizon, rate, margin = ruled(base, horizon, discount_rate, margin)
    schedule = Schedule.until(horizon, start=day_date(closes), discount_rate=rate)
    options: dict[str, Any] = {"acquisition_cost": None, "level": 0.95}
    rest = (closes, Rates(schedule), margin)
    column = by or "tier"
    summary = purchase_summary(base, closes, by)
    spend = None
    if by is None:
        first = value_of_summary(summary, *rest, name, None, None, 0, seed, options)
        summary = summary.assign(tier=_tiers(first.customers["value"].to_numpy()))
        name, spend = first.model, first.spend
    value = value_of_summary(summary, *rest, name, spend, column, draws, seed, options)
    assert value.segments is not None
    return _allocated(value.segments, column, uplift, cost, budget)


def _tiers(value: np.ndarray) -> np.ndarray:
    """A, B, C by the share of the value that is made before the customer; ties alike."""
    order = np.argsort(-value, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(value[order])[:-1]])
    first = np.unique(-value[order], return_index=True)[1]
    place = np.unique(-value, return_inverse=True)[1]
    share = before[first][place] / max(value.sum(), 1e-300)
    return np.array(["A", "B", "C"])[np.searchsorted(TIER_SHARES, share + 1e-12)]


def _allocated(
    segments: pd.DataFrame,
    column: str,
    uplift: float | Mapping[str, float] | None,
    cost: float | Mapping[str, float] | None,
    budget: float | None,
) -> pd.DataFrame:
    table = segments[[column, "customers", "value"]].copy()
    for name in ("low", "high"):
        table[name] = segments.get(name, pd.Series(np.nan, index=segments.index))
    for name in ("value", "low", "high"):
        table[f"{name}_each"] = table[name] / table["customers"]
    table["value_share"] = segments["share"]
    names = table[column].tolist()
    raised, paid = _per_segment(uplift, names, "uplift"), _per_segment(cost, names, "cost")
    if budget is not None and not budget >= 0:
        raise InputError(f"budget is {budget}; it must be an amount of 0 or more")
    table["break_even"] = paid / table["value_each"]
    table["gain_each"] = raised * table["value_each"] - paid
    with np.errstate(divide="ignore", invalid="ignore"):
        table["return"] = table["gain_each"] / paid
    average = table["value"].sum() / table["customers"].sum()
    above = table["value_each"] >= average
    table["rule"] = np.where(above, "retain and grow", "acquire more like the better ones")
    known = table["return"].notna().all()
    table = table.sort_values(
        ["return", "value_each"] if known else "value_each", ascending=False, ignore_index=True
    )
    following = table["high_each"].shift(-1)
    table["overlaps"] = (following >= table["low_each"]) & (
        table["low_each"].shift(-1) <= table["high_each"]
    )
    full = _per_segment(cost, table[column].tolist(), "cost") * table["customers"].to_numpy()
    table["spend"] = _spent(full, table["gain_each"].to_numpy(), budget)
    table["gain"] = table["return"] * table["spend"]
    table.attrs["heads"] = {"rule": "remedy"}
    return table


def _spent(full: np.ndarray, gain: np.ndarray, budget: float | None) -> list[float]:
    """What each segment gets, in order, until the budget is used; NaN where the gain is unknown."""
    left = np.inf if budget is None else float(budget)
    spent = []
    for wanted, each in zip(full, gain, strict=True):
        part = 0.0 if each <= 0 else min(wanted, left)
        left -= part
        spent.append(np.nan if np.isnan(each) else part)
    return spent


def _per_segment(
    given: float | Mapping[str, float] | None, names: list[str], what: str
) -> np.ndarray:
    """One number per segment; NaN where none was given."""
    if given is None:
        return np.full(len(names), np.nan)
    if isinstance(given, Mapping):
        lacking = [name for name in names if name not in given]
        if lacking:
            raise InputError(f"{what} lacks {', '.join(lacking)}; give one number per segment")
    each = [given[name] if isinstance(given, Mapping) else given for name in names]
    values = as_numbers(each, what).astype(float)
    if values.ndim > 1:
        raise InputError(f"{what} must be one number, or one per segment by its name, got {given}")
    if not (np.isfinite(values) & ((values > 0) if what == "cost" else (values > -1))).all():
        least = "above 0" if what == "cost" else "a share above -1, like 0.05"
        raise InputError(f"{what} is {given}; it must be {least}")
    return values
