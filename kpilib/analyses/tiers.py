"""ABC value tiers: which customers bring the first 80% of the money, and how unequal it is."""

from numbers import Real
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.analyses.movements import moves, to_money
from kpilib.errors import InputError
from kpilib.periods import Period, day_date, day_number, months_before
from kpilib.registry.analysis_definitions import analysis
from kpilib.registry.small_cells import keeps_small_cells_back
from kpilib.show.reason import answering
from kpilib.statistics.intervals import wilson
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

TIERS = ("A", "B", "C")
SHARES = (0.80, 0.95)
WINDOW_MONTHS = 12


@analysis(
    name=_("ABC value tiers"),
    family="segmentation",
)
@keeps_small_cells_back
def value_tiers(
    base: "Business",
    period: str | Period | None = None,
    *,
    months: int = WINDOW_MONTHS,
    shares: tuple[float, float] = SHARES,
) -> pd.DataFrame:
    """The customers of a window in tiers A, B, C of their net revenue, a row per tier.

    Customers are ranked by what they spent in the `months` up to the close of the period; A are
    those who bring the first `shares[0]` of the money, B the next up to `shares[1]`, C the rest.
    Customers of equal value share a tier, that of the first of them, so row order plays no part.

    Columns: `tier`, `customers`, `share` of customers with Wilson's `low` and `high` given the cut,
    `money`, `money_share`, `least` (the smallest value that is in the tier), `money_each`.

    >>> from kpilib.demo import tiny_shop
    >>> value_tiers(tiny_shop(), "2026-04")[["tier", "customers", "money", "least"]]
      tier  customers  money  least
    0    A          4  340.0   60.0
    1    B          2   75.0   25.0
    2    C          0    0.0    NaN
    """
    table = _values(base, base.period(period), months)
    tier = _tier(table, shares)
    sums = (
        table.assign(tier=tier, total=table["value"] * table["n"])
        .groupby("tier")
        .agg(customers=("n", "sum"), money=("total", "sum"), least=("value", "min"))
    )
    sums = sums.reindex(list(TIERS))
    customers = sums["customers"].fillna(0).astype("int64")
    money = sums["money"].fillna(0.0)
    low, high = wilson(customers, customers.sum())
    return pd.DataFrame(
        {
            "tier": list(TIERS),
            "customers": customers.to_numpy(),
            "share": (customers / customers.sum()).to_numpy(),
            "low": low,
            "high": high,
            "money": money.to_numpy(),
            "money_share": (money / money.sum() if money.sum() > 0 else money * np.nan).to_numpy(),
            "least": sums["least"].to_numpy(float),
            "money_each": (money / customers.where(customers > 0)).to_numpy(),
        }
    )


@answering
def concentration(
    base: "Business",
    period: str | Period | None = None,
    *,
    months: int = WINDOW_MONTHS,
    parts: int = 10,
) -> pd.DataFrame:
    """How the money of a window is spread, best customers first, in `parts` of equal size.

    Columns: `part` (1 the best), `customers` (share of customers up to here), `money` (share of the
    money up to here), `money_share` (of this part), and `gini`, the same in every row: 0 where all
    spend alike, near 1 where one spends everything. A customer whose refunds exceed purchases
    counts as 0. Parts split customers of equal value evenly.

    >>> from kpilib.demo import tiny_shop
    >>> table = concentration(tiny_shop(), "2026-04", parts=2)
    >>> table[["customers", "money", "gini"]].round(3)
       customers  money   gini
    0        0.5  0.675  0.219
    1        1.0  1.000  0.219
    """
    if parts < 1:
        raise InputError(f"concentration in {parts} parts; write how many, 1 or more")
    table = _values(base, base.period(period), months)
    people, money = _lorenz(table)
    edges = np.linspace(0, 1, parts + 1)
    upto = np.interp(edges, people, money)
    return pd.DataFrame(
        {
            "part": np.arange(1, parts + 1),
            "customers": edges[1:],
            "money": upto[1:],
            "money_share": np.diff(upto),
            "gini": gini(table["value"], table["n"]),
        }
    )


