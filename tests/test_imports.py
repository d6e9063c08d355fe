"""Imports point one way, and the heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "kpilib"

LAYERS = (
    ("errors", "text"),
    ("periods", "portable", "schema", "intervals", "calendars"),
    ("survival", "statistics", "tables"),
    ("account", "settings", "cdnow", "csvfile", "compound", "values"),
    ("card_words", "cards", "cards_columns", "cards_table", "cards_clv", "cards_reason"),
    ("engines",),
    ("sources", "evaluate", "spells"),
    ("loading", "ledger", "lapse", "purchases", "kpi"),
    ("derived", "ask", "notes"),
    ("base",),
    ("tiny",),
    ("kpis", "clv", "analyses"),
    ("plots",),
    ("report",),
    ("cli",),
)
"""A module may import modules of its own layer and of those above it in this list."""

ONLY_UNDER = {
    "matplotlib": ("plots",),
    "seaborn": ("plots",),
    "papermill": ("report",),
    "nbconvert": ("report",),
    "nbclient": ("report",),
    "lifetimes": ("clv",),
    "pyspark": ("engines",),
}


PATHS = sorted(
    path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if "notebooks" not in path.parts
)


def parsed(path: Path) -> ast.Module:
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


def place(name: str) -> int:
    for layer, names in enumerate(LAYERS):
        if name in names:
            return layer
    return next(layer for layer, names in enumerate(LAYERS) if "analyses" in names)


def imported(tree, top_only):
    """The modules a file imports: all of them, or those of its top level outside TYPE_CHECKING."""
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "kpilib":
                yield from (f"kpilib.{alias.name}" for alias in node.names)


def first(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_imports_point_one_way(path):
    own = first(path)
    if own in ("__init__", "__main__"):
        return
    for name in imported(parsed(path), top_only=True):
        parts = name.split(".")
        if parts[0] == "kpilib" and len(parts) > 1 and parts[1] != own:
            assert place(parts[1]) <= place(own), f"{path} imports {name}, which is further along"


def test_heavy_libraries_stay_where_they_belong():
    for path in PATHS:
        for name in imported(parsed(path), top_only=False):
            allowed = ONLY_UNDER.get(name.split(".")[0])
            assert allowed is None or first(path) in allowed, f"{path} imports {name}"


def test_importing_kpilib_is_light_and_changes_nothing():
    code = """
import sys, warnings
before = list(warnings.filters)
import kpilib
heavy = {"pandas", "numpy", "duckdb", "narwhals", "matplotlib", "lifetimes", "papermill"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
assert before == list(warnings.filters)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_opening_a_base_leaves_pandas_warnings_and_matplotlib_alone():
    code = """
import sys, warnings
import pandas as pd
import scipy.special  # adds a warning filter of its own when first imported

names = ("display.max_rows", "display.max_columns", "display.width", "mode.string_storage")
options = {name: pd.get_option(name) for name in names}
before = list(warnings.filters)
import kpilib
base = kpilib.open("cdnow-sample")
base.kpi("churn_rate")
assert before == list(warnings.filters)
assert all(pd.get_option(name) == value for name, value in options.items())
assert "matplotlib" not in sys.modules and "lifetimes" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_module_imports_without_pyspark():
    """The README's test command installs none, and collects every module for its doctests."""
    code = """
import importlib, pkgutil, sys
sys.modules["pyspark"] = None
import kpilib
for module in pkgutil.walk_packages(kpilib.__path__, "kpilib."):
    if module.name != "kpilib.__main__":
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
