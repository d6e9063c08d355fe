"""The real logs, to the row."""

import pandas as pd

import kpilib.contract.tables
from kpilib.loading import load

from .shops import rows


def test_cdnow_is_whole():
    loaded = load("cdnow")
    account = loaded.accounts["orders"]
    assert (account.read, account.kept, account.left_out) == (69_659, 69_659, {})
    found = rows(loaded)
    assert found["customer_id"].nunique() == 23_570
    assert found["amount"].sum().round(2) == 2_500_315.63
    assert loaded.as_of == (pd.Timestamp("1998-07-01") - pd.Timestamp("1970-01-01")).days


def test_the_cdnow_sample_is_part_of_it():
    whole, sample = rows(load("cdnow")), rows(load("cdnow-sample"))
    assert len(sample) == 6_919
    assert sample["customer_id"].nunique() == sample["sample_id"].nunique() == 2_357
    shared = whole[whole["customer_id"].isin(sample["customer_id"])]
    key = ["customer_id", "ordered_day", "amount"]
    pd.testing.assert_frame_equal(
        shared[key].sort_values(key, ignore_index=True),
        sample[key].sort_values(key, ignore_index=True),
    )


def test_every_line_of_online_retail_is_accounted_for(retail_toml, shared_data):
    loaded = load(retail_toml)
    account = loaded.accounts["orders"]
    lines = pd.read_parquet(shared_data / "online_retail.parquet")
    cancelled = lines["InvoiceNo"].str.startswith("C")
    free = lines["UnitPrice"] <= 0
    nobody = lines["CustomerID"].isna()
    assert (len(lines), nobody.sum(), cancelled.sum()) == (541_909, 135_080, 9_288)
    assert account.read == 541_909
    assert account.left_out == {
        "cancellation": 9_288,
        "zero price": (free & ~cancelled).sum(),
        "no customer_id": (nobody & ~free & ~cancelled).sum(),
    }
    good = lines[~cancelled & ~free & ~nobody]
    assert account.kept == len(good) == 397_884
    totals = (good["Quantity"] * good["UnitPrice"]).groupby(good["InvoiceNo"]).sum()
    orders = rows(loaded).set_index("order_id")["amount"].sort_index()
    pd.testing.assert_series_equal(orders, totals.sort_index(), check_names=False)
    assert account.notes == (f"397,884 lines make {len(totals):,} orders",)
    assert len(rows(loaded, "order_lines")) == 397_884
    assert loaded.settings.currency == "GBP"
    assert loaded.failures == ()


def test_every_table_loads_from_its_documented_columns():
    for name, schema in kpilib.contract.tables.SCHEMAS.items():
        values = {"time": "2026-01-05", "date": "2026-01-05", "number": 2.0, "flag": False}
        table = pd.DataFrame(
            {column.name: [values.get(column.kind, "7")] for column in schema.columns}
        ).drop(columns=["merged_into_id", "currency"], errors="ignore")
        if name == "referrals":
            table["converted_customer_id"] = "8"
        if name == "survey_responses":
            table["scale_max"] = 5.0
        if name == "calendars":
            table["tz"], table["open"], table["close"] = "UTC", "09:00", "17:00"
        if name == "subscriptions":
            table["ended_at"] = None
        if name == "targets":
            table["period"] = "2026-01"
        others = {} if name == "orders" else {"orders": _orders()}
        loaded = load(**{name: table}, **others)
        assert loaded.accounts[name].kept == 1, name
        outputs = {output for column in schema.columns for output in column.outputs}
        found = set(loaded.tables[name].collect_schema().names())
        assert outputs - found <= {"merged_into_id", "currency"}, name


def _orders() -> pd.DataFrame:
    return pd.DataFrame(
        {"customer_id": ["7"], "ordered_at": "2026-01-05", "amount": 1.0, "order_id": ["7"]}
    )
