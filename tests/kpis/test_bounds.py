"""KPIs on each side of their bounds: the last day that counts, the least that is enough."""

import numpy as np
import pandas as pd
import pytest

from kpilib.questions.values import Status
from kpilib.statistics import intervals
from tests.kpis.test_campaigns_and_contracts import CONTRACTS, EXPOSED, MARCH, frame, opened, orders

LONG_AGO = ("Z", "2024-06-01", 1.0)
"""An order by which the records reach back far enough for all that is asked here."""


def day(text):
    return pd.Timestamp(text).date()


def ratio(x, y):
    """The plain linearised limits of sum x over sum y, by customer."""
    x, y = np.array(x, float), np.array(y, float)
    both = [(one * other).sum() for one, other in ((x, x), (x, y), (y, y))]
    return [float(end) for end in intervals.ratio_delta(x.sum(), y.sum(), *both, len(x))]


def on_the_log_scale(value, low, high):
    """Limits as far apart, relative to the value, that cannot pass 0."""
    reach = (high - low) / 2 / value
    return value * np.exp(-reach), value * np.exp(reach)


# Churn


@pytest.mark.parametrize(
    ("as_of", "counted"), [("2026-05-29", 2), ("2026-05-30", 3), ("2026-05-31", 4)]
)
def test_first_buyers_count_once_watched_for_the_window(as_of, counted):
    """Thirty days: A came again on the last of them, B a day later, C and D never."""
    bought = orders(
        LONG_AGO, ("A", "2026-04-02", 1.0), ("A", "2026-05-02", 1.0), ("B", "2026-04-28", 1.0),
        ("B", "2026-05-29", 1.0), ("C", "2026-04-29", 1.0), ("C", "2026-04-29", 2.0),
        ("D", "2026-04-30", 1.0),
    )  # fmt: skip
    before = bought[bought["ordered_at"] < as_of]
    found = opened({"orders": before}, as_of=day(as_of)).kpi("first_purchase_loss_rate", "2026-04")
    assert (found.numerator, found.denominator) == (counted - 1, counted)
    # D came on the thirtieth of April, and could come again until the thirtieth of May.
    assert found.status is (Status.COMPLETE if as_of == "2026-05-31" else Status.INCOMPLETE)


def test_the_lost_are_told_by_what_they_had_been():
    """Active until 2 March: once, twice, and the loyal three times; E came and went in March."""
    days = {"A": ["01-31"], "B": ["01-10", "01-31"], "C": ["01-05", "01-20", "01-31"],
            "D": ["02-28"]}  # fmt: skip
    bought = [(who, f"2026-{one}", 1.0) for who, every in days.items() for one in every]
    short = opened({"orders": orders(LONG_AGO, *bought)}, lapse_window=30, loyalty={"purchases": 3})
    mix = {one.segment: one.numerator for one in short.kpi("lost_customer_mix", MARCH)}
    assert mix == {"first-time": 2, "developing": 1, "loyal": 1}
    rate = short.kpi("loyal_customer_loss_rate", MARCH)
    assert (rate.numerator, rate.denominator) == (1, 1)


def test_loyal_customers_who_stay_are_at_risk_and_those_lost_before_are_not():
    days = {"A": ["01-05", "01-20", "01-31"], "B": ["01-05", "01-20", "02-20", "03-15"],
            "C": ["12-01", "12-02", "12-03"]}  # fmt: skip
    bought = [
        (who, f"{2025 if who == 'C' else 2026}-{one}", 1.0)
        for who, every in days.items() for one in every
    ]  # fmt: skip
    found = opened({"orders": orders(LONG_AGO, *bought)}).kpi("loyal_customer_loss_rate", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)


@pytest.mark.parametrize(
    ("as_of", "status"), [("2026-04-30", Status.INCOMPLETE), ("2026-05-01", Status.COMPLETE)]
)
def test_a_month_of_winning_back_is_complete_after_the_days(as_of, status):
    bought = orders(LONG_AGO, ("A", "2025-12-01", 1.0), ("A", "2026-03-20", 1.0))
    reached = frame([("w", "A", "2026-03-10", False)], EXPOSED)
    shop = opened({"orders": bought, "campaign_exposures": reached}, as_of=day(as_of))
    assert shop.kpi("win_back_rate", MARCH).status is status


