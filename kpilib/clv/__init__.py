"""Customer lifetime models: exact fits on compressed counts, intervals, and plain warnings.

Models are frozen values with the papers' symbols; a hand-written one is as good as a fitted one.

    BGNBD(r, alpha, a, b)   MBGNBD(r, alpha, a, b)   ParetoNBD(r, alpha, s, beta)
        .fit(frequency, recency, T, weights=None, *, time_unit="days", engine="kpilib")
        .fit_counts(counts, *, engine="kpilib")
        .expected_purchases(t, frequency, recency, T)     t a number, per customer, or (h, 1)
        .probability_alive(frequency, recency, T)
        .expected_purchases_new(t)
        .probability_of_n_purchases(n, t)
        .probability_alive_later(t, frequency, recency, T)              BG/NBD and MBG/NBD
        .probability_of_n_more_purchases(n, t, frequency, recency, T)   the same
        .posterior(draws=4000, seed=0, *, counts=None) -> Posterior
        .simulate(T, *, ahead=0, seed=None) -> frequency, recency, T, future, alive
        .in_unit("weeks")
    BGBB(alpha, beta, gamma, delta)     the same methods; time counts opportunities
    GammaGamma(p, q, v)
        .fit(frequency, monetary_value, weights=None, *, engine="kpilib")
        .expected_spend(frequency, monetary_value)   .mean_spend   .posterior   .simulate
    SBG(alpha, beta)
        .fit(survivors) or .fit(durations=…, ended=…, weights=None)
        .survival(t)   .retention_rate(t)   .expected_renewals(renewals=0, discount_rate=0)

Every model has `parameters`, `time_unit`, `summary()`, `to_json(path=None)`, `from_json(text)`;
a fitted one also `log_likelihood`, `covariance`, `aic`, `bic`, `n` and `diagnosis`, a tuple of
`Finding(name, severity, sentence, remedy)`. `Counts.from_arrays(frequency, recency, T, weights)`
compresses histories; counts of partitions or months add up with `+` and are fitted together.
`Posterior` has `parameters` (draws, k), `ess`, `diagnosis`, `summary()`, `models()`,
`interval(function, level)` and `quick(function, level)` for limits of anything a model computes,
and `quick_values(function, draws)` for the values themselves, to multiply with another posterior's.
`Spend` and `Contracts` do the same for spends and for contract lifetimes.

`diagnose(frequency, recency, T, monetary_value=…, purchases=…)` is the doctor: a tuple of findings.
`fit_with_covariates(kind, frequency, recency, T, covariates)` adds channel, segment and the like.

Asked of a customer base rather than of arrays:

    purchase_summary(base, until=None, by=None)   purchase_counts(base)   purchase_spend(base)
    customer_lifetime_value(base, "12 months", discount_rate=0.10, by=…) -> LifetimeValue
    backtest(base, "3 months", origins=3)   diagnose_base(base)
    demand_forecast(base, period)   clv_allocation(base, period, uplift=…, cost=…)
    churn_early_warning(base, period, days=90)   evaluate_early_warning(base, period, days=90)
    early_warning_deciles(base, period, days=90)   save_list(table, "list.xlsx")

`views` and `tracking` make the tables that `kpilib.plots.clv_*` draw, `compare` values a new
customer in four ways, `migrating` maps every call of lifetimes to its like here.
"""

from kpilib.clv import with_lifetimes as _with_lifetimes  # noqa: F401  (registers itself)
from kpilib.clv.check.backtest import Backtest, backtest
from kpilib.clv.check.checkup import diagnose_base, findings_table
from kpilib.clv.check.compare import lapse_against_model, new_customer_values
from kpilib.clv.expected.demand import demand_forecast
from kpilib.clv.expected.doctor import Correlation, diagnose, spend_correlation
from kpilib.clv.expected.predictive import simulate_purchases
from kpilib.clv.expected.summary import (
    purchase_counts,
    purchase_spend,
    purchase_summary,
    summary_account,
)
from kpilib.clv.expected.tracking import purchase_tracking
from kpilib.clv.fitting.contracts import Contracts
from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.finding import Finding
from kpilib.clv.fitting.posterior import Interval, Posterior
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.bgbb import BGBB
from kpilib.clv.models.bgnbd import BGNBD, MBGNBD
from kpilib.clv.models.covariates import CovariateFit, fit_with_covariates
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.model import Model
from kpilib.clv.models.pareto_nbd import ParetoNBD
from kpilib.clv.models.sbg import SBG
from kpilib.clv.value.allocation import clv_allocation
from kpilib.clv.value.contract_projection import contract_projection
from kpilib.clv.value.migrating import migration_table
from kpilib.clv.value.valuation import LifetimeValue
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.views import (
    concentration,
    customer_life,
    frequency_recency,
    heterogeneity,
    holdout_by_frequency,
    iso_value,
)
from kpilib.clv.warning.evaluation import early_warning_deciles, evaluate_early_warning
from kpilib.clv.warning.listing import churn_early_warning
from kpilib.clv.warning.saving import save_list

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "SBG",
    "Backtest",
    "Contracts",
    "Correlation",
    "Counts",
    "CovariateFit",
    "Finding",
    "GammaGamma",
    "Interval",
    "LifetimeValue",
    "Model",
    "ParetoNBD",
    "Posterior",
    "Spend",
    "backtest",
    "churn_early_warning",
    "clv_allocation",
    "concentration",
    "contract_projection",
    "customer_life",
    "customer_lifetime_value",
    "demand_forecast",
    "diagnose",
    "diagnose_base",
    "early_warning_deciles",
    "evaluate_early_warning",
    "findings_table",
    "fit_with_covariates",
    "frequency_recency",
    "heterogeneity",
    "holdout_by_frequency",
    "iso_value",
    "lapse_against_model",
    "migration_table",
    "new_customer_values",
    "purchase_counts",
    "purchase_spend",
    "purchase_summary",
    "purchase_tracking",
    "save_list",
    "simulate_purchases",
    "spend_correlation",
    "summary_account",
]
