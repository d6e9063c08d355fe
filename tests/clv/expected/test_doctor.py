"""The doctor finds each trouble where it was put, and nothing where there is none."""

import numpy as np
import pandas as pd
import pytest

from kpilib.clv import BGNBD, MBGNBD, GammaGamma, diagnose, spend_correlation
from kpilib.clv.expected.doctor_log import regularity, seasons
from kpilib.errors import InputError

TRUTH = BGNBD(0.6, 60.0, 0.8, 2.4)
START = 19_000  # 8 January 2022


def names(findings):
    return [finding.name for finding in findings]


def log_of(customers, rng, gap, days=730, leave=0.05):
    """Purchases of customers who arrive over a year and buy after gaps drawn by `gap(rate)`."""
    rows = []
    for customer in range(customers):
        day = rng.uniform(0, 365)
        rate = rng.gamma(2.0, 1 / 60.0)
        while day < days:
            rows.append((customer, START + int(day)))
            if rng.random() < leave:
                break
            day += max(gap(rate), 1.0)
    return pd.DataFrame(rows, columns=["customer_id", "day"]).drop_duplicates()


def histories(log, end):
    by = log.groupby("customer_id")["day"]
    return by.size() - 1, by.max() - by.min(), end - by.min()


@pytest.fixture(scope="module")
def healthy():
    rng = np.random.default_rng(1)
    return TRUTH.simulate(rng.uniform(200, 500, 4000), seed=1)


def test_healthy_data_have_nothing_but_notes(healthy):
    spend = np.nan_to_num(GammaGamma(6.25, 3.74, 15.44).simulate(healthy["frequency"], seed=2))
    history = (healthy["frequency"], healthy["recency"], healthy["T"])
    found = diagnose(*history, monetary_value=spend)
    assert names(found) == ["spend_unrelated", "one_time_buyers"]
    assert names(diagnose(*history, model=MBGNBD(1, 1, 1, 1))) == []


def test_no_dropout():
    seen = BGNBD(0.6, 60.0, 1e-6, 5.0).simulate(np.linspace(100, 300, 3000), seed=4)
    found = diagnose(seen["frequency"], seen["recency"], seen["T"])
    assert "no_dropout" in names(found)
    assert found[0].severity == "warning" and "Observe for longer" in found[0].remedy.en


def test_no_spread_between_customers():
    rng = np.random.default_rng(5)
    x = rng.poisson(6, 3000)
    t_x = np.where(x > 0, 300 * rng.random(3000) ** (1 / np.maximum(x, 1)), 0.0)
    assert "same_rate" in names(diagnose(x, t_x, np.full(3000, 300.0)))


def test_nobody_leaves_and_all_alike_are_said_whatever_else_the_fit_leaves_open():
    """Twelve bases of 600; the fit alone would call some of the first kind polarised."""
    for seed in range(6):
        rng = np.random.default_rng(seed)
        T = np.floor(rng.uniform(365, 730, 600))
        stays = BGNBD(0.8, 60.0, 1e-7, 5.0).simulate(T, seed=seed)
        found = names(diagnose(stays["frequency"], stays["recency"], stays["T"]))
        assert "no_dropout" in found and "dropout_unlike" not in found
        alike = BGNBD(1e5, 2e6, 0.8, 8.0).simulate(T, seed=seed)
        assert "same_rate" in names(diagnose(alike["frequency"], alike["recency"], alike["T"]))


def test_an_open_direction_names_only_what_it_leaves_open():
    """The sum a + b runs away here, and touches the purchase rate ever so lightly."""
    truth = MBGNBD(0.525, 6.183, 0.891, 1.614)
    rng = np.random.default_rng(20)
    ages = [rng.uniform(27, 38.86, 300) for _ in range(19)]
    seen = truth.simulate(ages[18], seed=18)
    fit = MBGNBD.fit(seen["frequency"], seen["recency"], seen["T"])
    assert names(fit.diagnosis) == ["same_dropout"]


def test_all_identical():
    found = diagnose([2] * 50, [20] * 50, [30] * 50)
    assert "same_rate" in names(found)


@pytest.mark.parametrize(
    ("rows", "name", "severity"),
    [
        (([0] * 30, [0] * 30, [90] * 30), "no_repeat_buyers", "serious"),
        (([0] * 30 + [1] * 20, [0] * 30 + [40] * 20, [90] * 50), "few_repeat_buyers", "warning"),
        (([3], [40], [90]), "one_customer", "serious"),
        (([1, 0] * 40, [9, 0] * 40, [90, 0] * 40), "left_out", "note"),
    ],
)
def test_too_little_is_named(rows, name, severity):
    found = diagnose(*rows)
    assert {finding.name: finding.severity for finding in found}[name] == severity
    assert [f.severity for f in found] == sorted(
        (f.severity for f in found), key=["serious", "warning", "note"].index
    )


