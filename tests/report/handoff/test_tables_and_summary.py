"""Tables for a BI tool and the summary: complete, plain, and no text that acts."""

import csv
import json

import pandas as pd
import pytest

from kpilib.contract.alerts import AlertRule
from kpilib.report.handoff.alerts import watch
from kpilib.report.handoff.plain import in_csv, one_line, shown
from kpilib.report.handoff.summary import raised, summarise, summary_text
from kpilib.report.handoff.tables import COLUMNS, values_table, write_tables
from tests.report.conftest import VALUE
from tests.report.history.test_compare import month

HOSTILE = ["<script>alert(1)</script>", "=cmd()|' /C calc'!A0", "@x", "-1+1", "a\u202efdp", "\t=1"]
RUN = {"lang": "en", "data": "shop"}


def test_every_number_has_its_row_in_both_files(tmp_path):
    values = [VALUE, VALUE | {"id": "revenue", "unit": "money", "currency": "GBP", "value": -1.5}]
    write_tables(tmp_path, values_table(values, RUN))
    table = pd.read_parquet(tmp_path / "kpis.parquet")
    assert list(table.columns) == list(COLUMNS) and table["value"].tolist() == [0.05, -1.5]
    assert (
        table["month"].tolist() == ["1998-06"] * 2 and str(table["period_end"][0]) == "1998-07-01"
    )
    read = pd.read_csv(tmp_path / "kpis.csv")
    assert read["value"].tolist() == [0.05, -1.5] and read["currency"].isna()[0]
    assert (tmp_path / "kpis.csv").read_bytes()[:3] == b"\xef\xbb\xbf"


def test_no_cell_of_the_csv_acts_and_no_mark_turns_the_writing(tmp_path):
    values = [VALUE | {"segment": text, "reason": text} for text in HOSTILE]
    write_tables(tmp_path, values_table(values, RUN))
    with open(tmp_path / "kpis.csv", encoding="utf-8-sig", newline="") as stream:
        rows = [*csv.DictReader(stream)]
    for text, row in zip(HOSTILE, rows, strict=True):
        assert not row["segment"].startswith(("=", "@", "-", "+", "\t"))
        assert row["segment"].lstrip("'") == shown(text)
    assert "\u202e" not in (tmp_path / "kpis.csv").read_text(encoding="utf-8-sig")
    assert "\u202e" not in "".join(pd.read_parquet(tmp_path / "kpis.parquet")["segment"])


def test_an_empty_month_has_the_columns(tmp_path):
    write_tables(tmp_path, values_table([], RUN))
    assert list(pd.read_csv(tmp_path / "kpis.csv").columns) == list(COLUMNS)


@pytest.mark.parametrize("number", [-1.5, 0, None, 3])
def test_numbers_stay_numbers(number):
    assert in_csv(number) is number


def test_the_summary_says_status_figures_alerts_and_changes(tmp_path):
    before = month("2026-09", {"value": 0.2, "low": 0.19, "high": 0.21})
    now = month("2026-10", {"target": None}, lang="en", restated=3)
    alerts = watch(now.values, {"churn_rate": AlertRule(above=0.01)})
    alerts += watch(now.values, {"churn_rate": AlertRule(above=0.04), "nps": AlertRule(below=1)})
    said = summarise(now.run, now.values, alerts, before, tmp_path)
    assert json.loads(json.dumps(said)) == said and raised(said) == 1
    text = summary_text(said, "en", tmp_path / "index.html")
    assert text.splitlines()[:2] == ["2026-10, shop: good", "  Churn rate: 5.0%"]
    assert "1 alert:\n  ! " in text and text.count("  - ") == 2
    assert "Churn rate: 20.0% → 5.0%" in text and "3 numbers of earlier reports" in text
    assert text.endswith(f"Report: {tmp_path / 'index.html'}\n")
    for lang in ("vi", "zh"):
        assert "alert" not in summary_text(said, lang)


def test_a_name_that_would_act_is_one_line_of_text(tmp_path):
    now = month("2026-10", {"name": {"en": "a\nb\u202e"}}, lang="en", data="x\u202ey")
    text = summary_text(summarise(now.run, now.values, [], None, tmp_path), "en")
    assert "x⟨U+202E⟩y" in text and "a b⟨U+202E⟩: 5.0%" in text
    assert one_line("a\r\n b") == "a b"


def test_notebooks_that_failed_are_named(tmp_path):
    page = {"name": "03-retention", "status": "failed"}
    now = month("2026-10", {}, lang="en", status="failed", notebooks=[page])
    said = summarise(now.run, now.values, [], None, tmp_path)
    assert "Did not finish: 03-retention" in summary_text(said, "en")
