"""Contracts valued a second time: limits from the draws, who is left, revenue that is not told."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.clv import SBG
from kpilib.clv.fitting.contracts import Contracts
from kpilib.clv.value.contract_projection import contract_projection
from kpilib.clv.value.contract_value import contract_table
from kpilib.clv.value.renewals import Renewals
from kpilib.clv.value.value import customer_lifetime_value
from kpilib.errors import InputError
from kpilib.statistics.survival import KaplanMeier
from tests import quick
from tests.generate import contracts


@pytest.fixture(scope="module")
def telecom():
    """Most with one contract, some with two, some with one that is over."""
    table = contracts(120, months=18, monthly_survival=0.93, mrr=0.004, seed=2)
    table["mrr"] = table["mrr"].where(table.index % 9 > 0)
    again = table.iloc[::7].assign(ended_at=pd.NaT, started_at=pd.Timestamp("2025-05-20"))
    both = pd.concat([table.assign(mrr=table["mrr"].fillna(0.003)), again.fillna({"mrr": 0.01})])
    return quick.opened(subscriptions=both, as_of=date(2025, 7, 16), time_zone="UTC")


def test_contracts_have_the_limits_of_the_draws_of_their_renewals(telecom):
    value = customer_lifetime_value(telecom, "9 months", 0.3, 0.5, draws=90, level=0.7)
    live = contract_table(telecom)
    live = live[live["running"]]
    ahead = Renewals(live["renewals"].to_numpy(), live["elapsed"].to_numpy(), value.schedule)
    money = 0.5 * live["mrr"].to_numpy()
    drawn = np.array([money * ahead.within(one) for one in value.posterior.models()])
    each = pd.DataFrame(
        {"value": money * ahead.within(value.model), "residual": money * ahead.beyond(value.model)}
    )
    each["low"], each["high"] = np.quantile(drawn, [0.15, 0.85], axis=0)
    expected = each.groupby(live["customer_id"].to_numpy()).sum()
    customers = value.customers.set_index("customer_id")
    running = customers[customers["contracts"] > 0]
    for name in expected:
        assert running[name].to_dict() == pytest.approx(expected[name].to_dict())
    assert (running["probability_alive"] == 1).all()
    total = value.total.iloc[0]
    assert total["active"] == len(running) < total["customers"] == len(customers)
    assert total["share"] == pytest.approx(1)
    low, high = np.quantile(drawn.sum(axis=1), [0.15, 0.85])
    assert (total["low"], total["high"]) == pytest.approx((low, high))
    spread = money**2 @ ahead.variance(value.model)
    assert total["predicted_high"] - total["value"] == pytest.approx(
        stats.norm.ppf(0.85) * np.sqrt(spread + drawn.sum(axis=1).var()), rel=0.3
    )


def test_who_has_no_contract_left_is_worth_nothing_at_any_rate(telecom):
    value = customer_lifetime_value(telecom, "9 months", 0.0, draws=40)
    gone = value.customers[value.customers["contracts"] == 0]
    names = ["probability_alive", "expected_purchases", "expected_spend", "value", "low", "high"]
    assert len(gone) and (gone[names] == 0).all(axis=None)
    assert value.customers["residual"].isna().all() and np.isnan(value.total["residual"].iloc[0])
    assert str(value).count("beyond the horizon") == 0
    assert value.to_dict()["spend_model"] is None


def test_a_new_contract_pays_at_once_and_then_while_it_is_renewed(telecom):
    value = customer_lifetime_value(telecom, "9 months", 0.3, 0.5, draws=0, acquisition_cost=0.0)
    mean = value.customers["expected_spend"].mean()
    k = np.arange(9)
    paid = np.cumsum(value.model.survival(k) * 1.3 ** (-k / 12))
    np.testing.assert_allclose(value.payback()["value"], 0.5 * mean * paid, rtol=1e-12)


def test_contracts_without_revenue_are_told_with_how_many(telecom):
    rows = pd.DataFrame({"customer_id": range(30), "started_at": "2025-01-01"})
    rows["ended_at"] = [None] * 28 + ["2025-03-01"] * 2
    rows["mrr"] = [None, None, 0.5] + [0.25] * 27
    base = quick.opened(subscriptions=rows, as_of=date(2025, 7, 1), time_zone="UTC")
    value = customer_lifetime_value(base, draws=0)
    told = {one.name: one.sentence.en for one in value.findings}
    assert told["mrr_missing"].startswith("2 running contracts have no mrr")
    mean = (0.5 + 0.25 * 25) / 26
    paid = value.customers.set_index("customer_id")["expected_spend"]
    assert paid[[0, 1, 2, 3, 29]].tolist() == pytest.approx([mean, mean, 0.5, 0.25, 0])
    bare = quick.opened(subscriptions=rows.assign(mrr=None), as_of=date(2025, 7, 1))
    with pytest.raises(InputError, match="no running contract has an mrr"):
        customer_lifetime_value(bare)


def test_the_share_seen_is_kaplan_meier_of_first_stretches_in_months_begun():
    """A part of a month that ends is a month begun; of several stretches the first counts."""
    rows = [
        ("A", "2025-01-15", "2025-02-15"), ("B", "2025-01-15", "2025-03-01"),
        ("C", "2025-01-20", None), ("C2", "2025-05-21", None), ("D", "2025-01-15", "2025-01-30"),
        ("E", "2025-02-01", "2025-04-02"), ("F", "2025-01-01", "2025-02-01"),
        ("F", "2025-04-01", None), ("G", "2025-06-21", None), ("H", "2025-05-01", "2025-06-20"),
        ("A2", "2025-01-15", "2025-02-15"), ("I", "2025-03-03", "2025-03-03"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at"])
    base = quick.opened(subscriptions=table.assign(mrr=1.0), as_of="2025-06-21", time_zone="UTC")
    found = contract_projection(base, 6, draws=50).set_index("renewals")
    # C and C2 run on after five months (to the day) less a day, and in their first month; I
    # ended on the day it began, with its first month.
    months = {"A": 1, "A2": 1, "B": 2, "D": 1, "E": 3, "F": 1, "H": 2, "I": 1, "C": 5}
    over = {who: who != "C" for who in months}
    lengths = np.array(list(months.values()), float)
    ended = np.array([over[who] for who in months], float)
    fit = KaplanMeier.from_counts(lengths, ended, 1 - ended)
    for month in (1, 2, 3):
        assert found.loc[month, ["seen", "low", "high"]].to_numpy(float) == pytest.approx(
            np.array(fit.at(month), float)
        )
    assert found.loc[0, ["seen", "low", "high"]].tolist() == [1, 1, 1]
    model = SBG.fit_counts(Contracts.from_durations(lengths, ended))
    assert found["expected"].to_numpy() == pytest.approx(model.survival(np.arange(7)))
    assert next(iter(contract_projection(base, 2, draws=20))) == "renewals"
    assert len(contract_projection(base, draws=20)) == 37
    assert contract_projection(base, 1, draws=20)["renewals"].tolist() == [0, 1]


def test_contracts_stand_in_the_order_of_their_customers_and_are_numbered_so(telecom):
    table = contract_table(telecom, None)
    assert table[["customer_id", "started_day"]].apply(tuple, axis=1).is_monotonic_increasing
    assert table.index.tolist() == list(range(len(table)))


def test_each_contract_is_discounted_at_the_rate_of_its_customer_or_of_its_segment():
    table = contracts(40, months=12, monthly_survival=0.95, mrr=10.0, seed=5)
    running = table[table["ended_at"].isna()]["customer_id"].tolist()
    orders = pd.DataFrame(
        {
            "customer_id": table["customer_id"], "ordered_at": table["started_at"], "amount": 1.0,
            "country": np.where(table["customer_id"] == running[0], "VN", "CN"),
        }
    )  # fmt: skip
    base = quick.opened(orders=orders, subscriptions=table, as_of=date(2025, 7, 16))

    def valued(rate, **options):
        found = customer_lifetime_value(
            base, "24 months", rate, model=SBG(1.5, 9.0), draws=0, **options
        )
        return found.customers.set_index("customer_id")["value"]

    low, high = valued(0.05), valued(0.9)
    assert (low[running] > high[running]).all()
    found = customer_lifetime_value(
        base, "5 months", {str(running[0]): 0.9}, model=SBG(1.5, 9.0), draws=0
    )
    assert len(found.purchases_by_step) == len(found.schedule.ends) == 5
    expected = found.customers["expected_purchases"].sum()
    assert found.purchases_by_step.sum() == pytest.approx(expected)
    one = valued({str(running[0]): 0.9, str(running[1]): 0.05})
    assert one[running[0]] == pytest.approx(high[running[0]])
    assert one[running[1]] == pytest.approx(low[running[1]])
    segment = valued({"VN": 0.9, "CN": 0.05}, by="country")
    assert segment[running[0]] == pytest.approx(high[running[0]])
    assert segment[running[1:]].tolist() == pytest.approx(low[running[1:]].tolist())
    with pytest.raises(InputError, match="names country 'XX', which no customer has"):
        valued({"XX": 0.9}, by="country")
    named = customer_lifetime_value(base, "24 months", model=SBG(1.5, 9.0), draws=0, by="country")
    assert named.segments["country"].tolist() == ["CN", "VN"]
