"""The parts of a change against plain arithmetic, numeric slopes and a bootstrap by customer."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kpilib.decomposition import effects as module
from kpilib.decomposition.effects import PARTS, effects
from kpilib.decomposition.moments import MEMBERS, VARIABLES
from tests.decomposition.plain import parts


def population(seed=3, customers=400, sums=False):
    """Customers with a segment, and what they add above and under the line in both periods."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"segment": rng.choice(["a", "b", "c"], customers, p=[0.5, 0.3, 0.2])})
    there = rng.random((customers, 2)) < 0.6
    there[~there.any(axis=1), 0] = True
    heavy = rng.lognormal(0, 0.5, customers)
    for when in (0, 1):
        y = rng.integers(1, 4, customers) * there[:, when]
        table[f"x{when}"] = y * heavy * rng.random(customers) * (1 + 0.3 * when)
        table[f"y{when}"] = 0.0 if sums else y.astype(float)
    return table


def moments_of(table):
    """The table of `decomposition.moments.moments`, in plain pandas."""
    was, now = ((table[f"x{w}"] != 0) | (table[f"y{w}"] != 0) for w in (0, 1))
    table = table[was | now]
    was, now = was[was | now], now[was | now]
    known = table["known"] if "known" in table else pd.Series(True, table.index)
    member = np.select([~known, was & now, now], ["unknown", "both", "joined"], "left")
    adds = {"customers": np.ones(len(table)), "rows0": was, "rows1": now}
    adds |= {name: table[name] for name in VARIABLES}
    for place, one in enumerate(VARIABLES):
        adds |= {f"{one}{other}": table[one] * table[other] for other in VARIABLES[place:]}
    rows = pd.DataFrame(adds).astype(float).set_axis(table.index)
    return (
        rows.groupby([table["segment"], pd.Series(member, table.index, name="member")])
        .sum()
        .reset_index()
    )


def resampled(table, draws, seed=1):
    """The same with each customer so often as a Poisson bootstrap draws them."""
    rng = np.random.default_rng(seed)
    plain = moments_of(table.reset_index(drop=True))
    each = moments_of(table.assign(segment=table["segment"] + "/" + table.index.astype(str)))
    names = each["segment"].str.split("/", n=1, expand=True)
    groups = pd.MultiIndex.from_arrays([names[0], each["member"]]).factorize()
    who, sums = names[1].astype(int).to_numpy(), each.drop(columns=["segment", "member"])
    for _ in range(draws):
        weight = rng.poisson(1.0, len(table))[who]
        found = np.zeros((len(groups[1]), sums.shape[1]))
        np.add.at(found, groups[0], sums.to_numpy() * weight[:, None])
        keys = groups[1].to_frame(index=False, name=["segment", "member"])
        yield pd.concat([keys, pd.DataFrame(found, columns=sums.columns)], axis=1)
    assert len(plain) == len(groups[1])


def test_a_ratio_is_taken_apart_as_kitagawa_does():
    table = population()
    found = effects(moments_of(table), additive=False, scale=1.0)
    sums = table.groupby("segment")[list(VARIABLES)].sum()
    r0, r1 = sums["x0"] / sums["y0"], sums["x1"] / sums["y1"]
    w0, w1 = sums["y0"] / sums["y0"].sum(), sums["y1"] / sums["y1"].sum()
    middle = (w0 @ r0 + w1 @ r1) / 2
    assert found.contributions[:, 0] == pytest.approx((w1 - w0) * ((r0 + r1) / 2 - middle))
    rate = (w0 + w1) / 2 * (r1 - r0)
    assert found.contributions[:, 1:].sum(axis=1) == pytest.approx(rate)
    assert found.change == pytest.approx(w1 @ r1 - w0 @ r0)
    assert found.contributions.sum() == pytest.approx(found.change, abs=1e-14)
    assert found.values == pytest.approx(np.column_stack([r0, r1]))
    assert found.weights == pytest.approx(np.column_stack([w0, w1]))


def test_the_rate_effect_is_that_of_stayers_joiners_and_leavers():
    table = population()
    was, now = table["y0"] > 0, table["y1"] > 0
    found = effects(moments_of(table), additive=False, scale=1.0)
    for place, segment in enumerate(found.segments):
        mine = table["segment"] == segment

        def ratio(rows, when, mine=mine):
            return (
                table.loc[mine & rows, f"x{when}"].sum() / table.loc[mine & rows, f"y{when}"].sum()
            )

        def part(rows, when, mine=mine):
            column = table.loc[mine, f"y{when}"]
            return column[rows[mine]].sum() / column.sum()

        weight = found.weights[place].mean()
        stay = was & now
        joined, left = now & ~was, was & ~now
        expected = {
            "same": ratio(stay, 1) - ratio(stay, 0),
            "joined": part(joined, 1) * (ratio(joined, 1) - ratio(stay, 1)),
            "left": -part(left, 0) * (ratio(left, 0) - ratio(stay, 0)),
        }
        for name, value in expected.items():
            assert found.contributions[place, PARTS.index(name)] == pytest.approx(weight * value)


