"""RFM: recency, frequency and money scored by frozen cut points, and the segments they make.

Quantiles taken anew each month move the goalposts: the same customer changes segment because
others did. So cut points are a value: found once, saved, read back and used again. A score counts
the cut points a value lies beyond, so that equal customers always get equal scores.
"""

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.analyses.cut_points import SCORES, CutPoints
from kpilib.analyses.moves import moves
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, day_date, day_number, months_before
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import goodman
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

WINDOW_MONTHS = 12

SEGMENTS = ("champions", "loyal", "promising", "recent", "fading", "at_risk", "asleep")
"""Segment ids, best first. By score, the first rule that holds:

- champions: r, f and m all 4 or 5; loyal: r at least 3, f 4 or 5;
- promising: r 4 or 5, and f at least 2 or m 4 or 5; recent: any other r of 4 or 5;
- fading: any other r of 3; at risk: f or m of 4 or 5; asleep: the rest.
"""


def find_cut_points(
    base: "Business", period: str | Period | None = None, *, months: int = WINDOW_MONTHS
) -> CutPoints:
    """The quintiles of the customers who bought in the `months` up to the close of a period.

    >>> from kpilib.demo import tiny_shop
    >>> find_cut_points(tiny_shop(), "2026-04").frequency
    (1.0, 2.0, 2.0, 2.0)
    """
    if months < 1:
        raise InputError(f"RFM over {months} months; give a window of 1 or more")
    return _find(base, base.period(period), months)


def _find(base: "Business", asked: Period, months: int) -> CutPoints:
    values = base.engine.keep(customer_values(base, asked, months))
    points = {name: _quintiles(base, values, name) for name in ("recency", "frequency", "money")}
    base.engine.forget(values)
    return CutPoints(**points, months=months, found_in=asked.label)


def customer_values(base: "Business", period: Period, months: int) -> nw.LazyFrame:
    """Each customer who bought in the `months` up to the close: `recency`, `frequency`, `money`.

    Recency is in whole days before the close, 0 for a purchase on the last day; money to the cent.
    """
    closes = base.closes(period)
    opens = day_number(months_before(day_date(closes), months))
    day, bought = nw.col("day"), nw.col("purchase") == 1
    return (
        base.money.filter((day >= opens) & (day < closes))
        .with_columns(bought=nw.when(bought).then(day))
        .group_by("customer_id")
        .agg(
            last=nw.col("bought").max(),
            frequency=nw.col("purchase").sum(),
            money=nw.col("amount").sum(),
        )
        .filter(nw.col("frequency") > 0)
        .with_columns(recency=closes - 1 - nw.col("last"), money=nw.col("money").round(2))
    )


def rfm_scores(
    base: "Business", period: str | Period | None = None, cuts: CutPoints | None = None
) -> nw.LazyFrame:
    """Every customer of the window with scores and segment, as a lazy frame to join or collect.

    `customer_id, recency, frequency, money, r, f, m` (1 to 5, 5 best) and `segment`.

    >>> from kpilib.demo import tiny_shop
    >>> base = tiny_shop()
    >>> table = base.engine.collect(rfm_scores(base, "2026-04"))
    >>> print(*table.set_index("customer_id").loc["An", ["r", "f", "m", "segment"]])
    5 5 4 champions
    """
    asked = base.period(period)
    return _scores(base, asked, cuts or find_cut_points(base, asked))


def rfm_customers(
    base: "Business",
    segment: str,
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
    *,
    limit: int = 20,
) -> pd.DataFrame:
    """The customers of a segment who spent most, with their values and scores.

    `customer_id, recency, frequency, money, r, f, m`, at most `limit` of them. Raises InputError
    where the segment is not known.

    >>> from kpilib.demo import tiny_shop
    >>> rfm_customers(tiny_shop(), "promising", "2026-04")["customer_id"].tolist()
    ['Dana', 'Eve']
    """
    if segment not in SEGMENTS:
        raise InputError(f"segment {segment!r} is not known; {near_miss(segment, SEGMENTS)}")
    if limit < 1:
        raise InputError(f"customers with limit={limit}; write how many to list, 1 or more")
    mine = rfm_scores(base, period, cuts).filter(nw.col("segment") == segment)
    largest = mine.sort("money", "customer_id", descending=[True, False]).head(limit)
    table = base.engine.collect(largest.drop("segment"))
    return table.sort_values(["money", "customer_id"], ascending=[False, True], ignore_index=True)


def _scores(base: "Business", asked: Period, cuts: CutPoints) -> nw.LazyFrame:
    values = customer_values(base, asked, cuts.months).with_columns(
        r=SCORES - _beyond("recency", cuts.recency),
        f=1 + _beyond("frequency", cuts.frequency),
        m=1 + _beyond("money", cuts.money),
    )
    columns = ("customer_id", "recency", "frequency", "money", "r", "f", "m")
    return values.select(*columns, segment=_segment())


