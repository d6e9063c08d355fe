"""Cohorts against plain pandas, against businesses whose truth is known, and with bad input."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib import InputError
from kpilib.analyses.cohorts import AVERAGE, cohorts, triangle
from kpilib.statistics.intervals import wilson
from kpilib.words import MISSING
from tests import quick
from tests.generate import (
    bgnbd_purchases,
    contracts,
    halving_contracts,
    small_businesses,
    steady_buyers,
)

RETAIL = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail.parquet"


def shop(orders, **options):
    return quick.opened(orders=orders, time_zone="UTC", **options)


def subscriptions(table, as_of):
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    return shop(orders, subscriptions=table, as_of=as_of)


@pytest.fixture(scope="module")
def retail():
    if not RETAIL.exists():
        pytest.skip("the Online Retail file is not beside the checkout")
    lines = pd.read_parquet(RETAIL)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])
    return lines.groupby("InvoiceNo", as_index=False).agg(
        customer_id=("CustomerID", "first"),
        ordered_at=("InvoiceDate", "first"),
        amount=("amount", "sum"),
    )


def test_online_retail_equals_plain_pandas_cell_by_cell(retail):
    table = cohorts(shop(retail.drop(columns="InvoiceNo")))
    month = retail["ordered_at"].dt.to_period("M")
    first = month.groupby(retail["customer_id"]).transform("min")
    plain = retail.assign(
        cohort=first.astype(str), age=month.astype("int64") - first.astype("int64")
    ).groupby(["cohort", "age"])
    cells = table[table["cohort"] != AVERAGE].set_index(["cohort", "age"])
    assert len(cells) == 13 * 14 / 2
    customers = plain["customer_id"].nunique().reindex(cells.index, fill_value=0)
    pd.testing.assert_series_equal(cells["customers"], customers, check_names=False)
    revenue = plain["amount"].sum().reindex(cells.index, fill_value=0.0)
    np.testing.assert_allclose(cells["revenue"], revenue, rtol=1e-9)
    np.testing.assert_allclose(cells["orders"], plain.size().reindex(cells.index, fill_value=0))


def test_online_retails_nine_days_of_december_are_marked_and_in_no_average(retail):
    table = cohorts(shop(retail.drop(columns="InvoiceNo")))
    december = table[table["period"] == "2011-12"]
    assert len(december) == 13 and set(december["state"]) == {"running"}
    assert december["low"].isna().all() and (december["eligible"] == 0).all()
    rest = table[(table["period"] != "2011-12") & (table["cohort"] != AVERAGE)]
    assert set(rest["state"]) == {"complete"}
    for row in table[table["cohort"] == AVERAGE].itertuples():
        of_age = rest[rest["age"] == row.age]
        assert row.customers == of_age["customers"].sum()
        assert row.retention == pytest.approx(of_age["customers"].sum() / of_age["size"].sum())
        assert row.cohorts == len(of_age)


def test_every_cell_has_its_count_and_wilson_interval(retail):
    table = cohorts(shop(retail.drop(columns="InvoiceNo")))
    over = table[table["state"] == "complete"]
    low, high = wilson(over["customers"], over["eligible"])
    np.testing.assert_allclose(over["low"], low)
    np.testing.assert_allclose(over["high"], high)


def test_steady_buyers_give_a_flat_curve_in_every_cohort_including_the_last():
    orders = steady_buyers(80, 8, chance=0.25)
    wide = triangle(cohorts(shop(orders, as_of="2024-09-01")))
    later = wide.drop(columns=0).to_numpy()
    assert np.all(later[~np.isnan(later)] == 0.25)
    assert wide.loc["2024-07", 1] == 0.25


def test_steady_buyers_cut_in_mid_month_do_not_seem_to_fall():
    orders = steady_buyers(80, 8, chance=0.25)
    cut = orders[orders["ordered_at"] < "2024-08-06"]
    table = cohorts(shop(cut, as_of="2024-08-06"))
    later = table[(table["age"] > 0) & (table["state"] == "complete")]
    assert (later["retention"] == 0.25).all()
    running = table[table["state"] == "running"]
    assert set(running["period"]) == {"2024-08"}
    assert (running.loc[running["age"] > 0, "retention"] < 0.25).all()


def test_constant_monthly_survival_is_flat_in_every_cohort_including_the_last():
    table = cohorts(subscriptions(halving_contracts(months=6, size=64), "2024-07-01"))
    cells = table[(table["age"] > 0)]
    assert (cells["kept"] == 0.5).all()
    assert triangle(table, "customers").loc["2024-05"].dropna().tolist() == [64, 32]


def test_random_contracts_survive_within_their_intervals():
    base = subscriptions(contracts(20_000, 24, monthly_survival=0.9, seed=5), "2026-01-01")
    table = cohorts(base)
    average = table[table["cohort"] == AVERAGE]
    np.testing.assert_allclose(average["kept"].dropna(), 0.9, atol=0.03)
    cells = table[(table["cohort"] != AVERAGE) & (table["age"] > 0)]
    truth = 0.9 ** cells["age"]
    covered = ((cells["low"] <= truth) & (truth <= cells["high"])).mean()
    assert 0.9 <= covered <= 0.99


def test_active_cohorts_close_like_the_ledger():
    base = shop(bgnbd_purchases(500, days=300, seed=6), lapse_window=60)
    table = cohorts(base, activity="active")
    wide = triangle(table, "customers").drop(AVERAGE)
    states = table[table["cohort"] != AVERAGE].groupby("period")["customers"].sum()
    ledger = base.ledger([kpilib.Period.month(month) for month in states.index])
    closing = base.engine.collect(ledger).groupby("period")["closing"].sum()
    assert states.tolist() == closing.tolist()
    assert wide.shape[0] == len(states)


def test_the_age_axis_counts_days_from_the_customers_own_first():
    orders = pd.DataFrame(
        {
            "customer_id": [1, 1, 1, 2],
            "ordered_at": pd.to_datetime(["2024-01-31", "2024-02-01", "2024-03-01", "2024-01-02"]),
            "amount": 1.0,
        }
    )
    base = shop(orders, as_of="2024-03-03")
    calendar = triangle(cohorts(base), "customers").loc["2024-01"]
    assert calendar.tolist() == [2, 1, 1]
    ages = cohorts(base, axis="age")
    assert ages["state"].tolist()[:3] == ["complete", "partly", "running"]
    # Customer 1's age 1 began on 1 March and is not over; customer 2's ended with nothing bought.
    assert ages["customers"].tolist()[:2] == [2, 0] and ages["eligible"].tolist()[:2] == [2, 1]


@pytest.mark.parametrize("axis", ["calendar", "age"])
@pytest.mark.parametrize("by", ["day", "week", "month", "quarter", "country"])
def test_cells_add_up_to_the_purchases(by, axis):
    orders = bgnbd_purchases(300, days=200, seed=7)
    orders["country"] = np.where(orders["customer_id"] % 3 == 0, "VN", "CN")
    table = cohorts(shop(orders), by, axis=axis)
    cells = table[table["cohort"] != AVERAGE]
    assert cells.drop_duplicates("cohort")["size"].sum() == 300
    assert cells.loc[cells["age"] == 0, "customers"].sum() <= 300
    if axis == "calendar" and by != "country":
        assert cells["orders"].sum() == len(orders)
        assert cells["revenue"].sum() == pytest.approx(orders["amount"].sum())
    lived = cells[cells["state"] == "complete"]
    assert ((lived["rolling"] >= lived["retention"] - 1e-12) | lived["retention"].isna()).all()
    if axis == "calendar" and by != "country":
        change = lived.groupby("cohort")["rolling"].diff()
        assert not (change > 1e-12).any()


def test_margin_is_a_share_or_what_the_costs_leave():
    orders = bgnbd_purchases(50, days=90, seed=8)
    costs = pd.DataFrame({"customer_id": [1], "date": [date(2024, 1, 1)], "amount": [5.0]})
    plain = cohorts(shop(orders), margin=0.4)
    np.testing.assert_allclose(plain["margin"], 0.4 * plain["revenue"])
    assert cohorts(shop(orders))["margin"].isna().all()
    settled = cohorts(shop(orders, value={"margin": 0.4}))
    pd.testing.assert_frame_equal(settled, plain)
    first = orders.loc[orders["customer_id"] == 1, "ordered_at"].min()
    costs["date"] = first.date()
    with_costs = cohorts(shop(orders, customer_costs=costs.assign(cost_type="service")))
    cells = with_costs[with_costs["cohort"] != AVERAGE]
    assert (cells["revenue"] - cells["margin"]).sum() == pytest.approx(5)
    both = cohorts(shop(orders, customer_costs=costs, value={"margin": 0.4}))
    cells = both[both["cohort"] != AVERAGE]
    assert (0.4 * cells["revenue"] - cells["margin"]).sum() == pytest.approx(5)
    np.testing.assert_allclose(
        triangle(plain, "cumulative_margin"), 0.4 * triangle(plain, "cumulative_value")
    )


def test_refunds_of_no_known_order_lower_the_revenue_of_their_cell():
    orders = pd.DataFrame(
        {
            "order_id": ["a", "b"],
            "customer_id": [1, 1],
            "ordered_at": pd.to_datetime(["2024-01-05", "2024-02-05"]),
            "amount": [10.0, 20.0],
        }
    )
    refunds = pd.DataFrame(
        {"refund_id": ["r"], "customer_id": [1], "refunded_at": ["2024-02-10"], "amount": [4.0]}
    )
    table = cohorts(shop(orders, refunds=refunds, as_of="2024-03-01"))
    assert table["revenue"].tolist()[:2] == [10, 16]


@pytest.mark.parametrize("name", list(small_businesses()))
@pytest.mark.parametrize("axis", ["calendar", "age"])
def test_small_businesses_give_a_table(name, axis):
    orders = small_businesses()[name]
    table = cohorts(shop(orders), axis=axis)
    size = table[table["cohort"] != AVERAGE].drop_duplicates("cohort")["size"]
    assert size.sum() == orders["customer_id"].nunique()
    assert not np.isinf(table.select_dtypes("number").to_numpy(float)).any()


def test_months_in_which_nobody_came_keep_their_row():
    table = cohorts(shop(small_businesses()["empty months"], as_of="2024-07-01"))
    wide = triangle(table, "retention")
    assert wide.index.tolist() == [f"2024-0{month}" for month in range(1, 7)] + [AVERAGE]
    assert wide.loc["2024-03"].isna().all()
    assert set(table.loc[table["cohort"] == "2024-03", "state"]) == {"complete"}
    assert triangle(table, "customers").loc["2024-01"].tolist() == [2, 1, 0, 0, 0, 0]


def test_customers_without_the_attribute_are_a_cohort_of_their_own():
    table = cohorts(shop(small_businesses()["missing attribute"]), "country")
    assert table["cohort"].drop_duplicates().tolist() == ["CN", "VN", MISSING, AVERAGE]
    assert table.drop_duplicates("cohort")["size"].tolist()[:3] == [1, 1, 1]


def test_the_latest_cohorts_only():
    base = shop(bgnbd_purchases(400, days=300, seed=9))
    everything, some = triangle(cohorts(base)), triangle(cohorts(base, last=3))
    assert some.index.tolist() == everything.index.tolist()[-4:]
    pd.testing.assert_frame_equal(
        some.drop(AVERAGE), everything.iloc[-4:-1, : some.shape[1]], check_names=False
    )


@pytest.mark.parametrize("options", [{}, {"axis": "age"}, {"activity": "active"}])
def test_a_period_gives_the_table_of_its_close(options):
    orders = bgnbd_purchases(300, days=300, seed=11)
    then = shop(orders[orders["ordered_at"] < "2024-06-01"], as_of="2024-06-01", lapse_window=40)
    now = shop(orders, lapse_window=40)
    pd.testing.assert_frame_equal(
        cohorts(now, period="2024-05", **options), cohorts(then, **options)
    )


def test_row_order_and_ids_change_nothing():
    orders = bgnbd_purchases(200, days=150, seed=10)
    mixed = orders.sample(frac=1, random_state=1).assign(
        customer_id=lambda table: "c" + (table["customer_id"] * 7 % 1009).astype(str)
    )
    pd.testing.assert_frame_equal(cohorts(shop(orders)), cohorts(shop(mixed)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "mnth"}, "by 'mnth': no such axis or attribute; did you mean 'month'"),
        ({"by": "contry"}, "did you mean 'country'"),
        ({"axis": "ages"}, "axis='ages'; did you mean 'age'"),
        ({"step": "hour"}, "step='hour'"),
        ({"activity": "sleeping"}, "activity='sleeping'; choose from: active, bought"),
        ({"last": 0}, "last=0"),
        ({"by": "country", "last": 3}, "last is how many units of time"),
    ],
)
def test_what_is_not_known_is_named(options, message):
    base = shop(small_businesses()["missing attribute"])
    with pytest.raises(InputError, match=message):
        cohorts(base, **options)


def test_an_unknown_measure_is_named():
    with pytest.raises(InputError, match="measure 'retantion' is not known; did you mean"):
        triangle(cohorts(shop(small_businesses()["ties"])), "retantion")


def test_ten_thousand_cohorts_are_refused_with_advice():
    days = pd.date_range("1995-01-01", periods=10_000, freq="D")
    orders = pd.DataFrame({"customer_id": np.arange(10_000), "ordered_at": days, "amount": 1.0})
    base = shop(orders.assign(code=orders["customer_id"].astype(str)))
    with pytest.raises(
        InputError, match=r"would be 10,000, more than 1,000 .* a wider unit or last"
    ):
        cohorts(base, "day")
    with pytest.raises(InputError, match="an attribute with fewer values"):
        cohorts(base, "code")
    assert cohorts(base, "day", last=5)["cohort"].nunique() == 6
