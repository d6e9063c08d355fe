"""Orders: exclusions, lines, duplicates, refunds, amounts from prices."""

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

from .shops import csv, read, rows, shop

LINES = """InvoiceNo,CustomerID,When,Quantity,UnitPrice,Country
536365,17850.0,2026-01-05 08:26,6,2.55,UK
536365,17850.0,2026-01-05 08:25,2,1.0,UK
C536379,17850.0,2026-01-06 10:00,-1,27.5,UK
536380,17851.0,2026-01-07 10:00,-3,2,France
536381,,2026-01-07 10:00,1,2,France
"""
COLUMNS = {
    "order_id": "InvoiceNo",
    "customer_id": "CustomerID",
    "ordered_at": "When",
    "amount": "Quantity * UnitPrice",
}
NO_CANCELLATIONS = {"cancellation": "InvoiceNo LIKE 'C%'"}


def test_lines_of_a_csv_make_orders_by_expressions(tmp_path):
    options = {"columns": COLUMNS, "leave_out": NO_CANCELLATIONS, "lines": True}
    loaded = load(csv(tmp_path, LINES), options={"orders": options})
    account = loaded.accounts["orders"]
    assert (account.read, account.kept) == (5, 3)
    assert account.left_out == {"cancellation": 1, "no customer_id": 1}
    assert account.notes == (
        "3 lines make 2 orders",
        "1 negative order read as a refund",
        "6.00 was given back to 1 person without an order: money of the business, and no "
        "customers of it",
    )
    (order,) = rows(loaded).to_dict("records")
    assert order["amount"] == pytest.approx(17.3)
    assert (order["order_id"], order["customer_id"], order["lines"]) == ("536365", 17850, 2)
    assert order["ordered_second"] % 86400 == 8 * 3600 + 25 * 60
    assert order["Country"] == "UK"
    assert "UnitPrice" not in order
    assert {"UnitPrice", "Country"} <= set(rows(loaded, "order_lines"))
    assert rows(loaded, "refunds")["amount"].tolist() == [6]
    shown = account.samples["cancellation"].iloc[0]
    assert (shown["InvoiceNo"], shown["Quantity"], shown["UnitPrice"]) == ("C536379", "-1", "27.5")


def test_lines_need_an_order_id():
    with pytest.raises(InputError, match="has no order_id, which lines = true needs"):
        load(orders=shop(), options={"orders": {"lines": True}})
    kept, account = read(shop(order_id=["a", None]), options={"orders": {"lines": True}})
    assert account.left_out == {"no order_id": 1}
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("key", "expression", "message"),
    [
        ("columns", "Quantity * UnitPrize", "did you mean 'UnitPrice'"),
        ("columns", "Country * 2", r"write TRY_CAST\(column AS DOUBLE\)"),
        ("columns", "Quantity *", "cannot be used"),
        ("leave_out", "Contry = 'UK'", "did you mean 'Country'"),
    ],
)
def test_an_expression_that_cannot_be_used_is_named(tmp_path, key, expression, message):
    options = {"columns": dict(COLUMNS)}
    options.setdefault(key, {})["amount"] = expression
    with pytest.raises(InputError, match=message):
        load(csv(tmp_path, LINES), options={"orders": options})


def test_a_value_that_an_expression_cannot_take_is_named():
    options = {"columns": {"amount": "CAST(price AS DOUBLE)"}}
    table = shop(price=["1.5", "free"]).drop(columns="amount")
    with pytest.raises(InputError, match=r"frames: a value is not what .* 'free' .*\nUse TRY_CAST"):
        load(orders=table, options={"orders": options})


def test_exclusions_count_under_their_names_and_against_nobody():
    table = shop(amount=[1.0, 2.0, 30.0, 40.0])
    options = {"orders": {"leave_out": {"big": "amount > 10", "odd": "customer_id = 3"}}}
    loaded = load(orders=table, options=options, max_loss=0)
    assert loaded.accounts["orders"].left_out == {"big": 2}


def test_cancelled_orders_are_left_out():
    table = shop(status=["paid", " Cancelled", "VOID", "", None])
    assert read(table)[1].left_out == {"cancelled": 2}
    options = {"orders": {"cancelled": ["paid"]}}
    assert read(table, options=options)[1].left_out == {"cancelled": 1}


def test_an_order_that_comes_twice_is_kept_once_whatever_the_order_of_rows():
    table = shop(
        order_id=["A", "A", "A", "B", None, None],
        customer_id=[1, 1, 2, 3, 4, 4],
        ordered_at=["2026-01-07", "2026-01-06", "2026-01-06", *["2026-01-05"] * 3],
        colour=["red", "red", "blue", "red", "red", "red"],
    )
    kept, account = read(table)
    assert account.left_out == {"duplicate order_id": 2}
    again, _ = read(table.sample(frac=1, random_state=4))
    key = ["customer_id", "colour"]
    assert kept.sort_values(key).values.tolist() == again.sort_values(key).values.tolist()
    assert kept[kept["order_id"] == "A"]["customer_id"].tolist() == [1]


def test_a_duplicate_of_a_row_that_is_left_out_is_none():
    table = shop(order_id=["A", "A"], customer_id=[None, 2])
    assert read(table)[1].left_out == {"no customer_id": 1}


