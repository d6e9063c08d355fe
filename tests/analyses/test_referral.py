"""Those whom a customer brought beside the others: by hand, and against plain pandas."""

import numpy as np
import pandas as pd
import pytest

from kpilib.statistics import intervals
from tests import quick

MARCH, WINDOW = "2026-03", 30


def opened(orders, people, **more):
    return quick.opened(
        orders=pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"]),
        customers=pd.DataFrame(people, columns=["customer_id", "referred_by_customer_id"]),
        lapse_window=WINDOW,
        as_of="2026-05-01",
        currency="EUR",
        **more,
    )


def effect(orders, people, **more):
    table = opened(orders, people, **more).analysis("referral_programme_effect", MARCH)
    return table.set_index("group")


@pytest.mark.parametrize(("day", "again"), [("03-10", 0), ("03-11", 1), ("04-09", 1), ("04-10", 0)])
def test_a_second_purchase_counts_on_another_day_within_the_window(day, again):
    orders = [("A", "2026-03-10 08:00", 5.0), ("A", f"2026-{day} 20:00", 7.0)]
    table = effect(orders, [("A", "old")])
    row = table.loc["referred"]
    assert row[["customers", "watched", "again"]].tolist() == [1, 1, again]
    assert row["value"] == (5 if day == "04-10" else 12)


@pytest.mark.parametrize(("day", "watched"), [("03-31", 1), ("03-10", 1)])
@pytest.mark.parametrize(("as_of", "late"), [("2026-04-30", True), ("2026-05-01", False)])
def test_only_those_watched_for_the_window_count(day, watched, as_of, late):
    base = quick.opened(
        orders=pd.DataFrame({"customer_id": ["A"], "ordered_at": [f"2026-{day}"], "amount": [1.0]}),
        customers=pd.DataFrame({"customer_id": ["A"], "referred_by_customer_id": ["B"]}),
        lapse_window=WINDOW,
        as_of=as_of,
        currency="EUR",
    )
    row = base.analysis("referral_programme_effect", MARCH).iloc[0]
    assert row["customers"] == 1
    assert row["watched"] == (0 if late and day == "03-31" else watched)


def test_oneself_is_no_referrer_and_referrals_count_like_the_column():
    orders = [(name, "2026-03-05", 1.0) for name in "ABCD"]
    sent = pd.DataFrame(
        {
            "referrer_customer_id": ["X", "D"],
            "invited_at": "2026-03-01",
            "converted_customer_id": ["C", "D"],
        }
    )
    table = effect(orders, [("A", "X"), ("B", "B"), ("C", None), ("D", None)], referrals=sent)
    assert table["customers"].tolist() == [2, 2]


def test_spend_on_the_channel_is_what_the_referred_cost():
    orders = [("A", "2026-03-05", 1.0), ("B", "2026-03-06", 1.0), ("C", "2026-03-07", 1.0)]
    spend = pd.DataFrame(
        {
            "date": ["2026-03-01", "2026-03-31", "2026-04-01", "2026-03-05"],
            "channel": ["Referral ", "referral", "referral", "ads"],
            "amount": [10.0, 20.0, 500.0, 500.0],
        }
    )
    table = effect(orders, [("A", "X"), ("B", "Y"), ("C", None)], marketing_spend=spend)
    assert table["cost"].tolist() == [30, 0]
    assert table["cac"].tolist() == [15, 0]


def test_both_groups_against_plain_pandas():
    rng = np.random.default_rng(8)
    names = [f"c{place}" for place in range(120)]
    orders = pd.DataFrame(
        {
            "customer_id": rng.choice(names, 260),
            "ordered_at": pd.Timestamp("2026-01-15")
            + pd.to_timedelta(rng.integers(0, 100 * 24, 260), unit="h"),
            "amount": rng.gamma(2, 10, 260).round(2),
        }
    )
    brought = rng.choice(["c1", "c2", None], 120)
    people = pd.DataFrame({"customer_id": names, "referred_by_customer_id": brought})
    table = effect(orders, people)
    day = orders["ordered_at"].dt.normalize()
    first = day.groupby(orders["customer_id"]).transform("min")
    mine = orders.assign(day=day, since=(day - first).dt.days)[
        (first >= "2026-03-01") & (first < "2026-04-01")
    ]
    inside = mine[mine["since"].between(0, WINDOW)]
    per = pd.DataFrame(
        {
            "again": inside.groupby("customer_id")["since"].max() > 0,
            "money": inside.groupby("customer_id")["amount"].sum(),
        }
    )
    by = people.set_index("customer_id")["referred_by_customer_id"].reindex(per.index)
    referred = by.notna() & (by != by.index)
    counts = []
    for name, some in (("referred", per[referred]), ("other", per[~referred])):
        row = table.loc[name]
        assert row[["customers", "watched", "again"]].tolist() == [
            len(some), len(some), some["again"].sum()
        ]  # fmt: skip
        assert row["value"] == pytest.approx(some["money"].mean())
        counts += [some["again"].sum(), len(some)]
    low, high = intervals.newcombe(*counts)
    assert table["difference_low"].tolist() == pytest.approx([float(low)] * 2)
    assert table["difference_high"].tolist() == pytest.approx([float(high)] * 2)
    assert table["difference"].iloc[0] == pytest.approx(
        counts[0] / counts[1] - counts[2] / counts[3]
    )


def test_a_group_of_nobody_has_no_rate_and_no_difference():
    table = effect([("A", "2026-03-05", 1.0)], [("A", None)])
    assert table.loc["referred", ["rate", "value", "cac", "difference"]].isna().all()
    assert table.loc["other", "rate"] == 0


def test_who_began_a_contract_and_bought_nothing_brought_nothing():
    """Of two whom a customer brought, one bought once: half its money each, and one came again."""
    rows = [("A", "2026-03-05"), ("B", "2026-03-10"), ("C", "2025-12-01")]
    subscriptions = pd.DataFrame(rows, columns=["customer_id", "started_at"])
    table = opened(
        [("B", "2026-03-12", 7.0)],
        [("A", "C"), ("B", "C")],
        subscriptions=subscriptions.assign(ended_at=None),
        activity="subscriptions",
    ).analysis("referral_programme_effect", MARCH)
    row = table.set_index("group").loc["referred"]
    assert row[["customers", "watched", "again", "value"]].tolist() == [2, 2, 1, 3.5]
