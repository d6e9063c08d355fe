"""Test accounts and merged records, in every table that names a customer."""

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from .shops import rows, shop


def people(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_the_rows_of_test_customers_are_left_out_everywhere():
    customers = people(customer_id=["a", "b"], is_test=[False, True])
    tickets = people(ticket_id=[1, 2], customer_id=["b", None], created_at="2026-01-05")
    loaded = load(orders=shop(customer_id=["a", "b", "c"]), customers=customers, tickets=tickets)
    assert {name: account.left_out for name, account in loaded.accounts.items()} == {
        "orders": {"test customer": 1},
        "customers": {"test customer": 1},
        "tickets": {"test customer": 1},
    }
    assert loaded.failures == ()


def test_merged_records_are_followed_to_the_end_of_their_chain():
    customers = people(customer_id=[1, 2, 3, 4], merged_into_id=[2, 3, None, None])
    loaded = load(orders=shop(customer_id=[1, 2, 3, 4, 1]), customers=customers)
    assert loaded.accounts["customers"].left_out == {"merged into another customer": 2}
    assert loaded.accounts["orders"].notes == (
        "3 rows moved to the customer they were merged into",
    )
    assert sorted(rows(loaded)["customer_id"]) == [3, 3, 3, 3, 4]


def test_both_ends_of_a_referral_are_replaced():
    customers = people(customer_id=["a", "b"], merged_into_id=["b", None])
    referrals = people(
        referrer_customer_id=["a", "c"], converted_customer_id=["c", "a"], invited_at="2026-01-05"
    )
    loaded = load(orders=shop(customer_id=["a"]), customers=customers, referrals=referrals)
    found = rows(loaded, "referrals")[["referrer_customer_id", "converted_customer_id"]]
    assert sorted(found.values.tolist()) == [["b", "c"], ["c", "b"]]


def test_a_record_merged_into_a_test_account_is_one():
    customers = people(customer_id=[1, 2], merged_into_id=[2, None], is_test=[False, True])
    loaded = load(orders=shop(customer_id=[1, 2, 3]), customers=customers, gate=False)
    assert loaded.accounts["orders"].left_out == {"test customer": 2}


def test_records_merged_in_a_circle_are_refused():
    customers = people(customer_id=[1, 2, 3], merged_into_id=[2, 3, 1])
    with pytest.raises(InputError, match="merged_into_id goes in a circle: 1 -> 2 -> 3 -> 1"):
        load(orders=shop(), customers=customers)


def test_of_a_customer_that_comes_twice_the_latest_record_is_kept():
    customers = people(
        customer_id=[1, 1, 1, 2],
        segment=["old", "new", "unknown", "x"],
        updated_at=["2026-01-01", "2026-01-05", None, None],
    )
    for table in (customers, customers.iloc[::-1]):
        loaded = load(orders=shop(), customers=table, max_loss=0.5)
        assert loaded.accounts["customers"].left_out == {"duplicate customer_id": 2}
        assert sorted(rows(loaded, "customers")["segment"]) == ["new", "x"]


def test_a_customer_column_that_is_all_empty_does_no_harm():
    customers = people(customer_id=[1], merged_into_id=[None], is_test=[None], created_at=[None])
    loaded = load(orders=shop(), customers=customers)
    assert loaded.accounts["customers"].kept == 1
