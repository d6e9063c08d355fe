"""A business that has contracts and no orders: what asks who is active answers all the same."""

from datetime import date

import pandas as pd
import pytest

import kpilib
from kpilib.questions.availability import needs
from kpilib.questions.values import Status
from kpilib.registry.definitions import registry
from tests import quick
from tests.generate import bgnbd_purchases, contracts
from tests.registry.test_registry import everything

AS_OF = date(2025, 7, 1)


@pytest.fixture(scope="module")
def subscriptions():
    return contracts(400, months=18)


@pytest.fixture(scope="module")
def alone(subscriptions):
    return quick.opened(subscriptions=subscriptions, as_of=AS_OF)


def test_the_numbers_are_those_with_orders_beside(alone, subscriptions):
    both = quick.opened(
        orders=bgnbd_purchases(50, 400), subscriptions=subscriptions, as_of=AS_OF, currency="EUR"
    )
    known = registry().items()
    some = [name for name, one in known if one.contracts and set(one.tables) <= {"orders"}]
    some += [name for name, one in registry().items() if one.tables == ("subscriptions",)]
    assert {"churn_rate", "customer_ledger", "clv_predicted", "net_revenue_retention"} <= set(some)
    some = [name for name in some if not needs(alone, registry()[name])]
    found, expected = (everything(base, "2025-05", "2025-06").loc[some] for base in (alone, both))
    pd.testing.assert_frame_equal(found, expected)
    assert found.loc[found["status"] != "unavailable", "value"].notna().all()


def test_what_needs_orders_says_so(alone):
    kpi = alone.kpi("average_purchase_value", "2025-06")
    assert kpi.status is Status.UNAVAILABLE
    assert kpi.reason.en == "needs records that were not given: orders"
    assert alone.kpi("clv_net_profit", "2025-06").reason.en == (
        "needs records that were not given: orders, costs of customers (customer_costs)"
    )


def test_the_base_shows_its_contracts(alone):
    assert "400 subscriptions from 2024-01-01" in repr(alone)


def test_contracts_before_the_first_order_are_seen(subscriptions):
    late = bgnbd_purchases(50, 100, start=date(2025, 1, 1))
    base = quick.opened(orders=late, subscriptions=subscriptions, as_of=AS_OF)
    assert base.kpi("new_customers", "2024-05").value == (
        subscriptions["started_at"].dt.strftime("%Y-%m").eq("2024-05").sum()
    )


@pytest.mark.parametrize("rule", ["purchases", "subscriptions"])
def test_a_rule_of_activity_needs_its_table(subscriptions, rule):
    tables = {
        "purchases": {"subscriptions": subscriptions},
        "subscriptions": {"orders": bgnbd_purchases(5, 100)},
    }
    with pytest.raises(kpilib.InputError, match=f"activity = '{rule}' needs the table"):
        quick.opened(**tables[rule], activity=rule)
