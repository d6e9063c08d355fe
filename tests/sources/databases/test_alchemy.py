"""Any database that SQLAlchemy reaches; SQLite stands for them."""

import sqlite3

import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.sources.databases import alchemy

pytest.importorskip("sqlalchemy", reason="SQLAlchemy is an extra")


@pytest.fixture
def url(tmp_path):
    path = tmp_path / "shop.data"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (customer_id, ordered_at, amount, note)")
        rows = [
            ("a", "2024-01-05", 1.5, None),
            ("b", "2024-02-01", 2, "x"),
            ("c", "2024-03-01", 4, 7),
        ]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
        connection.execute(
            "CREATE VIEW customers AS SELECT customer_id, 'shop' AS channel FROM orders"
        )
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("batch", [1, 2, 200_000])
def test_tables_and_views_are_read_in_batches(url, monkeypatch, batch):
    monkeypatch.setattr(alchemy, "_BATCH", batch)
    base = kpilib.open(url)
    orders = base.engine.collect(base.tables["orders"]).sort_values("customer_id")
    assert orders["amount"].tolist() == [1.5, 2, 4]
    assert orders["note"].tolist()[1:] == ["x", "7"]
    assert base.accounts["customers"].kept == 3


def test_a_database_without_a_driver_says_what_to_install():
    with pytest.raises(InputError, match="no driver for nosuch is installed"):
        kpilib.open("nosuch://host/shop")
