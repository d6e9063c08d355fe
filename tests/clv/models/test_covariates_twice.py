"""Covariates reckoned a second time, from the likelihoods of the groups that they make."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.clv import BGNBD, MBGNBD, Counts, ParetoNBD
from kpilib.clv.models.covariates import EFFECTS, fit_with_covariates
from kpilib.errors import InputError

TRUTH = {
    BGNBD: (0.7, 8.0, 0.8, 2.4),
    MBGNBD: (0.7, 8.0, 0.8, 2.4),
    ParetoNBD: (0.6, 10.0, 0.9, 14.0),
}


def seen_of(kind, size=300):
    """Customers of two channels and three ages, some of them standing for several."""
    rows = []
    for number, (channel, age) in enumerate(product(["shop", "web"], [20, 35, 60])):
        u = kind.space.to_free(TRUTH[kind])
        u[0] += 0.5 * (channel == "web") + 0.01 * age
        u[2] += 0.4 * (channel == "web")
        seen = kind(*kind.space.to_natural(u)).simulate(np.linspace(20, 60, size), seed=number)
        rows.append(seen.assign(channel=channel, age=age))
    table = pd.concat(rows, ignore_index=True)
    return table.assign(weight=np.arange(len(table)) % 3 + 1.0)


def asked(kind, table, **options):
    return fit_with_covariates(
        kind, table["frequency"], table["recency"], table["T"], table[["channel", "age"]],
        weights=table["weight"], **options,
    )  # fmt: skip


def by_groups(kind, table, effects):
    """The log-likelihood by (four free coordinates, coefficients), as a sum over the six groups."""
    groups = [
        (
            np.array([channel == "web", age], dtype=float),
            kind.likelihood(
                Counts.from_arrays(some["frequency"], some["recency"], some["T"], some["weight"])
            ),
        )
        for (channel, age), some in table.groupby(["channel", "age"])
    ]

    def value(at):
        total = 0.0
        for z, likelihood in groups:
            u = at[:4].copy()
            for place, effect in enumerate(effects):
                pull = at[4 + 2 * place : 6 + 2 * place]
                u[0 if effect == "buying" else 2] += z @ pull
            total += likelihood(kind.space.to_natural(u))[0]
        return total

    return value


@pytest.mark.parametrize("effects", [EFFECTS, ("leaving", "buying"), ("leaving",)])
@pytest.mark.parametrize("kind", TRUTH)
def test_the_fit_is_at_the_top_and_as_certain_as_the_curvature_there_says(kind, effects):
    table = seen_of(kind)
    fit = asked(kind, table, effects=effects)
    value = by_groups(kind, table, effects)
    at = np.concatenate(
        [kind.space.to_free(list(fit.model.parameters.values())), fit.coefficients["coefficient"]]
    )
    assert list(fit.coefficients.index) == [
        (effect, name) for effect in effects for name in ("channel=web", "age")
    ]
    assert value(at) == pytest.approx(fit.log_likelihood, rel=1e-9)
    error = np.sqrt(np.diag(fit.covariance))
    size = len(at)
    hessian = np.empty((size, size))
    step = np.diag(0.05 * error)
    for i, j in product(range(size), range(size)):
        corners = [value(at + a * step[i] + b * step[j]) for a, b in product((1, -1), (1, -1))]
        hessian[i, j] = np.dot(corners, [1, -1, -1, 1]) / (4 * step[i, i] * step[j, j])
    for one, width in zip(step, error, strict=True):
        up, down = value(at + one), value(at - one)
        assert abs(up - down) / (2 * 0.05) < 0.01, "not at the top"
        assert width > 0
    np.testing.assert_allclose(np.sqrt(np.diag(np.linalg.inv(-hessian))), error, rtol=0.02)
    scale = np.outer(error, error)
    np.testing.assert_allclose(np.linalg.inv(-hessian) / scale, fit.covariance / scale, atol=0.03)


@pytest.fixture(scope="module")
def fit():
    return asked(BGNBD, seen_of(BGNBD), time_unit="weeks")


def test_the_table_says_how_certain_each_coefficient_is(fit):
    table = fit.coefficients
    error = np.sqrt(np.diag(fit.covariance))[4:]
    assert table["standard_error"].to_numpy() == pytest.approx(error)
    normal = stats.norm(table["coefficient"], error)
    assert table["low"].to_numpy() == pytest.approx(normal.ppf(0.025))
    assert table["high"].to_numpy() == pytest.approx(normal.ppf(0.975))
    assert table["multiplier"].to_numpy() == pytest.approx(np.exp(table["coefficient"]))
    z = np.abs(table["coefficient"]) / error
    assert table["p_value"].to_numpy() == pytest.approx(2 * stats.norm.sf(z))


def test_the_two_models_are_compared_by_their_likelihoods(fit):
    gain = 2 * (fit.log_likelihood - fit.without.log_likelihood)
    assert fit.test == pytest.approx((gain, 4, stats.chi2.sf(gain, 4)))
    assert fit.aic == pytest.approx(2 * 8 - 2 * fit.log_likelihood)
    assert fit.n == seen_of(BGNBD)["weight"].sum()
    assert fit.diagnosis == ()


def test_a_covariate_that_says_next_to_nothing_gains_as_little():
    table = BGNBD(0.7, 8.0, 0.8, 2.4).simulate(np.full(600, 60.0), seed=3)
    aside = pd.DataFrame({"number": np.random.default_rng(5).normal(size=600)})
    fit = fit_with_covariates(
        BGNBD, table["frequency"], table["recency"], table["T"], aside, effects=["buying"]
    )
    gain = 2 * (fit.log_likelihood - fit.without.log_likelihood)
    assert 0.01 < gain < 1 and fit.test.statistic == pytest.approx(gain, rel=1e-6)


def test_who_was_seen_for_no_time_or_stands_for_nobody_says_nothing(fit):
    table = seen_of(BGNBD)
    more = pd.DataFrame(
        {
            "frequency": [0, 3], "recency": [0.0, 9.0], "T": [0.0, 30.0], "weight": [5.0, 0.0],
            "channel": ["web", "web"], "age": [90, 90],
        }
    )  # fmt: skip
    beside = asked(BGNBD, pd.concat([table, more]), time_unit="weeks")
    np.testing.assert_allclose(
        beside.coefficients["coefficient"], fit.coefficients["coefficient"], atol=1e-7
    )
    assert beside.n == fit.n and [f.name for f in beside.diagnosis] == ["left_out"]


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_group_that_never_buys_leaves_its_coefficient_open(effect):
    table = seen_of(BGNBD)
    silent = table["channel"] == "web"
    table.loc[silent, ["frequency", "recency"]] = 0
    fit = fit_with_covariates(
        BGNBD, table["frequency"], table["recency"], table["T"], table[["channel"]],
        effects=(effect,),
    )  # fmt: skip
    assert "effect_unclear" in [finding.name for finding in fit.diagnosis]


def test_who_is_asked_about_must_be_told_with_their_covariates(fit):
    frame = pd.DataFrame({"channel": ["web", "shop"], "age": [30, 40]})
    with pytest.raises(InputError, match=r"^3 customers but 2 rows of covariates; give one each"):
        fit.probability_alive([1, 0, 2], [3, 0, 4], [9, 9, 9], frame)
    with pytest.raises(InputError, match="covariate 'size' was not in the fit"):
        fit.model_for(size=4)
    one = fit.expected_purchases(5.0, [1, 0], [3, 0], [9, 9], frame)
    apart = [
        fit.model_for(**row).expected_purchases(5.0, x, t_x, 9)
        for row, x, t_x in zip(frame.to_dict("records"), [1, 0], [3, 0], strict=True)
    ]
    assert one == pytest.approx(apart, rel=1e-12)


@pytest.mark.parametrize("effects", [(), ("buying", "buying")])
def test_each_effect_is_named_once(effects):
    with pytest.raises(InputError, match="name 'buying', 'leaving' or both, once each"):
        asked(BGNBD, seen_of(BGNBD, 5), effects=effects)


def test_a_covariate_that_is_made_of_others_is_refused():
    table = seen_of(BGNBD, 40)
    frame = pd.DataFrame({"age": table["age"], "web": 1.0 * (table["channel"] == "web")})
    history = (table["frequency"], table["recency"], table["T"])
    fit_with_covariates(BGNBD, *history, frame)
    with pytest.raises(InputError, match="covariate 'sum' follows from the others; leave it out"):
        fit_with_covariates(BGNBD, *history, frame.assign(sum=frame["age"] + 3 * frame["web"]))
    with pytest.raises(InputError, match="covariate 'shop' follows from the others"):
        fit_with_covariates(BGNBD, *history, frame.assign(shop=1 - frame["web"]))
    # What is said in other units says as much.
    far = frame.assign(age=frame["age"] * 1e9, web=frame["web"] * 1e-9)
    fit_with_covariates(BGNBD, *history, far, effects=["buying"])
    late = pd.DataFrame({"size": np.where(table["T"] == table["T"].max(), 1.0, 2.0)})
    nobody = np.where(late["size"] == 1, 0.0, table["T"])
    zero = [np.where(late["size"] == 1, 0, column) for column in history[:2]]
    with pytest.raises(InputError, match="covariate 'size' does not vary where T is above 0"):
        fit_with_covariates(BGNBD, *zero, nobody, late)


def test_a_column_of_one_value_and_of_none_lacks_values_and_is_not_without_variety():
    table = pd.DataFrame({"channel": [1.0, np.nan], "age": [20, 30]})
    with pytest.raises(InputError, match="covariate 'channel' is missing"):
        fit_with_covariates(BGNBD, [1, 2], [3, 4], [5, 6], table)
    with pytest.raises(InputError, match="covariate 'channel' does not vary; leave it out"):
        fit_with_covariates(BGNBD, [1, 2], [3, 4], [5, 6], table.fillna(1.0))


def test_what_the_data_leave_open_of_the_model_itself_is_told_by_its_own_name():
    """Nobody leaves: a parameter of leaving is open, and no effect on buying is."""
    table = pd.concat([
        BGNBD(2.0, 20.0 / faster, 1e-7, 1.0).simulate(np.full(400, 100.0), seed=seed)
        .assign(channel=channel)
        for seed, (channel, faster) in enumerate([("shop", 1.0), ("web", 1.5)])
    ])  # fmt: skip
    fit = fit_with_covariates(
        BGNBD,
        table["frequency"],
        table["recency"],
        table["T"],
        table[["channel"]],
        effects=["buying"],
    )
    names = {one.name for one in fit.diagnosis}
    assert names & set(BGNBD.edges.values()) and "effect_unclear" not in names


def test_a_column_that_stands_twice_and_a_value_that_is_no_number_are_named():
    history = ([0, 1, 2], [0, 3, 5], [9, 9, 9])
    twice = pd.DataFrame([[1, 2, 3], [2, 3, 4], [3, 4, 6]], columns=["a", "b", "b"])
    with pytest.raises(InputError, match="covariate 'b' is given twice; rename or drop one"):
        fit_with_covariates(BGNBD, *history, twice)
    with pytest.raises(InputError, match="covariate 'c' must be finite: row 1 has inf"):
        fit_with_covariates(BGNBD, *history, pd.DataFrame({"c": [1.0, np.inf, 2.0]}))
    with pytest.raises(InputError, match="at least one column"):
        fit_with_covariates(BGNBD, *history, pd.DataFrame(index=[0, 1, 2]))
