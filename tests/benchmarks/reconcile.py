"""Two hundred hidden readings of generated businesses, and numbers that no reading gives.

    python tests/benchmarks/reconcile.py [--cases 200]

A reading is drawn at random from all that there are, its number printed with one decimal, and
looked for; it counts as found where the answer has a reading with the same customers.
"""

import argparse
import random
import time
from dataclasses import replace
from itertools import pairwise

import kpilib
from kpilib.demo import Model, business
from kpilib.lessons.compare.printed import read_number
from kpilib.lessons.compare.reconcile import look_up, search

KPIS = ("churn_rate", "retention_rate", "acquisition_rate", "repeat_purchase_rate")


def opened(seed: int) -> kpilib.questions.base.CustomerBase:
    """A generated business of eight hundred customers."""
    tables, _truth = business(replace(Model(), customers=800, months=15, seed=seed))
    wanted = ("orders", "refunds", "customers", "exchange_rates")
    model = Model()
    return kpilib.open(
        **{name: tables[name] for name in wanted},
        time_zone=model.time_zone,
        currency=model.currency,
        lapse_window=model.lapse_window,
    )


def main() -> None:
    """Print how many were found, how near the top, and how many were found where none is."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--cases", type=int, default=200)
    cases = asked.parse_args().cases
    draw, found, first, none, tried = random.Random(7), 0, 0, 0, 0
    start, each = time.process_time(), -(-cases // (2 * len(KPIS)))
    for seed in (1, 2):
        base = opened(seed)
        for kpi_id in KPIS:
            known = search(kpi_id, base, "2026-07")
            same_unit = [one for one in known.readings if one.rule.unit == known.rule.unit]
            for _ in range(min(each, cases - tried)):
                hidden = draw.choice(same_unit)
                number = read_number(f"{100 * hidden.value:.1f}%", hidden.rule.unit)
                answer = look_up(known, kpi_id, number, listed=0)
                places = [one.same for one in answer.fits]
                tried += 1
                found += hidden.same in places
                first += hidden.same in places[:8]
                values = sorted(one.value for one in same_unit)
                gap = max(pairwise(values), key=lambda two: two[1] - two[0])
                empty = read_number(f"{100 * sum(gap) / 2:.4f}%", hidden.rule.unit)
                none += not look_up(known, kpi_id, empty, listed=0).fits
    print(f"{found} of {tried} found, {first} among the first eight, {none} of {tried} times none")
    print(f"{time.process_time() - start:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
