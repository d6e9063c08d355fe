"""Channels by how much they are missed and by coalitions, against reckonings that go the long way.

The other rules, and what is in time, stand in `tests/kpis/test_acquisition.py`.
"""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.contacts.attribution import RULES, removal_effects
from tests.engines.frames import to_polars

MARCH = "2026-03"

PATHS = {
    "won": [("ads",), ("ads", "mail"), ("web", "ads", "web", "mail"), ("mail", "mail"), ("web",)],
    "lost": [("web", "web"), ("web",), ("ads", "web"), ("mail",)],
}
"""Who came after which touches in turn, and what touched those who did not."""


def business(paths, attribution="markov", move=to_polars, as_of="2026-04-01", **options):
    """A touch a day up to the 20th of March; the won bought on the 21st."""
    touches, orders = [], []
    for kind, every in paths.items():
        for place, path in enumerate(every):
            who = f"{kind}{place}"
            for back, channel in enumerate(reversed(path)):
                day = pd.Timestamp("2026-03-20") - pd.Timedelta(days=back)
                touches.append((who, day, channel))
            if kind == "won":
                orders.append((who, "2026-03-21", 10.0))
    tables = {
        "orders": pd.DataFrame(orders, columns=["customer_id", "ordered_at", "amount"]),
        "interactions": pd.DataFrame(touches, columns=["customer_id", "event_at", "channel"]),
        "marketing_spend": pd.DataFrame(
            {"date": ["2026-03-02"] * 2, "channel": ["ads", "mail"], "amount": [60.0, 30.0]}
        ),
    }
    return kpilib.open(
        **move(tables),
        as_of=as_of,
        currency="EUR",
        lapse_window=45,
        acquisition={"attribution": attribution} | options,
    )


def credits(base, period=MARCH):
    found = base.kpi("cac_by_channel", period)
    return {value.segment: value.denominator for value in found if value.denominator}


def converting(paths, without=None):
    """The chance of a first order in the chain of these paths, by stepping it 10,000 times."""
    names = sorted({channel for every in paths.values() for path in every for channel in path})
    states = ["start", *names, "won", "lost"]
    at = {name: place for place, name in enumerate(states)}
    steps = np.zeros((len(states),) * 2)
    for kind, every in paths.items():
        for path in every:
            for one, other in zip(("start", *path), (*path, kind), strict=True):
                steps[at[one], at[other]] += 1
    if without:
        steps[at[without]] = 0
        steps[at[without], at["lost"]] = 1
    for end in ("won", "lost"):
        steps[at[end], at[end]] = 1
    steps /= steps.sum(axis=1, keepdims=True)
    return np.linalg.matrix_power(steps, 10_000)[at["start"], at["won"]]


def removal(paths):
    names = {channel for every in paths.values() for path in every for channel in path}
    effects = {name: 1 - converting(paths, name) / converting(paths) for name in names}
    whole, n = sum(effects.values()), len(paths["won"])
    return {name: n * effect / whole for name, effect in effects.items() if effect}


def coalitions(paths):
    """Every channel's mean marginal worth over all orders in which the channels may come in."""
    names = sorted({channel for path in paths["won"] for channel in path})

    def worth(team):
        return sum(set(path) <= set(team) for path in paths["won"])

    found = {}
    for name in names:
        others = [one for one in names if one != name]
        found[name] = sum(
            factorial(size)
            * factorial(len(others) - size)
            / factorial(len(names))
            * (worth((*team, name)) - worth(team))
            for size in range(len(others) + 1)
            for team in combinations(others, size)
        )
    return found


def random_paths(seed):
    rng = np.random.default_rng(seed)
    return {
        kind: [tuple(rng.choice(list("abcdef"), rng.integers(1, 7))) for _ in range(30)]
        for kind in ("won", "lost")
    }


@pytest.mark.parametrize("paths", [PATHS, random_paths(1), random_paths(2)])
@pytest.mark.parametrize(("rule", "reckoned"), [("markov", removal), ("shapley", coalitions)])
@pytest.mark.parametrize("move", [lambda tables: tables, to_polars])
def test_a_second_reckoning_says_the_same(paths, rule, reckoned, move):
    found = credits(business(paths, rule, move))
    assert found == pytest.approx(reckoned(paths))
    assert sum(found.values()) == pytest.approx(len(paths["won"]))


def test_where_nobody_was_lost_a_channel_is_missed_by_those_it_touched():
    paths = {"won": [("a",), ("a",), ("b", "a")]}
    # Without a nobody comes; without b two of three still do.
    assert credits(business(paths)) == pytest.approx({"a": 3 / (4 / 3), "b": 1 / (4 / 3)})


def test_channels_are_words_and_a_path_knows_it():
    paths = {"won": [("Ads", " ads", "ADS"), ("mail", "Mail")]}
    for rule in ("markov", "shapley"):
        found = credits(business(paths, rule))
        assert list(found.values()) == pytest.approx([1, 1])


@pytest.mark.parametrize(("days", "lost"), [(11, []), (12, [("a",)]), (13, [("b", "a")])])
def test_those_who_did_not_come_are_seen_for_the_last_touch_days(days, lost):
    won = [("a", "b"), ("b",)]
    # The lost one's touches are of the 19th and the 20th; the month closes on the first.
    found = credits(business({"won": won, "lost": [("b", "a")]}, touch_days=days))
    assert found == pytest.approx(removal({"won": won, "lost": lost}))


