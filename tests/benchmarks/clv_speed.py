"""Every promise of speed about lifetime value, in one run: `python tests/benchmarks/clv_speed.py`.

Ours, lifetimes and clvkit (where it is installed) answer the same questions about the same
customers, simulated from BG/NBD with CDNOW's parameters in whole days, and about the same log of
purchases. Both sides start from arrays or from one pandas frame and end in arrays or a frame; ours
is the best of two or three runs, theirs one run. The last column says whether what was wanted was
met. `… clv_speed.py 0.01` tries the whole with a hundredth of the customers.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generated import purchases

import kpilib
from kpilib.clv import BGNBD, GammaGamma
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.rates import Rates
from kpilib.clv.expected.summary import purchase_summary
from kpilib.clv.value.value import value_of_summary
from kpilib.clv.with_lifetimes import lifetimes_at_work
from kpilib.periods import day_number

TRUTH = BGNBD(r=0.243, alpha=4.414 * 7, a=0.793, b=2.426)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
END = date(2026, 1, 1)
COLUMNS = ["frequency", "recency", "T", "monetary_value"]
MONTHS = np.arange(1, 13.0)
CALENDAR = Schedule(30.0 * MONTHS, MONTHS, 1.01**-MONTHS, 0.0)
"""Twelve steps of thirty days, discounted at their ends, as lifetimes takes them."""


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
    """The most memory held at once while running, above what is held already, in MB."""
    tracemalloc.start()
    run()
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return held


@dataclass
class Table:
    """The lines measured so far."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def add(
        self,
        line: str,
        ours: float,
        *,
        lifetimes: float | None = None,
        clvkit: float | None = None,
        times: float | None = None,
        most: float | None = None,
        unit: str = "s",
        note: str = "",
    ) -> None:
        """One line: wanted is so many `times` faster than lifetimes, or `most` seconds or MB."""
        ratio = None if lifetimes is None else lifetimes / ours
        wanted = "" if times is None else f">= {times:g} x"
        met = None if times is None or ratio is None else ratio >= times
        if most is not None:
            wanted, met = f"<= {most:g} {unit}", ours <= most
        self.rows.append(
            {
                "line": line,
                "ours": f"{ours:.2f} {unit}",
                "lifetimes": "" if lifetimes is None else f"{lifetimes:.1f} s",
                "clvkit": "" if clvkit is None else f"{clvkit:.1f} s",
                "ratio": "" if ratio is None else f"{ratio:.1f} x",
                "wanted": wanted,
                "met": "" if met is None else ("yes" if met else "NO"),
                "note": note,
            }
        )
        print(f"{line}: {ours:.2f} {unit}", file=sys.stderr, flush=True)

    def __str__(self) -> str:
        table = pd.DataFrame(self.rows)
        return table.assign(line=table["line"].str.ljust(48)).to_string(index=False)


