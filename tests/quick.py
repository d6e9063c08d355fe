"""Small businesses opened on Polars, which reads and answers them in a third of DuckDB's time.

For tests of what a number is. That it is the same number on every engine is what
`tests/engines/test_all_answers.py` and the oracle hold; `TEST_ENGINE=duckdb` opens these on DuckDB
too, as a user's frames are.
"""

import os
from functools import lru_cache

import pandas as pd

import kpilib
from kpilib.demo import tiny_tables
from kpilib.engines import Engine
from kpilib.engines.duck import DuckEngine
from kpilib.engines.polars import PolarsEngine
from tests.engines.frames import to_polars

ENGINE = os.environ.get("TEST_ENGINE", "polars")


def engine() -> Engine:
    """A new engine, for frames of a test."""
    return PolarsEngine() if ENGINE == "polars" else DuckEngine()


def opened(**given):
    """The base of frames and settings, as `kpilib.open` takes them."""
    frames = {name: one for name, one in given.items() if isinstance(one, pd.DataFrame)}
    return kpilib.open(**given | (to_polars(frames) if ENGINE == "polars" else {}))


@lru_cache(maxsize=1)
def tiny_shop():
    """The tiny shop of all examples; for tests that only ask it."""
    return opened(
        **tiny_tables(),
        currency="GBP",
        lapse_window=45,
        as_of="2026-05-01",
        time_zone="Europe/London",
    )
