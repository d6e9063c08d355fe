"""What cannot be observed is not measured: a day before, on and after each rule's boundary."""

from datetime import date, timedelta

import pandas as pd
import pytest

import kpilib
from kpilib.analyses import survival_summary
from kpilib.clv import diagnose_base
from kpilib.questions.values import Status

FIRST = date(2025, 1, 1)
WINDOW = 40


@pytest.fixture(scope="module")
def base():
    """Every ten days one comes for the only time; one comes every month."""
    rows = [(f"once {k}", FIRST + timedelta(days=10 * k), 10.0) for k in range(50)]
    rows += [("often", FIRST + timedelta(days=30 * k), 20.0) for k in range(20)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return kpilib.open(orders=orders, as_of="2026-06-01", time_zone="UTC", lapse_window=WINDOW)


def between(opens, closes):
    """A period by how many days after the records begin it opens and closes."""
    return f"{FIRST + timedelta(days=opens)}/{FIRST + timedelta(days=closes)}"


@pytest.mark.parametrize(
    ("closes", "status"),
    [(WINDOW - 1, "undefined"), (WINDOW, "undefined"), (WINDOW + 1, "provisional")],
)
@pytest.mark.parametrize("kpi", ["churn_rate", "retention_rate", "average_customer_lifetime"])
def test_losses_can_be_seen_once_the_window_has_passed(base, kpi, closes, status):
    found = base.kpi(kpi, between(20, closes))
    assert str(found.status) == status
    assert (found.value is None) == (status == "undefined")
    assert "the records begin" in found.reason.en


@pytest.mark.parametrize(
    ("opens", "status"), [(WINDOW - 1, "provisional"), (WINDOW, "complete"), (50, "complete")]
)
@pytest.mark.parametrize("kpi", ["churn_rate", "new_customers", "returning_customer_rate"])
def test_a_period_that_opens_after_the_window_is_whole(base, kpi, opens, status):
    assert str(base.kpi(kpi, between(opens, 90)).status) == status


def test_what_could_not_be_observed_is_compared_with_nothing(base):
    found = base.kpi("churn_rate", between(40, 80))
    assert found.status is Status.COMPLETE and found.previous is None


@pytest.mark.parametrize(
    ("month", "status"),
    [("2025-11", "undefined"), ("2025-12", "provisional"), ("2026-02", "complete")],
)
def test_nobody_is_long_standing_before_the_records_are(base, month, status):
    assert str(base.kpi("long_term_customer_share", month).status) == status


@pytest.mark.parametrize(
    ("closes", "status"),
    [
        ("2025-12-31", "undefined"),
        ("2026-01-01", "provisional"),
        ("2026-02-09", "provisional"),
        ("2026-02-10", "complete"),
    ],
)
def test_long_standing_begins_a_year_after_the_records_and_their_window(base, closes, status):
    assert str(base.kpi("long_term_customer_share", f"2025-12-20/{closes}").status) == status


@pytest.mark.parametrize(
    ("closes", "status"), [(364, "provisional"), (365, "complete"), (366, "complete")]
)
def test_loyalty_looks_back_as_far_as_its_rule(base, closes, status):
    assert str(base.kpi("loyal_customers", between(340, closes)).status) == status


def test_a_first_month_that_is_partial_is_not_called_complete():
    rows = [("A", "2026-01-10", 10.0), ("A", "2026-02-10", 10.0), ("A", "2026-03-10", 10.0)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    base = kpilib.open(orders=orders, as_of="2026-04-01", lapse_window=30)
    first, second = (base.kpi("average_purchase_value", f"2026-0{m}") for m in (1, 2))
    assert (first.status, second.status) == (Status.PROVISIONAL, Status.COMPLETE)
    assert first.reason.en == "the records begin on 2026-01-10, within the period"


def test_contracts_know_their_beginnings():
    contracts = pd.DataFrame({"customer_id": [1, 2], "started_at": "2026-01-01"})
    contracts["ended_at"] = ["2026-01-20", None]
    base = kpilib.open(subscriptions=contracts, as_of="2026-04-01")
    assert base.kpi("churn_rate", "2026-02").status is Status.COMPLETE


def test_a_half_life_that_only_repeats_the_window_is_none(base):
    assert pd.isna(survival_summary(base).iloc[0]["median"])
    assert base.kpi("average_customer_lifetime", "2026-05").details["median"] is None
    assert survival_summary(base, "second_purchase").iloc[0]["customers"] == 51


def test_the_doctor_questions_a_window_of_more_than_a_third_of_the_records():
    rows = [(k, FIRST + timedelta(days=k % 30), 10.0) for k in range(60)]
    rows += [(k, FIRST + timedelta(days=k % 30 + 50), 10.0) for k in range(60)]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    names = {
        given: [one.name for one in diagnose_base(kpilib.open(orders=orders, lapse_window=given))]
        for given in (None, 60)
    }
    assert "lapse_window_long" in names[None] and "lapse_window_long" not in names[60]
