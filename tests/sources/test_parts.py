"""Several files, patterns and folders of parts as one table."""

import re

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.loading import load

HEAD = "customer_id,ordered_at,amount\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "orders_2024.csv").write_text(
        HEAD + "1,2024-01-05,2\n2,2024-01-06,3\n,2024-01-07,1\n"
    )
    (tmp_path / "orders_2025.csv").write_text(
        "amount;ordered_at;customer_id;tag\n4;2025-01-05;1;x\n"
    )
    return tmp_path


def opened(folder, file, more=""):
    (folder / "kpilib.toml").write_text(f"[orders]\nfile = {file}\n{more}")
    loaded = load(folder / "kpilib.toml")
    return loaded.engine.collect(loaded.tables["orders"]), loaded.accounts["orders"]


@pytest.mark.parametrize(
    "file", ['["orders_2024.csv", "orders_2025.csv"]', '"orders_*.csv"', '"orders_202?.csv"']
)
def test_files_and_patterns_are_one_table_with_an_account_per_file(folder, file):
    rows, account = opened(folder, file)
    assert sorted(rows["amount"]) == [2, 3, 4]
    assert (account.read, account.kept) == (4, 3)
    assert account.parts == {"orders_2024.csv": (3, 2), "orders_2025.csv": (1, 1)}
    assert "from orders_2024.csv: 3 rows read, 2 kept" in account.text()
    assert "orders_2024.csv has no tag, missing in its rows" in account.notes
    assert "kpilib__part" not in rows.columns


def test_lines_that_are_no_rows_count_for_their_file(folder):
    (folder / "orders_2026.csv").write_text(HEAD + "9,2026-01-05,1\n9,2026-01-05\n8,2026-01-05,1\n")
    _, account = opened(folder, '"orders_*.csv"', "[settings]\n".replace("[settings]\n", ""))
    assert account.parts["orders_2026.csv"] == (3, 2)
    assert account.read == 7 == account.kept + sum(account.left_out.values())


def test_a_folder_of_parts_is_one_table(folder):
    parts = folder / "orders"
    (parts / "month=01").mkdir(parents=True)
    pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-01-05"], "amount": [2.0]}).to_parquet(
        parts / "month=01" / "part-0.parquet"
    )
    (parts / "part-1.csv").write_text(HEAD + "2,2026-01-06,3\n")
    (parts / "_SUCCESS").write_text("")
    (parts / ".hidden.csv").write_text("x")
    rows, account = opened(folder, '"orders"')
    assert sorted(rows["amount"]) == [2, 3]
    assert list(account.parts) == ["part-0.parquet", "part-1.csv"]
    (folder / "kpilib.toml").unlink()
    assert load(folder).accounts["orders"].read == 2


@pytest.fixture
def partitions(tmp_path):
    """A folder as engines write it: one file of the same name for every month and country."""
    for month, country, amount in ((1, "VN", 1.0), (1, "SG", 2.0), (2, "VN", 4.0)):
        part = tmp_path / "orders" / "year=2026" / f"month={month:02d}" / f"country={country}"
        part.mkdir(parents=True)
        day = pd.Timestamp(f"2026-{month:02d}-05")
        rows = pd.DataFrame({"customer_id": [1], "ordered_at": [day], "amount": [amount]})
        rows.to_parquet(part / "data.parquet")
    return tmp_path


def test_partitions_are_told_apart_by_their_folders_which_are_columns_too(partitions):
    loaded = load(partitions)
    assert loaded.accounts["orders"].parts == {
        "month=01/country=SG/data.parquet": (1, 1),
        "month=01/country=VN/data.parquet": (1, 1),
        "month=02/country=VN/data.parquet": (1, 1),
    }
    rows = loaded.engine.collect(loaded.tables["orders"])
    assert rows.groupby("country")["amount"].sum().to_dict() == {"SG": 2.0, "VN": 5.0}
    assert "month=02/country=VN/data.parquet " in loaded.fingerprints["orders"]


def test_a_pattern_reads_only_the_partitions_that_it_names(partitions):
    """The others are not opened: one of them is no Parquet file."""
    (broken,) = partitions.glob("orders/*/month=01/country=SG/*")
    broken.write_bytes(b"PAR1 no more PAR1")
    (partitions / "kpilib.toml").write_text(
        '[orders]\nfile = "orders/year=2026/month=*/country=VN/*.parquet"\n'
    )
    loaded = load(partitions)
    assert loaded.accounts["orders"].read == 2
    with pytest.raises(InputError, match=r"SG/data\.parquet: not a Parquet file"):
        load(orders=partitions / "orders")


@pytest.mark.parametrize("asked", ["kpi", "ledger", "rows", "fingerprints", "table"])
def test_a_file_that_is_gone_since_it_was_opened_is_named(partitions, asked):
    base = kpilib.open(partitions)
    gone = partitions / "orders" / "year=2026" / "month=02" / "country=VN" / "data.parquet"
    gone.unlink()
    ask = {
        "kpi": lambda: base.kpi("orders_count", "2026-01"),
        "ledger": lambda: base.trend("customer_ledger", ["2026-01", "2026-02"]),
        "rows": lambda: base.rows("orders_count", "2026-01"),
        "fingerprints": lambda: base.fingerprints,
        "table": lambda: base.engine.collect(base.tables["orders"]),
    }
    with pytest.raises(InputError, match=rf"{re.escape(str(gone))} is gone"):
        ask[asked]()


def test_keywords_take_several_files_too(folder):
    loaded = load(orders=[folder / "orders_2024.csv", folder / "orders_2025.csv"])
    assert loaded.accounts["orders"].read == 4
    prints = loaded.fingerprints["orders"]
    assert prints.startswith("orders_2024.csv ") and "; orders_2025.csv " in prints


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ('"order_*.csv"', "no file is called like that"),
        ('["orders_2024.csv", "orders_2023.csv"]', "did you mean 'orders_202[45].csv'"),
        ('"nothing"', r"\[orders\] file = 'nothing': there is no"),
        ("[]", "must be a path, or a list of them"),
        ("5", "must be a path, or a list of them"),
        ('["a.csv", 5]', "must be a path, or a list of them"),
        ('"empty"', "has no file that can be read"),
    ],
)
def test_files_that_are_not_there_are_named(folder, file, message):
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match=message):
        opened(folder, file)


def test_a_part_of_another_table_is_refused(folder):
    (folder / "orders_2026.csv").write_text("a,b\n1,2\n")
    with pytest.raises(
        InputError, match=r"orders_2026\.csv has no column that orders_2024\.csv has"
    ):
        opened(folder, '"orders_*.csv"')
