"""Every picture in every language: no warning, a finding, alt text, an untouched table."""

import html
import io
import re
import xml.etree.ElementTree as ElementTree

import matplotlib

matplotlib.use("Agg")

import pandas as pd
import pytest
from matplotlib import pyplot

from kpilib import analyses
from kpilib.activity import revenue as revenue_retention
from kpilib.clv.value.contract_projection import contract_projection
from kpilib.demo import tiny_shop
from kpilib.errors import InputError
from kpilib.plots import style, words
from kpilib.plots.cohorts import plot_cohort_curves, plot_cohorts
from kpilib.plots.figure import _narrowly
from kpilib.plots.movements import (
    plot_flows,
    plot_movements,
    plot_revenue_retention,
    plot_window_sensitivity,
)
from kpilib.plots.segments import (
    plot_concentration,
    plot_rfm_movement,
    plot_rfm_segments,
    plot_tier_movement,
    plot_value_tiers,
)
from kpilib.plots.survival import (
    plot_contract_projection,
    plot_survival_curves,
    plot_survival_summary,
)
from kpilib.words import LANGUAGES, MISSING
from kpilib.words.values import value_text
from tests import quick
from tests.generate import bgnbd_purchases, contracts, small_businesses

PLOTS = {
    "cohorts": (plot_cohorts, lambda base: analyses.cohorts(base)),
    "cohort ages": (plot_cohorts, lambda base: analyses.cohorts(base, axis="age")),
    "cohort curves": (plot_cohort_curves, lambda base: analyses.cohorts(base, "country")),
    "survival": (plot_survival_curves, lambda base: analyses.survival_curves(base)),
    "second purchase": (
        plot_survival_curves,
        lambda base: analyses.survival_curves(base, "second_purchase", by="country"),
    ),
    "means": (plot_survival_summary, lambda base: analyses.survival_summary(base)),
    "movements": (
        plot_movements,
        lambda base: analyses.movements(base, base.period().shift(1).trailing(6)),
    ),
    "flows": (plot_flows, lambda base: analyses.flows(base)),
    "windows": (plot_window_sensitivity, lambda base: analyses.window_sensitivity(base)),
    "segments": (plot_rfm_segments, lambda base: analyses.rfm_segments(base)),
    "segment movement": (plot_rfm_movement, lambda base: analyses.rfm_movement(base)),
    "tiers": (plot_value_tiers, lambda base: analyses.value_tiers(base)),
    "tier movement": (plot_tier_movement, lambda base: analyses.tier_movement(base)),
    "concentration": (plot_concentration, lambda base: analyses.concentration(base)),
}

OF_CONTRACTS = {"revenue": plot_revenue_retention, "contracts": plot_contract_projection}


@pytest.fixture(scope="module")
def tables():
    orders = bgnbd_purchases(600, days=420, seed=30)
    orders["country"] = (orders["customer_id"] % 3).map({0: "VN", 1: "CN"})
    base = quick.opened(orders=orders, time_zone="UTC", lapse_window=60)
    found = {name: make(base) for name, (_, make) in PLOTS.items()}
    subscriptions = contracts(300, 14, seed=31)
    orders = subscriptions[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    base = quick.opened(orders=orders, subscriptions=subscriptions, as_of="2025-03-01")
    return found | {
        "revenue": revenue_retention.revenue_retention(base),
        "contracts": contract_projection(base, 24, draws=50),
    }


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def svg(ax):
    out = io.BytesIO()
    ax.figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue().decode()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [*PLOTS, *OF_CONTRACTS])
def test_is_drawn_with_its_finding_and_alt_text(tables, name, lang):
    plot = OF_CONTRACTS.get(name) or PLOTS[name][0]
    table = tables[name].copy()
    ax = plot(table, lang=lang)
    pd.testing.assert_frame_equal(table, tables[name])
    told, title = style.alt_text(ax), ax.get_title(loc="left").replace("\n", "").replace(" ", "")
    assert told.replace(" ", "").startswith(title)
    assert re.search(r"\d", title) and re.search(r"\d", told[len(title) :])
    assert "nan" not in told.lower() and "{" not in told
    assert pyplot.get_fignums()


@pytest.mark.parametrize("name", [*PLOTS, *OF_CONTRACTS])
def test_is_a_sound_svg_with_its_alt_text(tables, name):
    plot = OF_CONTRACTS.get(name) or PLOTS[name][0]
    ax = plot(tables[name], lang="zh")
    text = svg(ax)
    ElementTree.fromstring(text)
    told = re.findall(r"<(?:title|desc)>(.*?)</", text)
    assert html.unescape(". ".join(told)) == style.alt_text(ax)


def test_a_plot_draws_on_the_axes_it_is_given(tables):
    figure, axes = pyplot.subplots(1, 2)
    assert plot_value_tiers(tables["tiers"], axes[0]) is axes[0]
    assert plot_concentration(tables["concentration"], axes[1]) is axes[1]
    assert pyplot.get_fignums() == [figure.number]
    assert style.alt_text(figure).count("%") > 10


def test_cells_not_begun_are_blank_and_running_ones_hatched(tables):
    table = tables["cohorts"]
    ax = plot_cohorts(table, measure="customers")
    running = (table["state"] == "running").sum()
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert len(hatched) == running > 0
    wide = analyses.triangle(table, "customers")
    coloured = sum((~mesh.get_array().mask).sum() for mesh in ax.collections)
    assert coloured == wide.notna().sum().sum() - running


def test_a_first_month_that_is_not_over_is_drawn():
    orders = small_businesses()["one purchase"]
    base = quick.opened(orders=orders, time_zone="UTC", as_of="2024-01-20")
    came = analyses.cohorts(base, period="2024-01")
    plot_cohorts(came).figure.canvas.draw()
    pyplot.close("all")


