"""Test accounts and merged records, in every table that names a customer."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from .shops import rows, shop

ENGINES = pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["duckdb", "polars"])


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


def reckoned(people: dict, sent: list[tuple]) -> tuple[list[tuple], dict[str, int]]:
    """The referrals that stay and why others do not, row by row; `people`: id → (test, into)."""

    def settled(one):
        while one in people and people[one][1] is not None:
            one = people[one][1]
        return one

    kept, why = [], {"test customer": 0, "referrer and converted customer are one": 0}
    for who, whom in sent:
        ends = [settled(one) for one in (who, whom)]
        own = [one in people and people[one][0] for one in (who, whom)]
        tests = [one in people and people[one][0] for one in ends]
        if who == whom:
            why["referrer and converted customer are one"] += 1
        elif any(own) or any(tests):
            why["test customer"] += 1
        elif ends[0] == ends[1]:
            why["referrer and converted customer are one"] += 1
        else:
            kept.append(tuple(ends))
    return kept, {reason: rows for reason, rows in why.items() if rows}


@ENGINES
@pytest.mark.parametrize("seed", range(4))
def test_a_referral_by_or_of_a_test_account_is_none_reckoned_row_by_row(frame, seed):
    rng = np.random.default_rng(seed)
    known = {
        n: (bool(rng.random() < 0.2), n + int(rng.integers(1, 9)) if rng.random() < 0.2 else None)
        for n in range(40)
    }
    whom = [None if rng.random() < 0.3 else int(n) for n in rng.integers(0, 50, 300)]
    sent = list(zip(rng.integers(0, 50, 300).tolist(), whom, strict=True))
    customers = {
        "customer_id": list(known),
        "is_test": [test for test, _ in known.values()],
        "merged_into_id": [into for _, into in known.values()],
    }
    referrals = {
        "referrer_customer_id": [who for who, _ in sent],
        "converted_customer_id": whom,
        "invited_at": ["2026-01-05"] * len(sent),
    }
    orders = {"customer_id": [60], "ordered_at": ["2026-01-05"], "amount": [1.0]}
    loaded = load(
        orders=frame(orders), customers=frame(customers), referrals=frame(referrals), gate=False
    )
    kept, why = reckoned(known, sent)
    found = rows(loaded, "referrals")[["referrer_customer_id", "converted_customer_id"]]
    plain = [tuple(None if pd.isna(v) else int(v) for v in pair) for pair in found.values.tolist()]
    assert sorted(plain, key=str) == sorted(kept, key=str)
    assert loaded.accounts["referrals"].left_out == why
    assert loaded.accounts["referrals"].kept == len(kept)


@ENGINES
def test_who_brought_a_customer_is_no_test_account_and_no_merged_record(frame):
    customers = {
        "customer_id": ["a", "b", "c", "t", "u"],
        "referred_by_customer_id": ["t", "u", "b", "a", None],
        "is_test": [False, False, False, True, False],
        "merged_into_id": [None, None, None, None, "c"],
    }
    orders = {"customer_id": ["a"], "ordered_at": ["2026-01-05"], "amount": [1.0]}
    loaded = load(orders=frame(orders), customers=frame(customers), gate=False)
    found = rows(loaded, "customers").set_index("customer_id")["referred_by_customer_id"]
    assert {one: None if pd.isna(by) else by for one, by in found.items()} == {
        "a": None,
        "b": "c",
        "c": "b",
    }
    account = loaded.accounts["customers"]
    assert account.left_out == {"test customer": 1, "merged into another customer": 1}
    assert "1 row brought by a test customer, taken as nobody" in account.notes


def test_rows_moved_are_counted_once_whichever_end_moved():
    customers = people(customer_id=["a", "b"], merged_into_id=["b", None])
    referrals = people(
        referrer_customer_id=["a", "c", "d"],
        converted_customer_id=["c", "a", "e"],
        invited_at="2026-01-05",
    )
    loaded = load(orders=shop(customer_id=["a"]), customers=customers, referrals=referrals)
    assert loaded.accounts["referrals"].notes[0] == (
        "2 rows moved to the customer they were merged into"
    )


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
