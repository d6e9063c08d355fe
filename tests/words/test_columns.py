"""Columns and values: each known in one place, with its wording and the way it is written."""

import datetime

import pandas as pd
import pytest

from kpilib.contract.tables import SCHEMAS
from kpilib.show.tables import table_html
from kpilib.words import Text
from kpilib.words.columns import COLUMNS, head, kind
from kpilib.words.kinds import LIMIT, NAME, SHARE
from kpilib.words.tables import reason_text
from kpilib.words.values import VALUES, value_text


def test_the_kinds_are_those_the_tables_know():
    assert {column.kind for column in COLUMNS.values()} <= {
        "", "limit", "name", "share", "count", "words", "period", "gap", "kpi", "head",
    }  # fmt: skip


def test_a_column_nobody_knows_is_called_by_its_name():
    assert (head("my_column", "zh"), kind("my_column"), kind("my_id")) == ("my column", "", NAME)
    assert (kind("churn"), kind("low_each")) == (SHARE, LIMIT)


def test_a_value_nobody_knows_stays_as_it_is():
    assert value_text("Nam").of("zh") == "Nam"
    assert value_text("lost").of("vi") == VALUES["lost"].of("vi") == "rời bỏ"


@pytest.mark.parametrize(
    ("lang", "cells"),
    [
        ("en", ["2026-10", "2026-10-05", "at risk", "5.0%", "yes"]),
        ("vi", ["tháng 10/2026", "5/10/2026", "có nguy cơ rời bỏ", "5,0%", "có"]),
        ("zh", ["2026年10月", "2026年10月5日", "流失风险客户", "5.0%", "是"]),
    ],
)
def test_a_table_reads_in_the_language(lang, cells):
    table = pd.DataFrame(
        {
            "period": ["2026-10", "average"],
            "first_day": [datetime.date(2026, 10, 5)] * 2,
            "segment": ["at_risk", "Nam"],
            "churn": [0.05, 0.1],
            "counted": [True, False],
        }
    )
    html = table_html(table, lang)
    for cell in cells:
        assert f">{cell}</td>" in html
    assert f">{VALUES['average'].of(lang)}</td>" in html and ">Nam</td>" in html


def test_every_column_and_every_reason_of_a_source_table_has_words():
    for table in SCHEMAS.values():
        assert [one.name for one in table.columns if one.name not in COLUMNS] == []
        for one in table.columns:
            if one.required:
                assert reason_text(f"no {one.name}").of("vi") != f"no {one.name}"
                assert reason_text(f"{one.name} is not a time").of("zh").endswith("不是时间")
        if table.key:
            twice = reason_text(f"duplicate {' + '.join(table.key)}")
            assert twice is not None and table.key[0] not in twice.of("vi")


def test_the_rows_of_kpis_are_written_in_their_names_and_units():
    table = pd.DataFrame(
        {
            "kpi_id": ["churn_rate", "revenue"],
            "value": [0.099, 640_251_011.0],
            "gap": [-0.021, -5.5],
            "probability": [0.994, None],
        }
    )
    table.attrs = {
        "kpis": {"churn_rate": (Text("Churn"), "share"), "revenue": (Text("Sales"), "money")},
        "currency": "GBP",
    }
    html = table_html(table, "en")
    for cell in ("Churn", "9.9%", "−2.1 points", "99.4%", "Sales", "£640,251,011.00", "−£5.50"):
        assert f">{cell}</td>" in html, cell
