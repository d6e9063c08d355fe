"""Discount rates by segment and by customer: each is valued as at its rate, and they add up."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.errors import InputError
from tests.generate import bgnbd_purchases, contracts

EACH = ["expected_purchases", "value", "low", "high", "residual"]
SUMS = ["customers", "active", "expected_purchases", "value", "residual"]


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(300, r=0.6, alpha=40.0, a=0.6, b=3.0, seed=8)
    names = pd.Series(np.where(orders["customer_id"] % 3 == 0, "VN", "CN"))
    return kpilib.open(orders=orders.assign(country=names), currency="USD", as_of=date(2026, 1, 1))


@pytest.fixture(scope="module")
def telecom():
    table = contracts(200, months=24, monthly_survival=0.93, seed=2)
    table["plan"] = np.where(table["customer_id"] % 2, "basic", "plus")
    return kpilib.open(
        subscriptions=table.drop(columns="plan"),
        customers=table[["customer_id", "plan"]],
        as_of=date(2026, 1, 16),
    )


@pytest.mark.parametrize(("name", "by"), [("shop", "country"), ("telecom", "plan")])
def test_every_segment_is_valued_as_if_all_were_at_its_rate(name, by, request):
    base = request.getfixturevalue(name)
    options = {"by": by, "draws": 100, "margin": 0.5}
    usual, risky = (
        customer_lifetime_value(base, "18 months", rate, **options) for rate in (0.1, 0.3)
    )
    which = usual.segments[by].iloc[0]
    mixed = customer_lifetime_value(base, "18 months", {which: 0.3}, **options)
    is_risky = (mixed.customers[by] == which).to_numpy()
    assert mixed.customers["customer_id"].equals(usual.customers["customer_id"])
    for where, same in ((is_risky, risky), (~is_risky, usual)):
        for name in EACH:  # limits come of differences, which keep fewer digits
            np.testing.assert_allclose(
                mixed.customers.loc[where, name],
                same.customers.loc[where, name],
                rtol=1e-9 if name in ("low", "high") else 1e-12,
            )
    assert mixed.segments.loc[0, "low"] == pytest.approx(risky.segments.loc[0, "low"], rel=1e-9)
    assert mixed.segments.loc[1, "high"] == pytest.approx(usual.segments.loc[1, "high"], rel=1e-9)
    total = mixed.total.iloc[0]
    for table in (mixed.segments, mixed.cohorts):
        np.testing.assert_allclose(table[SUMS].sum(), total[SUMS].astype(float), rtol=1e-12)
    assert total["predicted_low"] < total["low"] < total["value"] < total["high"]
    np.testing.assert_allclose(mixed.purchases_by_step, usual.purchases_by_step, rtol=1e-12)
    assert "at 10% to 30% a year" in str(mixed)
    assert "at 10% a year" in str(usual)
    assert "30" in mixed._repr_mimebundle_()["text/html"]


def test_one_rate_for_every_name_is_that_rate(shop):
    plain = customer_lifetime_value(shop, discount_rate=0.2, by="country", draws=50)
    named = customer_lifetime_value(
        shop, discount_rate={"VN": 0.2, "CN": 0.2}, by="country", draws=50
    )
    pd.testing.assert_frame_equal(plain.total, named.total)
    pd.testing.assert_frame_equal(plain.customers, named.customers)


def test_customers_have_rates_of_their_own(shop):
    usual = customer_lifetime_value(shop, draws=0).customers.set_index("customer_id")["value"]
    ids = usual.index[:3]
    rates = pd.Series([0.0, 0.5, 0.1], index=ids)
    found = customer_lifetime_value(shop, discount_rate=rates, draws=0)
    own = found.customers.set_index("customer_id")["value"]
    for who, rate in rates.items():
        alone = customer_lifetime_value(shop, discount_rate=rate, draws=0).customers
        assert own[who] == pytest.approx(
            alone.set_index("customer_id").loc[who, "value"], rel=1e-12
        )
    pd.testing.assert_series_equal(own.drop(ids), usual.drop(ids), rtol=1e-12)
    assert found.to_dict()["discount_rates"] == [0.0, 0.5]
    json.dumps(found.to_dict())


def test_names_that_nobody_has_are_told_or_refused(shop):
    found = customer_lifetime_value(
        shop, discount_rate={"VN": 0.2, "DE": 0.3}, by="country", draws=0
    )
    told = [one.sentence.en for one in found.findings if one.name == "rates_unused"]
    assert told == ["1 of the names with a discount rate are nobody's here, DE for one."]
    found = customer_lifetime_value(
        shop, discount_rate={"VN": 0.2, "DE": 0.3, "FR": 0.3}, by="country", draws=0
    )
    told = [one.sentence.en for one in found.findings if one.name == "rates_unused"]
    assert told == ["2 of the names with a discount rate are nobody's here, DE for one."]
    with pytest.raises(
        InputError, match="names country 'VM', which no customer has; choose from: CN"
    ):
        customer_lifetime_value(shop, discount_rate={"VM": 0.2}, by="country")
    with pytest.raises(InputError, match="names customer 'VN', which no customer has"):
        customer_lifetime_value(shop, discount_rate={"VN": 0.2})
    with pytest.raises(InputError, match="for 'VN': discount_rate is -1; it must be a yearly rate"):
        customer_lifetime_value(shop, discount_rate={"VN": -1}, by="country")
