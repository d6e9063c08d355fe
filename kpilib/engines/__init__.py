"""The engines that hold and compute the rows: DuckDB, or Polars or Spark where the data are.

Everything above this package speaks narwhals; what an engine's own dialect must do is here.
"""

from collections.abc import Iterable
from typing import Any

from kpilib.engines.base import Engine

__all__ = ["Engine", "engine_for", "is_frame"]

_FRAMES = ("pandas", "polars", "pyarrow", "_duckdb", "duckdb", "pyspark", "ibis")


def is_frame(table: Any) -> bool:
    """Whether an object is a table of a kind that some engine takes in.

    >>> import pandas
    >>> is_frame(pandas.DataFrame()), is_frame([1, 2])
    (True, False)
    """
    return hasattr(type(table), "columns") and _home(table) in _FRAMES


def engine_for(tables: Iterable[Any]) -> Engine:
    """The engine of the first table that lives in Polars or Spark; DuckDB for all others.

    >>> import pandas
    >>> engine_for([pandas.DataFrame()]).name
    'duckdb'
    """
    for table in tables:
        home = _home(table)
        if home == "polars":
            from kpilib.engines.polars import PolarsEngine

            return PolarsEngine()
        if home == "pyspark":
            from kpilib.engines.spark import SparkEngine

            return SparkEngine(table.sparkSession)
    from kpilib.engines.duck import DuckEngine

    return DuckEngine()


def _home(table: Any) -> str:
    return type(table).__module__.split(".")[0]
