"""How often 95% intervals hold the truth, for each kind of interval there is.

Run by hand: `python -m tests.benchmarks.interval_coverage [samples]`. Every kind is asked of that
many samples of a known law, in one query. The share printed has a standard error of 0.5% with
2,000 samples. Limits of counts are exact and hold more than they say; Goodman's are of all parts
at once.
"""

import sys
import time

import numpy as np

from kpilib.statistics.intervals import newcombe
from kpilib.statistics.models.drivers import importance
from tests.benchmarks.coverage_cases import CASES, covered

WITHIN = (0.92, 0.98)
REPLICATES = 400


def difference(samples: int, seed: int = 1) -> float:
    """Newcombe's limits of the difference of two shares."""
    rng = np.random.default_rng(seed)
    one, other = rng.binomial(120, 0.3, samples), rng.binomial(80, 0.2, samples)
    low, high = newcombe(one, np.full(samples, 120), other, np.full(samples, 80))
    return float(((low <= 0.1) & (high >= 0.1)).mean())


def drivers(samples: int, seed: int = 1) -> float:
    """Bootstrap limits of the importance of the first of three correlated aspects."""
    rng = np.random.default_rng(seed)
    spread = np.array([[1.0, 0.4, 0.2], [0.4, 1.0, 0.3], [0.2, 0.3, 1.0]])
    weights, noise = np.array([0.5, 0.3, 0.2]), 0.7
    many = rng.multivariate_normal(np.zeros(3), spread, 400_000)
    truth = importance(many @ weights + rng.normal(0, noise, len(many)), many, replicates=0).share[
        0
    ]
    held = 0
    for _ in range(samples):
        x = rng.multivariate_normal(np.zeros(3), spread, 200)
        found = importance(x @ weights + rng.normal(0, noise, 200), x, replicates=REPLICATES)
        held += bool(found.low[0] <= truth <= found.high[0])
    return held / samples


def main(samples: int) -> None:
    """Print the table."""
    began = time.process_time()
    found = {name: covered(name, samples) for name in CASES}
    found["difference of shares (Newcombe)"] = difference(samples)
    found["importance of a driver (bootstrap)"] = drivers(min(samples, 400))
    for name, share in found.items():
        mark = "" if WITHIN[0] <= share <= WITHIN[1] else "  <- outside 92 … 98%"
        print(f"{name:<48} {100 * share:5.1f} %{mark}")
    print(f"{time.process_time() - began:.0f} CPU seconds, {samples:,} samples each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
