"""Online Retail through a kpilib.toml, each number beside one recomputed in plain pandas."""

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.periods import Period

WINDOW = 90
MONTHS = [f"2011-{month:02d}" for month in range(3, 12)]


@pytest.fixture(scope="module")
def base(retail_toml):
    return kpilib.open(retail_toml, lapse_window=WINDOW)


@pytest.fixture(scope="module")
def days(retail_lines):
    """Each customer's purchase days, as an array per customer."""
    unique = retail_lines[["customer_id", "day"]].drop_duplicates().sort_values("day")
    return unique.groupby("customer_id")["day"].apply(lambda found: found.to_numpy())


def active_at(days, instant):
    """The customers with a purchase within the window before an instant."""
    instant = np.datetime64(instant)
    since = instant - np.timedelta64(WINDOW, "D")
    found = days[[bool(((own < instant) & (own >= since)).any()) for own in days]]
    return set(found.index)


def test_every_line_is_accounted_for(base):
    account = base.accounts["orders"]
    assert account.read == 541_909
    assert account.read == account.kept + sum(account.left_out.values())
    assert account.left_out["cancellation"] == 9_288
    assert account.left_out["no customer_id"] > 130_000
    assert account.left_out["zero price"] > 0


def test_december_is_incomplete_and_november_the_default(base):
    assert base.period().label == "2011-11"
    for kpi_id in ("churn_rate", "new_customers", "average_purchase_value", "customers_active"):
        december = base.kpi(kpi_id, "2011-12")
        assert december.status == "incomplete"
        assert december.previous is None
        assert "2011-12-09" in december.reason.en
    # The ledger closes where the data end: nine days do not look like a collapse.
    assert base.kpi("customers_active", "2011-12").value > 0.9 * (
        base.kpi("customers_active", "2011-11").value
    )


@pytest.mark.parametrize("label", MONTHS)
def test_ledger_and_retention_equal_plain_pandas(base, days, label):
    period = Period.month(label)
    opening, closing = active_at(days, period.start), active_at(days, period.end)
    start, end = np.datetime64(period.start), np.datetime64(period.end)
    first = days.apply(min)
    new = set(first[(first >= start) & (first < end)].index)
    within = {name for name, own in days.items() if ((own >= start) & (own < end)).any()}
    reactivated = within - opening - new
    lost = (opening | new | reactivated) - closing
    found = {value.segment: value.value for value in base.kpi("customer_ledger", period)}
    assert found == {
        "opening": len(opening),
        "new": len(new),
        "reactivated": len(reactivated),
        "lost": len(lost),
        "closing": len(closing),
    }
    retention = base.kpi("retention_rate", period)
    assert retention.value == len(opening & closing) / len(opening)
    assert retention.n == len(opening)
    rows = base.rows("churn_rate", period)
    assert set(rows["customer_id"]) == opening
    assert set(rows.loc[rows["counted"], "customer_id"]) == opening - closing


@pytest.mark.parametrize("label", MONTHS)
def test_buyers_and_money_equal_plain_pandas(base, retail_lines, days, label):
    period = Period.month(label)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    lines = retail_lines[(retail_lines["day"] >= start) & (retail_lines["day"] < end)]
    purchases = lines.groupby(["customer_id", "day"])["amount"].sum()
    per_buyer = purchases.groupby("customer_id").size()
    before = {name for name, own in days.items() if (own < np.datetime64(period.start)).any()}
    assert base.kpi("repeat_purchase_rate", period).value == (per_buyer >= 2).mean()
    assert base.kpi("returning_customer_rate", period).value == per_buyer.index.isin(before).mean()
    value = base.kpi("average_purchase_value", period)
    assert value.denominator == len(purchases)
    assert value.value == pytest.approx(purchases.mean(), rel=1e-9)
    so_far = retail_lines[retail_lines["day"] < end].groupby("customer_id")["amount"].sum()
    historical = base.kpi("clv_historical", period)
    assert historical.value == pytest.approx(so_far.mean(), rel=1e-9)
    assert historical.n == len(so_far)
    later = period.shift(1)
    if later.end <= base.period().end:
        window = (retail_lines["day"] >= pd.Timestamp(later.start)) & (
            retail_lines["day"] < pd.Timestamp(later.end)
        )
        again = set(retail_lines.loc[window, "customer_id"])
        found = base.kpi("next_window_repurchase_rate", period)
        assert found.status == "complete"
        assert found.value == per_buyer.index.isin(again).mean()


