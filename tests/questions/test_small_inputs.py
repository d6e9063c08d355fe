"""Small businesses whose right numbers can be reckoned in the head."""

import pandas as pd
import pytest

import kpilib
from kpilib.analyses import (
    cohorts,
    concentration,
    find_cut_points,
    rfm_movement,
    rfm_scores,
    survival_summary,
    tier_movement,
    triangle,
)
from kpilib.questions.values import Status
from tests import quick


def opened(rows, as_of, **options):
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return quick.opened(orders=orders, as_of=as_of, time_zone="UTC", **options)


# Money of customers who are not active


def test_the_factors_of_the_simple_value_are_the_kpis_of_the_same_name():
    """A lapsed in February and gets 40 back in March: money of the period all the same."""
    rows = [("A", "2026-01-10", 50.0), ("B", "2026-03-05", 50.0), ("A", "2026-03-20", -40.0)]
    base = opened(rows, "2026-04-01", lapse_window=30)
    simple = base.kpi("clv_simple", "2026-03")
    each = base.kpi("average_purchase_value", "2026-03")
    assert each.value == simple.details["average_purchase_value"] == 10
    often = base.kpi("purchase_frequency", "2026-03")
    assert simple.details["purchases_per_year"] == pytest.approx(often.value)


def test_costs_and_refunds_of_customers_no_longer_active_count():
    rows = [("A", "2026-01-10", 50.0), ("B", "2026-03-05", 50.0), ("A", "2026-03-20", -10.0)]
    costs = pd.DataFrame({"customer_id": ["A", "B"], "date": "2026-03-10", "amount": [5.0, 7.0]})
    base = opened(rows, "2026-04-01", lapse_window=30, customer_costs=costs)
    found = base.kpi("clv_net_profit", "2026-03")
    days = base.rows("purchase_frequency", "2026-03")["active_days"].sum()
    profit = 50 - 10 - 5 - 7
    assert found.details["profit_per_year"] == pytest.approx(365.25 * profit / days)


def test_a_lifetime_with_a_gap_is_worth_what_was_paid():
    """Ten customers pay 100 twice in a year, with months between that neither factor counts."""
    rows = [(who, day, 100.0) for who in range(10) for day in ("2024-01-01", "2024-12-01")]
    costs = pd.DataFrame({"customer_id": [0], "date": ["2024-06-01"], "amount": [0.0]})
    options = {"lapse_window": 30, "value": {"discount_rate": 0.0}}
    base = opened(rows, "2025-01-01", customer_costs=costs, **options)
    assert base.kpi("clv_simple", "2024").value == pytest.approx(200)
    assert base.kpi("clv_net_profit", "2024").value == pytest.approx(200)
    # The relationship itself lasted from the first purchase to the last lapse.
    assert base.kpi("average_customer_lifetime", "2024").value == 365


@pytest.mark.parametrize("rate", [0.0, 1e-9, -0.05])
def test_net_profit_knows_a_rate_of_0_and_its_neighbours(rate):
    rows = [(who, f"2025-{1 + who % 6:02d}-{1 + who % 20:02d}", 10.0 + who) for who in range(40)]
    rows += [(who, "2025-11-10", 5.0) for who in range(0, 40, 3)]
    costs = pd.DataFrame({"customer_id": range(40), "date": "2025-11-10", "amount": 1.0})
    options = {"lapse_window": 60, "customer_costs": costs}
    plain = opened(rows, "2026-01-01", **options, value={"discount_rate": 1e-5})
    base = opened(rows, "2026-01-01", **options, value={"discount_rate": rate})
    found, near = (one.kpi("clv_net_profit", "2025") for one in (base, plain))
    assert found.value == pytest.approx(near.value, rel=0.06)
    assert (found.low, found.high) == pytest.approx((near.low, near.high), rel=0.1)


def test_contracts_that_begin_after_the_period_leave_a_status():
    rows = [("A", f"2026-0{month}-10", 10.0) for month in (1, 2, 3)]
    later = pd.DataFrame({"customer_id": ["A"], "started_at": ["2026-04-02"], "mrr": [10.0]})
    base = opened(rows, "2026-05-01", subscriptions=later)
    assert base.kpi("clv_simple", "2026-02").status is Status.UNDEFINED
    assert base.scorecard("all", "2026-02")


def test_one_buyer_among_several_says_nothing_of_the_spread():
    rows = [("A", "2026-03-05", 50.0), ("B", "2026-02-05", 10.0), ("C", "2026-02-15", 10.0)]
    base = opened(rows, "2026-04-01", lapse_window=60)
    found = base.kpi("average_purchase_value", "2026-03")
    assert (found.value, found.low, found.high, found.n) == (50, None, None, 1)


# RFM and tiers


def scored(base, month, **options):
    table = base.engine.collect(rfm_scores(base, month, find_cut_points(base, month, **options)))
    return table.set_index("customer_id").sort_index()


