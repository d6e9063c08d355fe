"""Which answers count, on which scale, and which invitations they answer: the narrow cases."""

from datetime import date

import pandas as pd
import pytest

from kpilib.questions.values import Status
from tests.kpis.test_satisfaction import APRIL, answer, ask, invitation, opened, tables


def details(found, *names):
    return tuple(found.details[name] for name in names)


SCALE = ("scale_min", "scale_max")


def test_the_intention_to_buy_again_may_be_asked_in_any_survey():
    rows = [
        answer("An", "csat", 5, question="repurchase"),
        answer("Eve", "other", 2, question=" Repurchase"),
        answer("Bo", "csat", 1, question="overall"),
        answer("Bo", "csat", 1),
    ]
    found = ask("repurchase_intention", *rows)
    assert (found.value, found.n) == (3.5, 2)
    assert details(found, *SCALE) == (1, 5)
    assert found.details["normalised"] == pytest.approx(2.5 / 4)


@pytest.mark.parametrize(
    ("kpi_id", "survey", "question", "low", "high"),
    [
        ("csat_mean", "csat", None, 1, 5),
        ("repurchase_intention", "csat", "repurchase", 1, 5),
        ("ces", "ces", None, 1, 7),
        ("recommendation_intention", "nps", None, 0, 10),
    ],
)
def test_where_no_row_names_a_scale_it_is_the_usual_one_with_both_its_ends(
    kpi_id, survey, question, low, high
):
    scores = (low, high, low - 1, high + 1)
    rows = [answer(f"c{n}", survey, one, question=question) for n, one in enumerate(scores)]
    found = ask(kpi_id, *rows)
    assert (found.value, found.n, found.details["left_out"]) == ((low + high) / 2, 2, 2)
    assert details(found, *SCALE) == (low, high)
    assert found.details["normalised"] == pytest.approx(0.5)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("scales", "own"),
    [
        ([(1, 5), (1, 5), (1, 10)], (1, 5)),
        ([(1, 5), (1, 10), (1, 10)], (1, 10)),
        ([(1, 10), (1, 5)], (1, 5)),
        ([(0, 5), (1, 5)], (0, 5)),
    ],
)
def test_the_scale_of_most_rows_is_the_question_s_and_of_as_many_the_lowest(scales, own, turned):
    rows = [answer(f"c{n}", "csat", 3, scale=scale) for n, scale in enumerate(scales)]
    found = ask("csat_mean", *(rows[::-1] if turned else rows))
    assert details(found, *SCALE) == own
    assert found.details["left_out"] == sum(scale != own for scale in scales)


def test_of_two_answers_at_one_instant_the_higher_score_counts():
    rows = [answer("An", "csat", score, "2026-04-09 10:00") for score in (2, 5, 3)]
    found = ask("csat_mean", *rows)
    assert (found.value, found.n) == (5, 1)


def test_an_aspect_is_spelled_as_the_first_spelling_of_those_that_count():
    rows = [
        answer("An", "csat", 4, "2026-04-09 10:00", question=question)
        for question in ("speed", "Speed")
    ]
    (found,) = ask("satisfaction_aspects", *rows)
    assert (found.segment, found.n) == ("Speed", 1)


def test_where_the_question_was_never_asked_nobody_answered():
    for rows in ([], [answer("Eve", "nps", 9, day="2026-03-05")]):
        for kpi_id in ("nps", "nps_groups"):
            found = ask(kpi_id, answer("An", "csat", 4), *rows)
            first = found if kpi_id == "nps" else next(iter(found))
            assert first.status is Status.UNDEFINED
            assert first.reason.en == "nobody answered in the period"


def test_only_the_four_steps_between_five_boxes_make_them_five():
    four = ask("csat_top2", *(answer(f"c{n}", "csat", n, scale=(0, 4)) for n in range(5)))
    assert (four.numerator, four.denominator) == (2, 5)
    six = ask("csat_top2", *(answer(f"c{n}", "csat", n, scale=(1, 6)) for n in range(1, 6)))
    assert six.reason.en == "the scale of 1 to 6 has not five steps"


def asked(kpi_id, rows, sent, **options):
    invited = pd.DataFrame([invitation(*one) for one in sent])
    return opened(tables(*rows, survey_invitations=invited), **options).kpi(kpi_id, APRIL)


@pytest.mark.parametrize(
    ("answered", "counted"), [("2026-04-16 12:00", 1), ("2026-04-16", 1), ("2026-04-17", 0)]
)
def test_the_first_of_several_invitations_begins_the_days(answered, counted):
    """Fourteen days after the first of them, however late the reminder was sent."""
    sent = [("An", "2026-04-12 09:00"), ("An", "2026-04-02 12:00"), ("An", "2026-04-05")]
    found = asked("survey_response_rate", [answer("An", "nps", 9, answered)], sent)
    assert (found.numerator, found.denominator) == (counted, 1)


def test_an_answer_before_the_reminder_and_after_the_invitation_is_one():
    sent = [("An", "2026-04-12 09:00"), ("An", "2026-04-02 12:00")]
    for answered, counted in (("2026-04-02 11:59", 0), ("2026-04-02 12:00", 1)):
        found = asked("survey_response_rate", [answer("An", "nps", 9, answered)], sent)
        assert (found.numerator, found.denominator) == (counted, 1)


@pytest.mark.parametrize(
    ("wave", "answered", "counted"),
    [(None, "1", 1), ("1", None, 1), ("1", "1", 1), ("1", "2", 0), (None, None, 1)],
)
def test_waves_must_be_the_same_where_both_name_one(wave, answered, counted):
    sent, rows = [("An", "2026-04-02", "nps", wave)], [answer("An", "nps", 9, wave=answered)]
    found = asked("survey_response_rate", rows, sent)
    assert (found.numerator, found.denominator) == (counted, 1)


@pytest.mark.parametrize(("as_of", "n"), [("2026-04-24", 0), ("2026-04-25", 1)])
def test_an_invitation_counts_when_its_days_are_over(as_of, n):
    found = asked(
        "survey_response_rate",
        [answer("An", "nps", 9, "2026-04-11")],
        [("An", "2026-04-10")],
        as_of=pd.Timestamp(as_of).date(),
    )
    assert (found.denominator, found.numerator) == (n, n)


def test_every_period_asked_at_once_has_its_own_invitations():
    rows = [answer("An", "nps", 9, "2026-03-04"), answer("Eve", "nps", 9, "2026-05-02")]
    invited = [("An", "2026-03-02"), ("Bo", "2026-03-30"), ("Eve", "2026-04-30")]
    sent = pd.DataFrame([invitation(*one) for one in invited])
    shop = opened(tables(*rows, survey_invitations=sent), as_of=date(2026, 7, 1))
    months = ("2026-05", "2026-04", "2026-03")
    found = shop.trend("survey_response_rate", months)
    assert [(one.numerator, one.denominator) for one in found] == [(0, 0), (1, 1), (1, 2)]
    for month, one in zip(months, found, strict=True):
        assert shop.kpi("survey_response_rate", month).value == one.value
