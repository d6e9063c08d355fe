"""Figures in a notebook: in the colours of its theme, and still a picture where those are lost."""

import re
from base64 import b64decode

import pytest

from kpilib.demo import tiny_shop
from kpilib.plots import plot_trend
from kpilib.show.figure.live import live_html
from kpilib.show.marked import live_table
from kpilib.show.reason import Reason


@pytest.fixture
def shown():
    from matplotlib import pyplot

    base = tiny_shop()
    ax = plot_trend(base.trend("revenue", 4))
    yield ax.get_figure().live()
    pyplot.close("all")


def test_every_colour_of_a_figure_is_a_variable_with_a_value_by_day_and_by_night(shown):
    html = shown["text/html"]
    drawing = html[html.index("<svg") : html.index("</svg>")]
    assert not re.search(r"(fill|stroke):\s*(#|white|black)", drawing)
    day, night = re.findall(r"\{([^{}]*--c[^{}]*)\}", html)[:2]
    for name in set(re.findall(r"var\((--c[0-9a-f]{6})\)", drawing)):
        assert f"{name}:" in day and f"{name}:" in night, name
    assert '[data-jp-theme-light="false"] .kpilib-figure' in html


def test_where_styles_and_drawings_are_taken_out_pixels_and_words_are_left(shown):
    image = re.search(
        r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)">', shown["text/html"]
    )
    assert b64decode(image[2]).startswith(b"\x89PNG") and "Net revenue" in image[1]
    assert "Net revenue" in shown["text/plain"]


def test_two_figures_of_one_notebook_share_no_id(shown):
    other = live_html("<svg><defs><path id='a' d='M 0 0 L 1 1'/></defs></svg>", b"", "a", "b")
    ids = re.findall(r' id="([^"]+)"', shown["text/html"])
    assert len(ids) == len(set(ids)) and not set(ids) & set(re.findall(r' id="([^"]+)"', other))


def test_a_hostile_name_is_text_in_a_figure():
    html = live_html("<svg><text>a</text></svg>", b"", "<script>x</script>", '"><script>y')
    assert "<script>" not in html


def test_a_cell_that_ends_in_a_plot_shows_its_figure_and_no_axes(shown):
    from kpilib.plots.figure import HouseAxes, new_figure

    for ax in (new_figure(3, 3).add_subplot(), *new_figure(3, 3).subplots(1, 2)):
        assert isinstance(ax, HouseAxes) and ax._ipython_display_() is None
    assert new_figure(3, 3).add_subplot(projection="polar").name == "polar"


def test_dollar_signs_begin_no_formula_in_what_a_notebook_shows(shown):
    """JupyterLab's MathJax leaves out the class `mathjax_ignore`."""
    base = tiny_shop()
    for html in (
        shown["text/html"],
        base._repr_html_(),
        base.kpi("revenue")._repr_mimebundle_()["text/html"],
        base.scorecard("sales")._repr_mimebundle_()["text/html"],
        live_table(base.coverage()),
        Reason("US$1 of US$2")._repr_mimebundle_()["text/html"],
        base.why("revenue")._repr_html_(),
    ):
        assert "mathjax_ignore" in html[: html.index(">")].split('"')[1].split()
