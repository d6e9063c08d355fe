"""The slopes of a statistic found by moving each of its sums a little, to hold its gradient to."""

import numpy as np
import pytest


def hold_gradient(statistic, sums, known=None):
    """Each part's value moves with each sum as the gradient says, and with no other.

    `known` is the place of the source that is taken as it is: the gradient has nothing of it.
    """
    gradient = statistic.gradient(*sums)
    for part, slopes in gradient.items():
        assert len(slopes) == len(sums)
        for place, table in enumerate(sums):
            if place == known:
                assert slopes[place] == {}
                continue
            for name in table.columns:
                found = np.broadcast_to(slopes[place].get(name, 0.0), len(table))
                wanted = _slope(statistic, sums, place, name, part)
                assert found == pytest.approx(wanted, rel=1e-4, abs=1e-9), (part, place, name)
    return gradient


def _slope(statistic, sums, place, name, part):
    step = 1e-4 * (1 + sums[place][name].abs().to_numpy(float))
    ends = []
    for sign in (1, -1):
        moved = list(sums)
        moved[place] = sums[place].assign(**{name: sums[place][name] + sign * step})
        table = statistic.estimate(*moved)
        mine = table if part is None else table[table["part"] == part]
        ends.append(mine["value"].to_numpy(float))
    return (ends[0] - ends[1]) / (2 * step)
