"""Pictures of KPI values, drawn for a tiny shop and for CDNOW."""

import pytest
from matplotlib import pyplot

from kpilib.demo import tiny_shop
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.plots import style
from kpilib.plots.kpis import plot_segments, plot_trend

MONTHS = Period.month("2026-05").trailing(5)


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def test_the_title_states_the_last_final_value_and_where_it_came_from():
    ax = plot_trend(tiny_shop().trend("churn_rate", MONTHS))
    assert ax.get_title(loc="left").replace("\n", " ") == (
        "Customer churn rate: 50.0% in 2026-04, after 25.0% in 2026-02"
    )
    assert "2026-03 25.0%" in style.alt_text(ax)


def test_an_unfinished_period_is_hollow_and_not_on_the_line():
    shop = tiny_shop()
    ax = plot_trend(shop.trend("next_window_repurchase_rate", Period.month("2026-04").trailing(4)))
    line, solid, hollow = ax.get_lines()
    assert len(solid.get_xdata()) == 3
    assert len(hollow.get_xdata()) == 1
    assert line.get_ydata()[-1] != line.get_ydata()[-1]


def test_two_kpis_are_labelled_at_their_ends():
    shop = tiny_shop()
    both = [*shop.trend("retention_rate", MONTHS), *shop.trend("retention_rate_ledger", MONTHS)]
    ax = plot_trend(both)
    labels = {text.get_text().replace("\n", " ") for text in ax.texts}
    assert labels == {
        "Customer retention rate (matched customers) 50.0%",
        "Customer retention rate (ledger form) 75.0%",
    }


def test_more_than_two_kpis_are_refused():
    everything = tiny_shop().scorecard("churn", "2026-03")
    with pytest.raises(InputError, match="one or two KPIs, not 5"):
        plot_trend(everything)


def test_segments_come_largest_first_with_their_counts(cdnow):
    ax = plot_segments(cdnow.kpi("average_purchase_value", "1998-06", by="number_of_cds"))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(set(labels)) <= 14
    values = ax.get_lines()[0].get_xdata()
    assert all(values[:-1] >= values[1:])
    assert "n = " in ax.texts[0].get_text()


def test_no_number_at_all_is_refused():
    with pytest.raises(InputError, match="no segment has a number"):
        plot_segments([tiny_shop().kpi("churn_rate", "2025-01")])
