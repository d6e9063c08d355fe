"""Numbers in text: every way to write one is read for what it is, or refused; never misread."""

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import InputError
from kpilib.loading import load
from tests.searching import examples

from ..shops import csv, read, rows, shop


def amounts(table, **options) -> list[float]:
    """Every amount that was read, refunds below zero, in the order of the rows."""
    loaded = load(orders=table, gate=False, **options)
    found = rows(loaded).set_index("customer_id")["amount"]
    if "refunds" in loaded.tables:
        refunds = rows(loaded, "refunds").set_index("customer_id")["amount"]
        found = pd.concat([found, -refunds])
    return found.sort_index().tolist()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.50", "2", "-0.5", "1e3", "+4", ".5", "5."], [1.5, 2, -0.5, 1000, 4, 0.5, 5]),
        (["1,234.50", "1,234"], [1234.5, 1234]),
        (["1.234,50", "1.234", "7"], [1234.5, 1234, 7]),
        (["3,5", "10"], [3.5, 10]),
        (["1 234,50", "12,00"], [1234.5, 12]),
        (["1,234,567"], [1234567]),
        (["1.234.567"], [1234567]),
        (["(12.50)", "20.00"], [-12.5, 20]),
        (["$(12.50)", "($3.00)", "-$4.50", "$-5.50", "6.50-"], [-12.5, -3, -4.5, -5.5, -6.5]),
        (["€1.234,50", "€ 12,00", "(7,25) €"], [1234.5, 12, -7.25]),
        (["1\u00a0234,50", "1\u202f234,25", "12,00"], [1234.5, 1234.25, 12]),
        (["1'234.50", "CHF 12.00", "1’234’567.00"], [1234.5, 12, 1234567]),
        (["12,-", "13,50", "14,– kr"], [12, 13.5, 14]),
        (["1,23,456.78", "5.00"], [123456.78, 5]),
        (["\u22125.00", "3.00"], [-5, 3]),
        (["0.125", "1.500"], [0.125, 1.5]),
        (["1234.567", "2.345"], [1234.567, 2.345]),
        (["R$ 1.234,00", "R$ 3,50"], [1234, 3.5]),
        (["Rs.500.00", "Rs. 1,500.00"], [500, 1500]),
        (["500.000 VNĐ", "1.200.000 đ"], [500000, 1200000]),
        (["1.234,50", "1,234.25"], [1234.5, 1234.25]),
    ],
)
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_amounts_are_read_by_what_all_of_them_show(frame, texts, expected):
    assert amounts(frame(shop(amount=texts))) == expected


@pytest.mark.parametrize(
    ("texts", "point", "comma"),
    [
        (["45.000", "120.000", "999.000"], [45, 120, 999], [45000, 120000, 999000]),
        (["1,234", "5"], [1234, 5], [1.234, 5]),
        (["10,000원"], [10000], [10]),
        (["-1.500 €"], [-1.5], [-1500]),
    ],
)
def test_groups_of_three_behind_the_only_mark_are_refused_with_both_readings(texts, point, comma):
    message = r"amount like '.*' is [\d.]+ with a decimal point or [\d.]+ with a decimal comma, and"
    with pytest.raises(InputError, match=message):
        load(orders=shop(amount=texts))
    for mark, expected in ((".", point), (",", comma)):
        assert amounts(shop(amount=texts), options={"orders": {"decimal": mark}}) == expected


def test_the_refusal_says_what_to_write_and_where(tmp_path):
    path = csv(tmp_path, "customer_id;ordered_at;amount\na;2024-01-05;45.000\n")
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value) == (
        "orders.csv: amount like '45.000' is 45 with a decimal point or 45000 with a decimal "
        'comma, and no other value tells which; write decimal = "." or decimal = "," below '
        "[orders] in a kpilib.toml beside it"
    )


def test_two_decimal_marks_are_refused_where_a_value_may_have_either():
    with pytest.raises(InputError, match=r"the others show both marks, like '12\.50' and '12,50'"):
        load(orders=shop(amount=["12,50", "12.50", "1.234"]))


def test_two_decimal_marks_are_named_where_both_are_read():
    _, account = read(shop(amount=["12,50", "12.50"]))
    assert account.notes == (
        "amount is written with a decimal point, like '12.50', and with a decimal comma, like "
        "'12,50': each was read as it is written",
    )


def test_text_among_amounts_is_left_out_and_shown():
    texts = ["1.5", "abc", "1,5,", "2", "1.5k", "50%", "12€50", "--4"]
    kept, account = read(shop(amount=texts))
    assert kept["amount"].tolist() == [1.5, 2]
    assert account.left_out == {"amount is not a number": 6}
    assert account.samples["amount is not a number"]["amount"].tolist()[:2] == ["abc", "1,5,"]


def test_a_column_without_one_number_is_refused():
    message = r"no value of amount is .*; one is '3 pts'\. Map.*'pts', ''"
    with pytest.raises(InputError, match=message):
        load(orders=shop(amount=["3 pts", "4 pts"]))


LAYOUTS = [
    (decimal, group, before, after)
    for decimal in ".,"
    for group in ("", " ", "\u00a0", "'", "." if decimal == "," else ",")
    for before, after in (("", ""), ("$", ""), ("", " €"), ("-", ""), ("(", ")"))
]


def written(cents: int, layout) -> str:
    """So many cents in one layout."""
    decimal, group, before, after = layout
    units, part = divmod(cents, 100)
    return f"{before}{units:,}".replace(",", group) + f"{decimal}{part:02d}{after}"


def meant(cents: int, layout) -> float:
    """What that text means."""
    return -cents / 100 if layout[2] in ("-", "(") else cents / 100


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.sampled_from(LAYOUTS))
@examples(7)
def test_amounts_written_in_any_layout_are_read_back(cents, layout):
    texts = [written(one, layout) for one in cents]
    assert amounts(shop(amount=texts)) == [meant(one, layout) for one in cents]


MIXED = st.tuples(st.integers(0, 10**9), st.sampled_from(LAYOUTS))


@given(st.lists(MIXED, min_size=2, max_size=6))
@examples(7)
def test_layouts_mixed_in_one_column_are_each_read_as_written(values):
    orders = [written(*value) for value in values]
    signs = {(before + after).strip() for _, (_, _, before, after) in values}
    if signs >= {"$", "€"}:
        with pytest.raises(InputError, match="no column says in which currency"):
            amounts(shop(amount=orders))
        return
    assert amounts(shop(amount=orders)) == [meant(*value) for value in values]
