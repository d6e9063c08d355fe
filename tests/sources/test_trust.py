"""What a stranger's folder may reach: its own files, and nothing that runs."""

import os
import sqlite3

import duckdb
import pytest

import kpilib
from kpilib.cli import main
from kpilib.errors import InputError
from kpilib.loading import load
from tests.engines.test_scalar import HOSTILE

ORDERS = "customer_id,ordered_at,amount,note\na,2026-01-05,3,x\nb,2026-01-06,4,y\n"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "strange"
    place.mkdir()
    (place / "orders.csv").write_text(ORDERS)
    (tmp_path / "secret.csv").write_text(ORDERS.replace("x", "TOPSECRET"))
    return place


def toml(text):
    """A basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@pytest.mark.parametrize("place", ["columns", "leave_out"])
def test_no_hostile_expression_gets_anywhere(folder, place):
    before = set(os.listdir("/tmp"))
    for expression in HOSTILE:
        if "\0" in expression or not expression.isprintable():
            continue
        key = "amount" if place == "columns" else '"odd"'
        (folder / "kpilib.toml").write_text(f"[orders.{place}]\n{key} = {toml(expression)}\n")
        with pytest.raises(InputError) as refused:
            load(str(folder))
        assert "root:" not in str(refused.value)
        assert len(str(refused.value)) < 2000
    assert "kpilib-hostile" not in set(os.listdir("/tmp")) - before


@pytest.mark.parametrize(
    "text",
    [
        '[orders]\nfile = "../secret.csv"\n',
        '[orders]\nfile = "../*.csv"\n',
        '[orders]\nfile = ["orders.csv", "../secret.csv"]\n',
        '[orders]\njoin = {file = "../secret.csv", on = "customer_id"}\n',
        'data = "../secret.csv"\n',
        'data = ".."\n',
        '[orders]\nfile = "{absolute}.txt~"\n',
        '[orders]\nfile = "{hidden}"\n',
        '[orders]\nfile = "/etc/passwd"\n',
        '[orders]\nfile = "/proc/self/environ"\n',
        '[orders]\nfile = "{up}/strange/../secret.csv"\n',
        '[orders]\nfile = "link.csv"\n',
        '[orders]\nfile = "parts"\n',
    ],
)
def test_a_settings_file_names_files_of_its_own_folder_only(folder, tmp_path, text):
    (folder / "link.csv").symlink_to("../secret.csv")
    (folder / "parts").mkdir()
    (folder / "parts" / "one.csv").symlink_to("../../secret.csv")
    hidden = tmp_path / ".private" / "secret.csv"
    hidden.parent.mkdir()
    for path in (hidden, tmp_path / "secret.csv.txt~"):
        path.write_text((tmp_path / "secret.csv").read_text())
    text = text.replace("{absolute}", str(tmp_path / "secret.csv"))
    text = text.replace("{hidden}", str(hidden)).replace("{up}", str(tmp_path))
    (folder / "kpilib.toml").write_text(text)
    with pytest.raises(InputError, match=r"lies outside .*--trust-source") as refused:
        load(str(folder / "kpilib.toml"))
    assert "TOPSECRET" not in str(refused.value)


def test_a_data_file_elsewhere_is_named_in_full(folder, tmp_path):
    (folder / "kpilib.toml").write_text(f'[orders]\nfile = "{tmp_path / "secret.csv"}"\n')
    assert load(str(folder)).accounts["orders"].kept == 2
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "kpilib.toml").write_text('[orders]\nfile = "link.csv"\n')
    assert load(str(folder)).accounts["orders"].kept == 2


def test_a_trusted_one_reads_on(folder, tmp_path, capsys):
    (folder / "kpilib.toml").write_text('[orders]\nfile = "../secret.csv"\n')
    assert kpilib.open(str(folder), trust=True).accounts["orders"].kept == 2
    assert main(["check", "--data", str(folder)]) == 2
    assert "--trust-source" in capsys.readouterr().err
    assert main(["check", "--data", str(folder), "--trust-source"]) == 0


def test_what_the_caller_names_is_read_wherever_it_lies(folder, tmp_path):
    (folder / "kpilib.toml").write_text('currency = "EUR"\n')
    secret = str(tmp_path / "secret.csv")
    assert load(str(folder), options={"orders": {"file": secret}}).accounts["orders"].kept == 2
    assert load(orders=secret).accounts["orders"].kept == 2


def test_links_out_of_a_folder_are_not_followed(folder, tmp_path):
    (folder / "customers.csv").symlink_to("../secret.csv")
    with pytest.raises(InputError, match="lies outside"):
        load(str(folder))
    (folder / "customers.csv").unlink()
    (folder / "customers.csv").symlink_to("orders.csv")
    assert load(str(folder)).accounts["orders"].kept == 2


@pytest.mark.parametrize(
    "query",
    [
        "CREATE VIEW orders AS SELECT content AS customer_id, DATE '2026-01-01' AS ordered_at, "
        "1 AS amount FROM read_text('{secret}')",
        "CREATE VIEW orders AS SELECT range AS customer_id, DATE '2026-01-01' AS ordered_at, "
        "1 AS amount FROM range(1000000000000)",
        "CREATE TABLE orders(customer_id INT, ordered_at DATE, amount INT, "
        "note AS (repeat('x', 900000000)))",
    ],
)
def test_what_a_database_computes_when_it_is_read_is_not_run(folder, tmp_path, query):
    path = folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(query.replace("{secret}", str(tmp_path / "secret.csv")))
        connection.execute("CREATE TABLE customers(customer_id INT)")
    (folder / "kpilib.toml").write_text('data = "shop.duckdb"\n[orders]\ntable = "orders"\n')
    with pytest.raises(InputError, match=r"orders is a query .*--trust-source"):
        load(str(folder))


def test_views_of_sqlite_are_not_run_either(folder):
    path = folder / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE VIEW orders AS WITH RECURSIVE t(customer_id) AS (SELECT 1 UNION ALL "
            "SELECT customer_id + 1 FROM t) SELECT customer_id, '2026-01-01' AS ordered_at, "
            "1 AS amount FROM t"
        )
    connection.close()
    (folder / "kpilib.toml").write_text('data = "shop.sqlite"\n[orders]\ntable = "orders"\n')
    with pytest.raises(InputError, match=r"orders is a query .*--trust-source"):
        load(str(folder))


def test_the_database_is_locked_once_its_sources_are_read(folder, tmp_path):
    engine = load(str(folder)).engine
    for query in (
        f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')",
        f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        f"ATTACH '{tmp_path / 'out.duckdb'}'",
        "SET enable_external_access = true",
        "SET threads = 1",
        f"CALL enable_logging(storage='file', storage_path='{tmp_path / 'log'}')",
        f"PRAGMA profiling_output = '{tmp_path / 'profile.json'}'",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            engine.connection.execute(query)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["secret.csv", "strange"]


def test_a_parquet_file_that_is_scanned_where_it_lies_stays_readable(folder, monkeypatch):
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{folder}/orders.csv') TO '{folder}/orders.parquet'")
    (folder / "orders.csv").unlink()
    monkeypatch.chdir(folder)
    loaded = load("orders.parquet")
    monkeypatch.chdir("/")
    assert len(loaded.engine.collect(loaded.tables["orders"])) == 2
