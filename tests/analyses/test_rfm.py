"""RFM: equal customers score alike, cut points are kept, and nothing is lost between months."""

import numpy as np
import pandas as pd
import pytest

from kpilib import InputError
from kpilib.analyses.rfm import (
    SEGMENTS,
    CutPoints,
    find_cut_points,
    rfm_customers,
    rfm_movement,
    rfm_scores,
    rfm_segments,
)
from tests import quick
from tests.generate import bgnbd_purchases, small_businesses


@pytest.fixture(scope="module")
def base():
    return quick.opened(orders=bgnbd_purchases(1000, days=500, seed=23), time_zone="UTC")


def scores(base, *args):
    return base.engine.collect(rfm_scores(base, *args)).set_index("customer_id").sort_index()


def test_scores_equal_plain_pandas(base):
    closes = base.period().end_day
    cuts = find_cut_points(base)
    bought = base.engine.collect(base.purchases.select("customer_id", "day", "amount"))
    start = (pd.Timestamp(base.period().end) - pd.DateOffset(months=12)).date()
    opens = (start - pd.Timestamp("1970-01-01").date()).days
    bought = bought[(bought["day"] >= opens) & (bought["day"] < closes)]
    plain = bought.groupby("customer_id").agg(
        last=("day", "max"), frequency=("day", "size"), money=("amount", "sum")
    )
    ours = scores(base)
    assert (ours["recency"] == closes - 1 - plain["last"]).all()
    assert (ours["frequency"] == plain["frequency"]).all()
    np.testing.assert_allclose(ours["money"], plain["money"])
    assert cuts.scores == 5
    for name, score in (("recency", "r"), ("frequency", "f"), ("money", "m")):
        value = ours[name].round(6)
        middle = (value.rank(method="average") - 0.5) / len(value)
        expected = (1 + np.floor(5 * middle + 1e-12)).mask(value == value.min(), 1)
        expected = expected.mask(value == value.max(), 5)
        expected = 6 - expected if name == "recency" else expected
        assert (ours[score] == expected).all()


def test_equal_customers_get_equal_scores():
    table = scores(
        quick.opened(orders=small_businesses()["ties"], time_zone="UTC", as_of="2024-03-01")
    )
    assert len(table) == 10
    assert (table[["r", "f", "m", "segment"]].nunique() == 1).all()


def test_row_order_and_ids_change_nothing(base):
    orders = bgnbd_purchases(1000, days=500, seed=23).sample(frac=1, random_state=2)
    other = quick.opened(orders=orders, time_zone="UTC")
    pd.testing.assert_frame_equal(rfm_segments(base), rfm_segments(other))


def test_every_score_and_segment_is_a_known_one(base):
    table = scores(base)
    assert table[["r", "f", "m"]].isin(range(1, 6)).all(axis=None)
    assert set(table["segment"]) <= set(SEGMENTS)
    strong = table[(table["r"] >= 4) & (table["f"] >= 4) & (table["m"] >= 4)]
    assert (strong["segment"] == "champions").all() and len(strong)
    asleep = table[(table["r"] <= 2) & (table["f"] <= 3) & (table["m"] <= 3)]
    assert (asleep["segment"] == "asleep").all() and len(asleep)


def test_segments_add_up(base):
    table, rows = rfm_segments(base), scores(base)
    assert table["segment"].tolist() == list(SEGMENTS)
    assert table["customers"].sum() == len(rows)
    assert table["money"].sum() == pytest.approx(rows["money"].sum())
    assert table["share"].sum() == pytest.approx(1) and table["money_share"].sum() == pytest.approx(
        1
    )
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()


def test_cut_points_come_back_from_their_file_and_score_the_next_month_alike(base, tmp_path):
    before = base.period().previous()
    cuts = find_cut_points(base, before)
    cuts.save(tmp_path / "cuts.json")
    again = CutPoints.load(tmp_path / "cuts.json")
    assert again == cuts and again.found_in == before.label
    pd.testing.assert_frame_equal(scores(base, None, again), scores(base, None, cuts))
    frozen, drifting = scores(base, None, cuts), scores(base)
    assert (frozen["r"] != drifting["r"]).any()


