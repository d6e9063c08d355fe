"""Additive logistic regression against statsmodels, and on shapes that a line cannot follow."""

import numpy as np
import pytest
import statsmodels.api as sm

from kpilib.errors import InputError
from kpilib.statistics.models.additive import AdditiveLogistic


def draw(shape, n=20_000, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 2, n)
    return x, random.random(n) < 1 / (1 + np.exp(-shape(x)))


def test_straight_terms_are_a_plain_logistic_regression():
    random = np.random.default_rng(1)
    x = random.normal(size=(4000, 2))
    y = random.random(4000) < 1 / (1 + np.exp(-(0.5 + x @ [1.0, -2.0])))
    columns = {"a": x[:, 0], "b": x[:, 1]}
    found = AdditiveLogistic.fit(columns, y, straight=True).probability(columns)
    plain = sm.Logit(y.astype(float), sm.add_constant(x)).fit(disp=0).predict()
    assert np.allclose(found, plain, atol=2e-3)  # the ridge is that weak


def test_a_spline_follows_a_bend_that_a_line_cannot():
    x, y = draw(lambda x: x**2 - 1)
    grid = np.linspace(-1.9, 1.9, 20)
    truth = 1 / (1 + np.exp(-(grid**2 - 1)))
    smooth = AdditiveLogistic.fit({"x": x}, y).probability({"x": grid})
    line = AdditiveLogistic.fit({"x": x}, y, straight=True).probability({"x": grid})
    assert np.abs(smooth - truth).max() < 0.05
    assert np.abs(line - truth).max() > 0.2


def test_terms_add_up_to_the_log_odds_and_are_0_on_average():
    x, y = draw(lambda x: np.sin(2 * x))
    other = np.random.default_rng(2).normal(size=len(x))
    columns = {"x": x, "other": other}
    model = AdditiveLogistic.fit(columns, y)
    terms = model.terms(columns)
    assert np.allclose(model.level + terms["x"] + terms["other"], model.log_odds(columns))
    assert all(abs(term.mean()) < 1e-9 for term in terms.values())
    assert model.probability(columns).mean() == pytest.approx(y.mean(), abs=1e-6)


def test_a_missing_value_has_a_level_of_its_own():
    x, y = draw(lambda x: x)
    missing = np.arange(len(x)) % 2 == 0
    y = np.where(missing, np.arange(len(x)) % 10 == 0, y)
    model = AdditiveLogistic.fit({"x": np.where(missing, np.nan, x)}, y)
    assert model.probability({"x": [np.nan]})[0] == pytest.approx(0.2, abs=0.01)
    assert model.probability({"x": [1.5]})[0] == pytest.approx(1 / (1 + np.exp(-1.5)), abs=0.05)


def test_beyond_what_was_seen_a_term_stays_where_it_was():
    x, y = draw(lambda x: 2 * x)
    model = AdditiveLogistic.fit({"x": x}, y)
    edge, beyond = model.probability({"x": [x.max(), 1e6]})
    assert edge == beyond


def test_columns_that_never_vary_or_are_all_missing_say_nothing():
    x, y = draw(lambda x: x)
    columns = {"x": x, "same": np.ones(len(x)), "none": np.full(len(x), np.nan)}
    model = AdditiveLogistic.fit(columns, y)
    terms = model.terms(columns)
    assert np.allclose(terms["same"], 0) and np.allclose(terms["none"], 0)


def test_a_column_that_parts_the_outcomes_wholly_stays_finite():
    x = np.r_[np.zeros(50), np.ones(50)]
    chance = AdditiveLogistic.fit({"x": x}, x == 1).probability({"x": [0.0, 1.0]})
    assert 0 < chance[0] < 0.1 and 0.9 < chance[1] < 1


def test_one_outcome_only_is_refused():
    with pytest.raises(InputError, match="all 3 rows have the same"):
        AdditiveLogistic.fit({"x": [1, 2, 3]}, [True, True, True])
