"""Parity with lifetimes where it is right, and no trace of it left behind."""

import subprocess
import sys

import numpy as np
import pytest

from kpilib.clv import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD
from kpilib.clv.with_lifetimes import through_lifetimes
from kpilib.errors import KpilibError

MODELS = [
    BGNBD(0.243, 4.414, 0.793, 2.426),
    MBGNBD(0.525, 6.183, 0.891, 1.614),
    ParetoNBD(0.553, 10.578, 0.606, 11.669),
]
x = np.array([0, 0, 1, 2, 5, 12, 29])
t_x = np.array([0, 0, 1.7, 30.43, 20.0, 38.0, 30.0])
T = np.array([38.86, 27.0, 38.86, 38.86, 30.0, 38.0, 38.86])


@pytest.mark.parametrize("model", MODELS)
def test_predictions_agree_to_ten_digits(model):
    theirs = through_lifetimes(model)
    for t in (0.5, 39.0, np.array([[13.0], [52.0]])):
        assert model.expected_purchases(t, x, t_x, T) == pytest.approx(
            theirs.expected_purchases(t, x, t_x, T), rel=1e-10
        )
    assert model.probability_alive(x, t_x, T) == pytest.approx(
        theirs.probability_alive(x, t_x, T), rel=1e-10
    )
    t = np.array([1.0, 26.0, 52.0])
    assert model.expected_purchases_new(t) == pytest.approx(
        theirs.expected_purchases_new(t), rel=1e-10
    )
    n = np.arange(6)
    assert model.probability_of_n_purchases(n, 26.0) == pytest.approx(
        theirs.probability_of_n_purchases(n, 26.0), rel=1e-10
    )


def test_opportunities_and_spend_agree_to_ten_digits():
    model = BGBB(1.204, 0.750, 0.657, 2.783)
    theirs = through_lifetimes(model)
    history = ([0, 2, 6], [0, 4, 6], [6, 6, 6])
    assert model.probability_alive(*history) == pytest.approx(
        theirs.probability_alive(*history), rel=1e-10
    )
    assert model.expected_purchases(5, *history) == pytest.approx(
        theirs.expected_purchases(5, *history), rel=1e-10
    )
    spend = GammaGamma(6.25, 3.74, 15.44)
    for bought in ([0, 2, 9], [0, 22.35, 80]), ([0, 1, 1], [np.nan, 22.35, 80]):
        assert spend.expected_spend(*bought) == pytest.approx(
            through_lifetimes(spend).expected_spend(*bought), rel=1e-10
        )


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_parameters_agree_on_cdnow(kind, cdnow):
    history = (cdnow["frequency"], cdnow["recency"] / 7, cdnow["T"] / 7)
    ours = kind.fit(*history, time_unit="weeks")
    theirs = kind.fit(*history, time_unit="weeks", engine="lifetimes")
    assert isinstance(theirs, kind) and theirs.fitted.engine == "lifetimes"
    for symbol in kind.symbols:
        assert getattr(ours, symbol) == pytest.approx(getattr(theirs, symbol), rel=1e-4), symbol
    assert ours.log_likelihood >= theirs.log_likelihood - 1e-9
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood, abs=1e-4)
    back = kind.from_json(theirs.to_json())
    assert type(back) is type(theirs) and back == theirs


def test_spend_and_opportunities_agree(cdnow, donations):
    spend = (cdnow["frequency"], cdnow["monetary_value"])
    ours, theirs = GammaGamma.fit(*spend), GammaGamma.fit(*spend, engine="lifetimes")
    assert list(ours.parameters.values()) == pytest.approx(
        list(theirs.parameters.values()), rel=1e-4
    )
    d = (donations[c] for c in ("frequency", "recency", "periods", "weights"))
    d = tuple(d)
    ours, theirs = BGBB.fit(*d), BGBB.fit(*d, engine="lifetimes")
    assert list(ours.parameters.values()) == pytest.approx(
        list(theirs.parameters.values()), rel=1e-4
    )


def test_a_fit_that_lifetimes_cannot_make_is_one_plain_error():
    with pytest.raises(KpilibError, match=r"lifetimes could not fit BGNBD.*use engine='kpilib'"):
        BGNBD.fit([0, 0, 0], [0, 0, 0], [5, 6, 7], engine="lifetimes")


def test_unknown_engine():
    with pytest.raises(KpilibError, match="engine 'lifetime' is not known; did you mean 'lifet"):
        BGNBD.fit([1], [1], [2], engine="lifetime")
    with pytest.raises(KpilibError, match="engine 'x' is not known; choose from: kpilib, lifet"):
        GammaGamma.fit([1], [1], engine="x")


def test_it_leaves_pandas_warnings_numpy_and_stdout_as_they_were():
    """In a fresh process, so that the import itself is seen."""
    script = """
import sys, warnings, numpy as np, pandas as pd
import kpilib.clv
assert "lifetimes" not in sys.modules and "autograd" not in sys.modules
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    option = pd.get_option("mode.chained_assignment")
filters, errors, state = list(warnings.filters), np.geterr(), np.random.get_state()[1].copy()
seen = kpilib.clv.BGNBD(0.243, 4.414, 0.793, 2.426).simulate(np.full(900, 39.0), seed=1)
history = seen["frequency"], seen["recency"], seen["T"]
kpilib.clv.ParetoNBD.fit(*history, engine="lifetimes")
model = kpilib.clv.BGNBD.fit(*history, engine="lifetimes")
model.expected_purchases(5, 1, 2, 9)
assert "lifetimes" in sys.modules
assert warnings.filters == filters and np.geterr() == errors
assert (np.random.get_state()[1] == state).all()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    assert pd.get_option("mode.chained_assignment") == option
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
