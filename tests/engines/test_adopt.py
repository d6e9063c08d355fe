"""Frames of every kind come in with their values, and results go out in plain types."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kpilib.engines import engine_for
from kpilib.engines.duck import DuckEngine
from kpilib.engines.frames import plain, scannable
from kpilib.engines.polars import PolarsEngine
from kpilib.errors import InputError
from kpilib.loading import load

PANDAS = pd.DataFrame(
    {
        "customer_id": [1, 2, 3],
        "ordered_at": pd.to_datetime(["2026-01-05 10:00", "2026-01-06 00:00", "2026-01-07 00:00"]),
        "amount": [1.5, 2.0, 0.25],
        "colour": ["red", "blue", None],
    }
)


def ibis_table():
    ibis = pytest.importorskip("ibis", reason="ibis is not installed")
    try:
        table = ibis.polars.connect({"orders": pl.from_pandas(PANDAS)}).table("orders")
        table.limit(0).to_pyarrow()
    except Exception as error:  # an ibis that does not go with the polars that is here
        pytest.skip(f"this ibis cannot make a table: {error}")
    return table


FRAMES = {
    "pandas": lambda: PANDAS,
    "pandas, backwards": lambda: PANDAS.iloc[::-1],
    "pandas, indexed": lambda: PANDAS.set_index("customer_id"),
    "pandas, arrow types": lambda: PANDAS.convert_dtypes(dtype_backend="pyarrow"),
    "pandas, nullable types": lambda: PANDAS.convert_dtypes(),
    "polars": lambda: pl.from_pandas(PANDAS),
    "polars, lazy": lambda: pl.from_pandas(PANDAS).lazy(),
    "relation": lambda: duckdb.from_df(PANDAS),
    "arrow": lambda: pa.Table.from_pandas(PANDAS),
    "ibis": ibis_table,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_any_kind_gives_the_same_orders(kind):
    loaded = load(orders=FRAMES[kind](), time_zone="Europe/Paris")
    assert loaded.engine.name == ("polars" if kind.startswith("polars") else "duckdb")
    found = loaded.engine.collect(loaded.tables["orders"]).sort_values("customer_id")
    assert found["amount"].tolist() == [1.5, 2, 0.25]
    assert (found["ordered_second"] - found["ordered_day"] * 86400).tolist() == [
        32400,
        -3600,
        -3600,
    ]
    types = dict(found.dtypes.astype(str))
    assert [types[name] for name in list(types)[:4]] == ["int64"] * 3 + ["float64"]
    assert found["colour"].fillna("-").tolist() == ["red", "blue", "-"]


@pytest.mark.parametrize("kind", [DuckEngine, PolarsEngine])
def test_what_is_kept_and_collected_is_plain(kind):
    import narwhals.stable.v2 as nw

    engine = kind()
    frame = engine.frame(
        pd.DataFrame({"n": [1, 2, 3], "s": ["a", None, "c"], "b": [True, False, True]})
    )
    kept = engine.keep(frame.with_columns(half=nw.col("n") / 2))
    assert dict(engine.collect(kept).dtypes.astype(str)) == {
        "n": "int64",
        "s": "str",
        "b": "bool",
        "half": "float64",
    }
    total = engine.collect(kept.group_by("b").agg(nw.col("n").sum()).sort("b"))
    assert total["n"].tolist() == [2, 4]
    assert total["n"].dtype == "int64"


def test_the_engine_follows_the_orders():
    polars, pandas = pl.from_pandas(PANDAS), PANDAS
    customers = pd.DataFrame({"customer_id": [1, 2], "segment": ["x", "y"]})
    loaded = load(orders=polars, customers=customers)
    assert loaded.engine.name == "polars"
    assert loaded.engine.collect(loaded.tables["customers"])["segment"].tolist() == ["x", "y"]
    assert engine_for([pandas, polars]).name == "polars"
    assert engine_for(["a path"]).name == "duckdb"


def test_a_file_beside_a_polars_frame_comes_along(tmp_path):
    (tmp_path / "refunds.csv").write_text("customer_id,refunded_at,amount\n1,2026-01-09,1\n")
    loaded = load(orders=pl.from_pandas(PANDAS), refunds=tmp_path / "refunds.csv")
    assert loaded.engine.collect(loaded.tables["refunds"])["amount"].tolist() == [1]


@pytest.mark.parametrize(
    ("values", "out"),
    [
        ([1, "a", None], ["1", "a", None]),
        ([1.0, "a"], ["1", "a"]),
        ([1, None], [1, None]),
        ([dt.date(2026, 1, 5), None], [dt.date(2026, 1, 5), None]),
        ([b"x", 1], ["b'x'", "1"]),
        ([True, None], [True, None]),
    ],
)
def test_columns_of_objects_become_uniform(values, out):
    table = pd.DataFrame({"x": pd.Series(values, dtype="object")})
    found = scannable(table)["x"].tolist()
    assert [None if value is None or pd.isna(value) else value for value in found] == out


def test_periods_and_categories_are_read():
    table = pd.DataFrame(
        {
            "p": pd.period_range("2026-01", periods=2, freq="M"),
            "c": pd.Categorical([1, None], categories=[1, 2]),
        }
    )
    found = scannable(table)
    assert found["p"].tolist() == list(pd.to_datetime(["2026-01-01", "2026-02-01"]))
    assert found["c"].dtype == "Int64"


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(InputError, match="two columns called 'x'; rename"):
        scannable(pd.DataFrame([[1, 2]], columns=["x", "x"]))


def test_plain_leaves_no_extension_types():
    table = pd.DataFrame(
        {
            "i": pd.array([1, 2], dtype="Int32"),
            "n": pd.array([1, None], dtype="Int64"),
            "f": np.array([1, 2], dtype="float32"),
            "b": pd.array([True, False], dtype="boolean"),
            "o": pd.Series(["a", None], dtype="object"),
        }
    )
    types = ["int64", "float64", "float64", "bool", "str"]
    assert list(plain(table).dtypes.astype(str)) == types


@pytest.mark.parametrize("kind", [DuckEngine, PolarsEngine])
@pytest.mark.parametrize(
    ("values", "repeats"),
    [
        ([3, 1, 2], False),
        ([3, 1, 3], True),
        ([-5, -5], True),
        ([0, 2**62], False),
        ([2**62, 2**62, -(2**62)], True),
        (["a", "b"], False),
        (["a", "b", "a"], True),
        ([], False),
    ],
)
def test_repeats_are_found(kind, values, repeats):
    engine = kind()
    dtype = "str" if values and isinstance(values[0], str) else "int64"
    frame = engine.frame(pd.DataFrame({"x": pd.Series(values, dtype=dtype)}))
    assert (engine.repeated(frame, ["x"]) is not None) == repeats
