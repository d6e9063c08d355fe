"""Kaplan–Meier and log-rank on counts, against scipy and statsmodels on the rows written out."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from kpilib import InputError
from kpilib.statistics.survival import Estimate, KaplanMeier, log_rank, naive_means


def draw(seed, n, mean=20.0, horizon=25, late=False):
    """Integer durations, whether each ended, and the age at entry."""
    rng = np.random.default_rng(seed)
    life = np.ceil(rng.exponential(mean, n)).astype(int)
    seen = rng.integers(1, horizon, n)
    entry = rng.integers(0, 6, n) if late else np.zeros(n, dtype=int)
    keep = np.minimum(life, seen) > entry
    return np.minimum(life, seen)[keep], (life <= seen)[keep], entry[keep]


def curve(duration, ended, entry=None, level=0.95):
    return KaplanMeier.from_counts(duration, ended, ~ended, entry, level)


def test_counts_and_rows_give_the_same_curve():
    duration, ended, _ = draw(1, 400)
    values = np.unique(duration)
    counted = KaplanMeier.from_counts(
        values,
        [ended[duration == value].sum() for value in values],
        [(~ended[duration == value]).sum() for value in values],
    )
    np.testing.assert_allclose(counted.survival, curve(duration, ended).survival, rtol=1e-13)


def test_survival_and_limits_equal_scipy():
    duration, ended, _ = draw(2, 300)
    ours = curve(duration, ended)
    sample = stats.CensoredData(uncensored=duration[ended], right=duration[~ended])
    theirs = stats.ecdf(sample).sf
    limits = theirs.confidence_interval(method="log-log")
    np.testing.assert_allclose(ours.survival, theirs.probabilities, rtol=1e-12)
    inside = (ours.survival < 1) & (ours.survival > 0)
    np.testing.assert_allclose(ours.limits[0][inside], limits.low.probabilities[inside])
    np.testing.assert_allclose(ours.limits[1][inside], limits.high.probabilities[inside])


def test_late_entry_standard_error_and_quantile_equal_statsmodels():
    duration, ended, entry = draw(3, 500, late=True)
    ours = curve(duration, ended, entry)
    theirs = SurvfuncRight(duration, ended.astype(int), entry=entry.astype(float))
    at = np.searchsorted(ours.time, theirs.surv_times)
    np.testing.assert_allclose(ours.survival[at], theirs.surv_prob, rtol=1e-12)
    np.testing.assert_allclose(ours.standard_error[at], theirs.surv_prob_se, rtol=1e-10)
    np.testing.assert_allclose(ours.at_risk[at], theirs.n_risk)
    for q in (0.1, 0.25, 0.5):
        assert ours.quantile(q).value == theirs.quantile(q)


def test_quantile_limits_are_where_the_limits_of_scipys_curve_cross():
    duration, ended, _ = draw(4, 400, mean=8)
    ours = curve(duration, ended)
    sample = stats.CensoredData(uncensored=duration[ended], right=duration[~ended])
    limits = stats.ecdf(sample).sf.confidence_interval(method="log-log")
    for q in (0.25, 0.5, 0.75):
        below = limits.low.probabilities <= 1 - q
        assert ours.quantile(q).low == limits.low.quantiles[below][0]
        above = limits.high.probabilities <= 1 - q
        assert ours.quantile(q).high == limits.high.quantiles[above][0]


@pytest.mark.parametrize("groups", [2, 4])
def test_log_rank_equals_statsmodels(groups):
    parts = [draw(10 + g, 150, mean=12 + 4 * g) for g in range(groups)]
    ours = log_rank([curve(duration, ended) for duration, ended, _ in parts])
    label = np.repeat(np.arange(groups), [len(part[0]) for part in parts])
    chi2, p = survdiff(
        np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]), label
    )
    assert ours.statistic == pytest.approx(chi2, rel=1e-9)
    assert ours.p_value == pytest.approx(p, rel=1e-9)
    assert ours.degrees == groups - 1


def test_log_rank_of_two_groups_equals_scipy():
    (a, ended_a, _), (b, ended_b, _) = draw(20, 90), draw(21, 110, mean=14)
    theirs = stats.logrank(
        stats.CensoredData(uncensored=a[ended_a], right=a[~ended_a]),
        stats.CensoredData(uncensored=b[ended_b], right=b[~ended_b]),
    )
    ours = log_rank([curve(a, ended_a), curve(b, ended_b)])
    assert ours.statistic == pytest.approx(theirs.statistic**2)
    assert ours.p_value == pytest.approx(theirs.pvalue)


def test_log_rank_of_a_group_that_is_over_before_the_other_equals_statsmodels():
    """Its last ends are not the other's first; nobody of it is at risk any more then."""
    a, b = np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 4.0, 5.0, 6.0, 7.0])
    ended = np.array([True, True, False, True]), np.array([True, True, False, True, True])
    ours = log_rank([curve(a, ended[0]), curve(b, ended[1])])
    label = np.repeat([0, 1], [len(a), len(b)])
    chi2, p = survdiff(np.concatenate([a, b]), np.concatenate(ended), label)
    assert (ours.statistic, ours.p_value) == pytest.approx((chi2, p))


