"""Every kind of statistic by itself, on rows with gaps in them, against scipy and plain numpy."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

from kpilib.statistics import (
    Census,
    Count,
    Duration,
    Flow,
    Known,
    Mean,
    Mix,
    Net,
    Predicted,
    Quotient,
    Rate,
    Ratio,
    Share,
    Total,
)
from kpilib.statistics.evaluate import evaluate, summed
from kpilib.statistics.intervals import weighted_share
from kpilib.statistics.survival import KaplanMeier
from tests import quick
from tests.statistics.slopes import hold_gradient

Z = stats.norm.ppf(0.975)


@pytest.fixture(scope="module")
def table():
    """Two periods of rows: customers with several rows each, values and conditions missing."""
    rng = np.random.default_rng(12)
    n = 240
    value = rng.lognormal(1, 0.6, n).round(2)
    value[rng.random(n) < 0.1] = np.nan
    exposure = rng.integers(1, 30, n).astype(float)
    exposure[::17] = np.nan
    return pd.DataFrame(
        {
            "period": rng.integers(0, 2, n),
            "customer_id": rng.integers(0, 70, n),
            "value": value,
            "exposure": exposure,
            "events": rng.poisson(0.8, n).astype(float),
            "score": pd.array(rng.choice([0, 5, 6, 7, 8, 9, 10, None], n), dtype="Int64"),
            "there": rng.random(n) < 0.7,
        }
    )


def asked(statistic, table):
    """The estimates of both periods."""
    engine = quick.engine()
    frame = engine.frame(table)
    found = evaluate(engine, {"one": statistic(frame)})["one"]
    return {key[0]: found.loc[[key]].iloc[0] for key in found.index}


def periods(table):
    return [(period, table[table["period"] == period]) for period in (0, 1)]


def numbers(row, *names):
    return [float(row[name]) for name in names]


def test_a_share_counts_known_conditions_among_its_base(table):
    met = nw.col("score") >= 9
    found = asked(lambda rows: Share(rows, met, among=nw.col("there")), table)
    for period, rows in periods(table):
        base = rows[rows["there"] & rows["score"].notna()]
        k, n = int((base["score"] >= 9).sum()), len(base)
        low, high = proportion_confint(k, n, method="wilson")
        expected = [k / n, low, high, k, n, n]
        names = ("value", "low", "high", "numerator", "denominator", "n")
        assert numbers(found[period], *names) == pytest.approx(expected)


def test_a_share_of_all_rows_leaves_out_what_is_not_known(table):
    found = asked(lambda rows: Share(rows, nw.col("score") >= 9), table)
    for period, rows in periods(table):
        assert found[period]["denominator"] == rows["score"].notna().sum()


def test_a_count_has_the_exact_limits_of_a_poisson_mean(table):
    found = asked(lambda rows: Count(rows, nw.col("score") >= 9), table)
    for period, rows in periods(table):
        k = int((rows["score"] >= 9).sum())
        expected = [k, stats.chi2.ppf(0.025, 2 * k) / 2, stats.chi2.ppf(0.975, 2 * k + 2) / 2, k]
        assert numbers(found[period], "value", "low", "high", "n") == pytest.approx(expected)
        assert np.isnan(found[period]["denominator"])


def test_a_weighted_count_adds_known_weights_of_the_rows_that_count(table):
    where, weight = nw.col("there"), nw.col("value")
    found = asked(lambda rows: Count(rows, where, weight), table)
    every = asked(lambda rows: Count(rows, weight=weight), table)
    for period, rows in periods(table):
        assert found[period]["value"] == pytest.approx(rows.loc[rows["there"], "value"].sum())
        assert every[period]["value"] == pytest.approx(rows["value"].sum())


@pytest.mark.parametrize("cluster", ["customer_id", None])
def test_a_total_has_the_limits_of_what_its_clusters_bring(table, cluster):
    """The variance is Σ of the squares of the clusters' totals, not the square of anything else."""
    found = asked(lambda rows: Total(rows, nw.col("value"), cluster=cluster), table)
    for period, rows in periods(table):
        own = rows["value"] if cluster is None else rows.groupby(cluster)["value"].sum()
        reach = Z * np.sqrt((own.dropna() ** 2).sum())
        total = rows["value"].sum()
        clusters = rows["value"].notna().sum() if cluster is None else (own > 0).sum()
        expected = [total, total - reach, total + reach, total, clusters]
        names = ("value", "low", "high", "numerator", "n")
        assert numbers(found[period], *names) == pytest.approx(expected)


