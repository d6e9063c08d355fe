"""Tables as a reader sees them: what is said once, and heads of another name."""

import pandas as pd

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
