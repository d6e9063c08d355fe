"""Ledger and retention over twelve months: kpilib beside raw DuckDB SQL and plain pandas.

    python tests/benchmarks/ledger.py 1M 10M

Each contender is a process of its own that reads the same Parquet file and answers the same
question; CPU seconds and peak memory are the operating system's own account of it, imports
included. Wanted: less CPU than raw SQL and than pandas, under 1.5 GB; `kpilib
--help` under .4 CPU-seconds and `kpilib list` under 1.2.
"""

import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

WINDOW = 90
FLAGS = ("opening", "new", "reactivated", "lost", "closing", "retained")


def months(path: Path):
    """The last twelve whole months of the file."""
    import duckdb
    import pandas as pd

    with duckdb.connect() as connection:
        last = connection.execute(f"SELECT max(ordered_at) FROM '{path}'").fetchone()[0]
    ends = pd.date_range(end=last, periods=13, freq="MS").normalize()
    return [(day_number(a), day_number(b)) for a, b in pairwise(ends)]


def day_number(stamp) -> int:
    return int(stamp.timestamp() // 86_400)


def with_kpilib(path: Path) -> list[list[int]]:
    import kpilib
    from kpilib.periods import Period, day_date

    base = kpilib.open(orders=path, lapse_window=WINDOW)
    periods = [Period(day_date(a), day_date(b)) for a, b in months(path)]
    found: dict[str, dict[str, int]] = {}
    for value in base.trend("customer_ledger", periods):
        found.setdefault(value.period.label, {})[value.segment] = int(value.value)
    for value in base.trend("retention_rate", periods):
        found[value.period.label]["retained"] = int(value.numerator)
    return [[one[flag] for flag in FLAGS] for one in found.values()]


def with_sql(path: Path) -> list[list[int]]:
    import duckdb

    connection = duckdb.connect()
    connection.execute(
        f"""
        CREATE TABLE spells AS
        WITH days AS (
            SELECT DISTINCT customer_id, (epoch_us(ordered_at) // 86400000000)::int AS day
            FROM '{path}' WHERE customer_id IS NOT NULL AND ordered_at IS NOT NULL
        ), gaps AS (
            SELECT customer_id, day, lag(day) OVER w AS before FROM days
            WINDOW w AS (PARTITION BY customer_id ORDER BY day)
        ), numbered AS (
            SELECT customer_id, day,
                sum(CASE WHEN before IS NULL OR day - before > {WINDOW} THEN 1 ELSE 0 END)
                    OVER (PARTITION BY customer_id ORDER BY day) AS spell
            FROM gaps
        )
        SELECT customer_id, spell, min(day) AS start, max(day) + {WINDOW} AS stop
        FROM numbered GROUP BY ALL
        """
    )
    values = ", ".join(f"({place}, {a}, {b})" for place, (a, b) in enumerate(months(path)))
    rows = connection.execute(
        f"""
        WITH periods(period, opens, closes) AS (VALUES {values}), ledger AS (
            SELECT period, customer_id, bool_or(start < opens) AS o, bool_or(stop >= closes) AS c,
                bool_or(spell = 1 AND start >= opens) AS n
            FROM spells, periods WHERE start < closes AND stop >= opens GROUP BY ALL
        )
        SELECT count(*) FILTER (o), count(*) FILTER (n), count(*) FILTER (NOT o AND NOT n),
            count(*) FILTER (NOT c), count(*) FILTER (c), count(*) FILTER (o AND c)
        FROM ledger GROUP BY period ORDER BY period
        """
    ).fetchall()
    return [list(row) for row in rows]


def with_pandas(path: Path) -> list[list[int]]:
    import pandas as pd

    orders = pd.read_parquet(path)
    orders = orders[orders["customer_id"].notna() & orders["ordered_at"].notna()]
    day = orders["ordered_at"].astype("datetime64[s]").astype("int64") // 86_400
    days = pd.DataFrame({"customer_id": orders["customer_id"], "day": day.astype("int32")})
    days = days.drop_duplicates().sort_values(["customer_id", "day"], ignore_index=True)
    same = days["customer_id"].eq(days["customer_id"].shift())
    opens = ~same | (days["day"].diff() > WINDOW)
    place = opens.to_numpy().nonzero()[0]
    spells = pd.DataFrame(
        {
            "customer_id": days["customer_id"].to_numpy()[place],
            "start": days["day"].to_numpy()[place],
            "stop": days["day"].to_numpy()[[*(place[1:] - 1), len(days) - 1]] + WINDOW,
            "first": ~same.to_numpy()[place],
        }
    )
    found = []
    for a, b in months(path):
        touching = spells[(spells["start"] < b) & (spells["stop"] >= a)]
        flags = pd.DataFrame(
            {
                "customer_id": touching["customer_id"],
                "o": touching["start"] < a,
                "n": touching["first"] & (touching["start"] >= a),
                "c": touching["stop"] >= b,
            }
        )
        one = flags.groupby("customer_id", sort=False).any()
        o, n, c = one["o"], one["n"], one["c"]
        counts = (o, n, ~o & ~n, ~c, c, o & c)
        found.append([int(count.sum()) for count in counts])
    return found


CONTENDERS = {"kpilib": with_kpilib, "raw SQL": with_sql, "pandas": with_pandas}


def measure(command: list[str]) -> tuple[str, float, float, float]:
    """What a command prints, and its CPU seconds, wall seconds and peak memory in GB."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    wall = time.perf_counter() - began
    return text, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1e6


def compare(size: str, rounds: int = 3) -> None:
    from generated import purchases

    path = purchases(size)
    print(f"\n{size} purchases, twelve months; medians of {rounds}")
    answers, cpu = {}, {}
    for name in CONTENDERS:
        runs = [
            measure([sys.executable, __file__, "--one", name, str(path)]) for _ in range(rounds)
        ]
        answers[name] = json.loads(runs[0][0])
        middle = sorted(runs, key=lambda run: run[1])[rounds // 2]
        cpu[name] = middle[1]
        print(f"  {name:8} {middle[1]:6.1f} CPU-s {middle[2]:6.1f} s {middle[3]:5.2f} GB")
    assert answers["kpilib"] == answers["raw SQL"] == answers["pandas"]
    print(f"  kpilib over raw SQL {cpu['kpilib'] / cpu['raw SQL']:.2f} (wanted < 1)")
    print(f"  pandas over kpilib  {cpu['pandas'] / cpu['kpilib']:.2f} (wanted > 1)")


def command_line() -> None:
    print("\nthe command line")
    for words, wanted in ((["--help"], 0.4), (["list"], 1.2)):
        runs = [measure([sys.executable, "-m", "kpilib", *words])[1] for _ in range(5)]
        print(f"  kpilib {words[0]:7} {sorted(runs)[2]:.2f} CPU-s (wanted < {wanted})")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(CONTENDERS[sys.argv[2]](Path(sys.argv[3]))))
    else:
        command_line()
        for wanted_size in sys.argv[1:] or ["1M"]:
            compare(wanted_size)