def test_a_mean_is_over_the_known_values_with_student_s_limits(table):
    found = asked(lambda rows: Mean(rows, nw.col("value")), table)
    for period, rows in periods(table):
        values = rows["value"].dropna()
        low, high = stats.t.interval(
            0.95, len(values) - 1, values.mean(), stats.sem(values)
        )  # fmt: skip
        expected = [values.mean(), low, high, values.sum(), len(values), len(values)]
        names = ("value", "low", "high", "numerator", "denominator", "n")
        assert numbers(found[period], *names) == pytest.approx(expected)


def linearised(x, y):
    """Limits of Σx/Σy by cluster: residuals written out, Student's t."""
    m, ratio = len(x), x.sum() / y.sum()
    spread = np.sqrt(m / (m - 1) * ((x - ratio * y) ** 2).sum()) / abs(y.sum())
    reach = stats.t.ppf(0.975, m - 1) * spread
    return ratio, ratio - reach, ratio + reach


def test_a_mean_by_customer_knows_that_one_customer_s_rows_are_alike(table):
    found = asked(lambda rows: Mean(rows, nw.col("value"), cluster="customer_id"), table)
    for period, rows in periods(table):
        own = rows.dropna(subset="value").groupby("customer_id")["value"].agg(["sum", "size"])
        expected = linearised(own["sum"].to_numpy(), own["size"].to_numpy())
        assert numbers(found[period], "value", "low", "high") == pytest.approx(expected)


@pytest.mark.parametrize(("answered", "finite"), [(5, False), (6, True), (100, True)])
def test_a_mean_of_much_of_a_population_is_narrower(answered, finite):
    """Above one in twenty the finite population correction applies: five of 100 are not, six are"""
    table = pd.DataFrame({"period": 0, "value": [*range(answered), *[None] * (100 - answered)]})
    engine = quick.engine()
    rows = engine.frame(table.astype({"value": float}))
    one = Mean(rows, nw.col("value"), population=Count(rows))
    found = evaluate(engine, {"one": one})["one"].iloc[0]
    values = np.arange(answered)
    reach = stats.t.ppf(0.975, answered - 1) * stats.sem(values)
    reach *= np.sqrt((100 - answered) / 99) if finite else 1.0
    assert numbers(found, "low", "high") == pytest.approx(
        [values.mean() - reach, values.mean() + reach]
    )


def test_a_ratio_is_of_totals_and_scaled_with_its_limits(table):
    found = asked(
        lambda rows: Ratio(rows, nw.col("value"), nw.col("exposure"), scale=365.25), table
    )
    for period, rows in periods(table):
        known = rows.dropna(subset=["value", "exposure"])
        own = known.groupby("customer_id")[["value", "exposure"]].sum()
        expected = [
            365.25 * one for one in linearised(own["value"].to_numpy(), own["exposure"].to_numpy())
        ]
        assert numbers(found[period], "value", "low", "high") == pytest.approx(expected)
        assert numbers(found[period], "numerator", "denominator", "n") == pytest.approx(
            [known["value"].sum(), known["exposure"].sum(), len(own)]
        )


def test_a_positive_ratio_has_limits_on_the_log_scale(table):
    found = asked(
        lambda rows: Ratio(rows, nw.col("value"), nw.col("exposure"), positive=True), table
    )
    for period, rows in periods(table):
        own = rows.dropna(subset=["value", "exposure"]).groupby("customer_id").sum()
        ratio, low, high = linearised(own["value"].to_numpy(), own["exposure"].to_numpy())
        factor = np.exp((high - low) / 2 / ratio)
        assert numbers(found[period], "low", "high") == pytest.approx(
            [ratio / factor, ratio * factor]
        )


