"""Acquisition from hand-made rows: spend of types and days, channels, cohorts and their payback."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.demo import tiny_shop, tiny_tables
from kpilib.questions.values import Status
from kpilib.statistics import intervals
from tests import quick
from tests.engines.frames import to_polars, to_spark

MARCH = "2026-03"


def opened(tables=None, how=quick.opened, **options):
    options = {"lapse_window": 45, "currency": "GBP", "as_of": date(2026, 5, 1)} | options
    return how(**(tables or tiny_tables()), **options)


def parts(table):
    return {value.segment: (value.numerator, value.denominator, value.value) for value in table}


def test_the_texts_example_is_five_hundred_with_the_limits_of_two_hundred():
    orders = pd.DataFrame(
        {"customer_id": range(1, 201), "ordered_at": "2026-03-05", "amount": 10.0}
    )
    spend = pd.DataFrame({"date": ["2026-03-01"], "amount": [100_000.0]})
    found = opened({"orders": orders, "marketing_spend": spend}).kpi("cac", MARCH)
    assert (found.value, found.numerator, found.denominator, found.n) == (500, 100_000, 200, 200)
    assert (round(found.low), round(found.high)) == (435, 577)


def test_types_of_cost_are_compared_without_case_and_missing_means_marketing():
    tables = tiny_tables()
    tables["marketing_spend"] = pd.DataFrame(
        {
            "date": ["2026-03-01"] * 4,
            "channel": ["ads"] * 4,
            "cost_type": [" Marketing ", None, "SALES", "other"],
            "amount": [1.0, 2.0, 4.0, 8.0],
        }
    )
    assert opened(tables).kpi("cac", MARCH).numerator == 7
    only = opened(tables, acquisition={"cost_types": ["other"]})
    assert only.kpi("cac", MARCH).numerator == 8
    assert "other" in only.kpi("cac", MARCH).notes[0].en


@pytest.mark.parametrize(
    ("day", "counted"), [("02-21", 0), ("02-22", 1), ("03-24", 1), ("03-25", 0)]
)
def test_spend_leads_its_customers_by_the_lag(day, counted):
    tables = tiny_tables()
    tables["marketing_spend"] = pd.DataFrame({"date": [f"2026-{day}"], "amount": [50.0]})
    found = opened(tables, acquisition={"lag_days": 7}).kpi("cac", MARCH)
    assert found.numerator == 50 * counted


def test_spend_without_new_customers_is_shown_and_undefined():
    found = tiny_shop().kpi("cac", "2026-04")
    assert (found.status, found.value, found.numerator) == (Status.UNDEFINED, None, 0)
    assert "nobody was won" in found.reason.en


def test_cost_by_channel_is_the_only_breakdown():
    shop = tiny_shop()
    assert parts(shop.kpi("cac", "2026-01", by="acquisition_channel")) == {
        "ads": (90, 2, 45),
        "web": (30, 2, 15),
    }
    with pytest.raises(kpilib.InputError, match="marketing_spend knows only its channel"):
        shop.kpi("cac", "2026-01", by="country")


def test_channels_are_words_and_add_up_to_the_whole():
    tables = tiny_tables()
    tables["customers"]["acquisition_channel"] = ["WEB", "ads ", None, "Mail", "ads", "web"]
    shop = opened(tables)
    found, whole = parts(shop.kpi("cac_by_channel", "2026-01")), shop.kpi("cac", "2026-01")
    assert found == {"(missing)": (0, 1, 0), "WEB": (30, 1, 30), "ads": (90, 2, 45)}
    assert sum(part[0] for part in found.values()) == whole.numerator
    assert sum(part[1] for part in found.values()) == whole.denominator


@pytest.mark.parametrize("gone", [0, 4])
def test_the_new_share_has_the_limits_of_a_share_and_beyond_one_those_of_a_ratio(gone):
    """Three who were there and two new ones close; those who came and went are above alone."""
    bought = [(f"old{n}", "2026-03-25") for n in range(3)] + [("new1", "2026-03-26")]
    bought += [(f"old{n}", "2026-01-02") for n in range(3)] + [("new2", "2026-03-31")]
    bought += [(f"gone{n}", "2026-03-04") for n in range(gone)]
    orders = pd.DataFrame(bought, columns=["customer_id", "ordered_at"]).assign(amount=1.0)
    found = opened({"orders": orders}, lapse_window=10).kpi("acquisition_rate", MARCH)
    n = 2 + gone
    assert (found.numerator, found.denominator, found.value) == (n, 5, n / 5)
    low, high = intervals.ratio_delta(n, 5, n, 2, 5, 3 + n) if gone else intervals.wilson(n, 5)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)))


@pytest.mark.parametrize(("attribution", "lacking"), [
    ("recorded", "the column acquisition_channel"), ("linear", "interactions"),
])  # fmt: skip
def test_channels_need_what_their_rule_reads(attribution, lacking):
    tables = {name: tiny_tables()[name] for name in ("orders", "marketing_spend")}
    tables["customers"] = pd.DataFrame({"customer_id": ["An"]})
    found = opened(tables, acquisition={"attribution": attribution}).kpi("cac_by_channel", MARCH)
    (found,) = _several(found)
    assert found.status is Status.UNAVAILABLE and lacking in found.reason.en


def touched(attribution):
    """Ann came after four touches of three channels, Bob after one too early and one too late."""
    tables = {
        "orders": pd.DataFrame(
            {
                "customer_id": ["Ann", "Bob"],
                "ordered_at": ["2026-03-20 12:00", "2026-03-21 12:00"],
                "amount": [1.0, 1.0],
            }
        ),
        "marketing_spend": pd.DataFrame({"date": ["2026-03-01"], "amount": [1.0]}),
        "interactions": pd.DataFrame(
            [
                ("Ann", "2026-02-18 09:00", "early"),
                ("Ann", "2026-03-06 09:00", "mail"),
                ("Ann", "2026-03-13 09:00", "ads"),
                ("Ann", "2026-03-20 12:00", "mail"),
                ("Ann", "2026-03-20 12:01", "late"),
                ("Bob", "2026-02-18 23:59", "early"),
                ("Bob", "2026-03-22 09:00", "late"),
            ],
            columns=["customer_id", "event_at", "channel"],
        ),
    }
    shop = opened(tables, acquisition={"attribution": attribution}, time_zone="UTC")
    found = shop.kpi("cac_by_channel", MARCH)
    return {value.segment: value.denominator for value in found if value.denominator}


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [
        ("first", {"early": 1, "(missing)": 1}),
        ("last", {"mail": 1, "(missing)": 1}),
        ("linear", {"early": 1 / 4, "mail": 1 / 2, "ads": 1 / 4, "(missing)": 1}),
    ],
)
def test_touches_share_out_a_customer(attribution, expected):
    assert touched(attribution) == pytest.approx(expected)


def test_a_touch_loses_half_its_weight_in_a_half_life():
    weights = 2.0 ** (-np.array([30, 14, 7, 0]) / 7)
    early, mail, ads, last = weights / weights.sum()
    expected = {"early": early, "mail": mail + last, "ads": ads, "(missing)": 1}
    assert touched("time_decay") == pytest.approx(expected)


def test_advertising_returns_what_customers_of_its_channels_paid():
    tables = tiny_tables()
    tables["customers"]["acquisition_channel"] = ["web", "Ads", "web", "ADS", "ads", "web"]
    shop = opened(tables)
    found = shop.kpi("ad_roi", "2026-01")
    # Binh 50 and Eve 30 by ads, An 20 and Chen 10 by web; all of it was spent on marketing.
    assert (found.numerator, found.denominator) == (110, 120)
    low, high = intervals.compound_total(110, 50**2 + 30**2 + 20**2 + 10**2)
    assert (found.low, found.high) == pytest.approx((low / 120, high / 120))
    # In March the web had no advertising, only sales; nobody came by ads.
    assert shop.kpi("ad_roi", MARCH).value == 0
    assert shop.kpi("sales_efficiency", MARCH).value == pytest.approx(80 / 60)
    empty = shop.kpi("ad_roi", "2026-04")
    assert (empty.status, empty.denominator) == (Status.UNDEFINED, 0)


def cohort(spend, **options):
    """Two customers of January 2025 who bring 100 at once, then 60 in the fourth month."""
    orders = pd.DataFrame(
        [("A", "2025-01-10", 70.0), ("B", "2025-01-20", 30.0), ("A", "2025-04-20", 60.0)],
        columns=["customer_id", "ordered_at", "amount"],
    )
    spending = pd.DataFrame({"date": ["2025-01-15"], "amount": [float(spend)]})
    tables = {"orders": orders, "marketing_spend": spending}
    return opened(tables, lapse_window=90, as_of=date(2026, 3, 1), **options)


def test_value_to_cost_is_of_the_customers_won_a_horizon_before():
    found = cohort(80).kpi("ltv_cac", "2026-01")
    assert (found.value, found.numerator, found.denominator) == (2.0, 80.0, 40.0)
    low, high = intervals.compound_total(160, 130**2 + 30**2)
    assert (found.low, found.high) == pytest.approx((low / 80, high / 80))
    half = cohort(80, value={"margin": 0.5}).kpi("ltv_cac", "2026-01")
    assert half.value == 1.0


@pytest.mark.parametrize(
    ("spend", "month"), [(1, 1), (100, 1), (100.01, 4), (160, 4), (160.01, None)]
)
def test_payback_is_the_first_month_that_reaches_the_cost(spend, month):
    found = cohort(spend).kpi("cac_payback", "2026-01")
    assert found.value == month
    assert (found.status is Status.UNDEFINED) == (month is None)
    if month is None:
        assert found.reason.en == "not paid back within 12 months"


def test_limits_of_payback_are_where_the_limits_of_the_money_reach_it():
    found = cohort(100).kpi("cac_payback", "2026-01")
    # 100 by month 1 with a spread of 1.96 x 76.2, 160 with 1.96 x 133.4: the lower is never there.
    assert (found.low, found.value, found.high) == (1, 1, None)
    assert str(found.unit) == "months"


def paying(*payments, spend=100.0, **options):
    """A customer of the 31st of January 2024 who pays so much so many days later, and one order."""
    begun = pd.Timestamp("2024-01-31")
    orders = pd.DataFrame(
        [("A", begun + pd.Timedelta(days=age), amount) for age, amount in payments],
        columns=["customer_id", "ordered_at", "amount"],
    )
    spending = pd.DataFrame({"date": ["2024-01-15"], "amount": [spend]})
    tables = {"orders": orders, "marketing_spend": spending}
    return opened(tables, lapse_window=90, as_of=date(2028, 3, 1), **options)


@pytest.mark.parametrize(
    ("age", "month"),
    [(0, 1), (29, 1), (30, 2), (60, 2), (61, 3), (333, 11), (334, 11), (335, 12), (364, 12)],
)
def test_a_month_of_payback_ends_on_the_day_that_so_many_months_are(age, month):
    """k months are 365.25 k / 12 days, rounded: 30, 61, 91 … 335, 365."""
    assert paying((0, 1.0), (age, 99.0)).kpi("cac_payback", "2025-01").value == month


@pytest.mark.parametrize(
    ("months", "last", "asked"), [(12, 365, "2025-01"), (24, 730, "2026-01"), (5, 152, "2024-06")]
)
def test_what_is_paid_after_the_horizon_pays_nothing_back(months, last, asked):
    horizon = {"months": months}
    late = paying((0, 1.0), (last, 99.0), value=horizon).kpi("cac_payback", asked)
    assert (late.value, late.numerator) == (None, 1)
    assert late.reason.en == f"not paid back within {months} months"
    in_time = paying((0, 1.0), (last - 1, 99.0), value=horizon)
    found = in_time.kpi("cac_payback", asked)
    assert (found.value, found.numerator, found.denominator, found.n) == (months, 100, 100, 1)
    assert in_time.kpi("ltv_cac", asked).value == 1


def test_a_payback_without_customers_or_spend_says_which_is_lacking():
    shop = paying((0, 1.0))
    nobody, nothing = shop.kpi("cac_payback", "2025-02"), paying((0, 1.0), spend=0.0)
    assert (nobody.value, nobody.reason.en) == (None, "nobody was won in the period")
    found = nothing.kpi("cac_payback", "2025-01")
    assert (found.value, found.reason.en) == (None, "nothing was spent in the period")


@pytest.mark.parametrize(
    ("as_of", "status"), [("2026-03-01", Status.INCOMPLETE), ("2026-03-02", Status.COMPLETE)]
)
def test_a_cohort_is_watched_when_its_last_customer_has_been_for_the_horizon(as_of, status):
    """Who came on the 31st of January has been watched for thirty days with the first of March."""
    tables = {
        "orders": pd.DataFrame({"customer_id": ["A", "B"], "amount": [1.0, 2.0],
                                "ordered_at": ["2025-12-01", "2026-01-31"]}),
        "marketing_spend": pd.DataFrame({"date": ["2026-01-15"], "amount": [1.0]}),
    }  # fmt: skip
    shop = opened(tables, as_of=pd.Timestamp(as_of).date(), value={"months": 1})
    for kpi_id in ("ltv_cac", "cac_payback"):
        assert shop.kpi(kpi_id, "2026-02").status is status


def test_a_period_that_is_not_over_is_not_complete_though_its_cohort_has_been_watched():
    """Of March 2023 to the end of a leap year's March there are 366 days, one more than watched."""
    bought = pd.DataFrame({"customer_id": ["A"], "ordered_at": ["2023-03-05"], "amount": [1.0]})
    spent = pd.DataFrame({"date": ["2023-03-01"], "amount": [1.0]})
    shop = opened({"orders": bought, "marketing_spend": spent}, as_of=date(2024, 3, 31))
    assert shop.kpi("ltv_cac", "2024-03").status is Status.INCOMPLETE


