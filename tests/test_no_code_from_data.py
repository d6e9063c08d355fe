"""What is read is data: nothing in the package turns it into code or objects of any type."""

import ast

import pytest

from tests.test_imports import PACKAGE, PATHS, libraries, parsed

LOADERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
CALLS = {"eval", "exec", "compile", "__import__", "execfile"}
METHODS = {"read_pickle", "to_pickle", "eval"}
OPTIONS = {"allow_pickle", "shell"}


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_no_module_unpickles_or_runs_what_it_reads(path):
    assert not {name.split(".")[0] for name in libraries(path)} & LOADERS
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS, f"{path}:{node.lineno}"
        elif isinstance(node.func, ast.Attribute):
            assert node.func.attr not in METHODS, f"{path}:{node.lineno}"
        for option in node.keywords:
            asked = option.arg in OPTIONS and getattr(option.value, "value", True)
            assert not asked, f"{path}:{node.lineno}"


def test_notebooks_neither():
    root = PACKAGE.parent / "notebooks"
    for path in root.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in ("pickle", "eval(", "exec(") if word in text], path
