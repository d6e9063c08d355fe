"""Lines of orders are told from orders that come twice, or the user is asked."""

import pandas as pd
import polars as pl
import pytest

from kpilib.engines.duck import DuckEngine
from kpilib.engines.polars import PolarsEngine
from kpilib.errors import InputError
from kpilib.loading import load

from .shops import csv, read, rows, shop

LINES = """order_id,customer_id,ordered_at,amount
1,a,2025-01-02,3
1,a,2025-01-02,3
1,a,2025-01-02,7
2,b,2025-02-03,4
"""


def test_lines_are_recognised_and_added_up(tmp_path):
    kept, account = read(csv(tmp_path, LINES))
    assert dict(zip(kept["order_id"], kept["amount"], strict=True)) == {1: 13, 2: 4}
    assert (account.read, account.kept, account.left_out) == (4, 4, {})
    assert account.notes == (
        "1 of 2 orders come in several rows with different amounts, which were read as lines of "
        "an order and added up; write lines = true below [orders] in a kpilib.toml beside it to "
        "say so (false keeps one row of each)",
        "4 lines make 2 orders",
    )


@pytest.mark.parametrize(("lines", "amounts"), [(True, [4, 13]), (False, [3, 4])])
def test_what_the_user_says_goes(tmp_path, lines, amounts):
    kept, account = read(csv(tmp_path, LINES), options={"orders": {"lines": lines}})
    assert sorted(kept["amount"]) == amounts
    assert account.left_out == ({} if lines else {"duplicate order_id": 2})
    assert not any("come in several rows" in note for note in account.notes)


def repeated(**columns):
    return shop(
        order_id=[1, 1, 2], customer_id=["a", "a", "b"], amount=[13.0, 13.0, 4.0], **columns
    )


def test_an_amount_that_every_row_of_an_order_repeats_is_asked_about():
    message = (
        r"order_id 1 comes in 2 rows of 13 that differ in item: 26 if each is a line of the order "
        r'\(give options=\{"orders": \{"lines": True\}\}\), 13 if each repeats'
    )
    with pytest.raises(InputError, match=message):
        load(orders=repeated(item=["pen", "ink", "pen"]))


def test_rows_that_are_the_same_are_duplicates():
    kept, account = read(repeated(item=["pen", "pen", "pen"]))
    assert sorted(kept["amount"]) == [4, 13]
    assert account.left_out == {"duplicate order_id": 1}


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.from_pandas], ids=["duckdb", "polars"])
def test_a_number_that_only_rows_left_out_repeat_is_looked_at_once(frame, monkeypatch):
    table = shop(
        order_id=[1, 1, 2, 2, 3], customer_id=["a", "a", "b", None, "c"],
        amount=[3.0, 3.0, 4.0, 4.0, 5.0], item=["x", "y", "z", "z", "z"],
        status=["paid", "cancelled", "paid", "paid", "paid"],
    )  # fmt: skip
    asked = []
    for kind in (DuckEngine, PolarsEngine):
        plain = kind.repeated
        monkeypatch.setattr(
            kind, "repeated", lambda *given, plain=plain: asked.append(1) or plain(*given)
        )
    kept, account = read(frame(table))
    assert sorted(kept["order_id"]) == [1, 2, 3]
    assert account.left_out == {"no customer_id": 1, "cancelled": 1}
    assert not any("several rows" in note for note in account.notes)
    assert len(asked) == 1


def test_rows_of_different_customers_or_times_are_duplicates_and_no_lines():
    table = shop(order_id=[1, 1, 2, 2], customer_id=["a", "b", "c", "c"], amount=[1.0, 2, 3, 4])
    table["ordered_at"] = ["2026-01-05", "2026-01-05", "2026-01-05", "2026-01-06"]
    assert read(table)[1].left_out == {"duplicate order_id": 2}


def test_a_few_rows_that_differ_are_slips_and_named():
    ids = [*range(1, 301), 300]
    table = shop(order_id=ids, customer_id=ids, amount=[1.0] * 300 + [2.0])
    _, account = read(table)
    assert account.left_out == {"duplicate order_id": 1}
    assert account.notes[0].startswith("1 orders come in several rows that are not the same")
    loaded = load(orders=table, options={"orders": {"lines": True}})
    assert rows(loaded)["amount"].max() == 3
