"""A definition's hash moves with what the KPI reads, and with nothing else."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

import kpilib
from kpilib.activity import business
from kpilib.contract.rules import RULES
from kpilib.contract.settings import Settings, read_tables
from kpilib.demo import tiny_orders
from kpilib.demo.tiny import tiny_tables
from kpilib.kpis import retention
from kpilib.loading import load
from kpilib.periods import day_number
from kpilib.questions import ask
from kpilib.questions.base import CustomerBase
from kpilib.questions.identity import identity
from kpilib.questions.values import Status
from kpilib.registry.definitions import registry
from tests import quick

COMMON = {"currency": "GBP", "lapse_window": 45, "activity": "purchases", "as_of": date(2026, 5, 1)}
LEDGER = {
    "new_customers", "acquisition_rate", "customer_ledger", "customers_active", "retention_rate",
    "retention_rate_ledger", "long_term_customer_share", "lost_customers", "churn_rate",
    "loyal_customer_loss_rate", "lost_customer_mix", "complaint_rate", "complainant_share",
    "average_customer_lifetime", "average_purchase_value", "purchase_frequency", "clv_simple",
    "clv_net_profit",
}  # fmt: skip
LOYALTY = {"loyal_customers", "loyal_customer_loss_rate", "lost_customer_mix"}
PROMISED = {"complaint_resolution", "sla_attainment"}
HANDLED = {"first_response_time", "resolution_time", *PROMISED}
MONEY = {
    "average_purchase_value", "clv_simple", "clv_historical", "clv_predicted", "clv_net_profit",
}  # fmt: skip


def tables():
    orders = tiny_orders()
    costs = pd.DataFrame({"customer_id": orders["customer_id"], "date": orders["ordered_at"]})
    contracts = {
        "customer_id": ["An", "Binh"],
        "started_at": ["2026-01-05", "2026-02-02"],
        "ended_at": [None, "2026-03-01"],
        "mrr": [5.0, 6.0],
    }
    more = {"customer_costs": costs.assign(amount=1.0), "subscriptions": pd.DataFrame(contracts)}
    return tiny_tables() | more


@lru_cache(maxsize=1)
def loaded():
    return load(**tables(), **COMMON)


def shop(options=None, **settings):
    """The shop, read once, asked with other settings."""
    read = loaded()
    changed = replace(read.settings, tables=read_tables(options or {}, "here")).replace(**settings)
    return CustomerBase(replace(read, settings=changed, as_of=day_number(changed.as_of)))


def asked(**settings):
    """Every KPI's hash with these settings."""
    base = shop(**settings)
    return {name: identity(base, definition) for name, definition in KNOWN.items()}


def numbers(period="2026-03", **settings):
    """Every KPI's hash and value with these settings."""
    values = ask.values(shop(**settings), KNOWN, (kpilib.Period.parse(period),))
    return {(one.id, one.segment): (one.definition, one.value) for one in values}


OTHERS = {
    "first_purchase_loss_rate", "repeat_purchase_rate", "next_window_repurchase_rate",
    "returning_customer_rate", "net_revenue_retention", "gross_revenue_retention",
}  # fmt: skip
KNOWN = {name: registry()[name] for name in sorted(LEDGER | LOYALTY | HANDLED | MONEY | OTHERS)}
"""Those whose settings are told here one by one."""


@pytest.fixture(scope="module")
def before():
    return asked()


def moved(before, after):
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"lapse_window": 60}, LEDGER | {"first_purchase_loss_rate"}),
        ({"activity": "subscriptions"}, LEDGER | {"clv_predicted"}),
        ({"value": {"margin": 0.3}}, {"clv_predicted", "clv_net_profit"}),
        ({"value": {"discount_rate": 0.2}}, {"clv_predicted", "clv_net_profit"}),
        ({"value": {"months": 24}}, {"clv_predicted", "clv_net_profit"}),
        ({"value": {"model": "MBGNBD"}}, {"clv_predicted"}),
        ({"loyalty": {"purchases": 2}}, LOYALTY),
        ({"loyalty": {"days": 90}}, LOYALTY),
        ({"currency": "EUR"}, MONEY),
        ({"time_zone": "Asia/Tokyo"}, set(KNOWN)),
        ({"nobody": ["An"]}, set(KNOWN)),
        ({"ids": "casefold"}, set(KNOWN)),
        ({"service": {"complaint_types": ["question"]}},
         {"complaint_rate", "complainant_share", "complaint_resolution"}),
        ({"service": {"resolution_hours": 4}}, HANDLED),
        ({"service": {"subtract_waiting": True}}, HANDLED),
        ({"options": {"orders": {"leave_out": {"small": "amount < 20"}}}},
         set(KNOWN) - {"net_revenue_retention", "gross_revenue_retention"} - HANDLED),
        ({"options": {"orders": {"columns": {"amount": "amount * 2"}}}},
         set(KNOWN) - {"net_revenue_retention", "gross_revenue_retention"} - HANDLED),
        ({"options": {"orders": {"columns": {"amount": "amount"}}}}, set()),
        ({"max_loss": 0.5}, set()),
        ({"country": "VN"}, set()),
        ({"settle_days": 3}, set()),
        ({"as_of": date(2026, 6, 1)}, set()),
        ({"targets": {"churn_rate": 0.05}}, set()),
    ],
    ids=lambda value: f"{len(value)} moved" if isinstance(value, set) else str(value),
)  # fmt: skip
def test_a_setting_moves_the_hashes_of_those_that_read_it(before, settings, expected):
    assert moved(before, asked(**settings)) == expected & set(KNOWN)