def test_who_comes_later_had_not_come_when_the_period_closed():
    paths = {"won": [("a", "b"), ("b",)], "lost": [("b", "a")]}
    added = {
        "orders": [("lost0", "2026-04-01", 5.0)],
        "interactions": [(who, pd.Timestamp("2026-04-01"), "b") for who in ("lost0", "new")],
    }
    later = business(paths, move=lambda tables: to_polars(more(tables, added)), as_of="2026-05-01")
    assert credits(later) == pytest.approx(removal(paths))
    # Had the first order been a day before, it would have been one of the month.
    added = {"orders": [("lost0", "2026-03-31", 5.0)]}
    sooner = business(paths, move=lambda tables: to_polars(more(tables, added)), as_of="2026-05-01")
    won = {"won": [*paths["won"], *paths["lost"]], "lost": []}
    assert credits(sooner) == pytest.approx(removal(won))


def more(tables, added):
    return tables | {
        name: pd.concat([tables[name], pd.DataFrame(rows, columns=tables[name].columns)])
        for name, rows in added.items()
    }


@pytest.mark.parametrize("rule", [one for one in RULES if one not in ("recorded", "first")])
def test_every_rule_spells_a_channel_in_the_same_way(rule):
    found = credits(business({"won": [("ads", "Ads", "ADS")], "lost": []}, rule))
    assert found == {"ADS": pytest.approx(1)}


@pytest.mark.parametrize(("hour", "counted"), [("08:59", "mail"), ("12:00", "(missing)")])
def test_of_two_orders_of_the_first_day_a_touch_must_lie_before_the_first(hour, counted):
    tables = {
        "orders": [("A", "2026-03-21 18:00", 1.0), ("A", "2026-03-21 09:00", 1.0)],
        "interactions": [("A", f"2026-03-21 {hour}", "mail"), ("A", "2026-03-22", "late")],
    }
    base = business(
        {"won": [("x",)], "lost": []}, "linear", move=lambda given: to_polars(only(given, tables))
    )
    assert credits(base) == {counted: 1}


def only(tables, rows):
    columns = {name: tables[name].columns for name in rows}
    return tables | {name: pd.DataFrame(rows[name], columns=columns[name]) for name in rows}


def test_under_contracts_the_first_contract_is_the_beginning():
    """The touch of the 12th came after it, and the order of the 20th began nothing."""
    base = kpilib.open(
        **to_polars(
            {
                "subscriptions": pd.DataFrame(
                    {"customer_id": ["A", "A"], "started_at": ["2026-03-25", "2026-03-10"],
                     "ended_at": [None, "2026-03-12"]}
                ),
                "orders": pd.DataFrame(
                    {"customer_id": ["A"], "ordered_at": ["2026-03-20"], "amount": [1.0]}
                ),
                "interactions": pd.DataFrame(
                    {"customer_id": ["A", "A"], "event_at": ["2026-03-05", "2026-03-12"],
                     "channel": ["mail", "ads"]}
                ),
                "marketing_spend": pd.DataFrame({"date": ["2026-03-02"], "amount": [9.0]}),
            }
        ),
        as_of="2026-04-01",
        currency="EUR",
        acquisition={"attribution": "linear"},
    )  # fmt: skip
    assert credits(base) == {"mail": 1}


def steps_of(*months):
    """Months of paths as `removal_effects` counts them: a row per kind of step and period."""
    rows = []
    for period, paths in enumerate(months):
        for kind, every in paths.items():
            for path in every:
                follows = [-1] * (len(path) - 1) + [int(kind == "won")]
                rows += zip([period] * len(path), (None, *path), path, follows, strict=False)
    table = pd.DataFrame(rows, columns=["period", "before", "word", "ends"])
    return table.groupby(list(table), dropna=False).size().rename("n").reset_index()


def test_a_removal_effect_is_the_part_of_the_first_orders_that_would_not_come():
    """Every month by itself, also where only one path was seen, or none, or nobody came."""
    months = (PATHS, {"won": [("sms",)]}, {"lost": [("ads", "web")]}, {})
    steps = steps_of(*months)
    words, at = np.unique(steps["word"].to_numpy(str), return_inverse=True)
    found = removal_effects(steps, at, words, 4)
    for month, effects in zip(months[:2], found, strict=False):
        for name, effect in zip(words, effects, strict=True):
            there = any(name in path for every in month.values() for path in every)
            missed = 1 - converting(month, name) / converting(month) if there else 0
            assert effect == pytest.approx(missed, abs=1e-12)
    assert (found[2:] == 0).all()


def test_every_rule_shares_out_the_same_customers_and_the_same_spend():
    base = kpilib.open("demo", acquisition={"attribution": "markov"})
    period, whole = base.period(), base.kpi("cac")
    table = base.analysis("cac_by_attribution").set_index("attribution")
    assert set(table.index) == set(RULES)
    sums = table.groupby(level=0)[["spend", "customers"]].sum()
    assert np.allclose(sums["spend"], whole.numerator)
    assert np.allclose(sums["customers"], whole.denominator)
    mine = table.loc["markov"].set_index("channel")
    for value in base.kpi("cac_by_channel", period):
        numbers = (value.numerator, value.denominator, value.value, value.low, value.high)
        expected = np.array(numbers, float)
        assert mine.loc[value.segment].to_numpy(float) == pytest.approx(expected, nan_ok=True)