def gini(value: ArrayLike, n: ArrayLike) -> float:
    """Gini's coefficient of n customers at each value; NaN where there is no money.

    >>> gini([1.0], [10.0]), gini([0.0, 1.0], [99.0, 1.0])
    (0.0, 0.99)
    """
    table = pd.DataFrame({"value": np.asarray(value, float), "n": np.asarray(n, float)})
    people, money = _lorenz(table.sort_values("value", ascending=False))
    area = float(np.sum(np.diff(people) * (money[1:] + money[:-1]) / 2))
    return round(2 * area - 1, 12) + 0.0


@answering
@keeps_small_cells_back
def tier_movement(
    base: "Business",
    period: str | Period | None = None,
    *,
    months: int = WINDOW_MONTHS,
    shares: tuple[float, float] = SHARES,
) -> pd.DataFrame:
    """Who moved between tiers from the previous period to this one, by the earlier period's cuts.

    Columns: `before`, `after` (tiers, or `absent` for those who bought nothing in that window),
    `customers`, `money_before`, `money_after`. Where nobody bought in the earlier window, the
    cuts are the later period's.

    >>> from kpilib.demo import tiny_shop
    >>> int(tier_movement(tiny_shop(), "2026-04")["customers"].sum())
    6
    """
    asked = base.period(period)
    earlier = asked.previous()
    table = _counted(base, earlier, months)
    table = table if len(table) else _values(base, asked, months)
    tier = _tier(table, shares)
    # Where no customer is in B, its cut is A's.
    least_a, least_b = (float(table["value"][tier <= name].min()) for name in ("A", "B"))
    then, now = (_tiered(base, when, months, least_a, least_b) for when in (earlier, asked))
    return moves(base.engine, then, now, TIERS)


def _spent(base: "Business", period: Period, months: int) -> nw.LazyFrame:
    """`customer_id, value` of those who bought in the window; see `moves.to_money`."""
    if months < 1:
        raise InputError(f"value tiers over {months} months; give a window of 1 or more")
    closes = base.closes(period)
    opens = day_number(months_before(day_date(closes), months))
    inside = (nw.col("day") >= opens) & (nw.col("day") < closes)
    by_customer = base.money.filter(inside).group_by("customer_id")
    spent = by_customer.agg(value=nw.col("amount").sum(), bought=nw.col("purchase").sum())
    return spent.filter(nw.col("bought") > 0).select(
        "customer_id", value=to_money(base, nw.col("value"))
    )


def _values(base: "Business", period: Period, months: int) -> pd.DataFrame:
    """How many customers are at each value, highest first; InputError where nobody bought."""
    table = _counted(base, period, months)
    if table.empty:
        raise InputError(_("value tiers: nobody bought in the window; choose a later period"))
    return table


def _counted(base: "Business", period: Period, months: int) -> pd.DataFrame:
    counts = _spent(base, period, months).group_by("value").agg(n=nw.len())
    table = base.engine.collect(counts).astype(float)
    return table.sort_values("value", ascending=False, ignore_index=True)


def _tier(table: pd.DataFrame, shares: tuple[float, float]) -> NDArray[np.str_]:
    """The tier of each value: by the share of the money that is above it."""
    two = isinstance(shares, tuple | list) and [isinstance(one, Real) for one in shares]
    if two != [True, True] or not 0 < shares[0] < shares[1] < 1:
        raise InputError(f"tier shares {shares} must rise between 0 and 1; write (0.8, 0.95)")
    total = (table["value"].clip(lower=0) * table["n"]).to_numpy()
    money = total.sum()
    above = (np.cumsum(total) - total) / money if money > 0 else np.ones(len(total))
    return np.where(above < shares[0] - 1e-12, "A", np.where(above < shares[1] - 1e-12, "B", "C"))


def _tiered(base, period: Period, months: int, least_a: float, least_b: float) -> nw.LazyFrame:
    value = nw.col("value")
    lower = nw.when(value >= least_b).then(nw.lit("B")).otherwise(nw.lit("C"))
    tier = nw.when(value >= least_a).then(nw.lit("A")).otherwise(lower)
    return _spent(base, period, months).select("customer_id", group=tier, money=value)


def _lorenz(table: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cumulative shares of customers and of money, from the highest value down, both from 0."""
    n = table["n"].to_numpy(float)
    total = table["value"].clip(lower=0).to_numpy(float) * n
    people = np.concatenate([[0.0], np.cumsum(n) / n.sum()])
    money = total.sum()
    shares = np.cumsum(total) / money if money > 0 else np.full(len(n), np.nan)
    return people, np.concatenate([[0.0], shares])
