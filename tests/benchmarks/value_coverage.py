"""How often the intervals of a valuation hold: what is expected, and what then comes.

Run by hand: `python tests/benchmarks/value_coverage.py [simulations] [customers] [model]`. Each
simulation draws a customer base and its future from a model and Gamma-Gamma, values it as
`customer_lifetime_value` does, and asks whether the truth lies within the 95 % limits: of the
expected total (the true model's, of the same customers), of the total that came, and the same for
each of three cohorts, and of single customers' expected values.
"""

import sys
import time
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, ParetoNBD
from kpilib.clv.discount import Schedule
from kpilib.clv.value import value_of_summary
from kpilib.periods import day_number

TRUTHS = {
    "BGNBD": BGNBD(0.243, 30.9, 0.793, 2.426),
    "MBGNBD": MBGNBD(0.525, 43.3, 0.891, 1.614),
    "ParetoNBD": ParetoNBD(0.553, 74.0, 0.606, 81.7),
}
SPEND = GammaGamma(6.25, 3.74, 15.44)
START = date(2026, 1, 1)
DAYS = 365


def one(truth, customers: int, draws: int, seed: int) -> Counter:
    """Which limits of one simulated base hold."""
    rng = np.random.default_rng(seed)
    age = rng.integers(200, 290, customers).astype(float)
    seen = truth.simulate(age, ahead=DAYS, seed=seed)
    x, t_x, future = (seen[c].to_numpy() for c in ("frequency", "recency", "future"))
    nu = rng.gamma(SPEND.q, 1 / SPEND.v, customers)
    spent = rng.gamma(np.maximum(SPEND.p * x, 1e-9)) / nu
    comes = np.where(future > 0, rng.gamma(np.maximum(SPEND.p * future, 1e-9)) / nu, 0.0)
    mean = np.where(x > 0, spent / np.maximum(x, 1), 0.0)
    columns = {"frequency": x.astype(int), "recency": t_x, "T": age.astype(int)}
    summary = pd.DataFrame({"customer_id": np.arange(customers), **columns, "monetary_value": mean})
    schedule = Schedule.until(f"{DAYS} days", start=START, discount_rate=0.0)
    value = value_of_summary(
        summary, day_number(START), schedule, 1.0, type(truth).__name__, None, None, draws, seed,
        {"acquisition_cost": None, "level": 0.95},
    )  # fmt: skip
    expected = truth.expected_purchases(float(DAYS), x, t_x, age) * SPEND.expected_spend(x, mean)
    held = Counter()
    for table, code in (
        (value.total, np.zeros(customers, dtype=int)),
        (value.cohorts, pd.factorize(value.customers["cohort"], sort=True)[0]),
    ):
        name = "total" if len(table) == 1 else "cohorts"
        for kind, truths, low, high in (
            ("expected", expected, "low", "high"),
            ("to come", comes, "predicted_low", "predicted_high"),
        ):
            sums = np.bincount(code, truths)
            inside = (table[low] <= sums) & (sums <= table[high])
            held[f"{name}, {kind}"] += float(inside.mean())
    inside = (value.customers["low"] <= expected) & (expected <= value.customers["high"])
    held["single customers, expected"] += float(inside.mean())
    return held


def main(simulations: int = 400, customers: int = 2000, only: str | None = None) -> None:
    """Print the share of simulations in which each interval held the truth."""
    for name, truth in TRUTHS.items():
        if only and name != only:
            continue
        start, held = time.perf_counter(), Counter()
        for seed in range(simulations):
            held += one(truth, customers, 500, seed)
        spent = time.perf_counter() - start
        print(f"{name}: {simulations} bases of {customers:,} customers, {spent:.0f} s")
        for what, count in held.items():
            print(f"  {what:<30}{count / simulations:7.1%}   wanted 92–98 %", flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*map(int, given[:2]), *given[2:])
