"""The purchase summary against lifetimes', the papers' numbers, and its own parts."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.clv import BGNBD, GammaGamma
from kpilib.clv.expected.summary import (
    as_until,
    purchase_counts,
    purchase_spend,
    purchase_summary,
    summary_account,
)
from kpilib.clv.with_lifetimes import lifetimes_at_work
from kpilib.errors import InputError
from kpilib.periods import Period, day_date
from kpilib.sources import cdnow as log
from tests import quick

COLUMNS = ["frequency", "recency", "T", "monetary_value"]


def lifetimes_summary(table, *columns, end, **options):
    with lifetimes_at_work() as lifetimes:
        make = lifetimes.utils.summary_data_from_transaction_data
        return make(table, *columns, observation_period_end=end, **options).sort_index()


def open_orders(rows, **options):
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    table["ordered_at"] = pd.to_datetime(table["ordered_at"])
    return quick.opened(orders=table, **options)


@pytest.fixture(scope="module")
def sample():
    return kpilib.open("cdnow-sample", currency="USD")


@pytest.mark.parametrize("name", ["cdnow", "cdnow-sample"])
@pytest.mark.parametrize("include_first", [False, True])
@pytest.mark.parametrize("until", [None, "1997-10-01"])
def test_same_numbers_as_lifetimes_on_cdnow(name, include_first, until):
    base = kpilib.open(name)
    table = log.read(name)
    table["date"] = pd.to_datetime(table["date"])
    end = day_date(base.as_of - 1) if until is None else "1997-09-30"
    oracle = lifetimes_summary(
        table, "customer_id", "date", "dollar_value", end=end,
        include_first_transaction=include_first,
    )  # fmt: skip
    ours = purchase_summary(base, until, include_first=include_first).set_index("customer_id")
    assert list(ours.index) == list(oracle.index)
    np.testing.assert_allclose(ours[COLUMNS].to_numpy(), oracle[COLUMNS].to_numpy(), atol=1e-9)


def test_same_numbers_as_lifetimes_on_online_retail(retail, retail_lines):
    """Of the valid lines: what lifetimes has no word for, refunds, is left out of both."""
    end = day_date(retail.as_of - 1)
    oracle = lifetimes_summary(retail_lines, "customer_id", "day", "amount", end=end)
    ours = purchase_summary(retail)
    ours.index = ours["customer_id"].astype(float).astype(int)
    ours = ours.sort_index()
    assert list(ours.index) == list(oracle.index)
    np.testing.assert_allclose(ours[COLUMNS].to_numpy(), oracle[COLUMNS].to_numpy(), atol=1e-7)


@pytest.mark.parametrize("until", [None, "1997-10-01"])
def test_polars_and_duckdb_by_either_way_give_the_same_summary(until):
    """With the purchases at hand, straight from the orders, and by the expressions for all."""
    polars = pytest.importorskip("polars", reason="polars is not installed")
    table = log.read("cdnow-sample")
    orders = pd.DataFrame(
        {
            "customer_id": table["customer_id"],
            "ordered_at": pd.to_datetime(table["date"]),
            "amount": table["dollar_value"],
        }
    )
    straight, ready = kpilib.open(orders=orders), kpilib.open(orders=orders)
    assert len(ready.engine.collect(ready.purchases)) > 0
    expected = purchase_summary(ready, until)
    for base in (straight, quick.opened(orders=polars.from_pandas(orders))):
        found = purchase_summary(base, until)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)
    assert not straight._bought.ready


def test_published_numbers_come_back_from_the_raw_log(sample):
    counts = purchase_counts(sample, "1997-10-01")
    model = BGNBD.fit_counts(counts.in_unit("weeks"))
    assert list(model.parameters.values()) == pytest.approx(
        [0.242595, 4.413602, 0.792922, 2.425907], abs=2e-6
    )
    assert model.log_likelihood == pytest.approx(-9582.4292, abs=5e-5)
    spend = GammaGamma.fit_counts(purchase_spend(sample, "1997-10-01"))
    assert list(spend.parameters.values()) == pytest.approx([6.2496, 3.7442, 15.4435], abs=1e-4)
    assert spend.log_likelihood == pytest.approx(-4055.9177, abs=5e-5)
    assert spend.n == 946


def test_counts_of_cohorts_and_of_partitions_add_up(sample):
    whole = purchase_counts(sample)
    months = [purchase_counts(sample, acquired=Period.month(f"1997-{m:02d}")) for m in (1, 2, 3)]
    table = log.read("cdnow-sample")
    table["date"] = pd.to_datetime(table["date"])
    parts = [
        quick.opened(
            orders=rows.rename(columns={"date": "ordered_at", "dollar_value": "amount"}),
            as_of=day_date(sample.as_of),
        )
        for _, rows in table.groupby(table["customer_id"] % 3)
    ]
    for pieces in (months, [purchase_counts(part) for part in parts]):
        merged = pieces[0] + pieces[1] + pieces[2]
        for column in ("frequency", "recency", "T", "weights"):
            np.testing.assert_array_equal(getattr(merged, column), getattr(whole, column))


def test_a_later_until_refits_with_the_next_month(sample):
    """Counts of each month's end hold exactly the customers and purchases before it."""
    ends = ["1997-02-01", "1997-06-01", "1998-01-01"]
    found = [purchase_counts(sample, end) for end in ends]
    table = sample.engine.collect(sample.purchases)
    for end, counts in zip(ends, found, strict=True):
        before = table[table["day"] < (pd.Timestamp(end) - pd.Timestamp(0)).days]
        people = before["customer_id"].nunique()
        assert counts.customers + counts.left_out == people
        assert counts.purchases == len(before) - people


