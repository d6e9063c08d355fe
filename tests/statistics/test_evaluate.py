"""What statistics make their numbers of: sums by group, of the same groups for each source."""

from dataclasses import dataclass

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from kpilib.engines.duck import DuckEngine
from kpilib.engines.polars import PolarsEngine
from kpilib.statistics.evaluate import nothing, summed
from kpilib.statistics.statistic import Source, Statistic, each_row


@dataclass(frozen=True, eq=False)
class Told(Statistic):
    """A statistic that is its sums."""

    of: tuple[Source, ...]

    def sources(self):
        return self.of

    def estimate(self, *tables):
        return tables


ROWS = pd.DataFrame(
    {
        "period": [1, 0, 0, 1, 1, 0],
        "customer_id": ["b", "a", "a", "c", "b", "d"],
        "days": [3, 7, 7, 5, 3, 9],
        "kind": ["x", None, "y", "x", "x", "y"],
        "amount": [1.0, 2.0, 4.0, 0.0, -3.0, 5.0],
        "weight": [1.0, 1.0, 1.0, 0.0, 1.0, 2.0],
    }
)
AMOUNT, WEIGHT = nw.col("amount"), nw.col("weight")


@pytest.fixture(scope="module")
def engine():
    return DuckEngine()


@pytest.fixture(scope="module")
def rows(engine):
    return engine.frame(ROWS)


def sums(engine, *sources, **options):
    return summed(engine, {"one": Told(of=sources)}, **options)["one"]


def test_sums_are_by_group_in_order(engine, rows):
    (found,) = sums(engine, Source(rows, {"x": AMOUNT}))
    assert list(found.index) == [(0,), (1,)] and found["x"].tolist() == [11.0, -2.0]


def test_groups_are_tuples_of_their_keys_and_counts_stay_whole(engine, rows):
    (plain,) = sums(engine, Source(rows, {"k": each_row()}))
    (arrays,) = sums(engine, Source(rows, {"in_all": AMOUNT}, per="days"))
    for source in (Source(rows, {"k": each_row()}), Source(rows, {"k": each_row()}, per="days")):
        (by_both,) = sums(engine, source, keys=("period", "customer_id"))
        assert by_both.index.nlevels == 1 and by_both.index[0] == (0, "a")
    assert arrays.index.tolist() == [(0,), (1,)] and list(arrays.columns) == ["days", "in_all"]
    assert plain["k"].tolist() == [3, 3] and plain["k"].dtype.kind in "iu"


def test_of_clusters_come_squares_products_and_how_many_had_anything(engine, rows):
    (found,) = sums(engine, Source(rows, {"x": AMOUNT, "y": WEIGHT}, cluster="customer_id"))
    # a: 6 and 2, d: 5 and 2; b: −2 and 2, c: nothing of either.
    assert found.to_dict("list") == {
        "x": [11.0, -2.0], "xx": [61.0, 4.0], "y": [4.0, 2.0], "xy": [22.0, -4.0],
        "yy": [8.0, 4.0], "clusters": [2, 1],
    }  # fmt: skip
    (alone,) = sums(engine, Source(rows, {"x": WEIGHT - WEIGHT}, cluster="customer_id"))
    assert alone["clusters"].tolist() == [0, 0]
    (one,) = sums(engine, Source(rows, {"x": AMOUNT - AMOUNT, "y": WEIGHT}, cluster="customer_id"))
    assert one["clusters"].tolist() == [2, 1]


def test_a_part_is_a_key_as_text(engine, rows):
    (found,) = sums(engine, Source(rows, {"x": AMOUNT}, part="kind"))
    assert dict(zip(found.index, found["x"], strict=True)) == {
        (0, "(missing)"): 2.0, (0, "y"): 9.0, (1, "x"): -2.0,
    }  # fmt: skip


def test_by_another_column_come_arrays(engine, rows):
    (found,) = sums(engine, Source(rows, {"x": AMOUNT}, per="days"))
    assert [one.tolist() for one in found["days"]] == [[7, 9], [3, 5]]
    assert [one.tolist() for one in found["x"]] == [[6.0, 5.0], [-2.0, 0.0]]
    (named,) = sums(engine, Source(rows.filter(nw.col("period") == 1), {"x": AMOUNT}, per="kind"))
    assert named["kind"].iloc[0].tolist() == ["x"]


