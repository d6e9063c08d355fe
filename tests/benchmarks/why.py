"""Does `base.why` name a planted cause first, and none where nothing happened?

    python tests/benchmarks/why.py [RUNS]

Each run is a business of two months whose customers fall into 18 segments of three dimensions, 3,
6 and 9 of unequal size that overlap at random. Every month as many customers buy, the same ones or
others; part of them buys a second time (`repeat_purchase_rate`). In the later month the rate of one
segment of the second dimension, drawn anew each run, is 1.6 times what it was, or nothing has
changed. Printed are how often that dimension and segment were named, how often another was, and how
often any was where nothing happened.

    python tests/benchmarks/why.py sums [CUSTOMERS]

asks every KPI of a whole generated business and prints by how much the parts of each dimension miss
the change, at worst.
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import kpilib
from kpilib.demo import Model, write_business
from kpilib.errors import InputError
from kpilib.registry.definitions import registry
from kpilib.statistics.intervals import wilson

SIZES = {"region": (0.5, 0.3, 0.2), "channel": (0.25, 0.2, 0.2, 0.15, 0.1, 0.1),
         "product_line": (0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.08, 0.06, 0.06)}  # fmt: skip
PLANTED = "channel"


def business(customers: int, rate: float, factor: float, same: bool, seed: int):
    """Two months of buyers, and the segment whose rate changed."""
    rng = np.random.default_rng(seed)
    known = 2 * customers if not same else customers
    table = pd.DataFrame({"customer_id": np.arange(1, known + 1)})
    for name, sizes in SIZES.items():
        table[name] = [f"{name} {one}" for one in rng.choice(len(sizes), known, p=sizes)]
    cause = f"{PLANTED} {rng.integers(len(SIZES[PLANTED]))}"
    rows = []
    for month, start in enumerate(("2026-01-01", "2026-02-01")):
        buyers = table if same else table.iloc[month * customers : (month + 1) * customers]
        own = np.where((buyers[PLANTED] == cause) & (month == 1), rate * factor, rate)
        again = buyers[rng.random(len(buyers)) < own]
        for who, day in ((buyers, 0), (again, 20)):
            when = pd.Timestamp(start) + pd.Timedelta(days=day)
            rows.append(pd.DataFrame({"customer_id": who["customer_id"], "ordered_at": when}))
    orders = pd.concat(rows).assign(amount=10.0)
    base = kpilib.open(
        orders=orders, customers=table, time_zone="UTC", lapse_window=90, as_of="2026-03-01"
    )
    return base, cause


def outcomes(runs: int, **options) -> np.ndarray:
    """How often the planted segment was named first, another, and none."""
    counts = np.zeros(3, dtype=int)
    for seed in range(runs):
        base, cause = business(**options, seed=seed)
        why = base.why("repeat_purchase_rate", "2026-02")
        right = (why.dimension, why.segment) == (PLANTED, cause)
        counts[0 if right else 1 if why.dimension else 2] += 1
    return counts


def main(runs: int) -> None:
    """Print the table."""
    print(f"{runs} runs each; 18 segments of three dimensions looked at")
    print("customers   rate  same    named  another   none   | nothing happened: named (95%)")
    for customers, (rate, same) in product((7_000, 30_000), ((0.1, False), (0.2, True))):
        options = {"customers": customers, "rate": rate, "same": same}
        right, other, none = outcomes(runs, **options, factor=1.6) / runs
        false = int(outcomes(runs, **options, factor=1.0)[:2].sum())
        low, high = wilson(false, runs)
        print(
            f"{customers:9,}  {rate:5.0%}  {same!s:5}  {right:6.1%}  {other:7.1%}  {none:5.1%}"
            f"   | {false / runs:6.1%} ({low:.1%} … {high:.1%})",
            flush=True,
        )


def sums(customers: int) -> None:
    """Print how well the parts add up, KPI by KPI."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "business"
        write_business(Model(customers=customers), place)
        base = kpilib.open(str(place))
        for name in registry():
            try:
                why = base.why(name)
            except InputError as error:
                print(f"{name:30} {error}")
                continue
            size = max(1.0, abs(why.value.value), abs(why.value.previous))
            off = max(
                abs(parts["contribution"].sum() - why.change) / size
                for _dimension, parts in why.table.groupby("dimension")
            )
            print(f"{name:30} off by {off:.1e} in {why.table['dimension'].nunique()} dimensions")


if __name__ == "__main__":
    if sys.argv[1:2] == ["sums"]:
        sums(int(sys.argv[2]) if len(sys.argv) > 2 else 400)
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
