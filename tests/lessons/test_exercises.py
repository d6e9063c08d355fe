"""Exercises: the right answer is right, each known mistake gets its own hint, seeds are kept."""

import pytest

from kpilib.errors import InputError
from kpilib.lessons.exercises import EXERCISES, Scores, collect, exercise, exercises, worksheet
from kpilib.words import Unit

FAMILIES = {
    "acquisition", "retention", "churn", "loyalty", "referral", "satisfaction", "engagement",
    "service", "lifetime_value", "segmentation", "data_quality",
}  # fmt: skip


@pytest.mark.parametrize("name", EXERCISES)
def test_right_is_accepted_and_each_mistake_gets_its_own_hint(name):
    task = exercise(name, 8)
    assert task.check(task.answer).right
    assert len(task.wrongs) >= 2
    hints = [wrong.hint for wrong in task.wrongs]
    assert len(set(hints)) == len(hints)
    for wrong in task.wrongs:
        said = task.check(wrong.value)
        assert not said.right and said.text == wrong.hint
    for lang in ("vi", "zh"):
        for text in (task.task, task.hint, *hints):
            assert text.of(lang) != text.en


def test_every_family_of_lessons_has_one():
    assert {own for own, _make in EXERCISES.values()} >= FAMILIES
    assert [task.id for task in exercises("churn")] == ["churn", "first_loss"]


def test_a_seed_gives_the_same_numbers_and_another_others():
    one, again, other = (exercise("churn", seed) for seed in (5, 5, 6))
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
    for given in (f"{100 * task.answer:.1f}%", f"{100 * task.answer:.1f} %", task.answer):
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


def test_bad_input_is_named(tmp_path):
    with pytest.raises(InputError, match="retention"):
        exercise("retenton")
    with pytest.raises(InputError, match="-1"):
        exercise("churn", -1)
    with pytest.raises(InputError, match="family"):
        exercises("chrun")
    with pytest.raises(InputError, match="holds no"):
        collect(tmp_path)
