"""Draws from the posterior: right on average, checked, and quick on large data."""

import numpy as np
import pytest

from kpilib.clv import BGNBD, SBG, GammaGamma, ParetoNBD
from kpilib.clv.fitting import posterior
from kpilib.errors import InputError

TRUTH = BGNBD(0.243, 4.414, 0.793, 2.426)


@pytest.fixture(scope="module")
def fit():
    seen = TRUTH.simulate(np.full(20_000, 52.0), seed=8)
    T = seen["T"]
    return BGNBD.fit(seen["frequency"], np.ceil(seen["recency"]), T, time_unit="weeks")


@pytest.fixture(scope="module")
def draws(fit):
    return fit.posterior(1500, seed=2)


def test_draws_agree_with_the_normal_approximation_on_much_data(fit, draws):
    assert draws.ess > 0.8 * len(draws) and draws.diagnosis == ()
    error = np.sqrt(np.diag(fit.covariance))
    table = draws.summary()
    assert table["sd"].to_numpy() == pytest.approx(error, rel=0.12)
    assert np.abs(table["mean"] - fit.summary()["value"]).to_numpy() / error == pytest.approx(
        0, abs=0.25
    )
    assert np.corrcoef(draws.parameters.T) == pytest.approx(
        fit.covariance / np.outer(error, error), abs=0.08
    )


@pytest.mark.parametrize(("customers", "most"), [(20_000, 90), (1_000, 450)])
def test_stand_ins_give_the_draws_of_the_density_itself(customers, most, monkeypatch):
    seen = TRUTH.simulate(np.full(customers, 52.0), seed=8)
    fit = BGNBD.fit(seen["frequency"], np.ceil(seen["recency"]), seen["T"], time_unit="weeks")
    passes = []
    likelihood = BGNBD.problem(fit.fitted.counts).log_likelihood
    call = type(likelihood).__call__
    monkeypatch.setattr(
        type(likelihood), "__call__", lambda self, theta: passes.append(1) or call(self, theta)
    )
    quick = fit.posterior(1500, seed=2)
    assert len(passes) < most
    monkeypatch.setattr(posterior, "MANY", 1_000_000)
    passes.clear()
    exact = fit.posterior(1500, seed=2)
    assert len(passes) > 1500
    assert quick.ess == pytest.approx(exact.ess, rel=0.02)
    table = quick.summary()
    apart = (table - exact.summary())[["mean", "sd"]].to_numpy() / table[["sd"]].to_numpy()
    assert np.abs(apart).max() < 1 / np.sqrt(exact.ess)
    below = (exact.parameters < table["low"].to_numpy()).mean(axis=0)
    above = (exact.parameters > table["high"].to_numpy()).mean(axis=0)
    assert np.abs([below - 0.025, above - 0.025]).max() < 2 * np.sqrt(0.025 * 0.975 / exact.ess)


def test_too_little_data_for_a_stand_in_is_evaluated_exactly(monkeypatch):
    seen = TRUTH.simulate(np.full(80, 20.0), seed=3)
    fit = BGNBD.fit(seen["frequency"], seen["recency"], seen["T"])
    tried = fit.posterior(300, seed=4)
    monkeypatch.setattr(posterior, "MANY", 1_000_000)
    assert np.array_equal(tried.parameters, fit.posterior(300, seed=4).parameters)


def test_quick_intervals_agree_with_one_call_per_draw(draws):
    def total(model):
        return model.expected_purchases(26, [0, 3, 9], [0, 40, 51], 52)

    slow, quick = draws.interval(total), draws.quick(total)
    assert np.array_equal(slow.value, quick.value)
    width = slow.high - slow.low
    assert np.abs(slow.low - quick.low) / width == pytest.approx(0, abs=0.02)
    assert np.abs(slow.high - quick.high) / width == pytest.approx(0, abs=0.02)
    values = draws.quick_values(total, 300)
    exact = np.array([total(model) for model in draws.models(300)])
    assert values.shape == (300, 3)
    assert np.abs(values - exact) / width == pytest.approx(0, abs=0.02)
    always = draws.quick(lambda model: model.probability_alive([0, 3], [0, 40], 52))
    assert always.low[0] == 1 and always.high[0] == 1
    assert always.low[1] < always.value[1] < always.high[1]


def test_draws_repeat_with_the_seed_and_come_as_models(fit, draws):
    assert np.array_equal(fit.posterior(1500, seed=2).parameters, draws.parameters)
    models = list(draws.models(7))
    assert len(models) == 7 and all(isinstance(model, BGNBD) for model in models)
    assert models[0].time_unit == "weeks" and models[0].fitted is None


def test_a_model_from_json_draws_from_the_normal_approximation_or_from_given_counts(fit, draws):
    restored = BGNBD.from_json(fit.to_json())
    normal = restored.posterior(1500)
    assert normal.method == "normal" and [f.name for f in normal.diagnosis] == ["normal_draws"]
    assert normal.summary()["sd"].to_numpy() == pytest.approx(
        draws.summary()["sd"].to_numpy(), rel=0.15
    )
    again = restored.posterior(1500, seed=2, counts=fit.fitted.counts)
    assert np.array_equal(again.parameters, draws.parameters)


def test_few_customers_still_give_draws():
    seen = TRUTH.simulate(np.full(60, 20.0), seed=3)
    for kind in (BGNBD, ParetoNBD):
        drawn = kind.fit(seen["frequency"], seen["recency"], seen["T"]).posterior(600, seed=1)
        assert np.isfinite(drawn.parameters).all() and (drawn.parameters > 0).all()
        assert drawn.ess > 60


def test_other_models_have_posteriors():
    drawn = SBG.fit([1000, 869, 743, 653, 593, 551, 517, 491]).posterior(800)
    assert drawn.ess > 600
    rng = np.random.default_rng(1)
    x = rng.integers(1, 9, 900)
    spend = GammaGamma.fit(x, GammaGamma(6.25, 3.74, 15.44).simulate(x, seed=2))
    low, high = spend.posterior(800).interval(lambda model: model.mean_spend, level=0.999)[1:]
    assert low < 6.25 * 15.44 / 2.74 < high


def test_refusals(draws):
    with pytest.raises(InputError, match="BGNBD was written by hand; fit it to data"):
        TRUTH.posterior()
    with pytest.raises(InputError, match=r"level is 95; it must lie between 0 and 1, as in 0\.95"):
        draws.interval(lambda model: model.r, level=95)
