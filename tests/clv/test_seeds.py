"""What is drawn at random to answer a question is drawn the same each time."""

import inspect

import pytest

from kpilib.clv.check.backtest import backtest
from kpilib.clv.expected import predictive
from kpilib.clv.expected.demand import demand_forecast
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.models.sbg import SBG
from kpilib.clv.models.transactions import TransactionModel
from kpilib.clv.value.allocation import clv_allocation
from kpilib.clv.value.value import customer_lifetime_value


@pytest.mark.parametrize(
    "asked",
    [
        *(backtest, demand_forecast, clv_allocation, customer_lifetime_value),
        *(model.posterior for model in (TransactionModel, GammaGamma, SBG)),
        *(predictive.simulate_value, predictive.simulate_purchases, predictive.value_variance),
    ],
)
def test_the_seed_is_0_where_none_is_named(asked):
    assert inspect.signature(asked).parameters["seed"].default == 0
