"""A thousand replayed months: is every restated unit put down to what caused it, to the cent?

    python -m tests.benchmarks.restated_months --shops 125

Each shop has eight months, with late rows, refunds, merged customers and changed rules, alone and
together; the truth is reckoned with sums and sets (`tests/questions/vintage/test_restate.py`).
"""

import argparse
import time

from tests.questions.vintage.test_restate import KINDS, MONTHS, check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=125)
    parser.add_argument("--from", dest="first", type=int, default=1000)
    options = parser.parse_args()
    begun, numbers = time.process_time(), 0
    for seed in range(options.first, options.first + options.shops):
        numbers += check(seed, KINDS[seed % len(KINDS)])
    months = options.shops * len(MONTHS)
    print(
        f"{months} months, {numbers} restated numbers: all attributed, nothing left over, "
        f"{time.process_time() - begun:.0f} CPU-s"
    )


if __name__ == "__main__":
    main()
