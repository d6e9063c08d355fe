"""Lifetime models and plain tables shown to a reader: words, figures, nothing escaped or lost."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv import BGNBD, Finding, backtest, customer_lifetime_value
from kpilib.clv.models.model import KINDS
from kpilib.errors import InputError
from kpilib.show.lifetime_value import backtest_html, findings_html, model_html, value_html
from kpilib.show.tables import show_tables, table_html
from kpilib.words import MODEL_TITLES, Unit, format_value
from tests.show.test_cards import Balance, text


@pytest.fixture(scope="module")
def base():
    return kpilib.open("cdnow-sample", currency="USD", lang="vi")


@pytest.fixture(scope="module")
def value(base):
    return customer_lifetime_value(base, draws=50)


@pytest.fixture(scope="module")
def found(base):
    return backtest(base, origins=1, draws=20)


def balanced(html):
    parser = Balance()
    parser.feed(html)
    return not parser.open


def test_numbers_are_written_as_the_language_does_and_the_table_stays_as_it_is():
    table = pd.DataFrame({"customers": [23570], "value": [792717.42], "share": [0.5]})
    before = table.copy()
    assert text(table_html(table)) == "customers value share 23,570 792,717 50.0%"
    assert text(table_html(table, "vi")) == "khách hàng giá trị tỷ trọng 23.570 792.717 50,0%"
    pd.testing.assert_frame_equal(table, before)


def test_limits_are_written_like_the_column_before_them():
    table = pd.DataFrame({"churn": [0.0781], "low": [0.0719], "high": [0.0849]})
    assert text(table_html(table)) == "churn low high 7.8% 7.2% 8.5%"
    money = pd.DataFrame({"value": [1500.0], "low": [12.345], "high": [9000.0]})
    assert text(table_html(money)).endswith("1,500 12 9,000")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([88.444573, 5.05], ["88.44", "5.05"]),
        ([0.01234, 0.1], ["0.012", "0.100"]),
        ([1.0, 2.0, np.nan], ["1", "2", "–"]),
        ([-0.00001, 5.5], ["0.00", "5.50"]),
        ([-12345.6, np.inf], ["−12,346", "∞"]),
        ([True, False], ["yes", "no"]),
        (["<b>", None], ["&lt;b&gt;", "–"]),
        ([datetime.date(1997, 1, 1)], ["1997-01-01"]),
        (
            pd.to_datetime(["2011-11-01 00:00", "2011-11-02 10:30"]),
            ["2011-11-01", "2011-11-02 10:30:00"],
        ),
        (pd.array([1, None], dtype="Int64"), ["1", "–"]),
        (pd.Categorical(["a", "b"]), ["a", "b"]),
    ],
)
def test_every_kind_of_value_is_written_for_a_reader(values, shown):
    html = table_html(pd.DataFrame({"x": values}))
    cells = html.split("<tbody>")[1]
    assert text(cells).split(" ") == " ".join(shown).split(" ")


def test_identifiers_keep_their_digits_and_counting_indexes_go():
    rows = pd.DataFrame({"customer_id": [12346, 999]}, index=[23, 30])
    assert text(table_html(rows)) == "customer 12346 999"
    named = pd.DataFrame({"rows": [5]}, index=pd.MultiIndex.from_tuples([("orders", "kept")],
                         names=["table", "outcome"]))  # fmt: skip
    assert text(table_html(named)) == "table outcome rows orders kept 5"


def test_a_long_table_shows_its_ends_and_says_how_long_it_is():
    html = table_html(pd.DataFrame({"x": range(5000)}))
    assert "5,000 rows" in html and html.count("<tr>") == 22 and ">4,999<" in html


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame(index=["x"]),
        pd.DataFrame(np.zeros((2, 50))),
        pd.DataFrame({"x": [1, 2]}).pivot_table(columns="x", aggfunc="size").to_frame(),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])),
    ],
)
def test_odd_tables_are_tables_too(table):
    assert balanced(table_html(table))


def test_long_text_is_shown_whole():
    words = "Frequent buyers spend more per purchase, " * 5
    assert words in table_html(pd.DataFrame({"finding": [words]}))


def test_a_language_that_is_not_known_is_an_error():
    with pytest.raises(InputError, match="'fr' is not known"):
        table_html(pd.DataFrame(), "fr")
    with pytest.raises(InputError, match="'fr' is not known"):
        show_tables("fr")
    show_tables("en")


def test_a_valuation_speaks_the_language_of_its_base(value):
    shown = value._repr_mimebundle_()
    assert shown["text/plain"] == str(value)
    words = text(shown["text/html"])
    assert "Giá trị của 2.357 khách hàng từ 1/7/1998 đến hết 30/6/1999" in words
    assert "US$" in words and "BG/NBD" in words and "tháng mua lần đầu" in words
    assert balanced(shown["text/html"])


def test_a_valuation_without_intervals_shows_none(base):
    html = value_html(customer_lifetime_value(base, draws=0))
    assert "95%" not in text(html) and balanced(html)


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_models_and_posteriors_are_shown_with_their_limits(value, lang):
    html = model_html(value.model, lang)
    assert balanced(html) and "BG/NBD" in html
    assert len(value.model.summary()) == html.count('<th scope="row"')
    shown = value.posterior._repr_mimebundle_()
    assert balanced(shown["text/html"]) and "50 draws" in shown["text/plain"]


def test_a_model_written_by_hand_says_so():
    shown = BGNBD(0.243, 4.414, 0.793, 2.426, time_unit="weeks")._repr_mimebundle_()
    assert "as written, not fitted; time in weeks" in text(shown["text/html"])
    assert "4.414" in shown["text/html"] and shown["text/plain"].startswith("BGNBD(")


@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_a_backtest_gives_its_verdict_in_words(found, lang):
    html = backtest_html(found, lang)
    errors = [one for one in found.verdicts() if one.score != "absolute_bias"]
    worse = sum(one.model >= one.plain for one in errors)
    said = {"en": "no less than", "vi": "không nhỏ hơn", "zh": "不小于"}[lang]
    assert text(html).count(said) == worse
    assert str(found).count("no less than") == worse
    for one in found.verdicts():
        if one.score == "absolute_bias":
            assert format_value(one.model, Unit.SHARE, lang) in text(html)
    assert balanced(html)


def test_errors_in_purchases_keep_their_digits_beside_those_in_money(found):
    table = found.summary().set_index(["measure", "rule"])
    row = table.loc[("purchases", "model")]
    assert 0 < row["mae"] < 10 < table.loc[("revenue", "model"), "mae"]
    cells = re.findall(r'<td class="num">([^<]*)</td>', backtest_html(found, "en"))
    assert f"{row['mae']:.3g}" in {cell.rstrip("0").rstrip(".") for cell in cells} | set(cells)


def test_findings_are_told_whole_and_escaped():
    html = findings_html((Finding("x", "serious", "a < b.", "Do."),))
    assert "<b>serious:</b> a &lt; b. Do." in html
    assert "Nothing found" in findings_html(())


def test_every_model_is_called_as_in_the_papers():
    assert set(MODEL_TITLES) == set(KINDS)
    assert MODEL_TITLES["ParetoNBD"] == "Pareto/NBD"
