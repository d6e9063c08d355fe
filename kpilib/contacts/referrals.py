"""Who brought whom: referred customers, those who invite, and what each generation brings on."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.engines.expressions import any_of, distinct
from kpilib.periods import Period


def referral_columns(base: Business) -> tuple[str, ...]:
    """What tells who was referred: the referrals, or a column of the customers."""
    return () if "referrals" in base.tables else ("customers.referred_by_customer_id",)


def referrers(base: Business) -> nw.LazyFrame:
    """Every referred customer with one referrer, never themselves: `customer_id, referrer`.

    The one recorded with the customer goes before those of the referrals.
    """
    found = []
    if "customers" in base.tables:
        customers = base.table("customers")
        found.append(customers.select("customer_id", referrer=nw.col("referred_by_customer_id")))
    if "referrals" in base.tables:
        sent = base.table("referrals")
        found.append(
            sent.select(
                customer_id=nw.col("converted_customer_id"), referrer=nw.col("referrer_customer_id")
            )
        )
    named = [
        frame.filter(~nw.col("customer_id").is_null() & ~nw.col("referrer").is_null())
        .filter(nw.col("customer_id") != nw.col("referrer"))
        .with_columns(rank=nw.lit(place))
        for place, frame in enumerate(found)
    ]
    both = nw.concat(named, how="vertical")
    first = both.with_columns(first=nw.col("rank").min().over("customer_id"))
    kept = first.filter(nw.col("rank") == nw.col("first"))
    return kept.group_by("customer_id").agg(nw.col("referrer").min())


def with_referrer(base: Business, rows: nw.LazyFrame) -> nw.LazyFrame:
    """The rows of customers with a column `referred`: whether somebody else brought them."""
    known = referrers(base).select("customer_id", brought=nw.lit(1))
    joined = rows.join(known, on="customer_id", how="left")
    return joined.with_columns(referred=~nw.col("brought").is_null()).drop("brought")


def inviting(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The customers active in each period, with `invited` and `converted`.

    Whether they sent an invitation in it, and whether one of theirs was taken up in it; who refers
    themselves does neither.
    """
    keys = ["period", "customer_id"]
    rows = base.ledger(periods).select(*keys)
    for name, on in (("invited", "invited_at"), ("converted", "converted_at")):
        sent = base.events("referrals", periods, on)
        oneself = nw.col("converted_customer_id") == nw.col("referrer_customer_id")
        others = sent.filter(nw.col("converted_customer_id").is_null() | ~oneself)
        by = distinct(others.select("period", customer_id=nw.col("referrer_customer_id")))
        rows = rows.join(by.with_columns(nw.lit(1).alias(name)), on=keys, how="left")
        rows = rows.with_columns(~nw.col(name).is_null().alias(name))
    return rows


