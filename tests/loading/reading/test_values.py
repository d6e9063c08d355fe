"""Ids, numbers and flags, as they really come."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import InputError, QualityGateError
from kpilib.loading import load

from ..shops import csv, read, rows, shop


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (pd.Series([7, 8], dtype="int16"), [7, 8]),
        (pd.Series([7, 8], dtype="uint64"), [7, 8]),
        (pd.Series([17850.0, np.nan]), [17850]),
        (pd.Series(["007", " 7 "]), ["007", "7"]),
        (pd.Series([7, "7b"], dtype="object"), ["7", "7b"]),
        (pd.Series([17850.0, "C1", None], dtype="object"), ["17850", "C1"]),
        (pd.Series([Decimal(7), Decimal(8)], dtype="object"), [7, 8]),
        (pd.Series(["a", "b", "a"], dtype="category"), ["a", "a", "b"]),
        (pd.Series([True, False]), ["false", "true"]),
        (pd.Series([2**60, 2**60 + 1]), [2**60, 2**60 + 1]),
    ],
)
def test_an_id_keeps_what_it_is(ids, kept):
    found, _ = read(pd.DataFrame({"customer_id": ids, "ordered_at": "2026-01-05", "amount": 1.0}))
    assert sorted(found["customer_id"]) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["7", "8"], [7, 8]),
        (["007", "8"], ["007", "8"]),
        (["17850.0", "17851"], [17850, 17851]),
        (["7", "7b"], ["7", "7b"]),
        (["12345678901234567890", "8"], ["12345678901234567890", "8"]),
        (["0", "-3"], [-3, 0]),
    ],
)
def test_a_csv_id_is_a_whole_number_only_where_all_are(tmp_path, written, kept):
    lines = "".join(f"{id_},2026-01-05,1\n" for id_ in written)
    found, _ = read(csv(tmp_path, f"customer_id,ordered_at,amount\n{lines}"))
    assert sorted(found["customer_id"]) == kept


def test_a_missing_id_is_counted_however_it_is_written():
    ids = ["a", "", "  ", None, "nan", "NULL", "None", "<NA>", "Nancy"]
    found, account = read(shop(customer_id=ids))
    assert sorted(found["customer_id"]) == ["Nancy", "a"]
    assert account.left_out == {"no customer_id": 7}


def test_a_float_that_is_no_whole_number_is_no_id():
    found, account = read(shop(customer_id=[7.0, 7.5, np.inf, 1e20, np.nan]))
    assert found["customer_id"].tolist() == [7]
    assert account.left_out == {"customer_id is not a whole number": 3, "no customer_id": 1}


def test_tables_that_disagree_meet_in_text():
    customers = pd.DataFrame({"customer_id": ["1", "2", "B3"], "segment": ["x", "y", "z"]})
    loaded = load(orders=shop(customer_id=[1.0, 2.0]), customers=customers)
    orders, found = rows(loaded), rows(loaded, "customers")
    assert set(orders["customer_id"]) == {"1", "2"} <= set(found["customer_id"])


def test_tables_that_agree_stay_whole(tmp_path):
    (tmp_path / "orders.csv").write_text("customer_id,ordered_at,amount\n17850.0,2026-01-05,1\n")
    customers = pd.DataFrame({"customer_id": [17850], "segment": ["x"]})
    loaded = load(tmp_path / "orders.csv", customers=customers)
    assert rows(loaded)["customer_id"].dtype == rows(loaded, "customers")["customer_id"].dtype


@pytest.mark.parametrize("as_text", [True, False])
def test_missing_and_infinite_amounts_are_counted(as_text):
    amounts = [1.5, np.nan, np.inf, -np.inf, None]
    table = shop(amount=[str(a) for a in amounts] if as_text else amounts)
    kept, account = read(table)
    assert kept["amount"].tolist() == [1.5]
    assert account.left_out == {"amount is infinite": 2, "no amount": 2}


def test_amounts_of_another_type_are_refused():
    with pytest.raises(InputError, match="amount is read from amount, which is of type"):
        load(orders=shop(amount=[pd.Timestamp("2026-01-05")]))


def test_an_expression_of_another_type_is_refused_in_the_words_of_who_wrote_it():
    given = {"orders": {"columns": {"amount": "ordered_at::date"}}}
    with pytest.raises(InputError) as error:
        load(orders=shop(amount=[1.0]), options=given)
    assert "amount is read from its expression, which is of type Date, not a number" in str(
        error.value
    )


@pytest.mark.parametrize(
    ("flags", "tests"),
    [
        (["yes", "no", "", None], 1),
        (["TRUE", "t", "1", "0"], 3),
        ([1, 0, 1, 0], 2),
        ([True, None, False, True], 2),
        ([1.0, np.nan, 0.0, 1.0], 2),
        (["Có", "không", "Đúng", "sai"], 2),
        (["Co\u0301", "kho\u0302ng", "", None], 1),
        (["是", "否", "对", "无"], 2),
        (["Ja", "nein", "OUI", "non"], 2),
    ],
)
def test_flags_are_read_and_missing_ones_are_false(flags, tests):
    customers = pd.DataFrame({"customer_id": [1, 2, 3, 4], "is_test": flags})
    loaded = load(orders=shop(customer_id=[1, 2, 3, 4]), customers=customers)
    assert loaded.accounts["customers"].left_out == {"test customer": tests}
    assert loaded.accounts["orders"].left_out == {"test customer": tests}


def test_what_cannot_be_read_in_an_optional_column_is_noted():
    customers = pd.DataFrame(
        {"customer_id": [1, 2], "created_at": ["2026-01-05", "soon"], "is_test": ["no", "maybe"]}
    )
    account = load(orders=shop(), customers=customers).accounts["customers"]
    assert account.kept == 2
    assert account.notes == (
        "1 row whose created_at is not a time, taken as missing",
        "1 row whose is_test is not true or false, taken as missing",
    )


def test_a_missing_column_is_named_with_its_near_misses():
    table = pd.DataFrame({"CustomerID": [1], "InvoiceDate": ["2026-01-05"], "Revenue": [1.0]})
    with pytest.raises(InputError) as caught:
        load(orders=table)
    assert str(caught.value).splitlines() == [
        "orders has no column customer_id and no column ordered_at and no column amount; did you "
        "mean to map customer_id = 'CustomerID', ordered_at = 'InvoiceDate', amount = 'Revenue'?",
        'Give options={"orders": {"columns": {"customer_id": "CustomerID", '
        '"ordered_at": "InvoiceDate", "amount": "Revenue"}}}',
    ]


def test_a_missing_column_with_nothing_near_lists_what_there_is():
    with pytest.raises(InputError, match=r"orders has no column amount; it has customer_id, "):
        load(orders=shop().drop(columns="amount").assign(colour="red"))


def test_columns_are_found_however_their_letters_are_cased():
    kept, _ = read(shop().rename(columns=str.upper))
    assert list(kept) == ["customer_id", "ordered_day", "ordered_second", "amount"]


def test_other_columns_stay_under_their_own_names():
    kept, _ = read(
        shop(Colour=["red"], unit=["kg"]), options={"orders": {"columns": {"uom": "unit"}}}
    )
    assert list(kept)[4:] == ["uom", "Colour"]


def test_the_gate_closes_above_max_loss():
    table = shop(customer_id=[1, None, None, 4])
    with pytest.raises(
        QualityGateError, match=r"orders: 2 of 4 rows left out for faults, more than "
    ):
        load(orders=table)
    loaded = load(orders=table, max_loss=0.5)
    assert loaded.failures == ()
    assert (
        "none of 1 rows can be used: 1 no customer_id"
        in (
            load(
                orders=shop(customer_id=[None]), max_loss=1, gate=False, as_of="2026-02-01"
            ).failures[0]
        )
    )
