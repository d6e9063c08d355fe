"""The engines that hold and compute the rows: DuckDB, or Polars or Spark where the data are.

Everything above this package speaks narwhals; what an engine's own dialect must do is here.
"""

from kpilib.engines.base import Engine

__all__ = ["Engine"]