def earned(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """Who bought in a period or the like one before, with their money in both.

    `period, customer_id, kept` (this period's net revenue of those who bought in the one before,
    or who are new and were referred) and `before` (the revenue of the period before).
    """
    earlier = tuple(period.previous() for period in periods)
    keys, names = ["period", "customer_id"], ("now", "before", "had", "has", "came")

    def part(rows: nw.LazyFrame, **columns: nw.Expr) -> nw.LazyFrame:
        none = {name: nw.lit(0.0) for name in names}
        return rows.select(
            *keys, **{name: one.cast(nw.Float64) for name, one in (none | columns).items()}
        )

    new = with_referrer(base, base.ledger(periods).filter(nw.col("new")))
    parts = [
        part(base.within(base.money, periods), now=nw.col("amount")),
        part(base.within(base.money, earlier), before=nw.col("amount")),
        part(base.buyers(earlier), had=nw.lit(1.0)),
        part(base.buyers(periods), has=nw.lit(1.0)),
        part(new.filter(nw.col("referred")), came=nw.lit(1.0)),
    ]
    sums = (
        nw.concat(parts, how="vertical")
        .group_by(*keys)
        .agg(*(nw.col(name).sum() for name in names))
    )
    bought = sums.filter((nw.col("had") > 0) | (nw.col("has") > 0))
    counts = (nw.col("had") > 0) | (nw.col("came") > 0)
    kept = nw.when(counts).then(nw.col("now")).otherwise(nw.lit(0.0))
    return bought.select(*keys, "before", kept=kept)


def invitations_of(base: Business, closes: int, days: int) -> pd.DataFrame:
    """Per referrer the invitations sent at least so many days before the close, and those taken up.

    `customer_id, invitations, converted`: taken up within that many days of sending.
    """
    sent = base.table("referrals")
    oneself = nw.col("converted_customer_id") == nw.col("referrer_customer_id")
    others = sent.filter(nw.col("converted_customer_id").is_null() | ~oneself)
    old = others.filter(nw.col("invited_day") + days < closes)
    waited = nw.col("converted_day") - nw.col("invited_day")
    taken = nw.when((waited >= 0) & (waited <= days)).then(nw.lit(1)).otherwise(nw.lit(0))
    grouped = old.group_by("referrer_customer_id").agg(invitations=nw.len(), converted=taken.sum())
    table = base.engine.collect(grouped)
    return table.rename(columns={"referrer_customer_id": "customer_id"})


def generations(customers: pd.DataFrame) -> np.ndarray:
    """How many referrals lie between each customer and one whom no customer brought.

    `customers` has `customer_id`, `referrer` (or null) and `first_day`, a row each. A referrer who
    is not among them is none. A circle is cut at the referrer of its earliest customer.
    """
    place = pd.Series(np.arange(len(customers)), index=customers["customer_id"].to_numpy())
    above = customers["referrer"].map(place).fillna(-1).to_numpy().astype(np.int64)
    found = np.where(above < 0, 0, -1)
    level = 0
    while True:
        ready = above >= 0
        ready[ready] = found[above[ready]] == level
        if ready.any():
            level += 1
            found[ready] = level
        elif (found < 0).any():
            above = _cut(above, found, customers["first_day"].to_numpy())
            found = np.where(above < 0, 0, -1)
            level = 0
        else:
            return found


def _cut(above: np.ndarray, found: np.ndarray, begun: np.ndarray) -> np.ndarray:
    """The links without the one above the earliest customer of each circle.

    After as many steps upwards as there are customers without a generation, doubled step by step,
    each of them stands on a circle.
    """
    there, jump = np.flatnonzero(found < 0), above
    for _double in range(len(there).bit_length()):
        there, jump = jump[there], jump[jump]
    cut, seen = above.copy(), np.zeros(len(above), dtype=bool)
    for start in np.unique(there):
        if seen[start]:
            continue
        ring = [int(start)]
        while above[ring[-1]] != start:
            ring.append(int(above[ring[-1]]))
        seen[ring] = True
        cut[min(ring, key=lambda one: (begun[one], one))] = -1
    return cut


def again_after_first(base: Business, periods: tuple[Period, ...]) -> nw.LazyFrame:
    """The new customers of each period with what they did within the lapse window of their first.

    `period, customer_id, referred, watched` (whether that long has passed), `again` (a second
    purchase by then), `amount` (net revenue by then).
    """
    window = base.lapse_window.days
    keys = ["period", "customer_id"]
    new = with_referrer(base, base.ledger(periods).filter(nw.col("new"))).select(
        *keys, "first_day", "referred"
    )
    paid = new.join(base.money, on="customer_id", how="inner")
    since = nw.col("day") - nw.col("first_day")
    inside = paid.filter((since >= 0) & (since <= window))
    sums = inside.group_by(*keys).agg(
        amount=nw.col("amount").sum(),
        again=any_of((nw.col("purchase") > 0) & (since > 0)),
    )
    joined = new.join(sums, on=keys, how="left")
    return joined.with_columns(
        watched=nw.col("first_day") + window < base.as_of,
        again=nw.col("again").fill_null(0) == 1,
        amount=nw.col("amount").fill_null(0.0),
    )
