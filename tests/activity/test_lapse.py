"""The default lapse window, against scipy's Kaplan–Meier and against its definition."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

import kpilib
from kpilib.activity.lapse import LapseWindow
from tests import quick


def opened(days: dict[str, list[int]], as_of: int):
    start = pd.Timestamp("2026-01-01")
    rows = [
        (name, start + pd.Timedelta(days=day), 1.0) for name, own in days.items() for day in own
    ]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return quick.opened(orders=orders, as_of=(start + pd.Timedelta(days=as_of)).date())


def test_is_the_ninetieth_percentile_of_the_censored_gaps():
    rng = np.random.default_rng(5)
    days, gaps, last = {}, [], []
    for number in range(300):
        own = np.cumsum(rng.geometric(0.06, size=40))
        own = own[own < 400]
        days[f"c{number}"] = own.tolist()
        gaps += np.diff(own).tolist()
        last.append(399 - own[-1])
    found = opened(days, 400).lapse_window
    curve = ecdf(CensoredData(np.array(gaps), right=np.array(last))).cdf
    assert found.method == "gaps"
    assert curve.evaluate(found.days) >= 0.9 > curve.evaluate(found.days - 1)
    assert (found.gaps, found.unfinished) == (len(gaps), 300)
    assert (found.half, found.double) == (found.days // 2, 2 * found.days)


def test_where_most_never_return_it_is_that_of_those_who_do():
    days = {f"once{number}": [0] for number in range(90)}
    days |= {f"back{number}": [0, number + 1] for number in range(10)}
    found = opened(days, 300).lapse_window
    assert found.method == "returns"
    assert found.days == 9


def test_the_percentile_of_those_who_return_is_of_all_that_are_seen_to():
    """Gaps of 10, 20 and 50 days; none bought for the last 50, so that one in ten returns."""
    days = {f"ten{number}": [40, 50] for number in range(5)}
    days |= {f"twenty{number}": [30, 50] for number in range(2)}
    days |= {f"fifty{number}": [0, 50] for number in range(5)}
    days |= {f"once{number}": [50] for number in range(88)}
    found = opened(days, 101).lapse_window
    assert (found.days, found.method, found.gaps, found.unfinished) == (50, "returns", 12, 100)


def test_nine_of_ten_are_reached_exactly_and_a_gap_is_seen_to_the_last_day_of_the_records():
    """Of ten last seen nine full days ago none is still waiting on the tenth day."""
    days = {f"ten{number}": [40, 50] for number in range(9)} | {"twenty": [30, 50]}
    found = opened(days, 60).lapse_window
    assert (found.days, found.method) == (10, "gaps")


def test_nobody_buying_twice_leaves_a_year():
    found = opened({"a": [0], "b": [3]}, 30).lapse_window
    assert (found.days, found.method, found.gaps) == (365, "default", 0)


def test_a_window_given_is_taken():
    shop = kpilib.open("cdnow-sample", lapse_window=77)
    assert (shop.lapse_window.days, shop.lapse_window.method) == (77, "given")
    assert "as set" in shop.kpi("churn_rate").notes[0].en


@pytest.mark.parametrize(("days", "half", "double"), [(1, 1, 2), (2, 1, 4), (3, 1, 6), (7, 3, 14)])
def test_half_and_double_a_window_are_whole_days_and_one_at_least(days, half, double):
    window = LapseWindow(days, "given")
    assert (window.half, window.double) == (half, double)
    assert (window.gaps, window.unfinished) == (0, 0)


def test_a_window_of_one_day_is_the_least():
    assert opened({"a": [0, 1, 2, 3], "b": [0, 1, 2, 3]}, 4).lapse_window.days == 1
