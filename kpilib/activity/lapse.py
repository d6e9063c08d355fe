"""The lapse window: how long without a purchase until a customer counts as lost."""

from dataclasses import dataclass
from math import ceil

import narwhals.stable.v2 as nw
import numpy as np

from kpilib.engines import Engine
from kpilib.statistics.survival import KaplanMeier

QUANTILE = 0.9


@dataclass(frozen=True)
class LapseWindow:
    """A lapse window in days, and how it was come by.

    `method` is `"given"`, `"gaps"` (the 90th percentile of the Kaplan–Meier distribution of the
    gaps between purchases), `"returns"` (that percentile among the customers who do return, where
    too few ever do for the first to exist) or `"default"` (nobody bought twice).
    """

    days: int
    method: str
    gaps: int = 0
    """How many gaps between two purchases it rests on."""
    unfinished: int = 0
    """How many customers' last purchases have not been followed by another so far."""

    @property
    def half(self) -> int:
        """Half the window, at least one day."""
        return max(1, self.days // 2)

    @property
    def double(self) -> int:
        """Twice the window."""
        return 2 * self.days


def find_lapse_window(engine: Engine, visits: nw.LazyFrame, as_of: int) -> LapseWindow:
    """The default window: the 90th percentile of the gaps between purchases, in whole days.

    A last purchase is a gap that had not ended when the data do (`as_of`, a day number): it
    counts as censored, so that long gaps are not missed for being unfinished. Where most
    customers never return, the distribution of gaps has no 90th percentile; then the percentile is
    that of the gaps of those who return, still corrected for the unfinished ones.
    """
    following = nw.col("next_day")
    lasting = nw.when(following.is_null()).then(nw.lit(as_of - 1)).otherwise(following)
    gaps = visits.select(
        gap=lasting - nw.col("day"),
        ended=nw.when(following.is_null()).then(nw.lit(0)).otherwise(nw.lit(1)),
    )
    table = engine.collect(gaps.group_by("gap", "ended").agg(nw.len().alias("n")))
    gap, n = table["gap"].to_numpy(float), table["n"].to_numpy(float)
    ended = n * table["ended"].to_numpy(float)
    unfinished = n - ended
    counts = {"gaps": int(ended.sum()), "unfinished": int(unfinished.sum())}
    if not counts["gaps"]:
        return LapseWindow(365, "default", **counts)
    fit = KaplanMeier.from_counts(gap, ended, unfinished)
    returned = 1 - fit.survival
    reached = returned >= QUANTILE - 1e-12
    method = "gaps" if reached.any() else "returns"
    if not reached.any():
        reached = returned >= QUANTILE * returned[-1] - 1e-12
    return LapseWindow(max(1, ceil(fit.time[np.argmax(reached)])), method, **counts)
