"""`kpilib check`: the account of every row, in text and in JSON, with the gate's exit code."""

import json

import pytest

from kpilib.cli import main
from kpilib.cli.check import kpi_needs
from kpilib.loading import load

ROWS = "1,2026-01-05,2\n,2026-01-06,1\n3,soon,1\n4,2026-01-07,1\n5,2026-01-08,1\n6,2026-01-08,0\n"


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(f"customer_id,ordered_at,amount\n{ROWS}")
    return path


def test_the_account_is_printed_with_sample_rows(orders, capsys):
    assert main(["check", "--data", str(orders)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        f"{orders}: complete before 2026-01-09, time zone UTC, currency not given"
    )
    assert "orders: 6 rows read, 4 kept, 2 left out\n  1  no customer_id\n" in out
    assert "      customer_id ordered_at amount\n                3       soon      1\n" in out
    assert "  note: 1 row with a zero amount, kept\n" in out
    assert "KPIs and analyses have what they need" in out


def test_sample_rows_may_be_left_out(orders, capsys):
    assert main(["check", "--data", str(orders), "--no-samples"]) == 0
    assert "soon" not in capsys.readouterr().out


def test_json_has_every_reason_and_what_kpis_need(orders, capsys):
    assert main(["check", "--data", str(orders), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (table,) = said["tables"]
    assert table["read"] == table["kept"] + sum(table["left_out"].values()) == 6
    assert table["samples"]["ordered_at is not a time"] == [
        {"customer_id": "3", "ordered_at": "soon", "amount": "1"}
    ]
    assert said["as_of"] == "2026-01-09"
    assert {"id": "churn_rate", "needs": []} in said["kpis"]


def test_a_table_that_fails_the_gate_is_still_accounted_for(orders, capsys):
    orders.write_text("customer_id,ordered_at,amount\n1,2026-01-05,2\n,2026-01-06,1\n")
    assert main(["check", "--data", str(orders)]) == 3
    printed = capsys.readouterr()
    assert "orders: 2 rows read, 1 kept, 1 left out" in printed.out
    assert printed.err == (
        "kpilib: orders: 1 of 2 rows left out for faults, more than max_loss = 0.35: "
        "1 no customer_id\n"
    )


def test_a_source_that_is_not_there_is_bad_input(capsys):
    assert main(["check", "--data", "nowhere.csv"]) == 2
    assert capsys.readouterr().err.startswith("kpilib: nowhere.csv: no such file, folder or")


def test_what_kpis_and_analyses_need_is_named(orders, tmp_path):
    needs = kpi_needs(load(orders))
    assert needs["churn_rate"] == needs["value_tiers"] == ()
    assert needs["net_revenue_retention"] == ("subscriptions",)
    contracts = tmp_path / "shop" / "subscriptions.csv"
    contracts.parent.mkdir()
    contracts.write_text("customer_id,started_at,ended_at\n1,2026-01-05,\n")
    needs = kpi_needs(load(contracts.parent))
    assert needs["churn_rate"] == ()
    assert needs["value_tiers"] == needs["purchase_frequency"] == ("orders",)
    assert needs["net_revenue_retention"] == ("subscriptions.mrr",)
