"""Which reading gives a number: the one it was made by is found, and none where there is none."""

import random
from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from kpilib.lessons.compare import stacked, variations
from kpilib.lessons.compare.facts import Facts
from kpilib.lessons.compare.printed import Wanted, read_number
from kpilib.lessons.compare.reconcile import look_up, reconcile, search
from kpilib.lessons.compare.variations import bounds, in_zone
from kpilib.periods import Period
from kpilib.show.reconciled import reconciled_text
from kpilib.words import Amount, Unit
from tests.lessons.test_compare import contracts


@pytest.fixture(scope="module")
def shop():
    """Eighty customers who buy at all hours, two test accounts, some refunds."""
    draw = np.random.default_rng(3)
    size = 420
    orders = pd.DataFrame(
        {
            "order_id": range(size),
            "customer_id": draw.integers(1, 80, size),
            "ordered_at": pd.Timestamp("2025-09-01")
            + pd.to_timedelta(draw.integers(0, 300 * 24 * 60, size), unit="min"),
            "amount": draw.integers(5, 90, size).astype(float),
        }
    )
    back = orders.sample(25, random_state=1)
    refunds = pd.DataFrame(
        {
            "order_id": back["order_id"],
            "refunded_at": back["ordered_at"] + pd.Timedelta(days=3),
            "amount": back["amount"],
        }
    )
    customers = pd.DataFrame({"customer_id": range(1, 80)})
    customers["is_test"] = customers["customer_id"].isin([5, 9])
    return kpilib.open(
        orders=orders,
        refunds=refunds,
        customers=customers,
        time_zone="Asia/Ho_Chi_Minh",
        currency="EUR",
        lapse_window=45,
        as_of=date(2026, 6, 1),
    )


@pytest.fixture(scope="module")
def churn(shop):
    with pytest.MonkeyPatch.context() as few:
        few.setattr(variations, "ZONES", ("UTC", "America/Los_Angeles"))
        few.setattr(variations, "WINDOWS", (365,))
        return search("churn_rate", shop, "2026-03")


def test_a_hidden_reading_is_found_by_its_number(churn):
    drawn = random.Random(1)
    for _ in range(100):
        hidden = drawn.choice(churn.readings)
        number = read_number(f"{100 * hidden.value:.1f}%", Unit.SHARE)
        assert hidden.same in {one.same for one in churn.fits(number)}


def test_readings_laid_together_give_what_each_gives_alone(churn):
    drawn = random.Random(2)
    for one in drawn.sample(churn.readings, 12):
        rows = tuple(row for row in one.setup.rows if row != "first month")
        cut = bounds(churn.period)[one.setup.bounds]
        facts = Facts(churn.records.of(one.setup.zone, rows), (cut,), one.setup.window)
        facts = facts.without_first() if "first month" in one.setup.rows else facts
        assert one.rule.count(facts).value(0) == pytest.approx(one.value, rel=1e-12), one


@pytest.mark.parametrize("kpi_id", ["buyers", "complaint_rate", "first_response_time"])
def test_the_first_reading_of_every_kind_of_topic_is_our_own(small_business, kpi_id, monkeypatch):
    monkeypatch.setattr(variations, "ZONES", ("UTC",))
    monkeypatch.setattr(variations, "WINDOWS", ())
    monkeypatch.setattr(stacked, "MOST_ROWS", 10_000)
    value = small_business.kpi(kpi_id, "2026-06").value
    assert search(kpi_id, small_business, "2026-06").own.value == pytest.approx(value, rel=1e-12)


def test_where_nothing_gives_a_number_it_says_none_and_the_nearest(churn):
    found = look_up(churn, "churn_rate", read_number("97.123%", Unit.SHARE))
    assert found.fits == () and len(found.near) == 3
    assert "No reading gives this number" in str(found)


def test_our_own_number_is_found_first(churn, shop):
    own = shop.kpi("churn_rate", "2026-03").value
    found = look_up(churn, "churn_rate", read_number(f"{100 * own:.3f}%", Unit.SHARE))
    assert found.fits[0].changes == 0 and "Our own definition" in str(found)
    assert churn.own.value == own


