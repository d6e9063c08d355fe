"""Which notebooks there are, and under which names they are found."""

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.report import notebooks
from kpilib.report.notebooks import find_notebooks, notebook_folder
from tests.report.conftest import OVERVIEW, RETENTION, write


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "lessons", {"churn": OVERVIEW})
    return write(tmp_path, {"03-retention": RETENTION, "01-overview": OVERVIEW})


def test_they_come_in_reading_order_without_lessons(folder):
    assert [path.stem for path in find_notebooks(folder=folder)] == ["01-overview", "03-retention"]


@pytest.mark.parametrize("name", ["03-retention", "retention", "03-retention.ipynb"])
def test_one_is_found_by_any_of_its_names(folder, name):
    assert [path.stem for path in find_notebooks([name, name], folder)] == ["03-retention"]


def test_a_misspelt_one_is_met_with_the_nearest(folder):
    with pytest.raises(InputError, match=r"'retension' is not known; did you mean '03-retention'"):
        find_notebooks(["retension"], folder)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(KpilibError, match="no notebooks"):
        find_notebooks(folder=tmp_path)


def test_a_checkout_goes_before_the_installed_copy(tmp_path, monkeypatch):
    package = tmp_path / "kpilib"
    monkeypatch.setattr(notebooks, "files", lambda name: package)
    package.mkdir()
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(KpilibError, match="missing"):
        notebook_folder()
    (package / "notebooks").mkdir()
    assert notebook_folder() == package / "notebooks"
    (tmp_path / "pyproject.toml").touch()
    assert notebook_folder() == tmp_path / "notebooks"
