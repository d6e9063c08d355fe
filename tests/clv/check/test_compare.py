"""Four ways to value a new customer, held against the customers themselves."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.clv.check.compare import lapse_against_model, new_customer_values
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.periods import Period
from tests import quick
from tests.generate import bgnbd_purchases


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(3000, 900, r=0.6, alpha=40.0, a=0.6, b=2.0, arrivals=700, seed=11)
    return quick.opened(orders=orders, lapse_window=120, as_of=date(2026, 6, 1))


def test_observed_first_years_are_those_of_the_log_and_the_model_meets_them(shop):
    table = new_customer_values(shop, "2026-05").set_index("method")
    bought = shop.engine.collect(shop.purchases)
    closes = (date(2026, 6, 1) - date(1970, 1, 1)).days
    age = bought["day"] - bought["first_day"]
    seen = bought[(bought["first_day"] + 365 <= closes) & (age < 365)]
    spent = (
        (seen["amount"] * 1.1 ** (-(age[seen.index]) / 365.25)).groupby(seen["customer_id"]).sum()
    )
    row = table.loc["observed"]
    assert row["customers"] == len(spent)
    assert row["value"] == pytest.approx(spent.mean())
    error = spent.std() / np.sqrt(len(spent))
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * error, rel=0.01)
    # Made by the model, so the model must meet what was observed.
    assert table.loc["model", "value"] == pytest.approx(row["value"], abs=4 * error)
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()


def test_before_a_year_has_passed_nothing_is_observed(shop):
    row = new_customer_values(shop, "2024-10", draws=50).set_index("method").loc["observed"]
    assert row["customers"] == 0
    assert np.isnan(row["value"])


def test_the_window_and_the_model_part_over_frequent_buyers(shop):
    value = customer_lifetime_value(shop, draws=0)
    table = lapse_against_model(shop, value)
    assert list(table) == [
        "frequency", "active", "customers", "probability_alive", "value", "total"
    ]  # fmt: skip
    assert table["customers"].sum() == len(value.customers)
    assert table["total"].sum() == pytest.approx(value.customers["value"].sum())
    lost = table[~table["active"]].set_index("frequency")["probability_alive"]
    assert lost["8+"] < lost["1"]


def test_the_window_s_verdicts_are_those_of_the_last_purchases(shop):
    value = customer_lifetime_value(shop, draws=0)
    table = lapse_against_model(shop, value)
    rows = {(row.frequency, row.active): row for row in table.itertuples()}
    bought = shop.engine.collect(shop.purchases).groupby("customer_id")["day"].agg(["size", "max"])
    closes = (date(2026, 6, 1) - date(1970, 1, 1)).days
    repeats = bought["size"] - 1
    # Lost on the day on which 120 days have passed since the last purchase.
    active = bought["max"] + 120 >= closes
    assert (bought["max"] + 120 == closes).any(), "somebody is on the edge"
    assert (bought["max"] + 121 == closes).any()
    people = value.customers.set_index("customer_id").loc[bought.index]
    groups = {"0": (0, 0), "1": (1, 1), "2–3": (2, 3), "4–7": (4, 7), "8+": (8, 10**6)}
    for name, (least, most) in groups.items():
        for there in (True, False):
            part = people[repeats.between(least, most) & (active == there)]
            if part.empty:
                continue
            row = rows.pop((name, there))
            assert row.customers == len(part)
            assert row.total == pytest.approx(part["value"].sum())
            assert row.value == pytest.approx(part["value"].mean())
            assert row.probability_alive == pytest.approx(part["probability_alive"].mean())
    assert not rows
    assert len(table) == 9, "nobody who bought once did so within the window"


def test_the_simple_product_is_the_kpi_of_the_last_twelve_months(shop):
    table = new_customer_values(shop, "2026-03", draws=50).set_index("method")
    year = Period(date(2025, 4, 1), date(2026, 4, 1))
    card = shop.kpi("clv_simple", year)
    assert table.loc["simple product", ["value", "low", "high"]].tolist() == pytest.approx(
        [card.value, card.low, card.high]
    )


def test_under_contracts_purchases_without_one_are_money_and_no_frequency():
    rng = np.random.default_rng(3)
    begins = pd.Timestamp("2024-01-05") + pd.to_timedelta(rng.integers(0, 400, 90), unit="D")
    ends = begins + pd.to_timedelta(30 * rng.geometric(0.15, 90), unit="D")
    contracts = pd.DataFrame(
        {"customer_id": range(90), "started_at": begins, "ended_at": ends, "mrr": 10.0}
    )
    who = np.arange(600) % 120  # a quarter never had a contract
    orders = pd.DataFrame(
        {
            "customer_id": who,
            "ordered_at": pd.Timestamp("2024-01-05")
            + pd.to_timedelta(rng.integers(0, 720, 600), unit="D"),
            "amount": rng.gamma(3.0, 5.0, 600),
        }
    )
    base = quick.opened(orders=orders, subscriptions=contracts, as_of=date(2026, 1, 1))
    assert base.activity_rule == "subscriptions"
    table = new_customer_values(base, "2025-12", draws=0).set_index("method")
    card = base.kpi("clv_simple", Period(date(2025, 1, 1), date(2026, 1, 1)))
    assert table.loc["simple product", "value"] == pytest.approx(card.value)


def test_the_model_s_new_customer_brings_revenue_of_a_year(shop):
    table = new_customer_values(shop, "2026-05", discount_rate=0.2, draws=50).set_index("method")
    value = customer_lifetime_value(shop, "365 days", 0.2, 1.0, until="2026-06-01", draws=50)
    new = value.new_customer()
    row = table.loc["model"]
    assert row[["value", "low", "high"]].tolist() == pytest.approx(
        [new["value"], new["low"], new["high"]]
    )
    assert row["customers"] == len(value.customers)
