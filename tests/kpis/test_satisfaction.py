"""Satisfaction from hand-made answers: waves, scales, blanks, people unknown, and who was asked."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.demo import tiny_orders
from kpilib.questions.values import Status
from kpilib.statistics import intervals
from tests import quick
from tests.engines.frames import to_polars, to_spark

APRIL = "2026-04"
COLUMNS = [
    "customer_id",
    "survey",
    "wave",
    "question",
    "responded_at",
    "score",
    "scale_min",
    "scale_max",
]


def answer(who, survey, score, day="2026-04-10", question=None, wave=None, scale=(None, None)):
    return (who, survey, wave, question, day, score, *scale)


def tables(*rows, **more):
    responses = pd.DataFrame(rows, columns=COLUMNS)
    responses["responded_at"] = pd.to_datetime(responses["responded_at"])
    responses[["score", "scale_min", "scale_max"]] = responses[
        ["score", "scale_min", "scale_max"]
    ].astype(float)
    return {"orders": tiny_orders(), "survey_responses": responses, **more}


def opened(tables, how=quick.opened, **options):
    settings = {"lapse_window": 45, "as_of": date(2026, 6, 1), "time_zone": "UTC"} | options
    return how(**tables, **settings)


def ask(kpi_id, *rows, **options):
    return opened(tables(*rows), **options).kpi(kpi_id, APRIL)


def test_the_latest_answer_of_a_customer_counts_and_the_unnamed_stand_alone():
    found = ask(
        "csat_mean",
        answer("An", "CSAT ", 1, "2026-04-02"),
        answer("An", "csat", 5, "2026-04-09", question="Overall"),
        answer(None, "csat", 4),
        answer(None, "csat", 4),
        answer("Chen", "csat", None),
        answer("Dana", "csat", 2, question="price"),
        answer("Dana", "other", 2),
    )
    scores = np.array([5.0, 4.0, 4.0])
    low, high = stats.t.interval(0.95, 2, scores.mean(), stats.sem(scores))
    assert (found.numerator, found.n) == (13, 3)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.details["normalised"] == pytest.approx((13 / 3 - 1) / 4)
    assert (found.details["scale_min"], found.details["scale_max"]) == (1, 5)
    assert found.notes[0].en == "on a scale of 1 to 5"


def test_waves_are_answers_of_their_own_and_alike_within_a_customer():
    rows = [answer("An", "csat", 5, wave="1"), answer("An", "csat", 4, wave="2")]
    rows += [answer("Eve", "csat", 2, wave="1"), answer("Finn", "csat", 3, wave="2")]
    found = ask("csat_mean", *rows)
    low, high = intervals.ratio_delta(14, 4, 9**2 + 4 + 9, 18 + 2 + 3, 4 + 1 + 1, 3)
    assert (found.value, found.n) == (3.5, 4)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)))


def test_a_question_has_the_scale_that_most_of_its_rows_name():
    rows = [answer(f"c{n}", "csat", 8, scale=(1, 10)) for n in range(3)]
    rows += [
        answer("An", "csat", 4, scale=(1, 5)),
        answer("Eve", "csat", 6),
        answer("Bo", "csat", 11),
    ]
    found = ask("csat_mean", *rows)
    assert (found.value, found.n) == (7.5, 4)
    assert found.details["left_out"] == 2
    assert found.notes[-1].en == "2 rows on another scale, or outside it, are left out"
    top = ask("csat_top2", *rows)
    assert top.status is Status.UNDEFINED
    assert top.reason.en == "the scale of 1 to 10 has not five steps"


@pytest.mark.parametrize(("score", "counted"), [(3, 0), (4, 1), (5, 1)])
def test_the_two_highest_of_five_boxes(score, counted):
    found = ask("csat_top2", answer("An", "csat", score))
    assert (found.numerator, found.denominator) == (counted, 1)


@pytest.mark.parametrize(("score", "group"), [(10, 0), (9, 0), (8, 1), (7, 1), (6, 2), (0, 2)])
def test_promoters_passives_and_detractors_are_cut_where_the_score_says(score, group):
    rows = [answer("An", "nps", score)]
    found = ask("nps_groups", *rows)
    assert [value.numerator for value in found] == [float(place == group) for place in range(3)]
    assert ask("nps", *rows).value == (100, 0, -100)[group]


def test_the_texts_seventy_less_ten_is_sixty_with_its_limits():
    scores = [10] * 70 + [7] * 20 + [3] * 10
    rows = [answer(f"c{place}", "nps", score) for place, score in enumerate(scores)]
    found = ask("nps", *rows)
    assert (found.value, found.numerator, found.denominator) == (60, 60, 100)
    assert (round(found.low), round(found.high)) == (45, 71)


def test_a_scale_of_one_to_ten_is_no_net_promoter_score():
    rows = [answer("An", "nps", 10, scale=(1, 10)), answer("Eve", "nps", 9, scale=(0, 10))]
    found = ask("nps", *rows)
    assert (found.denominator, found.details["left_out"]) == (1, 1)


MAPPED = {"survey_responses": {"columns": {"scale_min": "0"}}}
ELSEWHERE = (
    "the answers are on a scale of 1 to 10, and only those of 0 to 10 count: ask on that scale, "
    "or, where these answers could go from 0 to 10, say so as scale_min and scale_max under "
    "[survey_responses.columns] in kpilib.toml"
)


@pytest.mark.parametrize("kpi_id", ["nps", "nps_groups", "recommendation_intention"])
def test_answers_on_another_scale_are_named_with_what_to_do(kpi_id):
    rows = [answer("An", "nps", 10, scale=(1, 10)), answer("Eve", "nps", 3, scale=(1, 10)),
            answer("Bo", "nps", 4, scale=(1, 5))]  # fmt: skip
    found = ask(kpi_id, *rows)
    first = found if kpi_id != "nps_groups" else next(iter(found))
    assert first.status is Status.UNDEFINED and first.reason.en == ELSEWHERE
    assert "1 đến 10" in first.reason.of("vi") and "1 到 10" in first.reason.of("zh")
    mapped = ask(kpi_id, *rows[:2], options=MAPPED)
    first = mapped if kpi_id != "nps_groups" else next(iter(mapped))
    assert first.value == {"nps": 0, "nps_groups": 0.5, "recommendation_intention": 6.5}[kpi_id]


def test_where_nobody_answered_the_scale_of_other_months_is_no_reason():
    elsewhere = answer("An", "nps", 10, day="2026-03-05", scale=(1, 10))
    here = answer("Eve", "nps", 9, day="2026-03-05", scale=(0, 10))
    for rows in ((elsewhere,), (elsewhere, here)):
        assert ask("nps", *rows).reason.en == "nobody answered in the period"
    assert next(iter(ask("nps_groups", elsewhere, here))).reason.en == (
        "nobody answered in the period"
    )
    late = answer("Bo", "nps", 9, scale=(1, 10))
    assert ask("nps", elsewhere, here, late).reason.en == ELSEWHERE


def test_scores_beyond_any_scale_are_told():
    assert ask("nps", answer("An", "nps", 70)).reason.en == (
        "the answers lie outside the scale of 0 to 10: name the scale they were given on as "
        "scale_min and scale_max"
    )
    rows = [answer("An", "csat", 4, day="2026-03-05", scale=(1, 5)) for _ in range(2)]
    rows.append(answer("An", "csat", 4, scale=(1, 7)))
    for kpi_id in ("csat_mean", "csat_top2"):
        assert (
            "on a scale of 1 to 7, and only those of 1 to 5 count" in ask(kpi_id, *rows).reason.en
        )


def test_aspects_are_sorted_by_name_and_spelled_as_written():
    rows = [
        answer("An", "csat", 5, question="Speed"),
        answer("Eve", "csat", 3, question="speed "),
        answer("An", "csat", 2, question="price"),
        answer("An", "csat", 4, question="overall"),
        answer("An", "csat", 4, question="repurchase"),
    ]
    found = ask("satisfaction_aspects", *rows)
    assert [(value.segment, value.value, value.n) for value in found] == [
        ("Speed", 4.0, 2),
        ("price", 2.0, 1),
    ]


def test_effort_is_on_seven_steps_and_tells_how_many_agree():
    rows = [answer("An", "ces", 7), answer("Eve", "ces", 5), answer("Bo", "ces", 4)]
    found = ask("ces", *rows)
    assert found.value == pytest.approx(16 / 3)
    assert found.details["agree_share"] == pytest.approx(2 / 3)


def test_many_of_few_invited_shrink_the_interval():
    invited = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(10)] + ["c0"],
            "survey": ["csat"] * 10 + ["CSAT"],
            "sent_at": pd.to_datetime("2026-04-01"),
        }
    )
    rows = [answer(f"c{n}", "csat", score) for n, score in enumerate([5, 4, 2, 1])]
    plain = ask("csat_mean", *rows)
    shop = opened(tables(*rows, survey_invitations=invited))
    known = shop.kpi("csat_mean", APRIL)
    reach = (plain.high - plain.value) * np.sqrt((10 - 4) / (10 - 1))
    assert known.high - known.value == pytest.approx(reach)


def invitation(who, sent, survey="nps", wave=None):
    return {"customer_id": who, "survey": survey, "wave": wave, "sent_at": pd.Timestamp(sent)}


@pytest.mark.parametrize(
    ("answered", "counted"),
    [("2026-04-09 23:59", 0), ("2026-04-10 12:00", 1), ("2026-04-24 20:00", 1), ("2026-04-25", 0)],
)
def test_an_invitation_is_answered_from_its_sending_on_within_the_days(answered, counted):
    invited = pd.DataFrame([invitation("An", "2026-04-10 12:00"), invitation("An", "2026-04-12")])
    rows = [answer("An", "NPS", None, answered)]
    shop = opened(tables(*rows, survey_invitations=invited))
    found = shop.kpi("survey_response_rate", APRIL)
    assert (found.numerator, found.denominator) == (counted, 1)


def test_an_answer_is_to_its_own_survey_and_wave():
    invited = pd.DataFrame(
        [invitation("An", "2026-04-01", wave="1"), invitation("An", "2026-04-02", wave="2"),
         invitation("Eve", "2026-04-01", "csat", "1"), invitation("Bo", "2026-04-01")]
    )  # fmt: skip
    rows = [answer("An", "nps", 9, wave="2"), answer("Eve", "nps", 9, wave="1"),
            answer("Bo", "nps", 9, wave="7")]  # fmt: skip
    found = opened(tables(*rows, survey_invitations=invited)).kpi("survey_response_rate", APRIL)
    assert (found.numerator, found.denominator) == (2, 4)


def test_a_month_waits_for_its_last_invitations():
    invited = pd.DataFrame([invitation("An", "2026-04-16"), invitation("Eve", "2026-04-17")])
    data = tables(answer("An", "nps", 9, "2026-04-18"), survey_invitations=invited)
    waiting = opened(data, as_of=date(2026, 5, 1)).kpi("survey_response_rate", APRIL)
    assert (waiting.status, waiting.denominator) == (Status.INCOMPLETE, 1)


def test_answers_without_a_customer_are_a_segment_of_their_own():
    customers = pd.DataFrame({"customer_id": ["An"], "segment": ["retail"]})
    data = tables(answer("An", "nps", 9), answer(None, "nps", 2), customers=customers)
    found = opened(data).kpi("nps", APRIL, by="segment")
    assert {value.segment: value.value for value in found} == {"retail": 100, "(missing)": -100}


ROWS = (
    answer("An", "csat", 5), answer("An", "csat", 3, "2026-04-12"), answer(None, "csat", 4),
    answer(None, "csat", 2), answer("Eve", "csat", 2, question="price"), answer("An", "nps", 10),
    answer("Eve", "nps", 3), answer(None, "nps", 8),
)  # fmt: skip


def numbers(base):
    found = [base.kpi(name, APRIL) for name in ("csat_mean", "csat_top2", "nps")]
    found += [*base.kpi("nps_groups", APRIL), *base.kpi("satisfaction_aspects", APRIL)]
    return [(v.id, v.segment, v.value, v.low, v.high, v.n) for v in found]


def test_polars_answers_alike():
    assert numbers(opened(to_polars(tables(*ROWS)))) == numbers(opened(tables(*ROWS), kpilib.open))


@pytest.mark.filterwarnings("ignore")
def test_spark_answers_alike(spark):
    assert numbers(opened(to_spark(spark, tables(*ROWS)))) == numbers(
        opened(tables(*ROWS), kpilib.open)
    )
