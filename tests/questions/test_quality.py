"""What is wrong with the rows travels with the number: in the value, the command line, coverage."""

import json

import pandas as pd
import pytest

from kpilib.cli import main
from kpilib.contract.account import Account
from kpilib.questions.quality import quality_notes
from tests import quick


def orders(bad: int, good: int, amount: float = 10.0) -> pd.DataFrame:
    """So many orders without a customer, worth `amount` each, and so many with one, worth 10."""
    ids = [None] * bad + [f"c{place % 7}" for place in range(good)]
    return pd.DataFrame(
        {"customer_id": ids, "ordered_at": "2026-01-05", "amount": [amount] * bad + [10.0] * good}
    )


def notes(base, kpi="average_purchase_value") -> list[str]:
    return [note.en for note in base.kpi(kpi, "2026-01").notes if "rows" in note.en]


def test_more_than_one_per_cent_of_the_rows_is_told():
    assert notes(quick.opened(orders=orders(1, 99))) == []
    assert notes(quick.opened(orders=orders(2, 98), currency="EUR")) == [
        "orders: 2 of 100 rows (2.0%) are left out as wrong or nobody's, worth €20.00 of "
        "€1,000.00 (2.0%)"
    ]


def test_more_than_one_per_cent_of_the_money_is_told_too():
    (note,) = notes(quick.opened(orders=orders(1, 199, amount=500.0)))
    assert note.startswith("orders: 1 of 200 rows (0.50%) are left out")
    assert note.endswith("worth 500.00 of 2,490.00 (20.1%)")


def test_what_is_mixed_is_told():
    table = orders(0, 50).assign(ordered_at=["2026-01-05"] * 45 + ["13/01/2026"] * 5)
    assert notes(quick.opened(orders=table)) == [
        "orders: 5 of 50 rows (10.0%) are mixed or not understood, worth 50.00 of 500.00 (10.0%)"
    ]
    marks = orders(0, 50).assign(amount=["10.00"] * 45 + ["10,00"] * 5)
    assert "5 of 50 rows (10.0%) are mixed" in notes(quick.opened(orders=marks))[0]
    status = orders(0, 50).assign(status=["paid"] * 45 + ["green"] * 5)
    assert "5 of 50 rows (10.0%) are mixed" in notes(quick.opened(orders=status))[0]


def test_what_is_left_out_on_purpose_is_not_wrong():
    table = orders(0, 50).assign(status=["paid"] * 40 + ["cancelled"] * 10)
    assert notes(quick.opened(orders=table)) == []


@pytest.mark.parametrize("lang", ["vi", "zh"])
def test_it_is_told_in_the_reader_s_language(lang):
    value = quick.opened(orders=orders(2, 98), lang=lang).kpi("average_purchase_value", "2026-01")
    assert any("2" in note.of(lang) and "rows" not in note.of(lang) for note in value.notes)
    assert not any("left out" in note.of(lang) for note in value.notes)


def test_coverage_has_the_money_of_every_outcome():
    found = quick.opened(orders=orders(2, 98, amount=7.0)).coverage()
    assert found["money"].tolist() == [980, 14]
    assert found["share"].tolist() == [0.98, 0.02]


def test_the_commands_carry_the_line(tmp_path, capsys):
    path = tmp_path / "orders.csv"
    orders(3, 97).to_csv(path, index=False)
    assert main(["check", "--data", str(path)]) == 0
    assert "beside every number: orders: 3 of 100 rows (3.0%)" in capsys.readouterr().out
    assert main(["kpi", "average_purchase_value", "--data", str(path), "--json"]) == 0
    assert any("3 of 100 rows" in note for note in json.loads(capsys.readouterr().out)["notes"])
    assert main(["kpi", "average_purchase_value", "--data", str(path)]) == 0
    assert "3 of 100 rows" in capsys.readouterr().out


def test_tables_that_a_kpi_does_not_need_are_not_told():
    account = Account("tickets", 10, 5, {"no ticket_id": 5}, wrong=("no ticket_id",))
    assert quality_notes({"tickets": account}, ["orders"], None) == ()
    (note,) = quality_notes({"tickets": account}, ["tickets"], None)
    assert note.en == "service tickets: 5 of 10 rows (50.0%) are left out as wrong or nobody's"
