"""The summary in pymc-marketing's shape, and a fit of theirs where it is installed."""

from importlib.util import find_spec

import pytest

import kpilib
from kpilib.clv import BGNBD, GammaGamma, purchase_counts, purchase_spend
from kpilib.clv.with_pymc_marketing import fit_with_pymc_marketing, pymc_marketing_data
from kpilib.errors import InputError
from tests import quick
from tests.generate import small_businesses

INSTALLED = find_spec("pymc_marketing") is not None


@pytest.fixture(scope="module")
def base():
    return kpilib.open("cdnow-sample", currency="USD")


def test_the_data_are_the_summary_without_those_who_say_nothing(base):
    data = pymc_marketing_data(base, "BGNBD", "1997-10-01")
    assert list(data) == ["customer_id", "frequency", "recency", "T", "monetary_value"]
    assert len(data) == 2357
    assert len(pymc_marketing_data(base, "GammaGamma", "1997-10-01")) == 946
    assert data["customer_id"].is_unique


def test_what_cannot_be_fitted_is_refused(base):
    with pytest.raises(InputError, match="model 'BGNDB' is not known; did you mean 'BGNBD'"):
        pymc_marketing_data(base, "BGNDB")
    shop = quick.opened(orders=small_businesses()["all on one day"])
    with pytest.raises(InputError, match="no customer has a history that GammaGamma"):
        pymc_marketing_data(shop, "GammaGamma")


@pytest.mark.skipif(INSTALLED, reason="pymc-marketing is installed here")
def test_without_it_the_remedy_is_named(base):
    with pytest.raises(InputError, match=r'pip install "kpilib\[pymc\]", or fit with'):
        fit_with_pymc_marketing(base)


@pytest.mark.skipif(not INSTALLED, reason="pymc-marketing is not installed")
@pytest.mark.filterwarnings("ignore")
def test_its_maximum_lies_near_ours(base):
    until = "1997-10-01"
    for kind, ours in (
        ("BGNBD", BGNBD.fit_counts(purchase_counts(base, until))),
        ("GammaGamma", GammaGamma.fit_counts(purchase_spend(base, until))),
    ):
        theirs = fit_with_pymc_marketing(base, kind, until, method="map")
        found = theirs.fit_result
        for symbol, value in ours.parameters.items():
            # Their priors pull a little.
            assert float(found[symbol].values.squeeze()) == pytest.approx(value, rel=0.25)
