"""The loyalty index under other weights, from shares that are made by hand."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from tests import quick
from tests.kpis.test_satisfaction import COLUMNS, answer

MARCH = "2026-03"


def shop(**options):
    """All of a buy twice, invite nobody and say 3 of 5; b once, do, 2; c says nothing."""
    people = pd.DataFrame({"customer_id": ["a1", "a2", "b1", "b2", "c1"], "segment": list("aabbc")})
    people["country"] = "VN"
    days = [("a1", 2), ("a1", 9), ("a2", 3), ("a2", 8), ("b1", 4), ("b2", 5), ("c1", 6)]
    orders = pd.DataFrame(
        [(who, pd.Timestamp(2026, 3, day), 10.0) for who, day in days],
        columns=["customer_id", "ordered_at", "amount"],
    )
    said = {"a1": 3.0, "a2": 3.0, "b1": 2.0, "b2": 2.0}
    rows = [answer(who, "csat", score, "2026-03-20") for who, score in said.items()]
    rows += [answer(who, "nps", 8.0, "2026-03-20") for who in said]
    responses = pd.DataFrame(rows, columns=COLUMNS)
    responses["responded_at"] = pd.to_datetime(responses["responded_at"])
    invited = pd.DataFrame(
        {"referrer_customer_id": ["b1", "b2"], "invited_at": pd.Timestamp("2026-03-15")}
    )
    return quick.opened(
        orders=orders,
        customers=people,
        survey_responses=responses.astype({"scale_min": float, "scale_max": float}),
        referrals=invited,
        as_of="2026-06-01",
        lapse_window=45,
        currency="EUR",
        **options,
    )


@pytest.fixture(scope="module")
def base():
    return shop()


def table(base, **options):
    found = base.analysis("loyalty_index_weights", MARCH, **options)
    return found.set_index(["preset", "weights", "segment"])


def test_every_preset_that_can_be_answered_is_there_the_settings_own_first(base):
    found = table(base).reset_index()
    assert list(found["preset"].unique()) == ["source3", "source2"]
    assert list(found["weights"].unique()) == ["chosen", "near", "any"]
    assert list(found["segment"].unique()) == ["all", "a", "b", "c"]


def test_the_chosen_weights_give_the_index_itself():
    for weights in ({}, {"satisfaction": 3.0, "referral": 0.5}):
        base = shop(loyalty_index={"weights": weights})
        found = table(base)
        assert found.loc[("source3", "chosen", "all"), "index"] == pytest.approx(
            base.kpi("loyalty_index", MARCH).value
        )
        by = {
            value.segment: value.value for value in base.kpi("loyalty_index", MARCH, by="segment")
        }
        for name in "ab":
            mine = found.loc[("source3", "chosen", name), "index"]
            assert mine == pytest.approx(by[name])


def test_by_hand(base):
    found = table(base)
    a, b = (0.5, 1.0, 0.0), (0.25, 0.0, 1.0)  # satisfaction, repurchase, referral
    assert found.loc[("source3", "chosen", "a"), "index"] == pytest.approx(100 * np.mean(a))
    assert found.loc[("source3", "chosen", "b"), "index"] == pytest.approx(100 * np.mean(b))
    assert found.loc[("source2", "chosen", "a"), "index"] == pytest.approx(90)
    assert found.loc[("source2", "chosen", "b"), "index"] == pytest.approx(40)
    assert [found.loc[("source3", "chosen", name), "rank"] for name in "ab"] == [1, 2]
    assert found.loc[("source3", "chosen", "c")].isna().all()  # it said nothing
    assert np.isnan(found.loc[("source3", "chosen", "all"), "rank"])


def test_how_often_the_ranking_holds_is_a_share_of_all_mixes(base):
    found = table(base, draws=20_000)
    # a is ahead where .5 s + p > .25 s + r. Over all mixes: s, p, r even on the simplex.
    rng = np.random.default_rng(9)
    mixes = rng.dirichlet([1, 1, 1], 200_000)
    ahead = (mixes @ [0.25, 1, -1] > 0).mean()
    assert found.loc[("source3", "any", "a"), "same_rank"] == pytest.approx(ahead, abs=0.015)
    assert found.loc[("source3", "any", "b"), "same_rank"] == pytest.approx(ahead, abs=0.015)
    ends = np.quantile(100 * mixes @ [0.5, 1, 0], [0.025, 0.975])
    row = found.loc[("source3", "any", "a")]
    assert [row["low"], row["high"]] == pytest.approx(ends, abs=1)
    # Twice the one weight and half of the other is as far as `near` goes.
    near = found.loc[("source3", "near", "a")]
    assert row["low"] < near["low"] < near["high"] < row["high"]
    assert (
        found.loc[("source2", "any", "a"), "same_rank"] == 1
    )  # no mix makes 1, .8 less than 0, .8


def test_the_same_seed_gives_the_same_table(base):
    pd.testing.assert_frame_equal(table(base, draws=20), table(base, draws=20))
    assert not table(base, draws=20, seed=2).equals(table(base, draws=20))


def test_segments_are_those_of_an_attribute(base):
    found = table(base, by="country", draws=5)
    assert list(found.index.unique("segment")) == ["all", "VN"]
    with pytest.raises(kpilib.InputError, match="'contry' is not a column"):
        table(base, by="contry")
