"""What campaigns brought, against plain pandas and by hand at the edges."""

import numpy as np
import pandas as pd
import pytest

from kpilib.statistics import intervals
from tests.kpis.test_campaigns_and_contracts import EXPOSED, MARCH, frame, opened, orders

SPEND = ["date", "campaign", "amount"]


def effect(exposed, bought, spend=(), **options):
    before = ("Z", "2026-01-01", 1.0)  # the records begin before the period
    tables = {"orders": orders(before, *bought), "campaign_exposures": frame(exposed, EXPOSED)}
    if spend:
        tables["marketing_spend"] = pd.DataFrame(spend, columns=SPEND)
    found = opened(tables, **options).analysis("promotion_effect", MARCH)
    return found.set_index("campaign")


@pytest.mark.parametrize(
    ("day", "bought"), [("03-09", 0), ("03-10", 1), ("04-09", 1), ("04-10", 0)]
)
def test_a_purchase_counts_from_the_day_to_thirty_days_after(day, bought):
    table = effect([("c", "A", "2026-03-10 20:00", False)], [("A", f"2026-{day} 08:00", 1.0)])
    assert table.loc["c", ["reached", "bought"]].tolist() == [1, bought]


@pytest.mark.parametrize(("as_of", "watched"), [("2026-04-09", 0), ("2026-04-10", 1)])
def test_only_those_watched_so_long_count(as_of, watched):
    table = effect(
        [("c", "A", "2026-03-10", False)],
        [("A", "2026-03-11", 1.0)],
        as_of=pd.Timestamp(as_of).date(),
    )
    assert table.loc["c", "reached"] == watched


def test_the_first_exposure_of_the_period_begins_the_watch():
    exposed = [("c", "A", day, False) for day in ("2026-02-20", "2026-03-05", "2026-03-30")]
    assert effect(exposed, [("A", "2026-04-10", 1.0)]).loc["c", "bought"] == 0
    assert effect(exposed, [("A", "2026-04-04", 1.0)]).loc["c", "bought"] == 1


def test_who_is_in_both_arms_counts_in_neither_and_words_name_the_spend():
    exposed = [("Spring", name, "2026-03-02", name in "CD") for name in "ABCD"]
    exposed += [("Spring", "E", "2026-03-02", held) for held in (True, False)]
    bought = [(name, "2026-03-20", 1.0) for name in "ABCE"]
    spend = [("2026-03-01", " SPRING", 30.0), ("2026-03-31", "spring", 20.0)]
    spend += [("2026-04-01", "spring", 7.0), ("2026-03-05", None, 9.0)]
    row = effect(exposed, bought, spend).loc["Spring"]
    assert row[["reached", "control", "bought", "bought_control"]].tolist() == [2, 2, 2, 1]
    assert (row["conversion"], row["conversion_control"], row["effect"]) == (1, 0.5, 0.5)
    assert (row["cost"], row["cost_per_extra"]) == (50, 50)
    low, high = intervals.newcombe(2, 2, 1, 2)
    assert (row["low"], row["high"]) == pytest.approx((float(low), float(high)))


def test_nothing_gained_has_no_cost_of_one_more():
    exposed = [("c", "A", "2026-03-02", False), ("c", "B", "2026-03-02", True)]
    row = effect(exposed, [("B", "2026-03-05", 1.0)], [("2026-03-01", "c", 30.0)]).loc["c"]
    assert row["effect"] == -1 and np.isnan(row["cost_per_extra"])


def test_many_campaigns_against_plain_pandas():
    rng = np.random.default_rng(4)
    exposed = pd.DataFrame(
        {
            "campaign_id": rng.choice(["a", "b", "c"], 300),
            "customer_id": rng.choice([f"c{place}" for place in range(150)], 300),
            "exposed_at": pd.Timestamp("2026-02-25")
            + pd.to_timedelta(rng.integers(0, 45 * 24, 300), unit="h"),
            "is_control": rng.random(300) < 0.3,
        }
    )
    bought = pd.DataFrame(
        {
            "customer_id": rng.choice([f"c{place}" for place in range(170)], 200),
            "ordered_at": pd.Timestamp("2026-02-20")
            + pd.to_timedelta(rng.integers(0, 80, 200), unit="D"),
            "amount": 1.0,
        }
    )
    shop = opened({"orders": bought, "campaign_exposures": exposed}, campaigns={"days": 10})
    table = shop.analysis("promotion_effect", MARCH).set_index("campaign")
    seen = exposed[exposed["exposed_at"].dt.to_period("M") == pd.Period(MARCH)]
    seen = seen.assign(day=seen["exposed_at"].dt.normalize())
    for name, some in seen.groupby("campaign_id"):
        first = some.groupby("customer_id")["day"].transform("min")
        arms = some.groupby("customer_id")["is_control"].agg(["min", "max"])
        firsts = some[some["day"] == first].groupby("customer_id")["is_control"].agg(["min", "max"])
        day = some.groupby("customer_id")["day"].min()
        hits = bought.merge(day.rename("day").reset_index())
        late = (hits["ordered_at"] - hits["day"]).dt.days
        buyers = set(hits.loc[late.between(0, 10), "customer_id"])
        pure = firsts.index[firsts["min"] == firsts["max"]]
        control = {who for who in pure if firsts.loc[who, "max"]}
        reached = set(pure) - control
        assert len(arms) >= len(pure)
        row = table.loc[name]
        assert (row["reached"], row["control"]) == (len(reached), len(control))
        assert (row["bought"], row["bought_control"]) == (
            len(reached & buyers),
            len(control & buyers),
        )
