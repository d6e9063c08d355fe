"""What must hold for every model: gradients, probabilities, JSON, units, inputs."""

import json

import numpy as np
import pytest

from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, Contracts, Counts, GammaGamma, ParetoNBD, Spend
from kpilib.errors import InputError

BUYING = {
    BGNBD: (0.243, 4.414, 0.793, 2.426),
    MBGNBD: (0.525, 6.183, 0.891, 1.614),
    ParetoNBD: (0.553, 10.578, 0.606, 11.669),
}
each = pytest.mark.parametrize("model", [kind(*theta) for kind, theta in BUYING.items()])


@each
def test_the_gradient_is_that_of_the_likelihood(model):
    history = model.simulate(np.linspace(20, 60, 200), seed=1)
    counts = Counts.from_arrays(history["frequency"], history["recency"], history["T"])
    likelihood = model.likelihood(counts)
    theta = 1.3 * np.array(list(model.parameters.values()))
    _, slope = likelihood(theta)
    by_hand = [
        (likelihood(theta + h)[0] - likelihood(theta - h)[0]) / 2e-5 for h in 1e-5 * np.eye(4)
    ]
    assert slope == pytest.approx(by_hand, rel=1e-6, abs=1e-5)


@each
def test_probabilities_of_purchases_add_up_to_the_expectation(model):
    n = np.arange(4000)
    p = model.probability_of_n_purchases(n, 80.0)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p @ n == pytest.approx(model.expected_purchases_new(80.0), rel=1e-10)


@each
def test_simulation_agrees_with_the_formulas(model):
    seen = model.simulate(np.full(40_000, 39.0), ahead=39.0, seed=5)
    error = seen["frequency"].std() / 200
    assert seen["frequency"].mean() == pytest.approx(
        model.expected_purchases_new(39), abs=4 * error
    )
    x, t_x, T = (seen[c].to_numpy() for c in ("frequency", "recency", "T"))
    alive = model.probability_alive(x, t_x, T)
    assert alive.mean() == pytest.approx(seen["alive"].mean(), abs=0.012)
    future = model.expected_purchases(39, x, t_x, T)
    assert future.mean() == pytest.approx(seen["future"].mean(), abs=4 * seen["future"].std() / 200)


@each
def test_shapes_of_horizons_and_customers(model):
    x, t_x, T = [0, 2, 9], [0, 12.5, 30], [39, 39, 31]
    one = model.expected_purchases(10, x, t_x, T)
    grid = model.expected_purchases(np.array([[5.0], [10.0]]), x, t_x, T)
    own = model.expected_purchases([10, 5, 10], x, t_x, T)
    assert grid.shape == (2, 3) and np.array_equal(grid[1], one)
    assert own[[0, 2]] == pytest.approx(one[[0, 2]], rel=1e-14)
    assert own[1] == pytest.approx(grid[0, 1], rel=1e-14)
    assert np.ndim(model.expected_purchases(10, 2, 12.5, 39)) == 0
    assert (model.expected_purchases(0, x, t_x, T) == 0).all()


@each
def test_partitions_and_months_fit_like_the_whole(model):
    seen = model.simulate(np.linspace(20, 60, 900), seed=2)
    rows = [seen["frequency"], seen["recency"].round(1), seen["T"].round(1)]
    rows[1] = np.minimum(np.maximum(rows[1], 0.1 * (rows[0] > 0)), rows[2])
    whole = Counts.from_arrays(*rows)
    parts = [Counts.from_arrays(*(column[i::3] for column in rows)) for i in range(3)]
    joined = parts[0] + parts[1] + parts[2]
    for name in ("frequency", "recency", "T", "weights"):
        assert np.array_equal(getattr(whole, name), getattr(joined, name)), name
    a, b = type(model).fit_counts(whole), type(model).fit(*rows)
    assert a == b and a.log_likelihood == b.log_likelihood


@each
def test_json_keeps_the_fit_and_no_customer(model):
    seen = model.simulate(np.full(2000, 39.0), seed=3)
    fit = type(model).fit(seen["frequency"], seen["recency"], seen["T"], time_unit="weeks")
    text = fit.to_json()
    back = type(model).from_json(text)
    assert back == fit and back.time_unit == "weeks" and back.fitted.counts is None
    assert back.log_likelihood == fit.log_likelihood and back.diagnosis == fit.diagnosis
    assert np.array_equal(back.covariance, fit.covariance)
    assert len(text) < 4096
    assert set(json.loads(text)["fit"]) == {
        "log_likelihood", "aic", "bic", "n", "purchases", "engine", "prior_used", "covariance",
        "diagnosis",
    }  # fmt: skip


def test_json_of_another_model_or_of_nothing_is_refused():
    with pytest.raises(InputError, match=r"holds a SBG, not a BGNBD; use SBG\.from_json"):
        BGNBD.from_json(SBG(1.0, 2.0).to_json())
    with pytest.raises(InputError, match="not a saved lifetime model"):
        BGNBD.from_json("{}")


def test_a_hand_written_model_has_no_fit_and_checks_its_parameters():
    model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    assert model.log_likelihood is None and model.covariance is None and model.diagnosis == ()
    with pytest.raises(InputError, match="BGNBD: b is -1; it must be a number above 0"):
        BGNBD(0.2, 4.4, 0.8, -1)
    with pytest.raises(InputError, match="did you mean 'weeks'"):
        BGNBD(0.2, 4.4, 0.8, 1, time_unit="week")