def test_uplift_is_the_rate_of_those_reached_less_that_of_those_held_back():
    names = [f"r{n}" for n in range(4)] + [f"h{n}" for n in range(5)]
    before = [(name, "2025-12-01", 1.0) for name in names]
    after = [(name, "2026-03-15", 1.0) for name in ("r0", "r1", "r2", "h0")]
    reached = [("w", name, "2026-03-10", name[0] == "h") for name in names]
    shop = opened(
        {"orders": orders(*before, *after), "campaign_exposures": frame(reached, EXPOSED)}
    )
    found = shop.kpi("win_back_rate", MARCH)
    assert found.details["uplift"] == pytest.approx(3 / 4 - 1 / 5)
    assert found.details["control_rate"] == pytest.approx(1 / 5)


def test_a_customer_is_reached_from_the_day_after_the_last_active_one_on():
    """Active on (d, d + 30]: who bought on 8 February is gone on 11 March, and not on the 10th."""
    bought = orders(LONG_AGO, ("A", "2026-02-08", 1.0), ("B", "2026-03-11", 1.0))
    for reached, counted in (("2026-03-10", 0), ("2026-03-11", 1)):
        rows = [("w", "A", reached, False), ("w", "B", "2026-03-11", False)]
        shop = opened({"orders": bought, "campaign_exposures": frame(rows, EXPOSED)})
        found = shop.kpi("win_back_rate", MARCH)
        # B had never bought before the day, so nobody could win B back.
        assert found.denominator == counted


def test_who_is_reached_twice_counts_by_the_first_time():
    bought = orders(("A", "2025-12-01", 1.0), ("A", "2026-04-15", 1.0))
    rows = [("w", "A", one, False) for one in ("2026-03-20", "2026-03-10")]
    shop = opened({"orders": bought, "campaign_exposures": frame(rows, EXPOSED)})
    found = shop.kpi("win_back_rate", MARCH)
    assert (found.numerator, found.denominator) == (0, 1)


# Retention


@pytest.mark.parametrize(("back", "n"), [(0, 3), (3, 4)])
def test_the_ledger_form_has_the_limits_of_a_share_and_beyond_one_those_of_a_ratio(back, n):
    """Four opened, of whom one left; `back` returned who had left long before; two are new."""
    bought = [(f"s{k}", one, 1.0) for k in range(3) for one in ("2026-02-20", "2026-03-15")]
    bought += [("gone", "2026-02-10", 1.0), ("n1", "2026-03-20", 1.0), ("n2", "2026-03-21", 1.0)]
    bought += [(f"b{k}", one, 1.0) for k in range(back) for one in ("2025-11-01", "2026-03-12")]
    found = opened({"orders": orders(LONG_AGO, *bought)}).kpi("retention_rate_ledger", MARCH)
    kept = 3 + back
    assert (found.numerator, found.denominator, found.value) == (kept, 4, kept / 4)
    if back:
        # Each customer's closing less new over opening; the new ones' parts are 0 over 0.
        limits = ratio([1, 1, 1, 0, *[1] * back], [1, 1, 1, 1, *[0] * back])
    else:
        limits = intervals.wilson(3, 4)
    assert (found.low, found.high) == pytest.approx(tuple(float(end) for end in limits))


def test_two_days_of_purchases_make_a_repeat_buyer_and_two_orders_of_a_day_do_not():
    bought = orders(("A", "2026-03-02", 1.0), ("A", "2026-03-02 18:00", 1.0),
                    ("B", "2026-03-02", 1.0), ("B", "2026-03-31", 1.0))  # fmt: skip
    found = opened({"orders": bought}).kpi("repeat_purchase_rate", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)


@pytest.mark.parametrize(
    ("as_of", "status", "n"),
    [
        ("2026-04-01", Status.INCOMPLETE, 0),
        ("2026-04-02", Status.INCOMPLETE, 3),
        ("2026-04-30", Status.INCOMPLETE, 3),
        ("2026-05-01", Status.COMPLETE, 3),
    ],
)
def test_buying_again_in_the_next_month_is_known_when_that_is_over(as_of, status, n):
    bought = orders(
        LONG_AGO, ("A", "2026-03-02", 1.0), ("A", "2026-04-01", 1.0), ("B", "2026-03-31", 1.0),
        ("C", "2026-03-05", 1.0), ("C", "2026-03-06", 1.0), ("B", "2026-05-01", 1.0),
    )  # fmt: skip
    shop = opened({"orders": bought}, as_of=day(as_of))
    found = shop.kpi("next_window_repurchase_rate", MARCH)
    assert (found.status, found.denominator) == (status, n)
    assert found.numerator == (1 if n else 0)


