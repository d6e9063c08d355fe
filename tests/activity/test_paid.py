"""Active time and money of customers in periods, against a walk through every customer's days."""

import narwhals.stable.v2 as nw
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.activity.ledger import active_time
from kpilib.activity.paid import COLUMNS, active_as_bought, with_money_back, with_time
from kpilib.activity.spells import purchase_spells
from kpilib.engines.duck import DuckEngine
from kpilib.engines.polars import PolarsEngine
from tests.searching import examples

LAST = 120


@pytest.fixture(scope="module", params=[DuckEngine, PolarsEngine])
def engine(request):
    return request.param()


def found(engine, days, periods, window, by_spells=False):
    """What is found of customers' days, each worth its number, by period and customer."""
    rows = [(who, day, float(day)) for who, own in days.items() for day in sorted(own)]
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    visits = engine.visits(engine.frame(table[["customer_id", "day"]]))
    purchases = visits.join(engine.frame(table), on=["customer_id", "day"], how="inner")
    windows = pd.DataFrame(periods, columns=["opens", "closes"], dtype="int64")
    windows = engine.frame(windows.rename_axis("period").reset_index())
    inside = purchases.join(windows, how="cross").filter(
        (nw.col("day") >= nw.col("opens")) & (nw.col("day") < nw.col("closes"))
    )
    bought = inside.group_by("period", "customer_id").agg(
        nw.len().alias("purchases"),
        nw.col("amount").sum(),
        nw.col("first_day", "day", "previous_day").min(),
    )
    if by_spells:
        spells = engine.keep(purchase_spells(engine, visits, window))
        return with_time(bought, active_time(spells, windows))
    return active_as_bought(bought, visits, windows, window)


def told(engine, frame):
    table = engine.collect(frame)
    assert tuple(table.columns) == COLUMNS
    assert not table.duplicated(["period", "customer_id"]).any() and not table.isna().any(axis=None)
    return {tuple(row[:2]): tuple(row[2:]) for row in table.itertuples(index=False)}


def walked(days, periods, window):
    """The same, day by day: who is active at an instant bought in so many days before it."""
    rows = {}
    for place, (opens, closes) in enumerate(periods):
        for who, own in days.items():

            def there(instant, own=own):
                return any(day < instant <= day + window for day in own)

            inside = [day for day in own if opens <= day < closes]
            time = sum(there(instant) for instant in range(opens + 1, closes + 1))
            if inside or there(opens):
                rows[place, who] = (time, len(inside), float(sum(inside)))
    return rows


histories = st.dictionaries(
    st.integers(1, 8), st.sets(st.integers(0, LAST), min_size=1, max_size=12), min_size=1
)


@examples(20)
@given(
    histories,
    st.lists(st.tuples(st.integers(1, 100), st.integers(1, 45)), min_size=1, max_size=4),
    st.integers(0, 60),
    st.booleans(),
)
def test_time_purchases_and_money_are_those_of_a_walk(engine, days, starts, longer, by_spells):
    periods = [(opens, opens + length) for opens, length in starts]
    window = max(length for _, length in starts) + longer
    frame = found(engine, days, periods, window, by_spells)
    assert told(engine, frame) == walked(days, periods, window)


@examples(10)
@given(histories, st.integers(1, 100), st.integers(1, 45), st.integers(1, 60))
def test_by_spells_a_period_may_be_longer_than_the_lapse_window(
    engine, days, opens, length, window
):
    periods = [(opens, opens + length)]
    frame = found(engine, days, periods, window, by_spells=True)
    assert told(engine, frame) == walked(days, periods, window)


# A period of days 50 to 59, a lapse window of 10.
@pytest.mark.parametrize(
    ("days", "time", "purchases"),
    [
        ({39}, None, 0),
        ({40}, 0, 0),  # active as it opens, and no day longer
        ({41}, 1, 0),
        ({49}, 9, 0),
        ({50}, 10, 1),
        ({59}, 1, 1),
        ({60}, None, 0),
        ({39, 55}, 5, 1),
        ({40, 55}, 5, 1),
        ({41, 55}, 6, 1),
        ({44, 55}, 9, 1),
        ({45, 55}, 10, 1),
        ({46, 55}, 10, 1),
        ({42, 52, 58, 61}, 10, 2),
        ({30, 41, 60}, 1, 0),
    ],
)
def test_time_a_day_before_on_and_after_each_edge(engine, days, time, purchases):
    for by_spells in (False, True):
        rows = told(engine, found(engine, {1: days}, [(50, 60)], 10, by_spells))
        money = float(sum(day for day in days if 50 <= day < 60))
        assert rows == ({} if time is None else {(0, 1): (time, purchases, money)})


def test_money_back_is_taken_off_once_a_customer_and_period(engine):
    active = pd.DataFrame(
        [(0, 1, 10, 2, 30.0), (0, 2, 4, 0, 0.0), (1, 1, 9, 1, 8.0)], columns=list(COLUMNS)
    )
    back = pd.DataFrame(
        [(0, 1, -5.0), (0, 1, -1.0), (0, 2, -7.0), (1, 3, -2.0), (1, 3, -0.5)],
        columns=["period", "customer_id", "amount"],
    )
    assert told(engine, with_money_back(engine.frame(active), engine.frame(back))) == {
        (0, 1): (10, 2, 24.0),
        (0, 2): (4, 0, -7.0),
        (1, 1): (9, 1, 8.0),
        (1, 3): (0, 0, -2.5),
    }
