"""Likelihoods with customers counted together, limits of parameters, and drawn spends."""

import numpy as np
import pytest
from scipy import stats

from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, Contracts, Counts, GammaGamma, ParetoNBD, Spend
from kpilib.clv.models import covariates
from kpilib.clv.models.sbg import LifetimeLikelihood
from kpilib.errors import InputError

THETA = {
    BGNBD: (0.4, 12.0, 0.7, 1.9),
    MBGNBD: (0.4, 12.0, 0.7, 1.9),
    ParetoNBD: (0.4, 12.0, 0.7, 15.0),
    BGBB: (1.2, 0.75, 0.66, 2.8),
    GammaGamma: (3.0, 2.5, 40.0),
    SBG: (0.7, 3.0),
}


def histories(kind):
    model = kind(*THETA[kind])
    seen = model.simulate(np.arange(5, 45) if kind is BGBB else np.linspace(5, 90, 40), seed=2)
    weights = np.arange(len(seen)) % 4 + 1.0
    return [seen[name].to_numpy() for name in ("frequency", "recency", "T")], weights


LIKELIHOOD = {
    GammaGamma: lambda *rows: GammaGamma.problem(Spend.from_arrays(*rows)).log_likelihood,
    SBG: lambda *rows: LifetimeLikelihood(Contracts.from_durations(*rows)),
}


def counted(kind):
    """Of a model: the likelihood of rows with weights, each twice, and one by one; the weights."""
    if kind is GammaGamma:
        x, n = np.array([1, 1, 2, 5, 9, 2]), np.array([3.0, 1.0, 2.0, 4.0, 1.0, 2.0])
        rows = [x, np.array([12.0, 7.5, 30.0, 9.25, 14.0, 31.0])]
    elif kind is SBG:
        n = np.array([5.0, 2.0, 4.0, 1.0, 3.0])
        rows = [np.array([1, 2, 2, 6, 9]), np.array([True, True, False, True, False])]
    else:
        rows, n = histories(kind)
    make = LIKELIHOOD.get(kind, lambda *rows: kind.likelihood(Counts.from_arrays(*rows)))
    each = [make(*([value] for value in row)) for row in zip(*rows, strict=True)]
    return make(*rows, n), make(*rows, np.full(len(n), 2.0)), each, n


@pytest.mark.parametrize("kind", THETA)
def test_weights_count_customers_and_the_gradient_is_that_of_the_likelihood(kind):
    together, twice, each, n = counted(kind)
    theta = np.array(THETA[kind])
    value, slope = together(theta)
    found = [one(theta) for one in each]
    assert twice(theta)[0] == pytest.approx(2 * sum(one[0] for one in found))
    np.testing.assert_allclose(
        twice(theta)[1], 2 * sum(one[1] for one in found), rtol=1e-9, atol=1e-9
    )
    assert value == pytest.approx(sum(w * one[0] for w, one in zip(n, found, strict=True)))
    np.testing.assert_allclose(
        slope, sum(w * one[1] for w, one in zip(n, found, strict=True)), rtol=1e-9, atol=1e-9
    )
    steps = 1e-5 * theta * np.eye(len(theta))
    by_hand = [
        (together(theta + one)[0] - together(theta - one)[0]) / (2 * one.max()) for one in steps
    ]
    np.testing.assert_allclose(slope, by_hand, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("level", "sides"), [(None, 1.959964), (0.9, 1.644854)])
def test_limits_of_parameters_are_symmetric_on_the_log_scale(level, sides):
    rows, n = histories(BGNBD)
    fit = BGNBD.fit(*(np.repeat(column, 40) for column in rows), np.repeat(n, 40))
    table = fit.summary() if level is None else fit.summary(level)
    value, error = table["value"], np.sqrt(np.diag(fit.covariance))
    assert table.index.tolist() == ["r", "alpha", "a", "b"]
    assert table["standard_error"].tolist() == pytest.approx(error)
    for name, sign in (("low", -1), ("high", 1)):
        away = np.log(table[name] / value) / (error / value)
        assert away.tolist() == pytest.approx([sign * sides] * 4, abs=1e-6)


