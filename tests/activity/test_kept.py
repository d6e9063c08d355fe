"""What is held, what was read to make it, and when it is let go."""

import pandas as pd
import polars as pl
import pytest

import kpilib
from kpilib.activity.kept import OF_EVERY_TABLE, SETS_OF_PERIODS
from kpilib.demo import tiny_orders
from kpilib.periods import Period


def shop(orders=None, **settings):
    options = {"currency": "GBP", "lapse_window": 45, "as_of": "2026-05-01"} | settings
    return kpilib.open(orders=tiny_orders() if orders is None else orders, **options)


def read(base, question):
    with base.reading() as reads:
        question(base)
    return {name for name in reads if not name.startswith("[")}


def test_a_table_made_earlier_is_read_with_all_that_made_it():
    base, period = shop(), Period.parse("2026-03")
    first = read(base, lambda base: base.standing(period))
    rules = {"lapse_window", "activity", "loyalty.days", "loyalty.purchases"}
    assert first == rules | {*OF_EVERY_TABLE}
    assert read(base, lambda base: base.standing(period)) == first
    assert read(base, lambda base: base.spent_so_far(period)) == {*OF_EVERY_TABLE}


def test_what_is_read_outside_a_context_is_not_noted_and_settings_are_themselves():
    base = shop()
    with base.reading() as reads:
        assert base.settings.value.margin == 1.0
        assert base.settings.zone.key == "UTC"
        with base.reading() as inner:
            assert base.settings.renewal.grace_days == 30
    assert set(reads) == {"value.margin", "time_zone", "renewal.grace_days"}
    assert set(inner) == {"renewal.grace_days"}
    assert base.settings == shop().settings
    assert base.settings.value.months == 12
    assert set(reads) == {"value.margin", "time_zone", "renewal.grace_days"}


def test_a_method_of_a_rule_reads_what_it_looks_at():
    base = shop(service={"response_hours": {"urgent": 1, "default": 8}})
    with base.reading() as reads:
        assert repr(base.settings.renewal) == "RenewalRule(grace_days=30)"
    assert reads == {"renewal.grace_days": 30}


def test_tables_are_read_by_the_rules_that_say_what_their_rows_mean():
    base = shop(options={"orders": {"leave_out": {"small": "amount < 20"}}})
    with base.reading() as reads:
        assert "refunds" not in base.tables
        assert set(base.tables) == {"orders"}
    assert reads == {}
    with base.reading() as reads:
        assert "amount" in base.tables["orders"].collect_schema().names()
    assert ("small", "amount < 20") in reads["[orders]"][1]


def kept_tables(base):
    rows = base.engine.connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in rows}


def test_a_scorecard_over_many_periods_grows_to_a_bound_and_no_further():
    orders = pd.concat(
        tiny_orders().assign(ordered_at=tiny_orders()["ordered_at"] - pd.DateOffset(months=n))
        for n in range(0, 24, 4)
    )
    base = shop(orders)
    months = Period.parse("2026-04").trailing(SETS_OF_PERIODS + 5)
    grown = []
    for month in months:
        base.scorecard("churn", month)
        grown.append((len(kept_tables(base)), len(base._kept)))
    full = grown[SETS_OF_PERIODS:]
    assert grown[0] < grown[1] < grown[SETS_OF_PERIODS // 3] < full[0]  # two sets a month
    most = [max(some) for some in zip(*full[:3], strict=True)]
    assert all(now <= top + 1 for held in full[3:] for now, top in zip(held, most, strict=True)), (
        full
    )
    again, fresh = (one.scorecard("churn", months[0]) for one in (base, shop(orders)))
    pd.testing.assert_frame_equal(again.frame(), fresh.frame())


def test_what_was_asked_for_last_is_held_and_what_belongs_to_no_period_stays():
    base = shop()
    march = base.kpi("churn_rate", "2026-03")
    ledger = base.activity(Period.parse("2026-03"))
    base.forget(1)
    assert len(base.engine.collect(ledger)) > 0
    base.activity(Period.parse("2026-04"))
    base.forget(1)
    with pytest.raises(Exception, match="kept_"):
        base.engine.collect(ledger)
    held = len(base._kept)
    base.forget()
    assert ("bought",) in base._kept
    assert len(base._kept) < held
    assert base.kpi("churn_rate", "2026-03").value == march.value


def test_other_engines_let_go_as_well():
    base = shop(pl.DataFrame(tiny_orders()))
    before = base.kpi("churn_rate", "2026-03")
    base.forget()
    assert base.kpi("churn_rate", "2026-03").value == before.value


def test_a_period_closes_where_it_ends_or_where_the_data_do():
    base = shop()
    assert base.closes(Period.parse("2026-03")) == Period.parse("2026-03").end_day
    assert base.closes(Period.parse("2026-Q2")) == base.as_of
    later = Period.parse("2026-07")
    assert base.closes(later) == later.start_day
