"""Every setting stands on the page of settings and in `help(kpilib.open)`."""

import dataclasses
from pathlib import Path

import pytest

import kpilib
from kpilib.contract.settings import SETTING_NAMES, TABLE_NAMES

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PAGE = README[README.index("### How a table is read") : README.index("Every row read is kept")]


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_a_setting_of_a_table_is_documented(name):
    assert f"`{name}`" in PAGE
    assert f"`{name}`" in kpilib.open.__doc__ or f"`{name}=" in kpilib.open.__doc__


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_a_setting_of_the_business_is_documented(name):
    assert name in kpilib.open.__doc__


def test_the_page_names_nothing_that_is_no_setting():
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {word.strip(" `") for row in rows for word in row.split(",")}
    assert named == set(TABLE_NAMES)
    assert dataclasses.is_dataclass(kpilib.contract.settings.TableSettings)
