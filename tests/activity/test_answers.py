"""Which answers count, against rows made by hand."""

import pandas as pd
import pytest

import kpilib
from kpilib.activity.answers import answers, scales
from kpilib.periods import as_periods

HEADS = ["customer_id", "survey", "wave", "question", "responded_at", "score", "scale_min",
         "scale_max"]  # fmt: skip


def business(*rows, drop=(), **settings):
    table = pd.DataFrame(rows, columns=HEADS).drop(columns=list(drop))
    orders = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2026-02-01"], "amount": [1.0]})
    return kpilib.open(
        orders=orders, survey_responses=table, currency="GBP", as_of="2026-05-01", max_loss=1.0,
        **settings,
    )  # fmt: skip


def scores(base, *periods):
    """The scores that count, by period."""
    found = base.engine.collect(answers(base, as_periods(periods)))
    return [sorted(found.loc[found["period"] == place, "score"]) for place in range(len(periods))]


def csat(customer, at, score, question="overall", wave=None, low=1.0, high=5.0):
    return (customer, "csat", wave, question, at, score, low, high)


def test_the_latest_answer_of_a_customer_in_a_period_counts():
    base = business(
        csat("a", "2026-03-01 09:00", 2.0),
        csat("a", "2026-03-31 23:59", 5.0),
        csat("a", "2026-04-01 00:00", 1.0),
        csat("b", "2026-03-05 09:00", 3.0),
    )
    assert scores(base, "2026-03", "2026-04") == [[3, 5], [1]]


def test_waves_and_questions_are_answered_apart():
    base = business(
        csat("a", "2026-03-01", 2.0, wave="1"),
        csat("a", "2026-03-02", 3.0, wave="2"),
        csat("a", "2026-03-02", 4.0, "price", wave="2"),
        csat("a", "2026-03-03", 5.0, "price", wave=" 2 "),
    )
    assert scores(base, "2026-03") == [[2, 3, 5]]


def test_answers_without_a_customer_count_each():
    rows = [csat(None, "2026-03-01", 4.0), csat(None, "2026-03-02", 5.0)]
    assert scores(business(*rows, csat("a", "2026-03-01", 1.0)), "2026-03") == [[1, 4, 5]]
    assert scores(business(*rows, drop=["customer_id"]), "2026-03") == [[4, 5]]


def test_words_are_compared_trimmed_and_a_missing_question_is_the_main_one():
    base = business(
        ("a", " CSAT ", None, None, "2026-03-01", 2.0, 1.0, 5.0),
        ("a", "csat", None, "Overall ", "2026-03-02", 4.0, 1.0, 5.0),
        ("a", "nps", None, "", "2026-03-02", 9.0, 0.0, 10.0),
    )
    found = base.engine.collect(answers(base, as_periods("2026-03")))
    items = set(zip(found["survey"], found["question"], found["score"], strict=True))
    assert items == {("csat", "overall", 4.0), ("nps", "recommend", 9.0)}


def test_an_answer_without_a_score_is_none_and_leaves_an_earlier_one_standing():
    base = business(csat("a", "2026-03-01", 2.0), csat("a", "2026-03-02", None))
    assert scores(base, "2026-03") == [[2]]


def test_each_item_has_the_scale_that_most_of_its_rows_name():
    base = business(
        csat("a", "2026-03-01", 4.0),
        csat("b", "2026-03-01", 4.0),
        csat("c", "2026-03-01", 9.0, low=0.0, high=10.0),
        csat("d", "2026-03-01", 3.0, low=None, high=None),
        csat("e", "2026-03-01", 8.0, low=None, high=None),
        csat("a", "2026-03-01", 7.0, "price", low=0.0, high=10.0),
    )
    found = scales(base).set_index("question")[["scale_min", "scale_max"]]
    assert found.loc["overall"].tolist() == [1, 5]
    assert found.loc["price"].tolist() == [0, 10]
    assert scores(base, "2026-03") == [[3, 4, 4, 7]]


@pytest.mark.parametrize(
    ("survey", "question", "scale"),
    [
        ("csat", "overall", [1, 5]),
        ("csat", "repurchase", [1, 5]),
        ("ces", "effort", [1, 7]),
        ("nps", "recommend", [0, 10]),
    ],
)
def test_scales_that_nobody_names(survey, question, scale):
    row = ("a", survey, None, question, "2026-03-01", 3.0, None, None)
    assert scales(business(row))[["scale_min", "scale_max"]].iloc[0].tolist() == scale
    bare = business(row, drop=["scale_min", "scale_max", "wave", "question"])
    assert len(scales(bare)) == 1


def test_nps_is_0_to_10_whatever_its_rows_name():
    rows = [("a", "nps", None, "recommend", "2026-03-01", 4.0, 1.0, 5.0)]
    assert scores(business(*rows), "2026-03") == [[]]
    rows.append(("b", "nps", None, "recommend", "2026-03-01", 9.0, 0.0, 10.0))
    assert scores(business(*rows), "2026-03") == [[9]]


def test_the_order_of_rows_decides_nothing():
    at = "2026-03-01 09:00"
    rows = [csat("a", at, 2.0), csat("a", at, 5.0), csat("b", at, 1.0)]
    assert (
        scores(business(*rows), "2026-03") == scores(business(*rows[::-1]), "2026-03") == [[1, 2]]
    )
