"""What the questions cost on Spark, in what grows: bytes shuffled, and rows that come back.

    python tests/benchmarks/spark_plan.py 1M [10M]

Spark runs in this process on two cores. Per question: CPU seconds are the whole process's, JVM
included; bytes shuffled are Spark's own count over all stages; rows and bytes back are those of the
pandas frames that reach Python, which must not grow with the purchases.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

END = "2025-12-31"


def session() -> Any:
    """A local Spark of two cores."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.driver.memory": "4g",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def shuffled(spark: Any) -> int:
    """Bytes written for shuffles so far."""
    every = spark.sparkContext._jsc.sc().statusStore().executorList(False)
    return sum(every.apply(place).totalShuffleWrite() for place in range(every.size()))


def cpu() -> float:
    """CPU seconds of this process and of the JVM that it started."""
    found = time.process_time()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == os.getpid():
                found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


@contextmanager
def told(spark: Any, name: str, back: list[tuple[int, int]]) -> Iterator[None]:
    """Prints what happens meanwhile."""
    cpu_before, bytes_before, began = cpu(), shuffled(spark), time.perf_counter()
    back.clear()
    yield
    rows, size = (sum(one[place] for one in back) for place in (0, 1))
    print(
        f"| {name} | {cpu() - cpu_before:.1f} | {time.perf_counter() - began:.1f} | "
        f"{(shuffled(spark) - bytes_before) / 1e6:,.1f} | {rows:,} | {size / 1e3:,.1f} |",
        flush=True,
    )


def main(size: str) -> None:
    """One size, a line per question."""
    from generated import purchases

    import kpilib
    from kpilib.analyses.cohorts import cohorts
    from kpilib.clv.expected.summary import purchase_counts
    from kpilib.engines.spark import SparkEngine

    spark, back = session(), []
    collect = SparkEngine.collect

    def counted(self: SparkEngine, frame: Any) -> Any:
        table = collect(self, frame)
        back.append((len(table), int(table.memory_usage(deep=True).sum())))
        return table

    SparkEngine.collect = counted  # type: ignore[method-assign]
    print(f"\n{size} purchases on Spark, two cores")
    print("| question | CPU-s | s | MB shuffled | rows back | kB back |")
    print("|---|---|---|---|---|---|")
    with told(spark, "open and check", back):
        orders = spark.read.parquet(str(purchases(size)))
        base = kpilib.open(orders=orders, lapse_window=90, as_of=END)
    questions: dict[str, Callable[[], Any]] = {
        "ledger, twelve months": lambda: base.trend("customer_ledger", base.period().trailing(12)),
        "retention, twelve months": lambda: base.trend(
            "retention_rate", base.period().trailing(12)
        ),
        "cohorts": lambda: cohorts(base),
        "RFM segments": lambda: base.analysis("rfm_segments"),
        "histories counted for BG/NBD": lambda: purchase_counts(base, None),
    }
    for name, ask in questions.items():
        with told(spark, name, back):
            ask()
    spark.stop()


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["1M"]:
        main(wanted)
