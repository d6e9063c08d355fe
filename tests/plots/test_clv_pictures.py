"""Pictures of lifetime models: drawn in each language, saying what the tables say."""

import io
from datetime import date, timedelta

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot

from kpilib.clv.check.backtest import backtest
from kpilib.clv.expected.demand import demand_forecast
from kpilib.clv.expected.tracking import purchase_tracking
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.views import (
    concentration,
    customer_life,
    frequency_recency,
    heterogeneity,
    holdout_by_frequency,
    iso_value,
)
from kpilib.errors import InputError
from kpilib.plots import clv_check, clv_model, clv_value
from kpilib.plots.style import alt_text
from kpilib.words import LANGUAGES
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(600, 500, r=0.6, alpha=30.0, a=0.8, b=2.5, seed=3)
    return quick.opened(orders=orders, currency="USD", as_of=date(2025, 5, 1))


@pytest.fixture(scope="module")
def tables(shop):
    value = customer_lifetime_value(shop, acquisition_cost=30.0, draws=100)
    return {
        "frequency_recency": frequency_recency(value.model, 480, most=12),
        "iso_value": iso_value(value.model, value.spend, 480, value.schedule, most=12),
        "customer_life": customer_life(shop),
        "heterogeneity": heterogeneity(value.model, value.spend),
        "purchase_tracking": purchase_tracking(shop, "2025-01-01", step="month"),
        "holdout_by_frequency": holdout_by_frequency(shop, "2025-01-01"),
        "deciles": backtest(shop, origins=1, draws=50).deciles,
        "demand_forecast": demand_forecast(shop, "2025-03", draws=100),
        "value_distribution": value.customers,
        "value_concentration": concentration(value.customers["value"]),
        "payback": value.payback(),
    }


PLOTS = {
    name.removeprefix("plot_"): plot
    for module in (clv_model, clv_check, clv_value)
    for name, plot in vars(module).items()
    if name.startswith("plot_")
}


def test_every_picture_has_its_table_here(tables):
    assert set(PLOTS) == set(tables)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_picture_is_drawn_and_described_in_every_language(tables, name, lang):
    table = tables[name].copy()
    ax = PLOTS[name](table, lang=lang)
    ax.figure.savefig(io.BytesIO(), format="png", dpi=40)
    words = alt_text(ax)
    assert len(words) > 30
    assert "nan" not in words
    assert "{" not in words
    english = alt_text(PLOTS[name](table, lang="en"))
    assert (words == english) == (lang == "en")
    pd.testing.assert_frame_equal(table, tables[name])


@pytest.mark.parametrize("name", sorted(PLOTS))
def test_a_picture_is_drawn_on_the_axes_given(tables, name):
    ax = pyplot.figure().add_subplot()
    assert PLOTS[name](tables[name], ax) is ax


def test_the_words_say_what_the_tables_say(tables):
    table = tables["purchase_tracking"]
    held = table[table["holdout"]]
    share = held["expected"].sum() / held["actual"].sum()
    assert f"{share:.1%}" in alt_text(clv_check.plot_purchase_tracking(table))
    tenth = concentration(tables["value_distribution"]["value"]).loc[10, "value"]
    words = alt_text(clv_value.plot_value_concentration(tables["value_concentration"]))
    assert f"{tenth:.1%}" in words
    life = tables["customer_life"]
    words = alt_text(clv_model.plot_customer_life(life))
    assert f"{life['purchase'].sum()} purchases" in words


def test_two_sums_of_money_in_a_title_are_not_mathematics(tables):
    ax = clv_value.plot_value_distribution(tables["value_distribution"], currency="USD")
    title = ax.get_title(loc="left")
    assert title.count("$") == 2
    assert not ax._left_title.get_parse_math()


def test_expected_purchases_have_a_matrix_too_and_other_measures_none(tables):
    ax = clv_model.plot_frequency_recency(tables["frequency_recency"], measure="expected_purchases")
    assert "365 days" in alt_text(ax)
    with pytest.raises(InputError, match="measure 'alive' is not known"):
        clv_model.plot_frequency_recency(tables["frequency_recency"], measure="alive")


# The tables themselves


def test_a_life_is_what_the_model_says_of_each_day(shop, tables):
    life = tables["customer_life"]
    value = customer_lifetime_value(shop, draws=0)
    row = value.customers.set_index("customer_id").loc[life.attrs["customer_id"]]
    assert life["probability_alive"].iloc[-1] == pytest.approx(row["probability_alive"])
    assert life["purchase"].sum() == row["frequency"] + 1
    assert life["date"].iloc[-1] == date(2025, 4, 30)
    with pytest.raises(InputError, match="customer 'nobody' has no purchase"):
        customer_life(quick.opened(orders=_texts()), "nobody", model="MBGNBD")


def _texts():
    at = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    return pd.DataFrame({"customer_id": ["a", "a", "b"], "ordered_at": at, "amount": 1.0})


def test_densities_are_those_of_the_model(tables):
    for _, part in tables["heterogeneity"].groupby("trait"):
        assert part["cumulative"].iloc[-1] == pytest.approx(0.99, abs=1e-6)
        grown = np.diff(part["cumulative"])
        middle = np.diff(part["x"]) * (part["density"].to_numpy()[1:] + part["density"][:-1]) / 2
        assert np.abs(grown[20:] - middle[20:]).max() < 1e-3


def test_equal_histories_have_the_value_that_customers_have(shop, tables):
    value = customer_lifetime_value(shop, draws=0)
    table = iso_value(value.model, value.spend, 480, value.schedule, most=3)
    row = table[(table["frequency"] == 2) & (table["recency"] > 0)].iloc[30]
    ends = value.model.expected_purchases(value.schedule.ends, 2, row["recency"], 480)
    monthly = np.diff(ends, prepend=0.0) @ value.schedule.factors
    spend = value.spend.expected_spend(2, value.spend.mean_spend)
    assert row["value"] == pytest.approx(monthly * spend)
    with pytest.raises(InputError, match="T is 0; give an age in days above 0"):
        frequency_recency(value.model, 0)


def test_holdout_needs_something_held_out(shop):
    with pytest.raises(InputError, match="split lies at the end of the data"):
        holdout_by_frequency(shop, "2025-05-01")


def test_a_forecast_names_the_last_day_that_is_in_it(tables):
    table = tables["demand_forecast"]
    last = table["end"].iloc[-1] - timedelta(days=1)
    ax = clv_check.plot_demand_forecast(table)
    assert f"up to {last}" in alt_text(ax)
    known = table["actual"].notna().to_numpy()
    (label,) = [text for text in ax.texts if text.get_text() == "actual"]
    above = (table["actual"] >= table["expected"])[known].iloc[-1]
    assert (label.get_position()[1] > 0) == above