@pytest.mark.parametrize("n", [3, 10])
def test_the_analysis_takes_as_many_scores_as_cut_points_do(base, n):
    cuts = find_cut_points(base, scores=n)
    asked = base.analysis("rfm_segments", scores=n)
    pd.testing.assert_frame_equal(asked, rfm_segments(base, None, cuts))
    assert not asked.equals(rfm_segments(base))
    best = base.engine.collect(rfm_scores(base, scores=n))[["r", "f", "m"]].max()
    assert best.tolist() == [n, n, n]
    assert rfm_customers(base, "champions", scores=n)["f"].max() == n
    before = find_cut_points(base, base.period().previous(), scores=n)
    moved = rfm_movement(base, scores=n)
    pd.testing.assert_frame_equal(moved, rfm_movement(base, None, before))
    pd.testing.assert_frame_equal(rfm_segments(base, None, cuts, scores=n), asked)


@pytest.mark.parametrize("ask", [rfm_segments, rfm_movement, rfm_scores])
def test_scores_that_cannot_be_are_refused(base, ask):
    with pytest.raises(InputError, match="RFM with scores=2; choose 3 to 10"):
        ask(base, scores=2)
    cuts = find_cut_points(base)
    with pytest.raises(InputError, match="scores=4 and cut points for 5; give one of the two"):
        ask(base, None, cuts, scores=4)


def test_movement_has_both_months_margins(base):
    cuts = find_cut_points(base, base.period().previous())
    moved = rfm_movement(base, None, cuts)
    now = rfm_segments(base, None, cuts).set_index("segment")
    then = rfm_segments(base, base.period().previous(), cuts).set_index("segment")
    after = moved.groupby("after")[["customers", "money_after"]].sum().reindex(list(SEGMENTS))
    before = moved.groupby("before")[["customers", "money_before"]].sum().reindex(list(SEGMENTS))
    assert (after["customers"].fillna(0) == now["customers"]).all()
    assert (before["customers"].fillna(0) == then["customers"]).all()
    np.testing.assert_allclose(after["money_after"].fillna(0), now["money"])
    np.testing.assert_allclose(before["money_before"].fillna(0), then["money"])


def test_customers_of_a_segment_are_listed_by_what_they_spent(base):
    table, rows = rfm_customers(base, "champions", limit=5), scores(base)
    best = rows[rows["segment"] == "champions"].nlargest(5, "money")
    assert table["customer_id"].tolist() == best.index.tolist()
    with pytest.raises(InputError, match="segment 'champion' is not known; did you mean"):
        rfm_customers(base, "champion")
    with pytest.raises(InputError, match="limit=0"):
        rfm_customers(base, "champions", limit=0)


def test_in_the_first_month_everyone_comes_from_nowhere(base):
    moved = rfm_movement(base, "2024-01")
    assert set(moved["before"]) == {"absent"}


@pytest.mark.parametrize("name", list(small_businesses()))
def test_small_businesses_have_segments(name):
    orders = small_businesses()[name]
    table = rfm_segments(quick.opened(orders=orders, time_zone="UTC", as_of="2024-07-01"))
    assert table["customers"].sum() == orders["customer_id"].nunique()


def test_bad_cut_points_are_named(base, tmp_path):
    good = find_cut_points(base)
    with pytest.raises(InputError, match=r"cut points of recency are \[9, 5, 7, 8\]; give 4"):
        CutPoints((9, 5, 7, 8), good.frequency, good.money, 12, "2024-10")
    with pytest.raises(InputError, match="window of 1 or more"):
        find_cut_points(base, months=0)
    with pytest.raises(InputError, match="No such file or directory; save them first"):
        CutPoints.load(tmp_path / "none.json")
    with pytest.raises(InputError, match="cut points cannot be read"):
        CutPoints.from_json('{"recency": [1, 2, 3, 4]}')
    with pytest.raises(InputError, match="cut points cannot be read"):
        CutPoints.from_json("cut here")
