"""Sources: every kind of place where tables lie, and what is said where they do not."""

import re

import duckdb
import pandas as pd
import pytest

from kpilib.errors import InputError, QualityGateError
from kpilib.loading import load

ORDERS = "customer_id,ordered_at,amount,order_id\n1,2026-01-05,2.5,A\n2,2026-01-06,3,B\n"
REFUNDS = "order_id,refunded_at,amount\nA,2026-01-08,1\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


def kept(loaded):
    return {name: account.kept for name, account in loaded.accounts.items()}


def test_a_folder_is_read_by_the_names_of_its_files(folder):
    pd.DataFrame({"customer_id": [1], "segment": ["x"]}).to_parquet(folder / "customers.parquet")
    (folder / "refund.csv").write_text(REFUNDS)
    (folder / "notes.docx").write_text("")
    loaded = load(folder)
    assert kept(loaded) == {"orders": 2, "customers": 1}
    assert loaded.notes == ("refund.csv was not read: did you mean 'refunds'?",)
    assert list(loaded.tables) == ["orders", "customers"]


@pytest.mark.parametrize("name", ["shop.csv", "shop.tsv", "shop.txt"])
def test_one_file_is_the_orders(tmp_path, name):
    (tmp_path / name).write_text(ORDERS.replace(",", "\t" if name == "shop.tsv" else ","))
    assert kept(load(tmp_path / name)) == {"orders": 2}


def test_a_duckdb_file_is_read_where_it_lies(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE Orders AS SELECT 1 AS customer_id, DATE '2026-01-05' AS ordered_at, "
            "2.5::DECIMAL(9, 2) AS amount"
        )
        connection.execute("CREATE TABLE other AS SELECT 1 AS x")
        connection.execute("CREATE VIEW tickets AS SELECT 7 AS ticket_id, now() AS created_at")
    loaded = load(path)
    assert kept(loaded) == {"orders": 1}
    assert "shop.duckdb: tickets was not read, as it is a query" in loaded.notes[0]
    assert kept(load(path, trust=True)) == {"orders": 1, "tickets": 1}
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [2.5]


