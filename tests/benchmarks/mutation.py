"""Would the tests notice? One small change of the code at a time, and the tests that should fail.

    python tests/benchmarks/mutation.py [--each N | --part P] [--seed S] [--list] [MODULE[:LINE] …]
    python tests/benchmarks/mutation.py --named

Changes the spine of the numbers node by node (comparisons, arithmetic, numbers, truth values,
negations, conditions, `min` and `max`), runs the tests of the module that was changed, and prints
the part of the mutants that they kill, and those that survive. `--each N` draws N mutants of each
module, `--part .2` a fifth of each, so that large ones weigh more; `--list` prints them and runs
none. A mutant that cannot change a number stands in `equivalent.toml`, by the line it is in, with
the reason.
"""

import argparse
import importlib
import os
import random
import sys
import time
import tomllib
from pathlib import Path

from mutants import ROOT, Mutant, mutants, named
from trial import imported, survivors

TESTS: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("noticed_by.toml").read_text(encoding="utf-8")
)
"""Module → the test files that should notice, the quickest first."""

LIBRARIES = (
    "pandas", "numpy", "duckdb", "polars", "scipy.stats", "narwhals.stable.v2",
    "statsmodels.stats.proportion", "statsmodels.stats.multitest", "pyarrow", "babel",
)  # fmt: skip


def _load_libraries() -> None:
    """What every test needs, once, so that forks have it."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not any(name.startswith("kpilib") for name in sys.modules)


def main() -> None:
    """Try the mutants and print the score."""
    parser = argparse.ArgumentParser(description="Would the tests notice?")
    parser.add_argument("modules", nargs="*", metavar="MODULE[:LINE]")
    parser.add_argument("--each", type=int, help="so many mutants of each module, drawn at random")
    parser.add_argument("--part", type=float, help="so large a part of each module's, at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--named", action="store_true", help="those of the list NAMED alone")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    asked = parser.parse_args()
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_PROFILE"] = "noticed"
    sys.path.insert(0, str(ROOT))
    _load_libraries()
    if asked.named:
        for mutant, test in named():
            print("noticed " if imported(mutant, [test]) else "survives", mutant, flush=True)
        return
    killed = tried = 0
    for module, tests in TESTS.items():
        every = [one for one in mutants(module) if _wanted(one, asked.modules)]
        if not every:
            continue
        some = _drawn(every, asked, f"{module} {asked.seed}")
        if asked.list:
            print(*some, sep="\n")
        if asked.list or not some:
            continue
        began = time.process_time() + _children()
        alive = survivors(module, tests, some)
        if isinstance(alive, str):
            print(f"{module}: its tests fail as it is: {alive}", flush=True)
            continue
        spent = time.process_time() + _children() - began
        killed, tried = killed + len(some) - len(alive), tried + len(some)
        print(f"{module}: {len(some) - len(alive)} of {len(some)} noticed "
              f"({len(every)} in all, {spent:.0f} CPU-seconds)", flush=True)  # fmt: skip
        for mutant in alive:
            print(f"  survives {mutant}", flush=True)
    if tried:
        print(f"{killed} of {tried} noticed: {killed / tried:.1%}")


def _wanted(mutant: Mutant, names: list[str]) -> bool:
    """Whether a mutant is of one of the modules named, or of a line named with its module."""
    for name in names:
        module, _colon, line = name.partition(":")
        if module in mutant.module and (not line or int(line) == mutant.line):
            return True
    return not names


def _drawn(every: list[Mutant], asked: argparse.Namespace, seed: str) -> list[Mutant]:
    """As many as were asked for; of a part, what is left of a mutant is drawn by its chance."""
    luck = random.Random(seed)
    if asked.part:
        number = int(asked.part * len(every) + luck.random())
        return luck.sample(every, min(number, len(every)))
    return luck.sample(every, asked.each) if asked.each and asked.each < len(every) else every


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
