"""Loading on a real Spark: the same rows and the same account, whatever zone its session is in."""

import time

import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.loading import bounded, load

TABLE = pd.DataFrame(
    {
        "CustomerID": ["a ", " ", None, "nan", "b", "b", "c", "d"],
        "when": [
            *("2025-03-30T01:30:00", "2025-10-26 01:30", "2025-01-01", "2025-1-2", "31/12/2025"),
            *("2025-02-30", "2025-01-01T10:00:00+05:30", "2025-01-01 10:00:00.5"),
        ],
        "amt": ["1,234.5", "2", "x", "inf", "-3", "1e3", "-4", "7"],
        "order_id": [1.0, 2, None, 1, 1, 1, 1, 1],
        "segment": ["x", "y", None, "x", "x", "x", "z", "z"],
    }
)
OPTIONS = {
    "columns": {"customer_id": "CustomerID", "ordered_at": "when", "amount": "amt"},
    "leave_out": {"big": "order_id > 10"},
}


@pytest.fixture(scope="module")
def session(spark):
    session = spark.newSession()
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    return session


REFUNDS = pd.DataFrame(
    {
        "customer_id": ["c", "d", "d", None],
        "refunded_at": pd.to_datetime(["2025-03-30 00:59:59.5", "2025-03-30 01:30:00.0"] * 2),
        "amount": [1.0, float("inf"), 3.0, 4.0],
        "refund_id": [1, 2, 2, 3],
    }
)


def outcome(orders, refunds):
    loaded = load(
        orders=orders,
        refunds=refunds,
        options={"orders": OPTIONS},
        gate=False,
        time_zone="Europe/London",
    )
    accounts = {name: (a.left_out, a.notes) for name, a in loaded.accounts.items()}
    tables = {
        name: loaded.engine.collect(frame).sort_values(["customer_id", "amount"]).to_dict("list")
        for name, frame in loaded.tables.items()
    }
    return loaded.engine.name, (tables, accounts, loaded.as_of)


@pytest.mark.filterwarnings("ignore")
def test_spark_says_what_duckdb_says(session):
    from kpilib.engines.spark import SparkEngine

    duckdb, expected = outcome(TABLE, REFUNDS)
    spark, found = outcome(SparkEngine(session).adopt(TABLE).to_native(), REFUNDS)
    assert (duckdb, spark) == ("duckdb", "spark")
    assert found == expected


WRITTEN = pd.DataFrame(
    {
        "order_id": ["1", "1", "2", "3", "4"],
        "customer_id": ["a", "a", "khách lẻ", "Guest", "b"],
        "ordered_at": [
            *("Fri, 05 Jan 2024 14:05:09 +0000", "Fri, 05 Jan 2024 14:05:09 +0000"),
            *("2024年1月6日", "Jan 7, 2024, 2:05 PM", "15-Jan-24"),
        ],
        "amount": ["€1.234,50", "(12,50)", "1\u202f234,00", "5,-", "7,25 €"],
        "status": ["paid", "paid", "wc-completed", "Đã giao", "green"],
    }
)


@pytest.mark.filterwarnings("ignore")
def test_spark_reads_what_people_write_as_duckdb_does(session):
    found = []
    for table in (WRITTEN, session.createDataFrame(WRITTEN)):
        loaded = load(orders=table, gate=False)
        account = loaded.accounts["orders"]
        kept = loaded.engine.collect(loaded.tables["orders"]).sort_values("order_id")
        found.append((kept.to_dict("list"), account.left_out, account.notes, account.statuses))
    assert found[0] == found[1]
    assert found[0][0]["amount"] == [1234.5, 7.25]
    assert found[0][1] == {"customer_id means nobody": 2}


@pytest.mark.filterwarnings("ignore")
def test_an_expression_that_takes_too_long_is_stopped_there_and_named(session, monkeypatch):
    monkeypatch.setattr(bounded, "LONGEST", 3.0)
    monkeypatch.setattr(bounded, "A_ROW", 0.0)
    rows = [(n, "2025-01-05", 1, "a" * 30 + "!") for n in range(2_000)]
    tried_again_and_again = "regexp_replace(note, 'a*a*a*a*a*a*c', '')"
    options = {"columns": {"channel": "upper(note)", "size": tried_again_and_again}}
    orders = session.createDataFrame(rows, ["customer_id", "ordered_at", "amount", "note"])
    began = time.monotonic()
    with pytest.raises(InputError, match=r"columns\.size = .*a\*a\*.* takes too long"):
        load(orders=orders, options={"orders": options})
    assert time.monotonic() - began < 60
    assert session.createDataFrame([(1,)], ["x"]).count() == 1, "the session goes on"
