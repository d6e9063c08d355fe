"""Does the early warning beat simple rules, and do its chances come true, business after business?

Run by hand: `python tests/benchmarks/early_warning.py [businesses] [customers]`. Each business is
generated with a seed of its own; the warning is trained up to a month's close and judged on the 90
days after it. Printed are the area under the curve, lift of the top tenth and calibration slope of
every rule, and in how many businesses the slope of the warning lies within 0.9 and 1.1.
"""

import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

import kpilib
from kpilib.clv import evaluate_early_warning
from kpilib.demo.model import Model
from kpilib.demo.write import write_business

PERIOD = "2026-07"
WITHIN = (0.9, 1.1)


def judged(seed: int, customers: int) -> pd.DataFrame:
    """The rules on one business."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "business"
        write_business(Model(customers=customers, seed=seed), place)
        base = kpilib.open(place / "kpilib.toml")
        return evaluate_early_warning(base, PERIOD).assign(business=seed)


def main(businesses: int, customers: int) -> None:
    """Print the table."""
    began = time.process_time()
    found = []
    for seed in range(1, businesses + 1):
        found.append(judged(seed, customers))
        ours = found[-1].iloc[0]
        print(f"business {seed}: auc {ours['auc']:.3f}, slope {ours['slope']:.3f}", flush=True)
    every = pd.concat(found)
    means = every.groupby("rule", sort=False)[["auc", "lift", "slope", "intercept", "brier"]].mean()
    print(means.round(3).to_string())
    wide = every.pivot(index="business", columns="rule", values="auc")
    best = wide.idxmax(axis=1)
    slope = every.loc[every["rule"] == "early warning", "slope"]
    held = int(slope.between(*WITHIN).sum())
    print(f"slope within {WITHIN}: {held} of {businesses} ({slope.min():.3f} … {slope.max():.3f})")
    print(f"best by area: {best.value_counts().to_dict()}")
    print(f"{time.process_time() - began:.0f} CPU seconds")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers + [100, 5000][len(numbers) :]))