def test_refunds_same_days_and_the_last_day_are_netted_merged_and_counted():
    orders = pd.DataFrame(
        {
            "order_id": ["a1", "a2", "a3", "b1", "b2", "c1", "d1", "d2"],
            "customer_id": list("AAABBCDD"),
            "ordered_at": pd.to_datetime(
                ["2026-01-01", "2026-01-11", "2026-01-11", "2026-01-01", "2026-01-21",
                 "2026-01-31", "2026-01-01", "2026-01-16"]
            ),
            "amount": [10.0, 20.0, 5.0, 10.0, 40.0, 7.0, 30.0, 10.0],
        }
    )  # fmt: skip
    refunds = pd.DataFrame(
        {
            "order_id": ["b2", None],
            "customer_id": ["B", "D"],
            "refunded_at": pd.to_datetime(["2026-01-25", "2026-01-20"]),
            "amount": [40.0, 10.0],
        }
    )
    base = quick.opened(orders=orders, refunds=refunds, as_of=pd.Timestamp("2026-02-01").date())
    table = purchase_summary(base).set_index("customer_id")
    assert table.loc["A", COLUMNS].tolist() == [1, 10, 30, 25.0]
    assert table.loc["B", COLUMNS].tolist() == [0, 0, 30, 0.0]
    assert table.loc["C", COLUMNS].tolist() == [0, 0, 0, 0.0]
    # D spent 30 and 10 and got 10 back for no order in particular: a quarter off each purchase.
    assert table.loc["D", COLUMNS].tolist() == [1, 15, 30, 7.5]
    account = summary_account(base)
    assert account.to_dict() == {
        "customers": 4, "purchases": 6, "merged_orders": 1, "refunded_orders": 1,
        "spread_refunds": 1, "zero_age": 1, "not_positive": 0,
    }  # fmt: skip
    counts = purchase_counts(base)
    assert (counts.customers, counts.left_out) == (3.0, 1.0)


def test_small_spends_are_spends_and_what_came_for_nothing_is_counted():
    rows = [("a", "2026-01-01", 9.0), ("a", "2026-01-05", 0.5), ("b", "2026-01-02", 3.0),
            ("b", "2026-01-09", 0.0), ("c", "2026-01-03", 0.0)]  # fmt: skip
    base = open_orders(rows)
    assert summary_account(base)["not_positive"] == 1
    table = purchase_summary(base).set_index("customer_id")
    assert table["monetary_value"].to_dict() == {"a": 0.5, "b": 0.0, "c": 0.0}


