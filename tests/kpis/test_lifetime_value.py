"""Lifetime and value by hand: who counts in which factor, with which limits, and what it needs."""

import numpy as np
import pandas as pd
import pytest

from kpilib.questions.values import Status
from tests.kpis.test_bounds import LONG_AGO, on_the_log_scale, ratio
from tests.kpis.test_campaigns_and_contracts import MARCH, frame, opened, orders

CLUB = ["customer_id", "started_at", "ended_at"]


def test_purchases_a_year_have_limits_that_cannot_pass_0():
    """Active for 31 days with 2 purchases, and for 22, 12 and 1 with one each."""
    days = (("A", "02-20"), ("A", "03-05"), ("A", "03-20"), ("B", "03-10"), ("C", "03-20"))
    bought = orders(LONG_AGO, *((who, f"2026-{day}", 1.0) for who, day in (*days, ("D", "03-31"))))
    shop = opened({"orders": bought})
    found = shop.kpi("purchase_frequency", MARCH)
    assert (found.numerator, found.denominator) == (5, 66)
    low, high = on_the_log_scale(5 / 66, *ratio([2, 1, 1, 1], [31, 22, 12, 1]))
    assert (found.value, found.low, found.high) == pytest.approx(
        (5 / 66 * 365.25, low * 365.25, high * 365.25)
    )
    details = shop.kpi("clv_simple", MARCH).details
    assert details["purchases_per_year"] == pytest.approx(found.value)


def test_under_contracts_purchases_of_who_has_none_then_are_of_no_active_time():
    """A's contract runs from 10 March on, B's not in March; both buy in it."""
    bought = orders(("A", "2026-03-05", 10.0), ("A", "2026-03-15", 20.0), ("B", "2026-03-07", 40.0))
    paying = frame([("A", "2026-03-10", None), ("B", "2025-01-01", "2026-02-01")], CLUB)
    shop = opened({"orders": bought, "subscriptions": paying}, activity="subscriptions")
    found = shop.kpi("purchase_frequency", MARCH)
    # All of A's purchases count; B was not active at any time.
    assert found.numerator == 2
    assert found.value == pytest.approx(365.25 * 2 / found.denominator)
    simple = shop.kpi("clv_simple", MARCH)
    assert simple.details["purchases_per_year"] == pytest.approx(found.value)
    assert simple.details["average_purchase_value"] == pytest.approx(70 / 3)


def test_a_median_that_repeats_the_window_is_told_of_contracts_alone():
    """All leave after the thirty days: of purchases by definition, of contracts it was seen."""
    days = [f"2026-01-{day:02d}" for day in range(1, 11)]
    bought = orders(*[(f"c{n}", day, 1.0) for n, day in enumerate(days)])
    found = opened({"orders": bought}).kpi("average_customer_lifetime", MARCH)
    assert (found.value, found.details["median"]) == (30, None)
    ends = [str((pd.Timestamp(day) + pd.Timedelta(days=30)).date()) for day in days]
    rows = [(f"c{n}", *pair) for n, pair in enumerate(zip(days, ends, strict=True))]
    club = opened({"orders": bought, "subscriptions": frame(rows, CLUB)}, activity="subscriptions")
    lasted = club.kpi("average_customer_lifetime", MARCH)
    assert lasted.details["median"] == lasted.value


@pytest.mark.parametrize(("months", "days"), [(12, 365), (24, 730), (7, 213)])
def test_the_horizon_of_net_profit_is_so_many_months(months, days):
    """Nobody leaves within three years, so that the years within the horizon are all of them."""
    many = pd.date_range("2023-01-01", "2026-05-20", freq="20D")
    bought = orders(*[(who, str(one.date()), 10.0) for who in "AB" for one in many])
    costs = pd.DataFrame({"customer_id": ["A", "Q"], "date": "2026-03-10", "amount": [4.0, 1.0]})
    shop = opened(
        {"orders": bought, "customer_costs": costs},
        value={"months": months, "discount_rate": 0.0, "margin": 0.5},
    )
    found = shop.kpi("clv_net_profit", MARCH)
    assert found.details["discounted_years"] == pytest.approx(days / 365.25)
    paid = 10.0 * 2 * ((many >= "2026-03-01") & (many < "2026-04-01")).sum()
    assert found.details["profit_per_year"] == pytest.approx((paid * 0.5 - 5) / 62 * 365.25)


def test_predicted_value_says_what_was_too_little_and_which_purchases_were_meant():
    few = orders(LONG_AGO, ("A", "2026-03-05", 1.0), ("A", "2026-03-09", 1.0))
    found = opened({"orders": few}).kpi("clv_predicted", MARCH)
    assert found.status is Status.UNDEFINED
    assert found.reason.en.startswith("the models need at least 20 customers who have bought again")
    paying = frame([("A", "2026-01-01", None)], CLUB).assign(mrr=10.0)
    club = opened({"orders": few, "subscriptions": paying}).kpi("clv_predicted", MARCH)
    assert club.reason.en.startswith("the model needs at least 20 contracts")
    assert len(found.notes) == len(club.notes) + 1
    assert not any("purchase" in note.en for note in club.notes)


def test_a_purchase_is_worth_the_mean_with_the_limits_of_a_ratio():
    bought = orders(("A", "2026-03-05", 10.0), ("A", "2026-03-09", 20.0), ("B", "2026-03-09", 70.0),
                    ("C", "2026-03-10", 5.0))  # fmt: skip
    found = opened({"orders": bought}).kpi("average_purchase_value", MARCH)
    assert found.value == pytest.approx(105 / 4)
    assert (found.low, found.high) == pytest.approx(ratio([30, 70, 5], [2, 1, 1]))
    assert np.isfinite(found.low)
