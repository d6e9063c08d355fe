"""Every analysis gives the same table on Polars as on DuckDB: nulls, ties, empty months."""

import pandas as pd
import polars as pl
import pytest

import kpilib
from kpilib import analyses
from kpilib.activity import revenue as revenue_retention
from tests.generate import bgnbd_purchases, contracts

ANALYSES = {
    "cohorts": lambda base: analyses.cohorts(base),
    "cohorts by attribute and age": lambda base: analyses.cohorts(base, "country", axis="age"),
    "active cohorts": lambda base: analyses.cohorts(base, "week", activity="active"),
    "active by age": lambda base: analyses.cohorts(base, axis="age", activity="active"),
    "survival": lambda base: analyses.survival_curves(base, by="country"),
    "second purchase": lambda base: analyses.survival_summary(base, "second_purchase"),
    "first loss": lambda base: analyses.survival_summary(base, "first_loss"),
    "movements": lambda base: analyses.movements(base),
    "flows": lambda base: analyses.flows(base),
    "windows": lambda base: analyses.window_sensitivity(base),
    "segments": lambda base: analyses.rfm_segments(base),
    "segment movement": lambda base: analyses.rfm_movement(base),
    "tiers": lambda base: analyses.value_tiers(base),
    "tier movement": lambda base: analyses.tier_movement(base),
    "concentration": lambda base: analyses.concentration(base),
}


@pytest.fixture(scope="module")
def bases():
    orders = bgnbd_purchases(250, days=300, seed=40)
    orders = orders[~orders["ordered_at"].between("2024-04-01", "2024-05-31")]
    orders["country"] = (orders["customer_id"] % 3).map({0: "VN", 1: "CN"})
    again = orders.sample(20, random_state=1)
    orders = pd.concat([orders, again.assign(amount=7.0)], ignore_index=True)
    return tuple(
        kpilib.open(orders=table, time_zone="UTC", lapse_window=50)
        for table in (orders, pl.from_pandas(orders))
    )


@pytest.mark.parametrize("name", list(ANALYSES))
def test_equal_on_polars_and_duckdb(bases, name):
    duck, polars = bases
    assert (duck.engine.name, polars.engine.name) == ("duckdb", "polars")
    pd.testing.assert_frame_equal(ANALYSES[name](polars), ANALYSES[name](duck))


def test_revenue_retention_is_equal_too():
    table = contracts(300, 14, monthly_survival=0.9, seed=41)
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    duck, polars = (
        revenue_retention.revenue_retention(
            kpilib.open(orders=take(orders), subscriptions=take(table), as_of="2025-03-01")
        )
        for take in (pd.DataFrame, pl.from_pandas)
    )
    pd.testing.assert_frame_equal(polars, duck)
