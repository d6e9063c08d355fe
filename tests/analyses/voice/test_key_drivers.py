"""Key drivers of answers made by hand: who is a respondent, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import InputError
from kpilib.statistics.models.drivers import importance
from tests import quick

ASPECTS = ("delivery", "price", "service")
N = 60


def respondents(n=N, seed=0):
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.integers(1, 6, (n, 3)), columns=list(ASPECTS)).astype(float)
    noise = random.normal(0, 0.5, n)
    mix = 0.6 * table["service"] + 0.3 * table["price"] + 0.1 * table["delivery"] + noise
    return table.assign(overall=mix.round().clip(1, 5), customer_id=np.arange(1, n + 1))


def long(wide, at="2026-03-10", survey="csat"):
    rows = wide.melt("customer_id", var_name="question", value_name="score")
    return rows.assign(survey=survey, responded_at=at, scale_min=1.0, scale_max=5.0)


def business(*tables, **settings):
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-02-01"], "amount": [1.0]})
    answers = pd.concat(tables, ignore_index=True)
    return quick.opened(
        orders=orders, survey_responses=answers, currency="GBP", as_of="2026-05-01", **settings
    )


def test_the_shares_are_those_of_the_complete_answers():
    wide = respondents()
    found = business(long(wide)).analysis("key_drivers", "2026-03")
    plain = importance(wide["overall"], wide[list(ASPECTS)])
    expected = dict(zip(ASPECTS, plain.share, strict=True))
    assert found["aspect"].tolist() == ["service", "price", "delivery"]
    assert found["importance"].tolist() == pytest.approx([expected[a] for a in found["aspect"]])
    assert found["importance"].sum() == pytest.approx(1)
    assert found["performance"].tolist() == pytest.approx([wide[a].mean() for a in found["aspect"]])
    assert set(found["respondents"]) == {N} and found["r2"].iloc[0] == pytest.approx(plain.r2)
    assert ((found["low"] <= found["importance"]) & (found["importance"] <= found["high"])).all()


def test_only_who_answered_everything_of_that_survey_in_the_period_is_a_respondent():
    wide = respondents()
    partly = respondents(20, seed=1).drop(columns="price").assign(customer_id=np.arange(100, 120))
    nameless = long(respondents(20, seed=2)).assign(customer_id=None)
    others = long(respondents(20, seed=3).assign(customer_id=np.arange(200, 220)), survey="pulse")
    later = long(respondents(20, seed=4).assign(customer_id=np.arange(300, 320)), "2026-04-10")
    loyal = long(wide[["customer_id"]].assign(repurchase=5.0, recommend=3.0))
    base = business(long(wide), long(partly), nameless, others, later, loyal)
    found = base.analysis("key_drivers", "2026-03")
    alone = business(long(wide)).analysis("key_drivers", "2026-03")
    pd.testing.assert_frame_equal(found, alone)


def test_names_of_the_survey_and_its_question_are_settings():
    wide = respondents().rename(columns={"overall": "general"})
    settings = {"surveys": {"csat": "pulse", "overall": "general"}}
    found = business(long(wide, survey="Pulse"), **settings).analysis("key_drivers", "2026-03")
    assert sorted(found["aspect"]) == list(ASPECTS)


def test_the_order_of_rows_decides_nothing():
    rows = long(respondents())
    shuffled = rows.sample(frac=1, random_state=1)
    first, second = (business(one).analysis("key_drivers", "2026-03") for one in (rows, shuffled))
    pd.testing.assert_frame_equal(first, second)


def test_ten_respondents_per_aspect_are_needed():
    assert len(business(long(respondents(30))).analysis("key_drivers", "2026-03")) == 3
    with pytest.raises(InputError, match=r"29 respondents answered all 3 aspects .* 30 are needed"):
        business(long(respondents(29))).analysis("key_drivers", "2026-03")


def test_a_survey_without_aspects_or_main_question_is_refused():
    wide = respondents()
    for columns in (["customer_id", "overall"], ["customer_id", *ASPECTS]):
        with pytest.raises(InputError, match=r"have both the question 'overall' and aspects"):
            business(long(wide[columns])).analysis("key_drivers", "2026-03")
