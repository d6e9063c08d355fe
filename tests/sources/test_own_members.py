"""Two more members of each kind of file that once went wrong, with their right values."""

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.loading import load

HEAD = "customer_id,ordered_at,amount\n"


def opened(tmp_path, text, name="orders.csv", **settings):
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return load(tmp_path / name, **settings)


def rows(loaded) -> pd.DataFrame:
    found = loaded.engine.collect(loaded.tables["orders"])
    return found.sort_values(["customer_id", "ordered_day"], ignore_index=True)


def amounts(loaded) -> list[float]:
    return rows(loaded)["amount"].tolist()


def days(loaded) -> list[str]:
    return [str(kpilib.periods.day_date(day)) for day in rows(loaded)["ordered_day"]]


# Groups of three that may be thousands or decimals


def test_commas_before_three_digits_alone_are_asked_about(tmp_path):
    text = HEAD.replace(",", ";") + "a;2024-01-05;1,500\nb;2024-01-06;2,250\n"
    with pytest.raises(InputError, match=r"1,500.*1500.*1\.5|1,500.*1\.5.*1500"):
        opened(tmp_path, text)


def test_two_groups_of_three_are_thousands(tmp_path):
    text = HEAD.replace(",", ";") + "a;2024-01-05;1.234.567\nb;2024-01-06;45.000\n"
    assert amounts(opened(tmp_path, text)) == [1_234_567, 45_000]


# Money given back


@pytest.mark.parametrize("written", ['"(1,250.00)"', '"1,250.00-"'])
def test_money_given_back_is_below_zero(tmp_path, written):
    text = HEAD + f"a,2024-01-05,{written}\nb,2024-01-06,3000.00\n"
    loaded = opened(tmp_path, text)
    refunds = loaded.engine.collect(loaded.tables["refunds"])
    assert amounts(loaded) == [3000] and refunds["amount"].tolist() == [1250]


# Quotes that do not close


@pytest.mark.parametrize(
    ("line", "delimiter"), [('"b,2024-01-06,2,x', ","), ('b;2024-01-06;2;"6 inch', ";")]
)
def test_no_row_is_lost_behind_a_stray_quote(tmp_path, line, delimiter):
    head = (HEAD.strip() + ",note\n").replace(",", delimiter)
    others = "".join(f"c{n},2024-01-{n:02d},{n},y\n" for n in range(7, 20)).replace(",", delimiter)
    account = opened(tmp_path, head + line + "\n" + others).accounts["orders"]
    assert account.read == 14
    assert account.kept + sum(account.left_out.values()) == 14 and account.kept >= 13


# Dates in several formats


def test_two_formats_of_which_each_is_certain_are_both_read(tmp_path):
    text = HEAD + "a,2024-01-31,1\nb,31/01/2024,2\nc,28.02.2024,3\n"
    assert days(opened(tmp_path, text)) == ["2024-01-31", "2024-01-31", "2024-02-28"]


def test_a_second_format_that_can_be_read_two_ways_is_asked_about(tmp_path):
    text = HEAD + "a,2024-01-31,1\nb,05/06/2024,2\nc,07/08/2024,3\n"
    with pytest.raises(InputError, match=r"%d/%m/%Y.*%m/%d/%Y|%m/%d/%Y.*%d/%m/%Y"):
        opened(tmp_path, text)


# Line ends


@pytest.mark.parametrize("ends", ["\r", ("\n", "\r\n", "\r")])
def test_any_line_ends_are_read(tmp_path, ends):
    lines = [HEAD.strip(), *(f"c{n},2024-01-0{n},{n}" for n in range(1, 6))]
    kinds = [ends] if isinstance(ends, str) else list(ends)
    text = "".join(line + kinds[place % len(kinds)] for place, line in enumerate(lines))
    assert amounts(opened(tmp_path, text)) == [1, 2, 3, 4, 5]


# Nobody


@pytest.mark.parametrize("nobody", [("khách lẻ", "N/A"), ("游客", "NULL"), ("Anonymous", "-1")])
def test_ids_that_mean_nobody_are_no_customers(tmp_path, nobody):
    text = HEAD + "".join(f"{who},2024-01-05,1\n" for who in ("k1", "k2", "k3", *nobody))
    account = opened(tmp_path, text, max_loss=0.9).accounts["orders"]
    assert account.kept == 3 and sum(account.left_out.values()) == 2


# Statuses


@pytest.mark.parametrize(
    ("sold", "not_sold"),
    [
        ("Đã giao", "Đã hủy"),
        ("已完成", "已取消"),
        ("wc-completed", "wc-on-hold"),
        ("bezahlt", "storniert"),
    ],
)
def test_words_for_what_was_sold_and_what_was_not(tmp_path, sold, not_sold):
    text = HEAD.replace("\n", ",status\n")
    text += "".join(f"{who},2024-01-05,1,{word}\n" for who, word in
                    [("a", sold), ("b", sold), ("c", sold), ("d", not_sold)])  # fmt: skip
    account = opened(tmp_path, text).accounts["orders"]
    assert account.kept == 3, account.left_out
    assert {one.status for one in account.statuses} == {sold, not_sold}


def test_a_word_that_nobody_knows_is_kept_and_named(tmp_path):
    text = HEAD.replace("\n", ",status\n") + "a,2024-01-05,1,flurble\nb,2024-01-06,1,paid\n"
    account = opened(tmp_path, text).accounts["orders"]
    assert account.kept == 2 and any("flurble" in note for note in account.notes)


# Lines of orders


@pytest.mark.parametrize("item", ["sku", "product"])
def test_lines_of_an_order_are_added_up(tmp_path, item):
    text = f"order_id,{HEAD.strip()},{item}\n"
    text += "1,a,2024-01-05,10,x\n1,a,2024-01-05,3,y\n2,b,2024-01-06,4,x\n2,b,2024-01-06,5,z\n"
    loaded = opened(tmp_path, text)
    assert amounts(loaded) == [13, 9]


# Contracts without ends


@pytest.mark.parametrize("more", [{}, {"plan": ["basic", "pro"]}])
def test_contracts_of_which_no_end_is_recorded_all_run_on(more):
    contracts = pd.DataFrame(
        {"customer_id": ["a", "b"], "started_at": ["2024-01-05", "2024-02-01"], "mrr": [10, 20]}
        | more
    )
    base = kpilib.open(subscriptions=contracts, as_of="2024-04-01", time_zone="UTC")
    assert base.kpi("customers_active", "2024-03").value == 2


# Title lines


@pytest.mark.parametrize("above", ["2024年销售报表\n", "\n\nBáo cáo bán hàng;;\n"])
def test_a_header_below_title_lines_is_found(tmp_path, above):
    text = above + HEAD.replace(",", ";") + "a;2024-01-05;1\nb;2024-01-06;2\n"
    assert amounts(opened(tmp_path, text)) == [1, 2]


# Months by name, and months alone


@pytest.mark.parametrize("written", ["5-Feb-2024", '"Feb 5, 2024"'])
def test_months_by_their_names_are_read(tmp_path, written):
    assert days(opened(tmp_path, HEAD + f"a,{written},1\nb,{written},2\n")) == ["2024-02-05"] * 2


@pytest.mark.parametrize("written", ["2024/03", "Mar 2024"])
def test_a_month_alone_asks_for_its_day(tmp_path, written):
    text = HEAD + f"a,{written},1\nb,{written},2\n"
    with pytest.raises(InputError, match="day ="):
        opened(tmp_path, text)
    said = {"orders": {"day": "last"}}
    assert days(opened(tmp_path, text, options=said)) == ["2024-03-31"] * 2
