"""Retention by segment, by campaign, and the reasons of leaving, against plain pandas."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

import kpilib
from kpilib.statistics import intervals
from tests.kpis.test_campaigns_and_contracts import EXPOSED, MARCH, frame, opened, orders

LAPSE = 30
OPENS, CLOSES = pd.Timestamp("2026-03-01"), pd.Timestamp("2026-04-01")


def buyers(seed=1, customers=120):
    """Orders from January on, and a segment for most: few of them small ones."""
    rng = np.random.default_rng(seed)
    many = rng.integers(1, 7, customers)
    who = np.repeat([f"c{place:03d}" for place in range(customers)], many)
    days = pd.to_timedelta(rng.integers(0, 120, many.sum()), unit="D")
    bought = pd.DataFrame({"customer_id": who, "ordered_at": pd.Timestamp("2026-01-01") + days})
    names = rng.choice(["big", "mid", "small", None], customers, p=[0.5, 0.35, 0.05, 0.1])
    people = pd.DataFrame({"customer_id": np.unique(who), "segment": names})
    return bought.assign(amount=1.0), people


def standing(bought):
    """Per customer whether active when March opened and when it closed: the window by hand."""
    day = bought["ordered_at"]

    def active(instant):
        inside = (day < instant) & (day + pd.Timedelta(days=LAPSE) >= instant)
        return inside.groupby(bought["customer_id"]).any()

    return pd.DataFrame({"opening": active(OPENS), "closing": active(CLOSES)})


def test_segments_beside_all_others():
    bought, people = buyers()
    table = opened({"orders": bought, "customers": people}).analysis("segment_retention", MARCH)
    there = standing(bought)[lambda found: found["opening"]]
    segment = people.set_index("customer_id")["segment"].fillna("(missing)")
    kept = there["closing"].groupby(segment.reindex(there.index)).agg(["size", "sum"])
    kept = kept.sort_index().sort_values("size", ascending=False, kind="stable")
    assert table["segment"].tolist() == kept.index.tolist()
    assert table["customers"].tolist() == kept["size"].tolist()
    told = kept["size"] >= 10
    assert 0 < told.sum() < len(kept)
    shown, rest = table[told.to_numpy()], table[~told.to_numpy()]
    assert rest.drop(columns=["segment", "customers"]).isna().all(axis=None)
    n, k = kept.loc[told, "size"].to_numpy(), kept.loc[told, "sum"].to_numpy()
    others_n, others_k = kept["size"].sum() - n, kept["sum"].sum() - k
    assert shown["retained"].tolist() == k.tolist()
    assert shown["difference"].tolist() == pytest.approx(k / n - others_k / others_n)
    p_values = [
        proportions_ztest([k[at], others_k[at]], [n[at], others_n[at]])[1] for at in range(len(n))
    ]
    assert shown["p_value"].tolist() == pytest.approx(p_values)
    assert shown["p_holm"].tolist() == pytest.approx(multipletests(p_values, method="holm")[1])
    low, high = intervals.newcombe(k, n, others_k, others_n)
    assert shown["difference_low"].tolist() == pytest.approx(low)
    assert shown["difference_high"].tolist() == pytest.approx(high)


@pytest.mark.parametrize(("least", "shown"), [(1, True), (2, True), (3, False)])
def test_a_segment_of_fewer_than_least_has_no_numbers(least, shown):
    bought = orders(*[(name, "2026-02-20", 1.0) for name in "ABCD"], ("C", "2026-03-10", 1.0))
    people = pd.DataFrame({"customer_id": list("ABCD"), "segment": ["x", "x", "y", "y"]})
    table = opened({"orders": bought, "customers": people}).analysis(
        "segment_retention", MARCH, least=least
    )
    assert table["customers"].tolist() == [2, 2]
    assert table["retention"].notna().all() == shown


def test_where_everybody_stays_there_is_no_p_value():
    bought = orders(*[(name, f"2026-0{month}-20", 1.0) for name in "AB" for month in (2, 3)])
    people = pd.DataFrame({"customer_id": list("AB"), "segment": ["x", "y"]})
    table = opened({"orders": bought, "customers": people}).analysis(
        "segment_retention", MARCH, least=1
    )
    assert table["retention"].tolist() == [1, 1] and table["p_holm"].isna().all()


def test_campaigns_beside_those_held_back():
    bought, _ = buyers(2)
    rng = np.random.default_rng(5)
    names = bought["customer_id"].unique()
    rows = [
        (name, who, pd.Timestamp("2026-03-01") + pd.Timedelta(days=int(day)), held)
        for name in ("a", "b")
        for who, day, held in zip(
            rng.choice(names, 90), rng.integers(-3, 34, 90), rng.random(90) < 0.4, strict=True
        )
    ]
    rows += [("only", names[0], OPENS, None), ("early", names[0], OPENS - pd.Timedelta("1s"), True)]
    exposed = frame(rows, EXPOSED)
    shop = opened({"orders": bought, "campaign_exposures": exposed})
    table = shop.analysis("retention_strategy_effect", MARCH).set_index("campaign")
    inside = exposed[exposed["exposed_at"].between(OPENS, CLOSES, inclusive="left")]
    there = standing(bought)
    for name, seen in inside.groupby("campaign_id"):
        held = seen["is_control"].fillna(False).astype(bool)
        arms = {
            True: set(seen.loc[held, "customer_id"]),
            False: set(seen.loc[~held, "customer_id"]),
        }
        both = arms[True] & arms[False]
        opening = set(there.index[there["opening"]])
        row = table.loc[name]
        assert row["both"] == len(both & opening)
        for column, arm in (("treated", False), ("control", True)):
            mine = sorted((arms[arm] - both) & opening)
            assert row[column] == len(mine)
            assert row[f"retained_{column}"] == there.loc[mine, "closing"].sum()
    assert set(table.index) == {"a", "b", "only"}
    one = table.loc["a"]
    low, high = intervals.newcombe(
        *one[["retained_treated", "treated", "retained_control", "control"]].astype(float)
    )
    assert (one["low"], one["high"]) == pytest.approx((float(low), float(high)))
    assert one["design"] == "controlled" and table.loc["only", "design"] == "descriptive only"
    assert np.isnan(table.loc["only", "effect"])


ENDED = ["customer_id", "started_at", "ended_at", "cancel_reason", "mrr"]


def left(*rows, **options):
    table = frame(rows, ENDED)
    table["mrr"] = table["mrr"].astype(float)
    shop = opened({"subscriptions": table}, **options)
    return shop.analysis("churn_reasons", MARCH)


def test_reasons_are_counted_by_customer_and_weighed_by_what_they_paid():
    table = left(
        ("A", "2025-01-01", "2026-03-05", "price", 10),
        ("B", "2025-01-01", "2026-03-31", " Price", 20),
        ("C", "2025-01-01", "2026-03-01", None, 5),
        ("D", "2025-01-01", "2026-03-09", "service", 40),
        ("E", "2025-01-01", "2026-04-01", "later", 70),
        ("F", "2025-01-01", "2026-02-28", "before", 70),
        ("G", "2025-01-01", None, None, 70),
    )
    assert table["reason"].tolist() == ["Price", "service", "(missing)"]
    assert table["customers"].tolist() == [2, 1, 1]
    assert table["value"].tolist() == [30, 40, 5]
    assert table["value_share"].tolist() == pytest.approx([30 / 75, 40 / 75, 5 / 75])
    low, high = intervals.goodman([2, 1, 1])
    assert table["low"].tolist() == pytest.approx(low.tolist())
    assert table["high"].tolist() == pytest.approx(high.tolist())


def test_two_reasons_count_twice_and_have_no_limits():
    table = left(
        ("A", "2025-01-01", "2026-03-05", "price", 10),
        ("A", "2025-01-01", "2026-03-20", "service", 30),
        ("B", "2025-01-01", "2026-03-20", "service", 1),
        ("B", "2025-01-01", "2026-03-20", None, 2),
    )
    assert table["customers"].tolist() == [2, 1]
    assert table["share"].tolist() == [1, 0.5]
    assert table[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("begins", "continued"),
    [("2026-03-04", False), ("2026-03-05", True), ("2026-03-06", True), ("2026-03-07", False)],
)
def test_a_contract_that_another_follows_ends_no_life_and_gives_no_reason(begins, continued):
    table = left(
        ("A", "2025-01-01", "2026-03-05", "upgrade", 10),
        ("A", begins, "2026-03-25", "price", 30),
    )
    assert table["reason"].tolist() == (["price"] if continued else ["price", "upgrade"])
    assert table["value"].tolist() == ([30] if continued else [30, 10])


def test_the_same_life_gives_the_same_reason_however_its_contracts_are_cut():
    whole = left(("A", "2025-01-01", "2026-03-25", "price", 30))
    months = pd.date_range("2025-01-01", "2026-03-01", freq="MS")
    cut = [
        ("A", one, one + pd.offsets.MonthEnd(0), "renewed", 30)
        for one in months[:-1]
    ]  # fmt: skip
    pd.testing.assert_frame_equal(left(*cut, ("A", "2026-03-01", "2026-03-25", "price", 30)), whole)


def test_where_nobody_left_there_are_no_reasons():
    with pytest.raises(kpilib.InputError, match="no customer was lost in 2026-03"):
        left(("A", "2025-01-01", None, None, 10), ("B", "2025-01-01", "2026-04-02", "x", 1))
