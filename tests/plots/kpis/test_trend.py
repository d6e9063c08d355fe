"""Pictures of KPI values, drawn for a tiny shop and for CDNOW."""

import io
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib import pyplot

from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.plots import style
from kpilib.plots.kpis import plot_segments, plot_trend
from tests import quick
from tests.quick import tiny_shop

MONTHS = Period.month("2026-05").trailing(5)


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def test_the_title_states_the_last_final_value_and_where_it_came_from():
    ax = plot_trend(tiny_shop().trend("churn_rate", MONTHS))
    assert ax.get_title(loc="left").replace("\n", " ") == (
        "Customer churn rate: 50.0% in April 2026, after 25.0% in March 2026"
    )
    assert "2026-03 25.0%" in style.alt_text(ax)


def test_an_unfinished_period_is_hollow_and_not_on_the_line():
    shop = tiny_shop()
    ax = plot_trend(shop.trend("next_window_repurchase_rate", Period.month("2026-04").trailing(4)))
    line, solid, hollow = ax.get_lines()
    # The records begin within January, and April is not over.
    assert solid.get_xdata().tolist() == [1, 2]
    assert hollow.get_xdata().tolist() == [0, 3]
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
    with pytest.raises(InputError, match=r"one or two KPIs, not [0-9]+"):
        plot_trend(everything)


def test_no_picture_is_drawn_of_nothing():
    values = tiny_shop().varied({"marketing_spend": None}).trend("cac", MONTHS)
    assert {value.value for value in values} == {None}
    with pytest.raises(InputError, match=r"cac has no number from \S+ to \S+; choose") as caught:
        plot_trend(values)
    assert caught.value.told("vi") == values[-1].reason.of("vi")


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


def named(names):
    """A shop whose two segments have these names, over four months."""
    rows = [
        (who, f"2026-0{m}-{9 + who}", 10.0 * (1 + who)) for who in range(4) for m in range(1, 5)
    ]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    people = pd.DataFrame({"customer_id": range(4), "band": [names[who % 2] for who in range(4)]})
    return quick.opened(orders=orders, customers=people, as_of="2026-05-01", lapse_window=40)


def test_a_trend_by_segment_is_a_line_for_each_with_its_name():
    base = named(["low", "high"])
    table = base.trend("average_purchase_value", Period.month("2026-04").trailing(4), by="band")
    ax = plot_trend(table)
    lines = [line for line in ax.get_lines() if line.get_linestyle() == "-"]
    assert len(lines) == 2
    assert sorted(lines[0].get_ydata()[1:].tolist() + lines[1].get_ydata()[1:].tolist()) == [
        20, 20, 20, 30, 30, 30,
    ]  # fmt: skip
    assert sorted(text.get_text() for text in ax.texts) == ["high 30.00", "low 20.00"]
    title = ax.get_title(loc="left").replace("\n", " ")
    assert title == "Average purchase value in April 2026: from 20.00 (low) to 30.00 (high)"


@pytest.mark.parametrize("names", [("$0-$55", "$x^$"), ("a\x1b[31m", "b\x00\ufffe")])
def test_names_are_text_whatever_is_in_them(names):
    base = named(list(names))
    for ax in (
        plot_segments(base.kpi("average_purchase_value", "2026-03", by="band")),
        plot_trend(
            base.trend("average_purchase_value", Period.month("2026-03").trailing(3), "band")
        ),
    ):
        drawn = io.StringIO()
        ax.figure.savefig(drawn, format="svg")
        root = ElementTree.fromstring(drawn.getvalue())
        told = "".join(root.itertext())
        for name in names:
            assert style.readable(name) in told


def test_a_period_in_which_nothing_can_be_observed_is_hatched():
    ax = plot_trend(tiny_shop().trend("churn_rate", MONTHS))
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    assert [patch.get_x() for patch in hatched] == [-0.5]
    assert "hatched: cannot be observed" in ax.get_xlabel()