def test_a_sum_is_what_customers_changed_brought_and_took_away():
    table = population(sums=True)
    found = effects(moments_of(table), additive=True, scale=1.0)
    change = table["x1"] - table["x0"]
    member = np.select(
        [(table["x0"] != 0) & (table["x1"] != 0), table["x1"] != 0], ["same", "joined"], "left"
    )
    expected = change.groupby([table["segment"], member]).sum().unstack()
    for name in ("same", "joined", "left"):
        assert found.contributions[:, PARTS.index(name)] == pytest.approx(expected[name])
    assert found.contributions[:, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("sums", [False, True])
def test_limits_are_those_of_a_bootstrap_by_customer(sums):
    table = population(customers=900, sums=sums)
    found = effects(moments_of(table), additive=sums, scale=1.0)
    draws = [effects(one, additive=sums, scale=1.0) for one in resampled(table, 300)]
    spread = np.std([one.contributions for one in draws], axis=0)
    reach = found.reaches / 1.965
    for name in ["same", "joined", "left"] if sums else ["mix", "same", "joined", "left"]:
        place = PARTS.index(name)
        assert reach[:, place] == pytest.approx(spread[:, place], rel=0.2)
    assert found.whole[:, 1] / 1.965 == pytest.approx(
        np.std([one.whole[:, 0] for one in draws], axis=0), rel=0.2
    )


def test_the_same_customers_in_both_periods_narrow_the_limits():
    """The variance of a difference of what goes together: less than that of the two alone."""
    rng = np.random.default_rng(9)
    own = rng.lognormal(0, 1, 500)
    table = pd.DataFrame({"segment": "all", "x0": own, "y0": 0.0, "y1": 0.0})
    table["x1"] = own * 1.1
    apart = table.assign(x1=rng.permutation(table["x1"]))
    reaches = [effects(moments_of(t), additive=True, scale=1.0).whole[0, 1] for t in (table, apart)]
    assert reaches[0] == pytest.approx(0.1 * 1.965 * np.sqrt((own**2).sum()), rel=1e-3)
    assert reaches[1] > 5 * reaches[0]


def test_what_has_nothing_under_it_is_unexplained():
    lone = pd.DataFrame({"segment": ["none"], "x0": [0.0], "y0": [0.0], "x1": [3.0], "y1": [0.0]})
    table = pd.concat([population(), lone], ignore_index=True)
    found = effects(moments_of(table), additive=False, scale=10.0)
    assert found.unexplained == pytest.approx(10 * 3 / table["y1"].sum())
    assert found.contributions.sum() + found.unexplained == pytest.approx(found.change)
    assert found.contributions[found.segments.index("none")].tolist() == [0] * len(PARTS)


def test_a_segment_that_came_or_went_is_all_mix():
    table = population()
    table.loc[table["segment"] == "c", ["x0", "y0"]] = 0.0
    table = table[(table["y0"] > 0) | (table["y1"] > 0)]
    found = effects(moments_of(table), additive=False, scale=1.0)
    sums = table.groupby("segment")[list(VARIABLES)].sum()
    all0, all1 = sums["x0"].sum() / sums["y0"].sum(), sums["x1"].sum() / sums["y1"].sum()
    own = sums.loc["c", "x1"] / sums.loc["c", "y1"]
    weight = sums.loc["c", "y1"] / sums["y1"].sum()
    assert found.contributions[2, 0] == pytest.approx(weight * (own - (all0 + all1) / 2))
    assert found.contributions[2, 1:].tolist() == [0] * 5
    assert np.isnan(found.values[2, 0])


def test_a_p_value_is_that_of_a_difference_of_differences():
    """Of plain shares of different customers, the Wald test of (p1 − p0) against all others."""
    counts = {("a", 0): (60, 200), ("a", 1): (110, 210), ("b", 0): (120, 400), ("b", 1): (130, 420)}
    rows = [
        {"segment": s, f"x{w}": float(i < k), f"y{w}": 1.0, f"x{1 - w}": 0.0, f"y{1 - w}": 0.0}
        for (s, w), (k, n) in counts.items()
        for i in range(n)
    ]
    found = effects(moments_of(pd.DataFrame(rows)), additive=False, scale=1.0)
    share = {key: k / n for key, (k, n) in counts.items()}
    variance = sum(share[key] * (1 - share[key]) / n for key, (_, n) in counts.items())
    gap = share["a", 1] - share["a", 0] - share["b", 1] + share["b", 0]
    expected = 2 * stats.t.sf(gap / np.sqrt(variance), 199)
    assert found.p_values[:, 1] == pytest.approx([expected, expected], rel=1e-6)


@pytest.mark.parametrize(("customers", "tested"), [(9, False), (10, True)])
def test_too_few_customers_anywhere_are_not_tested(customers, tested):
    table = population(customers=200)
    few = population(seed=5, customers=400).query("y0 > 0 and y1 > 0").head(customers)
    both = pd.concat([table[table["segment"] == "a"], few.assign(segment="z")])
    found = effects(moments_of(both), additive=False, scale=1.0)
    assert np.isfinite(found.p_values[:, 1]).tolist() == [tested, tested]


def test_slopes_by_a_complex_step_are_those_of_small_steps(monkeypatch):
    table = moments_of(population())
    exact = effects(table, additive=False, scale=1.0)
    own, _squares, _counts, _rows = module._arrays(table, exact.segments)
    rest = own.sum(axis=(0, 1)) - own.sum(axis=1)
    for member in range(len(MEMBERS) - 1):
        for place in range(4):
            step = np.zeros_like(own)
            step[:, member, place] = 1e-4
            ends = [module._ratio_parts(own + s * step, rest)["mix"] for s in (1, -1)]
            slope = module._ratio_parts(own + 1e-30j * step / 1e-4, rest)["mix"].imag / 1e-30
            assert slope == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-4, abs=1e-9)


