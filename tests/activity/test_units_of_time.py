"""Running numbers of units against pandas' own calendar."""

import numpy as np
import pandas as pd
import pytest

from kpilib.activity.units_of_time import calendar, label_of, opening, place_of, places, whole_units


@pytest.mark.parametrize(("unit", "code"), [("day", "D"), ("month", "M"), ("quarter", "Q")])
def test_places_are_those_of_pandas(unit, code):
    days = np.arange(-1000, 30_000, 7)
    dates = pd.to_datetime(days, unit="D")
    assert (places(unit, days) == dates.to_period(code).astype("int64")).all()


def test_weeks_begin_on_monday():
    days = np.arange(-10, 30_000)
    weekday = pd.to_datetime(days, unit="D").day_of_week
    turns = np.diff(places("week", days)) == 1
    assert (turns == (weekday[1:] == 0)).all()


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter"])
def test_every_day_lies_between_its_units_edges(unit):
    table = calendar({"cell": unit}, 10_000, 12_000)
    assert ((table["cell_opens"] <= table["on"]) & (table["on"] < table["cell_closes"])).all()
    assert (places(unit, opening(unit, table["cell"].to_numpy())) == table["cell"]).all()


def test_labels_read_back():
    labels = {
        unit: label_of(unit, place_of(unit, 20_000)) for unit in ("day", "week", "month", "quarter")
    }
    assert list(labels.values()) == ["2024-10-04", "2024-W40", "2024-10", "2024-Q4"]


def test_whole_units_leave_out_what_is_cut():
    found = whole_units("month", 19_724, 19_783)  # 2024-01-02 to 2024-03-01
    assert [period.label for period in found] == ["2024-02"]
