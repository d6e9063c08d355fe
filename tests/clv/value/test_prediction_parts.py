"""How predicted values move with the models, by moving the models; who is enough to fit one."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import SBG, GammaGamma
from kpilib.clv.expected.discount import Schedule
from kpilib.clv.models.model import Fitted
from kpilib.clv.value.contract_prediction import predicted_contract_values
from kpilib.clv.value.prediction import SLOPES, neighbours, predicted_values
from kpilib.clv.value.renewals import Renewals
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.clv.value.worth import units
from kpilib.periods import Period
from tests import quick
from tests.generate import bgnbd_purchases, contracts

MARCH = Period.month("2025-03")
RULE = {"months": 6, "discount_rate": 0.2, "margin": 0.4}


@pytest.fixture(scope="module")
def shop():
    orders = bgnbd_purchases(200, 450, r=0.6, alpha=30.0, a=0.8, b=2.5, seed=12)
    # Some come back for nothing: their mean is 0, and what they spent is nothing.
    orders.loc[orders["customer_id"] % 11 == 0, "amount"] = 0.0
    return quick.opened(orders=orders, as_of=date(2025, 4, 1), value=RULE, time_zone="UTC")


@pytest.fixture(scope="module")
def value(shop):
    return customer_lifetime_value(shop, until=MARCH, draws=0)


def test_values_move_with_the_models_as_when_these_are_moved(shop, value):
    """A standard deviation up and down along each direction: half the difference of all values."""
    rows = shop.engine.collect(predicted_values(shop, (MARCH,))).set_index("customer_id")
    customers = value.customers.set_index("customer_id").reindex(rows.index)
    history = [customers[name].to_numpy() for name in ("frequency", "recency", "T")]
    x, mean = history[0], customers["monetary_value"].to_numpy()
    np.testing.assert_allclose(rows["value"], customers["value"], rtol=1e-9)

    def worth(model, spend):
        within = 0.4 * units(model, value.schedule, *history).within
        return within * spend.expected_spend(x, np.maximum(mean, 0.0))

    moved = [
        (worth(up, value.spend), worth(down, value.spend)) for up, down in neighbours(value.model)
    ] + [(worth(value.model, up), worth(value.model, down)) for up, down in neighbours(value.spend)]
    assert len(moved) == len(SLOPES)
    for slope, (up, down) in zip(SLOPES, moved, strict=True):
        half = (up - down) / 2
        np.testing.assert_allclose(
            rows[slope], half, rtol=2e-3, atol=2e-3 * np.abs(half).max(), err_msg=slope
        )


def test_values_in_another_unit_of_money_are_the_same_values(shop):
    """Also where no mean of a customer reaches 1."""
    names = ["value", *SLOPES]
    rows = shop.engine.collect(predicted_values(shop, (MARCH,))).set_index("customer_id")
    orders = shop.engine.collect(shop.table("orders"))[["customer_id", "ordered_day", "amount"]]
    orders["ordered_at"] = pd.to_datetime(orders.pop("ordered_day"), unit="D")
    base = quick.opened(
        orders=orders.assign(amount=orders["amount"] / 1e4),
        as_of=date(2025, 4, 1), value=RULE, time_zone="UTC",
    )  # fmt: skip
    small = base.engine.collect(predicted_values(base, (MARCH,))).set_index("customer_id")
    small = small.reindex(rows.index)[names] * 1e4
    # The weak prior of v knows the unit, by a hair.
    np.testing.assert_allclose(small["value"], rows["value"], rtol=1e-3)


@pytest.mark.parametrize("which", ["model", "spend"])
def test_the_neighbours_lie_a_standard_deviation_away_in_every_direction(value, which):
    """Half the differences, squared and added up, are the covariance of the parameters."""
    model = getattr(value, which)
    # A hundredth of the covariance, where the way back from the free parameters is straight.
    near = replace(model, fitted=replace(model.fitted, covariance=model.fitted.covariance / 1e4))
    steps = [
        (np.array([*up.parameters.values()]) - [*down.parameters.values()]) / 2
        for up, down in neighbours(near)
    ]
    found = sum(np.outer(step, step) for step in steps)
    scale = np.sqrt(np.outer(np.diag(near.fitted.covariance), np.diag(near.fitted.covariance)))
    assert found / scale == pytest.approx(near.fitted.covariance / scale, abs=1e-3)
    assert all(up.fitted is None and down.fitted is None for up, down in neighbours(near))


def test_a_neighbour_always_has_a_mean_spend():
    fitted = Fitted(log_likelihood=-1.0, covariance=np.diag([0.5, 0.4, 9.0]), n=50, purchases=90)
    for up, down in neighbours(GammaGamma(6.0, 1.2, 15.0, fitted=fitted)):
        for one in (up, down):
            assert one.q > 1 and one.mean_spend > 0


@pytest.mark.parametrize(("q", "rows"), [(0.97, False), (1.04, False), (1.2, True)])
def test_a_spend_that_has_no_mean_is_not_predicted(shop, value, monkeypatch, q, rows):
    """The mean is p v / (q - 1): none at a q of 1 or less, and no number to rely on just above."""
    base = quick.opened(
        orders=shop.engine.collect(shop.table("orders"))[["customer_id", "ordered_day", "amount"]]
        .assign(ordered_at=lambda one: pd.to_datetime(one["ordered_day"], unit="D"))
        .drop(columns="ordered_day"),
        as_of=date(2025, 4, 1), time_zone="UTC",
    )  # fmt: skip
    spend = replace(value.spend, q=q)
    monkeypatch.setattr(GammaGamma, "fit_counts", classmethod(lambda cls, counts: spend))
    found = base.engine.collect(predicted_values(base, (MARCH,)))
    assert bool(len(found)) == rows


@pytest.mark.parametrize(("repeat", "rows"), [(19, False), (20, True)])
def test_twenty_who_bought_again_for_money_are_enough(repeat, rows):
    orders = bgnbd_purchases(200, 450, r=0.6, alpha=30.0, a=0.8, b=2.5, seed=12)
    orders = orders[orders["ordered_at"] < "2025-04-01"]
    days = orders.groupby("customer_id")["ordered_at"].agg(lambda at: at.dt.normalize().nunique())
    again, once = days.index[days > 1], days.index[days == 1]
    # Five more come back, for nothing.
    orders.loc[orders["customer_id"].isin(again[repeat:]), "amount"] = 0.0
    who = [*again[: repeat + 5], *once[:30]]
    orders = orders[orders["customer_id"].isin(who)]
    base = quick.opened(orders=orders, as_of=date(2025, 4, 1), time_zone="UTC")
    found = base.engine.collect(predicted_values(base, (MARCH,)))
    assert len(found) == (repeat + 35 if rows else 0)


# Contracts


def club(table):
    return quick.opened(subscriptions=table, as_of=date(2025, 4, 1), value=RULE, time_zone="UTC")


@pytest.mark.parametrize(("renewed", "rows"), [(19, False), (20, True)])
def test_twenty_lives_that_came_to_a_renewal_are_enough(renewed, rows):
    """Those that ended and those renewed, even once; the young run in their first month."""
    table = pd.DataFrame({"customer_id": range(renewed + 9), "mrr": 10.0})
    table["started_at"] = pd.Timestamp("2025-02-20")
    table.loc[table.index >= renewed, "started_at"] = pd.Timestamp("2025-03-20")
    table["ended_at"] = pd.to_datetime(["2025-03-20"] * 3 + [None] * (renewed + 6))
    base = club(table)
    found = base.engine.collect(predicted_contract_values(base, (MARCH,)))
    assert len(found) == (renewed + 9 if rows else 0)


def test_contracts_move_with_the_model_as_when_it_is_moved():
    table = contracts(150, months=15, monthly_survival=0.9, seed=4)
    table["mrr"] = table["mrr"].where(table.index % 8 > 0)
    again = table.iloc[::6].assign(started_at=pd.Timestamp("2025-03-11"), ended_at=pd.NaT)
    # The last ends on the day of the close, and runs no more.
    ends = pd.DataFrame({"customer_id": [900], "mrr": [7.0]})
    ends = ends.assign(started_at=pd.Timestamp("2024-12-05"), ended_at=pd.Timestamp("2025-04-01"))
    base = club(pd.concat([table, again, ends], ignore_index=True))
    value = customer_lifetime_value(base, until=MARCH, draws=0)
    rows = base.engine.collect(predicted_contract_values(base, (MARCH,))).set_index("customer_id")
    customers = value.customers.set_index("customer_id").reindex(rows.index)
    np.testing.assert_allclose(rows["value"], customers["value"], rtol=1e-9)
    np.testing.assert_allclose(rows["monthly"], customers["expected_spend"], rtol=1e-9)
    assert (rows["running"] == customers["contracts"]).all()
    assert rows["running"].max() == 1 and rows.loc[900, "running"] == 0
    # A customer with one contract of those begun on the first of a month: three days and more.
    single = rows[rows["running"] == 1].index.intersection(
        table.loc[table["ended_at"].isna() & (table.index % 6 > 0), "customer_id"]
    )
    begun = table.set_index("customer_id")["started_at"]
    for who in single[:3]:
        months = (2025 - begun[who].year) * 12 + 4 - begun[who].month
        ahead = Renewals(
            np.array([months]), np.zeros(1),
            Schedule.until(6, start=date(2025, 4, 1), discount_rate=0.2),
        )  # fmt: skip
        for slope, (up, down) in zip(SLOPES, neighbours(value.model), strict=False):
            half = 0.4 * (ahead.within(up) - ahead.within(down))[0] / 2
            assert rows.loc[who, slope] == pytest.approx(half * rows.loc[who, "monthly"])
    assert (rows[list(SLOPES[2:])] == 0).all(axis=None)
    assert isinstance(value.model, SBG)
