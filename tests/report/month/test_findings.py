"""The sentence of each chapter says what is so, of all that it speaks of."""

from types import SimpleNamespace

import pandas as pd
import pytest

from kpilib.report.month.findings import findings
from tests.report.month.conftest import Stand, value


def asked_of(*values, segments=None, lines=None, **accounts):
    known = {
        name: SimpleNamespace(table=name, read=read, kept=kept)
        for name, (read, kept) in accounts.items()
    }
    asked = Stand(*values, lines=lines, accounts=known)
    asked.analysis = lambda name, **options: segments
    return asked


def test_a_kpi_that_moved_is_said_to_have_moved_though_its_complement_stands_in_the_list():
    kept = value("retention_rate", 0.80, 0.90, family="retention", name="Retention rate",
                 better="higher", signal="down")  # fmt: skip
    churn = value("churn_rate", 0.20, 0.10, name="Churn rate", signal="up")
    lines = {"retention_rate": [0.9, 0.8], "churn_rate": [0.1, 0.2]}
    found = findings(asked_of(kept, churn, lines=lines), "en")
    assert found["churn"] == "Churn rate rose from 10.0% to 20.0%."
    assert found["retention"] == "Retention rate fell from 90.0% to 80.0%."


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ({"orders": (100, 100)}, "Every row that was read is in the numbers."),
        ({"orders": (100, 90)}, "10% of the rows of orders are in no number here."),
        (
            {"orders": (100, 100), "tickets": (200, 150), "refunds": (100, 99)},
            "25% of the rows of service tickets are in no number here.",
        ),
        ({"orders": (400_000, 399_999)}, "0.00025% of the rows of orders are in no number here."),
    ],
)
def test_rows_left_out_of_any_table_are_told(accounts, words):
    assert findings(asked_of(**accounts), "en")["data_quality"] == words


def test_of_segments_without_money_nothing_is_said():
    none = pd.DataFrame({"segment": ["champions"], "share": [1.0], "money_share": [float("nan")]})
    assert "segmentation" not in findings(asked_of(segments=none), "en")