def test_before_the_first_end_all_are_there_with_an_exact_lower_limit():
    some = KaplanMeier.from_counts([5, 9], [2, 0], [0, 2])
    assert tuple(some.at(4.9)) == pytest.approx((1.0, 0.025**0.25, 1.0))
    assert some.at(5).value == some.at(9).value == 0.5
    assert some.at(9.1).value is None


def test_log_rank_without_any_event_is_no_number():
    idle = KaplanMeier.from_counts([5], [0], [3])
    assert np.isnan(log_rank([idle, idle]).p_value)
    with pytest.raises(InputError, match="1 was given"):
        log_rank([idle])


def test_restricted_mean_of_uncensored_durations_is_their_mean():
    duration, _, _ = draw(30, 200)
    mean = curve(duration, np.ones(len(duration), bool)).restricted_mean()
    assert mean.value == pytest.approx(duration.mean())
    # Greenwood's form of the variance has n, not n - 1, underneath when nothing is censored.
    assert mean.standard_error == pytest.approx(duration.std() / np.sqrt(len(duration)))


@pytest.mark.parametrize(("tau", "mean"), [(0, 0.0), (5, 5.0), (7, 6.0), (9, 7.0)])
def test_a_restricted_mean_is_the_area_up_to_any_day_that_was_seen(tau, mean):
    """Two of four end on the fifth day, the others are there on the ninth."""
    some = KaplanMeier.from_counts([5, 9], [2, 0], [0, 2])
    assert some.restricted_mean(tau).value == mean
    with pytest.raises(InputError, match="to -1"):
        some.restricted_mean(-1)
    with pytest.raises(InputError, match=r"to 9\.5"):
        some.restricted_mean(9.5)


def test_restricted_mean_beyond_what_was_seen_names_the_limit():
    open_ended = KaplanMeier.from_counts([5, 9], [2, 0], [0, 2])
    with pytest.raises(InputError, match="seen up to 9 only; choose tau from 0 to 9"):
        open_ended.restricted_mean(12)
    finished = KaplanMeier.from_counts([5, 9], [2, 2], [0, 0])
    assert finished.restricted_mean(12).value == 7


@pytest.mark.parametrize(
    ("share", "window", "t", "tau", "q"),
    [(0.2, 95.0, 10.0, 20.0, 0.5), (0.5, 32.0, 10.0, 20.0, 0.5), (0.8, 9.3, 6.0, 8.0, 0.25)],
)
def test_intervals_cover_the_truth_at_three_shares_of_censoring(share, window, t, tau, q):
    """Customers of mean life 20 who came evenly over a window, seen at its end; 400 of these."""
    runs, n, mean = 400, 1000, 20.0
    rng = np.random.default_rng(int(100 * share))
    life, watched = rng.exponential(mean, (runs, n)), rng.uniform(0, window, (runs, n))
    assert np.mean(life > watched) == pytest.approx(share, abs=0.02)
    covered = np.zeros(3)
    for lives, seen in zip(life, watched, strict=True):
        fit = curve(np.minimum(lives, seen), lives <= seen)
        known = (np.exp(-t / mean), mean * (1 - np.exp(-tau / mean)), -mean * np.log(1 - q))
        found = (fit.at(t), fit.restricted_mean(tau), fit.quantile(q))
        covered += [a.low <= k <= (a.high or np.inf) for a, k in zip(found, known, strict=True)]
    assert np.all((covered / runs >= 0.92) & (covered / runs <= 0.98)), covered / runs


def test_naive_averages_of_a_true_mean_of_20_months_seen_for_12():
    """The catalogue: observed average 9.0, of the lost only 5.4, total over lost 20.1."""
    life = np.random.default_rng(9).exponential(20, 200_000)
    seen, ended = np.minimum(life, 12), life <= 12
    means = naive_means(seen, ended, ~ended)
    assert means.observed == pytest.approx(9.0, abs=0.1)
    assert means.ended_only == pytest.approx(5.4, abs=0.1)
    # The catalogue's own simulation said 20.1; the expectation is 20.
    assert means.per_event == pytest.approx(20.0, abs=0.2)


