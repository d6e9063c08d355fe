"""Breakdowns: by a column of the rows, by an attribute of their customers, or refused by name."""

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

import kpilib
from kpilib.activity.business import Business
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.questions.breakdown import row_dimensions
from kpilib.registry.definitions import _DEFINITIONS, kpi
from kpilib.statistics import Count, Known, Quotient, Share
from kpilib.words import Text, Unit
from tests import quick
from tests.quick import tiny_shop

APRIL = "2026-04"


def named(name):
    return Text(name)


@pytest.fixture
def throw_away():
    """KPIs that are there for one test: tickets that are complaints, and a cost of acquisition."""

    @kpi(
        name=named("Complaints among tickets"),
        formula="c",
        unit=Unit.SHARE,
        better="lower",
        tables=("tickets",),
    )
    def complaints_among_tickets(base: Business, periods: tuple[Period, ...]) -> Share:
        """Complaints over tickets."""
        return Share(base.events("tickets", periods), nw.col("type") == "complaint")

    @kpi(
        name=named("Cost"),
        formula="c",
        unit=Unit.MONEY,
        better="lower",
        tables=("orders", "marketing_spend"),
        breakdowns={"colour": "complaints_among_tickets"},
    )
    def cost(base: Business, periods: tuple[Period, ...]) -> Quotient:
        """Spend over new customers."""
        spend = Known(base.events("marketing_spend", periods), nw.col("amount"))
        return Quotient(spend, Count(base.ledger(periods), nw.col("new")))

    yield
    del _DEFINITIONS["complaints_among_tickets"], _DEFINITIONS["cost"]


def segments(table):
    return {value.segment: (value.numerator, value.denominator) for value in table}


@pytest.mark.usefixtures("throw_away")
def test_rows_are_broken_down_by_a_column_of_their_own():
    found = segments(tiny_shop().kpi("complaints_among_tickets", APRIL, by="channel"))
    assert found == {"email": (0, 1), "phone": (1, 1)}


@pytest.mark.usefixtures("throw_away")
def test_rows_are_broken_down_by_their_customers_attribute():
    by = "acquisition_channel"
    found = segments(tiny_shop().kpi("complaints_among_tickets", APRIL, by=by))
    assert found == {"ads": (0, 1), "(missing)": (1, 1)}


def test_customers_with_a_segment_are_still_broken_down_by_anything_else():
    people = pd.DataFrame({
        "customer_id": [1, 2, 3],
        "country": ["VN", "VN", "DE"],
        "segment": ["office", "student", "office"],
        "created_at": ["2025-01-01"] * 3,
    })  # fmt: skip
    orders = pd.DataFrame({"customer_id": [1, 2, 3], "ordered_at": "2026-04-02", "amount": 5.0})
    base = quick.opened(orders=orders, customers=people, time_zone="UTC", lapse_window=30)
    cells = base.kpi("dq_completeness", base.period(), by="segment")[0].denominator / 2
    assert segments(base.kpi("dq_completeness", base.period(), by="country")) == {
        "DE": (cells, cells),
        "VN": (2 * cells, 2 * cells),
    }


@pytest.mark.usefixtures("throw_away")
def test_a_kpi_with_few_breakdowns_says_which():
    with pytest.raises(
        kpilib.InputError, match="marketing_spend knows only its channel; ask by='colour'"
    ):
        tiny_shop().kpi("cost", APRIL, by="acquisition_channel")
    assert tiny_shop().kpi("cost", APRIL, by="colour").id == "complaints_among_tickets"


@pytest.mark.parametrize("by", [["country"], ("country",), 3])
def test_a_breakdown_is_by_one_dimension(by):
    with pytest.raises(kpilib.InputError, match="is not the name of one dimension, like 'country'"):
        tiny_shop().kpi("buyers", "2026-03", by=by)


def test_a_column_of_other_rows_is_no_dimension():
    with pytest.raises(kpilib.InputError, match="dimension 'priority' is not a column"):
        tiny_shop().kpi("churn_rate", APRIL, by="priority")


@pytest.mark.usefixtures("throw_away")
def test_the_rows_behind_two_totals_say_which_they_are():
    rows = tiny_shop().rows("cost", "2026-03")
    assert rows["part"].value_counts().to_dict() == {"over": 2, "under": 1}


def test_own_columns_are_those_of_the_tables_read():
    definitions = {name: _DEFINITIONS[name] for name in ("churn_rate",)}
    assert row_dimensions(tiny_shop(), definitions) == ()


def test_ids_in_the_rows_behind_a_number_stay_whole_where_one_is_missing():
    orders = pd.DataFrame(
        {"customer_id": [7, 8], "ordered_at": ["2026-01-05", "2026-02-06"], "amount": [1.0, 2.0]}
    )
    answers = pd.DataFrame(
        {
            "response_id": [1, 2],
            "customer_id": [7, None],
            "survey": "nps",
            "question": "recommend",
            "responded_at": ["2026-01-10", "2026-01-11"],
            "score": [9, 3],
        }
    )
    base = quick.opened(orders=orders, survey_responses=answers, time_zone="UTC", lapse_window=30)
    rows = base.rows("nps", "2026-01")
    assert rows["customer_id"].dropna().tolist() == [7] and len(rows) == 2
    assert str(rows["customer_id"].dtype) == "Int64"


def test_a_dimension_is_found_in_small_letters_and_in_capitals():
    rows = [("a", "2026-03-02", 1.0, "UK"), ("b", "2026-03-03", 2.0, "FR")]
    bought = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "Country"])
    base = kpilib.open(orders=bought, as_of="2026-05-01")
    found = base.kpi("revenue", "2026-03", by="country")
    assert {value.segment: value.value for value in found} == {"UK": 1.0, "FR": 2.0}
    with pytest.raises(InputError):
        base.kpi("revenue", "2026-03", by="county")
