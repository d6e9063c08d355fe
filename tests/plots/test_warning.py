"""Pictures of the early warning: drawn in each language, saying what the table says."""

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot

from kpilib.plots import plot_warning_calibration, plot_warning_lift
from kpilib.plots.style import alt_text
from kpilib.statistics.models.ranking import deciles
from kpilib.words import LANGUAGES


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    chance = random.uniform(0, 1, 2000)
    return deciles(chance, random.random(2000) < chance)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("plot", [plot_warning_calibration, plot_warning_lift])
def test_draws_in_each_language_with_alt_text(plot, table, lang):
    ax = plot(table, lang=lang)
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left")
    assert len(alt_text(ax)) > 60


def test_the_points_are_the_tenths(table):
    ax = plot_warning_calibration(table)
    points = ax.lines[1].get_xydata()
    assert np.allclose(points, table[["predicted", "observed"]])
    bars = plot_warning_lift(table).patches
    assert np.allclose([bar.get_height() for bar in bars], table["observed"])


def test_the_finding_of_lift_is_the_first_tenths(table):
    lift = f"{table['lift'].iloc[0]:.2f}".rstrip("0")
    assert lift[:3] in plot_warning_lift(table).get_title(loc="left")


def test_small_chances_at_the_axis_are_not_written_as_others(table):
    ax = plot_warning_lift(table)
    written = ax.yaxis.get_major_formatter()
    assert [written(at, 0) for at in (0.1, 0.005, 0.0005)] == ["10%", "0.50%", "0.050%"]
