"""What counts as a change: false verdicts and found shifts, coverage of the interval, and its cost.

    python tests/benchmarks/change.py verdicts
    python tests/benchmarks/change.py coverage
    python tests/benchmarks/change.py businesses 400 [MONTHS BEFORE]
    python tests/benchmarks/change.py cost 1M 10M
    python tests/benchmarks/change.py cost FOLDER

`verdicts` simulates the values and sampling errors of 400 businesses of 84 KPIs. Wanted: at most .3
false verdicts a report where nothing changed, with a spread between periods of 0 and of 1 point;
shifts of four standard deviations found in at least 70% (in a tenth of the KPIs, as what really
happens moves several). `coverage` simulates two periods for each kind of statistic 400 times, with
other and with (nearly) the same customers; wanted: 92 to 98%. `businesses` generates purchases of
which nothing changes, a quarter each with 6, 12, 24 and 36 months before the one that is asked (and
with records that begin so many months before that), and asks all KPIs. `cost` asks a scorecard of
all KPIs with its history and without, of purchases or of the business in a folder: at most twice.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import narwhals.stable.v2 as nw

KPIS, SHIFTED, SIZE = 84, 8, 4.0


def report(rng, months, spread, shifted, size=SIZE):
    """One report's series: shares of 100 to 20,000 customers with a spread between periods."""
    from kpilib.change.signal import Series
    from kpilib.statistics.intervals import normal_quantile, wilson

    n = np.round(10 ** rng.uniform(2, 4.3, KPIS))
    share = rng.uniform(0.05, 0.8, KPIS)
    level = share + spread * rng.normal(size=(months + 1, KPIS))
    error = np.sqrt(share * (1 - share) / n + spread**2)
    level[-1, :shifted] += size * error[:shifted] * rng.choice([-1, 1], shifted)
    k = rng.binomial(n.astype(int), np.clip(level, 0, 1))
    low, high = wilson(k, np.broadcast_to(n, k.shape))
    span = (high - low) / 2 / normal_quantile(0.95)
    return [
        Series(k[:, one] / n[one], span[:, one], np.full(months + 1, n[one]), 12)
        for one in range(KPIS)
    ]


def verdicts(businesses=400):
    from kpilib.change.signal import Signal, judge

    moved = (Signal.UP, Signal.DOWN)
    print("history  spread  false verdicts a report  found of 1 shifted  found of 8 shifted")
    for months in (6, 12, 24, 36):
        for spread in (0.0, 0.01):
            rng = np.random.default_rng(months)
            seen = min(months, 24)
            false = np.mean(
                [
                    sum(found.signal in moved for found in judge(report(rng, seen, spread, 0)))
                    for _business in range(businesses)
                ]
            )
            found = []
            for shifted in (1, SHIFTED):
                hits = [
                    np.mean(
                        [
                            f.signal in moved
                            for f in judge(report(rng, seen, spread, shifted))[:shifted]
                        ]
                    )
                    for _business in range(businesses // 4)
                ]
                found.append(float(np.mean(hits)))
            print(
                f"{months:7} {spread:7.2f} {false:24.2f} {found[0]:19.2f} {found[1]:19.2f}",
                flush=True,
            )


def people(rng, overlap, n=400):
    """Customers of two periods, a Poisson number of them, `overlap` of each period in both."""
    count = rng.poisson(n * (2 - overlap))
    both = overlap / (2 - overlap)
    side = rng.choice(3, count, p=[both, (1 - both) / 2, (1 - both) / 2])
    leaning = rng.normal(size=count)
    tables = []
    for period in (0, 1):
        who = np.flatnonzero((side == 0) | (side == 1 + period))
        mine, m = leaning[who], len(who)
        table = {
            "period": period,
            "customer_id": who,
            "flag": mine + 0.7 * rng.normal(size=m) > 0.5,
            "asked": rng.random(m) < 0.9,
            "x": np.exp(0.5 * mine + 0.3 * rng.normal(size=m)),
            "y": rng.uniform(1.0, 2.0, m),
            "k": rng.poisson(0.3 * np.exp(0.4 * mine)),
            "one": 1,
            "seven": 7.0 / m,
            "score": np.clip(np.round(7.5 + 1.5 * mine + rng.normal(size=m)), 0, 10),
            "part": np.where(mine + rng.normal(size=m) > 0.3, "a", "b"),
            "wait": rng.exponential(10, m),
        }
        tables.append(pd.DataFrame(table).assign(met=lambda t: t["flag"].astype(int)))
    return pd.concat(tables, ignore_index=True)


def coverage(times=400):
    from kpilib.change.difference import differences
    from kpilib.engines.polars import PolarsEngine
    from kpilib.statistics import ByPart, Known, Mean, Mix, Quotient, Total, Wait
    from kpilib.statistics.evaluate import summed
    from tests.change.test_difference import KINDS

    kinds = KINDS | {
        "quotient of totals": lambda rows: Quotient(
            Total(rows, nw.col("x")), Known(rows, nw.col("seven"))
        ),
        "mix": lambda rows: Mix(rows, nw.col("part"), ("a", "b")),
        "mean by part": lambda rows: ByPart(Mean(rows, nw.col("x")), "part"),
        "wait": lambda rows: Wait(rows, nw.col("wait").round(1), nw.col("y") < 1.8),
    }
    engine = PolarsEngine()
    hits = {name: {} for name in kinds}
    for overlap in (0.0, 0.95):
        rng = np.random.default_rng(round(100 * overlap))
        for _time in range(times):
            rows = engine.adopt(people(rng, overlap))
            statistics = {name: kind(rows) for name, kind in kinds.items()}
            sums = summed(engine, statistics)
            values = {name: one.estimate(*sums[name]) for name, one in statistics.items()}
            for name, limits in differences(engine, statistics, sums, values, (0, 1)).items():
                low, high = next(iter(limits.values()))
                hits[name].setdefault(overlap, []).append(low <= 0 <= high)
    print("kind                  other customers  the same")
    for name, found in hits.items():
        print(f"{name:21} {np.mean(found[0.0]):15.3f} {np.mean(found[0.95]):9.3f}")


def steady_business(seed, months, customers=900, rate=0.55):
    """Orders of customers who come and go evenly: nothing changes from month to month.

    Who came long before the records is there when they begin, as in a business that lives on.
    """
    rng = np.random.default_rng(seed)
    opens = pd.Timestamp("2022-01-01")
    stays, days = 180, (opens + pd.DateOffset(months=months) - opens).days
    everyone = rng.poisson(customers * (days + 10 * stays) / stays)
    begin, stay = rng.uniform(-10 * stays, days, everyone), rng.exponential(stays, everyone)
    orders = rng.poisson(rate * stay / 30.4) + 1
    who = np.repeat(np.arange(everyone), orders)
    when = begin[who] + rng.random(len(who)) * stay[who]
    inside = (when >= 0) & (when < days)
    who, when = who[inside], when[inside]
    return pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": opens + pd.to_timedelta(when, unit="D"),
            "amount": rng.gamma(2.0, 15.0, len(who)).round(2) + 0.01,
        }
    ).sort_values("ordered_at", ignore_index=True)


