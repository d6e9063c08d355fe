"""Every KPI and every analysis on a business with every table: the answers of DuckDB."""

import numpy as np
import pandas as pd
import pytest

from kpilib.engines.spark import SparkEngine
from kpilib.registry.definitions import analyses, registry
from tests.answers import answers_of, load_small, moved, open_small
from tests.engines.frames import to_polars

KPIS, ANALYSES = tuple(registry()), tuple(analyses())
NUMBERS = ("value", "low", "high", "numerator", "denominator", "n")


@pytest.fixture(scope="module")
def on_polars(small_tables):
    return answers_of(open_small(to_polars(small_tables)))


class LocalSpark(SparkEngine):
    """Spark that keeps what it computed as rows, so that a plan does not grow from all before it.

    How Spark loads is asked in `test_spark.py`; these tables were loaded by DuckDB.
    """

    def keep(self, frame):
        return self.adopt(frame.to_native().toArrow())  # pandas would make ids floats beside none


@pytest.fixture(scope="module")
def on_spark(small_tables, spark):
    return answers_of(moved(load_small(small_tables), LocalSpark(spark)))


def numbers(values, kpi_id):
    """A KPI's statuses and numbers, the details last, one row per part."""
    mine = [value for value in values if value.id == kpi_id]
    rows = [
        {"segment": value.segment, "status": str(value.status)}
        | {name: getattr(value, name) for name in NUMBERS}
        | dict(value.details)
        for value in mine
    ]
    assert rows
    return pd.DataFrame(rows)


def assert_alike(found, expected):
    """Equal words, numbers equal to rounding, whatever order they were summed in."""
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    for name in expected.columns:
        one, other = found[name], expected[name]
        if pd.api.types.is_numeric_dtype(pd.Series(other.tolist())):
            np.testing.assert_allclose(
                one.to_numpy(float), other.to_numpy(float), rtol=1e-6, atol=1e-9, err_msg=name
            )
        else:
            assert one.fillna("").astype(str).tolist() == other.fillna("").astype(str).tolist()


def ordered(table):
    """By customer where the rows are customers, among whom equal values stand in any order."""
    keyed = "customer_id" in table.columns
    return table.sort_values("customer_id", ignore_index=True) if keyed else table


@pytest.mark.parametrize("kpi_id", KPIS)
def test_a_kpi_is_the_same_on_polars(kpi_id, small_answers, on_polars):
    assert_alike(numbers(on_polars.values, kpi_id), numbers(small_answers.values, kpi_id))


@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_is_the_same_on_polars(name, small_answers, on_polars):
    assert_alike(ordered(on_polars.analyses[name]), ordered(small_answers.analyses[name]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("kpi_id", KPIS)
def test_a_kpi_is_the_same_on_spark(kpi_id, small_answers, on_spark):
    assert_alike(numbers(on_spark.values, kpi_id), numbers(small_answers.values, kpi_id))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", ANALYSES)
def test_an_analysis_is_the_same_on_spark(name, small_answers, on_spark):
    assert_alike(ordered(on_spark.analyses[name]), ordered(small_answers.analyses[name]))
