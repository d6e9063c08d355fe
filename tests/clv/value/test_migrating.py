"""The page for those who come from lifetimes names every call of theirs, and only calls of ours."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

import kpilib.clv
import kpilib.plots
from kpilib.clv.models.model import KINDS
from kpilib.clv.value.migrating import FITTERS, FUNCTIONS, METHODS, migration_table

LIFETIMES = Path(next(iter(find_spec("lifetimes").submodule_search_locations)))
LEFT_OUT = {"coalesce", "forceAspect"}  # helpers of its plots


def public(tree):
    return {node.name for node in tree if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}


def test_every_function_of_lifetimes_is_there():
    found = set()
    for name in ("utils", "plotting", "generate_data"):
        found |= public(ast.parse((LIFETIMES / f"{name}.py").read_text()).body)
    assert found - LEFT_OUT == set(FUNCTIONS)


def test_every_fitter_and_method_of_lifetimes_is_there():
    classes, methods = set(), set()
    for path in (LIFETIMES / "fitters").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                classes.add(node.name)
                methods |= public(node.body)
    assert classes - {"BaseFitter"} == set(FITTERS)
    # Those two are set by fitting.
    assert methods | {"predict", "generate_new_data"} == set(METHODS)


@pytest.mark.parametrize("call", sorted({c for t in (METHODS, FUNCTIONS) for c in t.values()}))
def test_every_counterpart_exists(call):
    for part in call.split("), "):
        head, _, name = part.split("(")[0].rpartition(".")
        if head in ("model", "Model"):
            assert any(hasattr(kind, name) for kind in KINDS.values()), part
        elif head == "spend":
            assert hasattr(kpilib.clv.GammaGamma, name)
        elif head == "plots":
            assert hasattr(kpilib.plots, name), part
        else:
            assert not head
            assert hasattr(kpilib.clv, name), part


def test_the_models_are_ours():
    assert set(FITTERS.values()) <= set(KINDS)
    assert len(migration_table()) == len(FITTERS) + len(METHODS) + len(FUNCTIONS)
