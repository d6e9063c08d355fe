"""The ledger's counts, flows and windows: they must tell one story."""

from datetime import date

import pytest

from kpilib.analyses.movements import (
    flows,
    moved_customers,
    movements,
    window_sensitivity,
)
from kpilib.errors import InputError
from tests import quick
from tests.generate import bgnbd_purchases, halving_contracts, small_businesses
from tests.quick import tiny_shop


@pytest.fixture(scope="module")
def base():
    orders = bgnbd_purchases(800, days=400, seed=18)
    return quick.opened(orders=orders, time_zone="UTC", lapse_window=45)


def test_the_ledger_balances_and_each_close_is_the_next_opening(base):
    table = movements(base)
    assert len(table) == 12
    balance = table["opening"] + table["new"] + table["reactivated"] - table["lost"]
    assert (balance == table["closing"]).all()
    assert (table["closing"].iloc[:-1].to_numpy() == table["opening"].iloc[1:].to_numpy()).all()
    assert (table["lost_from_opening"] <= table["lost"]).all()


@pytest.mark.parametrize("window", [4, 20, 45, 200])
def test_counts_are_those_of_the_ledgers_rows(base, window):
    months = base.period().trailing(10)
    rows = base.engine.collect(base.ledger(months, window))
    rows["lost_from_opening"] = rows["lost"] & rows["opening"]
    columns = ["opening", "new", "reactivated", "lost", "closing", "lost_from_opening"]
    table = movements(base, months, lapse_window=window)
    assert (table[columns] == rows.groupby("period")[columns].sum()).all(axis=None)


def test_a_month_that_is_not_over_is_running(base):
    months = base.period().shift(1).trailing(3)
    assert movements(base, months)["state"].tolist() == ["complete", "complete", "running"]


def test_flows_have_the_ledgers_margins(base):
    period = base.period()
    table, row = flows(base, period), movements(base, period).iloc[0]
    opened = table.groupby("opened")["customers"].sum()
    closed = table.groupby("closed")["customers"].sum()
    assert opened["active"] == row["opening"] and closed["active"] == row["closing"]
    assert opened["none"] == row["new"]
    counts = table.set_index(["opened", "closed"])["customers"]
    assert counts["active", "lapsed"] == row["lost_from_opening"]
    # Whoever is lapsed at both ends either did nothing, or came back and left again.
    assert counts["lapsed", "active"] <= row["reactivated"]


def test_the_window_in_the_middle_is_the_ledger_itself(base):
    table = window_sensitivity(base)
    assert table["window"].tolist() == ["half", "chosen", "double"]
    assert table["days"].tolist() == [22, 45, 90]
    row = movements(base, base.period()).iloc[0]
    assert table.loc[1, "lost"] == row["lost"] and table.loc[1, "opening"] == row["opening"]
    value = base.kpi("churn_rate")
    assert table.loc[1, "churn"] == value.value
    assert (table.loc[1, "low"], table.loc[1, "high"]) == (value.low, value.high)
    assert table["opening"].is_monotonic_increasing


def test_contracts_have_no_window():
    table = halving_contracts()
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    base = quick.opened(orders=orders, subscriptions=table, as_of="2024-07-01")
    table = window_sensitivity(base, "2024-03")
    assert table["window"].tolist() == ["contract"] and table["days"].isna().all()
    assert table["churn"].tolist() == [0.5]
    months = [f"2024-0{month}" for month in range(1, 7)]
    found = movements(base, months)
    # Of every month's 64 exactly half leave in the month after, a quarter in the next, …
    assert found["lost"].tolist() == [0, 32, 48, 56, 60, 62]


@pytest.mark.parametrize("name", list(small_businesses()))
def test_small_businesses_balance(name):
    base = quick.opened(orders=small_businesses()[name], time_zone="UTC")
    months = base.period().shift(1).trailing(8)
    table = movements(base, months)
    balance = table["opening"] + table["new"] + table["reactivated"] - table["lost"]
    assert (balance == table["closing"]).all()
    assert flows(base)["customers"].sum() >= 1


def test_the_customers_behind_a_movement_have_their_money_and_last_purchase():
    lost = moved_customers(tiny_shop(), "2026-04")
    assert lost.to_dict("list") == {
        "customer_id": ["Finn", "Chen"],
        "purchases": [1, 2],
        "money": [80.0, 25.0],
        "last_day": [date(2026, 3, 5), date(2026, 2, 25)],
    }
    assert moved_customers(tiny_shop(), "2026-04", "reactivated")["customer_id"].tolist() == ["Eve"]
    assert moved_customers(tiny_shop(), "2026-04", limit=1)["customer_id"].tolist() == ["Finn"]


def test_a_movement_that_is_none_is_met_with_the_nearest():
    with pytest.raises(InputError, match="'gone' is not known"):
        moved_customers(tiny_shop(), "2026-04", "gone")