def test_a_drawn_mean_spend_is_that_of_so_many_gamma_purchases():
    """Of customers who are all alike, since q is large: gamma(p x) over x, times v / q."""
    p, scale = 2.5, 4.0
    model = GammaGamma(p, 1e8, 1e8 * scale)
    for x in (1, 2, 7):
        drawn = model.simulate(np.full(4_000, x), seed=3)
        law = stats.gamma(p * x, scale=scale / x)
        assert stats.kstest(drawn, law.cdf).pvalue > 0.001
    assert np.isnan(model.simulate([0, 0], seed=1)).all()
    assert model.expected_spend([0, 0], [np.nan, 7.0]) == pytest.approx([p * scale] * 2)


def test_whoever_could_buy_and_leave_at_once_is_asked_in_the_first_period_too():
    """BG/BB at one opportunity: there with chance d / (c + d), buying with a / (a + b)."""
    a, b, c, d = THETA[BGBB]
    model = BGBB(a, b, c, d)
    there = d / (c + d)
    assert model.probability_of_n_purchases([0, 1, 2], 1) == pytest.approx(
        [1 - there * a / (a + b), there * a / (a + b), 0.0]
    )
    assert model.expected_purchases_new([0, 1]) == pytest.approx([0, there * a / (a + b)])
    # Nobody stays where leaving is certain, and all do where it is not possible.
    gone, stay = BGBB(a, b, 1e12, 1e-6), BGBB(a, b, 1e-12, 1e12)
    assert gone.expected_purchases_new(9) == pytest.approx(0, abs=1e-9)
    assert stay.expected_purchases_new(9) == pytest.approx(9 * a / (a + b))
    for model in (gone, stay, BGBB(a, b, 1e17, 2.0), BGBB(a, b, 2.0, 1e17)):
        assert model.expected_purchases(0, [2], [3], [4]) == 0
        assert np.isfinite(model.expected_purchases(5, [2, 0], [3, 0], [4, 4])).all()


@pytest.mark.parametrize("renewals", [0, 3])
def test_remaining_renewals_without_discount_are_the_mean_of_the_law(renewals):
    """alpha just above 1 has a mean, 1 and below none."""
    alpha, beta = 3.2, 1.7
    k = np.arange(1, 200_000)
    share = SBG(alpha, beta).survival(renewals + k) / SBG(alpha, beta).survival(renewals)
    assert SBG(alpha, beta).expected_renewals(renewals) == pytest.approx(share.sum(), rel=1e-6)
    assert SBG(1.0, beta).expected_renewals(renewals) == np.inf
    assert np.isfinite(SBG(1.001, beta).expected_renewals(renewals))
    assert SBG(alpha, beta).expected_renewals(renewals, -0.01) == np.inf


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD, BGBB])
def test_in_no_time_nobody_buys_and_every_number_of_purchases_has_its_chance(kind):
    model = kind(*THETA[kind])
    n, t = [0, 1, 3, 0, 1, 3], [0, 0, 0, 9, 9, 9]
    found = model.probability_of_n_purchases(n, t)
    assert found[:3] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)
    alone = [model.probability_of_n_purchases(k, 9) for k in (0, 1, 3)]
    assert found[3:] == pytest.approx(alone, rel=1e-12) and all(one > 0 for one in alone)
    assert model.expected_purchases_new([0, 9])[0] == 0


def test_a_drawn_cohort_survives_as_the_law_says():
    model, many = SBG(0.7, 2.9), 200_000
    drawn = model.simulate(many, periods=12, seed=4)
    share = model.survival(np.arange(13))
    assert len(drawn) == 13 and drawn[0] == many
    error = np.sqrt(share * (1 - share) / many)
    assert (np.abs(drawn / many - share) <= 4 * error).all()
    assert model.simulate(50, periods=0, seed=4).tolist() == [50]
    assert SBG(1e9, 1e-9).simulate(50, periods=2, seed=4).tolist() == [50, 0, 0]
    assert SBG(1e-9, 1e9).simulate(50, periods=2, seed=4).tolist() == [50, 50, 50]


