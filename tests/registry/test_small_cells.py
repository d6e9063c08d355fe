"""Small cells kept back: nothing shown counts few, and nothing hidden can be had by subtraction."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.analyses import cohorts, rfm_movement, survival_curves, triangle
from kpilib.registry.small_cells import to_hide, without_small_cells

CASES = st.lists(st.integers(0, 30), min_size=1, max_size=12)


@given(CASES, st.integers(2, 12))
def test_what_is_hidden_cannot_be_had_from_the_total(cases, least):
    cells = np.array(cases, float)
    hidden = to_hide(cells, least)
    shown = cells[~hidden]
    assert not ((shown > 0) & (shown < least)).any()
    if not hidden.any():
        return
    secret = cells.sum() - shown.sum()
    assert secret == cells[hidden].sum()
    if (shown > 0).any():
        assert hidden.sum() >= 2 and secret >= least


def test_each_table_within_a_table_has_a_total_of_its_own():
    table = pd.DataFrame(
        {
            "dimension": ["country"] * 3 + ["plan"] * 2,
            "segment": list("abcde"),
            "customers": [20, 2, 9, 20, 11],
            "share": 0.5,
            "from_hours": 1.0,
        }
    )
    table.attrs["lang"] = "vi"
    kept = without_small_cells(table, 5)
    assert kept["customers"].isna().tolist() == [False, True, True, False, False]
    assert kept["share"].isna().tolist() == kept["customers"].isna().tolist()
    assert kept["from_hours"].notna().all() and kept["segment"].tolist() == list("abcde")
    assert kept.attrs == {"lang": "vi"} and table["customers"].tolist() == [20, 2, 9, 20, 11]


def test_without_the_setting_and_in_lists_of_customers_nothing_changes():
    table = pd.DataFrame({"segment": ["a"], "customers": [1]})
    assert without_small_cells(table, 1) is table
    listed = pd.DataFrame({"customer_id": ["a"], "orders": [1]})
    assert without_small_cells(listed, 9) is listed


@pytest.fixture(scope="module")
def bases():
    options = {"currency": "USD"}
    return [kpilib.open("cdnow-sample", privacy={"least": least}, **options) for least in (1, 40)]


@pytest.mark.parametrize(
    "table", [cohorts, rfm_movement, survival_curves], ids=lambda one: one.__name__
)
def test_tables_of_customers_have_no_small_cell(bases, table):
    plain, kept = (table(base) for base in bases)
    count = "at_risk" if "at_risk" in plain.columns else "customers"
    assert ((plain[count] > 0) & (plain[count] < 40)).any()
    shown = kept[count].dropna()
    assert not ((shown > 0) & (shown < 40)).any() and len(shown)
    same = kept[count].notna()
    pd.testing.assert_frame_equal(
        kept[same].reset_index(drop=True),
        plain[same].reset_index(drop=True),
        check_dtype=False,
        check_like=True,
    )


def test_a_triangle_has_gaps_where_cells_are_small(bases):
    plain, kept = (triangle(cohorts(base), "customers") for base in bases)
    assert (kept.notna() & plain.notna()).equals(kept.notna())
    assert kept.notna().sum().sum() < plain.notna().sum().sum()


def test_analyses_asked_by_id_keep_them_back_too(bases):
    base = bases[1]
    for name in ("rfm_segments", "value_tiers"):
        table = base.analysis(name)
        shown = table["customers"].dropna()
        assert not ((shown > 0) & (shown < 40)).any()
