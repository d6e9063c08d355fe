"""Bridges as pictures: what is drawn adds up to what is said, in every language."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot

from kpilib.demo import tiny_shop
from kpilib.plots import plot_revenue_bridge, style
from kpilib.words import LANGUAGES


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def table():
    return tiny_shop().analysis("revenue_bridge", "2026-04")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_is_drawn_with_its_finding_and_alt_text(table, lang):
    ax = plot_revenue_bridge(table, lang=lang)
    told = style.alt_text(ax)
    title = ax.get_title(loc="left").replace("\n", "").replace(" ", "")
    assert told.replace(" ", "").startswith(title)
    assert "nan" not in told.lower() and "{" not in told
    assert "110" in title and "80" in title


def test_bars_lead_from_the_revenue_before_to_the_revenue_now(table):
    ax = plot_revenue_bridge(table)
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [(0, 165), (0, 55), (165, -80), (85, -30)]


def test_far_from_nothing_the_whole_bars_are_cut(table):
    table = table.copy()
    table[["value_before", "value_now"]] += 10_000
    assert plot_revenue_bridge(table).get_xlim()[0] > 5_000


def test_no_change_is_said_so(table):
    still = table.assign(contribution=0.0, value_now=table["value_before"])
    assert "as in 2026-03" in style.alt_text(plot_revenue_bridge(still))