def customers(segment, *numbers, known=True):
    """One row for each four numbers: x0, y0, x1, y1."""
    return pd.DataFrame(numbers, columns=list(VARIABLES)).assign(segment=segment, known=known)


def nobodies(segment, seed, n):
    """Rows of nobody known, each in one of the periods."""
    rng = np.random.default_rng(seed)
    now = rng.random(n) < 0.5
    x, y = rng.random(n), rng.integers(1, 4, n)
    columns = {"x0": x * ~now, "y0": y * ~now, "x1": x * now, "y1": y * now}
    return pd.DataFrame(columns).assign(segment=segment, known=False)


FEW = population(seed=11, customers=70).assign(known=True)
FEW = FEW[FEW["segment"] != "c"].reset_index(drop=True)
ODD = [
    nobodies("a", 1, 11),
    nobodies("b", 2, 3),
    customers("came", (0, 0, 1.5, 2), (0, 0, 4, 1)),
    customers("went", (1.5, 2, 0, 0), (3, 1, 0, 0)),
    customers("nothing under", (0.5, 0, 0.25, 0), (0.5, 0, 2, 0)),
    customers("nothing under now", (0.5, 1, 0.25, 0), (0.5, 2, 0, 0)),
    customers("nobody stays", (1, 2, 0, 0), (0, 0, 2, 3), (0.5, 1, 0, 0)),
    customers("stay for nothing", (1, 0, 2, 3), (2, 2, 0, 0), (0, 0, 1, 2)),
    customers("stay for nothing now", (2, 3, 1, 0), (0, 0, 2, 2)),
    customers("two", (0.25, 0.5, 0.5, 0.75), (0.5, 0.5, 0.5, 0.25)),
    customers("one", (0.5, 1.0, 0.25, 1.0)),
]
WHOLE = FEW.assign(x0=(64 * FEW["x0"]).round() / 64, x1=(64 * FEW["x1"]).round() / 64)
"""In parts of two, of which sums know no rounding."""
MANY = pd.concat([FEW, *ODD], ignore_index=True)
ALONE = FEW[FEW["segment"] == "a"].reset_index(drop=True)
BACKWARDS = {"x0": "x1", "x1": "x0", "y0": "y1", "y1": "y0"}


def beside(rest, **numbers):
    """Customers of one segment beside others, so many that both are tested."""
    others = pd.DataFrame(numbers, index=range(16)).assign(segment="others", known=True)
    others["x1"] += (np.arange(-8, 8) + 0.5) / 1024  # they vary, about the same total
    return pd.concat([rest, others.astype({"y0": float, "y1": float})], ignore_index=True)


