"""Draws of a posterior, held to densities of scipy, and to targets known on paper."""

import numpy as np
import pytest
from scipy import stats

from kpilib.clv import BGNBD, SBG
from kpilib.clv.fitting.posterior import Posterior, _check, _propose, _sampled, _weights
from kpilib.errors import InputError

CENTRE = np.array([0.5, -2.0, 7.0])
ROOT = np.array([[0.3, 0.0, 0.0], [-0.2, 1.5, 0.0], [0.1, 0.4, 0.7]])
STUDENT = stats.multivariate_t(CENTRE, ROOT @ ROOT.T, df=12)


def test_weights_are_the_density_over_that_of_the_mixture_of_proposals():
    rng = np.random.default_rng(5)
    free = CENTRE + rng.standard_normal((40, 3))
    away, other = CENTRE + 0.7, np.diag([2.0, 0.4, 0.9])
    normal = stats.multivariate_normal(CENTRE - 0.2, np.diag([0.5, 2.0, 1.0]))
    second = stats.multivariate_t(away, other @ other.T, df=12)
    for proposals, mixture in (
        ([(CENTRE, ROOT)], STUDENT.pdf(free)),
        ([(CENTRE, ROOT), (away, other)], STUDENT.pdf(free) + second.pdf(free)),
    ):
        want = normal.pdf(free) / mixture
        found = _weights(normal.logpdf(free) - 700.0, free, proposals)
        assert found == pytest.approx(want / want.sum(), rel=1e-10)


def test_proposals_are_of_student_s_t_with_twelve_degrees():
    free = _propose(CENTRE, ROOT, 40_000, np.random.default_rng(2))
    z = np.linalg.solve(ROOT, (free - CENTRE).T)
    assert stats.kstest((z**2).sum(axis=0) / 3, stats.f(3, 12).cdf).pvalue > 0.01
    for one in z:
        assert stats.kstest(one, stats.t(12).cdf).pvalue > 0.01
    assert np.corrcoef(z) == pytest.approx(np.eye(3), abs=0.02)


def test_of_a_density_like_the_proposal_each_draw_is_taken_once():
    free, ess = _sampled(STUDENT.logpdf, CENTRE, ROOT, 500, seed=3)
    assert len(np.unique(free, axis=0)) == 500
    assert ess == pytest.approx(500, rel=1e-9)


def test_draws_are_as_often_as_they_weigh_and_their_worth_is_that_of_kish():
    normal = stats.multivariate_normal(CENTRE, ROOT @ ROOT.T)
    free, ess = _sampled(normal.logpdf, CENTRE, ROOT, 500, seed=3)
    proposed = _propose(CENTRE, ROOT, 500, np.random.default_rng(3))
    weights = normal.pdf(proposed) / STUDENT.pdf(proposed)
    weights /= weights.sum()
    assert ess == pytest.approx(1 / (weights**2).sum())
    often = np.array([(free == one).all(axis=1).sum() for one in proposed])
    assert often.sum() == 500 and np.abs(often - 500 * weights).max() < 1
    assert not np.array_equal(free, proposed[np.repeat(np.arange(500), often)])  # in random order


def test_a_density_far_from_the_proposal_is_found_in_a_few_rounds():
    normal = stats.multivariate_normal(CENTRE + np.array([1.0, -2.0, 1.5]), 0.36 * ROOT @ ROOT.T)
    asked = []

    def target(free):
        asked.append(len(free))
        return normal.logpdf(free)

    free, ess = _sampled(target, CENTRE, ROOT, 4000, seed=3)
    assert set(asked) == {4000} and 1 < len(asked) <= 4
    assert 2000 < ess <= 4000
    error = np.sqrt(np.diag(normal.cov) / ess)
    assert np.abs((free.mean(axis=0) - normal.mean) / error).max() < 4
    assert np.cov(free.T) == pytest.approx(normal.cov, abs=0.12)