def test_rounded_time(healthy):
    x = healthy["frequency"].to_numpy()
    t_x, T = np.ceil(healthy["recency"] / 7) * 7, np.ceil(healthy["T"] / 7) * 7
    found = {f.name: f for f in diagnose(x, t_x, T)}
    assert "rounded to 7 days" in found["time_rounded"].sentence.en
    in_weeks = {f.name: f for f in diagnose(x, t_x / 7, T / 7, time_unit="weeks")}
    assert "rounded to whole weeks" in in_weeks["time_rounded"].sentence.en
    assert "time_rounded" not in names(diagnose(x, np.where(x > 0, t_x - 3.0, 0.0), T))


def test_spend_that_rises_with_frequency():
    rng = np.random.default_rng(6)
    x = rng.integers(1, 20, 800)
    found = diagnose([*x], x * 5, np.full(800, 100), monetary_value=rng.gamma(4, 10 + x))
    text = next(f for f in found if f.name == "spend_related").sentence.en
    assert text.startswith("Frequent buyers spend more per purchase (rank correlation 0.")
    assert "95% limits" in text and "800 customers" in text


def test_the_limits_of_the_correlation_hold_the_truth_95_times_in_100():
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        low, high = spend_correlation(rng.geometric(0.1, 150), rng.gamma(4, 10, 150))[1:3]
        held += low <= 0 <= high
    assert 0.92 <= held / 400 <= 0.98
    with pytest.raises(InputError, match="3 repeat buyers are too few"):
        spend_correlation([1, 2, 3], [4.0, 5.0, 6.0])


def test_regular_random_and_clumpy_buying():
    rng = np.random.default_rng(8)
    regular = log_of(500, rng, lambda rate: rng.gamma(6, 1 / (6 * rate)))
    random = log_of(500, rng, lambda rate: rng.exponential(1 / rate))
    clumpy = log_of(900, rng, lambda rate: rng.gamma(0.3, 1 / (0.3 * rate)))
    end = START + 730
    assert "regular_purchases" in names(diagnose(*histories(regular, end), purchases=regular))
    found = names(diagnose(*histories(random, end), purchases=random, end=end))
    assert not {"regular_purchases", "purchases_in_bursts", "seasonality"} & set(found)
    assert "purchases_in_bursts" in names(diagnose(*histories(clumpy, end), purchases=clumpy))
    shape, low, high, n = regularity(regular)
    assert low < 6 < high or shape == pytest.approx(6, rel=0.35)
    assert n > 300


def test_daily_buyers_are_not_regular_and_a_wave_of_regular_ones_is_no_season():
    rng = np.random.default_rng(11)
    daily = log_of(300, rng, lambda rate: rng.geometric(0.25), days=400)
    shape, low, high, _ = regularity(daily)
    assert low < 1.1 and high > 0.9, (shape, low, high)
    wave = log_of(2500, rng, lambda rate: rng.gamma(4, 1 / (4 * rate)))
    end = START + 730
    found = names(diagnose(*histories(wave, end), purchases=wave, end=end))
    assert "regular_purchases" in found and "seasonality" not in found


def test_seasonal_buying():
    rng = np.random.default_rng(9)
    log = log_of(1200, rng, lambda rate: rng.exponential(1 / rate))
    month = pd.to_datetime(log["day"], unit="D").dt.month
    first = ~log.duplicated("customer_id")
    keep = first | (month == 12) | (rng.random(len(log)) < 0.4)
    log, end = log[keep], START + 730
    found = {f.name: f for f in diagnose(*histories(log, end), purchases=log, end=end)}
    assert "-12 sold" in found["seasonality"].sentence.en
    table = seasons(log, BGNBD.fit(*histories(log, end)), end)
    assert list(table.columns) == ["month", "actual", "expected", "ratio", "z"]
    assert str(table.loc[table["ratio"].idxmax(), "month"]).endswith("-12")
    assert table["expected"].sum() == pytest.approx(table["actual"].sum(), rel=0.1)


def test_purchases_are_checked(healthy):
    history = (healthy["frequency"], healthy["recency"], healthy["T"])
    with pytest.raises(InputError, match="purchases lack day; give customer_id and day"):
        diagnose(*history, purchases=pd.DataFrame({"customer_id": [1]}))