@pytest.mark.parametrize("scores", range(3, 11))
def test_the_order_of_scores_keeps_the_order_of_values(scores):
    rows = [(who, f"2026-03-{day:02d}", 10.0) for who in range(90) for day in (1, 5, 9)]
    rows += [(who, "2026-03-09", 10.0) for who in range(90, 100)]
    table = scored(opened(rows, "2026-04-01"), "2026-03", scores=scores)
    for name in ("f", "m"):
        assert set(table.loc[:89, name]) == {scores} and set(table.loc[90:, name]) == {1}
    assert set(table["r"]) == {scores}
    assert set(table.loc[:89, "segment"]) == {"champions"}


def test_scores_between_follow_the_middle_of_their_rank():
    often = [1] * 10 + [2] * 80 + [3] * 10
    rows = [
        (who, f"2026-03-{1 + day:02d}", 10.0) for who, n in enumerate(often) for day in range(n)
    ]
    table = scored(opened(rows, "2026-04-01"), "2026-03")
    assert table.groupby("frequency")["f"].agg(["min", "max"]).to_numpy().tolist() == [
        [1, 1], [3, 3], [5, 5],
    ]  # fmt: skip


def test_how_many_scores_there_may_be():
    base = opened([("A", "2026-03-05", 50.0)], "2026-04-01")
    for scores in (2, 11):
        with pytest.raises(kpilib.InputError, match=f"scores={scores}; choose 3 to 10"):
            find_cut_points(base, "2026-03", scores=scores)


def test_movements_where_nobody_bought_before_come_from_absence():
    rows = [("Old", "2024-01-05", 5.0), ("A", "2026-03-05", 50.0), ("B", "2026-03-06", 10.0)]
    base = opened(rows, "2026-04-01")
    for movement in (rfm_movement, tier_movement):
        table = movement(base, "2026-03")
        assert set(table["before"]) == {"absent"} and table["customers"].sum() == 2


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e6])
def test_amounts_may_be_in_any_unit(unit):
    rows = [(who, "2026-03-05", unit * (1.2345678 + who) ** 2) for who in range(20)]
    base = opened(rows, "2026-04-01")
    spent = sorted(row[2] for row in rows)
    n, total = len(spent), sum(spent)
    gini = 2 * sum((k + 1) * x for k, x in enumerate(spent)) / (n * total) - (n + 1) / n
    assert concentration(base, "2026-03")["gini"].iloc[0] == pytest.approx(gini, abs=1e-6)
    cuts = find_cut_points(base, "2026-03").money
    assert cuts == pytest.approx([spent[k] for k in (3, 7, 11, 15)], rel=1e-6)


# Cohorts and survival


def test_buyers_begin_with_their_first_purchase_under_contracts_too():
    rows = [("A", "2025-01-05", 100.0), ("A", "2025-01-12", 10.0)]
    contracts = pd.DataFrame({"customer_id": ["A"], "started_at": ["2025-01-10"], "mrr": [1.0]})
    base = opened(rows, "2025-03-01", subscriptions=contracts)
    row = cohorts(base, activity="bought").iloc[0]
    assert (row["customers"], row["orders"], row["revenue"]) == (1, 2, 110)


def test_a_segment_may_be_called_average():
    rows = [("A", "2025-01-05", 100.0), ("B", "2025-01-06", 40.0), ("B", "2025-02-06", 20.0)]
    people = pd.DataFrame({"customer_id": ["A", "B"], "size": ["average", "large"]})
    table = cohorts(opened(rows, "2025-03-01", customers=people), "size")
    wide = triangle(table, "cumulative_value")
    assert wide.index.tolist() == ["average", "large", "(average)"]
    assert wide[1].tolist() == [100, 60, 80]
    assert table.loc[table["pooled"], "cohort"].unique().tolist() == ["(average)"]


def test_a_mean_without_losses_has_no_limits():
    rows = [(who, f"2025-01-{who:02d}", 10.0) for who in range(1, 11)]
    base = opened(rows, "2025-02-01", lapse_window=100)
    row = survival_summary(base).iloc[0]
    assert row["mean"] > 0 and pd.isna(row["mean_low"]) and pd.isna(row["mean_high"])


def test_revenue_retention_is_known_before_the_first_purchase():
    contracts = pd.DataFrame({"customer_id": ["A", "B"], "started_at": "2025-12-01", "mrr": 10.0})
    contracts["ended_at"] = ["2026-01-20", None]
    rows = [("A", "2026-03-05", 5.0)]
    base = opened(rows, "2026-05-01", subscriptions=contracts, activity="purchases")
    assert base.kpi("net_revenue_retention", "2026-01").value == 0.5
    assert base.kpi("customers_active", "2026-01").status is Status.UNDEFINED
    assert base.kpi("net_revenue_retention", "2025-11").status is Status.UNDEFINED
