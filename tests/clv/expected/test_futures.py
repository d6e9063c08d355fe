"""Drawn futures against closed forms: how often, how many, and how far they spread."""

from datetime import date

import numpy as np
import pytest

from kpilib.clv import BGNBD, GammaGamma
from kpilib.clv.expected import predictive
from kpilib.clv.expected.choose import chosen, fitted_spend
from kpilib.clv.expected.discount import Schedule
from kpilib.errors import InputError
from tests.quick import tiny_shop

MANY = 1e7


@pytest.mark.parametrize(
    ("customers", "times"),
    [(0, 2000), (1, 2000), (500, 2000), (501, 1996), (1000, 1000), (10**6, 1), (2 * 10**6, 1)],
)
def test_a_million_futures_in_all_or_each_once(customers, times):
    assert predictive.replicates(customers) == times


@pytest.mark.parametrize("block", [500_000, 9_000])
def test_the_variance_of_value_is_that_of_a_compound_poisson_sum(monkeypatch, block):
    """All buy at one rate and nobody leaves; a purchase is gamma with each customer's own mean.

    The second block holds four customers at a time and a rest of two.
    """
    monkeypatch.setattr(predictive, "BLOCK", block)
    rate, p, q, v = 0.08, 3.0, 1e6, 2e6
    model = BGNBD(MANY, MANY / rate, 1e-7, MANY)
    schedule = Schedule.until("4 months", start=date(2026, 1, 1), discount_rate=0.9)
    x = np.arange(10.0) % 4
    histories = (x, 20.0 * (x > 0), np.full(10, 40.0))
    total = 1e6 * np.arange(1, 11.0)
    scale = (v + total) / (q + p * x)
    days = np.diff(schedule.ends, prepend=0.0)
    mean = rate * p * scale * (days @ schedule.factors)
    variance = rate * p * (p + 1) * scale**2 * (days @ schedule.factors**2)
    found = predictive.value_variance(
        model, GammaGamma(p, q, v), schedule, histories, total, mean, np.ones(10), seed=3
    )
    np.testing.assert_allclose(found, variance, rtol=0.15)
    assert (found / variance).mean() == pytest.approx(1.0, abs=0.03)
    beside = predictive.value_variance(
        model, GammaGamma(p, q, v), schedule, histories, total, mean + 5, np.ones(10), seed=3
    )
    np.testing.assert_allclose(beside, variance + 25, rtol=0.15)
    nobody = predictive.value_variance(
        model, GammaGamma(p, q, v), schedule, histories, total, mean, np.zeros(10), seed=3
    )
    np.testing.assert_allclose(nobody, mean**2)


def test_a_spend_without_a_mean_values_nobody():
    assert fitted_spend(GammaGamma(6, 1.01, 15), None).q == 1.01
    for q in (1.0, 0.9):
        with pytest.raises(InputError, match=f"q = {q:.3g}"):
            fitted_spend(GammaGamma(6, q, 15), None)


def test_a_model_that_describes_no_customers_coming_back_is_refused():
    with pytest.raises(InputError, match="cannot value a customer base; choose from"):
        chosen(tiny_shop(), GammaGamma(6, 4, 15))
    with pytest.raises(InputError, match="cannot value a customer base; choose from"):
        chosen(tiny_shop(), 7)


def test_a_drawn_value_is_in_the_mean_what_is_expected_of_purchases_and_of_spend():
    """By what each has spent so far: who came often for little is expected to go on so."""
    model, spend = BGNBD(0.8, 40.0, 0.6, 3.0), GammaGamma(4.0, 3.5, 60.0)
    histories = (np.array([0.0, 3.0, 9.0]), np.array([0.0, 60.0, 85.0]), np.full(3, 90.0))
    total = np.array([0.0, 240.0, 90.0])
    schedule = Schedule.until("1 month", start=date(2026, 1, 1), discount_rate=0.0)
    drawn = predictive.simulate_value(model, spend, schedule, histories, total, 3, times=40_000)
    assert drawn.shape == (40_000, 3)
    mean = total / np.maximum(histories[0], 1)
    expected = model.expected_purchases(31.0, *histories) * spend.expected_spend(histories[0], mean)
    error = drawn.std(axis=0) / 200
    assert (np.abs(drawn.mean(axis=0) - expected) < 4 * error).all()
    nobody = predictive.simulate_purchases(model, *histories, 31.0, 3, alive=np.zeros(3))
    assert [len(one) for one in nobody] == [0, 0]
