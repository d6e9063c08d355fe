"""Imports point one way, and the heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "kpilib"

MAY_IMPORT = {
    "errors": (),
    "scratch": ("errors",),
    "words": ("errors",),
    "periods": ("errors", "words"),
    "engines": ("errors", "scratch"),
    "contract": ("errors", "periods"),
    "sources": ("contract", "engines", "errors", "scratch"),
    "loading": ("contract", "engines", "errors", "periods", "sources"),
    "statistics": ("engines", "errors", "words"),
    "activity": ("contract", "engines", "errors", "periods", "statistics"),
    "change": ("engines", "periods", "statistics", "words"),
    "contacts": ("activity", "contract", "engines", "errors", "periods", "statistics", "words"),
    "quality": ("activity", "contract", "engines", "errors", "periods"),
    "registry": (
        "activity", "errors", "periods", "show", "statistics", "words", "kpis", "analyses",
    ),
    "analyses": (
        "activity", "contacts", "engines", "errors", "periods", "registry", "show", "statistics",
        "words",
    ),
    "cohorts": ("analyses",),
    "decomposition": (
        "activity", "engines", "errors", "periods", "registry", "statistics", "words",
    ),
    "show": ("errors", "periods", "words"),
    "clv": ("activity", "contract", "engines", "errors", "periods", "show", "statistics", "words"),
    "kpis": (
        "activity", "clv", "contacts", "engines", "errors", "periods", "quality", "registry",
        "statistics", "words",
    ),
    "questions": (
        "activity", "change", "contract", "decomposition", "engines", "errors", "loading",
        "periods", "registry", "scratch", "show", "statistics", "words",
    ),
    "demo": ("errors", "periods", "questions"),
    "lessons": (
        "activity", "contacts", "contract", "demo", "engines", "errors", "loading", "periods",
        "questions", "registry", "show", "statistics", "words",
    ),
    "plots": ("analyses", "errors", "periods", "questions", "show", "words"),
    "report": (
        "clv", "contract", "errors", "lessons", "periods", "questions", "registry", "scratch",
        "show", "words",
    ),
    "cli": (
        "clv", "demo", "errors", "lessons", "loading", "periods", "questions", "registry",
        "report", "words",
    ),
}  # fmt: skip
"""Room → the rooms it may import, lazily and for types too. `kpilib` itself may be asked by those
on top of `questions`."""

LOADED = ("kpis", "analyses")
"""What `registry` names, only to load the declarations in it."""

WITHIN_CLV = ("fitting", "models", "expected", "value", "check", "warning")
"""The rooms of `clv`: each may import those before it."""

OPEN = ("demo", "lessons", "report", "cli")
"""Rooms that may import `kpilib` as a user would."""

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


def first(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The modules and packages of ours that a file imports anywhere in it, in dotted form."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("kpilib")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kpilib"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else str(node.module))
    return found - {dotted(path)}


def libraries(path: Path) -> set[str]:
    nodes = list(ast.walk(parsed(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def dotted(path: Path) -> str:
    parts = ("kpilib", *path.with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


MODULES = {dotted(path): path for path in PATHS}
TESTED = [path for path in PATHS if path.parts[0] not in ("__init__.py", "__main__.py")]


@pytest.mark.parametrize("path", TESTED, ids=str)
def test_a_room_imports_only_what_the_table_allows(path):
    own = first(path)
    for name in imports(path):
        if name == "kpilib":
            assert own in OPEN, f"{path} imports kpilib itself"
        elif room(name) != own:
            assert room(name) in MAY_IMPORT[own], f"{path} imports {name}"


def test_the_table_names_the_rooms_there_are_and_has_no_circle():
    assert set(MAY_IMPORT) == {first(path) for path in TESTED}
    before: set[str] = set()
    left = {own: {*names} for own, names in MAY_IMPORT.items()}
    left["registry"] -= {*LOADED}
    while left:
        ready = {own for own, names in left.items() if names <= before}
        assert ready, f"these import each other: {sorted(left)}"
        before |= ready
        left = {own: names for own, names in left.items() if own not in ready}


@pytest.mark.parametrize("path", [path for path in TESTED if path.parts[0] == "clv"], ids=str)
def test_the_rooms_of_clv_follow_each_other(path):
    if len(path.parts) < 3:
        return
    own = WITHIN_CLV.index(path.parts[1])
    for name in imports(path):
        parts = name.split(".")
        if parts[1] == "clv":
            assert len(parts) > 2, f"{path} imports the whole of kpilib.clv"
            assert WITHIN_CLV.index(parts[2]) <= own, f"{path} imports {name}"


def test_no_modules_import_each_other_in_a_circle():
    """Lazy imports and those for types count; an `__init__` is a table of names, and does not."""
    left = {
        name: {one for one in imports(path) if MODULES.get(one, path).name != "__init__.py"}
        for name, path in MODULES.items()
        if path.name != "__init__.py"
    }
    done: set[str] = set()
    while left:
        ready = {name for name, needs in left.items() if needs <= done | {name}}
        assert ready, f"in a circle, or on one: {sorted(left)}"
        done |= ready
        left = {name: needs for name, needs in left.items() if name not in ready}


def test_rooms_and_modules_stay_small():
    top = [path for path in PATHS if len(path.parts) == 1]
    assert len(top) <= 6, top
    folders: dict[Path, int] = {}
    for path in PATHS:
        folders[path.parent] = folders.get(path.parent, 0) + 1
        lines = len((PACKAGE / path).read_text(encoding="utf-8").splitlines())
        assert lines <= 350, f"{path} has {lines} lines"
    folders.pop(Path())
    assert max(folders.values()) <= 14, folders


def test_heavy_libraries_stay_where_they_belong():
    for path in PATHS:
        for name in libraries(path):
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
