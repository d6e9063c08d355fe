"""Spells and ledger against a day-by-day walk through every customer's life."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from kpilib.activity import spells
from kpilib.activity.ledger import active_time, ledger
from kpilib.activity.spells import OPEN_END
from kpilib.engines.duck import DuckEngine
from tests.searching import examples

LAST = 120


@pytest.fixture(scope="module")
def engine():
    return DuckEngine()


def bought(days: dict[int, set[int]]) -> pd.DataFrame:
    rows = [(customer, day) for customer, found in days.items() for day in sorted(found)]
    return pd.DataFrame(rows, columns=["customer_id", "day"]).astype("int64")


def active(days: set[int], window: int, instant: int) -> bool:
    """By the definition: some purchase on a day d with d < instant <= d + window."""
    return any(day < instant <= day + window for day in days)


histories = st.dictionaries(
    st.integers(1, 8), st.sets(st.integers(0, LAST), min_size=1, max_size=12), min_size=1
)
quick = examples(20)


def purchase_spells(engine, table, window):
    return spells.purchase_spells(engine, engine.visits(engine.frame(table)), window)


@quick
@given(histories, st.integers(1, 60))
def test_a_spell_covers_just_the_instants_at_which_the_customer_is_active(engine, days, window):
    found = engine.collect(purchase_spells(engine, bought(days), window))
    found = found.sort_values(["customer_id", "start"])
    start, stop, first, first_day = (
        found[name].to_numpy() for name in ("start", "stop", "first", "first_day")
    )
    for customer, own in days.items():
        mine = (found["customer_id"] == customer).to_numpy()
        for instant in range(LAST + window + 3):
            covered = ((start[mine] < instant) & (instant <= stop[mine])).any()
            assert covered == active(own, window, instant)
        assert (start[mine][1:] > stop[mine][:-1]).all()
        assert first[mine].tolist() == [1] + [0] * (mine.sum() - 1)
        assert (first_day[mine] == min(own)).all()
        beside = found[mine][["stop_before", "start_after"]].fillna(-1).astype(int)
        assert beside["stop_before"].tolist() == [-1, *stop[mine][:-1]]
        assert beside["start_after"].tolist() == [*start[mine][1:], -1]


@quick
@given(histories, st.integers(1, 60), st.integers(1, 100), st.integers(1, 45))
def test_the_ledger_is_what_a_walk_through_the_days_finds(engine, days, window, opens, length):
    closes = opens + length
    windows = engine.frame(pd.DataFrame({"period": [0], "opens": [opens], "closes": [closes]}))
    lives = engine.keep(purchase_spells(engine, bought(days), window))
    found = engine.collect(ledger(lives, windows)).set_index("customer_id").sort_index()
    if window >= length:
        quick_way = engine.collect(ledger(lives, windows, long_lapse=True))
        quick_way = quick_way.set_index("customer_id").sort_index()
        pd.testing.assert_frame_equal(quick_way[found.columns], found, check_dtype=False)
    covered = engine.collect(active_time(lives, windows)).set_index("customer_id")["active_days"]
    for customer, own in days.items():
        opening, closing = active(own, window, opens), active(own, window, closes)
        bought_within = any(opens <= day < closes for day in own)
        if not opening and not bought_within:
            assert customer not in found.index or not found.loc[customer].get("new")
            continue
        row = found.loc[customer].astype(int)
        new = opens <= min(own) < closes
        assert row["opening"] == opening
        assert row["closing"] == closing
        assert row["new"] == new
        assert row["reactivated"] == (bought_within and not opening and not new)
        assert row["retained"] == (opening and closing)
        assert row["lost"] == (not closing)
        assert row["opening"] + row["new"] + row["reactivated"] - row["lost"] == row["closing"]
        instants = range(opens + 1, closes + 1)
        assert covered[customer] == sum(active(own, window, instant) for instant in instants)
    assert len(found) == sum(
        active(own, window, opens) or any(opens <= day < closes for day in own)
        for own in days.values()
    )


@pytest.mark.parametrize(("window", "length"), [(2, 40), (7, 30), (9, 9), (10, 9), (45, 40)])
def test_the_days_of_many_lives_are_those_of_a_walk(engine, window, length):
    """Many spells within the period, one that ends as it opens, one that begins as it closes."""
    rng, opens = np.random.default_rng(window), 50
    closes = opens + length
    days = {who: set(rng.integers(0, LAST, rng.integers(1, 16)).tolist()) for who in range(90)}
    windows = engine.frame(pd.DataFrame({"period": [0], "opens": [opens], "closes": [closes]}))
    lives = engine.keep(purchase_spells(engine, bought(days), window))
    for long_lapse in (False, True) if window >= length else (False,):
        options = {"long_lapse": True} if long_lapse else {}
        covered = engine.collect(active_time(lives, windows)).set_index("customer_id")
        rows = engine.collect(ledger(lives, windows, **options)).set_index("customer_id")
        assert covered.index.is_unique and set(covered.index) == set(rows.index)
        for who, own in days.items():
            there = [active(own, window, instant) for instant in range(opens, closes + 1)]
            within = any(opens <= day < closes for day in own)
            assert (who in rows.index) == (there[0] or within)
            if who in rows.index:
                assert covered.loc[who, "active_days"] == sum(there[1:])
                assert rows.loc[who, "opening"] == there[0]
                assert rows.loc[who, "closing"] == there[-1]


contracts = st.dictionaries(
    st.integers(1, 5),
    st.lists(
        st.tuples(st.integers(0, LAST), st.one_of(st.none(), st.integers(0, 60))),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
)


@quick
@given(contracts)
def test_contracts_that_overlap_or_follow_make_one_spell(engine, lives):
    rows = [
        (customer, start, np.nan if length is None else start + length)
        for customer, own in lives.items()
        for start, length in own
    ]
    table = pd.DataFrame(rows, columns=["customer_id", "start", "stop"])
    frame = engine.frame(table.astype({"stop": "Int64"}))
    found = engine.collect(spells.contract_spells(frame))
    for customer, own in lives.items():
        days = sorted((s, OPEN_END if n is None else s + n) for s, n in own)
        merged = [list(days[0])]
        for start, stop in days[1:]:
            if start <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], stop)
            else:
                merged.append([start, stop])
        mine = found[found["customer_id"] == customer].sort_values("start")
        assert mine[["start", "stop"]].astype(int).to_numpy().tolist() == merged
        assert mine["first"].tolist() == [1] + [0] * (len(merged) - 1)


@pytest.mark.parametrize(("gap", "pieces"), [(30, 1), (31, 2)])
def test_purchases_just_the_window_apart_are_one_spell(engine, gap, pieces):
    found = engine.collect(purchase_spells(engine, bought({1: {10, 10 + gap}}), 30))
    assert len(found) == pieces


@pytest.mark.parametrize("long_lapse", [False, True])
def test_the_ledger_a_day_before_on_and_after_each_edge(engine, long_lapse):
    """A spell that ends about the opening or the close, one that begins there; one or two each."""
    window, opens, closes = 30, 100, 120
    edges = [edge + step for edge in (opens, closes) for step in (-1, 0, 1)]
    lives = [{edge - window} for edge in edges] + [{edge} for edge in edges]
    lives += [{edge - window, edge + 5} for edge in edges]
    days = dict(enumerate(lives))
    windows = engine.frame(pd.DataFrame({"period": [0], "opens": [opens], "closes": [closes]}))
    spans = engine.keep(purchase_spells(engine, bought(days), window))
    found = engine.collect(ledger(spans, windows, long_lapse=long_lapse)).set_index("customer_id")
    for customer, own in days.items():
        within = any(opens <= day < closes for day in own)
        opening, closing = active(own, window, opens), active(own, window, closes)
        assert (customer in found.index) == (opening or within), own
        if opening or within:
            row, new = found.loc[customer].astype(int), opens <= min(own) < closes
            assert (row["opening"], row["closing"], row["new"]) == (opening, closing, new), own
            assert row["reactivated"] == (within and not opening and not new), own
            assert (row["retained"], row["lost"]) == (opening and closing, not closing), own


AS_OF = 400


def ends(engine, rows, ended, stops):
    """What `stops` are taken for where `rows` contracts ended, of lives of which `ended` did."""
    terms = [rows - ended + 1, *[1] * (ended - 1)]
    known = [(f"{who}", 10 * n, 10 * n + 10) for who, some in enumerate(terms) for n in range(some)]
    rest = [(f"ends {stop}", 300, stop) for stop in stops]
    table = pd.DataFrame(known + rest, columns=["customer_id", "start", "stop"])
    frame = engine.frame(table.astype({"stop": "Int64"}))
    found = engine.collect(spells.unseen_renewals(engine, frame, AS_OF)).set_index("customer_id")
    assert found.loc["0", "stop"].tolist() == [10 * n + 10 for n in range(terms[0])]
    taken = found["stop"].loc[[who for who, _start, _stop in rest]]
    return [None if pd.isna(one) else int(one) for one in taken]


@pytest.mark.parametrize(
    ("rows", "ended", "continued"), [(3, 1, True), (2, 1, False), (5, 2, True), (4, 2, False)]
)
def test_an_end_with_the_records_is_none_where_more_than_half_are_renewed(
    engine, rows, ended, continued
):
    """Of three contracts that end where one life does, two were renewed; of two, one."""
    assert ends(engine, rows, ended, [AS_OF - 1]) == [None if continued else AS_OF - 1]


def test_an_end_that_the_records_show_stands(engine):
    """One the day before their last, as they would show a renewal, and one that is to come."""
    stops = [AS_OF - 2, AS_OF - 1, AS_OF, AS_OF + 1, None]
    assert ends(engine, 20, 1, stops) == [AS_OF - 2, None, None, AS_OF + 1, None]