def test_a_retention_rate_is_who_is_there_over_who_was():
    model, t = SBG(0.7, 2.9), np.array([1, 2, 5, 9])
    rate = model.retention_rate(t)
    assert rate == pytest.approx(model.survival(t) / model.survival(t - 1))
    assert model.retention_rate(1) == pytest.approx(2.9 / 3.6)


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_drawn_histories_are_those_of_the_law(kind):
    """Purchases until T and after it against the law of their number, and when the last one was."""
    model = kind(*THETA[kind])
    age, ahead, many = 40.0, 80.0, 60_000
    seen = model.simulate(np.full(many, age), ahead=ahead, seed=6)
    assert (seen["T"] == age).all()
    for counted, t in ((seen["frequency"], age), (seen["frequency"] + seen["future"], 120.0)):
        n = np.arange(8)
        share = model.probability_of_n_purchases(n, t)
        found = np.array([(counted == k).mean() for k in n])
        assert (np.abs(found - share) <= 4 * np.sqrt(share / many)).all()
    back = seen["frequency"] > 0
    assert (seen.loc[~back, "recency"] == 0).all()
    assert seen.loc[back, "recency"].between(0, age, inclusive="neither").all()
    alive = model.probability_alive(seen["frequency"], seen["recency"], age)
    late = seen["recency"] > 20
    for some in (late, back & ~late, ~back):
        told, true = alive[some], seen.loc[some, "alive"]
        assert abs(told.mean() - true.mean()) <= 4 * np.sqrt(0.25 / some.sum())
    assert (seen.loc[~seen["alive"], "future"] == 0).all()


def test_drawn_opportunities_are_taken_as_the_law_says():
    model, many = BGBB(*THETA[BGBB]), 40_000
    age = np.repeat([3.0, 8.0], many)
    seen = model.simulate(age, ahead=4, seed=6)
    for T in (3.0, 8.0):
        some = seen[seen["T"] == T]
        for counted, t in ((some["frequency"], T), (some["frequency"] + some["future"], T + 4)):
            n = np.arange(int(t) + 1)
            share = model.probability_of_n_purchases(n, t)
            found = np.array([(counted == k).mean() for k in n])
            assert (np.abs(found - share) <= 4 * np.sqrt(share / many)).all()
        assert (some["recency"] <= T).all() and (some["recency"] >= some["frequency"]).all()
        told = model.probability_alive(some["frequency"], some["recency"], T)
        for x in (0, 1, 2):
            mine = some["frequency"] == x
            error = np.sqrt(0.25 / mine.sum())
            assert abs(told[mine].mean() - some.loc[mine, "alive"].mean()) <= 4 * error
        assert (some.loc[~some["alive"], "future"] == 0).all()


def test_whole_numbers_are_asked_for_and_no_more_opportunities_than_can_be_meant():
    model = BGBB(*THETA[BGBB])
    assert 0 < model.probability_alive(0, 0, 10_000) < 1
    with pytest.raises(InputError, match="10001 opportunities are more than 10,000"):
        model.probability_alive(0, 0, 10_001)
    spend = GammaGamma(*THETA[GammaGamma])
    cohort = SBG(*THETA[SBG])
    for name, options in (("customers", {"periods": 3}), ("periods", {})):
        given = {"customers": 9, "periods": 9} | options | {name: 2.5}
        with pytest.raises(InputError, match=f"{name} must be a whole number"):
            cohort.simulate(given["customers"], periods=given["periods"])
    for ask in (lambda: spend.expected_spend(1.5, 4.0), lambda: spend.simulate([1.5])):
        with pytest.raises(InputError, match="frequency must be a whole number"):
            ask()