@pytest.mark.parametrize(("over", "under"), [(3, 4), (4, 4), (0, 4), (5, 4)])
def test_a_ratio_of_counts_is_a_share_up_to_one_and_no_further(over, under):
    table = pd.DataFrame(
        {"period": 0, "customer_id": range(6), "x": [1] * over + [0] * (6 - over),
         "y": [1] * under + [0] * (6 - under)}
    )  # fmt: skip
    found = asked(lambda rows: Ratio(rows, nw.col("x"), nw.col("y"), counts=True), table)[0]
    if over <= under:
        expected = proportion_confint(over, under, method="wilson")
    else:
        expected = linearised(table["x"].to_numpy()[:5], table["y"].to_numpy()[:5])[1:]
    assert numbers(found, "low", "high") == pytest.approx(expected)
    assert found["n"] == under


def test_a_ratio_of_counts_over_none_is_no_number():
    table = pd.DataFrame({"period": 0, "customer_id": range(3), "x": 1, "y": 0})
    found = asked(lambda rows: Ratio(rows, nw.col("x"), nw.col("y"), counts=True), table)[0]
    assert np.isnan(numbers(found, "value", "low", "high")).all() and found["numerator"] == 3


def test_a_weighted_ratio_is_the_share_of_a_total(table):
    part = nw.when(nw.col("there")).then(nw.col("value")).otherwise(nw.lit(0.0))
    found = asked(lambda rows: Ratio(rows, part, nw.col("value"), weighted=True), table)
    for period, rows in periods(table):
        own = rows.dropna(subset="value").assign(x=lambda t: t["value"] * t["there"])
        own = own.groupby("customer_id")[["x", "value"]].sum()
        x, y = own["x"].to_numpy(), own["value"].to_numpy()
        limits = weighted_share(x.sum(), y.sum(), x @ x, x @ y, y @ y, len(own))
        expected = [x.sum() / y.sum(), *map(float, limits)]
        assert numbers(found[period], "value", "low", "high") == pytest.approx(expected)


def test_listings_are_the_rows_that_are_counted_and_say_which_meet_the_condition(table):
    engine = quick.engine()
    rows, met = engine.frame(table), nw.col("score") >= 9

    def listed(statistic):
        return engine.collect(statistic.listing())

    known = table[table["score"].notna()]
    assert listed(Share(rows, met))["counted"].tolist() == (known["score"] >= 9).tolist()
    there = known[known["there"]]
    some = listed(Share(rows, met, among=nw.col("there")))
    assert some["counted"].tolist() == (there["score"] >= 9).tolist()
    assert len(listed(Count(rows))) == len(table)
    assert len(listed(Count(rows, nw.col("there")))) == table["there"].sum()
    assert len(listed(Mean(rows, nw.col("value")))) == len(table)


@pytest.mark.parametrize("given", [{"scale": 30.0}, {}])
def test_a_rate_and_its_exact_limits_carry_the_scale(table, given):
    scale = given.get("scale", 1)
    found = asked(lambda rows: Rate(rows, nw.col("events"), nw.col("exposure"), **given), table)
    for period, rows in periods(table):
        known = rows.dropna(subset="exposure")
        k, exposure = known["events"].sum(), known["exposure"].sum()
        low, high = stats.chi2.ppf(0.025, 2 * k) / 2, stats.chi2.ppf(0.975, 2 * k + 2) / 2
        expected = [scale * one / exposure for one in (k, low, high)] + [k, exposure, len(known)]
        names = ("value", "low", "high", "numerator", "denominator", "n")
        assert numbers(found[period], *names) == pytest.approx(expected)


def test_net_and_its_limits_are_in_points(table):
    """Three answers added, as Bonett and Price do: in points all of it, and never past 100."""
    score = nw.col("score")
    found = asked(lambda rows: Net(rows, plus=score >= 9, minus=score <= 6), table)
    for period, rows in periods(table):
        known = rows["score"].dropna()
        plus, minus, n = (known >= 9).sum(), (known <= 6).sum(), len(known)
        p, d = (plus + 0.75) / (n + 3), (minus + 0.75) / (n + 3)
        reach = Z * np.sqrt((p + d - (p - d) ** 2) / (n + 3))
        expected = [100 * (plus - minus) / n, 100 * (p - d - reach), 100 * (p - d + reach)]
        assert numbers(found[period], "value", "low", "high") == pytest.approx(expected)
        assert numbers(found[period], "numerator", "denominator", "n") == [plus - minus, n, n]
    assert abs(found[0]["high"] - found[0]["low"]) > 5


