"""Purchases through time against what a model fitted to the first part of it expects."""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.units_of_time import UNITS, opening, places
from kpilib.clv.expected.choose import ModelChoice, chosen_purchases, fitted_purchases
from kpilib.clv.expected.summary import Until, as_until, purchase_counts
from kpilib.engines.expressions import count_where
from kpilib.errors import InputError, near_miss
from kpilib.periods import day_date
from kpilib.show.reason import answering

if TYPE_CHECKING:
    from kpilib.activity.business import Business


@answering
def purchase_tracking(
    base: "Business",
    split: Until = None,
    *,
    model: ModelChoice = None,
    step: str = "week",
    until: Until = None,
) -> pd.DataFrame:
    """Repeat purchases of the customers acquired before `split`, actual and expected.

    The model is fitted to what lies before `split` (by default two thirds of the way to `until`,
    the end of the data where not given; nothing later counts) and asked
    about new customers on their first day, so both halves of the table test it: `start`, `end`
    (first day outside), `actual`, `expected`, their running totals `actual_so_far` and
    `expected_so_far`, and `holdout` (whether the step begins at the split or later). Steps that the
    data do not cover to their end are left out.

    >>> import kpilib
    >>> table = purchase_tracking(kpilib.open("cdnow-sample"), "1997-10-01", step="quarter")
    >>> print(table[["start", "actual", "holdout"]].to_string(index=False))
         start  actual  holdout
    1997-01-01     812    False
    1997-04-01     920    False
    1997-07-01     725    False
    1997-10-01     731     True
    1998-01-01     656     True
    1998-04-01     495     True
    """
    if step not in UNITS:
        raise InputError(f"step {step!r} is not known; {near_miss(step, UNITS)}")
    first, last = base.first_day, as_until(base, until)
    closes = first + (last - first) * 2 // 3 if split is None else as_until(base, split)
    fitted = fitted_purchases(
        chosen_purchases(base, model, "tracking"), purchase_counts(base, closes)
    )
    daily = base.engine.collect(
        base.visits.filter(nw.col("first_day") < closes)
        .with_columns(once=nw.col("previous_day").is_null())
        .group_by("day")
        .agg(
            count_where(nw.col("once")).alias("new"),
            count_where(~nw.col("once")).alias("repeat"),
        )
    )
    days = last - first
    place = daily["day"].to_numpy(int) - first
    new = np.bincount(place, daily["new"].to_numpy(float))
    repeat = np.bincount(place, daily["repeat"].to_numpy(int), minlength=days)[:days]
    grown = fitted.expected_purchases_new(np.arange(days + 1.0))
    expected = np.convolve(new, np.diff(grown))[:days]
    week_starts = base.settings.week_starts
    unit = places(step, np.arange(first, last), week_starts)
    table = pd.DataFrame({"place": unit, "actual": repeat.astype(int), "expected": expected})
    table = table.groupby("place", as_index=False).sum()
    starts = opening(step, table["place"].to_numpy(), week_starts)
    ends = opening(step, table["place"].to_numpy() + 1, week_starts)
    whole = ends <= last
    table = table.assign(
        start=[day_date(day) for day in starts],
        end=[day_date(day) for day in ends],
        actual_so_far=table["actual"].cumsum(),
        expected_so_far=table["expected"].cumsum(),
        holdout=starts >= closes,
    )
    order = ["start", "end", "actual", "expected", "actual_so_far", "expected_so_far", "holdout"]
    return table.loc[whole, order].reset_index(drop=True)
