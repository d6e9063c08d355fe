"""The house style changes nothing outside its figures, and alt text survives saving."""

import io
import re
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.figure import Figure

from kpilib.analyses import value_tiers
from kpilib.demo import tiny_orders
from kpilib.plots import plot_value_tiers, style
from kpilib.plots.style import _spread, alt_text, finish, hatch, house_style, label_ends, new_axes
from kpilib.show.marked import MARK
from kpilib.show.tables import ROWS
from tests import quick


def draw():
    with house_style():
        ax = new_axes()
        ax.plot([1, 2, 3], [0.5, 0.4, 0.39])
        hatch(ax, 1, 0.4, 0.5, 0.05)
        label_ends(ax, [(3, 0.39, "kept", "black"), (3, 0.39, "giữ chân", "black")])
        finish(ax, "留存率下降到 39%", "Three months: 50%, 40%, 39%.")
    return ax


@pytest.fixture
def axes():
    yield draw()
    pyplot.close("all")


def svg(ax, **options):
    out = io.BytesIO()
    ax.figure.canvas.print_figure(out, format="svg", metadata={"Date": None}, **options)
    return out.getvalue().decode()


def test_nothing_global_changes():
    before = dict(matplotlib.rcParams)
    with house_style():
        pyplot.close(new_axes().figure)
    assert dict(matplotlib.rcParams) == before
    assert not pyplot.get_fignums()


@pytest.mark.parametrize("box", [None, "tight"])
def test_alt_text_and_real_text_are_in_the_svg_saved_outside_the_style(axes, box):
    text = svg(axes, bbox_inches=box)
    found = re.search(r'<g class="kpilib-alt">\s*<title>(.*)</title>\s*<desc>(.*)</desc>', text)
    assert found and found[1] == "留存率下降到39%" and found[2].startswith("Three months")
    assert ">giữ chân</text>" in text
    assert alt_text(axes.figure) == alt_text(axes) == f"{found[1]}. {found[2]}"


def test_the_same_picture_is_the_same_bytes(axes):
    assert svg(axes) == svg(draw())


def test_png_is_drawn_without_a_warning(axes):
    axes.figure.savefig(io.BytesIO(), format="png")


def test_finishing_twice_leaves_one_alt_text(axes):
    finish(axes, "Second", "Other.")
    assert alt_text(axes) == "Second. Other."


def test_given_axes_are_used():
    figure = pyplot.Figure()
    ax = figure.add_subplot()
    assert new_axes(ax) is ax


def test_labels_that_meet_are_pushed_apart_and_keep_their_order():
    places = np.array([0.0, 0.0, 0.01, 5.0])
    spread = _spread(places, 1.0)
    assert np.all(np.diff(spread) >= 1 - 1e-12)
    assert spread[3] == 5 and spread[:3].mean() == pytest.approx(places[:3].mean())


@pytest.mark.parametrize("layout", [None, "constrained"])
def test_a_title_keeps_to_its_own_panel(layout):
    figure = Figure(figsize=(8, 6), layout=layout)
    panels = figure.subplots(2, 2)
    finding = "The most valuable tenth of the customers holds half of the value to come"
    for ax in panels.flat:
        finish(ax, finding, "")
    figure.draw_without_rendering()
    for left, right in panels:
        assert left.title.get_text() == "" and left.get_title(loc="left").count("\n") >= 1
        box = left._left_title.get_window_extent()
        assert box.x1 < right._left_title.get_window_extent().x0


def test_the_lines_of_a_title_are_about_as_long_as_each_other():
    ax = Figure(figsize=(7.2, 3.8)).add_subplot()
    finish(ax, "After 5 repeat purchases, 268 days of silence leave P(alive) at 33.8 per cent", "")
    lines = ax.get_title(loc="left").split("\n")
    assert len(lines) == 2 and min(map(len, lines)) > 0.7 * max(map(len, lines))


def test_a_picture_speaks_as_its_table_does_and_as_told():
    def title(table, **options):
        return plot_value_tiers(table, **options).get_title(loc="left")

    base = quick.opened(orders=tiny_orders(), lang="vi", currency="GBP", as_of="2026-05-01")
    table = base.analysis("value_tiers", "2026-04")
    assert table.attrs == {"lang": "vi", "currency": "GBP", MARK: ROWS}
    plain = value_tiers(base, "2026-04")
    assert title(table) == title(plain) == title(plain, lang="vi")
    assert title(table, lang="en") == title(plain, lang="en") != title(table)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("months", [1, 2, 5, 9, 14, 18, 22, 26, 35, 60, 130])
def test_dates_along_the_bottom_have_room(monkeypatch, months, narrow, lang):
    """However long the time is: neither a warning of the locator nor labels that collide."""
    monkeypatch.setattr(style, "is_narrow", lambda: narrow)
    first = pd.Timestamp("2023-11-20")
    with house_style():
        ax = new_axes()
        ax.figure.set_size_inches(3.3 if narrow else 7, 3)
        ax.plot([first, first + pd.DateOffset(months=months)], [0, 1])
        style.date_axis(ax, lang)
        ax.figure.canvas.draw()
        boxes = [one.get_window_extent() for one in ax.get_xticklabels() if one.get_text()]
    pyplot.close("all")
    assert len(boxes) > 1
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


@pytest.mark.parametrize(("lang", "day"), [("vi", "16/03"), ("zh", "03-16")])
def test_a_day_of_an_axis_is_written_as_its_language_does(lang, day):
    with house_style():
        ax = new_axes()
        ax.plot(pd.date_range("2026-03-01", "2026-04-20"), range(51))
        style.date_axis(ax, lang)
        ax.figure.canvas.draw()
    formatter = ax.xaxis.get_major_formatter()
    assert pd.Timestamp("2026-03-16").strftime(formatter.formats[2]) == day
    pyplot.close("all")