def test_a_36_by_36_heatmap_keeps_its_numbers_apart():
    orders = bgnbd_purchases(4000, days=1096, seed=32)
    ax = plot_cohorts(analyses.cohorts(quick.opened(orders=orders, time_zone="UTC")))
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text().isdigit()]
    assert len(boxes) > 600
    cell = ax.transData.transform((1, 1)) - ax.transData.transform((0, 0))
    assert max(box.width for box in boxes) < 0.9 * abs(cell[0])
    assert max(box.height for box in boxes) < 0.9 * abs(cell[1])


@pytest.mark.parametrize("name", ["one purchase", "ties", "nothing paid", "empty months"])
def test_small_businesses_have_findings_without_holes(name):
    base = quick.opened(orders=small_businesses()[name], time_zone="UTC", as_of="2024-07-01")
    for key in set(PLOTS) - {"cohort curves", "second purchase"}:
        plot, make = PLOTS[key]
        told = style.alt_text(plot(make(base)))
        assert told and "nan" not in told.lower()
        pyplot.close("all")


@pytest.mark.parametrize("value", [0, 0.04, 7, 99.6, 999.9, 1500, 123_456, 2.5e6, 3e9, -1500])
def test_numbers_in_cells_are_short(value):
    assert len(words.short(value)) <= 5


def test_names_of_rows_leave_a_phone_room_for_the_cells():
    table = analyses.rfm_movement(tiny_shop(), "2026-04")
    with _narrowly():
        names = plot_rfm_movement(table, lang="vi").get_yticklabels()
    lines = [line for name in names for line in name.get_text().split("\n")]
    assert max(map(len, lines)) <= 18 and all("·" in name.get_text() for name in names)
    assert not any(line.startswith("·") or line.strip().isdigit() for line in lines)


@pytest.fixture(scope="module")
def kept_back():
    """Tables of a small business of which small cells are kept back."""
    orders = bgnbd_purchases(120, days=420, seed=30)
    orders["country"] = (orders["customer_id"] % 40 == 0).map({True: "VN", False: None})
    base = quick.opened(orders=orders, time_zone="UTC", lapse_window=60)
    base = base.varied({}, privacy={"least": 10})
    found = {name: make(base) for name, (_, make) in PLOTS.items() if name in KEEP_BACK}
    return found | {"countries": analyses.survival_curves(base, by="country")}


KEEP_BACK = {
    "cohorts": "size",
    "segments": "customers",
    "segment movement": "customers",
    "tier movement": "customers",
}
"""The pictures of tables of which small cells are kept back → the column that they leave."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", KEEP_BACK)
def test_what_is_kept_back_is_drawn_as_not_known(kept_back, name, lang):
    table = kept_back[name]
    assert table[KEEP_BACK[name]].isna().any()
    ax = PLOTS[name][0](table, lang=lang)
    ax.figure.canvas.draw()
    assert "nan" not in svg(ax).lower()


def test_a_segment_that_is_kept_back_has_no_share_of_nothing(kept_back):
    table = kept_back["segments"]
    ax = plot_rfm_segments(table)
    hidden = int(table["customers"].isna().sum())
    assert [text.get_text() for text in ax.texts].count("–") == 2 * hidden
    assert "n = " not in svg(ax)


def test_cells_of_movement_that_are_kept_back_are_hatched_and_said_to_be_in_no_share(kept_back):
    table = kept_back["segment movement"]
    ax = plot_rfm_movement(table)
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert len(hatched) == table["customers"].isna().sum()
    assert "too few customers to be shown" in " ".join(text.get_text() for text in ax.texts)
    title = ax.get_title(loc="left").replace("\n", " ")
    assert title.startswith("Of the ") and "dropped out" not in title
    assert ": –" not in style.alt_text(ax)


def test_of_curves_that_are_kept_back_the_others_are_drawn(kept_back):
    table = kept_back["countries"]
    assert table.loc[table["group"] == "VN", "survival"].isna().all()
    title = plot_survival_curves(table).get_title(loc="left")
    assert re.search(r"\d", title)
    with pytest.raises(InputError, match="no curve to draw"):
        plot_survival_curves(table[table["group"] == "VN"])


@pytest.mark.parametrize("lang", ["vi", "zh"])
def test_a_curve_of_who_has_no_group_is_named_in_the_language(lang):
    orders = bgnbd_purchases(200, days=420, seed=30)
    orders["country"] = (orders["customer_id"] % 2).map({0: "VN", 1: None})
    base = quick.opened(orders=orders, time_zone="UTC", lapse_window=60)
    told = svg(plot_survival_curves(analyses.survival_curves(base, by="country"), lang=lang))
    assert value_text(MISSING).of(lang) in told and MISSING not in told


@pytest.mark.parametrize("plot", [plot_revenue_retention, plot_window_sensitivity])
def test_numbers_of_an_axis_of_shares_are_told_apart(tables, plot):
    ax = plot(tables["revenue" if plot is plot_revenue_retention else "windows"])
    axis = ax.yaxis if plot is plot_revenue_retention else ax.xaxis
    assert [axis.get_major_formatter()(at, 0) for at in (0.0, 0.005, 0.01)] == ["0%", "0.50%", "1%"]


def test_what_is_not_of_months_is_not_said_to_be():
    base = tiny_shop()
    told = [
        svg(plot_movements(analyses.movements(base, base.asked(["2026-W14", "2026-W15"])))),
        svg(plot_movements(analyses.movements(base, base.asked(["2026-03", "2026-04"])))),
    ]
    assert ["by month" in one for one in told] == [False, True]
