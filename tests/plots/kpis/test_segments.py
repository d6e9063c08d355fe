"""One period by segment: whose limits set the scale, and what the axis and the title say."""

from dataclasses import replace

import pytest
from matplotlib import pyplot

from kpilib.plots.kpis import plot_segments
from kpilib.plots.kpis.common import Ticks, room
from kpilib.words import Unit
from tests.plots.kpis.test_multiples import trend


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def test_a_segment_of_one_customer_is_counted_and_does_not_set_the_scale():
    values = trend({"one": 1, "some": 9, "many": 300})
    last = [value for value in values if value.period.label == "2026-04"]
    ax = plot_segments(last)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["many", "some"]
    assert ax.get_xlabel() == "1 smaller segment not shown"
    few = [replace(value, n=3) for value in last]
    assert len(plot_segments(few).get_yticklabels()) == 3


def test_a_title_names_segments_that_hold_some_part_of_the_rows():
    values = trend({"few": 5, "some": 90, "many": 300})
    ax = plot_segments([value for value in values if value.period.label == "2026-04"])
    assert "from 28.00 (some) to 42.00 (many)" in ax.get_title(loc="left").replace("\n", " ")
    assert len(ax.get_yticklabels()) == 3


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        (Unit.POINTS, [0, 5, 10], ["0", "5", "10"]),
        (Unit.HOURS, [0, 2.5, 5], ["0.0", "2.5", "5.0"]),
        (Unit.SHARE, [0.86, 0.88], ["86%", "88%"]),
        (Unit.SHARE, [0.991, 0.9915], ["99.10%", "99.15%"]),
        (Unit.COUNT, [1000, 1200], ["1,000", "1,200"]),
    ],
)
def test_numbers_of_an_axis_are_alike_and_no_longer_than_they_need_be(unit, values, said):
    (value, *_) = trend({"a": 5})
    assert Ticks(replace(value, unit=unit)).format_ticks(values) == said


def test_a_line_that_is_written_alike_throughout_looks_flat():
    low, high = room(200, 201, Unit.COUNT)
    assert high - low == pytest.approx(2.01) and room(0.1, 0.5, Unit.SHARE) == (0.1, 0.5)
