"""Money goes out once: what was paid less what was given back, whatever the spelling."""

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given

from kpilib.periods import Period
from tests import quick
from tests.searching import examples

ORDERS = ["order_id", "customer_id", "ordered_at", "amount"]


def opened(rows, columns=ORDERS, as_of="2026-04-01", **options):
    table = pd.DataFrame(rows, columns=columns)
    return quick.opened(orders=table, as_of=as_of, time_zone="UTC", lapse_window=30, **options)


def net(base):
    """Net revenue over all time."""
    return float(base.engine.collect(base.money)["amount"].sum())


def test_a_refund_of_an_order_that_was_left_out_is_left_out_with_it():
    rows = [
        (1, "A", "2026-01-05", 50.0, "refunded"),
        (1, "A", "2026-01-20", -50.0, None),
        (2, "A", "2026-02-10", 30.0, None),
        (3, "B", "2026-01-07", 40.0, None),
    ]
    base = opened(rows, [*ORDERS, "status"])
    assert base.kpi("clv_historical", "2026-02").value == 35
    notes = base.accounts["orders"].notes
    assert "1 refund not counted, as its order was left out" in notes


def test_the_same_from_a_table_of_refunds_and_when_all_of_it_is_left_out():
    rows = [(1, "A", "2026-01-05", 50.0, "refunded"), (3, "B", "2026-01-07", 40.0, None)]
    refunds = pd.DataFrame({"order_id": [1], "refunded_at": ["2026-01-20"], "amount": [50.0]})
    base = opened(rows, [*ORDERS, "status"], refunds=refunds)
    assert base.accounts["refunds"].left_out == {"its order was left out": 1}
    assert net(base) == 40


@pytest.mark.parametrize("spelling", ["negative", "table"])
def test_what_a_refund_is_above_its_order_is_given_back_on_its_day_and_said(spelling):
    rows = [(1, "A", "2026-01-05", 50.0), (2, "A", "2026-02-10", 100.0)]
    refunds = pd.DataFrame({"order_id": [1], "refunded_at": ["2026-02-20"], "amount": [80.0]})
    if spelling == "negative":
        base = opened([*rows, (1, "A", "2026-02-20", -80.0)])
    else:
        base = opened(rows, refunds=refunds)
    assert net(base) == 70
    february = base.kpi("average_purchase_value", "2026-02")
    assert (february.numerator, february.denominator) == (70, 1)
    said = [note for account in base.accounts.values() for note in account.notes]
    assert any("1 order was refunded beyond what was paid: 30.00 in all" in note for note in said)


@pytest.mark.parametrize("spelling", ["negative", "table"])
def test_a_refund_of_an_order_that_was_never_there_is_money_back_of_its_customer(spelling):
    rows = [(1, "A", "2026-01-05", 50.0)]
    refunds = pd.DataFrame(
        {"order_id": [9], "customer_id": ["A"], "refunded_at": ["2026-02-20"], "amount": [20.0]}
    )
    if spelling == "negative":
        base = opened([*rows, (9, "A", "2026-02-20", -20.0)])
    else:
        base = opened(rows, refunds=refunds)
    assert net(base) == 30


def bought(base):
    """Day of the month and amount of each purchase, in order."""
    rows = base.engine.collect(base.purchases.select("day", "amount")).sort_values("day")
    return [(day - DAY0, pytest.approx(amount)) for day, amount in rows.to_numpy().tolist()]


DAY0 = Period.month("2026-01").start_day - 1


def test_a_refund_of_a_part_lowers_an_order_however_small_and_all_of_it_takes_it_away():
    rows = [
        (1, "A", "2026-01-05", 0.5),
        (2, "A", "2026-01-07", 0.5),
        (3, "A", "2026-01-09", 0.0),
        (4, "A", "2026-01-11", 8.0),
        (None, "A", "2026-01-13", 2.0),
    ]
    back = [(1, "2026-02-20", 0.2), (2, "2026-02-20", 0.5), (3, "2026-02-20", 1.0)]
    base = opened(rows, refunds=pd.DataFrame(back, columns=["order_id", "refunded_at", "amount"]))
    assert bought(base) == [(5, 0.3), (11, 8.0), (13, 2.0)]
    assert base._bought.refunded_orders == 2


def test_what_several_refunds_are_above_their_order_is_given_back_on_the_day_of_the_last():
    rows = [(1, "A", "2026-01-05", 50.0), (2, "A", "2026-01-06", 1.0)]
    back = [(1, "2026-02-20", 40.0), (1, "2026-03-02", 30.0), (1, "2026-02-25", 5.0)]
    base = opened(rows, refunds=pd.DataFrame(back, columns=["order_id", "refunded_at", "amount"]))
    money = base.engine.collect(base.money).sort_values("day")
    assert money[["amount", "purchase"]].to_numpy().tolist() == [[1, 1], [-25, 0]]
    assert money["day"].iloc[-1] - DAY0 == 31 + 28 + 2


