"""Word of mouth: generations of customers, and those who were referred beside the others."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.activity.business import Business
from kpilib.contacts.referrals import (
    again_after_first,
    generations,
    invitations_of,
    referral_columns,
    referrers,
)
from kpilib.engines.expressions import word
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import analysis
from kpilib.statistics.intervals import newcombe, wilson
from kpilib.words import _

GROUPS = ("referred", "other")


@analysis(
    name=_("Word of mouth: referral tree and viral coefficient"),
    family="referral",
    tables=("orders", "referrals"),
    contracts=True,
)
def word_of_mouth(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """What each generation of customers brings on, a row per generation and a last row `all`.

    Generation 0 was brought by no other customer (a referrer who never bought is none); the next
    was brought by it, and so on; a circle is cut at the referrer of its earliest customer.

    Columns: `generation`; `customers` (begun before the period's close); `invitations` (those they
    sent at least the settings' `referral.days` before it) and `converted` (taken up within as many
    days); `invitations_each`, `conversion` and `k` = converted / customers, the viral coefficient:
    below 1 a branch dies out; `value`, their mean net revenue so far. NaN where nothing divides.
    """
    asked = base.period(period)
    closes = base.closes(asked)
    begun = base.spells().filter(nw.col("start") < closes)
    first = begun.group_by("customer_id").agg(nw.col("first_day").min())
    spent = base.spent_so_far((asked,)).select("customer_id", "amount")
    joined = first.join(referrers(base), on="customer_id", how="left")
    customers = base.engine.collect(joined.join(spent, on="customer_id", how="left"))
    customers = customers.sort_values("customer_id", ignore_index=True)
    sent = invitations_of(base, closes, base.settings.referral.days)
    table = customers.merge(sent, on="customer_id", how="left")
    table = table.fillna({"amount": 0.0, "invitations": 0, "converted": 0})
    table["generation"] = generations(table) if len(table) else np.zeros(0, dtype=int)
    by = table.groupby("generation")
    sums = by[["invitations", "converted", "amount"]].sum()
    sums.insert(0, "customers", by.size())
    whole = sums.sum().to_frame("all").T
    rows = pd.concat([sums, whole]).rename_axis("generation").reset_index()
    return _ratios(rows)


def _ratios(rows: pd.DataFrame) -> pd.DataFrame:
    """The sums of generations with what follows from them."""
    counts = {
        name: rows[name].astype("int64") for name in ("customers", "invitations", "converted")
    }
    customers = rows["customers"].where(rows["customers"] > 0)
    sent = rows["invitations"].where(rows["invitations"] > 0)
    return pd.DataFrame(
        {
            "generation": rows["generation"],
            **counts,
            "invitations_each": rows["invitations"] / customers,
            "conversion": rows["converted"] / sent,
            "k": rows["converted"] / customers,
            "value": rows["amount"] / customers,
        }
    )


@analysis(
    name=_("Referral programme effect"),
    family="referral",
    columns=referral_columns,
    contracts=True,
)
def referral_programme_effect(base: Business, period: str | Period | None = None) -> pd.DataFrame:
    """The period's new customers whom a customer brought, beside the others: two rows.

    Columns: `group` (`referred`, `other`), `customers`; `watched` (a lapse window has passed since
    their first purchase), `again` (a second purchase within it), `rate` = again / watched with
    Wilson's `low` and `high`; `difference` (referred less other, the same in both rows) with
    Newcombe's limits; `value` (mean net revenue within the window, of those watched); `cost` (spend
    on the settings' `referral.channel` in the period; 0 for the others) and `cac` = cost /
    customers. Who is referred was chosen by a friend, not by chance: a difference is no effect of
    the programme alone.
    """
    asked = (base.period(period),)
    counted = nw.when(nw.col("watched")).then(nw.lit(1)).otherwise(nw.lit(0))
    both = nw.when(nw.col("watched") & nw.col("again")).then(nw.lit(1)).otherwise(nw.lit(0))
    money = nw.when(nw.col("watched")).then(nw.col("amount")).otherwise(nw.lit(0.0))
    grouped = (
        again_after_first(base, asked)
        .group_by("referred")
        .agg(customers=nw.len(), watched=counted.sum(), again=both.sum(), money=money.sum())
    )
    found = base.engine.collect(grouped).set_index("referred")
    table = found.reindex([True, False]).fillna(0).reset_index(drop=True)
    watched, again = (table[name].to_numpy(float) for name in ("watched", "again"))
    low, high = wilson(again, watched)
    rate = np.divide(again, watched, out=np.full(2, np.nan), where=watched > 0)
    apart = newcombe(again[0], watched[0], again[1], watched[1])
    cost = np.array([_cost(base, asked), 0.0])
    customers = table["customers"].to_numpy(float)
    return pd.DataFrame(
        {
            "group": GROUPS,
            "customers": customers.astype("int64"),
            "again": again.astype("int64"),
            "watched": watched.astype("int64"),
            "rate": rate,
            "low": low,
            "high": high,
            "difference": rate[0] - rate[1],
            "difference_low": float(apart[0]),
            "difference_high": float(apart[1]),
            "value": np.divide(table["money"], watched, out=np.full(2, np.nan), where=watched > 0),
            "cost": cost,
            "cac": np.divide(cost, customers, out=np.full(2, np.nan), where=customers > 0),
        }
    )


def _cost(base: Business, asked: tuple[Period, ...]) -> float:
    """What was spent on referrals in the period."""
    if "marketing_spend" not in base.tables:
        return 0.0
    rows = base.events("marketing_spend", asked)
    ours = rows.filter(word("channel") == base.settings.referral.channel)
    total = base.engine.collect(ours.select(nw.col("amount").sum()))["amount"]
    return float(total.fillna(0.0).iloc[0]) if len(total) else 0.0
