"""A table's columns have bounds: how many there are, and how deep values lie within values."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.sources.source import MOST_COLUMNS

ROW = {"customer_id": "a", "ordered_at": "2026-01-05", "amount": 1.5}


def wide(columns):
    return ROW | {f"c{place}": 1 for place in range(columns - len(ROW))}


@pytest.mark.parametrize("columns", [MOST_COLUMNS + 1, 100_000])
@pytest.mark.parametrize("kind", ["csv", "headless.csv", "json", "jsonl", "parquet", "frame"])
def test_more_columns_than_can_be_read_are_refused(tmp_path, kind, columns):
    if kind in ("parquet", "frame") and columns > 10_000:
        pytest.skip("slow to write")
    row = wide(columns)
    path = tmp_path / f"orders.{kind}"
    options = {}
    if kind.endswith("csv"):
        path.write_text(",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n")
        options = {"header": 0} if kind.startswith("headless") else {}
    elif kind == "parquet":
        pq.write_table(pa.table({name: [value] for name, value in row.items()}), path)
    else:
        path.write_text(json.dumps([row] if kind == "json" else row))
    source = pd.DataFrame([row]) if kind == "frame" else str(path)
    with pytest.raises(InputError, match=r"more than 2,000 columns.*save those that matter"):
        load(orders=source, options={"orders": options})


def test_joined_columns_count_too(tmp_path):
    pd.DataFrame([wide(1500)]).to_csv(tmp_path / "orders.csv", index=False)
    more = {"customer_id": "a"} | {f"d{place}": 1 for place in range(1500)}
    pd.DataFrame([more]).to_csv(tmp_path / "more.csv", index=False)
    (tmp_path / "kpilib.toml").write_text(
        '[orders]\nfile = "orders.csv"\njoin = {file = "more.csv", on = "customer_id"}\n'
    )
    with pytest.raises(InputError, match=r"more than 2,000 columns"):
        load(tmp_path / "kpilib.toml")


def deep(levels, make):
    kind = pa.int32()
    for _ in range(levels):
        kind = make(kind)
    columns = {name: [value] for name, value in ROW.items()}
    return pa.table(columns | {"deep)": pa.array([None], kind)})


@pytest.mark.parametrize("make", [lambda kind: pa.struct([("a(b", kind)]), pa.list_])
def test_values_within_values_are_read_to_a_depth(tmp_path, make):
    path = tmp_path / "orders.parquet"
    pq.write_table(deep(5, make), path)
    assert load(str(path)).accounts["orders"].kept == 1
    pq.write_table(deep(300, make), path)
    with pytest.raises(InputError, match=r"values within values|not a Parquet file that can be"):
        load(str(path))
