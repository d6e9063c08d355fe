"""How often 95 % intervals hold the truth: parameters, expected purchases, total value.

Run by hand: `python tests/benchmarks/clv_coverage.py [simulations] [customers] [draws]`. Each
simulation draws a customer base from the model and from Gamma-Gamma, fits both, draws from both
posteriors, and asks for intervals on the parameters, on the purchases a new customer is expected
to make in 52 weeks, on the total the present customers are expected to make in 52 weeks, and on
the total they are expected to spend. The truth of the last two is what the true model expects of
the very same customers.
"""

import sys
import time
from collections import Counter

import numpy as np

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, ParetoNBD

TRUTHS = (
    BGNBD(0.243, 4.414, 0.793, 2.426, time_unit="weeks"),
    MBGNBD(0.525, 6.183, 0.891, 1.614, time_unit="weeks"),
    ParetoNBD(0.553, 10.578, 0.606, 11.669, time_unit="weeks"),
)
SPEND = GammaGamma(6.25, 3.74, 15.44)
WEEKS = 52.0


def one(truth, customers: int, draws: int, seed: int) -> tuple[Counter, float]:
    """Which intervals of one simulation hold the truth, and the share of draws that counted."""
    rng = np.random.default_rng(seed)
    age = rng.integers(27 * 7, 39 * 7, customers) / 7
    seen = truth.simulate(age, seed=seed)
    x, t_x, T = (seen[c].to_numpy() for c in ("frequency", "recency", "T"))
    spent = np.nan_to_num(SPEND.simulate(x, seed=seed + 1_000_000))
    model = type(truth).fit(x, t_x, T, time_unit="weeks")
    drawn = model.posterior(draws, seed=seed)
    spend = GammaGamma.fit(x, spent)
    spend_drawn = spend.posterior(draws, seed=seed + 1)
    held = Counter()

    def check(name: str, low: float, high: float, true: float) -> None:
        held[name] += bool(low <= true <= high)

    for drawing, real in ((drawn, truth), (spend_drawn, SPEND)):
        table = drawing.summary()
        for symbol, value in real.parameters.items():
            check(symbol, table.loc[symbol, "low"], table.loc[symbol, "high"], value)
    new = drawn.quick(lambda m: m.expected_purchases_new(WEEKS))
    check(
        "expected purchases, new customer", new.low, new.high, truth.expected_purchases_new(WEEKS)
    )

    def purchases(m) -> np.ndarray:
        return m.expected_purchases(WEEKS, x, t_x, T)

    total = drawn.quick(lambda m: purchases(m).sum())
    true = purchases(truth)
    check("expected purchases, total", total.low, total.high, true.sum())
    bought = drawn.quick_values(purchases, 500)
    values = bought * spend_drawn.quick_values(lambda s: s.expected_spend(x, spent), 500)
    low, high = np.quantile(values.sum(axis=1), [0.025, 0.975])
    check("total value", low, high, true @ SPEND.expected_spend(x, spent))
    return held, min(drawn.ess, spend_drawn.ess) / draws


def main(simulations: int = 400, customers: int = 2000, draws: int = 2000) -> None:
    """Print the share of intervals that held, per model and quantity."""
    print(f"{simulations} simulations of {customers} customers, {draws} draws; 95 % intervals")
    for truth in TRUTHS:
        start, held, least = time.perf_counter(), Counter(), 1.0
        for seed in range(simulations):
            hits, ess = one(truth, customers, draws, seed)
            held += hits
            least = min(least, ess)
        print(
            f"{type(truth).__name__}: {time.perf_counter() - start:.0f} s, lowest ESS {least:.0%}"
        )
        for name, hits in held.items():
            share = hits / simulations
            verdict = "" if 0.92 <= share <= 0.98 else "  OUTSIDE 92-98 %"
            print(f"  {name:<34}{share:7.1%}{verdict}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
