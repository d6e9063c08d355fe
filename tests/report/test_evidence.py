"""The evidence gate, and the values that a notebook shows."""

import pytest

from kpilib.report.page.evidence import count_figures, find_kpis, hold_to_evidence
from kpilib.report.running.execute import Execution, Failure
from tests.report.conftest import MIME, VALUE, code, notebook


def executed(*outputs, failure=None, **metadata):
    """An execution whose only further cell has these outputs."""
    cell = code("x") | {
        "outputs": [{"output_type": "display_data", "data": data} for data in outputs]
    }
    made = notebook("# T", cell, **({"kpilib": metadata} if metadata else {}))
    return Execution("03-retention", {}, made, 1.0, 1, failure)


KPI = {MIME: [VALUE], "text/html": "<b>5%</b>"}
FIGURE = {"image/svg+xml": "<svg/>"}


def held(execution):
    return hold_to_evidence(execution, find_kpis(execution))


def test_every_value_knows_its_notebook_and_cell():
    (value,) = find_kpis(executed(KPI))
    assert value == VALUE | {"notebook": "03-retention", "cell": 2}


def test_a_value_shown_twice_is_listed_once_and_another_is_not_lost():
    other = {MIME: [VALUE | {"segment": "Web"}, VALUE]}
    assert [v["segment"] for v in find_kpis(executed(KPI, other, KPI))] == [None, "Web"]


def test_pictures_of_any_kind_are_counted():
    assert count_figures(executed(FIGURE, {"image/png": "AA"}, KPI).notebook) == 2


@pytest.mark.parametrize(
    ("execution", "message"),
    [
        (executed(), "kpis: 0 of 1"),
        (executed(FIGURE), "kpis: 0 of 1"),
        (executed(KPI, figures=1, kpis=1), "figures: 0 of 1"),
        (executed(KPI, FIGURE, figures=2, kpis=3), "figures: 1 of 2, kpis: 1 of 3"),
        (executed(KPI, kpis=2), "kpis: 1 of 2"),
    ],
)
def test_a_notebook_that_shows_less_than_it_must_has_failed(execution, message):
    found = held(execution)
    assert found.status == "failed"
    assert (found.failure.kind, found.failure.message) == ("evidence", message)


@pytest.mark.parametrize(
    "execution",
    [
        executed(KPI),
        executed(KPI, FIGURE, figures=1),
        executed(FIGURE, figures=1, kpis=0),
    ],
)
def test_a_notebook_that_shows_what_it_must_stands(execution):
    assert held(execution) == execution and execution.status == "good"


def test_a_failure_is_not_covered_by_another():
    failure = Failure("cell", 2, "KeyError", "'x'")
    assert held(executed(failure=failure)).failure == failure
