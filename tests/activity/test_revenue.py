"""Revenue retention against plain pandas, and its identities."""

import numpy as np
import pandas as pd
import pytest

from kpilib import InputError
from kpilib.activity.revenue import revenue_retention
from tests import quick
from tests.generate import contracts


def base_of(table, as_of="2026-01-01"):
    orders = table[["customer_id", "started_at", "mrr"]].set_axis(
        ["customer_id", "ordered_at", "amount"], axis=1
    )
    return quick.opened(orders=orders, subscriptions=table, time_zone="UTC", as_of=as_of)


@pytest.fixture(scope="module")
def table():
    """Two years of contracts, some followed by another at a different price, some after a gap."""
    first = contracts(600, 24, monthly_survival=0.9, seed=20)
    ended = first.dropna(subset="ended_at").sample(frac=0.6, random_state=1)
    rng = np.random.default_rng(21)
    gap = pd.to_timedelta(np.where(rng.random(len(ended)) < 0.5, 0, 75), unit="D")
    later = pd.DataFrame(
        {
            "customer_id": ended["customer_id"],
            "started_at": ended["ended_at"] + gap,
            "ended_at": pd.NaT,
            "mrr": (ended["mrr"] * rng.choice([0.5, 1.0, 1.5], len(ended))).round(2),
        }
    )
    both = pd.concat([first, later], ignore_index=True)
    return both[both["started_at"] < "2026-01-01"].astype({"ended_at": "datetime64[s]"})


def held(table, instant):
    """Recurring revenue per customer at an instant, in plain pandas."""
    instant = pd.Timestamp(instant)
    running = (table["started_at"] < instant) & ~(table["ended_at"] < instant)
    return table[running].groupby("customer_id")["mrr"].sum()


def test_equals_plain_pandas_in_every_month(table):
    found = revenue_retention(base_of(table)).set_index("period")
    for month in found.index:
        opens = pd.Period(month).start_time
        closes = (pd.Period(month) + 1).start_time
        opening, closing = held(table, opens), held(table, closes)
        kept = closing.reindex(opening.index).fillna(0)
        row = found.loc[month]
        assert row["opening"] == pytest.approx(opening.sum())
        assert row["closing"] == pytest.approx(closing.sum())
        assert row["net_retention"] == pytest.approx(kept.sum() / opening.sum())
        gross = np.minimum(kept, opening).sum() / opening.sum()
        assert row["gross_retention"] == pytest.approx(gross)
        assert row["churned"] == pytest.approx(opening[kept == 0].sum())
        assert row["customers"] == len(opening)


def test_the_movements_balance(table):
    found = revenue_retention(base_of(table))
    gains = found["new"] + found["reactivated"] + found["expansion"]
    losses = found["contraction"] + found["churned"]
    np.testing.assert_allclose(found["opening"] + gains - losses, found["closing"])
    np.testing.assert_allclose(found["closing"].iloc[:-1], found["opening"].iloc[1:])
    assert (found["reactivated"] > 0).any() and (found["expansion"] > 0).any()
    assert (found["gross_retention"] <= found["net_retention"] + 1e-12).all()
    assert (found["gross_high"] <= 1).all()


def test_intervals_agree_with_a_bootstrap_by_customer(table):
    row = revenue_retention(base_of(table), "2025-06").iloc[0]
    opening = held(table, "2025-06-01")
    kept = held(table, "2025-07-01").reindex(opening.index).fillna(0).to_numpy()
    picks = np.random.default_rng(22).integers(0, len(kept), (3000, len(kept)))
    draws = kept[picks].sum(axis=1) / opening.to_numpy()[picks].sum(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert row["net_low"] == pytest.approx(low, abs=0.01)
    assert row["net_high"] == pytest.approx(high, abs=0.01)


def test_a_period_before_any_contract_has_no_retention(table):
    row = revenue_retention(base_of(table), "2024-01").iloc[0]
    assert row["opening"] == 0 and np.isnan(row["net_retention"]) and np.isnan(row["net_low"])


def test_what_is_missing_is_named(table):
    orders = pd.DataFrame({"customer_id": [1], "ordered_at": ["2024-01-05"], "amount": [1.0]})
    with pytest.raises(InputError, match="needs the table subscriptions"):
        revenue_retention(quick.opened(orders=orders))
    base = quick.opened(orders=orders, subscriptions=table.drop(columns="mrr"), as_of="2026-01-01")
    with pytest.raises(InputError, match="needs the column mrr"):
        revenue_retention(base)
