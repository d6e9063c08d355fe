"""Spark Connect by its URL: the rows stay in Spark, and the KPIs are the same."""

import time

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.loading import bounded, load

pytest.importorskip("grpc", reason="Spark Connect's packages are no part of the tests' own")


URL = "spark://localhost:15002"


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path_factory.mktemp("spark"))
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield from connected()


def connected():
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if SparkContext._active_spark_context is not None:
        pytest.skip("a regular Spark session runs in this process already")
    remote = SparkSession.builder.remote("local[1]")
    session = remote.config("spark.sql.shuffle.partitions", "1").getOrCreate()
    orders = pd.DataFrame(
        {
            "customer_id": ["a", "b", "a"],
            "ordered_at": ["2024-01-05", "2024-01-06", "2024-03-01"],
            "amount": [1.5, 2.0, 3.0],
        }
    )
    session.createDataFrame(orders).createOrReplaceTempView("orders")
    yield session
    session.stop()


@pytest.mark.filterwarnings("ignore")
def test_tables_of_a_spark_connect_server_stay_there(session):
    base = kpilib.open(URL, lapse_window=30)
    assert base.engine.name == "spark"
    assert base.kpi("revenue", "2024-01").value == 3.5


@pytest.mark.filterwarnings("ignore")
def test_an_expression_that_takes_too_long_is_stopped_on_the_server(session, monkeypatch):
    monkeypatch.setattr(bounded, "LONGEST", 3.0)
    monkeypatch.setattr(bounded, "A_ROW", 0.0)
    row = ("id AS customer_id", "'2025-01-05' AS ordered_at", "1 AS amount")
    orders = session.range(0, 2_000, 1, 400).selectExpr(*row, "concat(repeat('a', 30), id) AS note")
    options = {"columns": {"size": "regexp_replace(note, 'a*a*a*a*a*a*c', '')"}}
    began = time.monotonic()
    with pytest.raises(InputError, match=r"columns\.size = .*a\*a\*.* takes too long"):
        load(orders=orders, options={"orders": options})
    assert time.monotonic() - began < 60
    assert session.range(3).count() == 3, "the session goes on"