@analysis(
    name=_("RFM segmentation"),
    family="segmentation",
)
def rfm_segments(
    base: "Business", period: str | Period | None = None, cuts: CutPoints | None = None
) -> pd.DataFrame:
    """The size and value of each segment, best first; every segment has a row.

    Columns: `segment`, `customers`, `share` with simultaneous Goodman limits `low` and `high`,
    `money` (net revenue in the window), `money_share`, and the means `recency` (days), `frequency`
    (purchase days), `money_each`. Without `cuts` they are the quintiles of this same window: save
    them and hand them over next month, or nothing will seem to move.

    >>> from kpilib.demo import tiny_shop
    >>> table = rfm_segments(tiny_shop(), "2026-04")
    >>> table.loc[table["customers"] > 0, ["segment", "customers", "money"]]
         segment  customers  money
    0  champions          1  100.0
    2  promising          2  160.0
    4     fading          1   80.0
    6     asleep          2   75.0
    """
    scored = rfm_scores(base, period, cuts)
    sums = scored.group_by("segment").agg(
        customers=nw.len(),
        money=nw.col("money").sum(),
        recency=nw.col("recency").mean(),
        frequency=nw.col("frequency").mean(),
    )
    table = base.engine.collect(sums).set_index("segment").reindex(list(SEGMENTS))
    counts = table["customers"].fillna(0).astype("int64")
    money = table["money"].fillna(0.0)
    low, high = goodman(counts)
    return pd.DataFrame(
        {
            "segment": table.index,
            "customers": counts.to_numpy(),
            "share": (counts / max(counts.sum(), 1)).to_numpy(),
            "low": low,
            "high": high,
            "money": money.to_numpy(),
            "money_share": (money / money.sum() if money.sum() else money * np.nan).to_numpy(),
            "recency": table["recency"].to_numpy(float),
            "frequency": table["frequency"].to_numpy(float),
            "money_each": (money / counts.where(counts > 0)).to_numpy(),
        }
    )


def rfm_movement(
    base: "Business",
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
) -> pd.DataFrame:
    """Who moved between segments from the previous period to this one, by the same cut points.

    Columns: `before` and `after` (segments, or `absent` for those who bought nothing in that
    window), `customers`, and their `money_before` and `money_after`. Without `cuts` they are the
    quintiles of the earlier window, for both; where no data are that early, of the later one.

    >>> from kpilib.demo import tiny_shop
    >>> moved = rfm_movement(tiny_shop(), "2026-04")
    >>> int(moved["customers"].sum())
    6
    """
    asked = base.period(period)
    earlier = asked.previous()
    cuts = cuts or _find(
        base, earlier if earlier.end_day > base.first_day else asked, WINDOW_MONTHS
    )
    then, now = (
        _scores(base, when, cuts).select("customer_id", "money", group="segment")
        for when in (earlier, asked)
    )
    return moves(base.engine, then, now, list(SEGMENTS))


def _quintiles(base: "Business", values: nw.LazyFrame, name: str) -> tuple[float, ...]:
    """The values at or below which a fifth, two fifths … of the customers lie."""
    counts = values.select(value=nw.col(name)).group_by("value").agg(n=nw.len())
    table = base.engine.collect(counts).sort_values("value")
    if table.empty:
        raise InputError("RFM: nobody bought in the window; choose a later period or more months")
    share = table["n"].cumsum().to_numpy() / table["n"].sum()
    at = [int(np.searchsorted(share, q / SCORES - 1e-12)) for q in range(1, SCORES)]
    return tuple(float(value) for value in table["value"].to_numpy()[at])


def _beyond(name: str, points: tuple[float, ...]) -> nw.Expr:
    """How many of the cut points a value lies beyond."""
    value = nw.col(name)
    beyond = nw.lit(0)
    for point in points:
        beyond = beyond + nw.when(value > point).then(nw.lit(1)).otherwise(nw.lit(0))
    return beyond


def _segment() -> nw.Expr:
    r, f, m = nw.col("r"), nw.col("f"), nw.col("m")
    strong = (f >= 4) | (m >= 4)
    rules = (
        ("champions", (r >= 4) & (f >= 4) & (m >= 4)),
        ("loyal", (r >= 3) & (f >= 4)),
        ("promising", (r >= 4) & ((f >= 2) | (m >= 4))),
        ("recent", r >= 4),
        ("fading", r == 3),
        ("at_risk", strong),
    )
    segment = nw.lit("asleep")
    for name, rule in reversed(rules):
        segment = nw.when(rule).then(nw.lit(name)).otherwise(segment)
    return segment
