"""Areas, calibration and lift against scikit-learn, statsmodels and counting by hand."""

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

from kpilib.errors import InputError
from kpilib.statistics.models.ranking import area_under_curve, calibration, deciles, lift


def judged(n=3000, seed=0, stretch=1.0):
    random = np.random.default_rng(seed)
    odds = random.normal(0, 1.5, n)
    y = random.random(n) < 1 / (1 + np.exp(-odds))
    return 1 / (1 + np.exp(-stretch * odds)), y


def test_the_area_is_that_of_scikit_learn_ties_and_all():
    p, y = judged()
    for score in (p, p.round(1)):
        assert area_under_curve(score, y).value == pytest.approx(roc_auc_score(y, score))


def test_delongs_limits_cover_the_area_about_as_often_as_they_say():
    truth = area_under_curve(*judged(400_000, seed=99)).value
    held = 0
    for seed in range(200):
        area = area_under_curve(*judged(300, seed=seed))
        held += area.low <= truth <= area.high
    assert held >= 181  # 95% of 200 is 190; fewer than 181 has a chance of 1 in 300


def test_the_slope_is_that_of_a_logistic_regression_on_the_log_odds():
    p, y = judged(stretch=2.0)
    found = calibration(p, y)
    x = np.log(p / (1 - p))
    plain = sm.Logit(y.astype(float), sm.add_constant(x)).fit(disp=0)
    low, high = plain.conf_int()[1]
    assert found.slope == pytest.approx(plain.params[1])
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-4)
    assert found.low < 0.5 < found.high  # chances twice as far apart as they should be


def test_the_intercept_is_0_where_as_many_come_as_were_foretold():
    p, y = judged(50_000)
    assert calibration(p, y).intercept == pytest.approx(0, abs=0.05)
    lower = 1 / (1 + np.exp(-(np.log(p / (1 - p)) - 1)))
    assert calibration(lower, y).intercept == pytest.approx(1, abs=0.05)


def test_lift_counts_the_top_and_shares_ties():
    y = np.r_[np.ones(10), np.zeros(90)].astype(bool)
    assert lift(np.arange(100)[::-1], y) == pytest.approx(10)
    assert lift(np.arange(100), y) == 0
    assert lift(np.ones(100), y) == pytest.approx(1)
    assert lift(np.r_[np.full(5, 2.0), np.ones(95)], y) == pytest.approx(
        (5 + 5 * 5 / 95) / 10 / 0.1
    )


def test_deciles_are_tenths_of_the_customers_the_highest_first():
    p, y = judged(1003)
    table = deciles(p, y)
    assert table["customers"].sum() == 1003 and set(table["customers"]) == {100, 101}
    assert table["predicted"].is_monotonic_decreasing
    order = np.argsort(-p)[:101]
    assert table["observed"].iloc[0] == pytest.approx(y[order].mean())
    assert table["lift"].iloc[0] == pytest.approx(y[order].mean() / y.mean())
    assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()


def test_one_outcome_only_cannot_be_judged():
    for judge in (area_under_curve, calibration, lift, deciles):
        with pytest.raises(InputError, match="needs both outcomes"):
            judge([0.2, 0.3], [True, True])
    with pytest.raises(InputError, match="2 scores for 1 outcomes"):
        lift([0.2, 0.3], [True])
