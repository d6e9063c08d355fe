"""The purchases to prepare for: a forecast of demand from the customers there are."""

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.clv.expected.choose import ModelChoice, chosen_purchases, fitted_purchases
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.expected.predictive import simulate_purchases
from kpilib.clv.expected.summary import purchase_counts
from kpilib.clv.fitting.counts import Counts
from kpilib.periods import Period, day_date
from kpilib.show.reason import answering

if TYPE_CHECKING:
    from kpilib.activity.business import Business

WORK = 2_000_000


@answering
def demand_forecast(
    base: "Business",
    period: str | Period | None = None,
    horizon: Any = "6 months",
    *,
    model: ModelChoice = None,
    draws: int = 500,
    seed: int | None = 0,
) -> pd.DataFrame:
    """Purchases to come from those who are customers when the period closes, month by month.

    `start`, `end` (first day outside), `expected` with 95% `low` and `high` of what will come
    (parameters and chance), `actual` where the data already tell (else NaN), and the same so far:
    `expected_so_far`, `low_so_far`, `high_so_far`, `actual_so_far`. Purchases of customers won
    later are not in it, nor seasons, of which the models know nothing.

    >>> import kpilib
    >>> table = demand_forecast(kpilib.open("cdnow-sample"), "1998-03", "3 months", draws=100)
    >>> print(table[["start", "actual"]].to_string(index=False))
         start  actual
    1998-04-01   159.0
    1998-05-01   168.0
    1998-06-01   168.0
    """
    closes = base.closes(base.period(period))
    name = chosen_purchases(base, model, "a demand forecast")
    start = day_date(closes)
    schedule = Schedule.until(horizon, start=start)
    counts = purchase_counts(base, closes)
    fitted = fitted_purchases(name, counts)
    history = (counts.frequency, counts.recency, counts.T)
    times, matrix = schedule.nodes(fitted.time_scale)

    def so_far(one: Any) -> np.ndarray:
        return matrix @ (one.expected_purchases(times[:, None], *history) @ counts.weights)

    expected = so_far(fitted)
    ends = schedule.dates(start)
    table = pd.DataFrame({"start": [start, *ends[:-1]], "end": ends})
    table["expected"] = np.diff(expected, prepend=0.0)
    table["expected_so_far"] = expected
    if draws and fitted.fitted is not None:
        drawn = fitted.posterior(draws, seed).quick_values(so_far)
        single, running = _chance(fitted, counts, schedule, seed)
        for suffix, values, variance in (
            ("", np.diff(drawn, axis=1, prepend=0.0), single),
            ("_so_far", drawn, running),
        ):
            noise = np.random.default_rng(seed).standard_normal(values.shape) * np.sqrt(variance)
            low, high = np.quantile(np.maximum(values + noise, 0.0), [0.025, 0.975], axis=0)
            table["low" + suffix], table["high" + suffix] = low, high
    else:
        table[["low", "high", "low_so_far", "high_so_far"]] = np.nan
    table["actual"] = _came(base, closes, schedule)
    table["actual_so_far"] = table["actual"].cumsum()
    order = ["start", "end", *(f"{c}{s}" for s in ("", "_so_far") for c in
             ("expected", "low", "high", "actual"))]  # fmt: skip
    return table[order]


def _chance(
    model: Any, counts: Counts, schedule: Schedule, seed: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of all customers' purchases in each step, and so far, given the model."""
    times = int(np.clip(WORK // max(len(counts), 1), 20, 400))
    history = (counts.frequency, counts.recency, counts.T)
    who, when = simulate_purchases(model, *history, schedule.days, seed, times=times)
    step = np.searchsorted(schedule.ends, when)
    single, running, total = [], [], np.zeros((times, len(counts)))
    for place in range(len(schedule.ends)):
        seen = np.bincount(who[step == place], minlength=total.size).reshape(times, -1)
        total += seen
        single.append(seen.var(axis=0) @ counts.weights)
        running.append(total.var(axis=0) @ counts.weights)
    return np.array(single), np.array(running)


def _came(base: "Business", closes: int, schedule: Schedule) -> np.ndarray:
    """Purchases in each step of those who were customers at its start; NaN where not yet known."""
    day = nw.col("day")
    later = base.visits.filter((nw.col("first_day") < closes) & (day >= closes))
    daily = base.engine.collect(later.group_by("day").agg(nw.len().alias("n")))
    step = np.searchsorted(schedule.ends, daily["day"].to_numpy(int) - closes, side="right")
    came = np.bincount(step, daily["n"].to_numpy(float), minlength=len(schedule.ends))
    came = came[: len(schedule.ends)]
    return np.where(closes + schedule.ends <= base.as_of, came, np.nan)
