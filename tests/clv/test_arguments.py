"""Whatever is handed in: an answer, a named diagnosis, or an error with a remedy; never a NaN."""

import pickle
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpilib.clv import (
    BGBB,
    BGNBD,
    MBGNBD,
    SBG,
    Contracts,
    Counts,
    GammaGamma,
    ParetoNBD,
    Spend,
    diagnose,
    fit_with_covariates,
    spend_correlation,
)
from kpilib.errors import InputError

ROWS = ([0, 1, 4, 0, 2, 7] * 20, [0, 30, 90, 0, 50, 99] * 20, [100, 100, 100, 80, 90, 100] * 20)
CHANNEL = pd.DataFrame({"channel": ["shop", "web"] * 60})
MODELS = {
    "BGNBD": BGNBD(0.243, 4.414, 0.793, 2.426),
    "MBGNBD": MBGNBD(0.525, 6.183, 0.891, 1.614),
    "ParetoNBD": ParetoNBD(0.553, 10.578, 0.606, 11.669),
    "BGBB": BGBB(1.204, 0.75, 0.657, 2.783),
}
each = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)

WRONG_ROWS = {
    "recency after T": (([1, 2], [5, 9], [9, 8]), "recency .*after"),
    "negative": (([-1, 2], [0, 5], [9, 9]), "frequency .*-1"),
    "fractional": (([1.5], [3], [9]), "frequency must be a whole number.*1.5"),
    "nan": (([np.nan, 1], [1, 1], [9, 9]), "frequency must be .*nan"),
    "infinite": (([1], [1], [np.inf]), "T must be .*inf"),
    "none": (([1, None], [1, 2], [9, 9]), "frequency must be .*nan"),
    "pandas missing": ((pd.array([1, None], "Int64"), [1, 2], [9, 9]), "frequency must be .*nan"),
    "polars missing": ((pl.Series([1, None]), [1, 2], [9, 9]), "frequency must be .*nan"),
    "masked": ((np.ma.array([1, 2], mask=[0, 1]), [1, 2], [9, 9]), "frequency must be .*nan"),
    "text": ((["a", "b"], [1, 2], [9, 9]), r"frequency must hold numbers, got \['a', 'b'\]"),
    "dates": (
        ([1], pd.to_datetime([0]), pd.to_datetime([9])),
        "recency must hold numbers, got DatetimeIndex of datetime64.*count days",
    ),
    "durations": (([1], [1], pd.to_timedelta([9], "D")), "T must hold numbers, got Timedelta"),
    "complex": (([1 + 1j], [1], [9]), "frequency must hold numbers"),
    "object": (({"a": 1}, [1], [9]), "frequency must hold numbers"),
    "late without one": (([0], [3], [9]), "recency must be 0 where frequency is 0"),
    "several on day 0": (([2], [0], [9]), "0 where (frequency|recency) is|above 0"),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_impossible_histories_are_refused_everywhere(name):
    rows, message = WRONG_ROWS[name]
    for model in MODELS.values():
        for ask in (
            type(model).fit,
            model.probability_alive,
            partial(model.expected_purchases, 5),
        ):
            with pytest.raises(InputError, match=message):
                ask(*rows)
    for ask in (Counts.from_arrays, diagnose):
        with pytest.raises(InputError, match=message):
            ask(*rows)


SAME = {
    "series": pd.Series,
    "nullable": lambda c: pd.Series(c, dtype="Int64"),
    "arrow": lambda c: pd.Series(c, dtype="int64[pyarrow]"),
    "polars": pl.Series,
    "small integers": lambda c: np.array(c, dtype=np.uint8),
    "decimals": lambda c: [Decimal(v) for v in c],
    "tuple": tuple,
}


@pytest.mark.parametrize("name", SAME)
def test_columns_of_every_kind_give_the_same_model(name):
    rows = [SAME[name](column) for column in ROWS]
    assert BGNBD.fit(*rows) == BGNBD.fit(*ROWS)
    model = MODELS["ParetoNBD"]
    assert np.array_equal(model.probability_alive(*rows), model.probability_alive(*ROWS))
    spent = GammaGamma.fit([1, 2, 3] * 20, SAME[name](list(range(1, 61))))
    assert spent == GammaGamma.fit([1, 2, 3] * 20, list(range(1, 61)))


@pytest.mark.parametrize(
    "t", [-1, np.nan, np.inf, None, "a", pd.Timedelta(5, "D"), [1, 2], []], ids=repr
)
@each
def test_times_that_are_none_are_refused(model, t):
    with pytest.raises(InputError, match=r"^(t must|frequency, recency, T and t do not match)"):
        model.expected_purchases(t, [1, 1, 1], [2, 2, 2], [5, 5, 5])
    if not isinstance(t, list):
        for ask in (
            lambda: model.expected_purchases_new(t),
            lambda: model.probability_of_n_purchases(2, t),
            lambda: model.simulate(t),
            lambda: model.simulate([5.0], ahead=t),
        ):
            with pytest.raises(InputError, match=r"^(t|T|ahead) must"):
                ask()
        with pytest.raises(InputError, match=r"^n must"):
            model.probability_of_n_purchases(t, 5)


@each
def test_there_is_an_answer_however_long_the_time(model):
    rows = ([0, 3], [0, 5], [9, 9])
    if not isinstance(model, BGBB):
        assert np.isfinite(model.probability_of_n_purchases([0, 10**6], 1e12)).all()
    assert np.isfinite(model.expected_purchases(1e9, *rows)).all()
    assert (model.expected_purchases(0, *rows) == 0).all()
    assert model.expected_purchases(5, [], [], []).shape == (0,)


SURVIVORS = [1000, 869, 743]
CASES = {
    "unit": (lambda: BGNBD.fit(*ROWS, time_unit=["days"]), r"time_unit \['days'\] is not known"),
    "weights": (lambda: BGNBD.fit(*ROWS, [0] * 120), "weights are all 0; give how many"),
    "weights nan": (lambda: BGNBD.fit(*ROWS, [np.nan] * 120), "weights must be a finite number"),
    "counts": (lambda: BGNBD.fit_counts(None), "Counts is needed, got None; make it with"),
    "counts of spend": (lambda: GammaGamma.fit_counts(Counts.from_arrays(*ROWS)), "Spend is need"),
    "contracts": (lambda: SBG.fit_counts([1]), r"Contracts is needed, got \[1\]; make it with"),
    "parameter": (lambda: BGNBD("x", 1, 1, 1), "BGNBD: r is x; it must be a number above 0"),
    "level": (lambda: BGNBD.fit(*ROWS).summary(95), "level is 95; it must lie between 0 and 1"),
    "seed": (lambda: MODELS["BGNBD"].simulate([5], seed=-1), "seed is -1; give a whole number"),
    "by hand": (lambda: MODELS["BGNBD"].posterior(), "written by hand; fit it to data"),
    "nowhere": (lambda: MODELS["BGNBD"].to_json("/no/such/x.json"), "cannot be written to /no"),
    "saved list": (lambda: BGNBD.from_json("[]"), "not a saved lifetime model"),
    "saved later": (
        lambda: BGNBD.from_json(MODELS["BGNBD"].to_json().replace("model/1", "model/9")),
        "saved as kpilib-clv-model/9; this release reads kpilib-clv-model/1",
    ),
    "periods": (lambda: MODELS["BGBB"].in_unit("weeks"), "counts periods and cannot be turned"),
    "sbg months": (lambda: SBG(1, 2, time_unit="months").in_unit("years"), "fit again"),
    "opportunities": (lambda: BGBB.fit([1], [2], [10**15]), "1e[+]15 opportunities are more"),
    "half of one": (lambda: MODELS["BGBB"].probability_alive(1, 2, 5.5), "whole numbers of opp"),
    "twice at one": (lambda: MODELS["BGBB"].probability_alive(3, 2, 5), "frequency is above rec"),
    "survivors rise": (lambda: SBG.fit([10, 20]), "survivors must not rise: row 1 has 20"),
    "survivors": (lambda: SBG.fit([np.inf, 3]), "survivors must be finite and 0 or more: row 0"),
    "ended": (lambda: SBG.fit(durations=[1, 2], ended=["no", "yes"]), "ended must hold numbers"),
    "ended missing": (lambda: SBG.fit(durations=[1, 2], ended=[None, 1]), "ended must be true or"),
    "durations": (lambda: SBG.fit(durations=[np.inf], ended=[1]), "durations must be a finite"),
    "renewals": (lambda: SBG(1, 2).expected_renewals(-1, 0.1), "renewals must be a finite number"),
    "rate": (lambda: SBG(1, 2).expected_renewals(0, [0.1]), r"discount_rate is \[0.1\]; it must"),
    "survival": (lambda: SBG(1, 2).survival(np.nan), "t must be a finite number of 0 or more"),
    "retention": (lambda: SBG(1, 2).retention_rate(0), "t must be a finite number of 1 or more"),
    "cohort": (lambda: SBG(1, 2).simulate(-1, periods=3), "customers must be a whole number"),
    "spend nan": (lambda: SPENDING.expected_spend(2, np.nan), "monetary_value must be a fini"),
    "spend negative": (lambda: SPENDING.expected_spend(2, -5), "monetary_value must be a fi"),
    "spend shapes": (lambda: SPENDING.expected_spend([1, 2], [1] * 3), "give one of each per"),
    "spend huge": (lambda: GammaGamma.fit([1, 2], [1e300, 1]), "take a larger unit: row 0"),
    "spend count": (lambda: Spend.from_arrays([np.inf], [3]), "frequency must be a finite number"),
    "correlation": (lambda: spend_correlation([1, 2], [1]), "differ in length: 2, 1; give one"),
    "doctor's model": (lambda: diagnose(*ROWS, model="BGNBD"), "model is 'BGNBD'; give a BGNBD"),
    "doctor's spend": (lambda: diagnose(*ROWS, monetary_value=[1, 2]), "differ in length: 120, 2"),
    "covariates": (lambda: fit_with_covariates(BGNBD, *ROWS, None), "covariates must be a table"),
    "covariate inf": (
        lambda: fit_with_covariates(BGNBD, *ROWS, pd.DataFrame({"c": [1.0, np.inf] * 60})),
        "covariate 'c' must be finite: row 1 has inf",
    ),
    "covariate twice": (
        lambda: fit_with_covariates(BGNBD, *ROWS, CHANNEL.assign(same=CHANNEL["channel"])),
        "covariate 'same=web' follows from the others; leave it out",
    ),
    "covariate of nobody": (
        lambda: fit_with_covariates(BGNBD, [0, 1] * 60, [0, 3] * 60, [0, 9] * 60, CHANNEL),
        "covariate 'channel=web' does not vary where T is above 0",
    ),
    "effects": (
        lambda: fit_with_covariates(BGNBD, *ROWS, CHANNEL, effects=()),
        "name 'buying', 'leaving' or both, once each",
    ),
    "kind": (lambda: fit_with_covariates(BGBB, *ROWS, CHANNEL), "covariates act in BGNBD, MBGNBD"),
    "covariate unknown": (
        lambda: fit_with_covariates(BGNBD, *ROWS, CHANNEL).model_for(chanel="web"),
        "covariate 'chanel' was not in the fit; did you mean 'channel'",
    ),
}
SPENDING = GammaGamma(6.25, 3.74, 15.44)


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_is_named_with_its_remedy(name):
    ask, message = CASES[name]
    with pytest.raises(InputError, match=message) as found:
        ask()
    assert len(str(found.value)) < 260


LOGS = {
    "list": ([1, 2], "purchases must be a table"),
    "missing day": (pd.DataFrame({"customer_id": [1, 2], "day": [np.nan, 3]}), "whole day number"),
    "dates": (pd.DataFrame({"customer_id": [1], "day": pd.to_datetime(["2026-01-01"])}), "hold nu"),
    "nobody": (pd.DataFrame({"customer_id": [1, None], "day": [3, 4]}), "customer_id must not be"),
    "seconds": (pd.DataFrame({"customer_id": [1, 2], "day": [10**9, 2 * 10**9]}), "two centuries"),
}


@pytest.mark.parametrize("name", LOGS)
def test_purchases_that_cannot_be_are_refused(name):
    log, message = LOGS[name]
    with pytest.raises(InputError, match=message):
        diagnose(*ROWS, purchases=log)


def test_purchases_of_customers_with_names_of_all_kinds():
    log = pl.DataFrame({"customer_id": ["a", "a", "b"], "day": [100, 120, 110]})
    mixed = pd.DataFrame({"customer_id": [1, "b", 2], "day": [100, 120, 110]})
    assert diagnose(*ROWS, purchases=log) == diagnose(*ROWS, purchases=mixed)
    with pytest.raises(InputError, match="end is day 50, but purchases begin on day 100"):
        diagnose(*ROWS, purchases=log, end=50)


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_a_wrong_unit_fits_and_is_named(kind):
    x, t_x, T = ROWS
    ns = 86_400 * 10**9
    model = kind.fit(x, np.array(t_x) * ns, np.array(T) * ns)
    assert np.isfinite(list(model.parameters.values())).all()
    found = next(f for f in model.diagnosis if f.name == "unit_doubtful")
    assert found.severity == "serious" and "turn recency and T into days" in found.remedy.en
    assert "unit_doubtful" not in [f.name for f in kind.fit(*ROWS).diagnosis]


@each
def test_a_fitted_model_survives_pickle_and_json_and_knows_its_like(model):
    rows = ([0, 1, 4, 0, 2, 6] * 20, [0, 3, 9, 0, 5, 9] * 20, [10, 10, 10, 8, 9, 10] * 20)
    fit = type(model).fit(*rows)
    for back in (pickle.loads(pickle.dumps(fit)), type(model).from_json(fit.to_json())):
        assert back == fit and hash(back) == hash(fit) and back != model
        assert back.to_json() == fit.to_json()
        assert back.summary().equals(fit.summary())
    by_hand = type(model)(*fit.parameters.values(), time_unit=fit.time_unit)
    assert by_hand == fit and len({by_hand, fit, model}) == 2


def test_spend_and_contract_models_do_so_too():
    spend = GammaGamma.fit([1, 2, 3] * 20, np.linspace(10, 50, 60))
    for fit in (spend, SBG.fit(SURVIVORS)):
        for back in (pickle.loads(pickle.dumps(fit)), type(fit).from_json(fit.to_json())):
            assert back == fit and back.to_json() == fit.to_json()
        assert type(fit)(*fit.parameters.values()) == fit
    assert Contracts.from_survivors(SURVIVORS).customers == 1000


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_the_unit_changes_nothing_but_the_numbers(kind):
    rng = np.random.default_rng(1)
    seen = MODELS[kind.__name__].simulate(rng.uniform(100, 300, 1500), seed=1)
    x, t_x, T = (seen[c].to_numpy() for c in ("frequency", "recency", "T"))
    days, weeks = kind.fit(x, t_x, T), kind.fit(x, t_x / 7, T / 7, time_unit="weeks")
    turned = days.in_unit("weeks")
    assert weeks.parameters == pytest.approx(turned.parameters, rel=1e-7)
    assert weeks.log_likelihood == pytest.approx(turned.log_likelihood, abs=1e-8)
    constant = x.sum() * np.log(7)
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + constant, abs=1e-7)
    assert weeks.expected_purchases(10, x, t_x / 7, T / 7) == pytest.approx(
        days.expected_purchases(70, x, t_x, T), rel=1e-7
    )
