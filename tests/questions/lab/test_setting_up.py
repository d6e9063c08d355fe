"""Tables in a notebook: kpilib's own in words and numbers, all others as ever."""

import pandas as pd
import pytest

from kpilib.demo import tiny_shop
from kpilib.questions.lab.setting_up import set_up
from kpilib.show.tables import show_tables


@pytest.fixture
def shown(shell):
    set_up()

    def html(table):
        return shell.display_formatter.format(table)[0]["text/html"]

    return html


def test_a_table_of_kpilibs_is_shown_in_words_and_remains_a_frame(shown):
    table = tiny_shop().coverage()
    assert type(table) is pd.DataFrame and table["share"].iloc[0] == 1
    html = shown(table)
    assert '<td class="num">100.0%</td>' in html and 'class="kpis ' in html
    assert "100.0%" in shown(table.head(1)) and "100.0%" in shown(table[["share", "rows"]])


def test_a_frame_of_the_users_is_shown_as_pandas_does(shown):
    own = pd.DataFrame({"share": [0.123456789], "customers": [1]})
    assert shown(own) == own._repr_html_()


def test_a_formatter_of_the_users_goes_on_for_frames_of_theirs(shell):
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(pd.DataFrame, lambda table: "<b>mine</b>")
    set_up()
    own = shell.display_formatter.format(pd.DataFrame({"a": [1]}))[0]["text/html"]
    ours = shell.display_formatter.format(tiny_shop().coverage())[0]["text/html"]
    assert own == "<b>mine</b>" and "kpis" in ours


def test_what_a_reports_kernel_set_up_stays(shell):
    show_tables("vi")
    set_up()
    html = shell.display_formatter.format(tiny_shop().coverage())[0]["text/html"]
    assert html.startswith("<table>") and "100,0" in html


def test_it_is_set_up_once(shell):
    for _ in range(2):
        set_up()
    assert len(shell.Completer.custom_matchers) == 1


def test_the_list_of_kpis_is_shown_whole_and_can_be_searched(shown):
    kpis = tiny_shop().kpis
    html = shown(kpis)
    assert html.count("<tr>") == len(kpis) + 1 and '<input type="search"' in html
    assert '<input type="search"' not in shown(kpis.head())