def test_what_is_above_an_order_that_two_share_is_given_back_to_one_whatever_the_order_of_rows():
    lines = [(1, "B", "2026-01-05", 50.0), (1, "A", "2026-01-05", 40.0), (2, "A", "2026-01-06", 1)]
    back = pd.DataFrame({"order_id": [1], "refunded_at": ["2026-02-20"], "amount": [100.0]})
    for rows in (lines, lines[::-1]):
        base = opened(rows, refunds=back, options={"orders": {"lines": True}})
        money = base.engine.collect(base.money)
        assert sorted(zip(money["customer_id"], money["amount"], strict=True)) == [
            ("A", -10.0), ("A", 1.0),
        ]  # fmt: skip


def test_refunds_may_know_orders_where_orders_do_not_and_the_other_way_round():
    back = {"refunded_at": ["2026-02-20"], "amount": [4.0]}
    known = opened(
        [(1, "A", "2026-01-05", 50.0)], refunds=pd.DataFrame(back | {"customer_id": "A"})
    )
    unknown = opened(
        [("A", "2026-01-05", 50.0)],
        ORDERS[1:],
        refunds=pd.DataFrame(back | {"customer_id": "A", "order_id": [1]}),
    )
    for base in (known, unknown):
        assert bought(base) == [(5, 50.0)] and net(base) == 46
        assert base._bought.refunded_orders == 0


def test_who_only_ever_got_money_back_is_no_customer_and_is_said():
    rows = [("A", "2026-01-05", 100.0), ("B", "2026-01-06", 50.0), ("Z", "2026-01-20", -30.0)]
    base = opened(rows, ORDERS[1:])
    assert base.kpi("clv_historical", "2026-01").value == 75
    assert base.kpi("clv_historical", "2026-01").n == 2
    assert net(base) == 120
    (_, note) = base.accounts["orders"].notes
    assert note == (
        "30.00 was given back to 1 person without an order: money of the business, and no "
        "customers of it"
    )
    assert base.kpi("clv_simple", "2026-02").n == 2


RATES = pd.DataFrame(
    [("2026-01-01", "EUR", "GBP", 0.8), ("2026-03-10", "EUR", "GBP", 0.7)],
    columns=["date", "from_currency", "to_currency", "rate"],
)


@pytest.mark.parametrize("currency", ["EUR", None])
@pytest.mark.parametrize("spelling", ["negative", "table"])
@pytest.mark.parametrize(("back", "left"), [(100.0, 0.0), (50.0, 40.0), (120.0, -16.0)])
def test_a_refund_is_netted_in_the_currency_of_its_order(back, left, spelling, currency):
    rows = [(1, "A", "2026-03-01", 100.0, "EUR"), (2, "B", "2026-03-01", 10.0, "GBP")]
    refund = {"order_id": 1, "refunded_at": "2026-03-20", "amount": back, "currency": currency}
    options = {"exchange_rates": RATES, "currency": "GBP"}
    columns = [*ORDERS, "currency"]
    if spelling == "negative":
        base = opened([*rows, (1, "A", "2026-03-20", -back, currency)], columns, **options)
    else:
        base = opened(rows, columns, refunds=pd.DataFrame([refund]), **options)
    assert net(base) == pytest.approx(10 + left)
    assert base.kpi("new_customers", "2026-03").value == (2 if left > 0 else 1)


def test_a_refund_in_another_currency_than_its_order_is_turned_on_its_own_day():
    rows = [(1, "A", "2026-03-01", 100.0, "GBP"), (2, "B", "2026-03-01", 10.0, "EUR")]
    refund = {"order_id": 1, "refunded_at": "2026-03-20", "amount": 100.0, "currency": "EUR"}
    base = opened(
        rows,
        [*ORDERS, "currency"],
        refunds=pd.DataFrame([refund]),
        exchange_rates=RATES,
        currency="GBP",
    )
    assert net(base) == pytest.approx(8 + 30)


money = st.integers(1, 20).map(float)
paid = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60), money), min_size=1, max_size=8)
back = st.lists(st.tuples(st.integers(-2, 9), st.integers(0, 80), money), max_size=6)


@examples(8)
@given(paid, back, st.lists(st.booleans(), min_size=6, max_size=6))
def test_net_revenue_is_what_was_paid_less_what_was_given_back(paid, back, in_table):
    """Refunds as negative orders or in a table; of orders known, unknown or none at all."""
    day = pd.Timestamp("2026-01-01")
    rows = [
        (str(number), who, day + pd.Timedelta(days=when), amount)
        for number, (who, when, amount) in enumerate(paid)
    ]
    given_back = [
        (
            str(number) if number >= 0 else None,
            rows[number][1] if 0 <= number < len(rows) else 1 + abs(number) % 4,
            day + pd.Timedelta(days=when),
            amount,
        )
        for number, when, amount in back
    ]
    negative = [
        (n, who, at, -a)
        for (n, who, at, a), far in zip(given_back, in_table[: len(given_back)], strict=True)
        if not far
    ]
    far = [one for one, far in zip(given_back, in_table[: len(given_back)], strict=True) if far]
    refunds = pd.DataFrame(far, columns=["order_id", "customer_id", "refunded_at", "amount"])
    base = opened([*rows, *negative], refunds=refunds if far else None)
    expected = sum(one[2] for one in paid) - sum(one[2] for one in back)
    assert net(base) == pytest.approx(expected, abs=1e-9)
    customers = {who for _, who, _, _ in rows}
    left = base.engine.collect(base.purchases.select("customer_id"))["customer_id"]
    assert set(left) <= customers