def test_negative_amounts_are_refunds_and_zero_ones_are_kept():
    table = shop(amount=[10.0, -4.0, 0.0], order_id=["A", "A", "B"], customer_id=[7, 7, 8])
    loaded = load(orders=table)
    account = loaded.accounts["orders"]
    assert account.kept == 3
    assert account.notes == (
        "1 row with a zero amount, kept",
        "1 negative amount read as a refund",
    )
    assert sorted(rows(loaded)["amount"]) == [0, 10]
    refund = rows(loaded, "refunds").iloc[0]
    assert (refund["order_id"], refund["customer_id"], refund["amount"]) == ("A", 7, 4)


def test_a_refund_gets_its_customer_from_its_order():
    refunds = pd.DataFrame(
        {
            "refund_id": [1, 2, 3, 3],
            "order_id": ["A", "Z", None, "A"],
            "refunded_at": "2026-01-09",
            "amount": [1.0, 1.0, 2.0, -3.0],
        }
    )
    orders = shop(order_id=["A", "B"], customer_id=[7, 8], amount=[10.0, -5.0])
    loaded = load(orders=orders, refunds=refunds, gate=False)
    account = loaded.accounts["refunds"]
    assert account.left_out == {
        "its order is not among those kept": 1,
        "no customer_id and no order_id": 1,
    }
    assert account.notes[0] == "1 row with a negative amount, taken as positive"
    assert account.notes[1].startswith("5.00 was given back to 1 person without an order")
    found = rows(loaded, "refunds").sort_values("amount")
    assert found[["customer_id", "amount"]].values.tolist() == [[7, 1], [7, 3], [8, 5]]


def test_a_refund_that_comes_twice_is_kept_once():
    refunds = pd.DataFrame(
        {"refund_id": [1, 1], "customer_id": [1, 1], "refunded_at": "2026-01-09", "amount": 1.0}
    )
    loaded = load(orders=shop(), refunds=refunds, max_loss=0.5)
    assert loaded.accounts["refunds"].left_out == {"duplicate refund_id": 1}


def test_refunds_that_name_nobody_are_refused():
    refunds = pd.DataFrame({"refunded_at": ["2026-01-09"], "amount": [1.0]})
    with pytest.raises(InputError, match="has no customer_id and no order_id that the orders have"):
        load(orders=shop(), refunds=refunds)


def test_the_amount_may_come_from_the_price_the_discount_and_the_tax():
    table = shop(
        gross_amount=["12", "12", "12", "x", None],
        discount=["2", None, "none", "1", "1"],
        tax=["1.5", "2", "oops", "1", "1"],
    ).drop(columns="amount")
    kept, account = read(table)
    assert kept["amount"].tolist() == [8.5, 10]
    assert account.left_out == {"amount is not a number": 2, "no amount": 1}


def test_an_amount_goes_before_its_parts():
    kept, _ = read(shop(amount=[3.0], gross_amount=[12.0]))
    assert kept[["amount", "gross_amount"]].values.tolist() == [[3, 12]]


def test_a_row_that_leaves_its_amount_out_has_that_of_its_parts():
    table = shop(
        amount=["3", None, "", "x", None, None, "4"],
        gross_amount=["12", "12", "9", "12", "x", None, "oops"],
        discount=["2", "2", None, "1", "1", "1", "oops"],
    )
    kept, account = read(table)
    assert kept["amount"].tolist() == [3, 10, 9, 4]
    assert account.left_out == {"amount is not a number": 2, "no amount": 1}
    assert (
        "2 rows without an amount, taken as the gross amount less discount and tax" in account.notes
    )


def test_subscriptions_may_come_without_orders():
    table = pd.DataFrame(
        {
            "subscription_id": [1, 2, 3],
            "customer_id": [1, 2, 3],
            "started_at": ["2026-01-05", "2026-01-06", "2026-02-01"],
            "ended_at": [None, "2026-01-20", "2026-01-20"],
            "mrr": [9.0, 9.0, 9.0],
        }
    )
    loaded = load(subscriptions=table)
    assert loaded.accounts["subscriptions"].left_out == {"ended before it started": 1}
    assert rows(loaded, "subscriptions")["ended_day"].isna().sum() == 1


def test_the_frame_that_was_given_is_untouched_and_later_changes_do_not_reach_it():
    table = shop(customer_id=[1, 2], amount=[1.0, 2.0])
    before = table.copy(deep=True)
    loaded = load(orders=table)
    pd.testing.assert_frame_equal(table, before)
    table.loc[0, "amount"] = 99.0
    assert sorted(rows(loaded)["amount"]) == [1, 2]


def test_people_and_orders_in_notes_on_refunds_are_whole():
    orders = pd.DataFrame({
        "order_id": [1, 2, 3], "customer_id": ["A", "B", "C"],
        "ordered_at": ["2026-01-01", "2026-01-02", "2026-02-01"], "amount": [10.0, 20.0, 30.0],
    })  # fmt: skip
    refunds = pd.DataFrame({
        "order_id": [1, 2, None, None], "customer_id": ["A", "B", "X", "Y"],
        "refunded_at": ["2026-01-03"] * 4, "amount": [12.5, 21.0, 4.0, 5.0],
    })  # fmt: skip
    notes = load(orders=orders, refunds=refunds, max_loss=1.0).accounts["refunds"].notes
    assert any(
        note.startswith("2 orders were refunded beyond what was paid: 3.50") for note in notes
    )
    assert any(
        note.startswith("9.00 was given back to 2 people without an order") for note in notes
    )
