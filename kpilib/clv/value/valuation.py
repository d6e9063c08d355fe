"""What a valuation gives back, and the small things every valuation shares."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib.clv.expected.discount import Schedule
from kpilib.clv.fitting.arguments import as_level, generator, of_kind, one_number
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.value import payback
from kpilib.errors import InputError
from kpilib.show.marked import mark

if TYPE_CHECKING:
    from kpilib.activity.business import Business

TOTALS = {
    "active": "probability_alive",
    "expected_purchases": "expected_purchases",
    "value": "value",
    "residual": "residual",
}
"""Column of the tables of groups → the customers' column that it adds up."""

LIMITS = ("low", "high", "predicted_low", "predicted_high")


@dataclass(frozen=True, eq=False, kw_only=True)
class LifetimeValue:
    """What a customer base is worth over a horizon, customer by customer and in groups.

    Money is in the currency of the data, times the margin, discounted to `start`. `low` and `high`
    are limits of what is *expected*: they know that the model's parameters are estimated.
    `predicted_low` and `predicted_high` are limits of what will *come*: they add the play of
    chance, given the model. Neither knows whether the future resembles the past; `backtest` does.

    >>> import kpilib
    >>> from kpilib.clv.value.value import customer_lifetime_value
    >>> value = customer_lifetime_value(kpilib.open("cdnow-sample"), "6 months", draws=200)
    >>> bool(np.isclose(value.cohorts["value"].sum(), value.total["value"].iloc[0]))
    True
    """

    customers: pd.DataFrame
    """One row per customer: `customer_id`, the attribute asked for, `cohort`, the history,
    `probability_alive`, `expected_purchases`, `expected_spend`, `value`, `low`, `high`,
    `residual` (discounted value beyond the horizon, to infinity; NaN at a rate of 0 or less)."""
    total: pd.DataFrame
    """One row: `customers`, `active` (expected still there), `expected_purchases`, `value`,
    `low`, `high`, `predicted_low`, `predicted_high`, `residual`, `share` (of the total value)."""
    segments: pd.DataFrame | None
    """The same per value of the attribute asked for, else None; adds up to the total."""
    cohorts: pd.DataFrame
    """The same per month of the first purchase or contract; adds up to the total."""
    purchases_by_step: np.ndarray
    """Expected purchases, or renewals, of all customers in each step of the schedule."""
    model: Any
    spend: Any
    schedule: Schedule
    rates: tuple[float, float]
    """The lowest and the highest yearly discount rate of any customer; `schedule` has that of
    those who were not named, and of a new customer."""
    start: date
    margin: float
    acquisition_cost: float | None = None
    level: float = 0.95
    posterior: Any = None
    spend_draws: np.ndarray | None = None
    findings: tuple[Finding, ...] = ()
    lang: str = "en"
    currency: str | None = None

    def __post_init__(self) -> None:
        for table in (self.customers, self.total, self.segments, self.cohorts):
            mark(table, self.lang, self.currency)

    @property
    def horizon(self) -> date:
        """The first day outside the horizon."""
        return self.schedule.dates(self.start)[-1]

    def payback(self) -> pd.DataFrame:
        """A new customer's discounted value so far, step by step, against the acquisition cost.

        `months`, `value`, `low`, `high` (the first purchase included), `net` (less the cost, where
        one was given) and `paid_back`.
        """
        return mark(payback.payback_table(self), self.lang, self.currency)

    def new_customer(self) -> pd.Series:
        """A new customer: `value` over the horizon with limits, `acquisition_cost`, `net`, and
        `payback_months`, the first month by whose end the cost is earned back (NaN if none).
        """
        return payback.new_customer(self)

    def to_dict(self) -> dict[str, Any]:
        """Model, fit, findings and totals as plain JSON types, with no customer in it."""
        fit = self.model
        out = {
            "model": fit.kind,
            "time_unit": fit.time_unit,
            "parameters": fit.parameters,
            "log_likelihood": fit.log_likelihood,
            "aic": fit.aic,
            "bic": fit.bic,
            "customers_fitted": fit.n and round(fit.n),
            "spend_model": None if self.spend is None else self.spend.kind,
            "spend_parameters": None if self.spend is None else self.spend.parameters,
            "start": self.start.isoformat(),
            "horizon": self.horizon.isoformat(),
            "discount_rate": self.schedule.discount_rate,
            "discount_rates": list(self.rates),
            "margin": self.margin,
            "level": self.level,
            "total": _plain(self.total)[0],
            "segments": None if self.segments is None else _plain(self.segments),
            "cohorts": _plain(self.cohorts),
            "new_customer": {k: _number(v) for k, v in self.new_customer().items()},
            "diagnosis": [finding.to_dict() for finding in self.findings],
        }
        out["total"].pop("group", None)
        return out

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.lifetime_value import value_html

        return {"text/plain": str(self), "text/html": value_html(self, self.lang, self.currency)}

    def __str__(self) -> str:
        row = self.total.iloc[0]
        low, high = (f"{100 * rate:g}%" for rate in self.rates)
        rate = f"{low if low == high else f'{low} to {high}'} a year"
        worth = f"{row['value']:,.2f} {self.currency or ''}".strip()
        lines = [
            f"{self.model.kind}: {row['customers']:,} customers are worth {worth} "
            f"from {self.start} to {self.horizon}, at {rate} and a margin of {self.margin:g}"
        ]
        if not np.isnan(row.get("low", np.nan)):
            lines.append(
                f"  {100 * self.level:g}% limits of what is expected: {row['low']:,.2f} … "
                f"{row['high']:,.2f}; of what will come: {row['predicted_low']:,.2f} … "
                f"{row['predicted_high']:,.2f}"
            )
        if not np.isnan(row["residual"]):
            lines.append(f"  beyond the horizon: {row['residual']:,.2f}")
        return "\n".join([*lines, *(f"  {finding}" for finding in self.findings)])


