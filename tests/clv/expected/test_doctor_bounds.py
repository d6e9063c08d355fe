"""Each verdict of the doctor just below its bound and above it, and its numbers reckoned twice."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from kpilib.clv import BGNBD, MBGNBD, ParetoNBD, spend_correlation
from kpilib.clv.expected import doctor, doctor_log
from kpilib.clv.fitting.counts import Counts
from kpilib.errors import InputError


def names(findings):
    return [finding.name for finding in findings]


# Spend and frequency.


@pytest.fixture
def spends():
    rng = np.random.default_rng(4)
    x = rng.integers(0, 6, 60)
    m = np.where(x > 0, rng.integers(20, 30, 60) + 2.0 * x, 5.0)
    m[7] = np.nan
    return x, m


def test_the_correlation_is_spearmans_over_who_came_back_with_limits_of_bonett_and_wright(
    spends,
):
    x, m = spends
    took = (x > 0) & np.isfinite(m)
    truth = stats.spearmanr(x[took], m[took]).statistic
    n = int(took.sum())
    error = np.sqrt((1 + truth**2 / 2) / (n - 3))
    for sign in (1, -1):
        found = spend_correlation(x, sign * m + 100)
        assert found.value == pytest.approx(sign * truth, abs=1e-12) and found.n == n
        ends = np.tanh(np.arctanh(sign * truth) + stats.norm.ppf([0.025, 0.975]) * error)
        assert [found.low, found.high] == pytest.approx(ends, abs=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_correlation_keeps_limits(sign):
    x = np.arange(1, 13)
    value, low, high, _n = spend_correlation(x, 50.0 + sign * x**2 / 10)
    assert value == pytest.approx(sign, abs=1e-12)
    assert 0.9999 < min(abs(low), abs(high)) < max(abs(low), abs(high)) < 1


def test_ten_who_came_back_are_enough_and_none_may_be_all_alike():
    x, m = np.arange(1, 11), np.arange(10.0)[::-1] ** 2
    assert spend_correlation([*x, 0], [*m, 3.0]).n == 10
    with pytest.raises(InputError, match=r"^9 repeat buyers are too few, or too alike"):
        spend_correlation([*x[:9], 0], [*m[:9], 3.0])
    for alike in ((np.full(10, 2), m), (x, np.full(10, 7.0))):
        with pytest.raises(InputError, match=r"^10 repeat buyers are too few, or too alike"):
            spend_correlation(*alike)


@pytest.mark.parametrize(
    ("value", "low", "high", "start"),
    [
        (0.3, 0.11, 0.5, "Frequent buyers spend more"),
        (-0.3, -0.5, -0.11, "Frequent buyers spend less"),
        (0.3, 0.10, 0.5, "Spend per purchase and frequency are near unrelated"),
        (-0.3, -0.5, -0.10, "Spend per purchase and frequency are near unrelated"),
        (0.0, -0.2, 0.2, "Spend per purchase and frequency are near unrelated"),
    ],
)
def test_spend_is_related_where_all_of_the_limits_lie_beyond_a_tenth(
    monkeypatch, value, low, high, start
):
    told = doctor.Correlation(value, low, high, 40)
    monkeypatch.setattr(doctor, "spend_correlation", lambda *_columns: told)
    (found,) = doctor.spend_findings([1], [1.0])
    assert found.sentence.en.startswith(start)
    assert f"rank correlation {value:.2f}" in found.sentence.en


# What the model needs.


@pytest.fixture(scope="module")
def seen():
    table = BGNBD(0.6, 60.0, 0.8, 2.4).simulate(np.linspace(200, 500, 600), seed=1)
    return Counts.from_arrays(table["frequency"], table["recency"], table["T"])


@pytest.fixture(scope="module")
def fit(seen):
    return BGNBD.fit_counts(seen)


EDGE = stats.chi2.ppf(0.9, 1) / 2
"""How much a likelihood may fall where a simpler model on the edge is not refused at 5%."""


@pytest.mark.parametrize("name", ["no_dropout", "same_rate"])
@pytest.mark.parametrize(("fall", "needless"), [(EDGE - 1e-3, True), (EDGE + 1e-3, False)])
def test_a_simpler_model_is_refused_at_five_percent(monkeypatch, seen, fit, name, fall, needless):
    """No dropout is the lower edge of its mean, one rate for all the upper edge of the shape."""
    problem = BGNBD.problem(seen)
    top = problem(problem.space.to_free(list(fit.parameters.values())))[0]
    limits = problem.space.bounds(problem.prior_mean)
    held = {"no_dropout": (2, limits[2][0]), "same_rate": (1, limits[1][1])}

    def pinned(_problem, u, index, value):
        assert problem(u)[0] == pytest.approx(top, abs=1e-9)
        return top - (fall if (index, value) == held[name] else 100.0)

    monkeypatch.setattr(doctor, "pinned", pinned)
    assert names(doctor.structure_findings(fit, seen)) == ([name] if needless else [])


def test_a_fit_that_a_prior_has_moved_is_compared_at_the_top_of_the_likelihood(
    monkeypatch, seen, fit
):
    moved = replace(fit, r=fit.r * 1.5, fitted=replace(fit.fitted, prior_used=True))
    tops = []

    def pinned(problem, u, _index, _value):
        tops.append(problem(u)[0])
        return -np.inf

    monkeypatch.setattr(doctor, "pinned", pinned)
    assert doctor.structure_findings(moved, seen) == []
    assert tops == pytest.approx([fit.log_likelihood] * 2, abs=1e-9)


@pytest.mark.parametrize(("r", "alike"), [(99.9, False), (100.1, True)])
def test_rates_that_spread_by_less_than_a_tenth_count_as_one(monkeypatch, seen, fit, r, alike):
    monkeypatch.setattr(doctor, "pinned", lambda *_held: -np.inf)
    found = doctor.structure_findings(replace(fit, r=r), seen)
    assert names(found) == (["same_rate"] if alike else [])
    if alike:
        assert "rates spread by 10.0% around" in found[0].sentence.en


@pytest.mark.parametrize(("buyers", "asked"), [(49, False), (50, True), (51, True)])
def test_fifty_must_have_come_back_before_the_model_is_questioned(buyers, asked):
    counts = Counts.from_arrays([2, 3, 0], [20, 25, 0], [30, 30, 30], [buyers - 9, 9, 70])
    found = doctor.structure_findings(BGNBD.fit_counts(counts), counts)
    assert bool(found) == asked


@pytest.mark.parametrize("kind", [BGNBD, ParetoNBD])
def test_only_models_of_leaving_after_a_purchase_say_how_many_do(monkeypatch, seen, kind):
    model = kind.fit_counts(seen)
    monkeypatch.setattr(
        doctor, "pinned", lambda _p, _u, index, _value: np.inf if index == 2 else -np.inf
    )
    (found,) = doctor.structure_findings(model, seen)
    leave = f"{100 * model.a / (model.a + model.b):.1f}%" if kind is BGNBD else None
    assert ("leave after a purchase" in found.sentence.en) == (kind is BGNBD)
    assert leave is None or f"(as fitted, {leave} leave" in found.sentence.en


def test_a_model_written_by_hand_is_not_questioned(seen):
    assert doctor.structure_findings(BGNBD(0.6, 60.0, 0.8, 2.4), seen) == []


# Time, and who came once.


@pytest.mark.parametrize(
    ("t_x", "T", "unit", "said"),
    [
        ([4, 8, 0], [10, 12, 14], "days", "rounded to 2 days"),
        ([7, 14, 0], [21, 28, 35], "days", "rounded to 7 days"),
        ([4, 8, 0], [10, 12, 13], "days", None),
        ([4, 9, 0], [10, 12, 14], "days", None),
        ([4, 8.5, 0], [10, 12, 14], "days", None),
        ([4, 8, 0], [10, 12, 14.5], "days", None),
        ([1, 2, 0], [3, 4, 5], "weeks", "rounded to whole weeks"),
        ([4, 8, 0], [10, 12, 14], "periods", None),
        ([4, 8, 0], [10, 10, 14], "days", "rounded to 2 days"),
        ([4, 4, 0], [10, 12, 14], "days", "rounded to 2 days"),
        ([4, 4, 0], [10, 10, 14], "days", None),
    ],
)
def test_times_are_rounded_where_a_step_divides_all_of_more_than_two(t_x, T, unit, said):
    counts = Counts.from_arrays([1, 1, 0], t_x, T, time_unit=unit)
    found = doctor.time_findings(counts)
    assert bool(found) == (said is not None)
    if said:
        assert said in found[0].sentence.en


def test_who_came_once_is_counted_by_customers_and_only_where_they_are_called_alive():
    counts = Counts.from_arrays([0, 1, 2], [0, 3, 4], [9, 9, 9], [40, 5, 6])
    (said,) = doctor.one_time_findings(BGNBD(1, 1, 1, 1), counts)
    assert "all 40 customers" in said.sentence.en and said.severity == "note"
    assert doctor.one_time_findings(MBGNBD(1, 1, 1, 1), counts) == []
    again = Counts.from_arrays([1, 2], [3, 4], [9, 9], [5, 6])
    assert doctor.one_time_findings(BGNBD(1, 1, 1, 1), again) == []


# Regular buying.


def log_of_gaps(pairs, start=100):
    """Customers with two gaps each, a third that must not count, and rows in no order."""
    rows = []
    for number, (one, two) in enumerate(pairs):
        days = np.cumsum([start + number, one, two, 77])
        rows += [(f"c{number:03}", int(day)) for day in days]
    return pd.DataFrame(rows, columns=["customer_id", "day"]).sample(frac=1, random_state=3)


def test_regularity_is_told_from_the_share_of_the_first_gap_in_both():
    """Gaps of thousands of days, beside which the hour of a purchase does not count."""
    rng = np.random.default_rng(2)
    pairs = rng.integers(9_000, 22_000, (30, 2))
    log = log_of_gaps(pairs)
    log = pd.concat([log, log.iloc[:9], pd.DataFrame({"customer_id": ["x", "x"], "day": [9, 70]})])
    square = (pairs[:, 0] / pairs.sum(axis=1) - 0.5) ** 2
    error = stats.sem(square)
    shape, low, high, n = doctor_log.regularity(log)
    assert n == 30
    for found, sign in ((shape, 0), (low, 1), (high, -1)):
        variance = square.mean() + sign * 1.96 * error
        assert 4 * variance == pytest.approx(1 / (2 * found + 1), rel=2e-3)
    few = doctor_log.regularity(log[log["customer_id"] != "c011"])
    assert few[3] == 29 and np.isnan(few[:3]).all()


def test_a_gap_of_whole_days_stands_for_one_up_to_a_day_shorter():
    """Of two gaps of one day each, both even within it, the share has the variance 3/4 - ln 2."""
    log = pd.DataFrame(
        {"customer_id": np.repeat(np.arange(4_000), 3), "day": np.tile([5, 6, 7], 4_000)}
    )
    shape, low, high, n = doctor_log.regularity(log)
    truth = (1 / (4 * (0.75 - np.log(2))) - 1) / 2
    assert n == 4_000 and low < truth < high and shape == pytest.approx(truth, rel=0.05)


def test_the_extremes_of_regularity_are_numbers():
    clockwork = doctor_log.regularity(log_of_gaps([(20_000, 20_000)] * 40))
    bursts = doctor_log.regularity(log_of_gaps([(1, 30_000), (30_000, 1)] * 20))
    mixed = doctor_log.regularity(log_of_gaps([(1, 30_000)] * 39 + [(20_000, 20_000)]))
    assert np.isfinite(clockwork).all() and clockwork[1] > 1_000
    assert np.isfinite(bursts).all() and 0 < bursts[1] <= bursts[2] < 0.01
    assert 0 < mixed[1] < mixed[0] < mixed[2] < 0.1
    assert doctor_log.regularity(pd.DataFrame({"customer_id": [1, 2], "day": [1, 2]}))[3] == 0


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [
        (1.51, 3.0, "regular_purchases"),
        (1.50, 3.0, None),
        (0.50, 0.84, "purchases_in_bursts"),
        (0.50, 0.85, None),
        (np.nan, np.nan, None),
    ],
)
def test_buying_is_called_regular_or_bursting_by_its_nearer_limit(monkeypatch, low, high, name):
    monkeypatch.setattr(doctor_log, "regularity", lambda _log: ((low + high) / 2, low, high, 50))
    assert names(doctor_log.regularity_findings(pd.DataFrame())) == ([name] if name else [])


# Seasons.


@pytest.fixture(scope="module")
def log():
    """From 1 January 2022: customers of each day, most of whom return, some after the end."""
    rng = np.random.default_rng(5)
    first = pd.Timestamp("2022-01-01").toordinal() - pd.Timestamp("1970-01-01").toordinal()
    rows = [("c0", first)]
    for number in range(900):
        day = first + int(rng.integers(0, 500))
        for gap in (0, *rng.geometric(0.02, rng.integers(0, 6))):
            day += int(gap)
            rows.append((f"c{number}", day))
    table = pd.DataFrame(rows, columns=["customer_id", "day"])
    return first, pd.concat([table, table.iloc[::3]]).sample(frac=1, random_state=1)


MODEL = BGNBD(0.9, 40.0, 0.7, 2.9)


def by_hand(log, end):
    """Actual and expected repeat purchases of each whole calendar month, customer by customer."""
    bought = {who: sorted(set(days)) for who, days in log.groupby("customer_id")["day"]}
    begin = min(days[0] for days in bought.values())
    rows = []
    for month in pd.period_range("2021-12", "2024-12", freq="M"):
        opens = month.start_time.to_datetime64().astype("datetime64[D]").astype(int)
        closes = opens + month.days_in_month
        if opens < begin or closes > end:
            continue
        actual = sum(opens <= day < closes for days in bought.values() for day in days[1:])
        ages = [
            (max(opens - days[0], 0), max(closes - days[0], 0))
            for days in bought.values()
            if days[0] < end
        ]
        from_to = MODEL.expected_purchases_new(np.array(ages, dtype=float))
        rows.append((month, actual, float((from_to[:, 1] - from_to[:, 0]).sum())))
    table = pd.DataFrame(rows, columns=["month", "actual", "expected"])
    return table[table["expected"] >= 30].reset_index(drop=True)


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_the_months_of_a_season_are_reckoned_customer_by_customer(log, beside):
    first, log = log
    end = first + 365 + 59 + beside  # 28 February 2023 is the last day
    model = MODEL.in_unit("weeks")
    table, plain = doctor_log.seasons(log, model, end), by_hand(log, end)
    assert table["month"].tolist() == plain["month"].tolist()
    assert str(table["month"].iloc[-1]) == ("2023-01" if beside < 0 else "2023-02")
    assert table["actual"].tolist() == plain["actual"].tolist()
    assert table["expected"].to_numpy() == pytest.approx(plain["expected"], rel=1e-9)
    over = np.log((plain["actual"] + 0.5) / (plain["expected"] + 0.5))
    line = sm.WLS(over, sm.add_constant(np.arange(len(over))), weights=plain["expected"]).fit()
    assert table["ratio"].to_numpy() == pytest.approx(np.exp(line.resid), rel=1e-9)
    assert table["z"].to_numpy() == pytest.approx(line.resid * np.sqrt(plain["expected"]), rel=1e-8)


def test_a_season_is_looked_for_from_six_months_on_and_to_the_day_after_the_last_purchase(log):
    first, log = log
    all_months = doctor_log.seasons(log, MODEL)
    last = all_months["month"].iloc[8]
    closes = (last.end_time - pd.Timestamp("1970-01-01")).days
    for final, kept in ((closes - 1, False), (closes, True), (closes + 1, True)):
        one = pd.DataFrame({"customer_id": ["c0"], "day": [final]})
        until = doctor_log.seasons(pd.concat([log[log["day"] <= final], one]), MODEL)
        assert (until["month"].iloc[-1] == last) == kept
    begins = (all_months["month"].iloc[0].start_time - pd.Timestamp("1970-01-01")).days
    ends = {n: (all_months["month"].iloc[n].start_time - pd.Timestamp("1970-01-01")).days
            for n in (5, 6)}  # fmt: skip
    assert begins >= first
    five, six = (doctor_log.seasons(log, MODEL, ends[n]) for n in (5, 6))
    assert (len(five), len(six)) == (5, 6)
    assert five[["ratio", "z"]].isna().all(axis=None) and six[["ratio", "z"]].notna().all(axis=None)
    with pytest.raises(InputError, match=f"end is day {first}, but purchases begin on day {first}"):
        doctor_log.seasons(log, MODEL, first)
    assert len(doctor_log.seasons(log, MODEL, first + 1)) == 0
    with pytest.raises(InputError, match="end must be a whole number"):
        doctor_log.seasons(log, MODEL, first + 12.5)


def test_rows_of_the_log_that_are_none_are_named():
    def regularity(days, who=(1, 1, 2, 3)):
        return doctor_log.regularity(pd.DataFrame({"customer_id": who, "day": days}))

    for days in ([1, 2, 7.5, 4], [1, 2, np.inf, 4], [1, 2, np.nan, 4]):
        with pytest.raises(InputError, match="day must be a whole day number: row 2 has"):
            regularity(days)
    with pytest.raises(InputError, match="customer_id must not be missing: row 2 has"):
        regularity([1, 2, 3, 4], ["a", "a", None, "b"])
    assert regularity([5, 73_055, 6, 7])[3] == 0
    with pytest.raises(InputError, match="purchases span 73,051 days, more than two centuries"):
        regularity([5, 73_056, 6, 7])


def months(ratios, z=5.0, begin="2022-03"):
    index = pd.period_range(begin, periods=len(ratios), freq="M")
    return pd.DataFrame({"month": index, "ratio": ratios, "z": z})


def season(monkeypatch, table):
    monkeypatch.setattr(doctor_log, "seasons", lambda *_asked: table)
    return doctor_log.season_findings(pd.DataFrame(), MODEL)


@pytest.mark.parametrize(
    ("ratio", "z", "said"),
    [
        (1.21, 4.01, True),
        (1.19, 4.01, False),
        (1.21, 4.0, False),
        (0.79, -4.01, True),
        (0.81, -4.01, False),
        (0.79, -3.99, False),
    ],
)
def test_a_season_needs_a_fifth_and_four_standard_errors_in_one_month(monkeypatch, ratio, z, said):
    table = months([1.0, ratio, 1.05, 0.97, 1.0, 1.01], z=[0.0, z, 0.0, 0.0, 0.0, 0.0])
    assert bool(season(monkeypatch, table)) == said


def test_a_month_far_off_and_another_that_is_certain_do_not_make_a_season(monkeypatch):
    table = months([1.0, 1.5, 1.1, 0.97, 1.0, 1.01], z=[0.0, 3.0, 6.0, 0.0, 0.0, 0.0])
    assert season(monkeypatch, table) == []


def test_a_season_names_its_best_and_its_worst_month(monkeypatch):
    (found,) = season(monkeypatch, months([1.0, 1.31, 0.64, 1.02, 0.9, 1.2]))
    assert "2022-04 sold 1.31 times" in found.sentence.en
    assert "2022-05 0.64 times" in found.sentence.en


def two_years(alike, pairs):
    """Ratios whose logarithms of one year correlate by `alike` with those a year later."""
    x = np.array([1.0, -1.0, 2.0, -2.0, 1.5, -1.5, 0.5])[:pairs] * 0.3
    x = x - x.mean()
    e = np.array([1.0, 1.0, -0.4, -2.0, 0.7, 0.2, 1.3])[:pairs]
    e = e - e.mean()
    e -= (e @ x) / (x @ x) * x
    y = alike * x + np.sqrt(1 - alike**2) * e * np.linalg.norm(x) / np.linalg.norm(e)
    between = np.zeros(12 - pairs)
    return months(np.exp(np.r_[x, between, y]))


@pytest.mark.parametrize(
    ("alike", "pairs", "said"),
    [
        (0.31, 6, True),
        (0.29, 6, False),
        (-0.9, 6, False),
        (-0.9, 5, True),
        (-0.9, 7, False),
        (0.9, 7, True),
    ],
)
def test_a_season_comes_back_in_the_next_year(monkeypatch, alike, pairs, said):
    assert bool(season(monkeypatch, two_years(alike, pairs))) == said
