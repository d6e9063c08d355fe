"""Customer lifetime value: per customer, segment, cohort and in total, with intervals.

Fader, Hardie & Lee, RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
Marketing Research 42(4), 2005, with the model of the reader's choice. The value is that of what is
still to come, over the horizon named; money already spent and acquisition cost are not in it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from kpilib.clv.expected.choose import (
    ModelChoice,
    chosen,
    fitted_purchases,
    fitted_spend,
)
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.doctor import one_time_findings
from kpilib.clv.expected.predictive import value_variance
from kpilib.clv.expected.rates import Rate, Rates
from kpilib.clv.expected.summary import Until, as_until, purchase_summary
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.value.people import People, cells_of, membership_of
from kpilib.clv.value.valuation import (
    TOTALS,
    LifetimeValue,
    check_options,
    in_order,
    ruled,
    with_noise,
)
from kpilib.clv.value.worth import Units, draw_totals, spend_draws, spend_spread, spend_terms, units
from kpilib.periods import day_date
from kpilib.show.reason import answering

if TYPE_CHECKING:
    from kpilib.activity.business import Business


@answering
def customer_lifetime_value(
    base: "Business",
    horizon: Any = None,
    discount_rate: Rate = None,
    margin: float | None = None,
    *,
    model: ModelChoice = None,
    spend: GammaGamma | None = None,
    acquisition_cost: float | None = None,
    by: str | None = None,
    until: Until = None,
    draws: int = 1000,
    level: float = 0.95,
    timing: str = "middle",
    seed: int | None = 0,
) -> LifetimeValue:
    """What the customers are worth over the horizon; see `LifetimeValue` for what comes back.

    `horizon` counts from `until` (the end of the data), in calendar months, days, years, or as a
    date; `margin` is the part of the spend that is kept, 1 for revenue. `discount_rate` is yearly:
    one for all, or a mapping or series with one per value of `by`, per customer id without `by`;
    who is not named there is at the settings' rate. Where these or the model are not given, the
    base's settings say: 12 months, 10% and 1 unless their `value` has others. `timing` says when
    in a month its money comes (`start`, `middle`, `end`). `model` is a name (`BGNBD`, `MBGNBD`,
    `ParetoNBD`, `SBG`) or a fitted model. `by` names an attribute of the customers; `draws` the
    draws behind the intervals, 0 for none; `seed` makes them repeatable.

    Raises InputError on a horizon of 0, a discount rate of -1 or less, a margin of 0 or less, a
    model that is not known, or a base in which nobody has bought again with a spend above 0.

    >>> import kpilib
    >>> base = kpilib.open("cdnow-sample", currency="USD")
    >>> value = customer_lifetime_value(base, "12 months", draws=200)
    >>> len(value.customers), round(float(value.total["value"].iloc[0]), -2)
    (2357, 69100.0)
    """
    name = chosen(base, model)
    closes = as_until(base, until)
    check_options(acquisition_cost, level, draws, seed, spend)
    horizon, usual, margin = ruled(base, horizon, None, margin)
    rates = Rates.of(discount_rate, usual, horizon, day_date(closes), timing)
    options: dict[str, Any] = {"acquisition_cost": acquisition_cost, "level": level}
    options |= {"lang": base.lang, "currency": base.currency}
    if name == "SBG" or getattr(name, "kind", "") == "SBG":
        from kpilib.clv.value.contract_value import value_of_contracts

        return value_of_contracts(base, name, rates, closes, margin, by, draws, seed, options)
    summary = purchase_summary(base, closes, by)
    return value_of_summary(summary, closes, rates, margin, name, spend, by, draws, seed, options)


def value_of_summary(
    summary: pd.DataFrame,
    closes: int,
    rates: Rates,
    margin: float,
    model: Any,
    spend: GammaGamma | None,
    by: str | None,
    draws: int,
    seed: int | None,
    options: dict[str, Any],
) -> LifetimeValue:
    """The value of the customers of a purchase summary that ends before the day `closes`."""
    keys = summary[by or "customer_id"]
    people = People.of(summary, by, closes)
    counts = people.counts()
    fitted = fitted_purchases(model, counts)
    spend = fitted_spend(spend, None if spend is not None else people.spend())
    drawing = None
    if draws and fitted.fitted is not None:
        drawing = _Drawing.of(fitted, spend, draws, seed, options["level"])
    parts = [
        _part(people.part(where), fitted, spend, one, margin, by, drawing)
        for one, where in rates.parts(keys, by or "customer")
    ]
    customers = pd.concat([part.customers for part in parts]).sort_index()
    drawn = None
    if drawing is not None:
        drawn = tuple(
            np.sum([getattr(part, name) for part in parts], axis=0)
            for name in ("values", "variance")
        )
    tables = _totals(people, customers, drawn, by, options["level"], seed)
    findings = (*fitted.diagnosis, *spend.diagnosis, *one_time_findings(fitted, counts))
    findings = (*findings, *rates.findings(keys))
    return LifetimeValue(
        customers=customers,
        **tables,
        purchases_by_step=np.sum([part.steps for part in parts], axis=0),
        model=fitted,
        spend=spend,
        schedule=rates.schedule,
        rates=rates.range,
        start=day_date(closes),
        margin=margin,
        posterior=None if drawing is None else drawing.posterior,
        spend_draws=None if drawing is None else drawing.spend,
        findings=tuple(dict.fromkeys(findings)),
        **options,
    )


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Draws of the purchase model's parameters and of p, q, v, as many of one as of the other."""

    posterior: Any
    spend: np.ndarray
    seed: int | None
    level: float

    @classmethod
    def of(
        cls, model: Any, spend: GammaGamma, draws: int, seed: int | None, level: float
    ) -> "_Drawing":
        phi = np.array([list(spend.parameters.values())])
        if spend.fitted is not None:
            phi = spend_draws(spend.posterior(draws, None if seed is None else seed + 1), draws)
        return cls(model.posterior(draws, seed), phi[np.arange(draws) % len(phi)], seed, level)