def test_loyal_first_purchase_and_mix_equal_plain_pandas(base, days):
    period = Period.month("2011-08")
    opens, closes = np.datetime64(period.start), np.datetime64(period.end)
    year = np.timedelta64(365, "D")

    def loyal(own, instant):
        return ((own < instant) & (own >= instant - year)).sum() >= 3

    assert base.kpi("loyal_customers", period).value == sum(loyal(own, closes) for own in days)
    opening, closing = active_at(days, period.start), active_at(days, period.end)
    at_risk = {name for name in opening if loyal(days[name], opens)}
    rate = base.kpi("loyal_customer_loss_rate", period)
    assert (rate.numerator, rate.denominator) == (len(at_risk - closing), len(at_risk))

    first = {name: own.min() for name, own in days.items()}
    cohort = {name for name, day in first.items() if opens <= day < closes}
    back = {
        name for name in cohort if len(own := days[name]) > 1 and own[1] - own[0] <= _days(WINDOW)
    }
    loss = base.kpi("first_purchase_loss_rate", period)
    assert loss.status == "complete"
    assert (loss.numerator, loss.denominator) == (len(cohort - back), len(cohort))
    assert base.kpi("first_purchase_loss_rate", "2011-10").status == "incomplete"

    lost = opening - closing
    mix = {value.segment: value.numerator for value in base.kpi("lost_customer_mix", period)}
    once = {name for name in lost if (days[name] < opens).sum() == 1}
    assert mix["first-time"] == len(once)
    assert mix["loyal"] == len(lost & at_risk)
    assert sum(mix.values()) == base.kpi("lost_customers", period).value


def _days(number):
    return np.timedelta64(number, "D")


def test_frequency_and_lifetime_equal_plain_pandas(base, days):
    period = Period.month("2011-09")
    opens, closes = np.datetime64(period.start), np.datetime64(period.end)
    exposure, bought = 0, 0
    for own in days:
        bought += ((own >= opens) & (own < closes)).sum()
        covered = np.zeros(period.days, dtype=bool)
        for day in own[own < closes]:
            a = int((day - opens) / _days(1))
            covered[max(a, 0) : max(min(a + WINDOW, period.days), 0)] = True
        exposure += covered.sum()
    found = base.kpi("purchase_frequency", period)
    assert (found.numerator, found.denominator) == (bought, exposure)
    assert found.value == pytest.approx(365.25 * bought / exposure)

    lasted, ended = [], []
    for own in days:
        seen = own[own < closes]
        if len(seen):
            stop = seen.max() + _days(WINDOW)
            lasted.append(int((min(stop, closes - _days(1)) - seen.min()) / _days(1)))
            ended.append(bool(stop < closes))
    from scipy.stats import CensoredData, ecdf

    lasted, ended = np.array(lasted), np.array(ended)
    curve = ecdf(CensoredData(lasted[ended], right=lasted[~ended])).sf
    grid = np.arange(lasted.max())
    lifetime = base.kpi("average_customer_lifetime", period)
    assert lifetime.value == pytest.approx(curve.evaluate(grid).sum(), rel=1e-9)
    assert lifetime.n == len(lasted)
    assert lifetime.details["naive_mean"] == pytest.approx(lasted.mean())


def test_a_column_of_orders_serves_as_a_dimension(base, retail_lines):
    first = retail_lines.sort_values("InvoiceDate").groupby("customer_id").first()
    table = base.kpi("customers_active", "2011-11", by="Country")
    by_country = {value.segment: value.value for value in table}
    assert sum(by_country.values()) == base.kpi("customers_active", "2011-11").value
    assert by_country["Germany"] <= (first["Country"] == "Germany").sum()
    assert set(by_country) <= set(first["Country"])
