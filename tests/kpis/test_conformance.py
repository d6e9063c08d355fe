"""Every KPI from its one definition on DuckDB, Polars and Spark: the same answers.

The business asked has what trips engines up: missing attributes, a month with no orders, groups in
which a condition is never met, several orders at one instant, refunds in part and in full.
"""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.periods import Period
from kpilib.registry.definitions import registry
from tests.engines.frames import to_polars, to_spark
from tests.registry.test_registry import NUMBERS, everything

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")
AS_OF = pd.Timestamp("2026-07-01").date()


def business() -> dict[str, pd.DataFrame]:
    """Forty customers over six months; nobody buys in April."""
    rng = np.random.default_rng(7)
    n = 260
    start = pd.Timestamp("2026-01-01")
    seconds = rng.integers(0, 180, n) * 86_400 + rng.choice([0, 36_000, 36_000, 80_000], n)
    at = start + pd.to_timedelta(seconds, unit="s")
    orders = pd.DataFrame(
        {
            "order_id": [f"o{number:03d}" for number in range(n)],
            "customer_id": [f"c{number:02d}" for number in rng.integers(0, 40, n)],
            "ordered_at": at,
            "amount": rng.choice([0.0, 5.0, 12.5, 99.99], n),
            "channel": rng.choice(["web", "shop", None], n),
        }
    )
    orders = orders[orders["ordered_at"].dt.month != 4].reset_index(drop=True)
    picked = orders[orders["amount"] > 0].iloc[::9]
    refunds = pd.DataFrame(
        {
            "refund_id": [f"r{number}" for number in range(len(picked))],
            "order_id": picked["order_id"].to_numpy(),
            "refunded_at": picked["ordered_at"].to_numpy() + np.timedelta64(3, "D"),
            "amount": picked["amount"].to_numpy() * np.where(np.arange(len(picked)) % 2, 1, 0.4),
        }
    )
    ids = sorted(orders["customer_id"].unique())
    tiers = np.array(["gold", "plain", "never", None], dtype=object)[np.arange(len(ids)) % 4]
    customers = pd.DataFrame({"customer_id": ids, "tier": tiers})
    spent = orders.iloc[::5]
    costs = pd.DataFrame(
        {"customer_id": spent["customer_id"], "date": spent["ordered_at"].dt.date, "amount": 1.25}
    )
    return {"orders": orders, "refunds": refunds, "customers": customers, "customer_costs": costs}


def contracts() -> pd.DataFrame:
    """Contracts that overlap, follow one another, lapse, and run on."""
    rng = np.random.default_rng(11)
    n = 60
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 150, n), unit="D")
    end = start + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    return pd.DataFrame(
        {
            "subscription_id": [f"s{number}" for number in range(n)],
            "customer_id": [f"c{number:02d}" for number in rng.integers(0, 25, n)],
            "started_at": start,
            "mrr": rng.choice([10.0, 25.0, 40.0], n),
            "ended_at": pd.Series(end).where((rng.random(n) < 0.7) & (end < "2026-07-01")),
        }
    )


def ask(tables, **options):
    base = kpilib.open(**tables, lapse_window=40, as_of=AS_OF, currency="EUR", **options)
    whole = everything(base, *MONTHS)
    parts = pd.concat(
        [everything(base, "2026-03", "2026-05", by=by) for by in ("tier", "channel")],
        keys=["tier", "channel"],
    )
    return whole, parts


def assert_same(found, expected):
    """Equal statuses and counts; numbers equal to rounding, whatever order they were summed in."""
    found, expected = found.sort_index(), expected.sort_index()
    assert found.index.equals(expected.index)
    assert (found["status"] == expected["status"]).all()
    for name in NUMBERS:
        np.testing.assert_allclose(
            found[name].to_numpy(float), expected[name].to_numpy(float), rtol=1e-9, err_msg=name
        )


@pytest.fixture(scope="module")
def with_contracts():
    return {**business(), "subscriptions": contracts()}


@pytest.fixture(scope="module")
def on_duckdb():
    return ask(business())


@pytest.fixture(scope="module")
def contracts_on_duckdb(with_contracts):
    return ask(with_contracts)


def test_the_business_has_what_trips_engines_up(on_duckdb):
    whole, parts = on_duckdb
    assert (whole.xs("2026-04", level="period")["numerator"] == 0).any()
    assert (parts["numerator"] == 0).any()
    assert "(missing)" in parts.index.get_level_values("segment")
    assert set(whole.index.get_level_values("id")) == set(registry())
    assert whole.xs("clv_predicted")["value"].notna().any()
    assert whole.xs("clv_net_profit")["value"].notna().any()


def test_polars_answers_alike(on_duckdb):
    for found, expected in zip(ask(to_polars(business())), on_duckdb, strict=True):
        assert_same(found, expected)


def test_polars_answers_alike_with_contracts(contracts_on_duckdb, with_contracts):
    for found, expected in zip(ask(to_polars(with_contracts)), contracts_on_duckdb, strict=True):
        assert_same(found, expected)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_spark_answers_alike(on_duckdb, spark):
    for found, expected in zip(ask(to_spark(spark, business())), on_duckdb, strict=True):
        assert_same(found, expected)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_spark_answers_alike_with_contracts(contracts_on_duckdb, with_contracts, spark):
    base = kpilib.open(
        **to_spark(spark, with_contracts), lapse_window=40, as_of=AS_OF, currency="EUR"
    )
    expected = contracts_on_duckdb[0]
    months = [Period.parse(label) for label in MONTHS]
    for kpi_id in (
        "customer_ledger",
        "churn_rate",
        "average_customer_lifetime",
        "net_revenue_retention",
        "clv_predicted",
        "clv_net_profit",
    ):
        wanted = expected.xs(kpi_id, level="id", drop_level=False)["value"]
        found = [value.value for value in base.trend(kpi_id, months)]
        np.testing.assert_allclose(
            np.array(found, float), wanted.to_numpy(float), rtol=1e-9, err_msg=kpi_id
        )
