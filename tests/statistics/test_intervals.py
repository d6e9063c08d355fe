"""The interval functions against the catalogue's worked checks, scipy, statsmodels, simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import proportion

from kpilib import InputError
from kpilib.statistics.intervals import (
    adjusted_wald_net,
    compound_total,
    finite_population,
    goodman,
    newcombe,
    poisson,
    ratio_delta,
    student,
    weighted_share,
    wilson,
)


@pytest.mark.parametrize(("k", "n", "low", "high"), [(900, 1000, 88.0, 91.7), (50, 1000, 3.8, 6.5)])
def test_wilson_gives_the_catalogue_figures(k, n, low, high):
    assert [round(float(100 * limit), 1) for limit in wilson(k, n)] == [low, high]


def test_wilson_equals_scipy_over_a_grid_of_counts():
    for n in (1, 7, 40):
        k = np.arange(n + 1)
        low, high = wilson(k, n, 0.9)
        exact = [stats.binomtest(int(i), n).proportion_ci(0.9, method="wilson") for i in k]
        np.testing.assert_allclose(low, [c.low for c in exact], atol=1e-14)
        np.testing.assert_allclose(high, [c.high for c in exact], atol=1e-14)
        assert low[0] == 0 and high[-1] == 1


def test_poisson_gives_the_catalogue_figures():
    low, high = poisson(50, 1000)
    assert (round(float(100 * low), 1), round(float(100 * high), 1)) == (3.7, 6.6)
    low, high = poisson(200)
    assert (round(float(100_000 / high)), round(float(100_000 / low))) == (435, 577)


def test_poisson_equals_the_chi_squared_form():
    k = np.array([0, 1, 5, 1000])
    low, high = poisson(k, 2.0)
    np.testing.assert_allclose(high, stats.chi2.ppf(0.975, 2 * (k + 1)) / 4, rtol=1e-12)
    np.testing.assert_allclose(low[1:], stats.chi2.ppf(0.025, 2 * k[1:]) / 4, rtol=1e-12)
    assert low[0] == 0


@pytest.mark.parametrize(
    ("n", "low", "high"), [(30, 31, 78), (100, 45, 71), (400, 53, 66), (1000, 56, 64)]
)
def test_net_gives_the_catalogue_nps_of_70_and_10_percent(n, low, high):
    limits = adjusted_wald_net(0.7 * n, 0.1 * n, n)
    # 52.5… prints as 53 in the catalogue and 45.4… as 45: compare to one point of rounding.
    assert abs(100 * limits[0] - low) <= 0.5 + 1e-9
    assert abs(100 * limits[1] - high) <= 0.5 + 1e-9


def test_student_equals_scipy():
    values = np.array([3.0, 4.0, 4.5, 9.0, 2.0])
    low, high = student(5, values.sum(), (values**2).sum(), 0.99)
    exact = stats.ttest_1samp(values, 0).confidence_interval(0.99)
    np.testing.assert_allclose([low, high], [exact.low, exact.high], rtol=1e-12)


@pytest.mark.parametrize("size", [5, 6, 20])
def test_student_of_a_finite_population_has_cochran_s_correction(size):
    low, high = student(5, 10, 30, population=size)
    reach = stats.t.ppf(0.975, 4) * np.sqrt(10 / 4 / 5 * (size - 5) / (size - 1))
    assert (float(low), float(high)) == pytest.approx((2 - reach, 2 + reach))


def test_student_of_two_close_values_and_of_one_alone():
    values = np.array([0.1, 0.3])
    exact = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert student(2, values.sum(), values @ values) == pytest.approx([exact.low, exact.high])
    for one in (student(1, 3, 9), student(1, 3, 9, population=1)):
        assert np.isnan(one).all()


def test_ratio_delta_equals_its_own_residuals_written_out():
    rng = np.random.default_rng(4)
    y = rng.poisson(3, 60) + 1.0
    x = y * rng.gamma(4, 5, 60)
    ratio = x.sum() / y.sum()
    residual = x - ratio * y
    error = np.sqrt(60 / 59 * (residual**2).sum()) / y.sum()
    reach = stats.t.ppf(0.975, 59) * error
    low, high = ratio_delta(x.sum(), y.sum(), x @ x, x @ y, y @ y, 60)
    np.testing.assert_allclose([low, high], [ratio - reach, ratio + reach], rtol=1e-12)


def test_ratio_delta_agrees_with_a_bootstrap_by_customer():
    rng = np.random.default_rng(5)
    y = rng.poisson(3, 800) + 1.0
    x = y * rng.gamma(4, 5, 800)
    picks = rng.integers(0, 800, (2000, 800))
    draws = x[picks].sum(axis=1) / y[picks].sum(axis=1)
    low, high = ratio_delta(x.sum(), y.sum(), x @ x, x @ y, y @ y, 800)
    assert float(high - low) == pytest.approx(np.diff(np.quantile(draws, [0.025, 0.975]))[0], 0.1)


def test_compound_total_is_the_limit_of_the_poisson_bootstrap():
    x = np.random.default_rng(6).gamma(2, 10, 500)
    draws = np.random.default_rng(7).poisson(1, (4000, 500)) @ x
    low, high = compound_total(x.sum(), x @ x)
    assert float(high - low) == pytest.approx(np.diff(np.quantile(draws, [0.025, 0.975]))[0], 0.08)


def test_goodman_equals_statsmodels():
    counts = np.array([[91, 49, 37, 43], [5, 1, 30, 2]])
    low, high = goodman(counts)
    for row, (a, b) in enumerate(zip(low, high, strict=True)):
        exact = proportion.multinomial_proportions_confint(counts[row], 0.05, "goodman")
        np.testing.assert_allclose(np.column_stack([a, b]), exact, rtol=1e-10)


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_same_values_as_newcombe_1998_table_2(k1, n1, k2, n2, low, high):
    assert [round(float(limit), 4) for limit in newcombe(k1, n1, k2, n2)] == [low, high]


def test_a_group_with_nothing_in_it_gets_nan_and_no_warning():
    for low, high in (
        wilson([0, 1], [0, 2]),
        poisson([0, 1], [0, 2]),
        student([0, 1], 0, 0),
        adjusted_wald_net([0, 1], 0, [0, 2]),
        ratio_delta(0, [0, 0], 0, 0, 0, [0, 1]),
        compound_total([0, 1], [0, 1]),
        newcombe([0, 1], [0, 2], 1, 2),
        goodman([[0, 0], [1, 2]]),
    ):
        assert np.isnan(low.flat[0]) and np.isnan(high.flat[0])


def test_impossible_counts_are_named():
    with pytest.raises(InputError, match="share cannot have 12 counted of 10 rows"):
        wilson([1, 12], [2, 10])
    with pytest.raises(InputError, match="net cannot have 31 plus and minus of 30 answers"):
        adjusted_wald_net(30, 1, 30)
    with pytest.raises(InputError, match="rate cannot have -1 events"):
        poisson(-1)
    for level in (0, 1, 95):
        with pytest.raises(InputError, match=f"level == {level}, must lie between 0 and 1"):
            wilson(1, 2, level)
    for wrong in (
        lambda: wilson(-1, 2),
        lambda: poisson(1, -0.5),
        lambda: adjusted_wald_net(-1, 1, 5),
        lambda: adjusted_wald_net(1, -1, 5),
        lambda: goodman([3, -1, 4]),
        lambda: student(3, 6, 14, population=2),
        lambda: student(1, 3, 9, population=0),
    ):
        with pytest.raises(InputError, match="counts must not be negative nor a part larger"):
            wrong()


@pytest.mark.parametrize(("customers", "lost"), [(40, 0.3), (200, 0.1), (400, 0.5)])
def test_a_share_of_money_is_covered_as_often_as_promised(customers, lost):
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        whole = rng.lognormal(3, 0.8, customers)
        part = np.where(
            rng.random(customers) < lost, whole * rng.choice([0, 0.5], customers), whole
        )
        sums = (part @ part, part @ whole, whole @ whole, customers)
        low, high = weighted_share(part.sum(), whole.sum(), *sums)
        inside.append(low <= 1 - 0.75 * lost <= high)
    assert 0.91 <= np.mean(inside) <= 0.985


def test_a_share_of_equal_parts_of_money_is_wilson_s_but_for_the_degrees_of_freedom():
    sums = (900.0, 1000.0, 900.0, 900.0, 1000.0, 1000.0)
    expected = wilson(900, 1000)
    np.testing.assert_allclose(weighted_share(*sums), expected, atol=2e-4)
    low, high = weighted_share(10.0, 10.0, 100.0, 100.0, 100.0, 1.0)
    assert np.isnan(low) and np.isnan(high)


@pytest.mark.parametrize(
    ("n", "size", "factor"),
    [(1, 1, 0.0), (1, 2, 1.0), (2, 3, 0.5**0.5), (5, 100, 1.0), (0, 0, 1.0), (3, 2, 0.0)],
)
def test_a_small_population_is_corrected_as_any_other(n, size, factor):
    assert finite_population([n], [size]) == pytest.approx([factor])


def by_hand(part, whole):
    """The limits of a share of money, from the customers themselves."""
    part, whole = np.array(part, float), np.array(whole, float)
    m, share = len(whole), part.sum() / whole.sum()
    apart = (part - share * whole) / whole.sum()
    varies = m / (m - 1) * (apart @ apart)
    fewer = (stats.norm.ppf(0.975) / stats.t.ppf(0.975, m - 1)) ** 2
    alike = whole.sum() ** 2 / (whole @ whole)
    size = fewer * (share * (1 - share) / varies if varies > 1e-15 else alike)
    return [float(one) for one in wilson(share * size, size)]


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ([10, 0, 25, 0], [10, 40, 25, 85]),
        ([10, 0], [10, 40]),
        ([3, 0.5, 2, 9, 0.25], [4, 8, 2, 10, 3]),
        ([10, 40, 25], [10, 40, 25]),
        ([0, 0, 0], [10, 40, 25]),
    ],
)
def test_a_share_of_money_has_the_limits_of_as_many_customers_as_would_vary_as_much(part, whole):
    x, y = np.array(part, float), np.array(whole, float)
    found = weighted_share(x.sum(), y.sum(), x @ x, x @ y, y @ y, len(y))
    assert [float(one) for one in found] == pytest.approx(by_hand(part, whole))
    one_customer = weighted_share(x.sum(), y.sum(), x @ x, x @ y, y @ y, 1)
    of_nothing = weighted_share(0.0, 0.0, x @ x, x @ y, y @ y, len(y))
    beyond_all = weighted_share(y.sum() * 1.01, y.sum(), x @ x, x @ y, y @ y, len(y))
    assert np.isnan([*one_customer, *of_nothing, *beyond_all]).all()


def test_a_total_of_pennies_has_limits_and_one_of_nothing_has_none():
    low, high = compound_total(0.5, 0.25)
    reach = stats.norm.ppf(0.975) * 0.5
    assert (float(low), float(high)) == pytest.approx((0.5 - reach, 0.5 + reach))
    assert np.isnan(compound_total(0.0, 0.0)).all()


@pytest.mark.parametrize(("plus", "minus"), [(5, 0), (0, 5)])
def test_limits_of_a_net_share_stop_at_all_of_one_kind(plus, minus):
    low, high = (float(one) for one in adjusted_wald_net(plus, minus, 5))
    assert -1 <= low < high <= 1 and (high == 1) == (plus == 5) and (low == -1) == (minus == 5)


@pytest.mark.parametrize(("plus", "minus"), [(1, 0), (0, 1), (0, 0)])
def test_one_answer_has_limits_of_a_net_share(plus, minus):
    p, d = (plus + 0.75) / 4, (minus + 0.75) / 4
    reach = stats.norm.ppf(0.975) * np.sqrt((p + d - (p - d) ** 2) / 4)
    limits = max(p - d - reach, -1), min(p - d + reach, 1)
    assert adjusted_wald_net(plus, minus, 1) == pytest.approx(limits)


def test_two_customers_who_are_near_one_ratio_have_limits_of_it():
    x, y = np.array([0.2, 0.5]), np.array([0.4, 0.6])
    ratio = x.sum() / y.sum()
    error = np.sqrt(2 * ((x - ratio * y) ** 2).sum()) / y.sum()
    reach = stats.t.ppf(0.975, 1) * error
    found = ratio_delta(x.sum(), y.sum(), x @ x, x @ y, y @ y, 2)
    assert found == pytest.approx((ratio - reach, ratio + reach))


@pytest.mark.parametrize("unit", [1e-15, 1e-3, 1.0, 1e12])
@pytest.mark.parametrize("part", [[10, 0, 25, 0], [3, 12, 7.5, 25.5], [10, 40, 25, 85], [0] * 4])
def test_a_share_of_money_is_the_same_in_any_unit(unit, part):
    """Of some, of three tenths of what each has, of all, and of nothing."""
    x, y = np.array(part) * unit, np.array([10, 40, 25, 85]) * unit
    found = weighted_share(x.sum(), y.sum(), x @ x, x @ y, y @ y, 4)
    assert found == pytest.approx(by_hand(part, [10, 40, 25, 85]))


def test_a_share_of_money_that_rounding_brings_past_all_is_all():
    y = np.array([10.0, 40.0, 25.0])
    low, high = weighted_share(y.sum() * (1 + 5e-13), y.sum(), y @ y, y @ y, y @ y, 3)
    assert high == 1 and low == pytest.approx(by_hand(y, y)[0])


def test_goodman_at_its_ends():
    """All of one part, a single answer, a single part, and none."""
    counts = np.array([[10, 0, 0], [1, 0, 0]])
    for row, low, high in zip(counts, *goodman(counts), strict=True):
        exact = proportion.multinomial_proportions_confint(row, 0.05, "goodman")
        assert np.column_stack([low, high]) == pytest.approx(np.clip(exact, 0, 1), abs=1e-12)
    low, high = goodman([5])
    assert high[0] == 1 and low[0] == pytest.approx(wilson(5, 5)[0])
    assert [len(one) for one in goodman([])] == [0, 0]


def test_newcombe_of_one_customer_each_and_of_none():
    (low1, high1), (low2, high2) = wilson(1, 1), wilson(0, 1)
    expected = 1 - np.hypot(1 - low1, high2), 1 + np.hypot(high1 - 1, low2)
    assert newcombe(1, 1, 0, 1) == pytest.approx(expected)
    assert np.isnan(newcombe(1, 2, 0, 0)).all()
