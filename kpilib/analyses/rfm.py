"""RFM: recency, frequency and money scored by frozen cut points, and the segments they make.

Quantiles taken anew each month move the goalposts: the same customer changes segment because
others did. So cut points are a value: found once, saved, read back and used again. A score counts
the cut points a value lies beyond, so that equal customers always get equal scores.
"""

from math import ceil
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.analyses.cut_points import FEWEST, MOST, SCORES, CutPoints, cut_values
from kpilib.analyses.movements import moves, to_money
from kpilib.errors import InputError, near_miss
from kpilib.periods import Period, day_date, day_number, months_before
from kpilib.registry.analysis_definitions import analysis
from kpilib.registry.small_cells import keeps_small_cells_back
from kpilib.show.reason import answering
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

With another number of scores, the same parts of them: 4 and 5 are the top two fifths.
"""


@answering
def find_cut_points(
    base: "Business",
    period: str | Period | None = None,
    *,
    months: int = WINDOW_MONTHS,
    scores: int = SCORES,
) -> CutPoints:
    """Where scores change among the customers who bought in the `months` up to a period's close.

    `scores` is how many there are, 3 to 10: 5 for quintiles. Raises InputError where nobody bought.

    >>> from kpilib.demo import tiny_shop
    >>> find_cut_points(tiny_shop(), "2026-04").frequency
    (1.0, 1.0, 2.0, 2.0)
    """
    if months < 1:
        raise InputError(f"RFM over {months} months; give a window of 1 or more")
    return _find(base, base.period(period), months, scores)


def _find(base: "Business", asked: Period, months: int, scores: int) -> CutPoints:
    if not FEWEST <= scores <= MOST:
        raise InputError(f"RFM with scores={scores}; choose {FEWEST} to {MOST}")
    values = base.engine.keep(customer_values(base, asked, months))
    points = {
        name: _cut_points(base, values, name, scores) for name in ("recency", "frequency", "money")
    }
    base.engine.forget(values)
    return CutPoints(**points, months=months, found_in=asked.label)


def customer_values(base: "Business", period: Period, months: int) -> nw.LazyFrame:
    """Each customer who bought in the `months` up to the close: `recency`, `frequency`, `money`.

    Recency is in whole days before the close, 0 for a purchase on the last day; money to a
    billionth of the largest amount, so that equal sums are equal.
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
        .with_columns(recency=closes - 1 - nw.col("last"), money=to_money(base, nw.col("money")))
    )


def _given_or_found(
    base: "Business", asked: Period, cuts: CutPoints | None, scores: int | None
) -> CutPoints:
    """The cut points given, or those of the window; an InputError where both speak of scores."""
    if cuts is None:
        return _find(base, asked, WINDOW_MONTHS, SCORES if scores is None else scores)
    if not isinstance(cuts, CutPoints):
        raise InputError(f"cuts is {cuts!r}; give what find_cut_points returns, or none")
    if scores not in (None, cuts.scores):
        raise InputError(
            f"RFM with scores={scores} and cut points for {cuts.scores}; give one of the two"
        )
    return cuts


@answering
def rfm_scores(
    base: "Business",
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
    *,
    scores: int | None = None,
) -> nw.LazyFrame:
    """Every customer of the window with scores and segment, as a lazy frame to join or collect.

    `customer_id, recency, frequency, money, r, f, m` (1 to 5, 5 best; or as many as `scores`, 3 to
    10, where there are no `cuts`) and `segment`.

    >>> from kpilib.demo import tiny_shop
    >>> base = tiny_shop()
    >>> table = base.engine.collect(rfm_scores(base, "2026-04"))
    >>> print(*table.set_index("customer_id").loc["An", ["r", "f", "m", "segment"]])
    4 5 5 champions
    """
    asked = base.period(period)
    return _scores(base, asked, _given_or_found(base, asked, cuts, scores))


@answering
def rfm_customers(
    base: "Business",
    segment: str,
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
    *,
    limit: int = 20,
    scores: int | None = None,
) -> pd.DataFrame:
    """The customers of a segment who spent most, with their values and scores.

    `customer_id, recency, frequency, money, r, f, m`, at most `limit` of them; `cuts` and `scores`
    as in `rfm_segments`. Raises InputError where the segment is not known.

    >>> from kpilib.demo import tiny_shop
    >>> rfm_customers(tiny_shop(), "promising", "2026-04")["customer_id"].tolist()
    ['Eve']
    """
    if segment not in SEGMENTS:
        raise InputError(f"segment {segment!r} is not known; {near_miss(segment, SEGMENTS)}")
    if limit < 1:
        raise InputError(f"customers with limit={limit}; write how many to list, 1 or more")
    mine = rfm_scores(base, period, cuts, scores=scores).filter(nw.col("segment") == segment)
    largest = mine.sort("money", "customer_id", descending=[True, False]).head(limit)
    table = base.engine.collect(largest.drop("segment"))
    return table.sort_values(["money", "customer_id"], ascending=[False, True], ignore_index=True)


