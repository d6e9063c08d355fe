"""Exercises: the right answer is right, each known mistake gets its own hint, seeds are kept."""

import pytest

from kpilib.errors import InputError
from kpilib.lessons.exercises import (
    EXERCISES,
    Scores,
    collect,
    exercise,
    exercise_for,
    exercises,
    together,
    worksheet,
)
from kpilib.words import Unit
from kpilib.words.columns import COLUMNS
from tests import quick

FAMILIES = {
    "acquisition", "retention", "churn", "loyalty", "referral", "satisfaction", "engagement",
    "service", "lifetime_value", "segmentation", "data_quality",
}  # fmt: skip


PRACTICE = {
    "growth": "retention of 110%",
    "low_loss": "the low first-purchase loss",
    "lifetime": "averaging unfinished lifetimes",
    "unfinished": "an unfinished month",
    "purchase_value": "the mean of ratios",
    "response": "unanswered tickets left out",
    "satisfied": "a survey of the satisfied",
    "noise": "better by comparing two noisy months",
    "mix": "a change put down to a segment that only grew",
}
"""The exercises in which an error from practice is to be found."""
SEEDS = (2, 3, 5, 8)
ALONE = ("retention", "cac", "low_loss", "tiers", "completeness", "opens", "lifetime")
"""One exercise for each way in which the answers of a class are told apart."""


@pytest.fixture(scope="module")
def made():
    """Every exercise for some seeds, asked together on the quicker engine."""
    with pytest.MonkeyPatch.context() as quickly:
        quickly.setattr(together, "open_base", quick.opened)
        return {name: exercise_for(name, SEEDS) for name in EXERCISES}


@pytest.mark.parametrize("name", EXERCISES)
def test_right_is_accepted_and_each_mistake_gets_its_own_hint(name, made):
    for task in made[name].values():
        assert task.check(task.answer).right
        assert len(task.wrongs) >= 2
        hints = [wrong.hint for wrong in task.wrongs]
        assert len(set(hints)) == len(hints)
        for wrong in task.wrongs:
            said = task.check(wrong.value)
            assert not said.right and said.text == wrong.hint
        for lang in ("vi", "zh"):
            for text in (task.task, task.hint, *hints, *task.report):
                assert text.of(lang) != text.en
        known = {column for table in task.tables.values() for column in table}
        assert known <= set(COLUMNS)


@pytest.mark.parametrize("name", ALONE)
def test_a_seed_has_the_same_numbers_alone_as_in_a_class(name, made):
    alone = exercise(name, SEEDS[0])
    of_a_class = made[name][SEEDS[0]]
    assert alone.answer == pytest.approx(of_a_class.answer, rel=1e-12)
    assert [wrong.value for wrong in alone.wrongs] == pytest.approx(
        [wrong.value for wrong in of_a_class.wrongs]
    )


@pytest.mark.parametrize("name", PRACTICE)
def test_the_error_of_a_report_is_found_and_its_number_named(name, made):
    for task in made[name].values():
        found = [task.find(line) for line in range(1, len(task.report) + 1)]
        assert [one.right for one in found].index(True) + 1 == task.error
        assert sum(one.right for one in found) == 1
        reported = task.wrongs[0]
        assert reported.hint.en in str(found[task.error - 1])
        assert task.check(reported.value).text == reported.hint
    with pytest.raises(InputError, match="no line 9"):
        task.find(9)


def test_the_errors_from_practice_are_those_with_a_report(made):
    assert {name for name, tasks in made.items() if tasks[SEEDS[0]].report} == set(PRACTICE)
    with pytest.raises(InputError, match="no report"):
        made["nps"][SEEDS[0]].find(1)


