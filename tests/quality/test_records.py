"""Customer records: who may be contacted, in whatever way that is written; columns that are not."""

import pandas as pd
import pytest

import kpilib
from kpilib.errors import InputError
from tests.engines.frames import to_polars
from tests.loading.shops import shop

PEOPLE = list(range(1, 7))


def opened(move=dict, customers=None, **settings):
    consents = pd.DataFrame(
        {"customer_id": [1, 2], "purpose": "marketing", "given_at": "2026-01-02"}
    )
    tables = {
        "orders": shop(customer_id=PEOPLE),
        "customers": pd.DataFrame({"customer_id": PEOPLE, **(customers or {})}),
        "consents": consents,
    }
    return kpilib.open(**move(tables), as_of="2026-03-01", **settings)


@pytest.mark.parametrize("move", [dict, to_polars], ids=["duckdb", "polars"])
@pytest.mark.parametrize(
    "contactable",
    [
        ["yes", "no", "Y", None, "", "maybe"],
        ["TRUE", "FALSE", "true", None, "false", "-"],
        [" Có", "không", "có ", None, "chưa", "?"],
        ["是", "否", "是", None, "否", "不"],
        [True, False, True, None, False, False],
        [1.0, 0.0, 1.0, None, 0.0, 0.0],
    ],
)
def test_who_may_be_contacted_is_read_in_every_way_in_which_it_is_written(contactable, move):
    value = opened(move, {"contactable": contactable}).kpi("privacy_consent", "2026-01")
    assert (value.numerator, value.denominator) == (1, 2)


def test_a_column_to_be_filled_that_nobody_has_is_named_with_its_near_miss():
    base = opened(customers={"segment": "a"}, data_quality={"columns": ["segmnt"]})
    for kpi in ("dq_completeness", "dq_specificity"):
        with pytest.raises(InputError, match=r"no column 'segmnt'; did you mean 'segment'"):
            base.kpi(kpi, "2026-01")
    own = opened(customers={"club": ["a", None] * 3}, data_quality={"columns": ["club"]})
    assert own.kpi("dq_completeness", "2026-01").value == 0.5


def test_records_without_any_column_to_be_filled_say_so():
    value = opened().kpi("dq_completeness", "2026-01")
    assert value.value is None
    assert str(value.reason) == "customers has none of the columns to be filled"
