"""The notebooks: how they are written, and that the report they make is whole."""

import ast
import json
import re
from pathlib import Path

import pytest

from kpilib.cli import main
from kpilib.report.notebooks import find_notebooks
from kpilib.report.parameters import read_parameters
from kpilib.words import LANGUAGES, Text
from kpilib.words.prose import markdown_texts

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.rglob("*.ipynb"))
names = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def code(path):
    return ["".join(cell["source"]) for cell in cells(path, "code")]


@names
def test_carries_no_outputs(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@names
def test_cells_are_short_and_hold_no_machinery(path):
    kinds = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try)
    for text in code(path):
        assert len(text.splitlines()) <= 10, text
        tree = ast.parse("\n".join(line for line in text.splitlines() if line[:1] != "%"))
        assert not [node for node in ast.walk(tree) if isinstance(node, kinds)], text


@names
def test_prose_states_no_number_that_the_data_can_change(path):
    """Percentages and decimals in prose belong to definitions; three are allowed by name."""
    allowed = {"95%", "100%", "110%", "80%", "15%", "5%"}
    for cell in cells(path, "markdown"):
        text = "".join(cell["source"])
        found = set(re.findall(r"\d+(?:[.,]\d+)*\s?%", text))
        assert found <= allowed, found


@names
def test_begins_with_a_title_and_has_prose_between_code(path):
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    assert first["cell_type"] == "markdown"
    assert "".join(first["source"]).startswith("# ")
    assert len(cells(path, "markdown")) >= len(cells(path, "code")) // 2


@pytest.mark.parametrize("path", find_notebooks(), ids=lambda path: path.stem)
def test_has_the_parameters_of_the_report(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert {"data", "period", "lang"} <= set(read_parameters(notebook, path.stem))


def test_every_notebook_runs_on_its_defaults_and_shows_its_evidence(tmp_path, capsys):
    """The whole report of real purchases: each notebook good, its figures and KPIs all there."""
    code = main(["report", "--data", "cdnow", "--out", str(tmp_path), "--json"])
    run = json.loads(capsys.readouterr().out)
    assert code == 0, [page for page in run["notebooks"] if page["status"] != "good"]
    assert {page["name"] for page in run["notebooks"]} == {path.stem for path in find_notebooks()}
    pages = list((tmp_path / "1998-06").glob("*.html"))
    own = 3  # the month's own page, the glossary, and what the data now say of earlier months
    assert len(pages) == len(find_notebooks()) + own
    for page in pages:
        text = page.read_text(encoding="utf-8").replace("http://www.w3.org", "")
        assert "http://" not in text
        assert "https://" not in text
        assert len(page.read_bytes()) < 150_000, page.name


MONTHS = ("twelve months", "came in one month", "per month", "month by month, discounted",
          "month after month, discounted", "that month is when")  # fmt: skip
"""Where months are meant whatever the period of a report is."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_prose_speaks_of_periods_as_a_report_may_be_of_weeks_or_quarters(lang):
    """Months are spoken of only where they are months in every report."""
    word = {"en": "month|half a year", "vi": "tháng", "zh": "月"}[lang]
    for path in sorted(FOLDER.glob("[01]*.ipynb")):
        for cell in cells(path, "markdown"):
            for text in markdown_texts("".join(cell["source"])):
                if not any(months in text for months in MONTHS):
                    assert not re.search(word, Text(text).of(lang), re.IGNORECASE), text
                elif lang == "en":
                    left = re.sub("|".join(MONTHS), "", text)
                    assert not re.search(word, left), text
