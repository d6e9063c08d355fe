"""Second files joined to a table: nothing multiplied, nothing lost, unsaid."""

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

ORDERS = "order_id,buyer,day\n1,a,2026-01-05\n2,b,2026-01-06\n3,a,2026-01-07\n"
ITEMS = "order_id,price,freight\n1,10,1\n1,20,2\n2,5,0.5\n3,7,0\n9,99,9\n"
PAYMENTS = "order,kind,value\n1,card,30\n1,voucher,3\n2,card,5.5\n"
BUYERS = "id,unique_id,day\na,A,x\nb,B,y\n"
MAP = '[orders.columns]\ncustomer_id = "buyer"\nordered_at = "day"\namount = "{amount}"\n'


@pytest.fixture
def star(tmp_path):
    files = {"sales": ORDERS, "items": ITEMS, "payments": PAYMENTS, "buyers": BUYERS}
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def opened(star, toml, amount):
    (star / "kpilib.toml").write_text(
        f'[orders]\nfile = "sales.csv"\n{toml}\n' + MAP.format(amount=amount)
    )
    loaded = load(star / "kpilib.toml")
    rows = loaded.engine.collect(loaded.tables["orders"]).sort_values("order_id")
    return rows, loaded.accounts["orders"]


def test_lines_of_a_second_file_make_the_amount(star):
    rows, account = opened(
        star, 'lines = true\njoin = {file = "items.csv", on = "order_id"}', "price + freight"
    )
    assert rows["amount"].tolist() == [33, 5.5, 7]
    assert account.read == 4
    assert "1 rows of items.csv belong to none of sales.csv" in account.notes


def test_a_join_that_multiplies_rows_is_refused_by_name(star):
    with pytest.raises(
        InputError, match=r"items\.csv has several rows for one order_id.* 4 rows of 3"
    ):
        opened(star, 'join = {file = "items.csv", on = "order_id"}', "price")
    two = (
        'lines = true\njoin = [{file = "items.csv", on = "order_id"},'
        '{file = "payments.csv", on = {order_id = "order"}}]'
    )
    with pytest.raises(InputError, match=r"payments\.csv has several rows for one order"):
        opened(star, two, "price")


def test_a_column_is_added_up_before_it_is_brought(star):
    join = 'join = {file = "payments.csv", on = {order_id = "order"}, sum = "value"}'
    rows, account = opened(star, join, "value")
    assert rows["amount"].tolist() == [33, 5.5]
    assert account.left_out == {"no amount": 1}
    assert "1 of 3 rows have no order that payments.csv has too" in account.notes
    (star / "payments.csv").write_text(PAYMENTS.replace("5.5", '"5,5"'))
    with pytest.raises(InputError, match="value is to be added up, but '5,5' is no plain number"):
        opened(star, join, "value")


def test_a_star_of_four_files_needs_no_sql(star):
    toml = (
        'lines = true\n[[orders.join]]\nfile = "items.csv"\non = "order_id"\n'
        '[[orders.join]]\nfile = "payments.csv"\non = {order_id = "order"}\nsum = ["value"]\n'
        '[[orders.join]]\nfile = "buyers.csv"\non = {buyer = "id"}\n'
    )
    rows, account = opened(star, toml, "price")
    orders, items = (pd.read_csv(star / name) for name in ("sales.csv", "items.csv"))
    expected = items.merge(orders).groupby("order_id")["price"].sum()
    assert rows["amount"].tolist() == expected.tolist()
    assert rows["unique_id"].tolist() == ["A", "B", "A"]
    assert "day of buyers.csv is called buyers_day" in account.notes


def test_what_a_join_names_must_be_there(star):
    for join, message in [
        ('{file = "items.csv", on = "order"}', "sales.csv has no column 'order'|did you mean"),
        ('{file = "itemz.csv", on = "order_id"}', "did you mean 'items.csv'"),
        ('{file = "items.csv"}', r'needs the column that both files have: on = "order_id"'),
        ('{on = "order_id"}', "names no file"),
        ('{file = "items.csv", on = "order_id", sums = "price"}', "did you mean 'sum'"),
        ('{file = "items.csv", on = 5}', "must be names of columns"),
        ('"items.csv"', "must be a table, like"),
    ]:
        with pytest.raises(InputError, match=message):
            opened(star, f"join = {join}", "price")


def test_frames_are_joined_in_their_own_engine(star):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {"order_id": [1, 2], "customer_id": ["a", "b"], "ordered_at": ["2026-01-05"] * 2}
    )
    join = {"file": str(star / "payments.csv"), "on": {"order_id": "order"}, "sum": "value"}
    loaded = load(orders=frame, options={"orders": {"join": join, "columns": {"amount": "value"}}})
    assert loaded.engine.name == "polars"
    assert sorted(loaded.engine.collect(loaded.tables["orders"])["amount"]) == [5.5, 33]