def test_criteria():
    model = SBG.fit([1000, 869, 743, 653])
    assert model.aic == pytest.approx(4 - 2 * model.log_likelihood)
    assert model.bic == pytest.approx(2 * np.log(1000) - 2 * model.log_likelihood)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([1], [5], [4]), "recency is after the end of observation, T: row 0 has 5"),
        (([0, -1], [0, 2], [4, 4]), "frequency must not be negative: row 1 has -1"),
        (([1.5], [2], [4]), "frequency must be a whole number of repeat purchases: row 0 has 1.5"),
        (([1], [np.nan], [4]), "recency must be a finite number: row 0 has nan"),
        (([0], [3], [4]), "recency must be 0 where frequency is 0"),
        (([2], [0], [4]), "recency must be above 0 where frequency is above 0"),
        (([], [], []), "there are no customers"),
        (([0], [0], [0]), "no customer was observed for any time"),
        (([1, 2], [1], [3]), "different lengths: 2, 1, 1"),
        ((["a"], [1], [3]), "frequency must hold numbers"),
    ],
)
def test_impossible_histories_are_named(rows, message):
    for kind in BUYING:
        with pytest.raises(InputError, match=message):
            kind.fit(*rows)


def test_age_zero_is_left_out_and_counted():
    x, t_x, T = [0, 1, 2, 0] * 20, [0, 3, 9, 0] * 20, [9, 9, 10, 0] * 20
    fit = BGNBD.fit(x, t_x, T)
    assert fit.n == 60 and fit.fitted.counts.left_out == 20
    assert next(f for f in fit.diagnosis if f.name == "left_out").sentence.en.startswith(
        "20 customers"
    )


def test_units_must_agree():
    weeks = Counts.from_arrays([1], [2], [3], time_unit="weeks")
    days = Counts.from_arrays([1], [14], [21])
    with pytest.raises(InputError, match="counts in days and in weeks cannot be added"):
        days + weeks
    assert len(days + weeks.in_unit("days")) == 1


def test_predictions_refuse_impossible_histories():
    model = BGNBD(0.243, 4.414, 0.793, 2.426)
    with pytest.raises(InputError, match="recency is after T"):
        model.probability_alive(1, 5, 4)
    with pytest.raises(InputError, match="t must be a finite number of 0 or more, got -1"):
        model.expected_purchases_new(-1)
    with pytest.raises(InputError, match="frequency must be a whole number of 0 or more, got nan"):
        model.expected_purchases(1, np.nan, 0, 4)


def test_weights_are_customers():
    x, t_x, T, n = [0, 1, 4], [0, 3, 9], [9, 9, 10], [40, 30, 20]
    whole = BGNBD.fit(*(np.repeat(column, n) for column in (x, t_x, T)))
    assert BGNBD.fit(x, t_x, T, n) == whole


def test_spend_of_zero_or_less_is_left_out_and_counted():
    rng = np.random.default_rng(4)
    x = rng.integers(1, 9, 500)
    m = GammaGamma(6.25, 3.74, 15.44).simulate(x, seed=5)
    fit = GammaGamma.fit([*x, 0, 3, 2], [*m, 0.0, 0.0, -4.0])
    assert fit.n == 500
    assert {f.name for f in fit.diagnosis} == {"no_spend", "spend_not_positive"}
    with pytest.raises(InputError, match="no customer has a purchase with a spend above 0"):
        GammaGamma.fit([1, 2], [0.0, -1.0])
    with pytest.raises(InputError, match="monetary_value must be a finite number"):
        GammaGamma.fit([1, 2], [5.0, np.nan])


def test_spends_and_contracts_of_partitions_add_up():
    x, m = np.array([3, 1, 2, 0]), np.array([9.0, 4.0, 6.0, 0.0])
    whole = Spend.from_arrays(x, m)
    parts = Spend.from_arrays(x[:2], m[:2]) + Spend.from_arrays(x[2:], m[2:])
    assert np.array_equal(whole.mean, parts.mean) and parts.without == 1
    cohorts = Contracts.from_survivors([100, 80, 70]) + Contracts.from_survivors([50, 45])
    assert cohorts.customers == 150 and cohorts.running.tolist() == [45, 70]


def test_contract_durations_fit_like_survivors():
    lost = -np.diff([1000, 869, 743, 653])
    durations = np.repeat([1, 2, 3, 3], [*lost, 653])
    ended = np.repeat([True, True, True, False], [*lost, 653])
    assert SBG.fit(durations=durations, ended=ended) == SBG.fit([1000, 869, 743, 653])


def test_expected_renewals_are_the_discounted_sum_of_survival():
    model = SBG(0.668, 3.806)
    k = np.arange(1, 20_000)
    for seen in (0, 5):
        share = model.survival(seen + k) / model.survival(seen)
        assert model.expected_renewals(seen, 0.1) == pytest.approx(
            (share * 1.1**-k).sum(), rel=1e-11
        )
    assert model.expected_renewals() == np.inf
    assert SBG(3.0, 4.0).expected_renewals() == pytest.approx(2.0)
    with pytest.raises(InputError, match=r"discount_rate is -1; it must be above -1"):
        model.expected_renewals(0, -1)


def test_opportunities_agree_with_simulation(donations):
    model = BGBB(1.204, 0.750, 0.657, 2.783)
    seen = model.simulate(np.full(40_000, 6), ahead=5, seed=1)
    future = model.expected_purchases(5, seen["frequency"], seen["recency"], seen["T"])
    assert future.mean() == pytest.approx(seen["future"].mean(), abs=0.03)
    n = np.arange(7)
    assert model.probability_of_n_purchases(n, 6) @ n == pytest.approx(
        model.expected_purchases_new(6), rel=1e-12
    )
    with pytest.raises(InputError, match="one purchase per opportunity at most"):
        BGBB.fit([3], [2], [6])
