"""Fits, values and posteriors against lifetimes, in one run: `python tests/benchmarks/clv_fit.py`.

Customers are simulated from BG/NBD with CDNOW's parameters, times in whole days. Each line prints
both times and their ratio; memory is the most that numpy and Python held at once above the data.
With clvkit installed its fits stand in the same table. `… clv_fit.py 1M` or `10M` runs one part.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from kpilib.clv import BGNBD, Counts, GammaGamma
from kpilib.clv.with_lifetimes import lifetimes_at_work

TRUTH = BGNBD(r=0.243, alpha=4.414 * 7, a=0.793, b=2.426)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)


def customers(size: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency and T of `size` customers who arrived over half a year, in days."""
    rng = np.random.default_rng(seed)
    parts = []
    for start in range(0, size, 1_000_000):
        age = rng.integers(91, 274, min(1_000_000, size - start)).astype(float)
        seen = TRUTH.simulate(age, seed=seed + start)
        parts.append([np.ceil(seen[c].to_numpy()).astype(np.int32) for c in seen.columns[:3]])
    x, t_x, T = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return x, t_x, T


def best_of(times: int, run: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest of so many runs, in seconds, and the last result."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        out = run()
        spent.append(time.perf_counter() - start)
    return min(spent), out


def memory_of(run: Callable[[], Any]) -> float:
    """The most memory held at once while running, in MB; slows the run."""
    tracemalloc.start()
    run()
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return held


def row(name: str, ours: float, theirs: float | None, wanted: str, note: str = "") -> None:
    """One line of the table."""
    ratio = "" if theirs is None else f"{theirs / ours:7.1f} x"
    other = "" if theirs is None else f"{theirs:8.2f} s"
    line = f"{name:<46}{ours:8.3f} s {other:>11} {ratio:>10}  wanted {wanted:<16} {note}"
    print(line, flush=True)


def twelve_months_of_theirs(fitter: Any, spend: Any, history: tuple, value: np.ndarray) -> Any:
    """lifetimes' own twelve-month value, discounted monthly."""
    import pandas as pd

    x, t_x, T = (pd.Series(column) for column in history)
    return spend.customer_lifetime_value(
        fitter, x, t_x, T, pd.Series(value), time=12, discount_rate=0.01, freq="D"
    )


def twelve_months_of_ours(
    model: BGNBD, spend: GammaGamma, history: tuple, value: np.ndarray
) -> np.ndarray:
    """The same twelve steps of thirty days."""
    months = np.arange(13.0)[:, None] * 30
    grid = model.expected_purchases(months, *history)
    discount = 1.01 ** -np.arange(1.0, 13.0)
    return (discount @ np.diff(grid, axis=0)) * spend.expected_spend(history[0], value)


def clvkit_fits(x: np.ndarray, t_x: np.ndarray, T: np.ndarray, value: np.ndarray) -> None:
    """clvkit's fits of the same customers, where it is installed."""
    if find_spec("clvkit") is None:
        print("clvkit is not installed")
        return
    import clvkit
    import pandas as pd

    columns = {"frequency": x, "recency": t_x, "T": T, "monetary_value": value}
    base = clvkit.CustomerBase(
        pd.DataFrame(columns).astype(float),
        time_unit="D",
        observation_period_end=pd.Timestamp("2026-01-01"),
        has_monetary=True,
        on_negative="net",
    )
    for name, kind, ours in (
        ("BG/NBD fit, 1M customers: clvkit", clvkit.BGNBD, lambda: BGNBD.fit(x, t_x, T)),
        ("Gamma-Gamma fit: clvkit", clvkit.GammaGamma, lambda: GammaGamma.fit(x, value)),
    ):
        mine, _ = best_of(3, ours)
        start = time.perf_counter()
        try:
            kind().fit(base)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
            continue
        row(name, mine, time.perf_counter() - start, "")


def million() -> None:
    """One million customers, side by side."""
    history = customers(1_000_000)
    x = history[0]
    value = np.nan_to_num(SPEND.simulate(x, seed=3))
    ours, model = best_of(3, lambda: BGNBD.fit(*history))
    print(f"1M customers, {len(model.fitted.counts):,} distinct histories; {model}")
    with lifetimes_at_work() as lifetimes:
        theirs, fitter = best_of(1, lambda: lifetimes.BetaGeoFitter().fit(*history))
    row("BG/NBD fit, 1M customers, days", ours, theirs, ">= 30 x")
    buyers = x > 0
    ours, spend = best_of(3, lambda: GammaGamma.fit(x[buyers], value[buyers]))
    with lifetimes_at_work() as lifetimes:
        theirs, their_spend = best_of(
            1, lambda: lifetimes.GammaGammaFitter().fit(x[buyers], value[buyers])
        )
    row(f"Gamma-Gamma fit, {buyers.sum():,} buyers of 1M", ours, theirs, ">= 8 x")
    many = np.random.default_rng(4).geometric(0.3, 1_000_000)
    paid = SPEND.simulate(many, seed=5)
    ours, _ = best_of(3, lambda: GammaGamma.fit(many, paid))
    with lifetimes_at_work() as lifetimes:
        theirs, _ = best_of(1, lambda: lifetimes.GammaGammaFitter().fit(many, paid))
    row("Gamma-Gamma fit, 1M buyers", ours, theirs, ">= 8 x")
    ours, a = best_of(3, lambda: twelve_months_of_ours(model, spend, history, value))
    with lifetimes_at_work():
        fitter.params_[:] = list(model.parameters.values())
        their_spend.params_[:] = list(spend.parameters.values())
        theirs, b = best_of(1, lambda: twelve_months_of_theirs(fitter, their_spend, history, value))
    some = x > 0
    apart = np.abs(a[some] / b.to_numpy()[some] - 1).max()
    row("12-month value, 1M customers", ours, theirs, ">= 10 x", f"apart by {apart:.0e}")
    ours, drawn = best_of(1, lambda: model.posterior(4000))
    row("posterior, 4,000 draws, 1M customers", ours, None, "", f"ESS {drawn.ess:,.0f}")
    clvkit_fits(*history, value)


def ten_million() -> None:
    """Ten million customers, ours alone."""
    history = customers(10_000_000)
    best, model = best_of(3, lambda: BGNBD.fit(*history))
    rise = memory_of(lambda: BGNBD.fit(*history))
    counts = model.fitted.counts
    print(f"10M customers, {len(counts):,} distinct histories; {model}")
    row("BG/NBD fit, 10M customers, days", best, None, "<= 2 s, 500 MB", f"+{rise:.0f} MB")
    packing, _ = best_of(2, lambda: Counts.from_arrays(*history))
    row("  of which compressing", packing, None, "")
    ours, drawn = best_of(2, lambda: model.posterior(4000))
    row("posterior, 4,000 draws, 10M customers", ours, None, "<= 5 s", f"ESS {drawn.ess:,.0f}")


if __name__ == "__main__":
    if "10M" in sys.argv or len(sys.argv) == 1:
        ten_million()
    if "1M" in sys.argv or len(sys.argv) == 1:
        million()
