"""What is reckoned with where nothing is said: part of what is promised, as the names are."""

import inspect

import pytest

from kpilib import clv
from kpilib.clv import LifetimeValue
from kpilib.clv.expected.predictive import simulate_purchases, simulate_value
from kpilib.clv.fitting.posterior import Posterior
from kpilib.clv.fitting.special import beta_nodes

IN_DAYS = (clv.BGNBD, clv.MBGNBD, clv.ParetoNBD)
DEFAULTS = {
    clv.backtest: {"horizon": "3 months", "origins": 3, "draws": 400},
    clv.churn_early_warning: {"days": 90},
    clv.clv_allocation: {"draws": 500},
    clv.contract_projection: {"horizon": 36, "draws": 1000, "level": 0.95},
    clv.customer_lifetime_value: {"draws": 1000, "level": 0.95, "timing": "middle"},
    clv.demand_forecast: {"horizon": "6 months", "draws": 500},
    clv.early_warning_deciles: {"days": 90},
    clv.evaluate_early_warning: {"days": 90, "boosting": False},
    clv.fit_with_covariates: {"effects": ("buying", "leaving"), "time_unit": "days"},
    clv.frequency_recency: {"days": 365.0},
    clv.holdout_by_frequency: {"most": 7},
    clv.new_customer_values: {"draws": 500},
    clv.purchase_summary: {"include_first": False},
    clv.purchase_tracking: {"step": "week"},
    simulate_purchases: {"times": 1},
    simulate_value: {"times": 1},
    beta_nodes: {"knee": 1.0},
    LifetimeValue: {"level": 0.95},
    Posterior.interval: {"level": 0.95},
    Posterior.quick: {"level": 0.95},
    Posterior.summary: {"level": 0.95},
    clv.SBG.expected_renewals: {"renewals": 0, "discount_rate": 0.0},
} | {
    given: wanted
    for model in (*IN_DAYS, clv.BGBB, clv.SBG, clv.GammaGamma)
    for given, wanted in (
        (model, {"time_unit": "days" if model in IN_DAYS else "periods"}),
        (model.posterior, {"draws": 4000}),
        (model.summary, {"level": 0.95}),
    )
}  # fmt: skip


@pytest.mark.parametrize("asked", DEFAULTS, ids=lambda asked: asked.__qualname__)
def test_what_is_taken_where_nothing_is_said(asked):
    parameters = inspect.signature(asked).parameters
    found = {name: parameters[name].default for name in DEFAULTS[asked]}
    assert found == DEFAULTS[asked]
    assert [type(value) for value in found.values()] == [*map(type, DEFAULTS[asked].values())]
