"""What loading costs beside reading the same file plainly, in CPU seconds and peak memory.

Run by hand: `python tests/benchmarks/loading.py [rows]`. Each line is a process of its own. `scan`
reads the three columns in DuckDB and adds them up; `pandas` reads the file into typed columns.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

CASES = {
    "parquet, 3 columns": ("plain.parquet", "UTC"),
    "parquet, 3 columns, Europe/London": ("plain.parquet", "Europe/London"),
    "parquet with order_id and currency": ("full.parquet", "Europe/London"),
    "csv, 3 columns": ("plain.csv", "Europe/London"),
}


def make(folder: Path, rows: int) -> None:
    """Orders over two years, one customer in four of the rows, as Parquet and as CSV."""
    columns = f"""
        (random() * {rows} / 4)::BIGINT AS customer_id,
        date_trunc('second', TIMESTAMP '2024-01-01' + INTERVAL (random() * 730 * 86400) SECOND)
            AS ordered_at,
        round(random() * 100, 2) AS amount
    """
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE orders AS SELECT {columns} FROM range({rows})")
    connection.execute(f"COPY orders TO '{folder / 'plain.parquet'}'")
    connection.execute(f"COPY orders TO '{folder / 'plain.csv'}'")
    connection.execute(
        "COPY (SELECT *, row_number() OVER () AS order_id, 'EUR' AS currency FROM orders) "
        f"TO '{folder / 'full.parquet'}'"
    )


def kpilib(path: Path, zone: str) -> None:
    """Load it, the account of every row included."""
    from kpilib.loading import load

    load(path, time_zone=zone)


def scan(path: Path, zone: str) -> None:
    """Read the three columns once in DuckDB."""
    duckdb.sql(f"SELECT sum(customer_id), max(ordered_at), sum(amount) FROM '{path}'").fetchall()


def pandas(path: Path, zone: str) -> None:
    """Read it into a typed frame."""
    import pandas as pd

    if path.suffix == ".csv":
        pd.read_csv(path, parse_dates=["ordered_at"])
    else:
        pd.read_parquet(path)


def main(rows: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), rows)
        print(f"{rows:,} rows{'':22} {'kpilib':>16} {'scan':>16} {'pandas':>16}")
        for name, (file, zone) in CASES.items():
            cells = []
            for way in ("kpilib", "scan", "pandas"):
                command = [sys.executable, __file__, way, str(Path(folder) / file), zone]
                cells.append(subprocess.run(command, capture_output=True, text=True, check=True))
            print(f"{name:36}", *(f"{cell.stdout.strip():>16}" for cell in cells))


if __name__ == "__main__":
    if len(sys.argv) > 3:
        start = time.process_time()
        globals()[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{time.process_time() - start:.2f} s, {peak:.2f} GB")
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
