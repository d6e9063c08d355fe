"""Service, key drivers and the early warning on Polars and Spark: the answers of DuckDB."""

import pandas as pd
import pytest

import kpilib
from tests.analyses.test_slow_response import tables as slow_tables
from tests.analyses.voice.test_key_drivers import long, respondents
from tests.clv.warning.test_early_warning import CLOSE, made
from tests.engines.frames import to_polars, to_spark
from tests.kpis.test_service import AS_OF, MONTH, OFFICE, PROMISE, desk, orders

KPIS = ("complaint_rate", "complainant_share", "first_response_time", "resolution_time",
        "complaint_resolution", "sla_attainment")  # fmt: skip


def service(move=lambda tables: tables):
    tickets, events = desk(n=120)
    tables = {"orders": orders(), "tickets": tickets, "ticket_events": events, "calendars": OFFICE}
    base = kpilib.open(
        **move(tables),
        time_zone="Europe/London",
        currency="GBP",
        lapse_window=90,
        as_of=AS_OF.date(),
        service=PROMISE | {"subtract_waiting": True},
    )
    values = [base.kpi(kpi, MONTH) for kpi in KPIS]
    return [(v.value, v.low, v.high, v.numerator, v.denominator, v.n, v.details) for v in values]


def slow(move=lambda tables: tables):
    rows, _ = slow_tables()
    base = kpilib.open(**move(rows), currency="GBP", lapse_window=50, as_of="2026-05-01")
    return base.analysis("slow_response_effect", "2026-03")


def drivers(move=lambda tables: tables):
    bought = pd.DataFrame({"customer_id": [1], "ordered_at": ["2026-02-01"], "amount": [1.0]})
    tables = {"orders": bought, "survey_responses": long(respondents())}
    base = kpilib.open(**move(tables), currency="GBP", as_of="2026-05-01")
    return base.analysis("key_drivers", "2026-03", replicates=20)


def warned(move=lambda tables: tables):
    base = kpilib.open(
        **move(made(customers=300)), currency="GBP", activity="purchases", as_of="2026-01-01"
    )
    table = base.analysis("churn_early_warning", CLOSE)
    return table.sort_values("customer_id", ignore_index=True)


def assert_alike(ask, move):
    found, expected = ask(move), ask()
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=1e-6, check_dtype=False)
        return
    for one, other in zip(found, expected, strict=True):
        assert one[:6] == pytest.approx(other[:6])
        assert one[6] == pytest.approx(other[6])


@pytest.mark.parametrize("ask", [service, slow, drivers, warned])
def test_polars_answers_alike(ask):
    assert_alike(ask, to_polars)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_spark_answers_alike(spark):
    assert_alike(service, lambda tables: to_spark(spark, tables))
