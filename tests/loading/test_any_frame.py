"""Whatever the frame: every row is accounted for, and DuckDB and Polars say the same."""

from datetime import datetime

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.loading import load
from tests.searching import examples

IDS = st.sampled_from(
    ["7", "007", " 7 ", "7.0", "", "  ", "nan", None, "b", "B", "é", "12345678901234567890"]
)
TIMES = st.sampled_from(
    [
        *("2025-03-30", "2025-03-30 01:30", "2025-03-30T01:30:00", "2025-10-26 01:30:00"),
        *("2025-10-26T01:30:00Z", "2025-10-26T01:30:00.25+01:00", "2025-10-26 01:30:00-0330"),
        *("2025-02-29", "2024-02-29", "31/12/2025", "12/31/2025", "20250101", "2025-1-2"),
        *("3 Mar 2025", "", None, "soon", "2025-13-01", "1969-12-31 23:59:59.9", "2999-01-01"),
        *("2025-01-01 24:00", "2025-01-01 23:59:60", "n/a", "1/2/25", "2025/06/07 1:02 PM"),
    ]
)
AMOUNTS = st.sampled_from(
    [
        *("1", "-2.5", "0", "1e3", "1,234.50", "1.234,50", "3,5", ".5", "5.", "x", "", None),
        *("NaN", "inf", "-Infinity", "£3", "1 000", "+4", "--4", "1e400", "-0", "1,2,3"),
    ]
)
ROWS = st.lists(st.tuples(IDS, TIMES, AMOUNTS, IDS), min_size=1, max_size=12)
NAMES = ["customer_id", "ordered_at", "amount", "order_id"]


def outcome(table, **options):
    """What loading makes of a table: its rows, account and refunds, or its error."""
    try:
        loaded = load(orders=table, gate=False, **options)
    except ValueError as error:
        return str(error)
    account = loaded.accounts["orders"]
    assert account.read == account.kept + sum(account.left_out.values())
    tables = {}
    for name, frame in sorted(loaded.tables.items()):
        rows = loaded.engine.collect(frame)
        tables[name] = sorted(map(str, rows[sorted(rows)].to_dict("records")))
    kept = sum(len(rows) for rows in tables.values())
    assert account.kept == kept
    return tables, account.read, account.kept, account.left_out, account.notes, loaded.as_of


@given(ROWS, st.sampled_from(["UTC", "Europe/London"]))
@examples(7)
def test_rows_of_text_add_up_and_are_the_same_on_both_engines(rows, time_zone):
    shop = pd.DataFrame(rows, columns=NAMES, dtype="str")
    options = {"time_zone": time_zone, "as_of": None}
    found = outcome(shop, **options)
    assert found == outcome(pl.from_pandas(shop), **options)
    if not isinstance(found, str):
        assert found[1] == len(rows)


@given(ROWS, st.randoms(use_true_random=False))
@examples(4)
def test_the_order_of_rows_decides_nothing(rows, random):
    shop = pd.DataFrame(rows, columns=NAMES, dtype="str")
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert outcome(shop) == outcome(pd.DataFrame(shuffled, columns=NAMES, dtype="str"))


ANYTHING = st.one_of(
    st.none(), st.integers(-(2**40), 2**40), st.floats(), st.text(max_size=4), st.booleans()
)


@given(st.lists(st.tuples(ANYTHING, ANYTHING), min_size=1, max_size=10))
@examples(6)
def test_objects_of_any_kind_add_up(rows):
    shop = pd.DataFrame(rows, columns=["customer_id", "amount"], dtype="object")
    shop["ordered_at"] = "2025-06-07"
    before = shop.copy(deep=True)
    found = outcome(shop)
    if not isinstance(found, str):
        assert found[1] == len(rows)
    pd.testing.assert_frame_equal(shop, before)


NUMBERS = st.one_of(st.none(), st.floats(width=32), st.sampled_from([1.0, 2.0, 17850.0]))


MOMENTS = st.datetimes(datetime(1965, 1, 1), datetime(2030, 1, 1))


@given(st.lists(st.tuples(NUMBERS, MOMENTS, NUMBERS), min_size=1, max_size=10))
@examples(4)
@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York"])
def test_typed_columns_are_the_same_on_both_engines(time_zone, rows):
    shop = pd.DataFrame(rows, columns=NAMES[:3])
    shop["ordered_at"] = shop["ordered_at"].astype("datetime64[us]")
    shop = shop.astype({"customer_id": "float64", "amount": "float64"})
    one = outcome(shop, time_zone=time_zone)
    assert one == outcome(pl.from_pandas(shop), time_zone=time_zone)
