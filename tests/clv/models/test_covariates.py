"""Static covariates: recovered, tested, and equal to the plain model where they do nothing."""

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import BGNBD, MBGNBD, Counts, ParetoNBD
from kpilib.clv.models.covariates import fit_with_covariates
from kpilib.clv.models.geometric_likelihood import geometric_rows
from kpilib.clv.models.pareto_integral import pareto_rows
from kpilib.errors import InputError

KINDS = {
    BGNBD: (0.5, 8.0, 0.8, 2.4),
    MBGNBD: (0.5, 8.0, 0.8, 2.4),
    ParetoNBD: (0.6, 10.0, 0.9, 14.0),
}


def moved(kind, buying, leaving):
    """The kind's truth with the mean rate and the odds (rate) of leaving multiplied."""
    u = kind.space.to_free(KINDS[kind])
    u[0] += np.log(buying)
    u[2] += np.log(leaving)
    return kind(*kind.space.to_natural(u))


def two_channels(kind, size=4000, buying=1.8, leaving=2.5):
    a = moved(kind, 1, 1).simulate(np.full(size, 52.0), seed=1)
    b = moved(kind, buying, leaving).simulate(np.full(size, 52.0), seed=2)
    seen = pd.concat([a, b], ignore_index=True)
    seen["channel"] = ["shop"] * size + ["web"] * size
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_rows_add_up_to_the_compressed_likelihood(kind):
    seen = moved(kind, 1, 1).simulate(np.linspace(10, 60, 300), seed=3)
    x, t_x, T = (seen[c].to_numpy() for c in ("frequency", "recency", "T"))
    theta = np.array(KINDS[kind])
    rows = np.repeat(theta[:, None], len(x), axis=1)
    if kind is ParetoNBD:
        value, slope = pareto_rows(rows, x, t_x, T)
    else:
        value, slope = geometric_rows(rows, x, t_x, T, kind.first_chance)
    whole, gradient = kind.likelihood(Counts.from_arrays(x, t_x, T))(theta)
    assert value.sum() == pytest.approx(whole, rel=1e-10)
    assert slope.sum(axis=1) == pytest.approx(gradient, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_effects_are_recovered_and_significant(kind):
    seen = two_channels(kind)
    fit = fit_with_covariates(
        kind, seen["frequency"], seen["recency"], seen["T"], seen[["channel"]], time_unit="weeks"
    )
    table = fit.coefficients
    for effect, truth in (("buying", 1.8), ("leaving", 2.5)):
        row = table.loc[(effect, "channel=web")]
        assert abs(row["coefficient"] - np.log(truth)) < 3 * row["standard_error"], effect
    assert fit.test.df == 2 and fit.test.p_value < 1e-6
    assert fit.log_likelihood > fit.without.log_likelihood and fit.aic < fit.without.aic
    web = fit.model_for(channel="web")
    assert web.time_unit == "weeks"
    assert fit.model_for(channel="shop").parameters == pytest.approx(fit.model.parameters)
    truth = moved(kind, 1.8, 2.5).expected_purchases_new(52)
    assert web.expected_purchases_new(52) == pytest.approx(truth, rel=0.1)


def test_the_likelihood_of_the_groups_is_that_of_their_models():
    seen = two_channels(BGNBD, size=600)
    fit = fit_with_covariates(
        BGNBD, seen["frequency"], seen["recency"], seen["T"], seen[["channel"]]
    )
    total = 0.0
    for channel, group in seen.groupby("channel"):
        model = fit.model_for(channel=channel)
        counts = Counts.from_arrays(group["frequency"], group["recency"], group["T"])
        total += model.likelihood(counts)(np.array(list(model.parameters.values())))[0]
    assert total == pytest.approx(fit.log_likelihood, rel=1e-10)


def test_a_covariate_that_does_nothing_is_not_significant():
    seen = moved(BGNBD, 1, 1).simulate(np.full(3000, 52.0), seed=5)
    noise = pd.DataFrame({"size": np.random.default_rng(6).normal(170, 10, 3000)})
    fit = fit_with_covariates(
        BGNBD, seen["frequency"], seen["recency"], seen["T"], noise, effects=("buying",)
    )
    assert fit.test.p_value > 0.01 and fit.test.df == 1
    assert list(fit.coefficients.index) == [("buying", "size")]


def test_the_test_is_honest_on_data_without_effects():
    """Of 40 null data sets about 5% should be called significant at 5%."""
    rng = np.random.default_rng(9)
    hits = 0
    for seed in range(40):
        seen = moved(BGNBD, 1, 1).simulate(np.full(500, 52.0), seed=seed)
        group = pd.DataFrame({"group": rng.permutation(["a", "b"] * 250)})
        fit = fit_with_covariates(
            BGNBD, seen["frequency"], seen["recency"], seen["T"], group, effects=("buying",)
        )
        hits += fit.test.p_value < 0.05
    assert hits <= 6


def test_predictions_use_each_customers_covariates():
    seen = two_channels(BGNBD, size=800)
    history = (seen["frequency"], seen["recency"], seen["T"])
    fit = fit_with_covariates(BGNBD, *history, seen[["channel"]])
    future = fit.expected_purchases(26.0, *history, seen[["channel"]])
    alive = fit.probability_alive(*history, seen[["channel"]])
    web = (seen["channel"] == "web").to_numpy()
    model = fit.model_for(channel="web")
    on_web = [column[web] for column in history]
    assert np.array_equal(future[web], model.expected_purchases(26.0, *on_web))
    assert np.array_equal(alive[web], model.probability_alive(*on_web))


def test_covariates_are_checked():
    history = ([0, 1, 2], [0, 3, 5], [9, 9, 9])
    for table, message in (
        ({"c": ["a", "a", "a"]}, "covariate 'c' does not vary"),
        ({"c": ["a", None, "b"]}, "covariate 'c' is missing for 1 customers"),
        ({"c": ["a", "b"]}, "3 customers but 2 rows of covariates"),
    ):
        with pytest.raises(InputError, match=message):
            fit_with_covariates(BGNBD, *history, pd.DataFrame(table))
    with pytest.raises(InputError, match="effect 'leave' is not known; did you mean 'leaving'"):
        fit_with_covariates(
            BGNBD, *history, pd.DataFrame({"c": ["a", "b", "b"]}), effects=("leave",)
        )
    seen = two_channels(BGNBD, size=300)
    fit = fit_with_covariates(
        BGNBD, seen["frequency"], seen["recency"], seen["T"], seen[["channel"]]
    )
    with pytest.raises(InputError, match="channel 'wed' was not in the fit; did you mean 'web'"):
        fit.model_for(channel="wed")
