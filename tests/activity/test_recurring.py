"""Contracts are lives: the same lives give the same numbers however they are cut into rows."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from kpilib.activity.recurring import contract_lives, customer_revenue
from kpilib.activity.revenue import revenue_retention
from kpilib.activity.spells import OPEN_END
from kpilib.clv import customer_lifetime_value
from kpilib.clv.value.contract_prediction import predicted_contract_values
from kpilib.errors import InputError
from kpilib.periods import Period
from tests import quick
from tests.searching import examples

COLUMNS = ["customer_id", "started_at", "ended_at", "mrr"]


def base_of(rows, as_of="2026-04-01", **options):
    table = pd.DataFrame(rows, columns=COLUMNS) if isinstance(rows, list) else rows
    return quick.opened(subscriptions=table, as_of=as_of, time_zone="UTC", **options)


def cut(table, months, as_of, next_day=True):
    """Every life as terms of so many months; terms that begin after the records are not there."""
    rows = []
    for who, start, end, mrr in table.itertuples(index=False):
        for k in range(1000):
            opens = start + pd.DateOffset(months=months * k)
            closes = start + pd.DateOffset(months=months * (k + 1))
            closes -= pd.Timedelta(days=1 if next_day else 0)
            if opens >= as_of:
                break
            over = pd.notna(end) and closes >= end
            rows.append((who, opens, end if over else closes, mrr))
            if over:
                break
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.fixture(scope="module")
def hundred():
    """100 customers at 10 a month, of whom 10 leave within the year."""
    start = pd.Timestamp("2025-01-01")
    ends = [start + pd.DateOffset(months=k + 1, days=-1) for k in range(10)] + [pd.NaT] * 90
    return pd.DataFrame(
        {"customer_id": range(100), "started_at": start, "ended_at": ends, "mrr": 10.0}
    )


@pytest.mark.parametrize("next_day", [True, False])
@pytest.mark.parametrize("months", [1, 3, 12])
def test_a_life_cut_into_rows_is_worth_the_same(hundred, months, next_day):
    as_of = pd.Timestamp("2026-01-15")
    whole, pieces = (
        base_of(table, "2026-01-15", currency="EUR")
        for table in (hundred, cut(hundred, months, as_of, next_day))
    )
    value, again = (
        customer_lifetime_value(one, "12 months", draws=0).total.iloc[0] for one in (whole, pieces)
    )
    assert value["value"] == pytest.approx(9950.24, abs=0.01)
    assert again["value"] == pytest.approx(value["value"], rel=1e-12)
    assert again["residual"] == pytest.approx(value["residual"], rel=1e-12)
    for name in ("clv_predicted", "churn_rate", "net_revenue_retention", "customers_active"):
        found, expected = (one.kpi(name, "2025-12") for one in (pieces, whole))
        assert found.value == pytest.approx(expected.value, rel=1e-12)
    assert whole.kpi("customers_active", "2025-12").value == 90


def test_monthly_terms_that_end_with_the_records_are_taken_to_be_renewed(hundred):
    monthly = base_of(cut(hundred, 1, pd.Timestamp("2026-01-01")), "2026-01-01")
    assert monthly.kpi("customers_active", "2025-12").value == 90
    assert customer_lifetime_value(monthly, draws=0).total["active"].iloc[0] == 90


def test_an_end_on_the_last_day_stands_where_contracts_are_not_renewed(hundred):
    table = hundred.copy()
    table.loc[20:24, "ended_at"] = pd.Timestamp("2025-12-31")
    assert base_of(table, "2026-01-01").kpi("customers_active", "2025-12").value == 85


def test_a_follow_on_contract_tears_no_revenue():
    rows = [
        ("A", "2025-12-01", "2026-01-31", 10.0),
        ("A", "2026-02-01", None, 20.0),
        ("B", "2025-12-01", None, 30.0),
    ]
    base = base_of(rows)
    assert base.kpi("churn_rate", "2026-01").value == 0
    found = [base.kpi("net_revenue_retention", month).value for month in ("2026-01", "2026-02")]
    assert found == [1.0, 1.25]
    table = revenue_retention(base, ["2026-01", "2026-02"])
    assert table["expansion"].tolist() == [0, 10]


@pytest.mark.parametrize(("begins", "share"), [("02-28", 1.0), ("03-01", 1.0), ("03-02", 2 / 3)])
def test_a_contract_continues_a_life_until_the_day_after(begins, share):
    rows = [
        ("A", "2026-01-10", "2026-02-28", 10.0),
        ("A", f"2026-{begins}", None, 10.0),
        ("B", "2026-01-10", None, 20.0),
    ]
    base = base_of(rows)
    assert base.kpi("net_revenue_retention", "2026-02").value == pytest.approx(share)
    assert base.kpi("gross_revenue_retention", "2026-02").value == pytest.approx(share)
    assert base.kpi("churn_rate", "2026-02").value == (0 if share == 1 else 0.5)


def test_what_ended_beside_a_renewal_is_gone_when_it_ends():
    """Of two contracts that end with the month one is renewed the day after: the other is lost."""
    rows = [
        ("A", "2025-12-01", "2026-01-31", 100.0),
        ("A", "2025-12-01", "2026-01-31", 20.0),
        ("A", "2026-02-01", None, 100.0),
    ]
    table = revenue_retention(base_of(rows), ["2026-01", "2026-02"])
    assert table["contraction"].tolist() == [20, 0]
    assert table["closing"].tolist() == [100, 100]


def test_negative_revenue_keeps_the_balance():
    rows = [
        ("A", "2025-12-01", None, 10.0),
        ("B", "2025-12-01", "2026-01-31", -5.0),
        ("B", "2026-02-01", None, -5.0),
        ("C", "2025-12-01", "2026-01-10", 5.0),
    ]
    base = base_of(rows)
    row = revenue_retention(base, "2026-01").iloc[0]
    assert (row["opening"], row["churned"], row["closing"]) == (10, 5, 5)
    assert row["net_retention"] == base.kpi("net_revenue_retention", "2026-01").value == 0.5


def test_a_free_contract_that_becomes_paid_is_new_revenue_and_a_return_is_reactivated():
    rows = [
        ("A", "2025-12-01", "2026-01-15", 0.0),
        ("A", "2026-01-15", None, 10.0),
        ("B", "2025-10-01", "2025-11-01", 10.0),
        ("B", "2026-01-15", None, 7.0),
        ("C", "2025-12-01", None, 30.0),
    ]
    row = revenue_retention(base_of(rows), "2026-01").iloc[0]
    assert (row["new"], row["reactivated"], row["opening"]) == (10, 7, 30)


def test_a_subscription_id_may_come_once_per_term():
    table = pd.DataFrame(
        [
            ("A", "2026-01-01", "2026-01-31", 10.0, 1),
            ("A", "2026-02-01", None, 10.0, 1),
            ("A", "2026-02-01", None, 10.0, 1),
        ],
        columns=[*COLUMNS, "subscription_id"],
    )
    base = base_of(table)
    assert base.accounts["subscriptions"].left_out == {"duplicate subscription_id + started_at": 1}
    assert base.kpi("customers_active", "2026-03").value == 1


def test_both_ends_of_a_period_are_turned_at_one_rate():
    table = pd.DataFrame(
        [
            ("A", "2025-12-01", "2026-02-10", 100.0, "EUR"),
            ("A", "2026-02-10", None, 100.0, "EUR"),
            ("B", "2025-12-01", None, 50.0, "GBP"),
        ],
        columns=[*COLUMNS, "currency"],
    )
    rates = pd.DataFrame(
        [("2025-11-01", "EUR", "GBP", 0.8), ("2026-02-01", "EUR", "GBP", 0.7)],
        columns=["date", "from_currency", "to_currency", "rate"],
    )
    base = base_of(table, exchange_rates=rates, currency="GBP")
    found = revenue_retention(base, ["2026-01", "2026-02"])
    assert found["net_retention"].tolist() == [1, 1]
    assert found["opening"].tolist() == pytest.approx([130, 120])
    assert found["closing"].tolist() == pytest.approx([130, 120])


def test_contracts_without_revenue_are_valued_at_the_mean_of_those_that_run():
    rng = np.random.default_rng(3)
    months = rng.geometric(0.1, 60)
    start = pd.Timestamp("2024-01-10")
    ends = [start + pd.DateOffset(months=int(k)) for k in months]
    table = pd.DataFrame({"customer_id": range(60), "started_at": start, "ended_at": ends})
    table["mrr"] = np.where(np.arange(60) % 10 == 0, np.nan, 10.0 + np.arange(60))
    table["ended_at"] = table["ended_at"].where(table["ended_at"] < "2025-01-20")
    whole, pieces = (
        base_of(one, "2025-01-20") for one in (table, cut(table, 1, pd.Timestamp("2025-01-20")))
    )
    value, again = (
        customer_lifetime_value(one, draws=0).total["value"].iloc[0] for one in (whole, pieces)
    )
    assert again == pytest.approx(value, rel=1e-12)
    held = table[table["ended_at"].isna()]
    filled = held["mrr"].fillna(held["mrr"].mean())
    each = customer_lifetime_value(whole, draws=0).customers.set_index("customer_id")
    np.testing.assert_allclose(each.loc[held["customer_id"], "expected_spend"], filled)


DAY0 = pd.Timestamp("2025-01-01")
lives = st.lists(
    st.tuples(
        st.integers(1, 6),  # customer
        st.integers(0, 500),  # begins
        st.one_of(st.none(), st.integers(1, 400)),  # lasts
        st.sampled_from([5.0, 10.0, 12.5]),
        st.lists(st.tuples(st.integers(1, 560), st.booleans()), max_size=6),  # where it is cut, how
    ),
    min_size=1,
    max_size=8,
)
AS_OF = 560


def rows_of(found, cutting):
    rows, taken = [], {}
    for who, begins, lasts, mrr, cuts in found:
        end = None if lasts is None or begins + lasts >= AS_OF else begins + lasts
        # One life at a time: what runs beside it could be taken for its follow-on contract.
        beside = [one for one in taken.get(who, []) if begins <= one[1] + 2]
        if any(first <= (end or 9999) + 2 for first, _ in beside):
            continue
        taken.setdefault(who, []).append((begins, end or 9999))
        start = begins
        inside = {day: same for day, same in cuts if begins < day < min(end or AS_OF, AS_OF - 2)}
        for day, same in sorted(inside.items()) if cutting else []:
            if day < start:
                continue
            rows.append((who, start, day, mrr))
            start = day if same else day + 1
        rows.append((who, start, end, mrr))
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("started_at", "ended_at"):
        table[name] = days_after(DAY0, table[name])
    return table


def days_after(start, numbers):
    """Midnights so many days later; missing where the number is."""
    days = [pd.NaT if pd.isna(n) else start + pd.Timedelta(days=int(n)) for n in numbers]
    return pd.to_datetime(pd.Series(days, index=numbers.index))


JANUARY, FEBRUARY = (Period.month(f"2026-{month:02}") for month in (1, 2))
EDGES = [day + step for day in (JANUARY.start_day, FEBRUARY.start_day) for step in (-2, -1, 0, 1)]


def held(rows, instant):
    """Each customer's revenue at an instant: what covers it, and what is carried over a day."""
    found = dict.fromkeys((row[0] for row in rows), 0.0)
    for who in found:
        own = [(a, 10**9 if b is None else b, mrr or 0) for one, a, b, mrr in rows if one == who]
        for sign in (1, -1):
            some = [(a, b, max(sign * mrr, 0)) for a, b, mrr in own]
            covers = sum(x for a, b, x in some if a < instant <= b)
            # What ends on the day is followed by what begins on it, and needs no carrying.
            comes = sum(x for a, b, x in some if a == instant)
            comes -= sum(x for a, b, x in some if b == instant and a < instant)
            went = sum(x for a, b, x in some if b == instant - 1)
            went -= sum(x for a, b, x in some if a == instant - 1 and b >= instant)
            found[who] += sign * (covers + min(max(comes, 0), max(went, 0)))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_revenue_at_both_ends_of_a_period_is_that_of_each_customer_s_contracts(seed):
    """Contracts that begin and end within two days of the edges; some bring nothing, some owe."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(60):
        for _contract in range(rng.integers(1, 5)):
            start, stop = rng.choice([EDGES[0] - 40, *EDGES]), rng.choice([*EDGES, 0])
            if stop == 0 or start <= stop:
                mrr = rng.choice([10.0, 0.5, -3.0, 0.0, None])
                rows.append((f"c{who:02}", int(start), int(stop) or None, mrr))
    for day in (JANUARY.start_day, FEBRUARY.start_day):
        # One that ended the day before was followed on that day already, by one of that day or on.
        for stop, mrr in ((None, 10.0), (day, 20.0)):
            who = f"{day}, {stop}"
            rows += [(who, day - 40, day - 1, 10.0), (who, day - 1, stop, 10.0)]
            rows += [(who, day, None, mrr)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("started_at", "ended_at"):
        table[name] = days_after(pd.Timestamp("1970-01-01"), table[name])
    base = base_of(table.astype({"mrr": "float64"}), "2026-05-15")
    found = base.engine.collect(customer_revenue(base, (JANUARY, FEBRUARY)))
    for place, period in enumerate((JANUARY, FEBRUARY)):
        opens, closes = period.start_day, period.end_day
        mine = found[found["period"] == place].set_index("customer_id")
        # Whose contracts were all over two days before has nothing at either end.
        assert set(mine.index) == {
            who for who, a, b, _ in rows if a < closes and (b is None or b >= opens - 1)
        }
        for name, instant in (("opening", opens), ("closing", closes)):
            wanted = held(rows, instant)
            assert not any(one for who, one in wanted.items() if who not in mine.index)
            assert mine[name].to_dict() == pytest.approx({who: wanted[who] for who in mine.index})
        for name, known in (("known", True), ("unknown", False)):
            ones = [
                (who, a, b, 1.0 if (mrr is not None) == known else 0) for who, a, b, mrr in rows
            ]
            wanted = held(ones, closes)
            assert mine[name].to_dict() == pytest.approx({who: wanted[who] for who in mine.index})
        paid = {who for who, start, _, mrr in rows if start < opens and (mrr or 0) > 0}
        assert {who for who, one in mine["paid"].items() if one} == paid & set(mine.index)


def test_lives_have_the_revenue_of_who_still_holds_a_contract():
    rows = [
        ("A", "2025-12-01", "2026-01-20", 10.0),
        ("A", "2026-01-25", None, 7.0),
        ("B", "2025-12-01", "2026-02-01", None),
        ("C", "2026-02-01", None, 5.0),
        ("D", "2026-01-31", None, 0.5),
    ]
    base = base_of(rows)
    found = base.engine.collect(contract_lives(base, (JANUARY,)))
    found = found.sort_values(["customer_id", "started_day"])
    assert found["customer_id"].tolist() == [*"AABD"]
    assert found[["monthly", "known", "unknown"]].to_numpy().tolist() == [
        [0, 0, 0], [7, 1, 0], [0, 0, 0], [0.5, 1, 0],
    ]  # fmt: skip
    assert (found["ended"] == OPEN_END).tolist() == [False, True, False, True]


def test_the_rate_is_the_last_by_the_close_and_where_there_is_none_the_other_way_round():
    table = pd.DataFrame(
        [("A", "2025-12-01", None, 100.0, "EUR"), ("B", "2025-12-01", None, 100.0, "USD"),
         ("C", "2025-12-01", None, 100.0, "GBP")],
        columns=[*COLUMNS, "currency"],
    )  # fmt: skip
    rates = pd.DataFrame(
        [
            ("2025-11-01", "eur", "gbp", 0.9),
            ("2026-01-31", "EUR", "GBP", 0.8),
            ("2026-02-01", "EUR", "GBP", 0.7),
            ("2025-11-01", "GBP", "EUR", 9.0),
            ("2025-11-01", "GBP", "USD", 1.25),
        ],
        columns=["date", "from_currency", "to_currency", "rate"],
    )
    base = base_of(table, exchange_rates=rates, currency="GBP")
    found = base.engine.collect(customer_revenue(base, (JANUARY,))).set_index("customer_id")
    assert found["closing"].to_dict() == pytest.approx({"A": 80, "B": 80, "C": 100})


def test_what_revenue_needs_is_named():
    orders = pd.DataFrame({"customer_id": ["A"], "ordered_at": ["2026-01-05"], "amount": [1.0]})
    with pytest.raises(InputError, match="needs the table subscriptions"):
        customer_revenue(quick.opened(orders=orders, as_of="2026-04-01"), (JANUARY,))
    without = pd.DataFrame([("A", "2025-12-01", None)], columns=COLUMNS[:3])
    with pytest.raises(InputError, match="needs the column mrr"):
        customer_revenue(base_of(without), (JANUARY,))


@examples(5)
@given(lives)
def test_no_cutting_of_the_same_lives_changes_a_number(found):
    as_of = (DAY0 + pd.Timedelta(days=AS_OF)).date()
    whole, pieces = (base_of(rows_of(found, cutting), as_of) for cutting in (False, True))
    months = Period.month("2026-06").trailing(9)
    pd.testing.assert_frame_equal(
        revenue_retention(pieces, months), revenue_retention(whole, months), rtol=1e-12
    )
    for name in ("customer_ledger", "average_customer_lifetime"):
        expected, got = (one.trend(name, months).frame() for one in (whole, pieces))
        pd.testing.assert_frame_equal(got, expected)
    spells, again = (
        one.engine.collect(one.spells()).sort_values(["customer_id", "start"], ignore_index=True)
        for one in (whole, pieces)
    )
    pd.testing.assert_frame_equal(again, spells)
    values = [predicted_contract_values(one, (Period.month("2026-06"),)) for one in (whole, pieces)]
    first, second = (
        one.engine.collect(rows).sort_values("customer_id", ignore_index=True)
        for one, rows in zip((whole, pieces), values, strict=True)
    )
    pd.testing.assert_frame_equal(second, first)


@pytest.mark.parametrize("rate", [0.0, -0.05])
def test_the_rest_of_an_endless_sum_is_not_defined_at_a_rate_of_0_or_less(hundred, rate):
    value = customer_lifetime_value(base_of(hundred, "2026-01-15"), discount_rate=rate, draws=0)
    assert value.total["residual"].isna().all() and value.customers["residual"].isna().all()
    assert value.cohorts["residual"].isna().all()
    assert "beyond the horizon" not in str(value)


def test_limits_stay_where_retention_can_be():
    rows = [
        (who, "2025-12-01", None, mrr)
        for who, mrr in zip("ABCD", (100.0, 30.0, 20.0, 10.0), strict=True)
    ]
    rows[0] = ("A", "2025-12-01", "2026-01-20", 100.0)
    base = base_of(rows)
    net, gross = (base.kpi(f"{name}_revenue_retention", "2026-01") for name in ("net", "gross"))
    assert net.value == gross.value == 0.375
    assert 0 < net.low < 0.375 < net.high
    assert 0 < gross.low < 0.375 < gross.high < 1
    row = revenue_retention(base, "2026-01").iloc[0]
    for name, kpi in (("net", net), ("gross", gross)):
        assert (row[f"{name}_low"], row[f"{name}_high"]) == (kpi.low, kpi.high)


def test_where_nothing_was_lost_gross_may_still_be_less_and_net_has_no_limits():
    rows = [(who, "2025-12-01", None, 10.0) for who in range(20)]
    base = base_of(rows)
    net, gross = (base.kpi(f"{name}_revenue_retention", "2026-01") for name in ("net", "gross"))
    assert (net.value, net.low, net.high) == (1, None, None)
    assert 0.7 < gross.low < 0.9 and gross.high == 1


def test_contracts_without_revenue_count_as_0_and_are_said():
    rows = [("A", "2025-12-01", None, 10.0), ("B", "2025-12-01", None, None)]
    found = base_of(rows).kpi("net_revenue_retention", "2026-01")
    assert (found.numerator, found.denominator, found.n) == (10, 10, 1)
    assert "1 contract has no mrr, and counts as 0" in [note.en for note in found.notes]
