"""What a value is beside: its status, the value before, its target."""

import pandas as pd
import pytest

from kpilib.demo import tiny_orders
from kpilib.questions.values import Status
from tests import quick


def opened(as_of="2026-05-01", **options):
    return quick.opened(
        orders=tiny_orders(), as_of=as_of, lapse_window=45, currency="GBP", **options
    )


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        ("2026-04-30", Status.INCOMPLETE),
        ("2026-05-01", Status.PROVISIONAL),
        ("2026-05-05", Status.PROVISIONAL),
        ("2026-05-06", Status.COMPLETE),
    ],
)
def test_rows_may_still_arrive_for_the_days_that_they_take_to_settle(as_of, status):
    value = opened(as_of, settle_days=5).kpi("buyers", "2026-04")
    assert value.status is status and value.value == 2
    if status is Status.PROVISIONAL:
        assert value.reason.en == "rows may still arrive until 2026-05-06"


def test_the_value_before_is_of_a_period_that_is_over_and_final():
    base = opened("2026-04-20")
    assert base.kpi("buyers", "2026-04").previous is None
    assert base.kpi("buyers", "2026-03").previous == 3
    settling = opened("2026-05-01", settle_days=40)
    assert settling.kpi("buyers", "2026-03").status is Status.PROVISIONAL
    assert settling.kpi("buyers", "2026-04").previous is None
    assert settling.kpi("buyers", "2026-03").previous == 3


def test_a_period_that_begins_before_the_records_is_no_value_before():
    base = opened()
    assert base.kpi("buyers", "2026-02").previous is None
    assert base.kpi("buyers", "2026-03").previous == 3


def test_a_segment_has_its_own_value_before():
    orders = tiny_orders().assign(plan=["a", "b"] * 6)
    base = quick.opened(orders=orders, as_of="2026-05-01", lapse_window=45)
    for value in base.kpi("buyers", "2026-04", by="plan"):
        before = {one.segment: one.value for one in base.kpi("buyers", "2026-03", by="plan")}
        assert value.previous == before.get(value.segment)


def test_a_target_is_of_the_whole_and_shown_for_no_segment():
    base = opened(targets={"buyers": 4.0})
    assert base.kpi("buyers", "2026-04").target == 4
    orders = tiny_orders().assign(plan=["a", "b"] * 6)
    base = quick.opened(orders=orders, as_of="2026-05-01", lapse_window=45, targets={"buyers": 4.0})
    assert {one.target for one in base.kpi("buyers", "2026-04", by="plan")} == {None}
    parts = quick.opened(
        orders=tiny_orders(), as_of="2026-05-01", lapse_window=45, targets={"customer_ledger": 1.0}
    )
    assert {one.target for one in parts.kpi("customer_ledger", "2026-04")} == {None}


def test_a_trend_is_in_the_order_asked_and_counts_what_is_not_there_as_nothing():
    table = opened().trend("buyers", ["2026-04", "2026-03", "2026-01"])
    assert [(one.period.label, one.value) for one in table] == [
        ("2026-04", 2), ("2026-03", 3), ("2026-01", 4),
    ]  # fmt: skip


def test_rows_are_in_a_fixed_order_with_days_as_dates():
    rows = opened().rows("buyers", "2026-04")
    assert rows["customer_id"].tolist() == ["An", "Eve"]
    assert "period" not in rows and str(rows["first_day"].iloc[0]) == "2026-01-05"
    assert isinstance(rows, pd.DataFrame)
