"""Cases of many seeds: a scripted good strategy, and a naive one.

    nice python tests/benchmarks/case.py [--seeds 20] [--first 0]

About ten CPU-seconds each. Good: orders held against deliveries, waits and order sizes against
their own past, purchases of each channel against the others'. Naive: the largest segment, the
largest raw change.
"""

import argparse
import tempfile
import time
from pathlib import Path

import kpilib
from kpilib.lessons.case.scenarios import scenario
from kpilib.lessons.case.score import Answer, score
from kpilib.lessons.case.write import write_case


def good(base, last) -> Answer:
    """Look at each cause in the order in which it would spoil the others."""
    asked = last.trailing(9)
    missing = [without_order(base, one) for one in asked]
    usual = max(missing[:4])
    if max(missing[-2:]) > usual + 0.12:
        began = next(i for i, part in enumerate(missing) if part > usual + 0.12)
        return Answer("feed", "", asked[began].label, max(missing[-2:]))
    waits = [one.value or 0.0 for one in base.trend("first_response_time", asked)]
    before = sorted(waits[:5])[2]
    if max(waits[-2:]) > 2 * before:
        began = next(i for i, wait in enumerate(waits) if wait > 2 * before and i > 4)
        return Answer("service", "", asked[began].label, max(waits[-2:]) / before)
    sizes = base.trend("average_purchase_value", asked, by="segment").frame()
    table = sizes.pivot(index="period", columns="segment", values="value").iloc[:, :]
    table = table[[name for name in ("household", "student", "office") if name in table]]
    ratio = table.iloc[-2:].mean() / table.iloc[:5].mean()
    if ratio.max() > 1.2 and ratio.max() > 1.12 * ratio.median():
        worst = ratio.idxmax()
        rise = table[worst] / table[worst].iloc[:5].mean()
        began = next(i for i, one in enumerate(rise) if one > 1 + (ratio.max() - 1) * 0.6)
        return Answer("price", str(worst), table.index[began], float(ratio.max() - 1))
    bought = base.trend("purchase_frequency", asked, by="acquisition_channel").frame()
    rates = bought.pivot(index="period", columns="segment", values="value")
    rates = rates[[n for n in ("search", "facebook", "marketplace", "zalo") if n in rates]]
    fall = rates.iloc[-2:].mean() / rates.iloc[:5].mean()
    relative = fall / fall.median()
    if relative.min() < 0.75:
        worst = relative.idxmin()
        others = rates.drop(columns=worst).mean(axis=1)
        line = (rates[worst] / others) / (rates[worst] / others).iloc[:5].mean()
        half = (1 + relative.min()) / 2
        began = next(i for i, one in enumerate(line) if one < half and i > 3)
        return Answer("channel", str(worst), rates.index[began], float(1 - relative.min()))
    return Answer("season")


def without_order(base, month) -> float:
    """The part of the month's customers with a delivery paid for who have no order in it."""
    costs = base.engine.collect(base.events("customer_costs", (month,)))
    sent = set(costs.loc[costs["cost_type"] == "delivery", "customer_id"])
    orders = base.engine.collect(base.events("orders", (month,)))
    return len(sent - set(orders["customer_id"])) / max(len(sent), 1)


def naive(base, last) -> Answer:
    """The channel that lost most buyers since the month before, since the last month."""
    found = base.trend("buyers", last.trailing(2), by="acquisition_channel").frame()
    table = found.pivot(index="segment", columns="period", values="value").fillna(0)
    return Answer("channel", str((table.iloc[:, 0] - table.iloc[:, 1]).idxmax()), last.label)


def main() -> None:
    """Print how many cases each strategy passes."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=0)
    options, start = asked.parse_args(), time.process_time()
    passed = {"good": 0, "naive": 0}
    for seed in range(options.first, options.first + options.seeds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "case"
            write_case(folder, seed)
            base = kpilib.open(str(folder / "business" / "kpilib.toml"))
            for name, strategy in (("good", good), ("naive", naive)):
                answer = strategy(base, base.period())
                right = score(folder, answer)
                passed[name] += right.passed
                if name == "good":
                    print(seed, scenario(seed).truth, answer, right.passed, flush=True)
    print(passed, f"of {options.seeds}, {time.process_time() - start:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
