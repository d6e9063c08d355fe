"""Tables of a real PostgreSQL: found, read exactly, at one moment, and refused by name."""

from decimal import Decimal

import pytest

import kpilib
from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.sources.databases import postgres as module
from kpilib.sources.databases.address import Address
from kpilib.sources.databases.postgres import Postgres
from kpilib.sources.databases.server import Asked

ORDERS = "CREATE TABLE orders (customer_id text, ordered_at timestamptz, amount numeric(12, 2))"
TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND usename = 'kpilib'"
)
ROWS = "INSERT INTO orders VALUES ('a', '2024-01-05 23:30+00', 12.30), ('b', '2024-02-05', 7)"


@pytest.fixture
def server(database):
    server = Postgres(Address(database[0]))
    yield server
    server.close()


def test_a_database_of_our_tables_opens_by_its_url(database):
    url, cursor = database
    cursor.execute(ORDERS)
    cursor.execute(ROWS)
    base = kpilib.open(url, time_zone="Asia/Ho_Chi_Minh", lapse_window=30)
    orders = base.engine.collect(base.tables["orders"]).sort_values("customer_id")
    assert orders["amount"].tolist() == [12.3, 7]
    assert base.first_day == 19728  # 6 January 2024, half past six in the morning in Vietnam
    assert base.source == url


def test_decimals_arrive_with_every_digit(database, server):
    _, cursor = database
    cursor.execute(
        "CREATE TABLE exact (a numeric(38, 18), b numeric(38, 0), c numeric, n numeric(9,2))"
    )
    digits = "12345678901234567890.123456789012345678", "9" * 38, "0.1", "NaN"
    cursor.execute(f"INSERT INTO exact VALUES ({', '.join(repr(one) for one in digits)})")
    frame = server.read(Asked("exact", table="exact"), DuckEngine())
    assert frame.to_native().fetchall() == [(Decimal(digits[0]), Decimal(digits[1]), 0.1, None)]


def test_types_that_arrow_lacks_are_read_as_text(database):
    url, cursor = database
    cursor.execute(ORDERS.replace("2)", "2), who uuid, tags text[], more jsonb", 1))
    cursor.execute(
        "INSERT INTO orders VALUES ('a', '2024-01-05', 1, "
        "'11111111-2222-3333-4444-555555555555', '{x,y}', '{\"k\": 1}')"
    )
    base = kpilib.open(url)
    row = base.engine.collect(base.tables["orders"]).iloc[0]
    assert row[["who", "tags", "more"]].tolist() == [
        "11111111-2222-3333-4444-555555555555",
        "{x,y}",
        '{"k": 1}',
    ]


def test_a_toml_names_tables_views_and_queries(database, tmp_path):
    url, cursor = database
    cursor.execute("CREATE SCHEMA shop")
    cursor.execute('CREATE TABLE shop."Sales 2024" (who text, day date, paid numeric(9, 2))')
    cursor.execute(
        "INSERT INTO shop.\"Sales 2024\" VALUES ('a', '2024-01-05', 5), ('a', '2024-03-01', 6)"
    )
    cursor.execute(
        "CREATE VIEW people AS SELECT DISTINCT who, 'vip' AS kind FROM shop.\"Sales 2024\""
    )
    cursor.execute("CREATE TABLE tickets_raw (id int, who text, at timestamp)")
    cursor.execute("INSERT INTO tickets_raw VALUES (1, 'a', '2024-02-01'), (2, 'a', '1999-01-01')")
    toml = tmp_path / "kpilib.toml"
    toml.write_text(
        f'''
data = "{url}"
[orders]
table = "shop.Sales 2024"
columns = {{customer_id = "who", ordered_at = "day", amount = "paid"}}
[customers]
table = "people"
columns = {{customer_id = "who"}}
[tickets]
query = """
SELECT id AS ticket_id, who AS customer_id, at AS created_at FROM tickets_raw -- all of this century
WHERE at > '2000-01-01'"""
''',
        encoding="utf-8",
    )
    base = kpilib.open(toml)
    assert {name: account.kept for name, account in base.accounts.items()} == {
        "orders": 2,
        "customers": 1,
        "tickets": 1,
    }
    assert "kind" in base.dimensions


def test_all_tables_are_read_at_one_moment(database, server):
    _, cursor = database
    cursor.execute(ORDERS)
    cursor.execute(ROWS)
    server.names()
    cursor.execute("INSERT INTO orders VALUES ('late', '2024-03-01', 1)")
    frame = server.read(Asked("orders", table="orders"), DuckEngine())
    assert len(frame.to_native().to_arrow_table()) == 2


