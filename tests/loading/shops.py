"""Small shops for the tests of loading, and what loading made of them."""

import pandas as pd

from kpilib.loading import load


def shop(**columns) -> pd.DataFrame:
    """Orders with the columns that a test does not care about filled in."""
    rows = max((len(values) for values in columns.values() if isinstance(values, list)), default=1)
    filled = {"customer_id": list(range(1, rows + 1)), "ordered_at": "2026-01-05", "amount": 1.0}
    return pd.DataFrame({**filled, **columns}, index=range(rows))


def csv(tmp_path, text: str, encoding: str = "utf-8"):
    """A CSV file of orders."""
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows(loaded, table: str = "orders") -> pd.DataFrame:
    """A table's kept rows."""
    return loaded.engine.collect(loaded.tables[table])


def read(table, **options):
    """The kept orders and their account, the gate open."""
    loaded = load(orders=table, gate=False, **options)
    return rows(loaded), loaded.accounts["orders"]
