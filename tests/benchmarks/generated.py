"""Big purchase logs as Parquet, made once: `python tests/benchmarks/generated.py 1M 10M 100M`.

BG/NBD businesses of two years, about three purchases a customer at 1M and 10M and about ten at 100M
(so that there are ten million customers), in order of time, as a log is: `customer_id` (int64),
`ordered_at` (timestamp without zone), `amount` (float64).
"""

import os
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from generate import START, bgnbd_times

SIZES = {"1M": 1_000_000, "10M": 10_000_000, "100M": 100_000_000}
_THREE, _TEN = (0.6, 60.0, 0.8, 4.0), (1.2, 30.0, 0.6, 10.0)
"""r, alpha, a and b for so many purchases a customer."""
_CHUNK = 1_000_000


def cache_folder() -> Path:
    """Where the files are kept; `KPILIB_BENCHMARK_DATA` moves it."""
    default = Path(tempfile.gettempdir()) / "kpilib-benchmark-data"
    folder = Path(os.environ.get("KPILIB_BENCHMARK_DATA", default))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def purchases(size: str) -> Path:
    """The Parquet file of `size` (1M, 10M, 100M) purchases, made where it is not there yet."""
    path = cache_folder() / f"purchases-{size}.parquet"
    if not path.exists():
        _write(path, SIZES[size], _TEN if size == "100M" else _THREE)
    return path


def _write(path: Path, rows: int, law: tuple[float, float, float, float]) -> None:
    unsorted = path.with_suffix(".unsorted")
    rng = np.random.default_rng(rows)
    done, customers, writer = 0, 0, None
    while done < rows:
        who, when = bgnbd_times(rng, _CHUNK // 4, 730, *law, 730)
        order = np.argsort(who, kind="stable")[: rows - done]  # whole customers, but for the last
        who, when = who[order] + customers + 1, when[order]
        table = pa.table(
            {
                "customer_id": who,
                "ordered_at": np.datetime64(START, "us")
                + (when * 86_400).astype("int64").astype("timedelta64[s]"),
                "amount": rng.gamma(2.0, 15.0, len(who)).round(2) + 0.01,
            }
        )
        writer = writer or pq.ParquetWriter(unsorted, table.schema)
        writer.write_table(table)
        done, customers = done + len(who), int(who.max())
    if writer:
        writer.close()
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '4GB'")
        connection.execute(f"SET temp_directory = '{path.parent / 'spill'}'")
        connection.execute(
            f"COPY (SELECT * FROM read_parquet('{unsorted}') ORDER BY ordered_at) "
            f"TO '{path}.part' (FORMAT parquet)"
        )
    unsorted.unlink()
    Path(f"{path}.part").rename(path)


if __name__ == "__main__":
    for size in sys.argv[1:] or ["1M"]:
        print(purchases(size))