def test_every_axis_is_searched(churn):
    setups = [one.setup for one in churn.readings]
    assert {one.zone for one in setups} >= {None, "UTC", "America/Los_Angeles"}
    assert {one.window for one in setups} >= {None, 22, 90, 365}
    assert {one.bounds for one in setups} == {
        "", "without last", "with next", "later", "earlier", "thirty", "weeks",
    }  # fmt: skip
    assert {row for one in setups for row in one.rows} == {"refunds", "tests", "first month"}


def test_another_time_zone_puts_events_on_its_own_days(shop):
    there = in_zone(shop, "America/Los_Angeles")
    table = there.engine.collect(there.tables["orders"])
    moments = pd.to_datetime(table["ordered_second"], unit="s", utc=True)
    days = moments.dt.tz_convert("America/Los_Angeles").dt.date
    assert (pd.to_datetime(table["ordered_day"], unit="D").dt.date == days).all()


def test_stripe_s_churn_is_told_from_ours_with_its_customers():
    base = contracts()
    found = reconcile("churn_rate", "5.8%", base, "2026-03")
    assert found.fits[0].rule.id == "stripe" and found.fits[0].changes == 1
    assert found.fits[0].differs.customers == 200
    assert {"5.8%", "200"} <= set(str(found).replace("(", " ").split())
    assert reconcile("churn_rate", "7", base, "2026-03").fits[0].rule.id == "baremetrics"


def test_dates_without_a_clock_ask_no_other_time_zone():
    found = search("churn_rate", contracts(), "2026-03")
    assert {one.setup.zone for one in found.readings} == {None}


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("5.8%", Unit.SHARE, 0.0575, 0.0585),
        ("5,8%", Unit.SHARE, 0.0575, 0.0585),
        ("0.058", Unit.SHARE, 0.0575, 0.0585),
        ("6", Unit.SHARE, 0.055, 0.065),
        ("1,940", Unit.COUNT, 1939.5, 1940.5),
        ("3.79", Unit.HOURS, 3.785, 3.795),
        ("1.234", Unit.COUNT, 1233.5, 1234.5),
        ("1.234", Unit.RATIO, 1.2335, 1.2345),
        ("€1,234.50", Unit.MONEY, 1234.495, 1234.505),
        ("1.234.567,5 EUR", Unit.MONEY, 1234567.45, 1234567.55),
        ("-12%", Unit.SHARE, -0.125, -0.115),
    ],
)
def test_a_printed_number_reaches_as_far_as_its_last_digit(text, unit, low, high):
    wanted = read_number(text, unit)
    assert (wanted.low, wanted.high) == pytest.approx((low, high))
    assert (
        isinstance(wanted, Wanted)
        and wanted.holds(low)
        and not wanted.holds(high + abs(high) / 1000)
    )


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("lang", ["en", "vi", "zh"])
def test_what_the_library_prints_it_reads_as_well(unit, lang):
    for number in (0.25, 7.0, 1234.5, 1_234_567.0):
        shown = Amount(number, unit, "EUR").of(lang)
        assert read_number(shown, unit).holds(round(number) if unit is Unit.COUNT else number), (
            shown
        )


@pytest.mark.parametrize("text", ["about six", "5k", "six days", "1,2,3", ""])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError, match="is not a number"):
        read_number(text, Unit.SHARE)


def test_a_month_of_thirty_days_is_cut_once():
    names = bounds(Period.month("2026-04"))
    assert "thirty" not in names and len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("count", "also", "words"),
    [
        (1, 1, "1 further reading counts the same customers as one of these."),
        (1, 2, "2 further readings count the same customers as these."),
        (2, 0, "1 further reading fits, with more changes than these."),
        (3, 0, "2 further readings fit, each with more changes than these."),
    ],
)
def test_further_readings_are_counted_in_words_that_agree(count, also, words):
    one = {"value": 0.058, "unit": "share", "changes": 1, "name": "x", "by": [], "setup": [],
           "differs": []}  # fmt: skip
    said = {"asked": "5.8%", "id": "churn_rate", "ours": None, "fits": [one], "nearest": [],
            "count": count, "also": also, "currency": None}  # fmt: skip
    assert reconciled_text(said, "2026-03", "en").splitlines()[-1] == words
