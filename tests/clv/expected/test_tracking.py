"""Tracking reckoned a second time, customer by customer."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import BGNBD
from kpilib.clv.expected.tracking import purchase_tracking
from tests import quick
from tests.generate import bgnbd_purchases

FIRST = date(2024, 1, 1)


@pytest.fixture(scope="module")
def orders():
    table = bgnbd_purchases(500, 400, r=0.8, alpha=30.0, a=0.6, b=2.5, seed=3)
    one = pd.DataFrame({"customer_id": [1000], "ordered_at": [pd.Timestamp(FIRST)], "amount": 5.0})
    return pd.concat([table, one]).sample(frac=1, random_state=2)


@pytest.mark.parametrize("as_of", [date(2025, 2, 1), date(2025, 2, 2), date(2025, 2, 3)])
def test_a_month_of_tracking_is_the_sum_over_those_acquired_by_two_thirds_of_the_way(orders, as_of):
    base = quick.opened(orders=orders[orders["ordered_at"] < str(as_of)], as_of=as_of)
    days = (as_of - FIRST).days
    split = FIRST + timedelta(days=int(np.floor(days * 2 / 3)))
    table = purchase_tracking(base, step="month")
    pd.testing.assert_frame_equal(table, purchase_tracking(base, split, step="month"))

    bought = {
        who: sorted({day.date() for day in times})
        for who, times in orders.groupby("customer_id")["ordered_at"]
    }
    known = [[d for d in days if d < as_of] for days in bought.values() if days[0] < split]
    before = [[d for d in days if d < split] for days in known]
    fit = BGNBD.fit(
        [len(d) - 1 for d in before],
        [(d[-1] - d[0]).days for d in before],
        [(split - d[0]).days - 1 for d in before],
    )
    months = pd.period_range("2024-01", "2025-01", freq="M")
    assert len(table) == 13
    for month, row in zip(months, table.itertuples(), strict=True):
        opens, closes = month.start_time.date(), (month + 1).start_time.date()
        assert (row.start, row.end) == (opens, closes)
        assert row.actual == sum(opens <= d < closes for days in known for d in days[1:])
        ages = [[max((edge - d[0]).days, 0) for edge in (opens, closes)] for d in known]
        expected = np.diff(fit.expected_purchases_new(np.array(ages, dtype=float))).sum()
        assert row.expected == pytest.approx(expected, rel=1e-8)
        assert row.holdout == (opens >= split)
    assert table["actual_so_far"].tolist() == np.cumsum(table["actual"]).tolist()
    assert table["expected_so_far"].iloc[-1] == pytest.approx(table["expected"].sum())
    assert table["holdout"].sum() == 4
    assert list(table) == [
        "start", "end", "actual", "expected", "actual_so_far", "expected_so_far", "holdout"
    ]  # fmt: skip


@pytest.mark.parametrize(("beside", "weeks"), [(-1, 9), (0, 10), (1, 10)])
def test_a_step_that_the_data_do_not_cover_is_left_out(orders, beside, weeks):
    """Ten weeks from Monday 1 January 2024, a day less and a day more."""
    as_of = FIRST + timedelta(days=70 + beside)
    base = quick.opened(orders=orders[orders["ordered_at"] < str(as_of)], as_of=as_of)
    table = purchase_tracking(base, "2024-02-26")
    assert len(table) == weeks
    assert table["holdout"].tolist() == [False] * 8 + [True] * (weeks - 8)
