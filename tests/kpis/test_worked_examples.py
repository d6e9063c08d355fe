"""The texts' worked examples, each from rows that make exactly its counts."""

import numpy as np
import pandas as pd
import pytest

from kpilib.registry.definitions import registry
from tests import quick

PERIOD = "2026-06"
WINDOW = 60
BEFORE, WITHIN, GONE = "2026-05-20", "2026-06-15", "2026-04-10"
"""Days that leave a customer active at the open and close, at the close, and at the open only."""


def base(*groups, as_of="2026-07-01"):
    """A base of groups `(name, how many customers, days of purchase)`, each purchase of 100."""
    rows = [
        (f"{name}{number}", day, 100.0)
        for name, count, days in groups
        for number in range(count)
        for day in days
    ]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return quick.opened(
        orders=orders, lapse_window=WINDOW, currency="USD", as_of=pd.Timestamp(as_of).date()
    )


def expected(kpi_id):
    return registry()[kpi_id].example


def test_fifty_of_a_thousand_lost_is_five_percent():
    found = base(("stays", 950, [BEFORE]), ("goes", 50, [GONE])).kpi("churn_rate", PERIOD)
    example = expected("churn_rate")
    assert found.value == example.value == 0.05
    assert (found.numerator, found.denominator) == tuple(example.inputs.values())
    assert (round(found.low, 3), round(found.high, 3)) == (0.038, 0.065)


def test_eleven_hundred_at_the_end_with_two_hundred_new_is_ninety_percent():
    shop = base(("stays", 900, [BEFORE]), ("goes", 100, [GONE]), ("new", 200, [WITHIN]))
    ledger = {value.segment: value.value for value in shop.kpi("customer_ledger", PERIOD)}
    example = expected("retention_rate_ledger")
    assert (ledger["closing"], ledger["new"], ledger["opening"]) == tuple(example.inputs.values())
    found = shop.kpi("retention_rate_ledger", PERIOD)
    assert found.value == example.value == 0.9
    assert (round(found.low, 3), round(found.high, 3)) == (0.880, 0.917)
    # The same counts give other numbers under the other readings of the texts.
    assert ledger["closing"] / ledger["opening"] == 1.1
    assert shop.kpi("retention_rate", PERIOD).value == 0.9
    assert shop.kpi("acquisition_rate", PERIOD).value == pytest.approx(200 / 1100)


def test_returning_customers_lift_the_ledger_form_past_the_matched_one():
    shop = base(
        ("stays", 900, [BEFORE]),
        ("goes", 100, [GONE]),
        ("back", 250, ["2026-01-10", WITHIN]),
    )
    assert shop.kpi("retention_rate", PERIOD).value == 0.9
    beyond = shop.kpi("retention_rate_ledger", PERIOD)
    assert beyond.value == 1.15
    assert beyond.low < 1.15 < beyond.high


def test_a_hundred_twice_a_year_for_five_years_is_a_thousand():
    """Ten constant customers: a purchase of 100 each half year, five years, then gone.

    With a window as long as the gap, a lifetime of n purchases half a year apart is n half years.
    """
    half = 365.25 / 2
    start = pd.Timestamp("2000-01-01")
    days = [start + pd.Timedelta(days=round(half * place)) for place in range(10)]
    rows = [(number, day, 100.0) for number in range(10) for day in days]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    shop = quick.opened(
        orders=orders, lapse_window=183, currency="USD", as_of=pd.Timestamp("2010-01-01").date()
    )
    found = shop.kpi("clv_simple", "2000-01-01/2005-01-02")
    assert found.value == pytest.approx(expected("clv_simple").value, rel=2e-3)
    assert found.details["average_purchase_value"] == 100
    assert found.details["purchases_per_year"] == pytest.approx(2, rel=2e-3)
    assert found.details["lifetime_years"] == pytest.approx(5, rel=2e-3)


def test_a_true_mean_of_twenty_months_seen_for_twelve_is_nine_to_the_naive_average():
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2026-01-01")
    months = rng.exponential(20, size=20_000)
    ends = start + pd.to_timedelta(np.ceil(months * 365.25 / 12), unit="D")
    contracts = pd.DataFrame(
        {
            "customer_id": np.arange(len(months)),
            "started_at": start,
            "ended_at": pd.Series(ends).where(ends < "2027-01-01"),
        }
    )
    orders = pd.DataFrame(
        {"customer_id": np.arange(len(months)), "ordered_at": start, "amount": 1.0}
    )
    shop = quick.opened(
        orders=orders,
        subscriptions=contracts,
        as_of=pd.Timestamp("2027-01-01").date(),
        time_zone="UTC",
    )
    found = shop.kpi("average_customer_lifetime", "2026-12")
    month = 365.25 / 12
    assert found.details["naive_mean"] / month == pytest.approx(9.0, abs=0.15)
    assert found.details["constant_hazard_mean"] / month == pytest.approx(20, abs=0.7)
    # Within the twelve months observed the restricted mean is right: 20 (1 - exp(-12 / 20)).
    assert found.value / month == pytest.approx(20 * (1 - np.exp(-12 / 20)), abs=0.15)
    assert found.details["median"] is None
