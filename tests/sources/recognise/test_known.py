"""Columns that were probably meant, and files that are read though nobody has mapped them."""

import pytest

from kpilib.errors import InputError
from kpilib.loading import load
from kpilib.sources.recognise.guess import guess
from kpilib.sources.recognise.sample import sample_from, squash

DAYS = ["2026-01-05", "2026-01-06", "2026-01-07"]


def written(tmp_path, text, name="shop.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Refunded Amount", "1.50"),
        ("Discount Amount", "1.50"),
        ("Country", "VN"),
        ("Payment ID", "88"),
        ("Amount of items", "3 pieces"),
    ],
)
def test_what_is_no_amount_is_not_proposed_as_one(tmp_path, column, value):
    path = written(tmp_path, f"customer_id,ordered_at,{column}\n1,2026-01-05,{value}\n")
    with pytest.raises(InputError) as caught:
        load(path)
    assert "did you mean" not in str(caught.value)
    assert 'amount = "…"; or let it be proposed: kpilib init ' in str(caught.value)


@pytest.mark.parametrize("column", ["order_total", "Order Net", "order_dow", "updated_at"])
def test_what_is_no_order_time_is_not_proposed_as_one(tmp_path, column):
    value = "2026-01-05" if column == "updated_at" else "3.50"
    path = written(tmp_path, f"customer_id,amount,{column}\n1,2.5,{value}\n")
    with pytest.raises(InputError) as caught:
        load(path)
    assert "did you mean" not in str(caught.value)


def test_a_misspelt_name_is_met_where_its_values_fit(tmp_path):
    text = "customer_id,orderd_at,amount,due\n1,2026-01-05,3,2026-01-06\n"
    (tmp_path / "kpilib.toml").write_text('[orders]\nfile = "shop.csv"\n')
    written(tmp_path, text)
    with pytest.raises(InputError, match="did you mean to map ordered_at = 'orderd_at'"):
        load(tmp_path)


def test_a_file_that_is_known_beyond_doubt_is_read_and_says_so(tmp_path):
    head = "Mã đơn hàng,Ngày đặt hàng,Khách hàng,Tổng tiền\n"
    text = f"{head}1,2026-01-05,An,45\n2,2026-01-06,Bình,7\n"
    account = load(written(tmp_path, text)).accounts["orders"]
    assert account.kept == 2
    assert any("its columns were recognised: order_id = Mã đơn hàng" in n for n in account.notes)


def test_a_toml_is_never_completed_by_guesses(tmp_path):
    written(tmp_path, "Kunde,Datum,Betrag\na,2026-01-05,3\n")
    (tmp_path / "kpilib.toml").write_text('[orders]\nfile = "shop.csv"\n')
    with pytest.raises(InputError, match="did you mean to map customer_id = 'Kunde'"):
        load(tmp_path)


def test_two_amounts_that_differ_are_asked_about_and_two_that_agree_are_not():
    base = {"customer_id": ["a", "b", "a"], "order_date": DAYS}
    asked = guess(sample_from("s", {**base, "total": ["1", "2", "3"], "amount": ["1", "2", "4"]}))
    assert asked.doubts == ('amount: choose "amount" or "total"',)
    same = guess(sample_from("s", {**base, "total": ["1", "2", "3"], "amount": ["1", "2", "3"]}))
    assert same.is_sure and same.columns["amount"] == "amount"


def test_lines_are_told_from_orders():
    base = {"order_id": ["1", "1", "2"], "customer_id": ["a", "a", "b"], "date": DAYS}
    lines = guess(sample_from("s", {**base, "price": ["1.5"] * 3, "quantity": ["2"] * 3}))
    assert lines.lines and lines.columns["amount"] == '"price" * "quantity"'
    whole = guess(sample_from("s", {**base, "order_total": ["5", "5", "7"]}))
    assert not whole.is_sure and "lines: order_id repeats" in whole.doubts[0]


@pytest.mark.parametrize(
    ("file", "columns", "table"),
    [
        ("kunden", {"id": ["1", "2"], "created": DAYS[:2], "country": ["VN", "DE"]}, "customers"),
        ("x", {"ticket_id": ["1"], "requester_id": ["a"], "created_at": DAYS[:1]}, "tickets"),
        (
            "refunds",
            {"order_id": ["1"], "refund_date": DAYS[:1], "refund_amount": ["2.5"]},
            "refunds",
        ),
        (
            "contracts",
            {"contract_id": ["1"], "customer": ["a"], "start_date": DAYS[:1], "mrr": ["9.5"]},
            "subscriptions",
        ),
        (
            "x",
            {"response_id": ["1"], "customer_id": ["a"], "submitted": DAYS[:1], "NPS": ["9"]},
            "survey_responses",
        ),
        ("ads", {"day": DAYS[:1], "channel": ["web"], "cost": ["10"]}, "marketing_spend"),
    ],
)
def test_which_table_a_file_is(file, columns, table):
    found = guess(sample_from(file, columns), file=file)
    assert (found.table, found.is_sure) == (table, True)


def test_names_are_compared_without_marks_and_signs():
    assert squash("Tổng tiền (₫)") == "tongtien"
    assert squash("Größe") == "grosse"