def test_all_sources_of_a_statistic_have_the_groups_that_any_has(engine, rows):
    later = rows.filter(nw.col("period") == 1)
    found = sums(
        engine,
        Source(later, {"x": AMOUNT}),
        Source(rows, {"k": WEIGHT}),
        Source(rows.filter(nw.col("period") == 0), {"d": AMOUNT}, per="days"),
    )
    assert [list(table.index) for table in found] == [[(1,), (0,)]] * 3
    assert found[0]["x"].tolist() == [-2.0, 0.0] and found[1]["k"].tolist() == [2.0, 4.0]
    empty, full = found[2].to_dict("records")
    assert [len(one) for one in empty.values()] == [0, 0]
    assert full["days"].tolist() == [7, 9] and full["d"].tolist() == [6.0, 5.0]


def test_two_sources_have_the_groups_of_both(engine, rows):
    later, earlier = (rows.filter(nw.col("period") == place) for place in (1, 0))
    one, other = sums(engine, Source(later, {"x": AMOUNT}), Source(earlier, {"k": WEIGHT}))
    assert one.to_dict() == {"x": {(1,): -2.0, (0,): 0.0}}
    assert other.to_dict() == {"k": {(1,): 0.0, (0,): 4.0}}


def test_statistics_of_one_frame_are_asked_together(engine, rows, monkeypatch):
    asked = []
    collect = engine.collect
    monkeypatch.setattr(engine, "collect", lambda frame: asked.append(1) or collect(frame))
    plain = {name: Told(of=(Source(rows, {"x": AMOUNT}),)) for name in "ab"}
    found = summed(engine, plain)
    assert len(asked) == 1 and found["a"][0].equals(found["b"][0])
    asked.clear()
    apart = {
        "plain": Told(of=(Source(rows, {"x": AMOUNT}),)),
        "clusters": Told(of=(Source(rows, {"x": AMOUNT}, cluster="customer_id"),)),
        "parts": Told(of=(Source(rows, {"x": AMOUNT}, part="kind"),)),
        "arrays": Told(of=(Source(rows, {"x": AMOUNT}, per="days"),)),
        "other arrays": Told(of=(Source(rows, {"x": AMOUNT}, per="days"),)),
    }
    found = summed(engine, apart)
    assert len(asked) == 5
    assert found["arrays"][0]["x"].iloc[0].tolist() == [6.0, 5.0]


def test_keys_and_a_preparation_may_be_given(engine, rows):
    (found,) = sums(
        engine,
        Source(rows, {"x": AMOUNT}),
        keys=("period", "customer_id"),
        prepare=lambda frame: frame.filter(nw.col("period") == 0),
    )
    assert dict(zip(found.index, found["x"], strict=True)) == {(0, "a"): 6.0, (0, "d"): 5.0}


def test_of_nothing_the_sums_are_zero_and_the_arrays_empty(rows):
    sources = (
        Source(rows, {"k": WEIGHT}),
        Source(rows, {"x": AMOUNT, "y": WEIGHT}, cluster="customer_id"),
        Source(rows, {"d": AMOUNT}, per="days"),
    )
    plain, clusters, arrays = nothing(Told(of=sources))
    assert plain.to_dict("list") == {"k": [0.0]} and plain.index.tolist() == [()]
    names = ("x", "y", "xx", "xy", "yy", "clusters")
    assert clusters.to_dict("list") == {name: [0.0] for name in names}
    assert [len(arrays[name].iloc[0]) for name in ("days", "d")] == [0, 0]
    (parts,) = nothing(Told(of=(Source(rows, {"k": WEIGHT}, part="kind"),)))
    assert parts.empty and dict(parts.dtypes) == {"k": float}
    (lists,) = nothing(Told(of=(Source(rows, {"k": WEIGHT}, per="days", part="kind"),)))
    assert lists.empty and dict(lists.dtypes) == {"days": object, "k": object}


def test_polars_gives_the_same():
    other = PolarsEngine()
    source = Source(other.frame(ROWS), {"x": AMOUNT, "y": WEIGHT}, cluster="customer_id")
    (found,) = sums(other, source)
    assert found[["xx", "xy", "yy", "clusters"]].to_numpy().tolist() == [
        [61.0, 22.0, 8.0, 2.0], [4.0, -4.0, 4.0, 1.0],
    ]  # fmt: skip