@pytest.mark.parametrize(
    "settings",
    [{"lapse_window": 60, "value": {"margin": 0.3}}, {"loyalty": {"purchases": 2}}],
    ids=str,
)
def test_no_number_moves_without_its_hash(settings):
    before, after = numbers(), numbers(**settings)
    changed = {name for name in before if before[name][1] != after[name][1]}
    assert changed
    assert changed <= {name for name in before if before[name][0] != after[name][0]}


@pytest.mark.parametrize("section", [name for name in RULES if name not in ("value", "loyalty")])
def test_rules_that_no_purchase_kpi_reads_move_none(before, section):
    if section == "service":
        return
    changed = {
        "acquisition": {"lag_days": 3}, "campaigns": {"days": 5}, "surveys": {"answer_days": 3},
        "engagement": {"open_days": 2}, "renewal": {"grace_days": 5}, "referral": {"days": 5},
        "loyalty_index": {"preset": "source2"}, "data_quality": {"max_age_days": 30},
        "privacy": {"purposes": ["profiling"]},
    }  # fmt: skip
    assert moved(before, asked(**{section: changed[section]})) == set()
    assert set(changed) | {"service", "value", "loyalty"} == set(RULES)


def test_every_setting_is_either_tested_here_or_read_by_loading_alone():
    names = set(Settings.__dataclass_fields__) - set(RULES)
    assert names == {
        "time_zone", "currency", "lapse_window", "as_of", "activity", "max_loss", "settle_days",
        "targets", "tables", "nobody", "ids", "country", "alerts", "week_starts",
    }  # fmt: skip


def test_the_period_asked_for_plays_no_part_for_any_kpi():
    hashes = []
    for period in ("2026-03", "2026-09"):
        values = ask.values(shop(), registry(), (kpilib.Period.parse(period),))
        hashes.append({value.id: value.definition for value in values})
    both = hashes[0].keys() & hashes[1].keys()  # a month without answers has no aspects
    assert {name: hashes[0][name] for name in both} == {name: hashes[1][name] for name in both}
    assert set(KNOWN) <= both


def test_a_month_more_of_data_moves_no_hash_though_the_window_found_moves():
    orders = tiny_orders()
    later = pd.DataFrame(
        {
            "customer_id": ["An", "Binh", "Chen"],
            "ordered_at": pd.to_datetime(["2026-07-20", "2026-08-02", "2026-08-09"]),
            "amount": 10.0,
        }
    )
    bases = [quick.opened(orders=one) for one in (orders, pd.concat([orders, later]))]
    assert bases[0].lapse_window.days != bases[1].lapse_window.days
    hashes = [{one.id: one.definition for one in base.scorecard("churn")} for base in bases]
    assert hashes[0] == hashes[1]
    given = quick.opened(orders=orders, lapse_window=bases[0].lapse_window.days)
    assert given.kpi("churn_rate").definition != hashes[0]["churn_rate"]


def test_a_changed_constant_moves_the_hash_of_what_reaches_it_alone(before, monkeypatch):
    monkeypatch.setattr(business, "LONG_TERM_MONTHS", 2)
    monkeypatch.setattr(retention, "LONG_TERM_MONTHS", 2)
    assert moved(before, asked()) == {"long_term_customer_share"}


def test_changed_code_of_a_helper_moves_the_hash_of_what_reaches_it(before, monkeypatch):
    def _frequent(self, asked, back):
        return self.buyers(asked).with_columns(bought=nw.lit(1), loyal=nw.lit(back > 0))

    monkeypatch.setattr(business.Business, "_frequent", _frequent)
    assert moved(before, asked()) == {"loyal_customers"}


def test_an_unavailable_kpi_has_a_hash_of_its_code():
    first, second = (
        quick.opened(orders=tiny_orders(), value={"margin": margin}) for margin in (0.5, 1)
    )
    values = [base.kpi("clv_net_profit") for base in (first, second)]
    assert {value.status for value in values} == {Status.UNAVAILABLE}
    assert values[0].definition == values[1].definition
