"""Notebooks of the user's own: made in the house form, found, executed and listed."""

import json

import pytest

from kpilib.cli import main
from kpilib.errors import InputError
from kpilib.report.house import new_notebook
from kpilib.report.notebooks import find_notebooks, own_notebooks
from kpilib.report.order import Order
from kpilib.report.parameters import read_parameters
from kpilib.report.run import make_report
from tests.report.conftest import Quiet, code, kpi, notebook, write


def test_a_new_notebook_has_the_house_form(tmp_path, capsys):
    assert main(["new", "11-whole-sale", "--folder", str(tmp_path), "--lang", "vi"]) == 0
    path = tmp_path / "11-whole-sale.ipynb"
    assert capsys.readouterr().out.strip() == str(path)
    made = json.loads(path.read_text(encoding="utf-8"))
    assert {"data", "period", "lang"} <= set(read_parameters(made, path.stem))
    first = made["cells"][0]
    assert first["source"].startswith("# Whole sale\n") and "Câu hỏi" in first["source"]
    assert set(first["metadata"]["kpilib"]["text"]) == {"en", "zh"}
    assert all(len(cell["source"].splitlines()) <= 10 for cell in made["cells"])
    assert main(["new", "11-whole-sale", "--folder", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "=cmd()"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot be used"):
        new_notebook(name, tmp_path)


def test_own_notebooks_are_found_beside_the_data_and_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.toml").write_text("")
    for place in ("notebooks", "kpilib-notebooks"):
        for name in ("11-mine", "03-retention", "12-x.kpilib"):
            write(tmp_path / place, {name: notebook("# Mine", code("a"))})
    found = own_notebooks("shop.toml")
    assert [path.as_posix() for path in found] == ["notebooks/11-mine.ipynb"]
    assert [path.as_posix() for path in own_notebooks("demo")] == ["kpilib-notebooks/11-mine.ipynb"]
    assert find_notebooks((), None, found)[-1] == found[0]
    assert "start" not in {path.stem for path in find_notebooks()}


def test_an_own_notebook_is_executed_and_listed_with_the_others(stand_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stand_in({"a": kpi()})
    source = write(tmp_path / "source", {"01-one": notebook("# One", code("a"))})
    write(tmp_path / "kpilib-notebooks", {"11-mine": notebook("# <Mine>", code("a"))})
    outcome = make_report(Order("cdnow", out=tmp_path / "reports", folder=source), Quiet())
    assert [page["name"] for page in outcome.run["notebooks"]] == ["01-one", "11-mine"]
    page = (outcome.folder / "index.html").read_text(encoding="utf-8")
    assert 'href="11-mine.html"' in page and "&lt;Mine&gt;" in page