def test_a_duckdb_file_that_is_open_elsewhere_is_named(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 1 AS x")
        with pytest.raises(InputError, match=r"cannot be opened as a DuckDB file .* close it"):
            load(path)
    broken = tmp_path / "broken.duckdb"
    broken.write_bytes(b"no database, whatever its name says" * 200)
    with pytest.raises(InputError, match="cannot be opened as a DuckDB file"):
        load(broken)


def test_a_toml_names_files_beside_it(folder):
    (folder / "sales.csv").write_text("Kunde;Datum;Betrag\n1;31.01.2026;1,5\n")
    settings = folder / "kpilib.toml"
    settings.write_text(
        'currency = "EUR"\n[orders]\nfile = "sales.csv"\n[orders.columns]\n'
        'customer_id = "Kunde"\nordered_at = "Datum"\namount = "Betrag"\n[refunds]\n'
    )
    (folder / "refunds.csv").write_text("customer_id,refunded_at,amount\n1,2026-02-01,1\n")
    for source in (settings, folder):
        loaded = load(source)
        assert kept(loaded) == {"orders": 1, "refunds": 1}
        assert loaded.settings.currency == "EUR"
        assert loaded.engine.collect(loaded.tables["orders"])["amount"].tolist() == [1.5]


def test_a_toml_that_names_no_table_means_the_files_beside_it(folder):
    (folder / "customers.csv").write_text("customer_id,country\n1,VN\n")
    (folder / "kpilib.toml").write_text('currency = "EUR"\n')
    loaded = load(folder)
    assert kept(loaded) == {"orders": 2, "customers": 1}
    assert loaded.settings.currency == "EUR"
    (folder / "kpilib.toml").write_text('[orders.columns]\namount = "2 * amount"\n')
    loaded = load(folder)
    assert kept(loaded) == {"orders": 2, "customers": 1}
    assert loaded.engine.collect(loaded.tables["orders"])["amount"].sum() == 11
    (folder / "kpilib.toml").write_text('[orders]\nfile = "customers.csv"\n')
    with pytest.raises(InputError, match=r"customers\.csv has no column ordered_at"):
        load(folder)


def test_a_toml_may_name_a_folder_or_a_database(folder, tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE sales AS FROM read_csv('{folder / 'orders.csv'}')")
    settings = tmp_path / "a.toml"
    settings.write_text('data = "shop.duckdb"\n[orders]\ntable = "sales"\n')
    assert kept(load(settings)) == {"orders": 2}
    settings.write_text('data = "shop.duckdb"\n[orders]\ntable = "sale"\n')
    with pytest.raises(InputError, match="has no table 'sale'; did you mean 'sales'"):
        load(settings)
    settings.write_text('data = "."\n')
    assert kept(load(settings)) == {"orders": 2}


def test_keywords_go_before_the_source(folder):
    frame = pd.DataFrame({"customer_id": [9], "ordered_at": ["2026-02-01"], "amount": [1]})
    loaded = load(folder, orders=frame, currency="USD")
    assert kept(loaded) == {"orders": 1}
    assert loaded.settings.currency == "USD"
    assert kept(load(orders=folder / "orders.csv")) == {"orders": 2}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("cdnw", "cdnw: no such file, folder or built-in source; did you mean 'cdnow'"),
        ("dema", "dema: no such file, folder or built-in source; did you mean 'demo'"),
        ("nowhere/at/all", "no such file, folder or built-in source; give a file of orders"),
        ("nosuch://h/db", r"no driver for nosuch is installed"),
    ],
)
def test_a_source_that_is_not_there_is_named(source, message):
    with pytest.raises(InputError, match=message):
        load(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            pd.DataFrame({"customer_id": [1]}),
            "the source is a frame; name the table it is",
        ),
        ({"customer_id": [1]}, "a dict is no source; give a file of orders"),
    ],
)
def test_a_source_that_is_no_place_is_refused(source, message):
    with pytest.raises(InputError, match=message):
        load(source)


def test_a_misspelt_file_is_met_with_its_neighbour(folder):
    with pytest.raises(InputError, match=r"did you mean 'orders\.csv'"):
        load(folder / "oders.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[orders]\nfile = "x.csv"\n', r"\[orders\] file = 'x.csv': there is no"),
        ("[refunds]\n", r'\[refunds\] names no file; write file = "refunds.csv"'),
        ('data = "away"\n', "data = 'away': there is no"),
        ('[orders]\ntable = "x"\n', r'\[orders\] table = \'x\' needs data = "….duckdb"'),
        ("tz = 1\n", "'tz' is not a setting"),
        (
            '[orders]\nfile="orders.csv"\n[orders.columns]\nordred_at = "x"\n',
            "did you mean 'ordered",
        ),
    ],
)
def test_a_toml_that_leads_nowhere_is_named(folder, content, message):
    (folder / "kpilib.toml").write_text(content)
    with pytest.raises(InputError, match=message):
        load(folder / "kpilib.toml")


def test_a_folder_without_tables_says_what_it_has(tmp_path):
    (tmp_path / "order.csv").write_text(ORDERS)
    with pytest.raises(
        InputError, match=r'it has order\.csv; .*\[orders\] has file = "order\.csv"'
    ):
        load(tmp_path)
    with pytest.raises(InputError, match="it has no file that can be read"):
        load(_empty(tmp_path))


def _empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_two_files_for_one_table_are_refused(folder):
    pd.DataFrame({"x": [1]}).to_parquet(folder / "orders.parquet")
    with pytest.raises(InputError, match=r"has both orders\.csv and orders\.parquet"):
        load(folder)


