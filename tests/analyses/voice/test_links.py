"""What goes with what customers say, against plain pandas and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.statistics import intervals
from tests import quick
from tests.kpis.test_satisfaction import COLUMNS, answer

MARCH = "2026-03"


def opened(orders, said=(), **options):
    responses = pd.DataFrame(said, columns=COLUMNS)
    responses["responded_at"] = pd.to_datetime(responses["responded_at"])
    responses["score"] = responses["score"].astype(float)
    settings = {"lapse_window": 45, "as_of": "2026-06-01", "time_zone": "UTC", "currency": "EUR"}
    tables = {"orders": orders} | ({"survey_responses": responses} if len(said) else {})
    return quick.opened(**tables, **(settings | options))


def frame(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])


def shop(item, seed=6, n=150):
    """Random answers in March, some twice, some unnamed; orders in March and April."""
    rng = np.random.default_rng(seed)
    top = 5 if item == "csat" else 10
    who = rng.choice([*(f"c{place}" for place in range(90)), None], n)
    days = [f"2026-03-{day:02d} {hour:02d}:00" for day, hour in rng.integers(1, 24, (n, 2))]
    scores = rng.integers(1, top + 1, n)
    said = [answer(*row) for row in zip(who, [item] * n, scores, days, strict=True)]
    when = pd.Timestamp("2026-02-25") + pd.to_timedelta(rng.integers(0, 75, 120), unit="D")
    orders = pd.DataFrame(
        {
            "customer_id": rng.choice([f"c{place}" for place in range(110)], 120),
            "ordered_at": when,
            "amount": rng.gamma(2, 10, 120).round(2),
        }
    )
    table = pd.DataFrame({"who": who, "score": scores, "at": pd.to_datetime(days)})
    last = table.dropna(subset="who").sort_values(["at", "score"]).groupby("who")["score"].last()
    return orders, said, last


def test_who_bought_in_the_month_after_by_the_last_score():
    orders, said, last = shop("csat")
    table = opened(orders, said).analysis("satisfaction_loyalty_link", MARCH)
    april = set(orders.loc[orders["ordered_at"].dt.month == 4, "customer_id"])
    kept = last.index.isin(april)
    counts = pd.Series(kept, index=last.to_numpy()).groupby(level=0).agg(["size", "sum"])
    assert table["score"].tolist() == counts.index.tolist()
    assert table["customers"].tolist() == counts["size"].tolist()
    assert table["kept"].tolist() == counts["sum"].tolist()
    low, high = intervals.wilson(counts["sum"], counts["size"])
    assert table["low"].tolist() == pytest.approx(low.tolist())
    assert table["high"].tolist() == pytest.approx(high.tolist())
    tau = stats.kendalltau(last.to_numpy(), kept).statistic
    assert table["tau"].tolist() == pytest.approx([tau] * len(table))


def test_growth_of_revenue_by_the_last_recommendation():
    orders, said, last = shop("nps")
    table = opened(orders, said).analysis("nps_growth_link", MARCH).set_index("group")
    month = orders["ordered_at"].dt.month
    money = {
        name: orders[month == number].groupby("customer_id")["amount"].sum().reindex(last.index)
        for name, number in (("before", 3), ("after", 4))
    }
    both = pd.DataFrame(money).fillna(0.0).assign(score=last)
    group = pd.cut(both["score"], [-1, 6, 8, 10], labels=["detractors", "passives", "promoters"])
    sums = both.groupby(group, observed=False)[["before", "after"]].sum()
    assert table.index.tolist() == ["promoters", "passives", "detractors"]
    for name, row in table.iterrows():
        assert row["customers"] == (group == name).sum()
        assert row["revenue_before"] == pytest.approx(sums.loc[name, "before"])
        assert row["growth"] == pytest.approx(
            sums.loc[name, "after"] / sums.loc[name, "before"] - 1
        )
    rho = stats.spearmanr(both["score"], both["after"] - both["before"]).statistic
    assert table["correlation"].tolist() == pytest.approx([rho] * 3)
    assert (table["n"] == len(last)).all()


def test_a_group_that_paid_nothing_before_has_no_growth():
    orders = frame(("A", "2026-04-05", 10.0), ("B", "2026-03-05", 10.0))
    table = opened(orders, [answer("A", "nps", 9, "2026-03-05")]).analysis("nps_growth_link", MARCH)
    assert table["customers"].tolist() == [1, 0, 0]
    assert table["growth"].isna().all() and table["correlation"].isna().all()


@pytest.mark.parametrize("name", ["satisfaction_loyalty_link", "nps_growth_link"])
@pytest.mark.parametrize(("as_of", "told"), [("2026-04-30", False), ("2026-05-01", True)])
def test_the_month_after_must_be_over(name, as_of, told):
    orders = frame(("A", "2026-03-05", 10.0), ("A", "2026-04-05", 10.0))
    said = [answer("A", "csat", 4, "2026-03-05"), answer("A", "nps", 9, "2026-03-05")]
    base = opened(orders, said, as_of=as_of)
    if told:
        assert len(base.analysis(name, MARCH))
    else:
        with pytest.raises(kpilib.InputError, match="ask for an earlier period"):
            base.analysis(name, MARCH)


def test_one_score_alone_goes_with_nothing():
    orders = frame(("Z", "2026-01-01", 1.0), ("A", "2026-04-05", 10.0))
    table = opened(orders, [answer("A", "csat", 4, "2026-03-05")]).analysis(
        "satisfaction_loyalty_link", MARCH
    )
    assert (table["customers"].tolist(), table["kept"].tolist()) == ([1], [1])
    assert table["tau"].isna().all()


def test_loyalty_at_the_opening_and_profit_in_the_month():
    rows = [("first", "2026-02-20", 5.0), ("lapsed", "2026-01-05", 5.0), ("new", "2026-03-02", 9.0)]
    rows += [("second", day, 5.0) for day in ("2026-02-01", "2026-02-20")]
    rows += [("third", day, 5.0) for day in ("2026-01-31", "2026-02-01", "2026-02-20")]
    rows += [("third", "2026-03-10", 40.0), ("third", "2026-03-11", 60.0)]
    rows += [("other", day, 5.0) for day in ("2026-01-31", "2026-02-02", "2026-02-20")]
    rows += [("first", "2026-03-31", 20.0), ("first", "2026-04-01", 500.0)]
    costs = pd.DataFrame(
        {"customer_id": ["first", "other", "new"], "date": "2026-03-15", "amount": [4.0, 7.0, 50.0]}
    )
    base = quick.opened(
        orders=frame(*rows),
        customer_costs=costs,
        lapse_window=45,
        as_of="2026-06-01",
        currency="EUR",
        value={"margin": 0.5},
    )
    table = base.analysis("loyalty_value_link", MARCH).set_index("level")
    assert table["customers"].tolist() == [1, 1, 2]
    assert table["value"].tolist() == [6, 0, (50 - 7) / 2]
    assert table["purchases"].tolist() == [1, 0, 1]
    low, high = stats.t.interval(0.95, 1, 21.5, stats.sem([50, -7]))
    assert table.loc["loyal", ["low", "high"]].tolist() == pytest.approx([low, high])
    assert table.loc["first-time", ["low", "high"]].isna().all()
