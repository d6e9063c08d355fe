"""Ids that mean nobody are no customers, and one id with too many orders is named."""

import pandas as pd
import pytest

from kpilib.contract.vocabulary.nobody import means_nobody
from kpilib.loading import load

from .shops import read, rows, shop


@pytest.mark.parametrize(
    "text",
    [
        *("Guest", "GUEST", "guest ", "Walk-in Customer", "n/a", "N/A", "-", "--", "?", "0", "-1"),
        *("Khách lẻ", "KHÁCH LẺ", "khách vãng lai", "游客", "散客", "匿名用户", "Gast", "null"),
        *("(not set)", "anonymous", "00000000-0000-0000-0000-000000000000", "guest@example.com"),
    ],
)
def test_words_for_nobody(text):
    assert means_nobody(text)
    kept, account = read(shop(customer_id=["a", text, "b", text]))
    assert sorted(kept["customer_id"]) == ["a", "b"]
    assert sum(account.left_out.values()) == 2


@pytest.mark.parametrize("text", ["Nancy", "007", "-3", "N1", "guest7", "x1", "Zero"])
def test_ids_that_are_somebody(text):
    assert not means_nobody(text)
    assert len(read(shop(customer_id=["a", text]))[0]) == 2


def test_zero_is_nobody_where_ids_have_gaps_and_a_customer_where_they_count_up_from_it():
    kept, account = read(shop(customer_id=[0, 0, 4, 9]))
    assert kept["customer_id"].tolist() == [4, 9]
    assert account.left_out == {"customer_id means nobody": 2}
    kept, account = read(shop(customer_id=[0, 1, 2, 3]))
    assert len(kept) == 4
    assert account.notes == (
        'the customer 0 was kept, as ids count up from 0; if it is nobody, nobody = ["0"]',
    )
    kept, _ = read(shop(customer_id=[*range(20)] + [0] * 10))
    assert 0 not in kept["customer_id"].tolist()


def test_the_user_says_who_is_nobody():
    table = shop(customer_id=["a", "guest", "till 1", "b"])
    assert sorted(read(table, nobody=["Till 1"])[0]["customer_id"]) == ["a", "b", "guest"]
    assert len(read(table, nobody=[])[0]) == 4
    assert read(shop(customer_id=[0, 1, 7]), nobody=["7"])[0]["customer_id"].tolist() == [0, 1]


def test_a_table_that_can_do_without_a_customer_keeps_the_row():
    tickets = pd.DataFrame(
        {"ticket_id": [1, 2], "customer_id": ["guest", "a"], "created_at": "2026-01-05"}
    )
    loaded = load(orders=shop(customer_id=["a"]), tickets=tickets)
    assert rows(loaded, "tickets")["customer_id"].isna().tolist() == [True, False]


def test_one_id_with_more_than_a_tenth_of_many_orders_is_named():
    ids = ["till"] * 12 + [f"c{place}" for place in range(88)]
    _, account = read(shop(customer_id=ids))
    assert account.notes == (
        "one customer, 'till', has 12 of 100 orders (12%); if it is a till, a shop or nobody, "
        'nobody = ["till"] leaves it out',
    )
    assert read(shop(customer_id=ids[2:]))[1].notes[0].startswith("one customer, 'till', has 10")
    assert read(shop(customer_id=ids[3:]))[1].notes == ()
    assert read(shop(customer_id=["a"] * 5))[1].notes == ()


def test_of_many_orders_some_are_looked_at_first():
    many = 250_000
    ids = ["till" if place % 8 == 0 else f"c{place % 5000}" for place in range(many)]
    table = pd.DataFrame({"customer_id": ids, "ordered_at": "2026-01-05", "amount": 1.0})
    assert read(table)[1].notes[0].startswith("one customer, 'till', has 31,250 of 250,000 orders")
    even = table.assign(customer_id=[f"c{place % 5000}" for place in range(many)])
    assert read(even)[1].notes == ()
