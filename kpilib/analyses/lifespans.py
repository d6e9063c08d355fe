"""How long customers last: survival curves of lifetime, of the second purchase, of the first loss.

`survival_curves` gives the steps of each group's Kaplan–Meier curve, `survival_summary` its median
and means beside the averages that practice offers. Customers still there count as unfinished.
"""

from datetime import date
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, day_number
from kpilib.registry.small_cells import keeps_small_cells_back
from kpilib.show.reason import answering
from kpilib.statistics.survival import Estimate, KaplanMeier, log_rank, naive_means
from kpilib.words import MISSING, _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

DURATIONS = ("lifetime", "first_loss", "second_purchase")
ALL = "all"
MAX_GROUPS = 100
_NO_CUSTOMER = _("{source}: there is no customer whose survival could be estimated")
_TOO_MANY = _(
    "survival by '{by}' would be {groups} curves; choose an attribute with at most {most} values"
)


@answering
@keeps_small_cells_back
def survival_curves(
    base: "Business",
    of: str = "lifetime",
    *,
    period: str | Period | None = None,
    by: str | None = None,
    observed_from: date | str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The steps of the survival curve, one row per group and day on which anything happened.

    `of` is what is timed, in days: `lifetime`, from a customer's first day to the end of the last
    spell; `first_loss`, to the end of the first spell, whether or not the customer came back;
    `second_purchase`, from the first purchase to the next. `period` tells it as it was at that
    period's close (default: all that the data cover). `by` is an attribute that splits the
    customers; those without it are the group `(missing)`. `observed_from` is the day from which
    endings were recorded, for records whose customers are older than that (left truncation).

    Columns: `group`, `days`, `at_risk`, `events`, `censored`, `survival`, `low`, `high`; the first
    row of a group is day 0. Raises InputError where `of` or `by` is unknown.

    >>> from kpilib.demo import tiny_shop
    >>> survival_curves(tiny_shop())[["days", "at_risk", "events", "survival"]].round(3)
       days  at_risk  events  survival
    0     0        6       0     1.000
    1    45        6       2     0.667
    2    81        4       1     0.500
    3   105        2       0     0.500
    4   115        1       0     0.500
    """
    fits = fit_survival(base, of, period=period, by=by, observed_from=observed_from, level=level)
    table = pd.concat([_steps(name, fit) for name, fit in fits.items()], ignore_index=True)
    table.attrs = {"of": of, "by": by, "window": _window(base, of)}
    return table


@answering
def survival_summary(
    base: "Business",
    of: str = "lifetime",
    *,
    period: str | Period | None = None,
    by: str | None = None,
    tau: float | None = None,
    observed_from: date | str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """What a survival curve says of each group, beside the naive averages of the same customers.

    Columns, durations in days: `group`, `customers`, `ended`, `median` with `median_low` and
    `median_high` (NaN where not reached within what was seen, or where it only repeats the lapse
    window, before which nobody can be lost), `mean` within the first `tau` days
    with `mean_low` and `mean_high`, `tau` (default: the longest that every group was seen),
    `naive_mean` (all durations as if finished), `naive_ended` (only the finished ones),
    `naive_rate` (total time per ending: right where the hazard is constant), and `p_value` of the
    log-rank test that all groups share one curve (NaN without groups).

    >>> from kpilib.demo import tiny_shop
    >>> row = survival_summary(tiny_shop()).iloc[0]
    >>> round(row["median"]), float(row["mean"]), float(row["naive_mean"])
    (81, 86.0, 78.666...)
    """
    table = _counts(base, of, period, by, observed_from)
    fits, window = _fit(table, level), _window(base, of)
    tau = tau or min(fit.time[-1] for fit in fits.values())
    rows = []
    for name, fit in fits.items():
        mine = table[table["group"] == name]
        median, mean = fit.median(), fit.restricted_mean(tau)
        if median.value == window:
            median = Estimate(None, None, None)
        naive = naive_means(mine["lasted"], mine["ended"], mine["unfinished"])
        rows.append(
            {
                "group": name,
                "customers": int(fit.n),
                "ended": int(fit.events.sum()),
                "median": median.value,
                "median_low": median.low,
                "median_high": median.high,
                "mean": mean.value,
                "mean_low": mean.low,
                "mean_high": mean.high,
                "tau": mean.tau,
                "naive_mean": naive.observed,
                "naive_ended": naive.ended_only,
                "naive_rate": naive.per_event,
            }
        )
    test = log_rank(list(fits.values())).p_value if len(fits) > 1 else np.nan
    found = pd.DataFrame(rows).assign(p_value=test)
    return found.astype({"median": float, "median_low": float, "median_high": float})


def fit_survival(
    base: "Business",
    of: str = "lifetime",
    *,
    period: str | Period | None = None,
    by: str | None = None,
    observed_from: date | str | None = None,
    level: float = 0.95,
) -> dict[str, KaplanMeier]:
    """The fitted curve of each group, largest group first; one group `all` without `by`."""
    return _fit(_counts(base, of, period, by, observed_from), level)


def _window(base: "Business", of: str) -> int | None:
    """The lapse window, which every customer lasts by its definition; None where there is none."""
    if of == "second_purchase" or base.activity_rule == "subscriptions":
        return None
    return base.lapse_window.days


def _fit(table: pd.DataFrame, level: float) -> dict[str, KaplanMeier]:
    size = table.groupby("group")[["ended", "unfinished"]].sum().sum(axis=1)
    order = sorted(size.index, key=lambda name: (name == MISSING, -size[name], name))
    parts = {name: table[table["group"] == name] for name in order}
    return {
        name: KaplanMeier.from_counts(
            part["lasted"], part["ended"], part["unfinished"], part["entry"], level
        )
        for name, part in parts.items()
    }


def _counts(
    base, of: str, period, by: str | None, observed_from: date | str | None
) -> pd.DataFrame:
    """Customers per group, duration and age at entry: `ended` and `unfinished`."""
    if of not in DURATIONS:
        raise InputError(f"survival of {of!r} is not known; {near_miss(of, DURATIONS)}")
    if by is not None and by not in base.dimensions:
        raise InputError(f"survival by {by!r}: no such attribute; {near_miss(by, base.dimensions)}")
    as_of = base.as_of if period is None else base.closes(base.period(period))
    timed = _second_purchase(base, as_of) if of == "second_purchase" else _spells(base, of, as_of)
    seen = -(10**6) if observed_from is None else day_number(_as_date(observed_from))
    entry = nw.lit(seen) - nw.col("begun")
    frame = timed.with_columns(entry=nw.when(entry > 0).then(entry).otherwise(nw.lit(0)))
    # Whoever ended before endings were recorded could not have been in the records.
    frame = frame.filter((nw.col("lasted") > nw.col("entry")) | (nw.col("entry") == 0))
    if by is None:
        frame = frame.with_columns(group=nw.lit(ALL))
    else:
        named = base.attribute(by).select("customer_id", group=nw.col(by).cast(nw.String))
        frame = frame.join(named, on="customer_id", how="left").with_columns(
            group=nw.col("group").fill_null(MISSING)
        )
    ended = nw.col("ended")
    table = base.engine.collect(
        frame.group_by("group", "lasted", "entry").agg(
            ended=ended.sum(), unfinished=(1 - ended).sum()
        )
    )
    groups = table["group"].nunique()
    if not groups:
        raise InputError(_NO_CUSTOMER.format(source=base.source))
    if groups > MAX_GROUPS:
        raise InputError(_TOO_MANY.format(by=by, groups=groups, most=MAX_GROUPS))
    return table.sort_values(["group", "lasted", "entry"], ignore_index=True)


def _spells(base, of: str, as_of: int) -> nw.LazyFrame:
    """`customer_id, begun, lasted, ended` of every customer begun before the as-of."""
    spells = base.spells().filter(nw.col("start") < as_of)
    if of == "lifetime":
        spells = spells.group_by("customer_id").agg(
            begun=nw.col("first_day").min(), stop=nw.col("stop").max()
        )
    else:
        spells = spells.filter(nw.col("first") == 1).select(
            "customer_id", "stop", begun=nw.col("start")
        )
    stop, over = nw.col("stop"), nw.col("stop") < as_of
    # An end on the day of the as-of is not known by then, so whoever is still there was last seen
    # the day before; contracts that end on month ends would else seem to last.
    return spells.select(
        "customer_id",
        "begun",
        lasted=nw.when(over).then(stop).otherwise(nw.lit(as_of - 1)) - nw.col("begun"),
        ended=nw.when(over).then(nw.lit(1)).otherwise(nw.lit(0)),
    )


def _second_purchase(base, as_of: int) -> nw.LazyFrame:
    """The same columns; unfinished where the second purchase has not come by the last day."""
    following, day = nw.col("next_day"), nw.col("day")
    returned = following < as_of
    first = base.visits.filter(nw.col("previous_day").is_null() & (day < as_of))
    return first.select(
        "customer_id",
        begun=day,
        lasted=nw.when(returned).then(following).otherwise(nw.lit(as_of - 1)) - day,
        ended=nw.when(returned).then(nw.lit(1)).otherwise(nw.lit(0)),
    )


def _steps(name: str, fit: KaplanMeier) -> pd.DataFrame:
    low, high = fit.limits
    table = pd.DataFrame(
        {
            "group": name,
            "days": fit.time,
            "at_risk": fit.at_risk,
            "events": fit.events,
            "censored": fit.censored,
            "survival": fit.survival,
            "low": low,
            "high": high,
        }
    )
    if fit.time[0] > 0:
        first = {"group": name, "days": 0, "at_risk": fit.at_risk[0], "events": 0, "censored": 0}
        first |= {"survival": 1.0, "low": 1.0, "high": 1.0}
        table = pd.concat([pd.DataFrame([first]), table], ignore_index=True)
    counted = ["days", "at_risk", "events", "censored"]
    return table.astype(dict.fromkeys(counted, "int64"))


def _as_date(day: date | str) -> date:
    try:
        return day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError:
        raise InputError(f"observed_from={day!r} is not a date; write it like 2026-10-31") from None
