"""DuckDB's stream of customers' days against what any engine can: equal, row by row."""

import hypothesis.strategies as st
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from kpilib.engines import daily
from kpilib.engines.duck import DuckEngine
from tests.searching import examples

FOLLOWING = {"following": "day", "later": "next_day"}


@pytest.fixture(scope="module")
def engine():
    return DuckEngine()


def by_day(engine, frame, columns):
    table = engine.collect(frame)[columns]
    return table.sort_values(["customer_id", "day"], ignore_index=True)


def assert_alike(engine, frame, expected):
    names = expected.collect_schema().names()
    assert sorted(frame.collect_schema().names()) == sorted(names)
    pd.testing.assert_frame_equal(
        by_day(engine, frame, names), by_day(engine, expected, names), check_dtype=False, rtol=1e-12
    )


def assert_all_alike(engine, table):
    rows = engine.frame(table)
    expected = engine.keep(daily.with_neighbours(daily.merged(rows)))
    assert_alike(engine, engine.purchases(rows), expected)
    days = expected.drop("amount", "orders")
    assert_alike(engine, engine.visits(rows), days)
    some = engine.visits(rows).filter(_odd())
    assert_alike(
        engine,
        engine.with_following(some, FOLLOWING),
        daily.with_following(days.filter(_odd()), FOLLOWING),
    )


def _odd():
    return nw.col("day") % 2 == 1


lives = st.lists(
    st.tuples(st.sampled_from(["A", "B", "b", "Ñ", ""]), st.integers(-3, 6), st.integers(-5, 5)),
    max_size=25,
)


@examples(30)
@given(lives)
def test_few_rows(engine, lives):
    table = pd.DataFrame(lives, columns=["customer_id", "day", "amount"])
    table = table.astype({"customer_id": "str", "day": "int64", "amount": "float64"})
    assert_all_alike(engine, table)


def many(rows, repeats):
    rng = np.random.default_rng(rows)
    table = pd.DataFrame(
        {
            "customer_id": rng.integers(0, rows // 6, rows),
            "day": rng.integers(19_000, 19_000 + repeats, rows),
            "amount": rng.gamma(2.0, 15.0, rows).round(2),
        }
    )
    return table.sample(frac=1, random_state=1)


@pytest.mark.parametrize("repeats", [3, 700])
def test_more_rows_than_are_read_at_once(engine, repeats):
    """Several groups of rows and several threads; days with one row mostly, and with many."""
    assert_all_alike(engine, many(400_000, repeats))


def test_rows_that_do_not_fit_into_memory():
    engine = DuckEngine()
    engine.connection.execute("SET threads = 2")
    rows = engine.frame(many(1_000_000, 700))
    engine.connection.execute("SET memory_limit = '40MB'")
    made = {"visits": engine.visits(rows), "purchases": engine.purchases(rows)}
    engine.connection.execute("SET memory_limit = '2GB'")
    expected = engine.keep(daily.with_neighbours(daily.merged(rows)))
    assert_alike(engine, made["purchases"], expected)
    assert_alike(engine, made["visits"], expected.drop("amount", "orders"))


def test_nothing_but_the_tables_asked_for_stays(engine):
    def tables():
        return engine.connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()

    before = len(tables())
    rows = engine.frame(many(1_000, 9))
    engine.purchases(rows)
    assert len(tables()) == before + 1


def sessions_of(engine, frame):
    """Sessions as customer, first day and seconds; how often each day of a customer begins."""
    table = engine.collect(frame)
    grouped = table.groupby(["customer_id", "session"])
    assert (grouped["begins"].sum() == 1).all()
    sessions = [
        (who, one["session_day"].unique().tolist(), sorted(one["event_second"]))
        for (who, _), one in grouped
    ]
    begun = table.groupby(["customer_id", "event_day"])["begins_day"].sum()
    return sorted(sessions), begun.to_dict()


MINUTE, HOUR = 60, 3600
touches = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", ""]),
        st.integers(0, 30).map(lambda n: 23 * HOUR + 30 * MINUTE * n // 4),
    ),
    max_size=25,
)


@examples(30)
@given(touches)
def test_sessions_of_the_stream_are_those_of_windows_and_of_a_walk(engine, given):
    """At most half an hour apart, over midnight, several at one second."""
    table = pd.DataFrame(given, columns=["customer_id", "event_second"])
    table = table.astype({"event_second": "int64"}).assign(event_day=table["event_second"] // 86400)
    table = table.astype({"event_day": "int64", "customer_id": "str"})
    frame = engine.frame(table)
    walked, last = {}, {}
    for who, second in sorted(given):
        if who not in last or second - last[who] > 30 * MINUTE:
            walked.setdefault(who, []).append([])
        walked[who][-1].append(second)
        last[who] = second
    wanted = sorted(
        (who, [some[0] // 86400], some) for who, every in walked.items() for some in every
    )
    for found in (engine.sessions(frame, 30 * MINUTE), daily.with_sessions(frame, 30 * MINUTE)):
        sessions, begun = sessions_of(engine, found)
        assert sessions == wanted
        assert begun == {(who, second // 86400): 1 for who, second in given}