def ruled(
    base: "Business", horizon: Any, discount_rate: float | None, margin: float | None
) -> tuple[Any, float, float]:
    """Horizon, yearly rate and margin, by the base's settings where they were not given."""
    rule = base.settings.value
    return (
        rule.months if horizon is None else horizon,
        rule.discount_rate if discount_rate is None else discount_rate,
        checked_margin(rule.margin if margin is None else margin),
    )


def check_options(
    acquisition_cost: float | None, level: float, draws: int, seed: int | None, spend: Any
) -> None:
    """Raise an InputError that names the first of these that cannot be."""
    as_level(level)
    one_number(draws, "draws", whole=True)
    generator(seed)
    if acquisition_cost is not None:
        one_number(acquisition_cost, "acquisition_cost")
    if spend is not None:
        of_kind(spend, GammaGamma, "GammaGamma.fit(frequency, monetary_value)")


def checked_margin(margin: float) -> float:
    """The margin as a number above 0 and at most 1, or an InputError."""
    try:
        share = float(margin)
    except (TypeError, ValueError):
        share = np.nan
    if not 0 < share <= 1:
        raise InputError(
            f"margin is {margin}; it must be the part of the spend that is kept, like 0.30 for 30%"
        )
    return share


def with_noise(
    table: pd.DataFrame, values: np.ndarray, variance: np.ndarray, level: float, seed: int | None
) -> None:
    """Set the limits of a table of groups from draws of their value and the chance around it.

    What will come is drawn as a gamma variable with each draw as its mean and the variance of the
    drawn futures: positive, and skewed where the group is small.
    """
    tails = [(1 - level) / 2, (1 + level) / 2]
    known = table["value"].to_numpy()
    low, high = np.quantile(values, tails, axis=0)
    # Small, but such that the square of it is still above 0.
    mean, spread = np.maximum(values, 1e-150), np.maximum(variance, 1e-300)
    shape = np.clip(mean**2 / spread, 1e-300, 1e12)
    drawn = np.random.default_rng(seed).gamma(shape) * (mean / shape)
    first, last = np.quantile(drawn, tails, axis=0)
    columns = (
        np.minimum(low, known), np.maximum(high, known),
        np.minimum(first, known), np.maximum(last, known),
    )  # fmt: skip
    for name, column in zip(LIMITS, columns, strict=True):
        table[name] = column


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table of groups with the residual and the share behind the limits."""
    last = ["residual", "share"]
    return table[[*(name for name in table if name not in last), *last]]


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.to_dict("records")
    return [{str(k): _number(v) for k, v in row.items()} for row in rows]


def _number(value: Any) -> Any:
    if isinstance(value, str | bool) or value is None:
        return value
    number = float(value)
    if not np.isfinite(number):
        return None
    return int(number) if number == int(number) and isinstance(value, int | np.integer) else number
