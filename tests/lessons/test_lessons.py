"""Every lesson runs from top to bottom, without widgets here; its tasks are in every language."""

import ast
import json
from pathlib import Path

import pytest

from kpilib.errors import InputError
from kpilib.lessons.exercises import EXERCISES, together
from kpilib.lessons.shown import Moved, sample_sizes, shop, slide
from tests import quick

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "lessons"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
SLOW = ("08-engagement", "12-statistics")
"""Those that ask the demo business, which takes seconds."""


def run(path: Path, lang: str) -> list[object]:
    """Execute the code cells in order and give what each shows, made into HTML where it can be."""
    names: dict[str, object] = {}
    shown = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"]).replace('lang: str = "en"', f'lang: str = "{lang}"')
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, str(path), "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), str(path), "eval"), names)
            bundle = getattr(value, "_repr_mimebundle_", None)
            html = getattr(value, "_repr_html_", None)
            shown.append(bundle() if bundle else html() if html else value)
    return shown


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_from_top_to_bottom(path, monkeypatch):
    if path.stem in SLOW:
        pytest.skip("asks the demo business; tests/benchmarks/lessons.py runs it")
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    monkeypatch.setattr(together, "open_base", quick.opened)
    lang = ("en", "vi", "zh")[LESSONS.index(path) % 3]
    assert len(run(path, lang)) >= 2


def test_every_exercise_stands_in_a_lesson():
    texts = "".join(path.read_text(encoding="utf-8") for path in LESSONS)
    assert all(f'exercise(\\"{name}\\"' in texts for name in EXERCISES)


def test_a_setting_moved_is_a_table_without_widgets(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    moved = slide(shop("vi"), "retention_rate", "2026-04", lapse_window=(30, 45, 90))
    assert isinstance(moved, Moved)
    assert moved.table["value"].round(3).tolist() == [0.333, 0.5, 0.833]
    assert "33,3" in moved._repr_html_()


def test_a_setting_moved_is_a_slider_with_widgets():
    widgets = pytest.importorskip("ipywidgets")
    box = slide(shop(), "retention_rate", "2026-04", lapse_window=(30, 45, 90))
    chosen, shown = box.children
    assert isinstance(chosen, widgets.SelectionSlider) and "33.3%" in shown.value
    chosen.value = "90"
    assert "83.3%" in shown.value


def test_one_setting_moves_at_a_time():
    with pytest.raises(InputError, match="one setting"):
        slide(shop(), "churn_rate", "2026-04", lapse_window=(30,), currency=("GBP",))


def test_more_answers_say_more():
    reach = sample_sizes(0.7, (10, 100, 1000))
    width = reach["high"] - reach["low"]
    assert width.is_monotonic_decreasing and width.iloc[2] < 0.06
