"""Tables as a reader sees them: what is said once, and heads of another name."""

import re

import pandas as pd
import pytest

from kpilib.show.tables import table_html


def test_what_is_alike_in_all_rows_is_said_once_above_them():
    table = pd.DataFrame(
        {"group": ["referred", "other"], "difference": 0.024, "difference_low": -0.184,
         "difference_high": 0.179, "respondents": 111, "customers": [25, 106]}
    )  # fmt: skip
    html = table_html(table)
    assert "<caption>difference: 2.4% (−18.4% … 17.9%) · respondents: 111</caption>" in html
    assert html.count("<th ") == 2 and "difference</th>" not in html
    alone = table_html(table.head(1))
    assert "<caption>" not in alone and "difference</th>" in alone
    assert "111</td>" in table_html(table.assign(respondents=[111, 112]))


def test_a_table_may_call_a_column_otherwise():
    table = pd.DataFrame({"table": ["orders"], "money": [5]})
    table.attrs["heads"] = {"money": "amount"}
    assert ">金额</th>" in table_html(table, "zh") and ">消费金额</th>" not in table_html(
        table, "zh"
    )


def test_limits_of_a_number_that_happens_to_be_whole_are_not_rounded_to_whole_ones():
    table = pd.DataFrame({"mean": [3.0], "low": [2.4], "high": [3.6]})
    assert re.findall(r'"num">([\d.]+)<', table_html(table)) == ["3.00", "2.40", "3.60"]
    counted = pd.DataFrame({"customers": [3], "low": [0.6], "high": [8.8]})
    assert re.findall(r'"num">([\d.]+)<', table_html(counted)) == ["3", "1", "9"]


@pytest.mark.parametrize(("lang", "words"), [("en", "0 rows"), ("vi", "0 dòng"), ("zh", "共 0 行")])
def test_a_table_without_rows_says_that_it_has_none(lang, words):
    assert f"<caption>{words}</caption>" in table_html(pd.DataFrame({"customers": []}), lang)
