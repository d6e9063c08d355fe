"""The properties of every KPI on a business with every source table, on which each has a value.

What `test_registry.py` asks of orders alone is asked here of all that a KPI may read. Polars
answers, the quickest on so few rows; that it answers like the others is asked elsewhere.
"""

import numpy as np
import pandas as pd
import pytest

from kpilib.contract.tables import SCHEMAS
from kpilib.periods import Period
from kpilib.questions import ask
from kpilib.questions.values import Status
from kpilib.registry.definitions import registry
from kpilib.words import Unit
from tests.answers import open_small
from tests.engines.frames import to_polars

KPIS = tuple(registry())
MONTH = Period.parse("2026-07")
NUMBERS = ("value", "low", "high", "numerator", "denominator", "n")
IDS = {
    column.name
    for schema in SCHEMAS.values()
    for column in schema.columns
    if column.kind == "id" and "customer" in column.name
} | {"merged_into_id"}
ONLY_ONCE = ("duration", "product", "discounted profit", "composite", "parts", "mix", "flow")
"""Kinds whose segments do not add up to the whole, or that come in parts already."""


def asked(base, by=None, known=None):
    """Every number of every KPI, a row per KPI and segment."""
    rows = [
        {"id": value.id, "segment": value.segment or "", "status": str(value.status)}
        | {name: getattr(value, name) for name in NUMBERS}
        for value in ask.values(base, known or registry(), (MONTH,), by)
    ]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(NUMBERS, float))
    return frame.set_index(["id", "segment"]).sort_index()


def opened(tables):
    return open_small(to_polars(tables))


@pytest.fixture(scope="module")
def plain(small_tables):
    before = {name: table.copy(deep=True) for name, table in small_tables.items()}
    found = asked(opened(small_tables))
    for name, table in before.items():
        pd.testing.assert_frame_equal(table, small_tables[name])  # inputs stay untouched
    return found


@pytest.fixture(scope="module")
def mixed_up(small_tables):
    """Rows in another order, and customers under other ids, which sort in another order."""
    changed = {}
    for name, table in small_tables.items():
        table = table.sample(frac=1, random_state=4).reset_index(drop=True)
        for column in IDS & set(table.columns):
            table[column] = (10_000_019 - table[column]).astype("Int64")
        changed[name] = table
    return asked(opened(changed))


@pytest.fixture(scope="module")
def thousandfold(small_tables):
    """All money times a thousand."""
    changed = {}
    for name, table in small_tables.items():
        money = [column for column in SCHEMAS[name].money if column in table]
        changed[name] = table.assign(**{column: table[column] * 1000 for column in money})
    return asked(opened(changed))


def same(found, expected, rtol=1e-7):
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float), rtol, atol=1e-9)


@pytest.mark.parametrize("kpi_id", KPIS)
def test_it_has_a_value_within_its_limits_and_a_status(kpi_id, plain):
    rows = plain.loc[[kpi_id]]
    assert set(rows["status"]) <= {str(status) for status in Status}
    assert rows["value"].notna().any()
    known = rows.dropna(subset=["low", "high"])
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()


@pytest.mark.parametrize("kpi_id", KPIS)
def test_the_order_of_rows_and_the_names_of_customers_change_nothing(kpi_id, plain, mixed_up):
    assert plain.loc[[kpi_id]].index.equals(mixed_up.loc[[kpi_id]].index)
    same(mixed_up.loc[[kpi_id], list(NUMBERS)], plain.loc[[kpi_id], list(NUMBERS)])


@pytest.mark.parametrize("kpi_id", KPIS)
def test_money_times_a_thousand_multiplies_money_and_nothing_else(kpi_id, plain, thousandfold):
    factor = 1000 if registry()[kpi_id].unit is Unit.MONEY else 1
    limits = ["value", "low", "high"]
    same(thousandfold.loc[[kpi_id], limits], plain.loc[[kpi_id], limits] * factor, rtol=1e-6)


@pytest.fixture(scope="module")
def parts(small_tables):
    known = {
        name: one
        for name, one in registry().items()
        if one.kind not in ONLY_ONCE and one.breakdowns is None
    }
    return asked(opened(small_tables), "segment", known)


@pytest.mark.parametrize("kpi_id", KPIS)
def test_segments_add_up_to_the_whole(kpi_id, plain, parts):
    if kpi_id not in parts.index.get_level_values("id"):
        assert registry()[kpi_id].kind in ONLY_ONCE or registry()[kpi_id].breakdowns is not None
        return
    whole = plain.loc[(kpi_id, "")]
    if registry()[kpi_id].kind == "prediction":
        return  # an expectation of each customer; the model is of all
    for number in ("numerator", "denominator"):
        summed = parts.loc[[kpi_id], number].sum(min_count=1)
        assert summed == pytest.approx(whole[number], nan_ok=True), number
