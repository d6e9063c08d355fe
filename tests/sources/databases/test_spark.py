"""Spark Connect by its URL: the rows stay in Spark, and the KPIs are the same."""

import pandas as pd
import pytest

import kpilib

pytest.importorskip("grpc", reason="Spark Connect's packages are no part of the tests' own")


@pytest.fixture
def url(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
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
    yield "spark://localhost:15002"
    session.stop()


@pytest.mark.filterwarnings("ignore")
def test_tables_of_a_spark_connect_server_stay_there(url):
    base = kpilib.open(url, lapse_window=30)
    assert base.engine.name == "spark"
    assert base.kpi("revenue", "2024-01").value == 3.5
