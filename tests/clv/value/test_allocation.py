"""Allocation by hand: which segments gain, what each gets of a budget, whose limits meet."""

import numpy as np
import pandas as pd
import pytest

from kpilib.clv.value.allocation import _allocated, _tiers, clv_allocation
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases


def segments(**each):
    """Segments by name: customers, and value of one with its limits."""
    table = pd.DataFrame.from_dict(
        each, orient="index", columns=["customers", "value", "low", "high"]
    )
    table[["value", "low", "high"]] = table[["value", "low", "high"]].mul(
        table["customers"], axis=0
    )
    table["share"] = table["value"] / table["value"].sum()
    return table.rename_axis("s").reset_index()


THREE = segments(best=(10, 40.0, 30.0, 50.0), mid=(20, 25.0, 22.0, 31.0), low=(40, 5.0, 4.0, 6.0))


def allocated(uplift=None, cost=None, budget=None, table=THREE):
    return _allocated(table, "s", uplift, cost, budget).set_index("s")


def test_a_segment_gains_its_uplift_times_its_value_less_the_cost():
    table = allocated(0.1, 2.0)
    assert table.index.tolist() == ["best", "mid", "low"]
    assert table["value_each"].tolist() == [40, 25, 5]
    assert table[["low_each", "high_each"]].loc["mid"].tolist() == [22, 31]
    assert table["gain_each"].tolist() == pytest.approx([2, 0.5, -1.5])
    assert _allocated(THREE[::-1], "s", 0.1, 2.0, None).index.tolist() == [0, 1, 2]
    assert table["break_even"].tolist() == pytest.approx([2 / 40, 2 / 25, 2 / 5])
    assert table["return"].tolist() == pytest.approx([1, 0.25, -0.75])
    # What does not gain gets nothing, however small the gain of the next.
    assert table["spend"].tolist() == [20, 40, 0]
    assert table["gain"].tolist() == pytest.approx([20, 10, 0])
    assert table["value_share"].tolist() == pytest.approx([400 / 1100, 500 / 1100, 200 / 1100])
    # The average is 1100 / 70 = 15.7 a customer.
    assert table["rule"].tolist() == [
        "retain and grow", "retain and grow", "acquire more like the better ones",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "spend"),
    [(0, [0, 0, 0]), (15, [15, 0, 0]), (20, [20, 0, 0]), (33, [20, 13, 0]), (99, [20, 40, 0])],
)
def test_the_best_return_is_paid_first_until_the_budget_is_used(budget, spend):
    assert allocated(0.1, 2.0, budget)["spend"].tolist() == spend


def test_a_segment_that_just_pays_for_itself_gets_nothing_and_uses_nothing():
    table = allocated({"best": 0.05, "mid": 0.1, "low": 0.42}, {"best": 2, "mid": 2, "low": 2})
    assert table["gain_each"].round(9).to_dict() == {"mid": 0.5, "low": 0.1, "best": 0}
    assert table["spend"].to_dict() == {"mid": 40, "low": 80, "best": 0}


def test_limits_meet_from_either_side_and_where_they_touch():
    pairs = {
        (30.0, 50.0): True, (10.0, 20.0): True, (45.0, 60.0): True, (41.0, 60.0): True,
        (50.0, 60.0): True, (50.1, 60.0): False, (10.0, 19.9): False, (25.0, 30.0): True,
    }  # fmt: skip
    for (low, high), meet in pairs.items():
        table = segments(first=(10, 40.0, 20.0, 50.0), second=(10, 39.0, low, high))
        found = allocated(table=table)
        assert found["overlaps"].tolist() == [meet, False]


def test_with_unknown_uplift_nothing_is_allocated_and_value_orders():
    table = allocated(cost=2.0, budget=50)
    assert table.index.tolist() == ["best", "mid", "low"]
    assert table[["gain_each", "return", "spend", "gain"]].isna().all(axis=None)
    assert table["break_even"].notna().all()


def test_ties_of_return_go_to_the_higher_value():
    table = allocated({"best": 0.1, "mid": 0.16, "low": 0.8}, 2.0)
    assert table["return"].tolist() == pytest.approx([1, 1, 1])
    assert table.index.tolist() == ["best", "mid", "low"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0.1, np.inf, None), "cost is inf; it must be above 0"),
        ((0.1, {"best": 1, "mid": 0, "low": 1}, None), "it must be above 0"),
        ((-1, 1, None), "uplift is -1; it must be a share above -1"),
        ((np.nan, 1, None), "uplift is nan"),
        ((0.1, 1, np.nan), "budget is nan; it must be an amount of 0 or more"),
        ((0.1, 1, -0.01), "budget is -0.01"),
    ],
)
def test_what_cannot_be_is_named(given, words):
    with pytest.raises(InputError, match=words):
        allocated(*given)
    assert allocated(-0.99, 0.01)["spend"].sum() == 0


@pytest.mark.parametrize("unit", [1, 1e-6, 1e6])
def test_tiers_are_the_same_in_every_unit_of_money(unit):
    value = np.array([4.0, 50.0, 30.0, 10.0, 4.0, 2.0, 0.0]) * unit
    assert _tiers(value).tolist() == ["B", "A", "A", "B", "B", "C", "C"]
    assert _tiers(np.zeros(3)).tolist() == ["A"] * 3
    assert _tiers(np.array([76.0, 6.0, 13.0, 5.0]) * unit).tolist() == ["A", "B", "A", "C"]


def test_the_limits_are_those_of_the_valuation_at_95_percent():
    orders = bgnbd_purchases(150, 400, r=0.6, alpha=30.0, a=0.8, b=2.5, seed=6)
    shop = quick.opened(
        orders=orders.assign(country=np.where(orders["customer_id"] % 4 == 0, "VN", "CN"))
    )
    found = clv_allocation(shop, by="country", draws=60).set_index("country")
    value = customer_lifetime_value(shop, by="country", until=shop.period(None), draws=60)
    value = value.segments.set_index("country")
    for name in ("value", "low", "high"):
        assert found[name].to_dict() == pytest.approx(value[name].to_dict())


def test_a_segment_that_is_worth_the_average_is_to_be_retained():
    alike = segments(a=(10, 20.0, 15.0, 25.0), b=(30, 20.0, 18.0, 22.0))
    assert set(allocated(0.1, 1.0, table=alike)["rule"]) == {"retain and grow"}