def test_the_listing_of_net_says_which_side_an_answer_is_on(table):
    engine, score = quick.engine(), nw.col("score")
    net = Net(engine.frame(table), plus=score >= 9, minus=score <= 6)
    rows = engine.collect(net.listing())
    side = np.select([rows["score"] >= 9, rows["score"] <= 6], [1, -1], 0)
    assert rows["counted"].tolist() == side.tolist()
    assert len(rows) == table["score"].notna().sum()


def test_an_answer_to_one_side_alone_is_none():
    table = pd.DataFrame(
        {"period": 0, "yes": [True, True, None, False], "no": [False, None, True, True]}
    ).astype({"yes": "boolean", "no": "boolean"})
    engine = quick.engine()
    net = Net(engine.frame(table), plus=nw.col("yes"), minus=nw.col("no"))
    found = evaluate(engine, {"one": net})["one"].iloc[0]
    assert numbers(found, "numerator", "denominator") == [0, 2]
    assert engine.collect(net.listing())["counted"].tolist() == [1, -1]


SIGNED = {
    "share": lambda rows: Share(rows, nw.col("events") > 0, among=nw.col("there")),
    "count": lambda rows: Count(rows, nw.col("events") > 0),
    "total": lambda rows: Total(rows, nw.col("value")),
    "mean": lambda rows: Mean(rows, nw.col("value")),
    "mean of a population": lambda rows: Mean(
        rows, nw.col("value"), population=Count(rows, nw.col("there"))
    ),
    "ratio": lambda rows: Ratio(rows, nw.col("value"), nw.col("exposure"), scale=7.0),
    "rate": lambda rows: Rate(rows, nw.col("events"), nw.col("exposure"), scale=7.0),
    "net": lambda rows: Net(rows, nw.col("score") >= 9, nw.col("score") <= 6),
}


@pytest.mark.parametrize("kind", SIGNED)
def test_a_gradient_is_the_slope_of_the_value_by_each_sum(table, kind):
    engine = quick.engine()
    statistic = SIGNED[kind](engine.frame(table))
    sums = summed(engine, {"one": statistic})["one"]
    assert any(hold_gradient(statistic, sums)[None])


def test_what_is_known_has_no_limits(table):
    total = asked(lambda rows: Known(rows, nw.col("value")), table)
    share = asked(lambda rows: Census(rows, nw.col("events"), nw.col("exposure")), table)
    for period, rows in periods(table):
        assert total[period]["value"] == pytest.approx(rows["value"].sum())
        assert total[period]["n"] == rows["value"].notna().sum()
        known = rows.dropna(subset="exposure")
        expected = known["events"].sum() / known["exposure"].sum()
        assert share[period]["value"] == pytest.approx(expected)
        for one in (total[period], share[period]):
            assert np.isnan(numbers(one, "low", "high")).all()


def test_a_mix_has_goodman_s_limits_and_adds_up(table):
    part = nw.when(nw.col("there")).then(nw.lit("a")).otherwise(
        nw.when(nw.col("events") > 0).then(nw.lit("b")).otherwise(nw.lit("c"))
    )  # fmt: skip
    engine = quick.engine()
    mix = Mix(engine.frame(table), part, ("a", "b", "c"))
    found = evaluate(engine, {"one": mix})["one"]
    for period, rows in periods(table):
        named = np.where(rows["there"], "a", np.where(rows["events"] > 0, "b", "c"))
        counts = [int((named == one).sum()) for one in "abc"]
        limits = multinomial_proportions_confint(counts, method="goodman")
        mine = found[[key[0] == period for key in found.index]]
        assert mine["part"].tolist() == ["a", "b", "c"]
        assert mine["value"].to_numpy() == pytest.approx(np.array(counts) / sum(counts))
        assert mine[["low", "high"]].to_numpy(float) == pytest.approx(limits)
        assert mine["numerator"].tolist() == counts


