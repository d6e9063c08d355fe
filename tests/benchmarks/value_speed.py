"""The purchase summary and twelve-month values against lifetimes and clvkit, in one run.

`python tests/benchmarks/value_speed.py [summary|value] [1M|10M]`. Both sides start from the same
pandas frame of purchases and end in a pandas frame of customers; each line prints both times, their
ratio, and the largest difference between the answers.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

from clv_fit import SPEND, TRUTH, customers
from generated import purchases

import kpilib
from kpilib.clv.discount import Schedule
from kpilib.clv.summary import purchase_counts, purchase_summary
from kpilib.clv.value import value_of_summary
from kpilib.clv.with_lifetimes import lifetimes_at_work
from kpilib.periods import day_number

END = date(2026, 1, 1)
COLUMNS = ["frequency", "recency", "T", "monetary_value"]


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came."""
    start = time.perf_counter()
    out = run()
    return time.perf_counter() - start, out


def row(name: str, ours: float, theirs: float, wanted: str, note: str = "") -> None:
    """One line of the table."""
    print(
        f"{name:<52}{ours:8.2f} s {theirs:8.2f} s {theirs / ours:7.1f} x  wanted {wanted:<8}{note}",
        flush=True,
    )


def summary(size: str) -> None:
    """The summary of `size` purchases."""
    frame = pd.read_parquet(purchases(size))
    spent: dict[str, float] = {}

    def ours() -> pd.DataFrame:
        spent["open"], base = timed(lambda: kpilib.open(orders=frame, as_of=END))
        spent["summary"], table = timed(lambda: purchase_summary(base))
        spent["counts"], _ = timed(lambda: purchase_counts(base))
        return table

    took, table = timed(ours)
    took -= spent["counts"]
    with lifetimes_at_work() as lifetimes:
        make = lifetimes.utils.summary_data_from_transaction_data
        theirs, other = timed(
            lambda: make(
                frame,
                "customer_id",
                "ordered_at",
                "amount",
                observation_period_end=date(2025, 12, 31),
            )
        )
    other = other.sort_index()
    gap = np.abs(table[COLUMNS].to_numpy() - other[COLUMNS].to_numpy()).max()
    row(
        f"summary of {size} purchases, reading and checks in", took, theirs, "4 x", f"gap {gap:.0e}"
    )
    row("  the summary alone, once they are read", spent["summary"], theirs, "")
    print(f"  {len(table):,} customers; their compressed counts {spent['counts']:.2f} s")
    if find_spec("clvkit"):
        import clvkit

        kits, _ = timed(
            lambda: clvkit.CustomerBase.from_transactions(
                frame, datetime_col="ordered_at", observation_period_end="2025-12-31"
            ).to_pandas()
        )
        row(f"summary of {size} purchases, clvkit", took, kits, "")


def value(size: int = 1_000_000) -> None:
    """Twelve steps of thirty days, discounted at their ends, as lifetimes takes them."""
    x, t_x, T = customers(size)
    rng = np.random.default_rng(5)
    nu = rng.gamma(SPEND.q, 1 / SPEND.v, size)
    mean = np.where(x > 0, rng.gamma(np.maximum(SPEND.p * x, 1)) / nu / np.maximum(x, 1), 0.0)
    table = pd.DataFrame({"customer_id": np.arange(size), "frequency": x, "recency": t_x, "T": T,
                          "monetary_value": mean})  # fmt: skip
    k = np.arange(1, 13.0)
    calendar = Schedule(30.0 * k, k, 1.01**-k, 0.0)
    options = {"acquisition_cost": None, "level": 0.95}

    def ours(draws: int) -> Any:
        return value_of_summary(
            table, day_number(END), calendar, 1.0, TRUTH, SPEND, None, draws, 0, options
        )

    took, found = timed(lambda: ours(0))
    with lifetimes_at_work() as lifetimes:
        fitter = lifetimes.BetaGeoFitter()
        fitter.params_ = pd.Series(TRUTH.parameters)
        fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
        money = lifetimes.GammaGammaFitter()
        money.params_ = pd.Series(SPEND.parameters)
        columns = (table[c] for c in COLUMNS)
        theirs, other = timed(
            lambda: money.customer_lifetime_value(
                fitter, *columns, time=12, discount_rate=0.01, freq="D"
            )
        )
    gap = np.abs(found.customers["value"].to_numpy() / np.asarray(other) - 1).max()
    row(f"12-month value of {size:,} customers", took, theirs, "10 x", f"gap {gap:.0e}")
    fitted, found = timed(
        lambda: value_of_summary(
            table, day_number(END), calendar, 1.0, "BGNBD", None, None, 500, 0, options
        )
    )
    total = found.total.iloc[0]
    print(f"  with both fits, posteriors and limits for all {size:,}: {fitted:.1f} s; total "
          f"{total['value']:,.0f} ({total['low']:,.0f} … {total['high']:,.0f})")  # fmt: skip
    if find_spec("clvkit"):
        _clvkit_value(table, took)


def _clvkit_value(table: pd.DataFrame, took: float) -> None:
    """Twelve steps from clvkit, fit included: it has no value without one."""
    import clvkit

    base = clvkit.CustomerBase(
        table[COLUMNS].astype(float),
        time_unit="D",
        observation_period_end=pd.Timestamp(END),
        has_monetary=True,
        on_negative="net",
    )
    fitted, model = timed(lambda: clvkit.CLV(check_independence=False).fit(base))
    spent, _ = timed(lambda: model.predict(horizon=360, discount_rate=0.0))
    row(f"  clvkit: value of 360 days (its fits took {fitted:.0f} s)", took, spent, "")


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else "both"
    if part in ("summary", "both"):
        summary(sys.argv[2] if len(sys.argv) > 2 else "10M")
    if part in ("value", "both"):
        value()
