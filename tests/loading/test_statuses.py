"""Statuses: each listed with what it means; known words, the user's words, unknown ones named."""

import pandas as pd
import pytest

from kpilib.contract.vocabulary.statuses import meaning
from kpilib.loading import load

from .shops import csv, read, rows, shop

GUESTS = """order_id,customer_id,ordered_at,amount,status
1,0,2025-01-01,55.37,wc-completed
2,guest,2025-01-03,36.45,wc-completed
3,-,2025-01-05,45.29,wc-processing
4,n/a,2025-01-07,10.57,wc-cancelled
5,c1,2025-01-09,82.25,wc-failed
6,c8,2025-01-11,27.05,wc-refunded
7,c9,2025-01-13,21.3,wc-pending
8,c10,2025-01-15,44.97,wc-completed
"""
WORDS = """order_id,customer_id,ordered_at,amount,status
1,c0,2025-01-10,10,paid
2,c1,2025-02-11,11,Paid{space}
3,c2,2025-03-12,12,CANCELLED
4,c3,2025-01-13,13,Canceled by buyer
5,c0,2025-02-14,14,Đã hủy
6,c1,2025-03-15,15,已取消
7,c2,2025-01-16,16,交易关闭
8,c3,2025-02-17,17,Storniert
9,c0,2025-03-18,18,trash
10,c1,2025-01-10,19,pending payment
11,c2,2025-02-11,20,voided
12,c3,2025-03-12,21,shipped
13,c0,2025-01-13,22,Hoàn thành
14,c1,2025-02-14,23,已完成
"""


def test_guests_and_statuses_of_a_shop_are_counted_by_reason(tmp_path):
    kept, account = read(csv(tmp_path, GUESTS))
    assert kept["customer_id"].tolist() == ["c10"]
    assert account.left_out == {
        "cancelled": 1,
        "not paid": 2,
        "refunded": 1,
        "customer_id means nobody": 3,
    }
    assert account.notes == ("ids that mean nobody: '-' (1), '0' (1), 'guest' (1), 'n/a' (1)",)
    assert {(one.status, one.rows, one.sold) for one in account.statuses} == {
        ("wc-completed", 3, True),
        ("wc-processing", 1, True),
        ("wc-cancelled", 1, False),
        ("wc-failed", 1, False),
        ("wc-refunded", 1, False),
        ("wc-pending", 1, False),
    }
    assert "  status: 1  wc-failed (not sold: not paid)" in account.text()
    assert {"status": "wc-refunded", "sold": False, "reason": "refunded"}.items() <= next(
        one for one in account.to_dict()["statuses"] if one["status"] == "wc-refunded"
    ).items()


def test_words_of_three_languages_and_of_the_platforms_are_known(tmp_path):
    kept, account = read(csv(tmp_path, WORDS.format(space=" ")))
    assert sorted(kept["amount"]) == [10, 11, 21, 22, 23]
    assert account.left_out == {"cancelled": 8, "not paid": 1}
    assert account.notes == ()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("wc-on-hold", "not paid"),
        ("STATUS_CANCELED", "cancelled"),
        ("PaymentFailed", "not paid"),
        ("partially_refunded", ""),
        ("Cancelled - customer request", "cancelled"),
        ("Chờ thanh toán", "not paid"),
        ("Đã hoàn tiền", "refunded"),
        ("Giao hàng thành công", ""),
        ("等待买家付款", "not paid"),
        ("退款成功", "refunded"),
        ("卖家已发货", ""),
        ("Expédiée", ""),
        ("closed", None),
        ("green", None),
    ],
)
def test_what_a_status_means(status, reason):
    assert meaning(status) == reason


def test_unknown_statuses_are_kept_and_named():
    kept, account = read(shop(status=["green", "paid", "green", None]))
    assert len(kept) == 4
    assert account.notes == (
        "1 status is not known and counted as sold: 'green' (2); if not, "
        'give options={"orders": {"cancelled": ["green"]}}',
    )
    assert {(one.status, one.known) for one in account.statuses} == {
        ("green", False),
        ("(missing)", True),
        ("paid", True),
    }


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"cancelled": ["Green"]}, ["paid", "void", "blue"]),
        ({"sold": ["GREEN", "void"]}, ["green", "void"]),
        ({"sold": ["green"], "cancelled": ["paid"]}, ["green", "blue"]),
        ({"cancelled": []}, ["green", "paid", "void", "blue"]),
    ],
)
def test_the_users_words_decide(options, kept):
    table = shop(status=["green", "paid", "void", "blue"])
    assert sorted(read(table, options={"orders": options})[0]["status"]) == sorted(kept)


def test_a_word_of_the_user_that_no_row_has_is_named():
    _, account = read(shop(status=["paid"]), options={"orders": {"cancelled": ["storno"]}})
    assert account.notes == ("cancelled names 'storno', which no row has",)


def test_a_column_of_many_values_is_no_status():
    _, account = read(shop(status=[f"s{place}" for place in range(300)]))
    assert account.statuses == ()
    assert account.notes[0].startswith("status has more than 200 different values")


def test_a_negative_amount_of_a_refund_is_the_refund_and_not_left_out():
    table = shop(
        customer_id=["a", "a", "b"],
        order_id=[1, 1, 2],
        amount=[20.0, -5.0, 8.0],
        status=["completed", "refunded", "completed"],
        ordered_at=["2026-01-05", "2026-01-09", "2026-01-05"],
    )
    loaded = load(orders=table)
    assert loaded.accounts["orders"].left_out == {}
    assert rows(loaded, "refunds")["amount"].tolist() == [5]


def test_statuses_are_the_same_in_a_frame():
    frame = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2026-01-05"], "amount": [1.0]})
    assert read(frame.assign(status="wc-trash"))[1].left_out == {"cancelled": 1}