def test_a_flow_counts_its_flags(table):
    engine = quick.engine()
    frame = engine.frame(table.assign(busy=table["events"] > 0))
    found = evaluate(engine, {"one": Flow(frame, ("there", "busy"))})["one"]
    for period, rows in periods(table):
        mine = found[[key[0] == period for key in found.index]]
        assert mine["value"].tolist() == [rows["there"].sum(), (rows["events"] > 0).sum()]
        assert mine[["low", "high", "denominator"]].isna().all(axis=None)


def test_a_duration_has_the_numbers_of_its_curve(table):
    engine = quick.engine()
    lasted, ended = nw.col("exposure"), nw.col("there")
    found = evaluate(engine, {"one": Duration(engine.frame(table), lasted, ended)})["one"]
    for period, rows in periods(table):
        rows = rows.dropna(subset="exposure")
        fit = KaplanMeier.from_counts(rows["exposure"], rows["there"], ~rows["there"])
        one = found.loc[[(period,)]].iloc[0]
        mean = fit.restricted_mean(rows["exposure"].max())
        assert numbers(one, "value", "low", "high") == pytest.approx(
            [mean.value, mean.low, mean.high]
        )
        assert one["median"] == fit.median().value
        assert one["p90"] == fit.quantile(0.9).value != fit.quantile(0.8).value
        lived = rows["exposure"].sum()
        assert numbers(one, "customer_days", "losses", "n", "horizon") == [
            lived, rows["there"].sum(), len(rows), rows["exposure"].max(),
        ]  # fmt: skip
        assert one["naive_mean"] == pytest.approx(lived / len(rows))
        assert one["constant_hazard_mean"] == pytest.approx(lived / rows["there"].sum())


def test_a_median_that_everybody_lasts_by_definition_is_none(table):
    lasted, ended = nw.col("exposure"), nw.col("there")
    whole = asked(lambda rows: Duration(rows, lasted, ended), table)[0]["median"]
    with_least = asked(lambda rows: Duration(rows, lasted, ended, least=whole), table)[0]
    assert with_least["median"] is None or np.isnan(with_least["median"])
    assert asked(lambda rows: Duration(rows, lasted, ended, least=whole + 1), table)[0]["median"]


def test_a_prediction_has_the_limits_of_its_parameters(table):
    rows = table.dropna(subset="value").assign(s1=0.1, s2=lambda t: 0.05 * t["value"])
    found = asked(lambda frame: Predicted(frame, nw.col("value"), ("s1", "s2")), rows)
    for period, own in periods(rows):
        total = own["value"].sum()
        spread = np.hypot(own["s1"].sum(), own["s2"].sum())
        factor = np.exp(Z * spread / total)
        mean = total / len(own)
        assert numbers(found[period], "value", "low", "high") == pytest.approx(
            [mean, mean / factor, mean * factor]
        )


def test_a_quotient_of_a_known_total_takes_the_limits_of_the_count(table):
    found = asked(
        lambda rows: Quotient(
            Known(rows, nw.col("value")), Count(rows, nw.col("there")), scale=2.0
        ),
        table,
    )
    for period, rows in periods(table):
        k, total = rows["there"].sum(), rows["value"].sum()
        low, high = stats.chi2.ppf(0.025, 2 * k) / 2, stats.chi2.ppf(0.975, 2 * k + 2) / 2
        expected = [2 * total / k, 2 * total / high, 2 * total / low]
        assert numbers(found[period], "value", "low", "high") == pytest.approx(expected)


def test_rows_that_are_one_a_customer_give_the_ratio_without_being_put_together():
    table = pd.DataFrame(
        {
            "period": [0, 0, 0, 1, 1],
            "customer_id": [1, 2, 3, 1, 2],
            "x": [3.0, 0.0, 5.0, 2.0, None],
            "y": [1, 0, 4, 2, 7],
        }
    )
    engine = quick.engine()
    rows = engine.frame(table)
    both = {
        name: Ratio(rows, nw.col("x"), nw.col("y"), single=name == "single")
        for name in ("single", "grouped")
    }
    found = evaluate(engine, both)
    pd.testing.assert_frame_equal(found["single"], found["grouped"])
    assert found["single"]["n"].tolist() == [2, 1]
