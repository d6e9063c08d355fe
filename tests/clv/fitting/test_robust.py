"""Small cohorts: every fit comes back finite or says what is wrong; the big run is a benchmark."""

import numpy as np
import pytest

from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, GammaGamma, ParetoNBD

TRUTH = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)


def sound(model):
    theta = list(model.parameters.values())
    assert np.isfinite(theta).all() and np.isfinite(model.log_likelihood)
    assert np.linalg.eigvalsh(model.covariance)[0] > 0
    if model.fitted.prior_used:
        assert any("a cautious guess fills the gap" in f.sentence.en for f in model.diagnosis)
    return model


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_cohorts_of_three_hundred(kind):
    rng = np.random.default_rng(20)
    for cohort in range(10 if kind is ParetoNBD else 20):
        seen = TRUTH.simulate(rng.uniform(27, 38.86, 300), seed=cohort)
        model = sound(kind.fit(seen["frequency"], seen["recency"], seen["T"], time_unit="weeks"))
        if kind is BGNBD and not model.fitted.prior_used:
            at_truth = TRUTH.likelihood(model.fitted.counts)(np.array([0.243, 4.414, 0.793, 2.426]))
            assert model.log_likelihood >= at_truth[0]


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
@pytest.mark.parametrize(
    "rows",
    [
        ([0] * 40, [0] * 40, [90] * 40),
        ([3], [40], [90]),
        ([0], [0], [1]),
        ([2] * 50, [20] * 50, [30] * 50),
        ([1] * 50, [30] * 50, [30] * 50),
        ([10_000] * 5 + [0] * 5, [300] * 5 + [0] * 5, [300] * 10),
        ([1, 500], [1e-6, 1e6], [1, 1e6]),
        (list(range(30)), [0, *range(1, 30)], [30] * 30),
    ],
    ids=["none", "one", "young", "alike", "last day", "thousands", "scales", "ladder"],
)
def test_awkward_data_fit_or_are_named(kind, rows):
    model = sound(kind.fit(*rows))
    x, t_x, T = rows
    assert np.isfinite(model.expected_purchases(52, x, t_x, T)).all()
    alive = model.probability_alive(x, t_x, T)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert model.diagnosis


def test_other_models_on_awkward_data():
    sound(SBG.fit([10, 0]))
    sound(SBG.fit([10, 10, 10]))
    sound(SBG.fit([1, 1]))
    sound(GammaGamma.fit([1], [20.0]))
    sound(GammaGamma.fit([2] * 30, [20.0] * 30))
    sound(BGBB.fit([0] * 9, [0] * 9, [6] * 9))
    sound(BGBB.fit([6] * 9, [6] * 9, [6] * 9))


def test_intervals_hold_the_truth_in_a_small_study():
    """95% intervals in 20 simulations; the study of 400 is a benchmark."""
    held = np.zeros(5)
    for seed in range(20):
        seen = TRUTH.simulate(np.linspace(30, 60, 1500), seed=seed)
        drawn = BGNBD.fit(seen["frequency"], seen["recency"], seen["T"]).posterior(250, seed=seed)
        table = drawn.summary()
        truth = np.array(list(TRUTH.parameters.values()))
        held[:4] += (table["low"] <= truth) & (truth <= table["high"])
        new = drawn.quick(lambda m: m.expected_purchases_new(52))
        held[4] += new.low <= TRUTH.expected_purchases_new(52) <= new.high
    assert (held >= 16).all(), held
