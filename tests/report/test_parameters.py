"""Parameters: the tagged cell is the schema, and nothing wrong gets past it."""

from datetime import date

import pytest

from kpilib.errors import InputError, KpilibError
from kpilib.report.parameters import (
    Parameter,
    check_settings,
    parameter_source,
    read_parameters,
    split_settings,
)
from tests.report.conftest import PARAMETERS, code, notebook, prose

OWN = """
from datetime import date
months: int = 12  # how many months
rate: float = 0.1
deep: bool = False
since: date = date(2026, 1, 1)
window: int | None = None
title: "str | None" = (
    "a = 1"
)
"""
DECLARED = {
    "03-retention": read_parameters(notebook("# T", parameters=PARAMETERS + OWN), "03-retention"),
    "01-overview": read_parameters(notebook("# T"), "01-overview"),
}


def test_annotations_are_the_schema():
    types = {name: p.types for name, p in DECLARED["03-retention"].items()}
    assert types == {
        "data": ("str",),
        "period": ("str", "None"),
        "lang": ("str",),
        "months": ("int",),
        "rate": ("float",),
        "deep": ("bool",),
        "since": ("date",),
        "window": ("int", "None"),
        "title": ("str", "None"),
    }


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("months=6", 6),
        ("months= 6 ", 6),
        ("rate=0.25", 0.25),
        ("rate=1e-3", 0.001),
        ("deep=true", True),
        ("deep=No", False),
        ("since=2026-10-31", date(2026, 10, 31)),
        ("window=90", 90),
        ("window=none", None),
        ("title=a=b", "a=b"),
        ("title=Kênh bán", "Kênh bán"),
    ],
)
def test_values_are_read_as_the_types_annotated(setting, value):
    given = check_settings(split_settings([setting]), DECLARED)
    assert given["03-retention"] == {setting.split("=")[0]: value}
    assert type(given["03-retention"][setting.split("=")[0]]) is type(value)
    assert given["01-overview"] == {}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("months=ninety", ("'ninety'", "03-retention", "a whole number")),
        ("months=6.5", ("'6.5'", "a whole number")),
        ("months=true", ("'true'", "a whole number")),
        ("months=none", ("'none'", "a whole number")),
        ("rate=nan", ("'nan'", "a number")),
        ("rate=inf", ("'inf'", "a number")),
        ("deep=maybe", ("'maybe'", "true or false")),
        ("since=31.10.2026", ("'31.10.2026'", "a date like")),
        ("window=x", ("'x'", "a whole number or none")),
        ("mnths=6", ("'mnths'", "did you mean 'months'?")),
        ("zzz=6", ("'zzz'", "choose from", "months")),
        ("period=2026-10", ("--period",)),
        ("data=x", ("--data",)),
        ("months", ("'months'", "NAME=VALUE")),
        ("=6", ("'=6'", "NAME=VALUE")),
    ],
)
def test_what_does_not_fit_is_named_with_its_remedy(setting, words):
    with pytest.raises(InputError) as caught:
        check_settings(split_settings([setting]), DECLARED)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('data: str = "demo"', ("lacks", "'period'")),
        (PARAMETERS + "\nmonths = 12", ("'months'", "no annotation")),
        (PARAMETERS + "\nmonths: list = []", ("'months'", "'list'", "str, int")),
        ("data: str = ", ("not Python", "line 1")),
    ],
)
def test_a_notebook_that_declares_badly_is_told_so(source, words):
    with pytest.raises(KpilibError) as caught:
        read_parameters(notebook("# T", parameters=source), "99-mine")
    for word in ("99-mine", *words):
        assert word in str(caught.value)


def test_a_notebook_without_the_tagged_cell_is_told_so():
    with pytest.raises(KpilibError, match="99-mine has no cell tagged 'parameters'"):
        read_parameters({"cells": [prose("parameters"), code("x: int = 1")]}, "99-mine")


def test_what_is_injected_reads_back_as_what_was_given():
    values = {"a": 'it\'s "so"\n', "b": 3, "c": 0.1, "d": True, "e": None, "f": date(2026, 1, 2)}
    found: dict = {}
    exec(parameter_source(values), found)
    assert {name: found[name] for name in values} == values


def test_a_union_prefers_the_narrower_type():
    assert Parameter("x", ("str", "int")).read("3") == 3
    assert Parameter("x", ("str", "int")).read("three") == "three"