def test_who_first_bought_on_the_first_of_the_month_is_new_in_it():
    bought = orders(("A", "2026-02-28", 1.0), ("A", "2026-03-05", 1.0), ("B", "2026-03-01", 1.0),
                    ("B", "2026-03-20", 1.0))  # fmt: skip
    found = opened({"orders": bought}).kpi("returning_customer_rate", MARCH)
    assert (found.numerator, found.denominator) == (1, 2)


def test_a_year_of_standing_is_reached_on_the_day():
    """March closes on 1 April 2026: who began on 1 April 2025 is long-term, a day later not."""
    bought = [("A", "2025-04-01", 1.0), ("B", "2025-04-02", 1.0), ("C", "2025-03-31", 1.0)]
    bought += [(who, "2026-03-20", 1.0) for who in "ABC"]
    found = opened({"orders": orders(LONG_AGO, *bought)}).kpi("long_term_customer_share", MARCH)
    assert (found.numerator, found.denominator) == (2, 3)


def contracts_of(*rows):
    heads = ["customer_id", "started_at", "ended_at", "mrr"]
    return frame(rows, heads).assign(mrr=lambda table: table["mrr"].astype(float))


PAYING = (
    ("A", "2025-01-01", "2026-03-20", 10.0), ("A", "2026-03-20", None, 40.0),
    ("B", "2025-01-01", "2026-03-25", 20.0), ("B", "2026-03-25", None, 5.0),
    ("C", "2025-01-01", "2026-03-10", 30.0), ("D", "2025-01-01", None, 8.0),
    ("N", "2026-03-05", None, 100.0), ("E", "2025-01-01", None, 1.0),
)  # fmt: skip
"""Who expanded, contracted, left and stayed; N came and counts in neither total."""


def test_revenue_kept_of_those_who_paid_with_what_was_sold_on_top_and_without():
    shop = opened({"subscriptions": contracts_of(*PAYING)})
    opening, closing = [10, 20, 30, 8, 1], [40, 5, 0, 8, 1]
    net = shop.kpi("net_revenue_retention", MARCH)
    assert (net.numerator, net.denominator) == (54, 69)
    low, high = on_the_log_scale(54 / 69, *ratio(closing, opening))
    assert (net.low, net.high) == pytest.approx((low, high))
    gross = shop.kpi("gross_revenue_retention", MARCH)
    kept = np.minimum(opening, closing).astype(float)
    assert (gross.numerator, gross.denominator) == (kept.sum(), 69)
    y = np.array(opening, float)
    sums = [kept.sum(), 69, (kept**2).sum(), (kept * y).sum(), (y**2).sum(), 5]
    low, high = intervals.weighted_share(*sums)
    assert (gross.low, gross.high) == pytest.approx((float(low), float(high)))


@pytest.mark.parametrize(
    ("as_of", "status"), [("2026-04-30", Status.INCOMPLETE), ("2026-05-01", Status.COMPLETE)]
)
def test_a_month_of_renewals_is_complete_after_the_grace(as_of, status):
    table = frame([("A", "2025-03-15", "2026-03-15", None)], CONTRACTS)
    found = opened({"subscriptions": table}, as_of=day(as_of)).kpi("renewal_rate", MARCH)
    assert found.status is status


def test_the_next_month_of_a_cohort_of_contracts_is_who_runs_at_its_close():
    rows = [("A", "2026-02-01", None), ("B", "2026-02-28", "2026-03-31"),
            ("C", "2026-02-10", "2026-04-01"), ("D", "2026-01-31", None),
            ("E", "2026-03-01", None)]  # fmt: skip
    table = frame(rows, ["customer_id", "started_at", "ended_at"])
    found = opened({"subscriptions": table}).kpi("cohort_retention", MARCH)
    # B was gone by the close; C ran until it.
    assert (found.numerator, found.denominator) == (2, 3)


# Sales


def test_orders_of_nothing_and_of_little_are_orders_and_what_is_given_back_is_none():
    bought = orders(("A", "2026-03-02", 0.0), ("A", "2026-03-02", 0.4), ("B", "2026-03-31", 7.0),
                    ("B", "2026-03-31", -2.0), ("C", "2026-04-01", 50.0))  # fmt: skip
    shop = opened({"orders": bought})
    assert shop.kpi("orders_count", MARCH).value == 3
    assert shop.kpi("gross_revenue", MARCH).value == pytest.approx(7.4)
    assert shop.kpi("revenue", MARCH).value == pytest.approx(5.4)