def test_nothing_reached_and_nothing_there():
    idle = KaplanMeier.from_counts([5], [0], [20])
    assert idle.median() == Estimate(None, None, None)
    assert idle.at(6) == Estimate(None, None, None)
    assert idle.at(5).value == 1 and 0.8 < idle.at(5).low < 0.9
    empty = KaplanMeier.from_counts([], [], [])
    assert empty.n == 0 and empty.median().value is None and empty.at(3).value is None
    with pytest.raises(InputError, match="at least one duration"):
        empty.restricted_mean()
    one = KaplanMeier.from_counts([5], [1], [0])
    assert one.median().value == 5
    assert one.at(100).value == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1], [0, 0]), "have 2, 1, 2 and 2 rows"),
        (([-1], [1], [0]), "duration has a value that is negative"),
        (([1.0], [np.nan], [0]), "events has a value that is negative or not finite"),
        (([3], [1], [0], [3]), "entry 3 is not before its duration 3"),
    ],
)
def test_bad_counts_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        KaplanMeier.from_counts(*arguments)


@pytest.mark.parametrize("q", [0, 1, 1.5, 50])
def test_bad_quantile_is_named(q):
    with pytest.raises(InputError, match=f"q == {q}, must lie between 0 and 1"):
        KaplanMeier.from_counts([1], [1], [0]).quantile(q)


def test_a_curve_that_has_come_down_may_be_asked_for_any_time():
    finished = KaplanMeier.from_counts([5, 9, 12], [2, 2, 2], [0, 0, 0])
    assert finished.restricted_mean(20).value == pytest.approx((5 + 9 + 12) / 3)


def test_of_a_curve_that_has_come_down_nothing_is_left_to_vary():
    finished = KaplanMeier.from_counts([5, 9], [2, 2], [0, 0])
    low, high = finished.limits
    assert finished.standard_error.tolist() == pytest.approx([0.25, 0.0])
    assert low[-1] == 0 and high[-1] == high[0] < 1
    at_once = KaplanMeier.from_counts([5], [3], [0])
    assert [float(one[0]) for one in at_once.limits] == [0.0, 1.0]


def test_greenwood_down_to_the_last_customer_equals_statsmodels():
    duration = np.array([1.0, 2.0, 3.0, 4.0])
    ended = np.array([True, True, True, False])
    theirs = SurvfuncRight(duration, ended.astype(int))
    assert curve(duration, ended).standard_error[:3] == pytest.approx(theirs.surv_prob_se)


@pytest.mark.parametrize(
    ("duration", "events", "censored", "limits"),
    [
        ([5, 9], [2, 0], [0, 2], (7 - 1.959964, 7 + 1.959964)),
        ([1, 20], [1, 1], [0, 0], (0.0, 20.0)),  # 10.5 ± 13.2
        ([5, 9], [0, 2], [2, 0], (np.nan, np.nan)),
    ],
)
def test_limits_of_a_restricted_mean_stay_within_its_time(duration, events, censored, limits):
    mean = KaplanMeier.from_counts(duration, events, censored).restricted_mean()
    assert (mean.low, mean.high) == pytest.approx(limits, nan_ok=True)


def test_before_the_first_has_come_nobody_is_at_risk():
    late = KaplanMeier.from_counts([5, 9], [1, 1], [0, 0], entry=[2, 3])
    assert late.time.tolist() == [2, 3, 5, 9] and late.at_risk.tolist() == [0, 1, 2, 1]
    assert late.survival.tolist() == [1.0, 1.0, 0.5, 0.0]
    assert late.limits[0][:2].tolist() == pytest.approx([0.025, 0.025])
    assert late.limits[1][:2].tolist() == [1, 1]


def test_a_curve_may_be_asked_for_at_each_of_its_times_and_beyond_and_for_its_median():
    finished = KaplanMeier.from_counts([5, 9], [2, 2], [0, 0])
    assert [finished.at(t).value for t in (4, 5, 8, 9, 12)] == [1, 0.5, 0.5, 0, 0]
    assert KaplanMeier.from_counts([5, 9], [2, 0], [0, 3]).n == 5
    twenty = KaplanMeier.from_counts(np.arange(1, 21), np.ones(20), np.zeros(20))
    assert twenty.median().value == 10
    again = KaplanMeier(twenty.time, twenty.at_risk, twenty.events, twenty.censored)
    np.testing.assert_array_equal(again.limits, twenty.limits)


def test_one_customer_who_is_still_there_says_little():
    assert KaplanMeier.from_counts([5], [0], [1]).at(5).low == pytest.approx(0.025)


def test_an_end_on_the_day_of_the_beginning_counts_and_one_on_that_of_entry_cannot_be():
    assert KaplanMeier.from_counts([0, 5], [1, 1], [0, 0]).survival.tolist() == [0.5, 0.0]
    for entry in (1.0, 2.0, np.nan):
        with pytest.raises(InputError, match="is not before its duration 1"):
            KaplanMeier.from_counts([1], [1], [0], [entry])


def test_naive_averages_of_nobody_and_of_no_end_are_no_numbers():
    nobody, no_end = naive_means([], [], []), naive_means([2, 4], [0, 0], [1, 3])
    assert np.isnan(nobody).all() and no_end.observed == 3.5
    assert np.isnan([no_end.ended_only, no_end.per_event]).all()