@dataclass(frozen=True, eq=False)
class _Part:
    """Customers valued at one rate: their rows, the draws of the value that they bring to every
    group (draws, groups), each group's variance, and their purchases in each step."""

    customers: pd.DataFrame
    values: np.ndarray
    variance: np.ndarray
    steps: np.ndarray


def _part(
    people: People,
    fitted: Any,
    spend: GammaGamma,
    schedule: Schedule,
    margin: float,
    by: str | None,
    drawing: _Drawing | None,
) -> _Part:
    each = units(fitted, schedule, *people.distinct)
    base_spend, per_spent = spend_terms(spend, people.x)
    expected_spend = base_spend + per_spent * people.total
    place = people.place
    customers = people.table(by).assign(
        probability_alive=fitted.probability_alive(*people.distinct)[place],
        expected_purchases=each.expected[place],
        expected_spend=expected_spend,
        value=margin * each.within[place] * expected_spend,
        low=np.nan,
        high=np.nan,
        residual=margin * each.beyond[place] * expected_spend,
    )
    values = variance = np.zeros(0)
    if drawing is not None:
        values, variance = _intervals(people, customers, each, spend, schedule, margin, drawing)
    steps = each.by_step @ np.bincount(place, minlength=each.by_step.shape[1])
    return _Part(customers, values, variance, steps)


def _intervals(
    people: People,
    customers: pd.DataFrame,
    each: Units,
    spend: GammaGamma,
    schedule: Schedule,
    margin: float,
    drawing: _Drawing,
) -> tuple[np.ndarray, np.ndarray]:
    """Limits for every customer, set in `customers`; draws and variance for the groups."""
    posterior, phi = drawing.posterior, drawing.spend
    cell, (history, segment, cohort) = cells_of(people)
    counted, spent = np.bincount(cell), np.bincount(cell, people.total)
    histories = tuple(column[history] for column in people.distinct)
    membership = membership_of(segment, cohort, len(people.segments), len(people.cohorts))
    within = each.within[history]
    found = draw_totals(posterior, phi, schedule, histories, within, counted, spent, membership)
    reach = -ndtri((1 - drawing.level) / 2)
    spread = reach * np.hypot(found.spread[cell], spend_spread(spend, phi, people.x, people.total))
    customers["low"] = customers["value"] * np.exp(-spread)
    customers["high"] = customers["value"] * np.exp(spread)
    every = tuple(column[people.place] for column in people.distinct)
    worth = customers["value"].to_numpy() / margin
    alive = customers["probability_alive"].to_numpy()
    variance = value_variance(
        posterior.model, spend, schedule, every, people.total, worth, alive, drawing.seed
    )
    by_cell = np.bincount(cell, variance)
    return margin * found.totals, margin**2 * (by_cell @ membership)


def _totals(
    people: People,
    customers: pd.DataFrame,
    drawn: tuple[Any, Any] | None,
    by: str | None,
    level: float,
    seed: int | None,
) -> dict[str, Any]:
    """The tables of the total, the segments and the cohorts."""
    groups = {
        "total": (np.zeros(len(customers), dtype=int), ["all"], "group"),
        "segments": (people.segment, people.segments, by or "segment"),
        "cohorts": (people.cohort, people.cohorts, "cohort"),
    }
    tables: dict[str, Any] = {}
    at = 0
    for name, (code, labels, column) in groups.items():
        table = pd.DataFrame({column: labels, "customers": np.bincount(code)})
        for sums, of in TOTALS.items():
            table[sums] = np.bincount(code, customers[of].to_numpy())
        part = slice(at, at + len(labels))
        at += len(labels)
        if drawn is not None:
            with_noise(table, drawn[0][:, part], drawn[1][part], level, seed)
        table["share"] = table["value"] / max(table["value"].sum(), 1e-300)
        tables[name] = in_order(table)
    if by is None:
        tables["segments"] = None
    return tables
