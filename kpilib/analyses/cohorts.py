"""Cohorts: customers who began together, followed through their ages.

`cohorts` gives a tidy table, one row per cohort and age; `triangle` turns one of its measures into
the familiar wide shape. A cell that has not begun is not there at all; one that has begun and is
not over is `running`, and in no average.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kpilib.activity.units_of_time import UNITS, label_of, place_of
from kpilib.analyses.cohort_cells import Floats, Grid, Ints, Plan, bought, covered, members, money
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period
from kpilib.registry.small_cells import keeps_small_cells_back
from kpilib.show.reason import answering
from kpilib.statistics.intervals import wilson
from kpilib.words import MISSING, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

AVERAGE = "average"
MAX_COHORTS = 1000
_TOO_MANY_UNITS = _(
    "cohorts by '{by}' would be {n}, more than {most} can be read; choose a wider unit or last=12"
)
_TOO_MANY_VALUES = _(
    "cohorts by '{by}' would be {n}, more than {most} can be read; choose an attribute with fewer "
    "values"
)
MEASURES = (
    "retention",
    "rolling",
    "kept",
    "customers",
    "orders",
    "revenue",
    "margin",
    "value",
    "cumulative_value",
    "cumulative_margin",
)
COLUMNS = (
    *("cohort", "age", "period", "state", "size", "eligible", "customers"),
    *("retention", "low", "high", "rolling", "kept", "orders", "revenue", "margin"),
    *("value", "cumulative_value", "cumulative_margin", "cohorts", "pooled"),
)
_SUMS = ["customers", "rolling", "orders", "revenue", "margin"]


@answering
@keeps_small_cells_back
def cohorts(
    base: "Business",
    by: str = "month",
    *,
    period: str | Period | None = None,
    axis: str = "calendar",
    step: str | None = None,
    activity: str | None = None,
    margin: float | None = None,
    last: int | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Retention, orders and money of each cohort at each age, a row per cohort and age.

    `by` is when customers came (`day`, `week`, `month`, `quarter`) or any attribute of theirs,
    customers without it being a cohort of their own. `axis="calendar"` counts ages in calendar
    units from the one in which a customer came; `axis="age"` in stretches of 1, 7, 30 or 91 days
    from the customer's own first day. `step` is that unit, by default the cohorts' own, else the
    month. `activity="bought"` counts who bought within the cell, `"active"` whose spell covers the
    end of it; the default is `active` where contracts make the spells. `margin` is the share of
    revenue kept; without it the margin is revenue at the settings' `value.margin`, less
    customer_costs where that table is given, and NaN where there is neither.
    `last` keeps the latest so many cohorts. `period` tells the table as it was at that period's
    close; the default is all that the data cover.

    Columns: `cohort`, `age` (0, 1, …), `period` (label of the cell where it has one), `state`,
    `size` (customers in the cohort), `eligible` (of them, those who have lived the age to its end),
    `customers`, `retention` (customers over eligible) with Wilson's `low` and `high`, `rolling`
    (share seen in this age or later; it can only rise as more is seen), `kept` (retention over that
    of the age before), `orders`, `revenue`, `margin`, `value` (revenue per eligible customer),
    `cumulative_value` and `cumulative_margin` per customer, `cohorts` (how many the row is of), and
    `pooled` (whether it is of all together).

    `state` is `complete`; `partly` where only some of a dated cohort have lived the age, and the
    numbers are of those; or `running`, where it is not over for any: what is there so far, over
    the whole cohort, with no interval. The pooled rows, of cohort `average` (`(average)` where a
    segment has that name), are of all customers who have lived an age: sums over sums, never a mean
    of rates.

    Cohorts run from the first to the last unit in which anyone came, those between with nobody
    included. Raises InputError where `by` or an option is unknown, or there are more than 1,000
    cohorts.

    >>> from kpilib.demo import tiny_shop
    >>> table = cohorts(tiny_shop())
    >>> triangle(table, "customers")
    age        0    1    2    3
    cohort
    2026-01  4.0  2.0  1.0  2.0
    2026-02  1.0  1.0  0.0  NaN
    2026-03  1.0  0.0  NaN  NaN
    average  6.0  3.0  1.0  2.0
    """
    plan = _plan(base, by, period, axis, step, activity, margin, last)
    counts = members(plan)
    grid = Grid(plan, counts, _cohort_names(plan, counts))
    cells = bought(plan, grid)
    cells["margin"] = _margin(plan, grid, cells["revenue"])
    if plan.active:
        cells["customers"] = covered(plan, grid)
        cells["rolling"] = np.full_like(cells["customers"], np.nan)
    table = _cells(plan, grid, cells)
    both = [table.assign(pooled=False), _average(table)]
    table = _rates(pd.concat(both, ignore_index=True), level)
    table.attrs = {"by": by, "axis": axis, "step": plan.step, "active": plan.active}
    return table


def triangle(table: pd.DataFrame, measure: str = "retention") -> pd.DataFrame:
    """One measure of `cohorts`, wide: a row per cohort, a column per age, NaN where not lived."""
    if measure not in MEASURES:
        raise InputError(f"measure {measure!r} is not known; {near_miss(measure, MEASURES)}")
    order = table["cohort"].drop_duplicates()
    return table.pivot(index="cohort", columns="age", values=measure).reindex(order)