def test_files_of_other_kinds_are_refused(folder):
    (folder / "orders.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="its content is not what its name says"):
        load(folder / "orders.xlsx")
    (folder / "orders.docx").write_bytes(b"PK")
    with pytest.raises(InputError, match="files of this kind cannot be read"):
        load(folder / "orders.docx")
    (folder / "x.parquet").write_bytes(b"PAR0")
    with pytest.raises(InputError, match="not a Parquet file that can be read"):
        load(folder / "x.parquet")


def test_what_is_no_table_is_refused(folder):
    with pytest.raises(InputError, match="orders: a list is not a table"):
        load(orders=[1, 2])
    with pytest.raises(InputError, match=r"orders = 'nowhere\.csv': there is no nowhere\.csv"):
        load(orders="nowhere.csv")
    with pytest.raises(InputError, match="'order' is neither a setting nor a table; did you mean"):
        load(order=pd.DataFrame())
    with pytest.raises(InputError, match="no data was given; give a file"):
        load()
    with pytest.raises(InputError, match="has refunds but no orders"):
        load(refunds=pd.DataFrame({"customer_id": [1]}))


@pytest.mark.parametrize("content", ["customer_id,ordered_at,amount\n", ""])
def test_a_file_without_rows_is_refused(tmp_path, content):
    (tmp_path / "orders.csv").write_text(content)
    with pytest.raises(InputError, match=r"no rows; orders needs at least one|is empty"):
        load(tmp_path)


def test_an_empty_frame_needs_as_of():
    empty = pd.DataFrame({"customer_id": [], "ordered_at": [], "amount": []}, dtype="str")
    with pytest.raises(InputError, match="orders has a header and no rows"):
        load(orders=empty)
    assert kept(load(orders=empty, as_of="2026-01-01")) == {"orders": 0}


def test_an_empty_table_beside_the_orders_is_no_fault(folder):
    (folder / "refunds.csv").write_text("order_id,refunded_at,amount\n")
    loaded = load(folder)
    assert kept(loaded) == {"orders": 2, "refunds": 0}


def test_lines_that_do_not_fit_the_header_are_counted(tmp_path):
    (tmp_path / "orders.csv").write_text(ORDERS + "3,2026-01-06\n4,2026-01-06,1,C,more\n")
    with pytest.raises(QualityGateError, match="2 the line has more or fewer fields"):
        load(tmp_path, max_loss=0.2)
    account = load(tmp_path, max_loss=0.5).accounts["orders"]
    reason = "the line has more or fewer fields than the header"
    assert (account.read, account.kept, account.left_out) == (4, 2, {reason: 2})
    assert account.samples[reason]["text"].tolist() == ["3,2026-01-06", "4,2026-01-06,1,C,more"]


def test_fingerprints_follow_the_content(folder):
    first = load(folder).fingerprints["orders"]
    assert re.fullmatch(r"orders\.csv \d+ bytes, \d+, sha256 [0-9a-f]{64}", first)
    (folder / "orders.csv").write_text(ORDERS + "3,2026-01-06,1,C\n")
    assert load(folder).fingerprints["orders"] != first
    frame = pd.DataFrame({"customer_id": [1, 2], "ordered_at": "2026-01-05", "amount": [1.0, 2.0]})
    one = load(orders=frame).fingerprints["orders"]
    assert one == load(orders=frame.iloc[::-1]).fingerprints["orders"]
    assert one != load(orders=frame.assign(amount=3.0)).fingerprints["orders"]


def test_a_parquet_file_that_is_damaged_inside_is_named(tmp_path):
    rows = 20_000
    frame = pd.DataFrame({"customer_id": range(rows), "ordered_at": "2026-01-05", "amount": 1.5})
    frame.to_parquet(tmp_path / "orders.parquet")
    content = bytearray((tmp_path / "orders.parquet").read_bytes())
    content[1000:9000] = bytes((7 * byte + 13) % 256 for byte in content[1000:9000])
    (tmp_path / "orders.parquet").write_bytes(content)
    with pytest.raises(InputError, match="a file is damaged inside"):
        load(tmp_path)
