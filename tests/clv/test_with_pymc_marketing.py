"""The summary in pymc-marketing's shape, and a fit of theirs where it is installed."""

from datetime import date
from importlib.util import find_spec

import pandas as pd
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


def test_who_was_seen_for_a_day_counts_and_who_spent_anything_at_all():
    """A came on the last day; B the day before; C came back once for half a coin, D for nothing."""
    rows = [("A", 31, 5.0), ("B", 30, 5.0), ("C", 1, 5.0), ("C", 5, 0.5), ("D", 1, 9.0),
            ("D", 7, 0.0), ("E", 2, 1.0), ("E", 3, 4.0), ("E", 9, 2.0)]  # fmt: skip
    orders = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    orders["ordered_at"] = pd.Timestamp("2025-02-28") + pd.to_timedelta(orders.pop("day"), "D")
    shop = quick.opened(orders=orders, as_of=date(2025, 4, 1), time_zone="UTC")
    for model in ("BGNBD", "MBGNBD", "ParetoNBD"):
        data = pymc_marketing_data(shop, model)
        assert data["customer_id"].tolist() == ["B", "C", "D", "E"]
        assert data.index.tolist() == [0, 1, 2, 3]
        assert data["T"].tolist() == [1, 30, 30, 29]
    spend = pymc_marketing_data(shop, "GammaGamma")
    assert spend["customer_id"].tolist() == ["C", "E"]
    assert spend["monetary_value"].tolist() == [0.5, 3.0]
    assert spend.index.tolist() == [0, 1]


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
