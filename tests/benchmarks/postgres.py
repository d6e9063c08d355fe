"""Ten million orders out of a PostgreSQL: `python tests/benchmarks/postgres.py URL [ROWS]`.

The database must be one's own: a schema `kpilib_benchmark` is made in it and dropped again. Beside
the whole, the driver's own reading of the same rows into Arrow is timed, in the same run.
"""

import sys
import time

from adbc_driver_postgresql import dbapi

from kpilib.sources.find import find

SCHEMA = "kpilib_benchmark"
ROWS = f"""
CREATE TABLE {SCHEMA}.orders AS
SELECT n AS order_id, (1 + random() * 1e6)::bigint::text AS customer_id,
       timestamp '2020-01-01' + random() * 1500 * interval '1 day' AS ordered_at,
       (random() * 200)::numeric(12, 2) AS amount
FROM generate_series(1, {{rows}}) AS n
"""


def timed(what):
    """What it gives, and the seconds of wall time and of this process's CPU that it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    return what(), time.perf_counter() - wall, time.process_time() - cpu


def main(url: str, rows: int) -> None:
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(ROWS.format(rows=rows))
        try:
            cursor.execute(f"SELECT sum(amount) FROM {SCHEMA}.orders")
            ((total,),) = cursor.fetchall()

            def plainly():
                cursor.execute(f"SELECT * FROM {SCHEMA}.orders")
                return cursor.fetch_arrow_table().num_rows

            _, *raw = timed(plainly)
            tables = {"orders": {"table": f"{SCHEMA}.orders"}}
            found, *ours = timed(lambda: find(url, tables, {}))
            relation = found.tables["orders"].frame.to_native()
            ((read, count),) = relation.aggregate("sum(amount), count(*)").fetchall()
            assert str(read) == str(total) and count == rows, (read, total, count)
            print(f"{rows:,} rows, sum {read} exactly")
            print(f"driver alone  {raw[0]:6.1f} s wall  {raw[1]:6.1f} s CPU")
            print(f"kpilib        {ours[0]:6.1f} s wall  {ours[1]:6.1f} s CPU")
        finally:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000)
