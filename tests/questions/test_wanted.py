"""Targets: for which periods their lines are, however those are written."""

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions.wanted import period_of
from tests.engines.frames import to_polars
from tests.loading.shops import shop

LINES = [
    ("2026-02", 2.0),
    (" 2026-03-01", 3.0),
    ("2026/4", 4.0),
    ("2026-05-01 00:00:00", 5.0),
    ("2026-W21", 21.0),
    ("2026-06-10", 99.0),
    ("2026-13", 99.0),
    ("2026-W60", 99.0),
    ("Feb", 99.0),
    (None, 1.0),
]


@pytest.mark.parametrize("move", [dict, to_polars], ids=["duckdb", "polars"])
def test_a_line_is_for_its_period_however_that_is_written_and_no_other_stops_a_question(move):
    targets = pd.DataFrame(LINES, columns=["period", "target"]).assign(kpi_id=" Buyers ")
    base = kpilib.open(
        **move({"orders": shop(), "targets": targets}), as_of="2027-01-01", week_starts="sunday"
    )
    periods = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-W21"]
    assert [base.kpi("buyers", one).target for one in periods] == [1, 2, 3, 4, 5, 1, 21]
    assert base.accounts["targets"].left_out == {"period is not a period": 3}
    table = base.analysis("kpi_targets", "2026-03")
    assert table["target"].tolist() == [3]  # the line for every period gives way


def test_months_that_a_workbook_made_dates_are_months():
    months = pd.to_datetime(["2026-02-01", "2026-03-01"])
    targets = pd.DataFrame({"period": months, "kpi_id": "buyers", "target": [2.0, 3.0]})
    base = kpilib.open(orders=shop(), targets=targets, as_of="2026-05-01")
    assert [base.kpi("buyers", one).target for one in ("2026-02", "2026-03")] == [2, 3]


def test_what_names_no_period_is_none():
    assert period_of("2026-W53") == Period.parse("2026-W53")
    assert period_of("2025-W53") is None
    assert period_of("2026-02-02") is None
    assert period_of("soon") is None


@pytest.mark.parametrize("section", ["targets", "alerts"])
def test_a_watched_kpi_that_is_none_is_named_when_the_records_are_opened(section):
    watched = {"churn_rat": 0.05 if section == "targets" else {"above": 0.05}}
    with pytest.raises(InputError, match=f"{section}: KPI 'churn_rat' is not known; did you mean"):
        kpilib.open(orders=shop(), **{section: watched})


@pytest.mark.parametrize("periods", [[], ["soon"], ["2026-07"]])
def test_targets_of_which_no_line_is_for_the_period_are_none(periods):
    targets = pd.DataFrame({"kpi_id": "buyers", "target": 2.0, "period": periods})
    base = kpilib.open(orders=shop(), targets=targets, as_of="2026-05-01", max_loss=1.0)
    assert base.kpi("buyers", "2026-02").target is None
    assert len(base.analysis("kpi_targets", "2026-02")) == 0
