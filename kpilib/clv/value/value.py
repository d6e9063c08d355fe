"""Customer lifetime value: per customer, segment, cohort and in total, with intervals.

Fader, Hardie & Lee, RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
Marketing Research 42(4), 2005, with the model of the reader's choice. The value is that of what is
still to come, over the horizon named; money already spent and acquisition cost are not in it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.stats import norm

from kpilib.clv.expected.choose import (
    ModelChoice,
    chosen,
    fitted_purchases,
    fitted_spend,
)
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.doctor import one_time_findings
from kpilib.clv.expected.predictive import value_variance
from kpilib.clv.expected.summary import Until, as_until, purchase_summary
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import distinct_rows
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.gamma_gamma import GammaGamma
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

if TYPE_CHECKING:
    from kpilib.activity.business import Business


def customer_lifetime_value(
    base: "Business",
    horizon: Any = None,
    discount_rate: float | None = None,
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
    date; `discount_rate` is yearly; `margin` is the part of the spend that is kept, 1 for revenue.
    Where these or the model are not given, the base's settings say: 12 months, 10 % and 1 unless
    their `value` has others. `timing` says when in a month its money comes (`start`, `middle`,
    `end`). `model` is a name (`BGNBD`, `MBGNBD`, `ParetoNBD`, `SBG`) or a fitted model. `by` names
    an attribute of the customers; `draws` the draws behind the intervals, 0 for none; `seed` makes
    them repeatable.

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
    horizon, discount_rate, margin = ruled(base, horizon, discount_rate, margin)
    schedule = Schedule.until(
        horizon, start=day_date(closes), discount_rate=discount_rate, timing=timing
    )
    options: dict[str, Any] = {"acquisition_cost": acquisition_cost, "level": level}
    options |= {"lang": base.lang, "currency": base.currency}
    if name == "SBG" or getattr(name, "kind", "") == "SBG":
        from kpilib.clv.value.contract_value import value_of_contracts

        return value_of_contracts(base, name, schedule, closes, margin, by, draws, seed, options)
    summary = purchase_summary(base, closes, by)
    return value_of_summary(
        summary, closes, schedule, margin, name, spend, by, draws, seed, options
    )


def value_of_summary(
    summary: pd.DataFrame,
    closes: int,
    schedule: Schedule,
    margin: float,
    model: Any,
    spend: GammaGamma | None,
    by: str | None,
    draws: int,
    seed: int | None,
    options: dict[str, Any],
) -> LifetimeValue:
    """The value of the customers of a purchase summary that ends before the day `closes`."""
    people = _People.of(summary, by, closes)
    counts = people.counts()
    fitted = fitted_purchases(model, counts)
    spend = fitted_spend(spend, None if spend is not None else people.spend())
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
    drawn = None
    posterior = None
    if draws and fitted.fitted is not None:
        posterior = fitted.posterior(draws, seed)
        drawn = _intervals(
            people,
            customers,
            each,
            posterior,
            spend,
            schedule,
            margin,
            draws,
            seed,
            options["level"],
        )
    tables = _totals(people, customers, drawn, by, options["level"])
    steps = each.by_step @ np.bincount(place, minlength=each.by_step.shape[1])
    findings = [*fitted.diagnosis, *spend.diagnosis, *one_time_findings(fitted, counts)]
    return LifetimeValue(
        customers=customers,
        **tables,
        purchases_by_step=steps,
        model=fitted,
        spend=spend,
        schedule=schedule,
        start=day_date(closes),
        margin=margin,
        posterior=posterior,
        spend_draws=None if drawn is None else drawn.spend,
        findings=tuple(dict.fromkeys(findings)),
        **options,
    )


@dataclass(frozen=True, eq=False)
class _People:
    """The customers as arrays, their distinct histories, and the groups they belong to."""

    summary: pd.DataFrame
    x: np.ndarray
    total: np.ndarray
    distinct: tuple[np.ndarray, np.ndarray, np.ndarray]
    place: np.ndarray
    segment: np.ndarray
    segments: list[str]
    cohort: np.ndarray
    cohorts: list[str]

    @classmethod
    def of(cls, summary: pd.DataFrame, by: str | None, closes: int) -> "_People":
        x, t_x, age = (summary[c].to_numpy(float) for c in ("frequency", "recency", "T"))
        (x1, age1, t1), place = distinct_rows(x, age, t_x)
        spent = np.maximum(summary["monetary_value"].to_numpy(float), 0.0) * x
        segment, segments = np.zeros(len(x), dtype=int), pd.Index(["all"])
        if by is not None:
            segment, segments = pd.factorize(summary[by].astype("str"), sort=True)
        first = (closes - 1 - age1).astype("datetime64[D]")
        months, cohort = np.unique(first.astype("datetime64[M]"), return_inverse=True)
        cohort = cohort[place]
        cohorts = months.astype("str")
        return cls(summary, x, spent, (x1, t1, age1), place, segment, list(segments),
                   cohort, list(cohorts))  # fmt: skip

    def counts(self) -> Counts:
        return Counts.from_arrays(*self.distinct, np.bincount(self.place))

    def spend(self) -> Spend | None:
        mean = self.summary["monetary_value"].to_numpy(float)
        if not ((self.x > 0) & (mean > 0)).any():
            return None
        return Spend.from_arrays(self.x, mean)

    def table(self, by: str | None) -> pd.DataFrame:
        first = ["customer_id", *([by] if by else [])]
        rest = ["frequency", "recency", "T", "monetary_value"]
        table = self.summary[first].copy()
        table["cohort"] = pd.array(self.cohorts, dtype="str").take(self.cohort)
        return pd.concat([table, self.summary[rest]], axis=1)


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Draws of every group's value (draws, groups), each group's variance, and draws of p, q, v."""

    values: np.ndarray
    variance: np.ndarray
    spend: np.ndarray
    seed: int | None


