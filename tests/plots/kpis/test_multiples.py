"""Small multiples: a panel for each segment, all on one scale, for a desk and for a phone."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from kpilib.periods import Period
from kpilib.plots import plot_small_multiples, plot_trend, style
from kpilib.plots.figure import _narrowly
from kpilib.questions.breakdown import _without_numbers
from kpilib.questions.values import KPITable
from tests import quick
from tests.quick import tiny_shop

MONTHS = Period.month("2026-04").trailing(4)


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def trend(sizes, months=MONTHS):
    """What customers of segments of these sizes paid, month by month: more in each segment."""
    people, rows = [], []
    for place, (name, size) in enumerate(sizes.items()):
        for number in range(size):
            who = f"{name}{number}"
            people.append((who, name))
            rows += [(who, f"2026-0{m}-10", (10.0 + m) * (place + 1)) for m in range(1, 5)]
    base = quick.opened(
        orders=pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"]),
        customers=pd.DataFrame(people, columns=["customer_id", "band"]),
        as_of="2026-05-01",
        lapse_window=40,
    )
    return base.trend("average_purchase_value", months, by="band")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_each_panel_has_its_segment_and_last_value_on_the_one_scale():
    ax = plot_small_multiples(trend({"small": 5, "middle": 7, "large": 9}))
    named = [text for text in texts(ax) if text not in ("Jan\n2026", "Apr")]
    assert named == ["large", "42.00", "middle", "28.00", "small", "14.00"]
    assert ax.get_title(loc="left").replace("\n", " ") == (
        "Average purchase value in April 2026: from 14.00 (small) to 42.00 (large)"
    )
    # One scale: the same amount is as high in every panel of a row.
    lines = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    high, middle, low = (line.get_ydata()[-1] for line in lines)
    assert np.isclose(high - middle, middle - low)
    starts = [line.get_xdata()[0] for line in lines]
    assert starts == sorted(set(starts))


def test_on_a_phone_two_panels_stand_side_by_side():
    table = trend({"a": 5, "b": 6, "c": 7, "d": 8, "e": 9})
    wide = plot_small_multiples(table)
    with _narrowly():
        narrow = plot_small_multiples(table)
    assert wide.figure.get_size_inches()[0] > 2 * narrow.figure.get_size_inches()[0]
    for ax, rows in ((wide, 2), (narrow, 3)):
        ticks = [label.get_text() for label in ax.get_yticklabels()]
        assert len(ticks) == rows * len(set(ticks))


def test_segments_with_next_to_no_rows_are_counted_and_set_no_scale():
    ax = plot_small_multiples(trend({"odd": 1, "a": 20, "b": 30}))
    assert "odd" not in texts(ax) and "1 smaller segment not shown" in ax.get_xlabel()
    alone = plot_small_multiples(trend({"odd": 1, "a": 20}))
    assert "odd" in texts(alone)


def test_it_says_which_segment_moved_beyond_its_limits():
    (alt,) = plot_small_multiples(trend({"a": 5, "b": 6})).findobj(style.AltText)
    assert alt.beside["seen"].startswith("b moved farthest, from 24.00 in February 2026 to 28.00")
    assert alt.beside["measure"] == "Money, by month; a panel for each segment, all on one scale"


def test_without_segments_it_is_a_trend():
    ax = plot_small_multiples(tiny_shop().trend("churn_rate", MONTHS))
    title = ax.get_title(loc="left").replace("\n", " ")
    assert title == "Customer churn rate: 50.0% in April 2026, after 25.0% in March 2026"


def test_what_is_kept_back_is_not_said_to_be_unseen_or_hatched():
    table = trend({"small": 5, "middle": 7, "large": 9})
    hidden = [value for value in table if value.segment == "small"]
    kept = [_without_numbers(value, 6) if value in hidden else value for value in table]
    ax = plot_small_multiples(KPITable(tuple(kept)))
    assert "hatched" not in ax.get_xlabel()
    assert ": ." not in style.alt_text(ax)
    assert not [patch for patch in plot_trend(KPITable(tuple(kept))).patches if patch.get_hatch()]
