"""What was known of each customer at an instant, against a walk through all their orders."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpilib
from kpilib.periods import Period, day_date, day_number

START = day_number(pd.Timestamp("2026-01-01").date())
MONTHS = tuple(Period.month(f"2026-{month:02d}") for month in (1, 2, 3, 4))

orders = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 118), st.integers(0, 4)), min_size=1, max_size=30
)
refunds = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 118)), max_size=4)


def opened(rows, back=(), **options):
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    table["ordered_at"] = [day_date(START + day) for day in table.pop("day")]
    given_back = pd.DataFrame(back, columns=["customer_id", "day"])
    given_back["refunded_at"] = [day_date(START + day) for day in given_back.pop("day")]
    tables = {"refunds": given_back.assign(amount=0.5)} if len(back) else {}
    return kpilib.open(orders=table, **tables, as_of="2026-05-01", time_zone="UTC", **options)


def rows_of(base, frame):
    return base.engine.collect(frame).set_index(["period", "customer_id"]).sort_index()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(orders, refunds, st.integers(1, 3), st.sampled_from([20, 31, 90]))
def test_standing_loyalty_and_spend_are_what_the_orders_say(rows, back, rule, window):
    """A lapse window of 20 days is shorter than a month, 31 and 90 are not."""
    base = opened(rows, back, lapse_window=window, loyalty={"purchases": rule, "days": 45})
    standing, frequent, spent, active = (
        rows_of(base, table(MONTHS))
        for table in (base.standing, base.frequent, base.spent_so_far, base.activity)
    )
    ledger = rows_of(base, base.ledger(MONTHS))
    pd.testing.assert_frame_equal(standing[ledger.columns], ledger, check_dtype=False)
    seen = {"frequent": 0, "spent": 0, "active": 0}
    for place, month in enumerate(MONTHS):
        opens, closes = month.start_day, month.end_day
        for customer in range(1, 7):
            days = sorted({START + day for one, day, _paid in rows if one == customer})
            money = [(START + day, paid) for one, day, paid in rows if one == customer]
            money += [(START + day, -0.5) for one, day in back if one == customer]
            key = (place, customer)
            before = [day for day in days if day < closes]
            recent = [day for day in before if day >= closes - 45]
            if recent:
                seen["frequent"] += 1
                assert frequent.loc[key].tolist() == [len(before), len(recent) >= rule]
            if before:
                seen["spent"] += 1
                so_far = sum(paid for day, paid in money if day < closes)
                assert spent.loc[key, "amount"] == pytest.approx(so_far)
            if key in active.index:
                seen["active"] += 1
                inside = [day for day in days if opens <= day < closes]
                paid = sum(paid for day, paid in money if opens <= day < closes)
                assert active.loc[key, "purchases"] == len(inside)
                assert active.loc[key, "amount"] == pytest.approx(paid)
            else:
                assert not any(opens <= day < closes for day, _paid in money)
            if key in standing.index and standing.loc[key, "opening"]:
                earlier = [day for day in days if day < opens]
                late = [day for day in earlier if day >= opens - 45]
                assert standing.loc[key, "bought"] == len(earlier)
                assert standing.loc[key, "loyal"] == (len(late) >= rule)
            elif key in standing.index:
                assert not standing.loc[key, "loyal"]
                if standing.loc[key, "lost"]:
                    assert standing.loc[key, "bought"] == len(before)
    assert seen == {"frequent": len(frequent), "spent": len(spent), "active": len(active)}


def test_a_day_of_two_periods_is_in_both_and_one_after_the_close_in_none():
    base = opened([(1, 9, 1), (1, 40, 1), (2, 119, 1)], lapse_window=30)
    asked = (MONTHS[0], Period.parse("2026-01-05/2026-02-15"), Period.parse("2026-05"))
    found = base.engine.collect(base.within(base.purchases, asked))
    places = found.groupby("customer_id")["period"].apply(sorted).to_dict()
    assert places == {1: [0, 1, 1]}
    first = found[found["period"] == 1].iloc[0]
    assert (first["opens"], first["closes"]) == (asked[1].start_day, asked[1].end_day)
    assert np.issubdtype(found["day"].dtype, np.integer)