def test_cohorts_wait_until_all_were_watched():
    early = cohort(80)
    assert early.kpi("ltv_cac", "2026-02").status in (Status.UNDEFINED, Status.COMPLETE)
    running = opened(
        {
            "orders": pd.DataFrame(
                {"customer_id": ["A"], "ordered_at": ["2025-03-10"], "amount": [1.0]}
            ),
            "marketing_spend": pd.DataFrame({"date": ["2025-03-15"], "amount": [1.0]}),
        },
        as_of=date(2026, 3, 31),
    )
    assert running.kpi("ltv_cac", "2026-03").status is Status.INCOMPLETE


def test_costs_of_customers_are_taken_off():
    orders = pd.DataFrame({"customer_id": ["A"], "ordered_at": ["2025-01-10"], "amount": [100.0]})
    tables = {
        "orders": orders,
        "marketing_spend": pd.DataFrame({"date": ["2025-01-15"], "amount": [50.0]}),
        "customer_costs": pd.DataFrame(
            {
                "customer_id": ["A", "A", "A"],
                "date": ["2025-01-09", "2025-02-10", "2026-01-10"],
                "amount": [7.0, 20.0, 9.0],
            }
        ),
    }
    found = opened(tables, as_of=date(2026, 3, 1)).kpi("ltv_cac", "2026-01")
    assert found.numerator == 80


IDS = ("cac", "cac_by_channel", "ad_roi", "sales_efficiency")


def numbers(shop):
    values = [value for kpi_id in IDS for value in _several(shop.kpi(kpi_id, MARCH))]
    return [(v.id, v.segment, v.value, v.low, v.high, v.numerator, v.denominator) for v in values]


def _several(found):
    return [found] if hasattr(found, "id") else list(found)


def test_polars_answers_alike():
    expected = numbers(opened(how=kpilib.open))
    assert numbers(opened(to_polars(tiny_tables()))) == expected


@pytest.mark.filterwarnings("ignore")
def test_spark_answers_alike(spark):
    assert numbers(opened(to_spark(spark, tiny_tables()))) == numbers(opened(how=kpilib.open))
