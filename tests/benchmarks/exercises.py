"""Every exercise over many seeds: right accepted, each known mistake met with its own hint.

    python tests/benchmarks/exercises.py [--seeds 1000]

About ten CPU-seconds for a thousand of one exercise.
"""

import argparse
import time

from kpilib.lessons.exercises import EXERCISES, exercise_for
from kpilib.words import Amount


def main() -> None:
    """Print how many tasks were made, and what did not hold."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=1000)
    seeds, start, wrong, vague = asked.parse_args().seeds, time.process_time(), 0, 0
    for name in EXERCISES:
        mistakes = 0
        for task in exercise_for(name, range(seeds)).values():
            written = Amount(task.answer, task.unit, task.currency).of("en")
            wrong += not task.check(task.answer).right
            vague += not task.check(written).right
            for one in task.wrongs:
                said = task.check(one.value)
                wrong += said.right or said.text != one.hint
            found = [task.find(line).right for line in range(1, len(task.report) + 1)]
            wrong += sum(found) != bool(task.report)
            mistakes += len(task.wrongs)
        print(f"{name}: {seeds} seeds, {mistakes / seeds:.2f} mistakes each", flush=True)
    print(f"{vague} answers had to be written with more decimals than are shown")
    print(f"{wrong} wrong, {time.process_time() - start:.0f} CPU-seconds")


if __name__ == "__main__":
    main()
