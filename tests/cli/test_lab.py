"""`kpilib lab`: what is copied, what stays, and how JupyterLab is started."""

import sys
from pathlib import Path

import pytest

from kpilib.cli import main
from kpilib.report import copies, notebooks
from kpilib.report.copies import copy_notebooks


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "lessons").mkdir(parents=True)
    for name in ("01-overview", "03-retention", "lessons/churn"):
        (folder / f"{name}.ipynb").write_text(f"version 1 of {name}")
    return folder


@pytest.fixture
def started(monkeypatch, source):
    """The (command, folder) with which JupyterLab would have been started."""
    calls = []

    class Process:
        def __init__(self, command, cwd):
            calls.append((command, cwd))

        def wait(self):
            return 0

    monkeypatch.setattr("subprocess.Popen", Process)
    monkeypatch.setattr(notebooks, "notebook_folder", lambda: source)
    return calls


def test_everything_is_copied_the_first_time_and_nothing_the_second(source, tmp_path):
    names = {"01-overview.ipynb", "03-retention.ipynb", "lessons/churn.ipynb"}
    assert copy_notebooks(source, tmp_path / "mine") == dict.fromkeys(names, "copied")
    assert copy_notebooks(source, tmp_path / "mine") == dict.fromkeys(names, "unchanged")
    assert (tmp_path / "mine/lessons/churn.ipynb").read_text() == "version 1 of lessons/churn"


def test_an_untouched_copy_is_brought_up_to_date(source, tmp_path):
    copy_notebooks(source, tmp_path / "mine")
    (source / "01-overview.ipynb").write_text("version 2")
    assert copy_notebooks(source, tmp_path / "mine")["01-overview.ipynb"] == "updated"
    assert (tmp_path / "mine/01-overview.ipynb").read_text() == "version 2"


def test_a_changed_copy_stays_and_a_newer_version_is_laid_beside_it(source, tmp_path):
    mine = tmp_path / "mine"
    copy_notebooks(source, mine)
    (mine / "01-overview.ipynb").write_text("my own words")
    assert copy_notebooks(source, mine)["01-overview.ipynb"] == "kept"
    assert not (mine / "01-overview.kpilib.ipynb").exists()

    (source / "01-overview.ipynb").write_text("version 2")
    assert copy_notebooks(source, mine)["01-overview.ipynb"] == "kept"
    assert (mine / "01-overview.ipynb").read_text() == "my own words"
    assert (mine / "01-overview.kpilib.ipynb").read_text() == "version 2"


def test_a_stranger_of_the_same_name_is_not_overwritten(source, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "01-overview.ipynb").write_text("not from kpilib")
    (mine / ".kpilib-notebooks.json").write_text("not json either")
    assert copy_notebooks(source, mine)["01-overview.ipynb"] == "kept"
    assert (mine / "01-overview.ipynb").read_text() == "not from kpilib"


def test_lab_opens_jupyterlab_in_the_folder_and_hands_arguments_on(started, tmp_path, capsys):
    mine = tmp_path / "mine"
    assert main(["lab", "--folder", str(mine), "--", "--no-browser", "--port", "9000"]) == 0
    (command, folder) = started[0]
    assert command == [sys.executable, "-m", "jupyterlab", "--no-browser", "--port", "9000"]
    assert folder == mine
    assert "01-overview.ipynb" in capsys.readouterr().err


def test_lab_says_which_notebooks_it_left_alone(started, source, tmp_path, capsys):
    mine = tmp_path / "mine"
    copy_notebooks(source, mine)
    (mine / "03-retention.ipynb").write_text("my own words")
    assert main(["lab", "--folder", str(mine)]) == 0
    err = capsys.readouterr().err
    assert "you changed these" in err and "03-retention.ipynb" in err


def test_lab_on_the_source_itself_copies_nothing(started, source):
    assert main(["lab", "--folder", str(source)]) == 0
    assert not (source / ".kpilib-notebooks.json").exists()


def test_a_folder_that_cannot_be_written_is_bad_input(started, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert main(["lab", "--folder", str(tmp_path / "file")]) == 2
    err = capsys.readouterr().err
    assert "file" in err and "--folder" in err and len(err.splitlines()) == 1


def test_notebooks_are_copied_in_a_language(tmp_path):
    source = Path(__file__).resolve().parents[2] / "notebooks" / "lessons"
    copies.copy_notebooks(source, tmp_path, "vi")
    text = (tmp_path / "01-retention.ipynb").read_text(encoding="utf-8")
    assert "Bài học: giữ chân khách" in text and 'lang: str = \\"vi\\"' in text
    assert set(copies.copy_notebooks(source, tmp_path, "vi").values()) == {copies.SAME}
