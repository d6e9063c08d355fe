"""The README lists every KPI, table and setting there is."""

from pathlib import Path

from kpilib.contract.tables import SCHEMAS
from kpilib.lessons.reference import reference, with_reference
from kpilib.registry.definitions import catalogue

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_readme_is_as_the_code_has_it():
    assert with_reference(README) == README, "run python .ci/readme.py"


def test_everything_is_in_it():
    text = reference()
    assert all(f"`{name}`" in text for name in (*catalogue(), *SCHEMAS))
    assert "**customer_id**, **ordered_at**" in text
    assert "`lapse_window`" in text and "`[service]`: complaint_types" in text
