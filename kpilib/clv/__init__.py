"""Customer lifetime models: exact fits on compressed counts, intervals, and plain warnings.

Models are frozen values with the papers' symbols; a hand-written one is as good as a fitted one.

    BGNBD(r, alpha, a, b)   MBGNBD(r, alpha, a, b)   ParetoNBD(r, alpha, s, beta)
        .fit(frequency, recency, T, weights=None, *, time_unit="days", engine="kpilib")
        .fit_counts(counts, *, engine="kpilib")
        .expected_purchases(t, frequency, recency, T)     t a number, per customer, or (h, 1)
        .probability_alive(frequency, recency, T)
        .expected_purchases_new(t)
        .probability_of_n_purchases(n, t)
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
"""

from kpilib.clv.bgbb import BGBB
from kpilib.clv.bgnbd import BGNBD
from kpilib.clv.contracts import Contracts
from kpilib.clv.counts import Counts
from kpilib.clv.covariates import CovariateFit, fit_with_covariates
from kpilib.clv.doctor import Correlation, diagnose, spend_correlation
from kpilib.clv.finding import Finding
from kpilib.clv.gamma_gamma import GammaGamma
from kpilib.clv.mbgnbd import MBGNBD
from kpilib.clv.model import Model
from kpilib.clv.pareto_nbd import ParetoNBD
from kpilib.clv.posterior import Interval, Posterior
from kpilib.clv.sbg import SBG
from kpilib.clv.spend import Spend

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "SBG",
    "Contracts",
    "Correlation",
    "Counts",
    "CovariateFit",
    "Finding",
    "GammaGamma",
    "Interval",
    "Model",
    "ParetoNBD",
    "Posterior",
    "Spend",
    "diagnose",
    "fit_with_covariates",
    "spend_correlation",
]
