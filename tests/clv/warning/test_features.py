"""The columns of a chance and the value of a customer, by their formulas, row after row."""

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import BGNBD, MBGNBD, GammaGamma
from kpilib.clv.warning.features import _usual_gap, snapshot
from kpilib.errors import InputError
from tests import quick
from tests.clv.warning.test_known import CLOSE, DAY, ago, rows

DAYS = 45
BOUGHT = {
    # days before the close of each purchase, and what was paid
    "ann": [(300, 10.0), (250, 20.0), (100, 60.0), (20, 4.0)],
    "bea": [(200, 30.0)],
    "cy": [(90, 5.0), (44, 0.5)],
    "dan": [(1, 9.0)],
    "eve": [(120, 8.0), (60, 0.0)],
    "fay": [(365, 8.0), (330, 3.0), (300, 2.5), (46, 80.0), (45, 20.0), (2, 11.0)],
}


def shop(bought, **more):
    orders = rows("ordered_at", *((who, day) for who in bought for day, _paid in bought[who]))
    orders["amount"] = [paid for who in bought for _day, paid in bought[who]]
    orders["order_id"] = np.arange(len(orders))
    return quick.opened(
        orders=orders, currency="GBP", activity="purchases", as_of="2026-08-01", **more
    )


def histories(bought):
    """Frequency, recency and T in days, up to the day before the close."""
    days = [[day for day, _paid in one] for one in bought.values()]
    x = [len(one) - 1 for one in days]
    return (
        np.array(x),
        np.array([max(d) - min(d) for d in days]),
        np.array([max(d) - 1 for d in days]),
    )


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD])
def test_columns_are_what_their_formulas_say(kind):
    visits = rows("event_at", ("ann", 3), ("ann", 10), ("ann", 50), ("cy", 60), event_type="view")
    base = shop(BOUGHT, value={"model": kind.__name__}, interactions=visits.assign(channel="web"))
    now = snapshot(base, DAY, DAYS)
    assert now.customers.tolist() == list(BOUGHT) and now.day == DAY
    x, recency, T = histories(BOUGHT)
    life = kind.fit(x, recency, T)
    assert type(now.life) is kind
    assert now.life.parameters == pytest.approx(life.parameters, rel=1e-6)
    typical = np.median([280 / 3, 46, 60, 363 / 5])  # of those who came back
    alive = life.probability_alive(x, recency, T)
    # Whoever is there buys at a rate that is gamma(r + x, alpha + T), and leaves after a purchase.
    waits = ((life.alpha + T) / (life.alpha + T + DAYS)) ** (life.r + x)
    chance = 1 - alive * (1 - waits)
    for place, days in enumerate([day for day, _paid in one] for one in BOUGHT.values()):
        found = {name: column[place] for name, column in now.columns.items()}
        since, first = min(days), max(days)
        usual = (first - since + typical) / len(days)
        lately = sum(day <= DAYS for day in days)
        before = sum(DAYS < day <= 2 * DAYS for day in days)
        assert now.table["usual"][place] == pytest.approx(usual)
        assert now.table["recency"][place] == since
        assert found["recency"] == pytest.approx(np.log(since + 1))
        assert found["overdue"] == pytest.approx(np.log((since + 1) / (usual + 1)))
        assert found["tenure"] == pytest.approx(np.log(first + 1))
        assert found["frequency"] == pytest.approx(np.log(len(days)))
        assert found["slowing"] == pytest.approx(np.log((lately + 0.5) / (before + 0.5)))
        odds = chance[place] / (1 - chance[place])
        assert found["expected"] == pytest.approx(np.log(odds), abs=1e-5)
    assert now.columns["visits"] == pytest.approx(np.log([3, 1, 1, 1, 1, 1]))
    usually = np.array([1, 0, 1, 0, 0, 0]) / 3
    lately = np.array([2, 0, 0, 0, 0, 0])
    assert now.columns["visits_change"] == pytest.approx(np.log((lately + 0.5) / (usually + 0.5)))
    assert "complaints" not in now.columns


def test_a_value_is_purchases_of_who_is_there_times_spend():
    now = snapshot(shop(BOUGHT), DAY, DAYS)
    x, recency, T = histories(BOUGHT)
    paid = [[paid for _day, paid in one][1:] for one in BOUGHT.values()]
    mean = np.array([np.mean(one) if one else 0.0 for one in paid])
    spend = GammaGamma.fit(x, mean)
    life = BGNBD.fit(x, recency, T)
    bought = life.expected_purchases(200, x, recency, T) / life.probability_alive(x, recency, T)
    who = np.where(mean > 0, x, 0)  # who paid nothing says nothing of what a purchase brings
    want = bought * spend.expected_spend(who, mean)
    assert now.value(200) == pytest.approx(want, rel=1e-5)
    assert (now.value(200) > now.value(100)).all() and (now.value(0) == 0).all()


def test_where_nobody_came_back_or_paid_again_nothing_is_expected():
    once = {who: one[:1] for who, one in BOUGHT.items()}
    now = snapshot(shop(once), DAY, DAYS)
    assert now.table["usual"].tolist() == [365.0] * 6
    assert (now.value(90) == 0).all()
    free = {who: [(day, 0.0) for day, _paid in one] for who, one in BOUGHT.items()}
    assert (snapshot(shop(free), DAY, DAYS).value(90) == 0).all()


def test_chances_next_to_nothing_and_next_to_one_have_odds():
    """Of customers gone for years the chance is one to more digits than there are."""
    long_gone = {"ann": [(3000 + k, 1.0) for k in range(200)], "bea": [(3, 1.0), (2, 1.0)]}
    found = snapshot(shop(long_gone | BOUGHT), DAY, DAYS).columns["expected"]
    assert np.abs(found).max() <= np.log(1e6) and np.isfinite(found).all()


def test_nobody_before_the_day_is_said():
    with pytest.raises(InputError, match="nobody has bought before that day"):
        snapshot(shop(BOUGHT), DAY - 400, DAYS)
    assert pd.Timestamp(ago(365)) < CLOSE


def test_the_usual_gap_is_drawn_to_the_median_of_the_gaps_there_are():
    table = pd.DataFrame({"n": [1, 2, 2, 2], "first": [0, 0, 10, 20], "last": [0, 10, 40, 25]})
    # Gaps of 10, 30 and 5 days: the typical one is 10.
    assert _usual_gap(table).tolist() == [10, 10, 20, 7.5]
    assert _usual_gap(table[:1]).tolist() == [365]