def _intervals(
    people: _People,
    customers: pd.DataFrame,
    each: Units,
    posterior: Any,
    spend: GammaGamma,
    schedule: Schedule,
    margin: float,
    draws: int,
    seed: int | None,
    level: float,
) -> _Drawn:
    """Limits for every customer, set in `customers`, and draws for the groups."""
    phi = np.array([list(spend.parameters.values())])
    if spend.fitted is not None:
        phi = spend_draws(spend.posterior(draws, None if seed is None else seed + 1), draws)
    phi = phi[np.arange(draws) % len(phi)]
    cell, cells = _cells(people)
    history, segment, cohort = cells
    counted, spent = np.bincount(cell), np.bincount(cell, people.total)
    histories = tuple(column[history] for column in people.distinct)
    membership = _membership(segment, cohort, len(people.segments), len(people.cohorts))
    within = each.within[history]
    found = draw_totals(posterior, phi, schedule, histories, within, counted, spent, membership)
    spread = np.hypot(
        found.spread[cell], spend_spread(spend, phi, people.x, people.total)
    ) * norm.isf((1 - level) / 2)
    customers["low"] = customers["value"] * np.exp(-spread)
    customers["high"] = customers["value"] * np.exp(spread)
    every = tuple(column[people.place] for column in people.distinct)
    worth = customers["value"].to_numpy() / margin
    alive = customers["probability_alive"].to_numpy()
    variance = value_variance(
        posterior.model, spend, schedule, every, people.total, worth, alive, seed
    )
    by_cell = np.bincount(cell, variance)
    return _Drawn(margin * found.totals, margin**2 * (by_cell @ membership), phi, seed)


def _cells(people: _People) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each customer the cell of history and segment, and for each cell what it holds.

    The month of the first purchase follows from T, so the cohort needs no cell of its own.
    """
    wide = len(people.segments)
    if wide == 1:
        histories = np.arange(len(people.distinct[0]))
        cohort = np.empty(len(histories), dtype=int)
        cohort[people.place] = people.cohort
        return people.place, (histories, np.zeros_like(histories), cohort)
    keys, first, cell = np.unique(
        people.place * wide + people.segment, return_index=True, return_inverse=True
    )
    return cell, (keys // wide, keys % wide, people.cohort[first])


def _membership(segment: np.ndarray, cohort: np.ndarray, segments: int, cohorts: int) -> csr_matrix:
    """Cells by groups: the total, the segments, the cohorts."""
    n = len(segment)
    columns = np.concatenate([np.zeros(n, dtype=int), 1 + segment, 1 + segments + cohort])
    shape = (n, 1 + segments + cohorts)
    return csr_matrix((np.ones(3 * n), (np.tile(np.arange(n), 3), columns)), shape=shape)


def _totals(
    people: _People, customers: pd.DataFrame, drawn: _Drawn | None, by: str | None, level: float
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
            with_noise(table, drawn.values[:, part], drawn.variance[part], level, drawn.seed)
        table["share"] = table["value"] / max(table["value"].sum(), 1e-300)
        tables[name] = in_order(table)
    if by is None:
        tables["segments"] = None
    return tables