def test_the_proposal_moves_to_the_weighted_mean_and_a_third_wider_than_the_spread():
    normal = stats.multivariate_normal(CENTRE + np.array([1.0, -2.0, 1.5]), 0.36 * ROOT @ ROOT.T)
    asked = []

    def target(free):
        asked.append(free)
        return normal.logpdf(free)

    _sampled(target, CENTRE, ROOT, 20_000, seed=3)
    first, second = asked[:2]
    weights = normal.pdf(first) / STUDENT.pdf(first)
    weights /= weights.sum()
    middle = weights @ first
    spread = ((first - middle) * weights[:, None]).T @ (first - middle)
    wider = np.linalg.cholesky(1.3 * spread)
    z = np.linalg.solve(wider, (second - middle).T)
    for one in z:
        assert stats.kstest(one, stats.t(12).cdf).pvalue > 0.01


def test_after_four_rounds_there_is_an_answer_whatever_it_is_worth():
    asked = []

    def spikes(free):  # nothing but the first of the draws weighs anything
        asked.append(len(free))
        return np.where(np.arange(len(free)) == 0, 0.0, -50.0)

    free, ess = _sampled(spikes, CENTRE, ROOT, 100, seed=3)
    assert asked == [100] * 4 and free.shape == (100, 3) and ess < 10


def test_a_density_that_is_no_number_somewhere_has_nothing_there():
    def half(free):
        with np.errstate(invalid="ignore"):
            return np.where(free[:, 1] < CENTRE[1], STUDENT.logpdf(free), np.nan)

    free, ess = _sampled(half, CENTRE, ROOT, 400, seed=1)
    assert (free[:, 1] < CENTRE[1]).all() and ess > 150


@pytest.mark.parametrize(
    ("ess", "draws", "enough"),
    [(200, 4000, True), (199.9, 4000, False), (50, 100, True), (49.9, 100, False),
     (200, 400, True), (199, 399, False), (201, 500, True)],
)  # fmt: skip
def test_two_hundred_independent_draws_are_enough_or_half_of_all(ess, draws, enough):
    found = _check(ess, draws)
    assert (found == ()) == enough
    if not enough:
        assert (found[0].name, found[0].severity) == ("few_effective_draws", "warning")
        assert f"{draws:,} draws are worth only {ess:,.0f}" in found[0].sentence.en


# Of a posterior made by hand.

PARAMETERS = np.exp(
    np.random.default_rng(9).multivariate_normal(
        np.log([0.243, 4.414, 0.793, 2.426]), 0.01 * (np.eye(4) + 0.5), 333
    )
)
MADE = Posterior(BGNBD(0.243, 4.414, 0.793, 2.426, time_unit="weeks"), PARAMETERS, 250.0, "normal")


@pytest.mark.parametrize(("level", "tail"), [(0.95, 0.025), (0.8, 0.1), (0.5, 0.25)])
def test_limits_are_quantiles_of_the_draws(level, tail):
    both = np.quantile(PARAMETERS, [tail, 1 - tail], axis=0)
    table = MADE.summary(level)
    assert list(table.index) == ["r", "alpha", "a", "b"]
    assert table[["low", "high"]].to_numpy() == pytest.approx(both.T)
    assert table["mean"].to_numpy() == pytest.approx(PARAMETERS.mean(axis=0))
    assert table["sd"].to_numpy() == pytest.approx(PARAMETERS.std(axis=0))

    def means(model):
        return [[model.r / model.alpha, model.a], [model.b, 1.0], [0.0, model.r]]

    found = MADE.interval(means, level)
    each = np.array([means(one) for one in MADE.models()])
    assert found.value == means(MADE.model)
    assert np.array([found.low, found.high]) == pytest.approx(
        np.quantile(each, [tail, 1 - tail], axis=0)
    )
    # These are exponentials of sums of free coordinates: the quadratic through them is exact.
    powers = lambda model: np.array(  # noqa: E731
        [[model.r / model.alpha, model.a / model.b], [2.0, 1.0], [0.0, model.r**2]]
    )
    quick, slow = MADE.quick(powers, level), MADE.interval(powers, level)
    assert quick.value == pytest.approx(slow.value)
    assert np.array(quick[1:]) == pytest.approx(np.array(slow[1:]), rel=1e-9, abs=0)
    single = MADE.quick(lambda model: model.r / model.alpha, level)
    assert np.ndim(single.low) == 0 and single.low == pytest.approx(slow.low[0, 0])


