"""Every exercise over many seeds: right accepted, each known mistake met with its own hint.

    python tests/benchmarks/exercises.py [--seeds 1000]

About a third of a CPU-second each.
"""

import argparse
import time

from kpilib.lessons.exercises import EXERCISES, exercise


def main() -> None:
    """Print how many tasks were made, and what did not hold."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=1000)
    seeds, start, wrong = asked.parse_args().seeds, time.process_time(), 0
    for name in EXERCISES:
        mistakes = 0
        for seed in range(seeds):
            task = exercise(name, seed)
            wrong += not task.check(task.answer).right
            for one in task.wrongs:
                said = task.check(one.value)
                wrong += said.right or said.text != one.hint
            mistakes += len(task.wrongs)
        print(f"{name}: {seeds} seeds, {mistakes / seeds:.1f} mistakes each", flush=True)
    print(f"{wrong} wrong, {time.process_time() - start:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
