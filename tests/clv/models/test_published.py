"""Every number the papers print, from the raw data, to the digits they give."""

import numpy as np
import pytest

from kpilib.clv import BGBB, BGNBD, MBGNBD, SBG, GammaGamma, ParetoNBD

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


def weeks(model, data):
    return model.fit(
        data["frequency"], data["recency"] / 7, data["T"] / 7, time_unit="weeks"
    )  # fmt: skip


def agree(model, digits, log_likelihood, places):
    for symbol, text in digits.items():
        decimals = len(text.split(".")[1])
        assert f"{getattr(model, symbol):.{decimals}f}" == text, symbol
    assert f"{model.log_likelihood:.{places}f}" == log_likelihood
    assert not [f for f in model.diagnosis if f.severity != "note"]


def test_bgnbd_same_values_as_fader_hardie_lee_2005(cdnow):
    model = weeks(BGNBD, cdnow)
    digits = {"r": "0.242595", "alpha": "4.413602", "a": "0.792922", "b": "2.425907"}
    agree(model, digits, "-9582.4292", 4)
    assert model.n == 2357
    assert f"{model.expected_purchases_new(52):.4f}" == "1.4440"
    assert f"{model.expected_purchases(39, 2, 30.43, 38.86):.4f}" == "1.2259"


def test_bgnbd_covariance_off_the_diagonal(cdnow):
    """lifetimes gives .067 for cov(r, alpha); a numerical Hessian in r, alpha, a, b gives .0037."""
    model = weeks(BGNBD, cdnow)
    likelihood = model.likelihood(model.fitted.counts)
    theta = np.array(list(model.parameters.values()))
    hessian = np.array(
        [
            (likelihood(theta + h)[1] - likelihood(theta - h)[1]) / (2 * 1e-5)
            for h in 1e-5 * np.eye(4)
        ]
    )
    assert model.covariance == pytest.approx(np.linalg.inv(-hessian), rel=1e-4)
    assert f"{model.covariance[0, 1]:.4f}" == "0.0037"


def test_pareto_nbd_same_values_as_fader_hardie_lee_2005(cdnow):
    digits = {"r": "0.5533", "alpha": "10.578", "s": "0.6062", "beta": "11.669"}
    agree(weeks(ParetoNBD, cdnow), digits, "-9594.976", 3)


def test_mbgnbd_same_values_as_lifetimes(cdnow):
    digits = {"r": "0.5248", "alpha": "6.183", "a": "0.8914", "b": "1.614"}
    agree(weeks(MBGNBD, cdnow), digits, "-9582.136", 3)


def test_gamma_gamma_same_values_as_fader_hardie_2013(cdnow):
    model = GammaGamma.fit(cdnow["frequency"], cdnow["monetary_value"])
    agree(model, {"p": "6.2496", "q": "3.7442", "v": "15.4435"}, "-4055.9177", 4)
    assert model.n == 946


def test_bgbb_same_values_as_fader_hardie_shang_2010(donations):
    d = donations
    model = BGBB.fit(d["frequency"], d["recency"], d["periods"], d["weights"])
    digits = {"alpha": "1.20352", "beta": "0.74972", "gamma": "0.65672", "delta": "2.78344"}
    agree(model, digits, "-33225.5813", 4)
    assert model.expected_purchases(5, [0, 6], [0, 6], 6).round(2).tolist() == [0.07, 3.75]
    assert model.probability_alive([0, 6], [0, 6], 6).round(2).tolist() == [0.11, 0.93]


def test_sbg_same_values_as_fader_hardie_2007():
    model = SBG.fit(HIGH_END)
    agree(model, {"alpha": "0.6681", "beta": "3.8061"}, "-1611.158", 3)


def test_sbg_regular_customers_same_values_as_fader_hardie_2007():
    model = SBG.fit(REGULAR)
    assert (round(model.alpha, 3), round(model.beta, 3)) == (0.704, 1.182)


def test_days_and_weeks_give_the_same_model(cdnow):
    days = BGNBD.fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    as_weeks, direct = days.in_unit("weeks"), weeks(BGNBD, cdnow)
    assert as_weeks.time_unit == "weeks"
    assert list(as_weeks.parameters.values()) == pytest.approx(
        list(direct.parameters.values()), rel=1e-6
    )
    assert as_weeks.log_likelihood == pytest.approx(direct.log_likelihood, abs=1e-6)
    assert as_weeks.covariance == pytest.approx(direct.covariance, rel=1e-4)