def test_without_a_word_the_level_is_95():
    table, found = MADE.summary(), MADE.interval(lambda model: model.r)
    quick = MADE.quick(lambda model: model.r)
    low, high = np.quantile(PARAMETERS[:, 0], [0.025, 0.975])
    assert table.loc["r", ["low", "high"]].to_list() == pytest.approx([low, high])
    assert [found.low, found.high] == pytest.approx([low, high])
    assert [quick.low, quick.high] == pytest.approx([low, high])


def test_more_values_than_are_taken_at_once_are_those_one_by_one():
    step = np.linspace(0.5, 2.0, 9001).reshape(9001, 1)

    def many(model):
        return step * model.r / model.alpha

    found = MADE.quick(many)
    low, high = np.quantile(PARAMETERS[:, 0] / PARAMETERS[:, 1], [0.025, 0.975])
    assert found.low.shape == (9001, 1)
    assert found.low == pytest.approx(step * low) and found.high == pytest.approx(step * high)


def test_a_costly_function_is_called_33_times_and_its_values_are_those_of_the_draws():
    calls = []

    def rate(model):
        calls.append(model)
        return [[model.r / model.alpha], [0.0]]

    values = MADE.quick_values(rate)
    assert len(calls) == 33
    assert values.shape == (333, 2, 1) and (values[:, 1] == 0).all()
    assert values[:, 0, 0] == pytest.approx(PARAMETERS[:, 0] / PARAMETERS[:, 1], rel=1e-9)
    some = MADE.quick_values(rate, 5)
    assert some[:, 0, 0] == pytest.approx(values[[0, 83, 166, 249, 332], 0, 0])


def test_some_of_the_draws_are_spread_evenly_over_all():
    for asked, places in ((5, [0, 83, 166, 249, 332]), (2, [0, 332]), (1, [0])):
        models = list(MADE.models(asked))
        assert [one.r for one in models] == PARAMETERS[places, 0].tolist()
        assert models[0].time_unit == "weeks"
    for asked in (None, 333, 334, 9000):
        assert [one.b for one in MADE.models(asked)] == PARAMETERS[:, 3].tolist()
    assert len(MADE) == 333
    values = MADE.interval(lambda model: model.r, draws=5)
    low, high = np.quantile(PARAMETERS[[0, 83, 166, 249, 332], 0], [0.025, 0.975])
    assert [values.low, values.high] == pytest.approx([low, high])


def test_draws_of_the_normal_have_the_covariance_of_the_fit():
    fit = SBG.from_json(SBG.fit([1000, 869, 743, 653, 593, 551, 517, 491]).to_json())
    drawn = fit.posterior(40_000, seed=1)
    assert (drawn.ess, drawn.method, drawn.diagnosis[0].severity) == (40_000, "normal", "note")
    space = SBG.space
    free = space.to_free(drawn.parameters)
    slopes = space.jacobian(free.mean(axis=0))
    assert slopes @ np.cov(free.T) @ slopes.T == pytest.approx(fit.covariance, rel=0.05)
    assert free.mean(axis=0) == pytest.approx(
        space.to_free(list(fit.parameters.values())), abs=0.005
    )
    assert len(fit.posterior(2)) == 2
    with pytest.raises(InputError, match="draws must be a whole number of 2 or more, got 1"):
        fit.posterior(1)
    with pytest.raises(InputError, match=r"draws must be a whole number of 2 or more, got 2\.5"):
        fit.posterior(2.5)


def test_more_draws_than_are_held_are_refused_before_they_fill_the_memory():
    with pytest.raises(InputError, match="draws is 1,000,001; 1,000,000 at most are held"):
        SBG.fit([100, 80, 70]).posterior(1_000_001)
