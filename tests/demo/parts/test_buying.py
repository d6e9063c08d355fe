"""Purchases follow BG/NBD and Gamma-Gamma, season and channels; shocks change what they name."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import BGNBD, GammaGamma
from kpilib.demo.clock import DAY, Calendar
from kpilib.demo.laws import Channel, Season, Segment
from kpilib.demo.model import Model, Shock
from kpilib.demo.parts.buying import bought_rows, orders, purchases
from kpilib.demo.parts.campaigns import extra_rows
from kpilib.demo.parts.market import make_market
from kpilib.demo.parts.people import leaving_law, make_people

PLAIN = Model(
    customers=30_000,
    months=24,
    season=Season(growth=0, swing=0, weekend=1, before_tet=1, tet=1),
    channels=(Channel("search", 1.0),),
    segments=(Segment("household", 1.0),),
)


def shop(model, seed=1):
    """People, their purchases and orders, without the rest of the business."""
    calendar = Calendar(model)
    market = make_market(calendar, np.random.default_rng(seed))
    people = make_people(market, model.customers, np.random.default_rng(seed + 1))
    made = purchases(calendar, people, np.random.default_rng(seed + 2))
    rows = bought_rows(made, extra_rows([]))
    return people, made, orders(market, people, rows, np.random.default_rng(seed + 3), 1)


def histories(made, days):
    """Frequency, recency and T in days, by plain pandas."""
    table = pd.DataFrame({"customer": made.customer, "at": made.second / DAY})
    by = table.groupby("customer")["at"].agg(["min", "max", "size"])
    return by["size"] - 1, by["max"] - by["min"], days - by["min"]


def test_a_fit_finds_the_parameters_of_the_purchases():
    _, made, _ = shop(PLAIN)
    fit = BGNBD.fit(*histories(made, Calendar(PLAIN).days))
    true = PLAIN.buying
    errors = np.sqrt(np.diag(fit.covariance))
    found = [fit.r, fit.alpha, fit.a, fit.b]
    assert (np.abs(np.subtract(found, [true.r, true.alpha, true.a, true.b])) < 4 * errors).all()


def test_a_fit_finds_the_parameters_of_the_order_sizes():
    _, _, made = shop(replace(PLAIN, countries=PLAIN.countries[:1]))
    table = pd.DataFrame({"customer": made["customer"], "amount": made["amount"]})
    by = table.groupby("customer")["amount"].agg(["size", "mean"])
    fit = GammaGamma.fit(by["size"], by["mean"])
    true, errors = PLAIN.spending, np.sqrt(np.diag(fit.covariance))
    found = np.array([fit.p, fit.q, fit.v])
    assert (np.abs(found - [true.p, true.q, true.v]) < 4 * errors).all()


def test_channels_multiply_rates_and_move_the_odds_of_leaving():
    model = Model(customers=60_000)
    people, _, _ = shop(model)
    a, b = leaving_law(model)
    for place, channel in enumerate(model.channels):
        own = people.channel == place
        leaves = people.leaving[own]
        mean = a[place] / (a[place] + b[place])
        assert abs(leaves.mean() - mean) < 4 * leaves.std() / np.sqrt(own.sum())
        odds = a[place] / b[place] / (model.buying.a / model.buying.b)
        assert np.log(odds) == pytest.approx(channel.leaving)
    assert np.corrcoef(people.theta, -people.leaving)[0, 1] > 0.3
    assert abs(people.theta.mean()) < 0.1 and abs(people.theta.std() - 1) < 0.05


def test_demand_follows_the_week_and_the_lunar_new_year():
    model = Model(customers=20_000)
    _, made, _ = shop(model)
    day = pd.Series(Calendar(model).dates[made.second // DAY])
    per_day = day.groupby(day).size()
    weekend = per_day.index.day_of_week >= 5
    assert per_day[weekend].mean() / per_day[~weekend].mean() == pytest.approx(1.25, abs=0.05)
    before = per_day["2026-01-26":"2026-02-15"].mean()
    during = per_day["2026-02-16":"2026-02-22"].mean()
    assert before / during == pytest.approx(1.5 / 0.4, rel=0.2)


def test_a_purchase_after_which_one_leaves_is_the_last():
    people, made, _ = shop(replace(PLAIN, customers=2_000))
    last = pd.Series(made.second).groupby(made.customer).max()
    assert (last.to_numpy() == made.last).all()
    assert ((made.reason >= 0) == made.gone).all()
    first = pd.Series(made.second).groupby(made.customer).min()
    assert (first.to_numpy() == people.came).all()


SINCE = date(2025, 11, 1)


def counts(model):
    people, made, rows = shop(model)
    late = made.second >= int((np.datetime64(SINCE) - Calendar(model).start).astype(int)) * DAY
    return people, made, rows, late


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_shock_to_buying_hits_its_own_customers_from_its_day_on(factor):
    model = Model(customers=20_000, months=24)
    shock = Shock(SINCE, where=(("acquisition_channel", "search"),), buying=factor)
    people, before, _, late = counts(model)
    _, after, _, after_late = counts(replace(model, shocks=(shock,)))
    own = people.channel == 0
    untouched = ~own[before.customer]
    assert (before.second[untouched] >= 0).sum() == pytest.approx(
        (~own[after.customer]).sum(), rel=0.03
    )
    early = [(one.second[~flag & own[one.customer]]).size for one, flag in
             ((before, late), (after, after_late))]  # fmt: skip
    assert early[1] == pytest.approx(early[0], rel=0.05)
    old = own & (people.came < 200 * DAY)
    some = [(flag & old[one.customer]).sum() for one, flag in
            ((before, late), (after, after_late))]  # fmt: skip
    assert (some[1] / some[0] > 1.2) == (factor > 1)
    assert (some[1] / some[0] < 0.8) == (factor < 1)


def test_a_shock_to_leaving_takes_customers_away_and_one_to_prices_moves_amounts():
    model = Model(customers=10_000, months=24)
    hurt = Shock(SINCE, where=(("segment", "student"),), leaving=1.5)
    dear = Shock(SINCE, price=1.3)
    people, calm, plain, _ = counts(model)
    _, gone, _, _ = counts(replace(model, shocks=(hurt,)))
    student = people.segment == 1
    assert gone.gone[student].mean() > calm.gone[student].mean() + 0.03
    assert gone.gone[~student].mean() == pytest.approx(calm.gone[~student].mean(), abs=0.02)
    _, _, raised, _ = counts(replace(model, shocks=(dear,)))
    ratio = raised["amount"] / plain["amount"]
    after = plain["second"] >= int((np.datetime64(SINCE) - Calendar(model).start).astype(int)) * DAY
    assert np.median(ratio[after]) == pytest.approx(1.3, abs=0.01)
    assert (ratio[~after] == 1).all()
