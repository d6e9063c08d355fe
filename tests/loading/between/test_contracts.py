"""Contracts alone: with or without recorded ends, overlapping, with dimensions of their own."""

import pandas as pd
import pytest

import kpilib
from kpilib.cli import main
from kpilib.loading import load
from kpilib.periods import day_date

from ..shops import rows

THREE = {
    "customer_id": ["A", "B", "C"],
    "started_at": ["2025-12-01", "2025-12-05", "2026-01-10"],
    "mrr": [10.0, 20.0, 30.0],
    "plan": ["basic", "pro", "pro"],
}
ENDED = [None, "2026-02-03", None]


def contracts(**more) -> pd.DataFrame:
    return pd.DataFrame({**THREE, **more})


def test_contracts_without_recorded_ends_all_run():
    base = kpilib.open(subscriptions=contracts(), as_of="2026-03-01")
    assert base.kpi("churn_rate", "2026-02").value == 0
    assert base.kpi("churn_rate", "2026-02").denominator == 3
    (note,) = base.accounts["subscriptions"].notes
    assert note == "no ends are recorded (ended_at): every contract is taken as running"


@pytest.mark.parametrize("column", ["cancelled_at", "term_end_at"])
def test_another_column_that_may_be_the_end_is_named(column):
    loaded = load(subscriptions=contracts(**{column: ENDED}))
    assert (
        loaded.accounts["subscriptions"]
        .notes[0]
        .endswith(f"if contracts end at {column}, map ended_at to it")
    )
    assert rows(loaded, "subscriptions")["ended_day"].isna().all()


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ({}, "2026-01-10"),
        ({"ended_at": ENDED}, "2026-02-03"),
        ({"cancelled_at": ENDED}, "2026-02-03"),
        ({"ended_at": [None, "2999-01-01", None]}, "2026-01-10"),
        ({"term_end_at": ENDED}, "2026-01-10"),
    ],
)
def test_recorded_ends_count_towards_where_the_data_end(more, last):
    loaded = load(subscriptions=contracts(**more))
    assert str(day_date(loaded.as_of - 1)) == last


@pytest.mark.parametrize("more", [{}, {"ended_at": ENDED}, {"cancelled_at": ENDED}])
def test_check_and_clv_answer(tmp_path, capsys, more):
    path = tmp_path / "subscriptions.csv"
    many = [
        {"customer_id": f"c{n}", "started_at": f"2025-{n % 12 + 1:02d}-03", "mrr": 10 + n % 3}
        | dict.fromkeys(more, "2026-01-02" if n % 4 == 0 else None)
        for n in range(60)
    ]
    pd.DataFrame(many).to_csv(path, index=False)
    assert main(["check", "--data", str(tmp_path)]) == 0
    assert "subscriptions: 60 rows read, 60 kept, 0 left out" in capsys.readouterr().out
    assert main(["clv", "--data", str(tmp_path)]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_a_column_of_contracts_is_a_dimension():
    base = kpilib.open(subscriptions=contracts(ended_at=ENDED), as_of="2026-03-01")
    assert "plan" in base.dimensions and "mrr" not in base.dimensions
    found = base.kpi("churn_rate", "2026-02", by="plan").frame().set_index("segment")
    assert found["numerator"].to_dict() == {"basic": 0, "pro": 1}
    assert found["denominator"].to_dict() == {"basic": 1, "pro": 2}
    with pytest.raises(kpilib.InputError, match="not a column of customers, orders or subscr"):
        base.kpi("churn_rate", "2026-02", by="plam")


def test_the_first_contract_says_what_a_customer_is_like():
    two = pd.DataFrame(
        {"customer_id": ["A", "A"], "started_at": ["2026-01-20", "2026-01-05"], "plan": ["x", "y"]}
    )
    base = kpilib.open(subscriptions=two, as_of="2026-03-01")
    assert base.engine.collect(base.attribute("plan"))["plan"].tolist() == ["y"]


def test_contracts_of_a_customer_that_overlap_are_noted():
    table = pd.DataFrame(
        {
            "customer_id": ["A", "A", "B", "B", "C", "C"],
            "started_at": ["2026-01-01", "2026-01-10"] * 3,
            "ended_at": ["2026-01-11", None, "2026-01-10", None, None, None],
        }
    )
    account = load(subscriptions=table).accounts["subscriptions"]
    assert account.notes == (
        "2 customers have contracts that overlap: active once, their monthly revenue added up",
    )
