"""What fits are given: distinct rows, counted contracts, spends, and what is refused by its row."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpilib.clv import Contracts, Counts, Spend
from kpilib.clv.fitting import counts as counting
from kpilib.clv.fitting.arguments import (
    as_level,
    as_numbers,
    as_table,
    at_least,
    generator,
    one_number,
    ratio,
)
from kpilib.clv.fitting.distinct import compress, distinct_rows, dot
from kpilib.errors import InputError

COLUMNS = {
    "unsorted": ([3, 0, 3, 11, 0, 3], [2, 9, 2, 0, 9, 1]),
    "negative": ([3, -2, 3, -2, 0, 3], [2, 9, -1, 9, 9, 2]),
    "fractions": ([0.5, 0.25, 0.5, 0.0], [7, 3, 7, 3]),
    "nothing but fractions": ([0.5, 0.25, 0.75, 0.5, 1.0],),
    "fractions that share their whole part": ([1.0, 1.5, 1.25, 1.5], [0, 1, 0, 1]),
    "one alike in all rows": ([4, 4, 4, 4], [2, 1, 2, 0]),
    "a single row": ([4], [2]),
    "just four bytes": ([2**32 - 1, 0, 2**32 - 1, 1],),
    "more than four bytes": ([2**32 + 5, 5, 2**32 + 5, 1, 2**33, 0],),
    "more than four bytes together": ([2**20, 0, 1, 2**20], [2**13, 0, 2**13, 2**13]),
    "more than eight bytes together": (
        [2**40, 2**40 - 1, 0, 2**40, 2**40 - 1],
        [2**40, 0, 2**40, 2**40 - 2**24, 0],
    ),
    "more than eight bytes beside a small one": (
        [1, 0, 1, 1, 0],
        [2**40, 2**40 - 1, 0, 2**40, 2**40 - 1],
        [2**40, 0, 2**40, 2**40 - 2**24, 0],
    ),
    "more than eight bytes in a large one": ([2**62, 2**62 - 1, 3, 2**62], [1, 0, 1, 1]),
    "endless": ([np.inf, 2.0, np.inf, 0.0], [1, 1, 1, 0]),
    "three": ([1, 0, 1, 1, 0], [5, 5, 4, 5, 5], [0.0, 1.0, 7.0, 0.0, 1.0]),
}
each = pytest.mark.parametrize("name", COLUMNS)


def counted(columns, weights):
    """Row after row in a dictionary, sorted by the first column, then the second."""
    sums = {}
    for row, weight in zip(zip(*columns, strict=True), weights, strict=True):
        sums[row] = sums.get(row, 0.0) + weight
    return sorted(sums.items())


@each
def test_distinct_rows_are_those_of_a_plain_count(name):
    columns = tuple(np.array(column) for column in COLUMNS[name])
    weights = 1.5 + np.arange(len(columns[0])) ** 2
    for some in (None, weights):
        rows, total = compress(columns, some)
        plain = counted(columns, np.ones(len(weights)) if some is None else some)
        assert list(zip(*(row.tolist() for row in rows), strict=True)) == [row for row, _ in plain]
        assert total.tolist() == [weight for _, weight in plain]
        assert [row.dtype for row in rows] == [column.dtype for column in columns]


@each
def test_each_row_finds_its_like_among_the_distinct_ones(name):
    columns = tuple(np.array(column) for column in COLUMNS[name])
    rows, place = distinct_rows(*columns)
    assert all(
        np.array_equal(row[place], column) for row, column in zip(rows, columns, strict=True)
    )
    assert list(zip(*rows, strict=True)) == [row for row, _ in counted(columns, place)]


def test_of_no_rows_there_are_no_distinct_ones():
    for none in (np.empty(0), np.empty(0, dtype=int)):
        rows, total = compress((none, none))
        assert [len(row) for row in rows] == [0, 0] and total.size == 0
        assert compress((none, none), np.empty(0))[1].size == 0
        rows, place = distinct_rows(none, none)
        assert [len(row) for row in rows] == [0, 0] and place.size == 0


def test_a_dot_is_the_sum_of_products():
    left, right = np.array([1.5, -2.0, 4.0]), np.array([3, 5, 7])
    assert dot(left, right) == 1.5 * 3 - 2 * 5 + 4 * 7


REFUSED = {
    "a survivor below 0": (
        lambda: Contracts.from_survivors([9, 8, -1, -2]),
        r"survivors must be finite and 0 or more: row 2 has -1.0 \(2 such rows\)",
    ),
    "survivors not known": (
        lambda: Contracts.from_survivors([9, np.nan]),
        r"survivors must be finite and 0 or more: row 1 has nan",
    ),
    "survivors who come back": (
        lambda: Contracts.from_survivors([9, 8, 8.5, 8.5]),
        r"survivors must not rise: row 2 has 8.5 \(1 such rows\)",
    ),
    "survivors of nobody": (lambda: Contracts.from_survivors([0, 0]), "got 2 numbers from 0.0 on"),
    "only the start": (lambda: Contracts.from_survivors([70]), "got 1 numbers from 70.0 on"),
    "not even a start": (lambda: Contracts.from_survivors([]), "got 0 numbers from none on"),
    "ended by halves": (
        lambda: Contracts.from_durations([1, 2, 3], [1, 0, 2]),
        r"ended must be true or false: row 2 has 2.0 \(1 such rows\)",
    ),
    "durations of nothing": (
        lambda: Contracts.from_durations([1, 0, 0.5], [1, 0, 1]),
        r"durations must be 1 or more periods: row 1 has 0.0 \(2 such rows\)",
    ),
    "durations not known": (
        lambda: Contracts.from_durations([1, np.nan], [1, 0]),
        "durations must be 1 or more periods: row 1 has nan",
    ),
    "durations without end": (
        lambda: Contracts.from_durations([1, np.inf], [1, 0]),
        "durations must be a finite number of periods: row 1 has inf",
    ),
    "durations and a half": (
        lambda: Contracts.from_durations([2, 1.5], [1, 0]),
        "durations must be a whole number of periods: row 1 has 1.5",
    ),
    "contracts below none": (
        lambda: Contracts.from_durations([2, 1], [1, 0], [1, -3]),
        "weights must be finite and 0 or more: row 1 has -3.0",
    ),
    "contracts without end": (
        lambda: Contracts.from_durations([2, 1], [1, 0], [1, np.inf]),
        "weights must be finite and 0 or more: row 1 has inf",
    ),
    "contracts that are none": (
        lambda: Contracts.from_durations([2, 1], [1, 0], [0, 0]),
        "weights are all 0",
    ),
    "no contracts": (lambda: Contracts.from_durations([], []), "there are no contracts"),
    "ended not told": (lambda: Contracts.from_durations([1], None), "ended is missing"),
    "ended of one": (
        lambda: Contracts.from_durations([1, 2], [1], [1, 2]),
        "differ in length: 2, 1, 2",
    ),
    "weight of one": (
        lambda: Contracts.from_durations([1, 2], [1, 0], [1]),
        "differ in length: 2, 2, 1",
    ),
    "spend of one": (lambda: Spend.from_arrays([1, 2], [3]), "differ in length: 2, 1, 2"),
    "spend and a weight": (lambda: Spend.from_arrays([1, 2], [3, 4], [1]), "length: 2, 2, 1"),
    "spends below none": (
        lambda: Spend.from_arrays([1, -2, -3], [3, 4, 5]),
        r"frequency must be 0 or more: row 1 has -2.0 \(2 such rows\)",
    ),
    "spends not counted": (
        lambda: Spend.from_arrays([1, np.nan], [3, 4]),
        "frequency must be 0 or more: row 1 has nan",
    ),
    "spends without end": (
        lambda: Spend.from_arrays([1, np.inf], [3, 4]),
        "frequency must be a finite number: row 1 has inf",
    ),
    "spends by halves": (
        lambda: Spend.from_arrays([1, 1.5], [3, 4]),
        "frequency must be a whole number of purchases: row 1 has 1.5",
    ),
    "spenders below none": (
        lambda: Spend.from_arrays([1, 2], [3, 4], [1, -1]),
        "weights must be finite and 0 or more: row 1 has -1.0",
    ),
    "spenders without end": (
        lambda: Spend.from_arrays([1, 2], [3, 4], [1, np.inf]),
        "weights must be finite and 0 or more: row 1 has inf",
    ),
    "spend not known": (
        lambda: Spend.from_arrays([1, 2], [3, np.nan]),
        r"monetary_value must be a finite number: row 1 has nan \(1 such rows\)",
    ),
    "spend of no money": (
        lambda: Spend.from_arrays([1, 2], [1e100, 2e100]),
        r"monetary_value is not money; take a larger unit: row 1 has 2e\+100",
    ),
    "nobody spends": (
        lambda: Spend.from_arrays([1, 0, 2], [0, 5, -1]),
        r"no customer has a purchase with a spend above 0 \(of 3 given\)",
    ),
    "histories of two lengths": (
        lambda: Counts.from_arrays([1, 2], [1, 2], [3, 4], [1]),
        "have different lengths: 2, 2, 2, 1",
    ),
    "bought below none": (
        lambda: Counts.from_arrays([1, -2, -3], [1, 2, 2], [3, 4, 5]),
        r"frequency must not be negative: row 1 has -2 \(2 such rows\)",
    ),
    "bought by halves": (
        lambda: Counts.from_arrays([1, 1.5], [1, 2], [3, 4]),
        r"frequency must be a whole number of repeat purchases: row 1 has 1.5",
    ),
    "customers below none": (
        lambda: Counts.from_arrays([1, 2], [1, 2], [3, 4], [1, -1]),
        "weights must not be negative: row 1 has -1",
    ),
    "recency after the end": (
        lambda: Counts.from_arrays([1, 2], [3, 5], [3, 4]),
        "recency is after the end of observation, T: row 1 has 5",
    ),
    "recency without a purchase": (
        lambda: Counts.from_arrays([0, 0], [0, 0.5], [3, 4]),
        "recency must be 0 where frequency is 0: row 1 has 0.5",
    ),
    "a purchase without recency": (
        lambda: Counts.from_arrays([0, 1], [0, 0], [3, 4]),
        "recency must be above 0 where frequency is above 0: row 1 has 0",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_row_that_cannot_be_is_named(name):
    ask, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        ask()


def test_the_row_is_told_of_the_whole_column_not_of_the_piece_it_is_checked_in(monkeypatch):
    monkeypatch.setattr(counting, "CHUNK", 2)
    with pytest.raises(InputError, match="row 4 has 9"):
        Counts.from_arrays([1] * 5, [1, 1, 1, 1, 9], [3] * 5)


def test_survivors_are_told_apart_from_those_who_left_period_by_period():
    seen = Contracts.from_survivors([1, 0])
    assert (seen.ended.tolist(), seen.running.tolist(), seen.customers) == ([1], [0], 1)
    seen = Contracts.from_survivors([10, 6, 6, 5])
    assert seen.periods.tolist() == [1, 2, 3]
    assert (seen.ended.tolist(), seen.running.tolist()) == ([4, 0, 1], [0, 0, 5])
    assert (seen.customers, seen.repeat_buyers, seen.purchases) == (10, 6, 0)


def test_contracts_of_one_duration_are_counted_together_with_their_weights():
    seen = Contracts.from_durations([4, 1, 4, 1, 2], [1, 0, 0, 1, 1], [2, 3, 5, 7, 0])
    assert seen.periods.tolist() == [1, 2, 4]
    assert (seen.ended.tolist(), seen.running.tolist()) == ([7, 0, 2], [3, 0, 5])
    assert (seen.customers, seen.repeat_buyers) == (17, 10)
    both = seen + Contracts.from_survivors([10, 8, 5, 5])
    assert both.periods.tolist() == [1, 2, 3, 4]
    assert (both.ended.tolist(), both.running.tolist()) == ([9, 3, 0, 2], [3, 0, 5, 5])
    assert (both.customers, both.repeat_buyers) == (27, 18)
    with pytest.raises(TypeError):
        both + 1


def test_spends_are_sorted_and_those_left_out_are_counted_with_their_weights():
    x, m, n = (
        [3, 0, 1, 2, 1, 0, 4, 5],
        [9, 0, 4, -6, 0, 3, np.nan, 1e100],
        [2, 3, 5, 7, 11, 13, 0, 1],
    )
    seen = Spend.from_arrays(x, m, n)
    assert seen.frequency.tolist() == [1, 3, 5]
    assert (seen.mean.tolist(), seen.weights.tolist()) == ([4, 9, 1e100], [5, 2, 1])
    assert (seen.customers, seen.without, seen.not_positive) == (8, 16, 18)
    assert (seen.repeat_buyers, seen.purchases) == (8, 16)
    both = Spend.from_arrays([2, 0], [7, 0], [4, 6]) + seen
    assert both.frequency.tolist() == [1, 2, 3, 5]
    assert (both.mean.tolist(), both.weights.tolist()) == ([4, 7, 9, 1e100], [5, 4, 2, 1])
    assert (both.customers, both.without, both.not_positive) == (12, 22, 18)
    thin = both.thinned(3)
    assert (thin.frequency.tolist(), thin.mean.tolist(), thin.weights.tolist()) == (
        [1, 5], [4, 1e100], [5, 1],
    )  # fmt: skip
    told = {one.name: (one.severity, one.sentence.en) for one in both.findings()}
    assert told["no_spend"][0] == "note" and "(22 of the customers)" in told["no_spend"][1]
    severity, sentence = told["spend_not_positive"]
    assert severity == "warning" and sentence.endswith("0 or less: 18.")
    assert Spend.from_arrays([1, 2], [3, 4]).findings() == ()
    with pytest.raises(TypeError):
        both + 1


def test_a_spend_of_less_than_one_is_a_spend():
    seen = Spend.from_arrays([1, 2, 1], [0.25, 1, -0.5], [0.5, 1, 0.75])
    assert (seen.mean.tolist(), seen.customers, seen.not_positive) == ([0.25, 1], 1.5, 0.75)
    made = Spend(seen.frequency, seen.mean, seen.weights)
    assert (made.customers, made.without, made.not_positive) == (1.5, 0, 0)


@pytest.mark.parametrize("weights", [None, [2, 3, 5, 7, 11, 13, 17]])
@pytest.mark.parametrize("piece", [2, 3, 100])
def test_histories_are_counted_alike_in_pieces_of_any_size(weights, piece, monkeypatch):
    monkeypatch.setattr(counting, "CHUNK", piece)
    x, t_x, T = [2, 0, 0, 2, 0, 2, 1], [5, 0, 0, 5, 0, 4, 1.5], [9, 9, 0, 9, 7, 9, 9]
    seen = Counts.from_arrays(x, t_x, T, weights, time_unit="weeks")
    n = [1] * 7 if weights is None else weights
    rows = zip(seen.frequency, seen.T, seen.recency, seen.weights, strict=True)
    assert list(rows) == [
        (0, 7, 0, n[4]), (0, 9, 0, n[1]), (1, 9, 1.5, n[6]), (2, 9, 4, n[5]),
        (2, 9, 5, n[0] + n[3]),
    ]  # fmt: skip
    assert (len(seen), seen.left_out, seen.time_unit) == (5, n[2], "weeks")
    assert seen.customers == sum(n) - n[2]
    assert seen.repeat_buyers == n[0] + n[3] + n[5] + n[6]
    assert seen.purchases == 2 * (n[0] + n[3] + n[5]) + n[6]
    days = seen.in_unit("days")
    assert days.T.tolist() == [49, 63, 63, 63, 63] and days.time_unit == "days"
    assert days.recency.tolist() == [0, 0, 10.5, 28, 35] and days.left_out == n[2]
    twice = seen + seen
    assert twice.weights.tolist() == (2 * seen.weights).tolist()
    assert (twice.left_out, twice.time_unit, len(twice)) == (2 * n[2], "weeks", 5)
    with pytest.raises(TypeError):
        seen + 1


def test_histories_of_nobody_are_no_histories():
    seen = Counts.from_arrays([2, 1, 0], [5, 3, 0], [9, 9, 0], [4, 0, 0.5])
    assert (seen.frequency.tolist(), seen.weights.tolist()) == ([2], [4])
    assert (seen.customers, seen.left_out) == (4, 0.5)
    made = Counts(seen.frequency, seen.recency, seen.T, seen.weights)
    assert (made.customers, made.left_out, made.time_unit) == (4, 0, "days")


@pytest.mark.parametrize("weights", [None, [0.25, 1, 0.5, 2]])
def test_the_youngest_and_parts_of_customers_count(weights):
    """Who was seen for less than a unit of time was seen."""
    seen = Counts.from_arrays([0, 0, 1, 0], [0, 0, 0.25, 0], [0.5, 1, 0.5, 0], weights)
    assert (seen.T.tolist(), seen.frequency.tolist()) == ([0.5, 1, 0.5], [0, 0, 1])
    assert seen.weights.tolist() == ([1, 1, 1] if weights is None else [0.25, 1, 0.5])
    assert seen.left_out == (1 if weights is None else 2)


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5, "x", None, np.nan, [0.5, 0.9]])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(InputError, match=r"level is .* it must lie between 0 and 1"):
        as_level(level)


def test_levels_that_are_taken():
    assert [as_level(level) for level in (0.001, 0.5, "0.95", 0.999)] == [0.001, 0.5, 0.95, 0.999]


def test_numbers_are_of_the_least_or_more_and_whole_only_where_that_is_asked():
    assert at_least([[0, 2.5], [1, 3]], "t").tolist() == [[0, 2.5], [1, 3]]
    assert one_number(0, "t") == 0 and one_number(2.5, "t") == 2.5
    assert one_number(-3, "t", -3.5) == -3 and one_number(4, "t", 4, whole=True) == 4
    for refused, message in {
        (-0.5, 0.0, False): "t must be a finite number of 0 or more, got -0.5",
        (np.inf, 0.0, False): "t must be a finite number of 0 or more, got inf",
        (4.5, 2.0, True): "t must be a whole number of 2 or more, got 4.5",
        (1, 2.0, True): "t must be a whole number of 2 or more, got 1",
    }.items():
        value, least, whole = refused
        with pytest.raises(InputError, match=message):
            one_number(value, "t", least, whole=whole)
        with pytest.raises(InputError, match=message):
            at_least([5, value, -9], "t", least, whole=whole)
    with pytest.raises(InputError, match=r"t must be one number, got \[1\]; call once for each"):
        one_number([1], "t")


def test_what_was_given_is_shown_where_it_is_short():
    for length, shown in ((38, "'a{38}'"), (39, "str")):
        with pytest.raises(InputError, match=f"x must hold numbers, got {shown};"):
            as_numbers("a" * length, "x")
    with pytest.raises(InputError, match="got ndarray of datetime64"):
        as_numbers(np.array(["2026-01-01"], dtype="datetime64[D]"), "x")
    with pytest.raises(InputError, match=r"got np.datetime64\('2026-01-01'\)"):
        as_numbers(np.datetime64("2026-01-01"), "x")
    masked = np.ma.MaskedArray([1, 2, 3], [False, True, False])
    assert (
        as_numbers(masked, "x")[[0, 2]].tolist() == [1, 3] and np.isnan(as_numbers(masked, "x"))[1]
    )


def test_a_table_is_one_that_is_at_hand():
    table = pd.DataFrame({"a": [1, 2]})
    assert as_table(table, "log") is table
    assert as_table(pl.DataFrame({"a": [1, 2]}), "log").equals(table)
    for other in (pl.LazyFrame({"a": [1]}), [1], None):
        with pytest.raises(InputError, match="log must be a table, got"):
            as_table(other, "log")


def test_a_seed_gives_its_own_numbers():
    assert generator(7).random() == np.random.default_rng(7).random()
    with pytest.raises(InputError, match="seed is 'x'; give a whole number of 0 or more"):
        generator("x")


def test_units_of_time_turn_into_one_another():
    assert ratio("years", "months") == pytest.approx(12) and ratio("weeks", "days") == 7
    assert ratio("days", "weeks") == 1 / 7 and ratio("periods", "periods") == 1
    for pair in (("periods", "days"), ("days", "periods")):
        with pytest.raises(InputError, match="a period has no length in days"):
            ratio(*pair)