def by_clvkit(run: Callable[[Any], Any]) -> float | None:
    """Seconds that clvkit takes, None where it is not installed or fails (which is printed)."""
    if find_spec("clvkit") is None:
        return None
    import clvkit

    try:
        return best_of(1, lambda: run(clvkit))[0]
    except Exception as error:
        print(f"clvkit: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return None


def clvkit_base(clvkit: Any, table: pd.DataFrame) -> Any:
    """The same customers as clvkit takes them."""
    return clvkit.CustomerBase(
        table[COLUMNS].astype(float),
        time_unit="D",
        observation_period_end=pd.Timestamp(END),
        has_monetary=True,
        on_negative="net",
    )


def many(table: Table, size: int) -> None:
    """Ten million customers, ours alone."""
    history = customers(size)
    took, model = best_of(3, lambda: BGNBD.fit(*history))
    name = f"{size:,} customers"
    note = f"{len(model.fitted.counts):,} distinct histories"
    table.add(f"BG/NBD fit, {name}", took, most=2, note=note)
    held = memory_of(lambda: BGNBD.fit(*history))
    table.add("  its memory", held, most=500, unit="MB")
    took, drawn = best_of(2, lambda: model.posterior(4000))
    note = f"effective sample {drawn.ess:,.0f}"
    table.add(f"posterior, 4,000 draws, {name}", took, most=5, note=note)


def fits(table: Table, people: pd.DataFrame) -> None:
    """BG/NBD of a million customers, and Gamma-Gamma of as many buyers."""
    history = [people[c].to_numpy() for c in COLUMNS[:3]]
    ours, _ = best_of(3, lambda: BGNBD.fit(*history))
    with lifetimes_at_work() as lifetimes:
        theirs, _ = best_of(1, lambda: lifetimes.BetaGeoFitter().fit(*history))
    kits = by_clvkit(lambda kit: kit.BGNBD().fit(clvkit_base(kit, people)))
    name = f"{len(people):,} customers"
    table.add(f"BG/NBD fit, {name}", ours, lifetimes=theirs, clvkit=kits, times=30)
    x = np.random.default_rng(4).geometric(0.3, len(people))
    paid = SPEND.simulate(x, seed=5)
    ours, _ = best_of(3, lambda: GammaGamma.fit(x, paid))
    with lifetimes_at_work() as lifetimes:
        theirs, _ = best_of(1, lambda: lifetimes.GammaGammaFitter().fit(x, paid))
    buyers = people.assign(frequency=x, recency=people["T"], monetary_value=paid)
    kits = by_clvkit(lambda kit: kit.GammaGamma().fit(clvkit_base(kit, buyers)))
    name = f"{len(people):,} buyers"
    table.add(f"Gamma-Gamma fit, {name}", ours, lifetimes=theirs, clvkit=kits, times=8)


def values(table: Table, people: pd.DataFrame) -> None:
    """Twelve months of a million customers."""
    options = {"acquisition_cost": None, "level": 0.95}

    def ours(model: Any, spend: Any, draws: int) -> Any:
        return value_of_summary(
            people, day_number(END), Rates(CALENDAR), 1.0, model, spend, None, draws, 0, options
        )

    took, found = best_of(2, lambda: ours(TRUTH, SPEND, 0))
    with lifetimes_at_work() as lifetimes:
        fitter, money = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
        fitter.params_, money.params_ = pd.Series(TRUTH.parameters), pd.Series(SPEND.parameters)
        fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
        columns = [people[c] for c in COLUMNS]
        theirs, other = best_of(
            1,
            lambda: money.customer_lifetime_value(
                fitter, *columns, time=12, discount_rate=0.01, freq="D"
            ),
        )
    gap = np.abs(found.customers["value"].to_numpy() / np.asarray(other) - 1).max()
    kits = by_clvkit(lambda kit: _clvkit_value(kit, people))
    name = f"{len(people):,} customers"
    note = f"apart from lifetimes by {gap:.0e}; clvkit with its fits"
    table.add(f"12-month value, {name}", took, lifetimes=theirs, clvkit=kits, times=10, note=note)
    took, _ = best_of(1, lambda: ours("BGNBD", None, 500))
    table.add("  with fits, posteriors, limits for all", took)


def _clvkit_value(clvkit: Any, people: pd.DataFrame) -> Any:
    model = clvkit.CLV(check_independence=False).fit(clvkit_base(clvkit, people))
    return model.predict(horizon=360, discount_rate=0.0)


def summaries(table: Table, size: str) -> None:
    """From the log of purchases to one row per customer."""
    frame = pd.read_parquet(purchases(size))
    spent: list[float] = []

    def ours() -> pd.DataFrame:
        base = kpilib.open(orders=frame, as_of=END)
        took, found = best_of(1, lambda: purchase_summary(base))
        spent.append(took)
        return found

    took, found = best_of(2, ours)
    last = date(2025, 12, 31)
    with lifetimes_at_work() as lifetimes:
        make = lifetimes.utils.summary_data_from_transaction_data
        columns = ("customer_id", "ordered_at", "amount")
        theirs, other = best_of(1, lambda: make(frame, *columns, observation_period_end=last))
    gap = np.abs(found[COLUMNS].to_numpy() - other.sort_index()[COLUMNS].to_numpy()).max()
    kits = by_clvkit(
        lambda kit: kit.CustomerBase.from_transactions(
            frame, datetime_col="ordered_at", observation_period_end=last.isoformat()
        ).to_pandas()
    )
    name, note = f"summary of {size} purchases", f"reading and checks in; gap {gap:.0e}"
    table.add(name, took, lifetimes=theirs, clvkit=kits, times=4, note=note)
    table.add("  the summary alone, once they are read", min(spent), lifetimes=theirs)


def main(scale: float = 1.0) -> None:
    """Measure everything and print one table."""
    table = Table()
    many(table, int(10_000_000 * scale))
    x, t_x, T = customers(int(1_000_000 * scale))
    mean = np.nan_to_num(SPEND.simulate(x, seed=3))
    ids = np.arange(len(x))
    people = pd.DataFrame(
        {"customer_id": ids, "frequency": x, "recency": t_x, "T": T, "monetary_value": mean}
    )
    fits(table, people)
    values(table, people)
    summaries(table, "10M" if scale == 1 else "1M")
    print(table)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