def businesses(count=400, before=0):
    """False verdicts by length of history; the records begin `before` months before that."""
    from kpilib.questions import compare
    from kpilib.registry.definitions import registry
    from tests.quick import opened

    # Forecasts and what widens have no verdict and cost most; how many are looked at is the same.
    judgeable = {
        name: one
        for name, one in registry().items()
        if not (one.statistic.forecast or one.statistic.widens)
    }
    print("history  businesses  judged  false verdicts a report  CPU-seconds each  of which KPIs")
    every = []
    for months in (6, 12, 24, 36):
        begun, judged, false, which = time.process_time(), [], [], Counter()
        for seed in range(count // 4):
            orders = steady_business(1000 * months + seed, months + 1 + before)
            base = opened(orders=orders, lapse_window=60)
            history = min(months, compare.HISTORY)
            found = compare.compared(base, judgeable, base.period(), None, history)
            signals = [str(value.signal) for value in found]
            moved = [one.id for one in found if str(one.signal) in ("up", "down")]
            judged.append(signals.count("no clear change") + len(moved))
            false.append(len(moved))
            which.update(moved)
        spent = (time.process_time() - begun) / len(false)
        common = ", ".join(f"{name} {times}" for name, times in which.most_common(8))
        print(
            f"{months:7} {len(false):11} {np.mean(judged):7.0f} {np.mean(false):24.2f} "
            f"{spent:17.1f}  {common}",
            flush=True,
        )
        every += false
    print(f"{len(every)} businesses: {np.mean(every):.2f} false verdicts a report, "
          f"{np.mean(np.array(every) > 0):.1%} of reports have one")  # fmt: skip


def cost(*sources):
    for source in sources or ("1M",):
        _cost(source)


def _cost(source):
    from generated import SIZES, purchases

    import kpilib
    from kpilib.questions import ask
    from kpilib.registry.definitions import registry

    spent = {}
    for name in ("without", "with"):
        if source in SIZES:
            base = kpilib.open(orders=purchases(source), lapse_window=90)
        else:
            base = kpilib.open(source)
        period = base.period()
        begun = time.process_time()
        if name == "with":
            base.scorecard("all", period)
        else:
            ask.values(base, registry(), (period.previous(), period))
        spent[name] = time.process_time() - begun
        print(f"{source}: a scorecard {name} history: {spent[name]:.1f} CPU-seconds", flush=True)
    print(f"ratio {spent['with'] / spent['without']:.2f}")


if __name__ == "__main__":
    asked, *more = sys.argv[1:] or ["verdicts"]
    tools = {"verdicts": verdicts, "coverage": coverage, "businesses": businesses, "cost": cost}
    tools[asked](*(int(one) if one.isdigit() else one for one in more))