def test_practice_by_hand(made):
    for task in made["growth"].values():
        row = task.tables["month"].iloc[0]
        assert task.answer == pytest.approx(1 - row["opening_lost"] / row["opening"])
        assert task.wrongs[0].value == row["closing"] / row["opening"] > 1
    for task in made["unfinished"].values():
        orders = task.tables["orders"]["orders"]
        assert task.answer == pytest.approx(sum(orders[3:]) / sum(orders[:2]) - 1)
    for task in made["satisfied"].values():
        answers = task.tables["answers"].set_index("score")["answers_sample"]
        assert task.answer == pytest.approx(answers[[4, 5]].sum() / answers.sum())
    for task in made["noise"].values():
        table = task.tables["answers"]
        share = table["satisfied"] / table["answers"]
        reach = 196 * (share * (1 - share) / table["answers"]).sum() ** 0.5
        assert task.check(float(reach)).right
    for task in made["mix"].values():
        table = task.tables["months"]
        rate = table["lost_april"] / table["opening_april"]
        weight = table["opening_march"] / table["opening_march"].sum()
        assert task.answer == pytest.approx((rate * weight).sum())


def test_a_report_stands_in_the_task_in_every_language():
    task = exercise("growth", 2, "zh")
    html = task._repr_mimebundle_()["text/html"]
    assert "find(…)" in html and html.count("<li>") == 4 and "一份报告写道" in str(task)


def test_every_family_of_lessons_has_one():
    assert {kind.family for kind in EXERCISES.values()} >= FAMILIES
    assert [task.id for task in exercises("retention", SEEDS[0])] == ["retention", "growth"]


def test_a_seed_gives_the_same_numbers_and_another_others():
    one, again, other = (exercise("churn", seed) for seed in (4, 4, 3))
    assert one.tables["month"].equals(again.tables["month"]) and one.answer == again.answer
    assert not one.tables["month"].equals(other.tables["month"])


def test_churn_by_hand():
    task = exercise("churn", 4)
    row = task.tables["month"].iloc[0]
    assert task.answer == row["opening_lost"] / row["opening"]
    stripe = (row["opening_lost"] + row["new_lost"]) / (row["opening"] + row["new"])
    assert "Stripe" in str(task.check(stripe))


def test_answers_are_read_as_people_write_them():
    task = exercise("churn", 4)
    for given in (f"{100 * task.answer:.1f}%", f"{100 * task.answer:.1f}%", task.answer):
        assert task.check(given).right, given
    assert "Not yet" in str(task.check("88%"))
    assert "one more decimal" in str(task.check("16%")) and not task.check("16%").right
    assert task.unit is Unit.SHARE


def test_the_task_shows_its_rows_and_not_its_answer():
    task = exercise("retention", 2, "vi")
    html = task._repr_mimebundle_()["text/html"]
    assert "ordered_at" in str(task) and "Tỷ lệ giữ chân" in html
    assert repr(task.answer) not in repr(task) + html


def test_scores_are_written_down_and_collected(tmp_path):
    for learner, right in (("An", True), ("Binh", False)):
        scores = Scores(learner, 3, tmp_path / f"{learner}.csv")
        scores.answer("churn", "99%")
        if right:
            assert scores.answer("churn", exercise("churn", 3).answer).right
    found = collect(tmp_path).set_index("learner")
    assert found["right"].to_dict() == {"An": True, "Binh": False}
    assert found.loc["An", "tries"] == 2


def test_a_forged_score_is_found_out(tmp_path):
    Scores("Chen", 3, tmp_path / "chen.csv").answer("churn", "99%")
    text = (tmp_path / "chen.csv").read_text().replace("False", "True")
    (tmp_path / "chen.csv").write_text(text)
    assert not collect(tmp_path)["right"].any()


def test_a_worksheet_has_every_task_and_no_answer(tmp_path):
    page = worksheet(tmp_path / "tasks.html", 3, ("churn", "nps"), "zh").read_text("utf-8")
    assert page.count("<article") == 2 and "流失率" in page
    assert '<html lang="zh-Hans">' in page


def test_bad_input_is_named(tmp_path):
    with pytest.raises(InputError, match="retention"):
        exercise("retenton")
    with pytest.raises(InputError, match="-1"):
        exercise("churn", -1)
    with pytest.raises(InputError, match="family"):
        exercises("chrun")
    with pytest.raises(InputError, match="holds no"):
        collect(tmp_path)