def test_a_connection_that_breaks_off_is_taken_up_again(database, server, monkeypatch):
    _, cursor = database
    cursor.execute(ORDERS)
    cursor.execute(ROWS)
    monkeypatch.setattr(module, "_WAIT", 0.01)
    server.names()
    cursor.execute(TERMINATE)
    cursor.fetchall()
    frame = server.read(Asked("orders", table="orders"), DuckEngine())
    assert len(frame.to_native().to_arrow_table()) == 2


def test_a_connection_that_breaks_off_while_rows_stream_is_taken_up_again(
    database, server, monkeypatch
):
    _, cursor = database
    cursor.execute(
        "CREATE TABLE orders AS SELECT n, repeat('x', 900) t FROM generate_series(1, 40000) n"
    )
    monkeypatch.setattr(module, "_WAIT", 0.01)
    read_in, calls = DuckEngine.read_in, []

    def broken_once(self, rows, picked):
        calls.append(picked)
        if len(calls) == 1:
            cursor.execute(TERMINATE)
            cursor.fetchall()
        return read_in(self, rows, picked)

    monkeypatch.setattr(DuckEngine, "read_in", broken_once)
    frame = server.read(Asked("orders", table="orders"), DuckEngine())
    assert frame.to_native().aggregate("count(*), sum(n)").fetchall() == [(40000, 800020000)]
    assert len(calls) == 2


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM orders RETURNING *",
        "SELECT 1) AS q; DROP TABLE orders; --",
        "INSERT INTO orders VALUES ('x', now(), 1) RETURNING *",
        "SELECT setval('counter', 7)",
    ],
)
def test_a_query_reads_and_nothing_else(database, tmp_path, query):
    url, cursor = database
    cursor.execute(ORDERS)
    cursor.execute("CREATE SEQUENCE counter")
    cursor.execute(ROWS)
    toml = tmp_path / "kpilib.toml"
    toml.write_text(f'data = "{url}"\n[orders]\nquery = """{query}"""\n')
    with pytest.raises(InputError, match=r"\[orders\] query: "):
        kpilib.open(toml)
    cursor.execute("SELECT count(*), (SELECT last_value FROM counter) FROM orders")
    assert cursor.fetchall() == [(2, 1)]


def test_what_is_not_there_is_named(database, tmp_path):
    url, cursor = database
    cursor.execute("CREATE TABLE bestellungen (a int)")
    with pytest.raises(InputError, match=r"no table named after ours, like orders: it has best"):
        kpilib.open(url)
    toml = tmp_path / "kpilib.toml"
    toml.write_text(f'data = "{url}"\n[orders]\ntable = "bestellunge"\n')
    with pytest.raises(InputError, match=r"no table 'bestellunge'; did you mean 'bestellungen'"):
        kpilib.open(toml)


def test_a_query_that_the_server_stops_is_named(database, tmp_path):
    url, cursor = database
    cursor.execute(ORDERS)
    cursor.execute(ROWS)
    cursor.execute("CREATE VIEW slow AS SELECT o.* FROM orders o, LATERAL pg_sleep(60)")
    toml = tmp_path / "kpilib.toml"
    limited = f"{url}{'&' if '?' in url else '?'}options=-c%20statement_timeout%3D300"
    toml.write_text(f'data = "{limited}"\n[orders]\ntable = "slow"\n')
    with pytest.raises(InputError, match=r"slow: canceling statement due to statement timeout"):
        kpilib.open(toml)


def test_a_server_that_goes_away_without_a_word_is_noticed(database, monkeypatch):
    asked = []
    url, _ = database
    monkeypatch.setattr("adbc_driver_postgresql.dbapi.connect", asked.append)
    for wanted in (url, f"{url}{'&' if '?' in url else '?'}keepalives_idle=5"):
        with pytest.raises(AttributeError):
            module.Postgres(Address(wanted))
    assert all("keepalives_count=3" in one and "connect_timeout=" in one for one in asked)
    assert asked[1].count("keepalives_idle=") == 1 and "keepalives_idle=30" in asked[0]


def test_no_server_is_said_with_what_to_check():
    with pytest.raises(InputError, match=r"no connection \(.*\); check host, port"):
        kpilib.open("postgresql://nobody@127.0.0.1:9/none")
