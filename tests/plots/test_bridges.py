"""Bridges as pictures: what is drawn adds up to what is said, in every language."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot

from kpilib.demo import tiny_orders
from kpilib.plots import plot_revenue_bridge, plot_why, style
from kpilib.words import LANGUAGES
from tests import quick
from tests.questions.test_why import planted
from tests.quick import tiny_shop


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


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_by_segment_leads_from_the_value_before_to_the_value_now(lang):
    why = tiny_shop().why("churn_rate", "2026-04")
    ax = plot_why(why, lang=lang)
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars[:2] == [(0, 0.25), (0, 0.5)]
    at = 0.25
    for x, width in bars[2:]:
        assert x == pytest.approx(at)
        at += width
    assert at == pytest.approx(0.5)
    told = style.alt_text(ax)
    assert "25" in told and "{" not in told and "nan" not in told.lower()


def test_a_segment_that_is_sure_is_in_the_title():
    why = planted().why("repeat_purchase_rate", "2026-02")
    assert ": goes with country VN, +" in style.alt_text(plot_why(why)).replace("\n", " ")
    other = style.alt_text(plot_why(why, dimension="size"))
    assert "by size no segment stands out" in other


def test_segments_that_add_little_share_a_bar(monkeypatch):
    monkeypatch.setattr("kpilib.plots.bridges.MOST_BARS", 1)
    orders = tiny_orders().assign(plan=[f"p{place}" for place in range(12)])
    base = quick.opened(orders=orders, lapse_window=45, as_of="2026-05-01")
    ax = plot_why(base.why("revenue", "2026-04", by="plan"))
    names = [text.get_text().splitlines()[0] for text in ax.get_yticklabels()]
    assert names == ["Net revenue, 2026-03", "p7", "2 others", "Net revenue, 2026-04"]
