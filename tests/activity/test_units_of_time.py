"""Running numbers of units against pandas' own calendar."""

import numpy as np
import pandas as pd
import pytest

from kpilib.activity.units_of_time import calendar, label_of, opening, period_of, place_of, places
from kpilib.periods import WEEKDAYS


@pytest.mark.parametrize(("unit", "code"), [("day", "D"), ("month", "M"), ("quarter", "Q")])
def test_places_are_those_of_pandas(unit, code):
    days = np.arange(-1000, 30_000, 7)
    dates = pd.to_datetime(days, unit="D")
    assert (places(unit, days) == dates.to_period(code).astype("int64")).all()


@pytest.mark.parametrize(("number", "starts"), [*enumerate(WEEKDAYS)])
def test_weeks_begin_on_their_day(number, starts):
    days = np.arange(-10, 30_000)
    weekday = pd.to_datetime(days, unit="D").day_of_week
    turns = np.diff(places("week", days, starts)) == 1
    assert (turns == (weekday[1:] == number)).all()
    table = calendar({"cell": "week"}, 10_000, 10_400, starts)
    assert ((table["cell_opens"] <= table["on"]) & (table["on"] < table["cell_closes"])).all()
    assert (table["cell_closes"] - table["cell_opens"] == 7).all()


def test_a_week_of_another_start_is_named_by_its_first_day():
    place = place_of("week", 20_000, "sunday")  # 2024-10-04, a Friday
    assert label_of("week", place, "sunday") == "2024-09-29"
    assert period_of("week", place, "sunday").to_dict() == {
        "start": "2024-09-29", "end": "2024-10-06"
    }  # fmt: skip


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
