"""pandas tables as the frames of other engines, for tests that ask every engine alike."""

import pytest


def to_polars(tables):
    pl = pytest.importorskip("polars", reason="polars is not installed")
    return {name: pl.from_pandas(table) for name, table in tables.items()}


def to_spark(session, tables):
    import pyarrow as pa

    return {
        name: session.createDataFrame(pa.Table.from_pandas(table, preserve_index=False))
        for name, table in tables.items()
    }
