"""One period by segment: whose limits set the scale, and what the axis and the title say."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib import pyplot

from kpilib.errors import InputError
from kpilib.loading.statuses import MISSING
from kpilib.plots.figure import AltText
from kpilib.plots.kpis import plot_segments
from kpilib.plots.kpis.common import Ticks, room
from kpilib.words import Unit
from tests import quick
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


def test_a_title_speaks_of_all_that_is_drawn_and_nothing_else_is_drawn():
    last = _last({"few": 5, "some": 90, "many": 300})
    ax = plot_segments(last)
    assert "from 28.00 (some) to 42.00 (many)" in _title(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["many", "some"]
    last = _last({"few": 50, "some": 90, "many": 300})
    without = [replace(one, segment=MISSING) if one.segment == "many" else one for one in last]
    ax = plot_segments(without)
    assert "from 14.00 (few) to 28.00 (some)" in _title(ax)
    assert ax.get_xlabel() == "(missing) not shown"


def test_where_all_was_counted_the_worst_is_named_however_few_it_is():
    last = [
        replace(one, low=None, high=None, unit=Unit.SHARE, value=share, segment=segment)
        for one, share, segment in zip(
            _last({"few": 5, "some": 90, "many": 300}),
            (0.991, 0.993, 0.787), ("DE", "VN", MISSING), strict=True,
        )
    ]  # fmt: skip
    ax = plot_segments(last)
    assert "from 78.7% (missing) to 99.3% (VN)" in _title(ax)
    assert max(ax.get_xticks()) <= 1 and not ax.get_xlabel()
    (alt,) = ax.findobj(AltText)
    assert "interval" not in alt.beside["measure"]


def test_a_picture_that_cannot_be_had_says_which_records_lack():
    base = quick.opened(orders=pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2026-04-02"],
                                             "amount": [1.0]}))  # fmt: skip
    with pytest.raises(InputError) as found:
        plot_segments(base.kpi("cac_by_channel", "2026-04"))
    assert "marketing spend (marketing_spend)" in found.value.told("en")


def _last(sizes):
    return [value for value in trend(sizes) if value.period.label == "2026-04"]


def _title(ax):
    return ax.get_title(loc="left").replace("\n", " ")


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