@pytest.mark.parametrize("opened", [kpilib.open, quick.opened])
def test_who_paid_nothing_stays_at_nothing_beside_the_refunds_of_others(opened):
    """By 0 / 0 the mean spend would be no number; money back on gifts makes no negative spend."""
    orders = pd.DataFrame(
        {
            "customer_id": list("aabbcc"),
            "ordered_at": pd.to_datetime(["2026-01-01", "2026-01-09"] * 3),
            "amount": [0.0, 0.0, 30.0, 10.0, 0.0, 0.0],
        }
    )
    refunds = pd.DataFrame(
        {
            "customer_id": ["b", "c"],
            "refunded_at": pd.to_datetime(["2026-01-20"] * 2),
            "amount": [10.0, 4.0],
        }
    )
    base = opened(orders=orders, refunds=refunds, as_of="2026-02-01")
    table = purchase_summary(base).set_index("customer_id")
    assert table["monetary_value"].to_dict() == {"a": 0.0, "b": 7.5, "c": 0.0}
    early = purchase_summary(base, "2026-01-20").set_index("customer_id")
    assert early.loc["b", "monetary_value"] == 10.0
    late = purchase_summary(base, "2026-01-21").set_index("customer_id")
    assert late.loc["b", "monetary_value"] == 7.5
    spread = [summary_account(base, end)["spread_refunds"] for end in ("2026-01-20", "2026-01-21")]
    assert spread == [0, 2]


def test_refunds_take_their_share_of_every_purchase_and_no_more_than_all():
    orders = pd.DataFrame(
        {
            "customer_id": list("aabbccd"),
            "ordered_at": pd.to_datetime(["2026-01-01", "2026-01-09"] * 3 + ["2026-01-01"]),
            "amount": [30.0, 10.0, 4.0, 6.0, 0.3, 0.2, 8.0],
        }
    )
    refunds = pd.DataFrame(
        {
            "customer_id": list("aabcd"),
            "refunded_at": pd.to_datetime(["2026-01-20"] * 5),
            "amount": [6.0, 4.0, 20.0, 0.1, 2.0],
        }
    )
    base = quick.opened(orders=orders, refunds=refunds, as_of="2026-02-01")
    later = purchase_summary(base).set_index("customer_id")["monetary_value"]
    assert later.to_dict() == pytest.approx({"a": 7.5, "b": 0.0, "c": 0.16, "d": 0.0})
    table = purchase_summary(base, include_first=True).set_index("customer_id")
    assert table["frequency"].to_dict() == {"a": 2, "b": 2, "c": 2, "d": 1}
    means = table["monetary_value"].to_dict()
    assert means == pytest.approx({"a": 15.0, "b": 0.0, "c": 0.2, "d": 6.0})


def test_an_account_is_of_what_lies_before_its_end():
    rows = [("a", "2026-01-01", 9.0), ("a", "2026-01-05", 3.0), ("b", "2026-01-05", 3.0)]
    base = open_orders(rows, as_of="2026-02-01")
    before, after = (summary_account(base, end) for end in ("2026-01-05", "2026-01-06"))
    assert before[["customers", "purchases", "zero_age"]].tolist() == [1, 1, 0]
    assert after[["customers", "purchases", "zero_age"]].tolist() == [2, 3, 1]
    assert after["spread_refunds"] == after["refunded_orders"] == 0
    with pytest.raises(InputError, match="there is no purchase before 2026-01-01"):
        as_until(base, "2026-01-01")
    assert as_until(base, "2026-01-02") == base.first_day + 1
    assert as_until(base, "2026-02-01") == base.as_of


def test_a_cohort_of_nobody_has_no_histories_and_a_base_without_purchases_is_refused(sample):
    nobody = purchase_counts(sample, acquired=Period.month("1997-06"))
    assert len(nobody) == 0 and nobody.customers == 0.0
    with pytest.raises(InputError, match="there is no purchase before 1997-01-01"):
        purchase_counts(sample, "1997-01-01")
    one_day = purchase_counts(sample, "1997-01-02")
    assert one_day.left_out > 0 and one_day.customers == 0


def test_an_attribute_comes_with_it_and_a_missing_one_is_named():
    orders = pd.DataFrame(
        {
            "customer_id": [1, 2, 1],
            "ordered_at": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-02-10"]),
            "amount": [1.0, 2.0, 3.0],
            "country": ["VN", None, "CN"],
        }
    )
    table = purchase_summary(quick.opened(orders=orders), by="country")
    assert table["country"].tolist() == ["VN", "(missing)"]


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("1999-01-01", "until 1999-01-01 is beyond the data, complete before 1998-07-01"),
        ("1996-01-01", "there is no purchase before 1996-01-01; the data begin on 1997-01-01"),
        ("yesterday", "until = 'yesterday' is not a date"),
    ],
)
def test_an_end_outside_the_data_is_refused(sample, until, words):
    with pytest.raises(InputError, match=words):
        purchase_summary(sample, until)
