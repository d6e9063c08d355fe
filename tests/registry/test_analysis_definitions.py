"""Analyses in the registry: declared once, found like KPIs, asked by their id."""

import inspect

import pandas as pd
import pytest

import kpilib
from kpilib.analyses import rfm_segments, value_tiers
from kpilib.clv import clv_allocation, demand_forecast
from kpilib.demo import tiny_shop
from kpilib.errors import InputError
from kpilib.registry import definitions
from kpilib.registry.analysis_definitions import Analysis, analysis, declare
from kpilib.words import LANGUAGES, Text

KNOWN = {
    "value_tiers": value_tiers,
    "rfm_segments": rfm_segments,
    "demand_forecast": demand_forecast,
    "clv_allocation": clv_allocation,
}


@pytest.mark.parametrize("name", KNOWN)
def test_an_analysis_is_the_function_that_users_import(name):
    one = definitions.analyses()[name]
    assert one.function is KNOWN[name]
    assert one.description.splitlines()[0].endswith(".")
    assert len({one.name.of(lang) for lang in LANGUAGES}) == 3
    assert one.id == name


@pytest.mark.parametrize("name", definitions.analyses())
def test_every_analysis_takes_a_base_and_a_period_and_gives_a_table(name):
    signature = inspect.signature(definitions.analyses()[name].function)
    assert list(signature.parameters)[:2] == ["base", "period"]
    assert definitions.analyses()[name].to_dict()["kind"] == "analysis"


def test_ids_are_told_apart_and_a_misspelt_one_meets_the_nearest_of_both():
    base = tiny_shop()
    with pytest.raises(InputError, match=r"a table and no single number; ask base\.analysis\('rfm"):
        base.kpi("rfm_segments")
    with pytest.raises(InputError, match=r"is a KPI and no analysis; ask base\.kpi\('churn_rate'"):
        base.analysis("churn_rate")
    with pytest.raises(InputError, match="'rfm_segment' is not known; did you mean 'rfm_segments'"):
        base.kpi("rfm_segment")
    with pytest.raises(InputError, match="'churn_rat' is not known; did you mean 'churn_rate'"):
        base.analysis("churn_rat")
    with pytest.raises(InputError, match="'segmentation' has analyses and no KPI"):
        base.scorecard("segmentation")


def test_options_go_to_the_function_and_an_unknown_one_is_named():
    base = tiny_shop()
    asked = base.analysis("value_tiers", "2026-04", shares=(0.5, 0.9))
    pd.testing.assert_frame_equal(asked, value_tiers(base, "2026-04", shares=(0.5, 0.9)))
    with pytest.raises(InputError, match="value_tiers: 'share' is not an option; did you mean 's"):
        base.analysis("value_tiers", "2026-04", share=(0.5, 0.9))


def test_a_missing_table_is_named():
    contracts = pd.DataFrame({"customer_id": ["An"], "started_at": ["2026-01-05"]})
    base = kpilib.open(subscriptions=contracts)
    with pytest.raises(InputError, match="value_tiers: needs records that were not given: orders"):
        base.analysis("value_tiers")


def test_a_missing_column_is_named(monkeypatch):
    name = Text("a")
    monkeypatch.setattr(definitions, "ANALYSES", known := dict(definitions.analyses()))
    known["made_up"] = Analysis(lambda base, period: None, name, "loyalty", ("orders",),
                                ("orders.currency",))  # fmt: skip
    with pytest.raises(InputError, match="made_up: needs the column currency in orders; map one"):
        tiny_shop().analysis("made_up")


def test_one_id_in_two_families_is_refused():
    twice = Analysis("somewhere:value_tiers", Text("a"), "loyalty")
    definitions.analyses()
    with pytest.raises(InputError, match="'value_tiers' is declared in segmentation and again in"):
        declare(twice)


def test_the_decorator_leaves_the_function_as_it_is(monkeypatch):
    monkeypatch.setattr("kpilib.registry.analysis_definitions.ANALYSES", {})

    def table(base, period=None, *, least=10):
        """A table."""
        return pd.DataFrame({"least": [least]})

    declared = analysis(name=Text("a"), family="loyalty")(table)
    assert declared.__wrapped__ is table and declared(None).equals(table(None))
