"""What a scorecard of every KPI costs on a large generated business.

Run by hand: `python tests/benchmarks/scorecard.py [customers] [months] [folder]`. The business is
made in the folder, unless it is there already; printed are the CPU seconds of making, loading and
asking, and the KPIs that cost most when each is asked alone of what is loaded.
"""

import sys
import tempfile
import time
from pathlib import Path

import kpilib
from kpilib.demo import Model, write_business
from kpilib.registry.definitions import registry

AT_MOST = 20


def main(customers: int, months: int, folder: Path) -> None:
    """Print the seconds."""
    began = time.process_time()
    if not (folder / "kpilib.toml").is_file():
        write_business(Model(customers=customers, months=months), folder)
        print(f"made in {time.process_time() - began:.1f} CPU seconds")
    began = time.process_time()
    base = kpilib.open(folder)
    loaded = time.process_time() - began
    began = time.process_time()
    card = list(base.scorecard("all"))
    asked = time.process_time() - began
    kpis = len({value.id for value in card})
    print(f"{customers:,} customers, {months} months: loading {loaded:.1f} CPU seconds")
    print(f"asking {kpis} KPIs: {asked:.1f}; together at most {AT_MOST} are wanted")
    each = {}
    for name in registry():
        began = time.process_time()
        base.kpi(name)
        each[name] = time.process_time() - began
    for name, seconds in sorted(each.items(), key=lambda item: -item[1])[:15]:
        print(f"{seconds:6.2f}  {name}")


if __name__ == "__main__":
    words = sys.argv[1:]
    size = [int(word) for word in words[:2]] + [100_000, 36][len(words[:2]) :]
    if len(words) > 2:
        main(*size, Path(words[2]))
    else:
        with tempfile.TemporaryDirectory() as place:
            main(*size, Path(place) / "business")
