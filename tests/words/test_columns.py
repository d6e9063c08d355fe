"""Columns and values: each known in one place, with its wording and the way it is written."""

import datetime

import pandas as pd
import pytest

from kpilib.show.tables import table_html
from kpilib.words.columns import COLUMNS, LIMIT, NAME, SHARE, head, kind
from kpilib.words.values import VALUES, value_text


def test_the_kinds_are_those_the_tables_know():
    assert {column.kind for column in COLUMNS.values()} <= {
        "", "limit", "name", "share", "count", "words", "period",
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