def test_who_surely_leaves_or_never_does_or_never_buys_is_drawn_too():
    leaves = MBGNBD(5.0, 1.0, 1e12, 1e-12).simulate([0.0, 5.0, 900.0], ahead=50.0, seed=1)
    assert not leaves[["frequency", "recency", "future", "alive"]].to_numpy().any()
    last = BGNBD(500.0, 1.0, 1e12, 1e-12).simulate(np.full(50, 9.0), ahead=50.0, seed=1)
    assert (last["frequency"] == 1).all() and not last[["future", "alive"]].to_numpy().any()
    for stays in (BGNBD, MBGNBD):
        seen = stays(1e9, 1e9, 1e-300, 1.0).simulate(np.full(50, 90.0), ahead=90.0, seed=1)
        assert seen["alive"].all() and seen["future"].mean() == pytest.approx(90, rel=0.1)
    for never in (BGNBD(1e-300, 1.0, 1.0, 1.0), ParetoNBD(1e-300, 1.0, 1e-300, 1.0)):
        seen = never.simulate(np.full(50, 90.0), ahead=90.0, seed=1)
        assert not seen[["frequency", "future"]].to_numpy().any() and seen["alive"].all()


def test_a_fit_keeps_its_data_and_its_covariance_in_the_unit_that_it_is_turned_into():
    rows, n = histories(ParetoNBD)
    days = ParetoNBD.fit(*(np.repeat(column, 40) for column in rows), np.repeat(n, 40))
    weeks = days.in_unit("weeks")
    assert weeks.fitted.counts.time_unit == "weeks"
    np.testing.assert_allclose(weeks.fitted.counts.T, days.fitted.counts.T / 7)
    scale = np.array([1, 1 / 7, 1, 1 / 7])
    assert weeks.covariance == pytest.approx(days.covariance * np.outer(scale, scale))
    assert ParetoNBD.from_json(days.to_json()).in_unit("weeks").fitted.counts is None


def test_the_name_of_a_saved_model_must_be_one():
    saved = SBG(1.0, 2.0).to_json()
    for name in ('["SBG"]', "5", '"SBH"'):
        with pytest.raises(InputError, match=r"^model .* is not known"):
            SBG.from_json(saved.replace('"SBG"', name))


@pytest.mark.parametrize(("bought", "counted"), [(0, 0.5), (1, 1.0), (3, 3.0)])
def test_the_weak_prior_is_centred_on_the_rates_of_the_data_and_half_a_purchase_at_least(
    bought, counted
):
    x = np.array([bought, 0, 0])
    counts = Counts.from_arrays(x, np.where(x > 0, 20.0, 0.0), [40.0, 50.0, 60.0])
    mean, sd = BGNBD.space.prior((counted / 150, 3 / 150))
    problem = BGNBD.problem(counts)
    assert problem.prior_mean == pytest.approx(mean) and problem.prior_sd == pytest.approx(sd)
    rows = np.vstack([x, np.where(x > 0, 20.0, 0.0), [40.0, 50.0, 60.0], [0.0, 1.0, 1.0]])
    moments, without = (np.zeros(1), np.ones(1)), BGNBD(0.5, 20.0, 0.8, 2.0)
    given = covariates._problem(BGNBD, rows, np.ones(3), ("buying",), moments, without)
    assert given.prior_mean[:4] == pytest.approx(mean) and given.prior_mean[4:].tolist() == [0.0]


def test_the_weak_prior_of_a_spend_is_centred_on_its_mean():
    problem = GammaGamma.problem(Spend.from_arrays([1, 2, 5], [10.0, 20.0, 60.0]))
    assert problem.prior_mean == pytest.approx([1.0, 1.0, np.log(30.0)])
    assert problem.prior_sd == pytest.approx([2.5, 2.5, 2.5])


@pytest.mark.parametrize(("q", "finite"), [(0.95, False), (1.0, False), (1.05, True)])
def test_a_spend_whose_tail_is_too_heavy_has_no_mean(q, finite):
    mean = GammaGamma(3.0, q, 40.0).mean_spend
    assert mean == (pytest.approx(3.0 * 40.0 / 0.05) if finite else np.inf)