def _scores(base: "Business", asked: Period, cuts: CutPoints) -> nw.LazyFrame:
    values = customer_values(base, asked, cuts.months).with_columns(
        r=cuts.scores - _beyond("recency", cuts.recency),
        f=1 + _beyond("frequency", cuts.frequency),
        m=1 + _beyond("money", cuts.money),
    )
    columns = ("customer_id", "recency", "frequency", "money", "r", "f", "m")
    return values.select(*columns, segment=_segment(cuts.scores))


@analysis(
    name=_("RFM segmentation"),
    family="segmentation",
)
@keeps_small_cells_back
def rfm_segments(
    base: "Business",
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
    *,
    scores: int | None = None,
) -> pd.DataFrame:
    """The size and value of each segment, best first; every segment has a row.

    Columns: `segment`, `customers`, `share` with simultaneous Goodman limits `low` and `high`,
    `money` (net revenue in the window), `money_share`, and the means `recency` (days), `frequency`
    (purchase days), `money_each`. Without `cuts` they are the quantiles of this same window: save
    them and hand them over next month, or nothing will seem to move. `scores` is how many scores
    these quantiles make, 3 to 10, and 5 where it is not given; `cuts` have their own number.

    >>> from kpilib.demo import tiny_shop
    >>> table = rfm_segments(tiny_shop(), "2026-04")
    >>> table.loc[table["customers"] > 0, ["segment", "customers", "money"]]
         segment  customers  money
    0  champions          1  100.0
    2  promising          1   60.0
    4     fading          2  180.0
    6     asleep          2   75.0
    """
    scored = rfm_scores(base, period, cuts, scores=scores)
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
            "money_share": (
                money / money.sum() if money.sum() else money * float("nan")
            ).to_numpy(),
            "recency": table["recency"].to_numpy(float),
            "frequency": table["frequency"].to_numpy(float),
            "money_each": (money / counts.where(counts > 0)).to_numpy(),
        }
    )


@answering
@keeps_small_cells_back
def rfm_movement(
    base: "Business",
    period: str | Period | None = None,
    cuts: CutPoints | None = None,
    *,
    scores: int | None = None,
) -> pd.DataFrame:
    """Who moved between segments from the previous period to this one, by the same cut points.

    Columns: `before` and `after` (segments, or `absent` for those who bought nothing in that
    window), `customers`, and their `money_before` and `money_after`. Without `cuts` they are the
    quantiles of the earlier window, for both; where nobody bought in that one, of the later one:
    as many `scores` as in `rfm_segments`.

    >>> from kpilib.demo import tiny_shop
    >>> moved = rfm_movement(tiny_shop(), "2026-04")
    >>> int(moved["customers"].sum())
    6
    """
    asked = base.period(period)
    earlier = asked.previous()
    months = cuts.months if cuts else WINDOW_MONTHS
    before = base.engine.keep(customer_values(base, earlier, months))
    anybody = bool(base.engine.collect(before.select(n=nw.len()))["n"].iloc[0])
    base.engine.forget(before)
    cuts = _given_or_found(base, earlier if anybody else asked, cuts, scores)
    then, now = (
        _scores(base, when, cuts).select("customer_id", "money", group="segment")
        for when in (earlier, asked)
    )
    return moves(base.engine, then, now, list(SEGMENTS))


def _cut_points(
    base: "Business", values: nw.LazyFrame, name: str, scores: int
) -> tuple[float, ...]:
    counts = values.select(value=nw.col(name)).group_by("value").agg(n=nw.len())
    table = base.engine.collect(counts).sort_values("value")
    if table.empty:
        raise InputError(
            _("RFM: nobody bought in the window; choose a later period or more months")
        )
    return cut_values(table["value"].to_numpy(), table["n"].to_numpy(), scores)


def _beyond(name: str, points: tuple[float, ...]) -> nw.Expr:
    """How many of the cut points a value lies beyond."""
    value = nw.col(name)
    beyond = nw.lit(0)
    for point in points:
        beyond = beyond + nw.when(value > point).then(nw.lit(1)).otherwise(nw.lit(0))
    return beyond


def _segment(scores: int) -> nw.Expr:
    """The segment by its rule: of five scores, 4 is high, 3 the middle and 2 above the lowest."""
    high, middle, low = ceil(0.6 * scores) + 1, int(0.4 * scores) + 1, max(2, int(0.2 * scores) + 1)
    r, f, m = nw.col("r"), nw.col("f"), nw.col("m")
    strong = (f >= high) | (m >= high)
    rules = (
        ("champions", (r >= high) & (f >= high) & (m >= high)),
        ("loyal", (r >= middle) & (f >= high)),
        ("promising", (r >= high) & ((f >= low) | (m >= high))),
        ("recent", r >= high),
        ("fading", r >= middle),
        ("at_risk", strong),
    )
    segment = nw.lit("asleep")
    for name, rule in reversed(rules):
        segment = nw.when(rule).then(nw.lit(name)).otherwise(segment)
    return segment
