"""Every kind of file holds the same orders, and gives the same ones back."""

import bz2
import gzip
import json
import lzma
import sqlite3
import zipfile
from datetime import datetime

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from kpilib.errors import InputError
from kpilib.loading import load

CSV = "order_id,customer_id,ordered_at,amount\n1,7,2026-01-05,2.5\n2,8,2026-01-06,3\n"
ROWS = [
    {"order_id": 1, "customer_id": 7, "ordered_at": "2026-01-05", "amount": 2.5},
    {"order_id": 2, "customer_id": 8, "ordered_at": "2026-01-06", "amount": 3},
]
DAY = 20458  # 2026-01-05


def book(path, sheets):
    with pd.ExcelWriter(path, engine="xlsxwriter") as writer:
        for name, rows in sheets.items():
            frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
            frame.to_excel(writer, sheet_name=name, index=False, header=not _bare(frame))
    return path


def _bare(frame):
    return list(frame.columns) == list(range(len(frame.columns)))


def sqlite(path, tables):
    connection = sqlite3.connect(path)
    for name, frame in tables.items():
        frame.to_sql(name, connection, index=False)
    connection.close()
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def zstd(path):
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(CSV.encode())


WRITERS = {
    "o.xlsx": lambda path: book(path, {"Sheet1": ROWS}),
    "o.json": lambda path: path.write_text(json.dumps(ROWS)),
    "o.jsonl": lambda path: path.write_text("\n".join(map(json.dumps, ROWS)) + "\n\n"),
    "o.ndjson": lambda path: path.write_text("\r\n".join(map(json.dumps, ROWS))),
    "wrapped.json": lambda path: path.write_text(json.dumps({"page": 1, "data": ROWS})),
    "columns.json": lambda path: path.write_text(pd.DataFrame(ROWS).to_json()),
    "lists.json": lambda path: path.write_text(json.dumps(pd.DataFrame(ROWS).to_dict("list"))),
    "utf-16.json": lambda path: path.write_text(json.dumps(ROWS), encoding="utf-16"),
    "o.sqlite": lambda path: sqlite(path, {"orders": pd.DataFrame(ROWS)}),
    "o.db": lambda path: sqlite(path, {"Orders": pd.DataFrame(ROWS)}),
    "o.csv.gz": lambda path: path.write_bytes(gzip.compress(CSV.encode())),
    "o.csv.bz2": lambda path: path.write_bytes(bz2.compress(CSV.encode())),
    "o.csv.xz": lambda path: path.write_bytes(lzma.compress(CSV.encode())),
    "o.csv.zst": zstd,
    "o.csv": lambda path: path.write_bytes(gzip.compress(CSV.encode())),
    "o.zip": lambda path: zipped(path, {"in/o.csv": CSV, "__MACOSX/o.csv": "x", "a.png": "x"}),
    "json.zip": lambda path: zipped(path, {"o.json": json.dumps(ROWS)}),
    "o.xls": lambda path: path.write_text(CSV.replace(",", "\t")),
    "o.json.gz": lambda path: path.write_bytes(gzip.compress(json.dumps(ROWS).encode())),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_orders_come_out_of_every_kind_of_file(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    loaded = load(path)
    rows = loaded.engine.collect(loaded.tables["orders"]).sort_values("order_id")
    assert rows["customer_id"].tolist() == [7, 8]
    assert rows["ordered_day"].tolist() == [DAY, DAY + 1]
    assert rows["amount"].tolist() == [2.5, 3.0]
    assert loaded.accounts["orders"].read == 2
    assert name in loaded.fingerprints["orders"]


# Workbooks


def test_cells_keep_their_type_and_mixed_ones_become_text(tmp_path):
    frame = pd.DataFrame(
        {
            "customer_id": ["a", 7, 8.0],
            "ordered_at": [datetime(2026, 1, 5, 14, 30), datetime(2026, 1, 6), None],
            "amount": [0.125, 2, 3],
            "vip": [True, False, None],
        }
    )
    loaded = load(book(tmp_path / "o.xlsx", {"Sheet1": frame}))
    rows = loaded.engine.collect(loaded.tables["orders"])
    assert rows["customer_id"].tolist() == ["a", "7"]
    assert rows["amount"].tolist() == [0.125, 2.0]
    assert (rows["ordered_second"] % 86400).tolist() == [14 * 3600 + 1800, 0]
    assert loaded.accounts["orders"].left_out == {"no ordered_at": 1}


def test_a_workbook_of_sheets_named_after_tables_is_like_a_folder(tmp_path):
    customers = [{"customer_id": 7, "country": "VN"}]
    path = book(tmp_path / "shop.xlsx", {"Orders": ROWS, "Customers": customers, "Notes": [{}]})
    assert set(load(path).tables) == {"orders", "customers"}


def test_which_sheet_is_asked_where_it_is_not_clear(tmp_path):
    book(tmp_path / "o.xlsx", {"Jan": ROWS[:1], "Feb": ROWS[1:]})
    with pytest.raises(
        InputError, match=r'sheets Jan, Feb; choose with sheet = "Jan".* sheet = "\*"'
    ):
        load(tmp_path / "o.xlsx")
    for sheet, kept in [('"Feb"', 1), ('"feb"', 1), ("1", 1), ('["Jan", 2]', 2), ('"*"', 2)]:
        (tmp_path / "kpilib.toml").write_text(f'[orders]\nfile = "o.xlsx"\nsheet = {sheet}\n')
        account = load(tmp_path).accounts["orders"]
        assert account.kept == kept
        if kept == 2:
            assert account.parts == {"o.xlsx:Jan": (1, 1), "o.xlsx:Feb": (1, 1)}
    for sheet, message in [('"Fab"', "did you mean 'Feb'"), ("3", "has 2 sheets, so no sheet = 3")]:
        (tmp_path / "kpilib.toml").write_text(f'[orders]\nfile = "o.xlsx"\nsheet = {sheet}\n')
        with pytest.raises(InputError, match=message):
            load(tmp_path)


def test_titles_above_and_totals_below_a_sheet_are_no_rows(tmp_path):
    cells = [
        ["Sales 2026", None, None, None],
        [None, None, None, None],
        ["order_id", "customer_id", "ordered_at", "amount"],
        [1, 7, "2026-01-05", 2.5],
        [None, None, None, None],
        ["order_id", "customer_id", "ordered_at", "amount"],
        [2, 8, "2026-01-06", 3],
        ["Total", None, None, 5.5],
    ]
    account = load(book(tmp_path / "o.xlsx", {"S": pd.DataFrame(cells)})).accounts["orders"]
    assert (account.read, account.kept) == (4, 2)
    assert account.left_out == {"the header once more": 1, "a line of totals": 1}
    assert "o.xlsx: S: the header was found in row 3; 1 above it are no rows" in account.notes


def test_a_broken_workbook_is_refused(tmp_path):
    whole = book(tmp_path / "o.xlsx", {"S": ROWS}).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="no workbook that can be read"):
        load(tmp_path / "cut.xlsx")
    book(tmp_path / "empty.xlsx", {"S": [{}]})
    with pytest.raises(InputError, match="the sheet 'S' is empty"):
        load(tmp_path / "empty.xlsx")


# JSON


def test_objects_within_objects_become_columns_and_lists_stay_text(tmp_path):
    rows = [{**row, "buyer": {"city": "Huế", "tags": [1, "a"]}} for row in ROWS]
    (tmp_path / "o.json").write_text(json.dumps({"orders": rows}), encoding="utf-8")
    loaded = load(tmp_path / "o.json")
    kept = loaded.engine.collect(loaded.tables["orders"])
    assert kept["buyer.city"].tolist() == ["Huế", "Huế"]
    assert kept["buyer.tags"].tolist() == ['[1, "a"]'] * 2


def test_numbers_written_as_text_count_in_expressions(tmp_path):
    rows = [{**row, "amount": str(row["amount"]), "rate": 2} for row in ROWS]
    (tmp_path / "o.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "kpilib.toml").write_text(
        '[orders]\nfile = "o.jsonl"\n[orders.columns]\namount = "amount * rate"\n'
    )
    loaded = load(tmp_path)
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].sum() == 11


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("o.jsonl", '{"a": 1}\n{"a": \n', "Expecting value in line 2"),
        ("o.jsonl", '{"a": 1}\n[1]\n', "line 2 is no JSON object"),
        ("o.json", '[{"a": 1},\n{"a" 2}]', "in line 2, column 6"),
        ("o.json", "[1, 2]", "entry 1 is no JSON object"),
        ("o.json", "3", "neither a list of objects nor an object"),
        ("o.json", "[]", "holds no rows"),
        ("o.json", '{"a": [{"x": 1}], "b": [{"x": 1}]}', 'lists a, b; choose one with table = "a"'),
        ("o.json", '{"a": [1], "b": [1, 2]}', "a, b are not of one length"),
        ("o.json", '[{"a": 1, "A": 2}]', "two columns are called 'a'"),
        ("o.json", "[" * 100_000, "nested too deeply|no JSON"),
    ],
)
def test_json_that_is_no_table_is_refused_where_it_ends(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        load(tmp_path / name)


def test_a_list_of_a_document_is_chosen(tmp_path):
    (tmp_path / "o.json").write_text(json.dumps({"sales": ROWS, "other": [{"x": 1}]}))
    (tmp_path / "kpilib.toml").write_text('[orders]\nfile = "o.json"\ntable = "sales"\n')
    assert load(tmp_path).accounts["orders"].kept == 2
    (tmp_path / "kpilib.toml").write_text('[orders]\nfile = "o.json"\ntable = "sale"\n')
    with pytest.raises(InputError, match="did you mean 'sales'"):
        load(tmp_path)


# Databases


@pytest.mark.parametrize("ending", ["duckdb", "sqlite"])
def test_tables_of_other_names_are_listed_and_chosen(tmp_path, ending):
    path = tmp_path / f"shop.{ending}"
    if ending == "sqlite":
        sqlite(path, {"sales": pd.DataFrame(ROWS), "zones": pd.DataFrame({"x": [1]})})
    else:
        sales = pd.DataFrame(ROWS)
        with duckdb.connect(str(path)) as connection:
            connection.register("incoming", sales)
            connection.execute("CREATE TABLE sales AS FROM incoming; CREATE TABLE zones (x INT)")
    with pytest.raises(
        InputError, match=rf'it has sales, zones.\n.*data = "shop.{ending}".*"sales"'
    ):
        load(path)
    for toml in (
        f'data = "shop.{ending}"\n[orders]\ntable = "sales"\n',
        f'[orders]\nfile = "shop.{ending}"\ntable = "sales"\n',
    ):
        (tmp_path / "kpilib.toml").write_text(toml)
        assert load(tmp_path / "kpilib.toml").accounts["orders"].kept == 2
    (tmp_path / "kpilib.toml").write_text(f'[orders]\nfile = "shop.{ending}"\n')
    with pytest.raises(InputError, match="has no table 'orders'; it has sales, zones"):
        load(tmp_path / "kpilib.toml")


def test_columns_of_sqlite_have_the_type_of_all_their_values(tmp_path):
    connection = sqlite3.connect(tmp_path / "o.sqlite")
    connection.execute("CREATE TABLE orders (customer_id, ordered_at, amount)")
    rows = [(7, "2026-01-05", 1), ("x", "2026-01-06", 2.5), (None, "2026-01-07", None)]
    connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    loaded = load(tmp_path / "o.sqlite")
    kept = loaded.engine.collect(loaded.tables["orders"])
    assert kept["customer_id"].tolist() == ["7", "x"]
    assert kept["amount"].tolist() == [1.0, 2.5]
    assert loaded.accounts["orders"].left_out == {"no customer_id": 1}


# Packed


def test_a_zip_of_tables_is_like_a_folder_and_of_others_asks(tmp_path):
    path = zipped(
        tmp_path / "export.zip", {"x/orders.csv": CSV, "x/customers.csv": "customer_id\n7\n"}
    )
    assert set(load(path).tables) == {"orders", "customers"}
    zipped(tmp_path / "b.zip", {"a.csv": CSV, "b.csv": CSV})
    with pytest.raises(InputError, match=r'holds a\.csv, b\.csv; choose one with table = "a\.csv"'):
        load(tmp_path / "b.zip")
    (tmp_path / "kpilib.toml").write_text('[orders]\nfile = "b.zip"\ntable = "b.csv"\n')
    assert load(tmp_path / "kpilib.toml").accounts["orders"].kept == 2


@pytest.mark.parametrize("name", ["o.csv.gz", "o.csv.bz2", "o.csv.xz", "o.zip"])
def test_what_is_cut_off_is_named(tmp_path, name):
    WRITERS[name](tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError, match=r"cut off or damaged|not a .zip that can be read"):
        load(tmp_path / name)


def test_what_unpacks_beyond_all_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("kpilib.sources.formats.packed.ALWAYS", 1000)
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress(b"0" * 10_000_000))
    with pytest.raises(InputError, match=r"unpacks to more than 200 times its .* bytes"):
        load(tmp_path / "o.csv.gz")


def test_what_is_packed_twice_or_no_table_is_refused(tmp_path):
    (tmp_path / "o.csv.gz").write_bytes(gzip.compress(gzip.compress(CSV.encode())))
    with pytest.raises(InputError, match="packed twice"):
        load(tmp_path / "o.csv.gz")
    (tmp_path / "o.csv.zst").write_text("no zstd")
    with pytest.raises(InputError, match="not what its name says"):
        load(tmp_path / "o.csv.zst")
    (tmp_path / "o.xls").write_text("<html><table><tr><td>customer_id</td></tr></table></html>")
    with pytest.raises(InputError, match=r"a page of HTML .* save it as \.xlsx or CSV"):
        load(tmp_path / "o.xls")


def test_a_workbook_whose_archive_is_damaged_is_named(tmp_path):
    path = tmp_path / "orders.xlsx"
    pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2026-01-05"], "amount": [1]}).to_excel(path)
    whole = path.read_bytes()
    directory = whole.rindex(b"PK\x01\x02")
    raw = bytearray(whole)
    raw[directory + 6] = 239  # made by a version of the format that there never was
    path.write_bytes(bytes(raw))
    with pytest.raises(InputError, match=r"orders\.xlsx: a damaged workbook .*save it anew"):
        load(path)
