"""The case: what goes wrong is drawn from the seed, sealed, and an answer held against it."""

import json

import pandas as pd
import pytest

import kpilib
from kpilib.cli import main
from kpilib.errors import InputError
from kpilib.lessons.case import scenarios
from kpilib.lessons.case.scenarios import CAUSES, Truth, scenario
from kpilib.lessons.case.score import Answer, score
from kpilib.lessons.case.seal import NAME, seal, size_of, unseal
from kpilib.lessons.case.write import write_case


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The case of a seed that is about a channel, small."""
    seed = next(one for one in range(100) if scenario(one).truth.cause == "channel")
    folder = tmp_path_factory.mktemp("case") / "case"
    with pytest.MonkeyPatch.context() as small:
        small.setattr(scenarios, "CUSTOMERS", 200)
        write_case(folder, seed, "vi")
    return folder, scenario(seed).truth


def test_every_cause_is_drawn_and_a_seed_gives_the_same():
    drawn = [scenario(seed).truth for seed in range(60)]
    assert {truth.cause for truth in drawn} == set(CAUSES)
    assert drawn == [scenario(seed).truth for seed in range(60)]


def test_the_folder_has_the_records_and_the_task_and_no_truth(made):
    folder, truth = made
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"orders.parquet", "kpilib.toml", "task.md", NAME} <= names
    assert "truth.json" not in names
    sealed = (folder / NAME).read_text(encoding="utf-8")
    assert truth.cause not in sealed and truth.where not in sealed
    assert "truth" not in (folder / "business/kpilib.toml").read_text(encoding="utf-8")
    assert "Tình huống" in (folder / "task.md").read_text(encoding="utf-8")
    assert len(kpilib.open(str(folder / "business/kpilib.toml")).purchases.collect_schema())


def test_the_right_answer_passes_and_others_do_not(made):
    folder, truth = made
    people = pd.read_parquet(folder / "business/customers.parquet")
    mine = people.loc[people["acquisition_channel"] == truth.where, "customer_id"]
    right = Answer(truth.cause, truth.where, truth.since, truth.size, tuple(mine))
    found = score(folder, right)
    assert found.passed and found.points == 5
    for wrong in (
        Answer("service", truth.where, truth.since),
        Answer(truth.cause, "store", truth.since),
        Answer(truth.cause, truth.where, "2025-11"),
    ):
        assert not score(folder, wrong).passed
    assert score(folder, Answer("price", size=9.0, customers=(1, 2))).points == 0


@pytest.mark.parametrize(
    ("since", "right"),
    [("2026-05", False), ("2026-06", True), ("2026-07", True), ("2026-09", False)],
)
def test_a_month_beside_the_true_one_is_near_enough(tmp_path, since, right):
    seal(Truth("service", "", "2026-07", 5.0), [], tmp_path / NAME)
    assert score(tmp_path, Answer("service", "", since)).items["since"] is right


@pytest.mark.parametrize(("size", "right"), [(5.0, True), (6.5, True), (3.4, True), (9.0, False)])
def test_a_size_may_be_off_by_a_third(tmp_path, size, right):
    seal(Truth("service", "", "2026-07", 5.0), [], tmp_path / NAME)
    assert size_of(unseal(tmp_path / NAME)) == 5.0
    assert score(tmp_path, Answer("service", size=size)).items["size"] is right


def test_a_year_s_end_has_neighbours(tmp_path):
    seal(Truth("service", "", "2026-01", 5.0), [], tmp_path / NAME)
    assert score(tmp_path, Answer("service", "", "2025-12")).items["since"]


def test_nothing_wrong_needs_no_month(tmp_path):
    seal(Truth("season"), [], tmp_path / NAME)
    assert score(tmp_path, Answer("season", customers=())).passed


def test_on_the_command_line(made, capsys, tmp_path):
    folder, truth = made
    asked = ["case", str(folder), "--cause", truth.cause, "--where", truth.where]
    assert main([*asked, "--since", truth.since, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True
    assert main([*asked, "--lang", "zh"]) == 0 and "未通过" in capsys.readouterr().out
    for args, told in (
        (["case", str(folder)], "--seed"),
        (["case", str(folder), "--seed", "1"], "a case already"),
        (["case", str(folder), "--cause", "weather"], "weather"),
        (["case", str(tmp_path), "--cause", "price"], "no sealed case"),
        ([*asked, "--customers", str(tmp_path / "none.csv")], "none.csv"),
    ):
        assert main(args) == 2 and told in capsys.readouterr().err


def test_a_seed_must_be_a_whole_number():
    with pytest.raises(InputError, match="-1"):
        scenario(-1)
