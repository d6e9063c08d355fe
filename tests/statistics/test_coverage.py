"""Limits of 95% hold the truth about as often as they say: the benchmark with fewer samples.

`python -m tests.benchmarks.interval_coverage` prints the whole table.
"""

import pytest

from tests.benchmarks.coverage_cases import CASES, covered
from tests.benchmarks.interval_coverage import WITHIN, difference, drivers


@pytest.mark.parametrize("name", CASES)
def test_limits_of_a_statistic_hold_the_truth(name):
    assert WITHIN[0] <= covered(name, 400) <= WITHIN[1]


def test_limits_of_a_difference_and_of_importance_hold_the_truth():
    assert WITHIN[0] <= difference(2000) <= WITHIN[1]
    assert drivers(60) >= 0.85