def _plan(base, by, period, axis, step, activity, margin, last) -> Plan:
    dated = by in UNITS
    if not dated and by not in base.dimensions:
        known = near_miss(by, [*UNITS, *base.dimensions])
        raise InputError(f"cohorts by {by!r}: no such axis or attribute; {known}")
    step = step or (by if dated else "month")
    active = base.activity_rule == "subscriptions" if activity is None else activity == "active"
    options: dict[str, tuple[str, tuple[str, ...]]] = {
        "axis": (axis, ("calendar", "age")),
        "step": (step, UNITS),
        "activity": (activity or "bought", ("bought", "active")),
    }
    for name, (value, choices) in options.items():
        if value not in choices:
            raise InputError(f"cohorts with {name}={value!r}; {near_miss(value, choices)}")
    if last is not None and not (dated and last >= 1):
        raise InputError(
            f"cohorts by {by!r} with last={last}: last is how many units of time to keep, 1 or more"
        )
    as_of = base.as_of if period is None else base.closes(base.period(period))
    week_starts = base.settings.week_starts if "week" in (by, step) else "monday"
    return Plan(base, by, dated, axis == "age", step, active, as_of, margin, last, week_starts)


def _cohort_names(plan: Plan, members: pd.DataFrame) -> list:
    """The cohorts in order: every unit from the first to the last that has one, or the values."""
    if plan.dated:
        first, final = (
            place_of(plan.by, day, plan.week_starts) for day in (plan.since, plan.span[1])
        )
        names = list(range(first, final + 1))
    else:
        names = sorted(members["cohort"].unique(), key=lambda name: (name == MISSING, name))
    if len(names) > MAX_COHORTS:
        text = _TOO_MANY_UNITS if plan.dated else _TOO_MANY_VALUES
        raise InputError(text.format(by=plan.by, n=len(names), most=MAX_COHORTS))
    return names


def _margin(plan: Plan, grid: Grid, revenue: Floats) -> Floats:
    """What is kept of the revenue; unknown where nobody said, neither a margin nor the costs."""
    if plan.margin is not None:
        return revenue * plan.margin
    share = plan.base.settings.value.margin
    if "customer_costs" in plan.base.tables:
        return revenue * share - money(plan, grid, plan.base.tables["customer_costs"])
    return revenue * share if share != 1 else np.full_like(revenue, np.nan)


def _cells(plan: Plan, grid: Grid, cells: dict[str, Floats]) -> pd.DataFrame:
    """The counts and sums of the cells begun, a row each, cohort by cohort."""
    row, age = np.nonzero(grid.there)
    eligible, size = grid.eligible[row, age], grid.size[row]
    state = np.where(plan.dated & (eligible < size), "partly", "complete")
    return pd.DataFrame(
        {
            "cohort": np.array(_labels(plan, grid), dtype=object)[row],
            "age": age,
            "period": _periods(plan, grid, row, age),
            "state": np.where(grid.running[row, age], "running", state),
            "size": size,
            "eligible": eligible,
            **{name: cell[row, age] for name, cell in cells.items()},
            "cohorts": 1,
        }
    )


def _average(table: pd.DataFrame) -> pd.DataFrame:
    """The pooled rows: sums over all customers who have lived an age."""
    over = table[(table["state"] != "running") & (table["eligible"] > 0)]
    sums = over.groupby("age")[["size", "eligible", *_SUMS, "cohorts"]].sum(min_count=1)
    name = f"({AVERAGE})" if AVERAGE in set(table["cohort"]) else AVERAGE
    return sums.reset_index().assign(cohort=name, period=None, state="complete", pooled=True)


def _rates(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """The finished table: counts as integers, and what follows from them per customer."""
    running = table["state"] == "running"
    per = table["eligible"].mask(running, table["size"]).replace(0, np.nan)
    low, high = wilson(table["customers"].where(table["eligible"] > 0, 0), table["eligible"], level)
    columns = ["retention", "rolling", "value", "margin_each"]
    table[columns] = table[["customers", "rolling", "revenue", "margin"]].div(per, axis=0)
    by_cohort = table.groupby("cohort", sort=False)
    expected = (by_cohort["retention"].shift(1) * table["eligible"]).mask(running)
    pooled = table["pooled"]
    # The pooled row compares with the age before of those same cohorts, not of all.
    expected[pooled] = table["age"].map(expected[~pooled].groupby(table["age"]).sum())
    table = table.assign(
        low=low,
        high=high,
        kept=(table["customers"] / expected).where(expected > 0),
        cumulative_value=by_cohort["value"].cumsum(),
        cumulative_margin=by_cohort["margin_each"].cumsum(),
    )
    counted = ["age", "size", "eligible", "customers", "orders", "cohorts"]
    return table.astype(dict.fromkeys(counted, "int64"))[list(COLUMNS)]


def _labels(plan: Plan, grid: Grid) -> list[str]:
    if not plan.dated:
        return grid.names
    return [label_of(plan.by, name, plan.week_starts) for name in grid.names]


def _periods(plan: Plan, grid: Grid, row: Ints, age: Ints) -> list[str | None]:
    """The label of each cell that is one calendar period."""
    if plan.ages or not plan.dated or plan.by != plan.step:
        return [None] * len(row)
    place = np.array(grid.names)[row] + age
    labels = {int(p): label_of(plan.step, int(p), plan.week_starts) for p in np.unique(place)}
    return [labels[int(p)] for p in place]