TABLES = {
    "many": MANY,
    "many, backwards": MANY.rename(columns=BACKWARDS),
    "beside others with nothing under them before": beside(ALONE, x0=0.5, y0=0, x1=0.75, y1=2),
    "beside others with nothing under them now": beside(ALONE, x0=0.5, y0=2, x1=0.75, y1=0),
    "beside others with one under them": beside(ALONE, x0=0.03, y0=1 / 16, x1=0.01, y1=1 / 16),
    "of little": FEW.assign(x0=FEW["x0"] / 1e3, x1=FEW["x1"] / 1e3),
    "of nothing at all before": beside(WHOLE, x0=-WHOLE["x0"].sum() / 16, y0=1, x1=2, y1=1),
    "of nothing at all now": beside(WHOLE, x0=2, y0=1, x1=-WHOLE["x1"].sum() / 16, y1=1),
    "of which one is under the line": pd.concat(
        [FEW[FEW["segment"] == "a"], customers("one", (0.5, 1.0, 0.25, 1.0))], ignore_index=True
    ),
    "alone": FEW[FEW["segment"] == "a"].reset_index(drop=True),
    "below nothing": pd.concat(
        [FEW, customers("minus", (-90, 1, 2, 1), (3, 1, 0, 0))], ignore_index=True
    ),
    "little": customers("a", (0.25, 1, 0.5, 1), (0.25, 1, 0, 0)).pipe(
        lambda t: pd.concat([t, customers("b", (0, 0, 0.75, 2))], ignore_index=True)
    ),
    "nothing before": pd.concat(
        [customers("a", (2, 1, 3, 1), (1, 2, 4, 1)), customers("b", (-3, 2, 1, 1), (0, 0, 1, 1))],
        ignore_index=True,
    ),
}


@pytest.mark.parametrize("additive", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_everything_is_what_each_customer_s_rows_give(name, additive):
    table = TABLES[name]
    found = effects(moments_of(table), additive=additive, scale=3.0, level=0.9)
    plain = parts(table, additive)
    assert list(found.segments) == list(plain)
    sums = table.groupby("segment")[list(VARIABLES)].sum()
    there = pd.DataFrame(
        {w: (table[f"x{w}"] != 0) | (table[f"y{w}"] != 0) for w in (0, 1)} | {2: True}
    )
    present = there.groupby(table["segment"]).sum()
    fewest = np.minimum(present, present.sum() - present)
    for place, (segment, (value, deviation)) in enumerate(plain.items()):
        t = stats.t.ppf(0.95, present.loc[segment, 2] - 1)  # NaN of one alone
        assert found.contributions[place] == pytest.approx([3 * value[p] for p in PARTS])
        reach = [3 * t * deviation[p] for p in PARTS]
        assert found.reaches[place] == pytest.approx(reach, rel=1e-4, nan_ok=True), segment
        assert found.whole[place] == pytest.approx(
            [3 * value["all"], 3 * t * deviation["all"]], rel=1e-4, nan_ok=True
        )
        over, under = (sums.loc[segment, [f"{one}0", f"{one}1"]].to_numpy() for one in "xy")
        own = over if additive else over / np.where(under, under, np.nan)
        assert found.values[place] == pytest.approx(3 * own, nan_ok=True)
        unit = ["x0", "x1"] if additive else ["y0", "y1"]
        weights = sums.loc[segment, unit] / sums[unit].sum()
        assert found.weights[place] == pytest.approx(
            weights.where(sums[unit].sum() != 0, 0.0).to_numpy()
        )
        assert found.rows[place].tolist() == present.loc[segment, [0, 1]].tolist()
        scores = [value[p] / deviation[p] for p in ("mix", "whole_rate")]
        assert found.own[place] == pytest.approx(scores, rel=1e-4, nan_ok=True)
        n = [fewest.loc[segment, 2], fewest.loc[segment, [2] if additive else [0, 1]].min()]
        scores[1] = value["excess"] / deviation["excess"]
        tails = [
            2 * stats.t.sf(abs(score), few - 1) if few >= 10 else np.nan
            for score, few in zip(scores, n, strict=True)
        ]
        assert found.p_values[place] == pytest.approx(tails, rel=1e-6, nan_ok=True), segment
    assert found.unexplained == pytest.approx(3 * sum(v["unexplained"] for v, _ in plain.values()))
    whole = [table[f"x{w}"].sum() / (1 if additive else table[f"y{w}"].sum()) for w in (0, 1)]
    assert found.change == pytest.approx(3 * (whole[1] - whole[0]))
