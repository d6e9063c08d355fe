"""What is compared with what, how far apart it is, and what the verdict on it says.

The values of each period are given, so that only what is made of them is looked at.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kpilib.change.signal import Judgement, Signal, View
from kpilib.periods import Period
from kpilib.questions import compare
from kpilib.questions.ask import Answers
from kpilib.questions.values import KPIValue, Status
from kpilib.registry.definitions import registry
from kpilib.words import Text
from tests import quick

MONTH, BEFORE = Period.month("2026-04"), Period.month("2026-03")
WHY = Text("the records begin within it")


@pytest.fixture(scope="module")
def base():
    """Three years of orders that settle within five days, complete to the end of May 2026."""
    return opened(date(2026, 6, 1))


def opened(as_of, first=date(2022, 1, 1)):
    days = pd.date_range(first, date(2026, 5, 25), freq="7D")
    orders = pd.DataFrame({"customer_id": np.arange(len(days)) % 9, "ordered_at": days})
    return quick.opened(
        orders=orders.assign(amount=5.0), as_of=as_of, lapse_window=60, settle_days=5
    )


@pytest.fixture
def given(monkeypatch):
    """Installs what the periods are worth: a function of numbers and limits by period."""
    asked = []

    def install(numbers, name="buyers", limits=None, others=(), **said):
        one = registry()[name]
        values = [made(one, period, number, **said) for period, number in numbers.items()]
        values += others

        def answers(base, definitions, periods, by=None, pair=None):
            asked.append((tuple(definitions), periods, by, pair))
            known = [value for value in values if value.id in definitions]
            return Answers(
                [value for value in known if value.period in periods],
                {} if limits is None else {(name, None): limits},
            )

        monkeypatch.setattr(compare.ask, "answers", answers)
        return asked

    return install


def made(definition, period, number, low=-1.0, high=1.0, n=100, status="complete", **more):
    """A value of a definition; `number` alone, or what else is said of it in a dict."""
    said = number if isinstance(number, dict) else {"value": number}
    number = said["value"]
    limits = {} if number is None or low is None else {"low": number + low, "high": number + high}
    known = {
        "id": definition.id, "family": definition.family, "name": definition.name,
        "unit": definition.unit, "better": definition.better, "period": period,
        "definition": "abc", "formula": "x", "summary": definition.summary,
        "status": Status(status), "n": n, **limits,
    }  # fmt: skip
    return KPIValue(**known | more | said)


def one(base, name="buyers", period=MONTH, **options):
    (found,) = compare.compared(base, {name: registry()[name]}, period, None, **options)
    return found


def test_a_change_is_the_value_less_the_one_before_with_the_limits_of_the_difference(base, given):
    given({BEFORE: 7, MONTH: 10}, limits=(-1.5, 7.5))
    found = one(base)
    assert (found.value, found.previous, found.change) == (10, 7, 3)
    assert (found.change_low, found.change_high) == (-1.5, 7.5)
    given({BEFORE: 7, MONTH: 10})
    assert (one(base).change, one(base).change_low, one(base).change_high) == (3, None, None)


@pytest.mark.parametrize(
    "before",
    [
        {"value": None},
        {"value": 7, "status": Status.PROVISIONAL},
        {"value": 7, "status": Status.INCOMPLETE},
        {"value": 7, "details": {"horizon": 12.0}},
        {"value": 7, "details": {"scale_min": 1.0}},
        {"value": 7, "details": {"scale_max": 5.0}},
    ],
)
def test_what_is_not_final_or_not_alike_is_no_value_before(base, given, before):
    given({BEFORE: before, MONTH: 10}, limits=(1.0, 2.0))
    found = one(base)
    assert (found.previous, found.change, found.change_low) == (None, None, None)


def test_details_that_say_the_same_compare(base, given):
    scale = {"scale_min": 1.0, "scale_max": 5.0, "horizon": 12.0}
    given({
        BEFORE: {"value": 7, "details": scale | {"median": 3.0}},
        MONTH: {"value": 10, "details": scale | {"median": 4.0}},
    })  # fmt: skip
    assert one(base).previous == 7


def test_a_value_that_may_still_rise_is_compared_and_one_that_is_not_over_is_not(given):
    given({BEFORE: 7, MONTH: 10})
    for as_of, previous in (((2026, 4, 30), None), ((2026, 5, 1), 7), ((2026, 5, 6), 7)):
        assert one(opened(date(*as_of))).previous == previous


def test_what_the_records_only_bound_is_neither_compared_nor_judged(given):
    given({BEFORE: 7, MONTH: {"value": 10, "status": Status.PROVISIONAL, "reason": WHY}})
    for day, bounded in ((2, True), (1, False)):
        found = one(opened(date(2026, 6, 1), first=date(2026, 4, day)))
        assert (found.previous is None) == bounded
        assert (found.signal is Signal.NOT_COMPARABLE) == bounded


@pytest.mark.parametrize(
    ("period", "step"),
    [("2026-04", 12), ("2026-Q1", 4), ("2025", None), ("2026-03-02/2026-03-09", None)],
)
def test_the_same_month_or_quarter_of_a_year_before_stands_beside(base, given, period, step):
    period = Period.parse(period)
    numbers = {one: float(place) for place, one in enumerate(period.trailing(25))}
    given(numbers)
    assert one(base, period=period).year_before == (None if step is None else 24.0 - step)
    if step:
        given(numbers | {period.shift(-step): {"value": 1.0, "status": Status.PROVISIONAL}})
        assert one(base, period=period).year_before is None


def test_a_year_before_tells_of_the_holidays_that_moved(given):
    rows = pd.DataFrame({"customer_id": [1, 1], "ordered_at": ["2020-01-01", "2026-05-20"]})
    for month, options, told in (
        ("2026-02", {"country": "VN"}, True),
        ("2026-02", {"service": {"holidays": "VN"}}, True),
        ("2026-02", {}, False),
        ("2026-03", {"country": "VN"}, False),
    ):
        period = Period.month(month)
        given({period.shift(-12): 4, period: 5})
        base = quick.opened(
            orders=rows.assign(amount=1.0), as_of="2026-06-01", lapse_window=60, **options
        )
        assert bool(one(base, period=period).holidays) == told


HISTORY = dict(
    zip(MONTH.trailing(13), [9.0, 11, 10, 9, 12, 10, 11, 8, 10, 11, 9, 10, 10], strict=True)
)


@pytest.mark.parametrize(
    ("name", "now", "signal", "good"),
    [
        ("buyers", 60.0, Signal.UP, True),
        ("buyers", 0.0, Signal.DOWN, False),
        ("buyers", 10.0, Signal.NO_CLEAR_CHANGE, None),
        ("lost_customers", 60.0, Signal.UP, False),
        ("lost_customers", 0.0, Signal.DOWN, True),
        ("customer_ledger", 60.0, Signal.UP, None),
    ],
)
def test_a_verdict_is_good_or_bad_by_the_direction_of_its_kpi(base, given, name, now, signal, good):
    given(HISTORY | {MONTH: now}, name)
    found = one(base, name)
    assert (found.signal, found.good) == (signal, good)
    assert found.usual == pytest.approx(10, abs=0.1)
    said = "lead one to expect" if good is not None or name == "customer_ledger" else "stood out"
    assert said in found.signal_reason.en and found.visible > 0


@pytest.mark.parametrize(("count", "early"), [(0, True), (5, True), (6, False), (7, False)])
def test_six_comparable_periods_are_needed_for_a_verdict(base, given, count, early):
    given(dict(list(HISTORY.items())[-count - 1 :]))
    found = one(base)
    assert (found.signal is Signal.TOO_EARLY) == early
    if early:
        assert found.signal_reason.en.startswith(f"{count} comparable period")
        assert (found.usual, found.visible, found.good) == (None, None, None)


def test_periods_that_do_not_compare_are_none_of_the_six(base, given):
    some = dict(list(HISTORY.items())[-8:])
    for place in list(some)[1:3]:
        some[place] = {"value": 10.0, "details": {"scale_max": 5.0}}
    given(some)
    found = one(base)
    assert found.signal is Signal.TOO_EARLY and found.signal_reason.en.startswith("5 comparable")


@pytest.mark.parametrize("status", [Status.INCOMPLETE, Status.UNDEFINED, Status.UNAVAILABLE])
def test_what_is_not_there_or_not_over_has_no_signal(base, given, status):
    given(HISTORY | {MONTH: {"value": 60.0, "status": status}})
    assert one(base).signal is None
    given(HISTORY | {MONTH: {"value": None, "status": Status.COMPLETE}})
    assert one(base).signal is None


@pytest.mark.parametrize(
    ("name", "why"), [("clv_predicted", "a forecast"), ("clv_simple", "gets longer with")]
)
def test_a_forecast_and_a_mean_that_widens_are_not_comparable(base, given, name, why):
    given(HISTORY | {MONTH: 60.0}, name)
    found = one(base, name)
    assert found.signal is Signal.NOT_COMPARABLE and why in found.signal_reason.en
    assert found.change == 50.0


def test_only_what_has_a_history_is_asked_for_more_than_the_period_before(base, given):
    asked = given(HISTORY)
    names = ("buyers", "clv_predicted")
    compare.compared(base, {name: registry()[name] for name in names}, MONTH, None, history=7)
    assert asked == [
        (("buyers",), MONTH.trailing(8), None, (BEFORE, MONTH)),
        (("clv_predicted",), (BEFORE, MONTH), None, (BEFORE, MONTH)),
    ]
    asked.clear()
    compare.compared(base, {"buyers": registry()["buyers"]}, MONTH, "plan")
    assert asked == [(("buyers",), (BEFORE, MONTH), "plan", (BEFORE, MONTH))]
    asked.clear()
    not_over, before = Period.month("2026-06"), Period.month("2026-05")
    compare.compared(base, {"buyers": registry()["buyers"]}, not_over, None)
    assert asked == [(("buyers",), (before, not_over), None, (before, not_over))]


def test_what_has_no_table_is_asked_for_no_history(base, given):
    asked = given({})
    compare.compared(base, {"nps": registry()["nps"]}, MONTH, None)
    assert asked == [(("nps",), (BEFORE, MONTH), None, (BEFORE, MONTH))]


def test_a_segment_has_a_change_and_no_verdict(base, given):
    definition = registry()["buyers"]
    given({}, others=[
        made(definition, period, number, segment=segment)
        for segment in ("a", "b") for period, number in ((BEFORE, 7.0), (MONTH, 10.0))
        if (segment, period) != ("b", BEFORE)
    ])  # fmt: skip
    first, second = compare.compared(base, {"buyers": definition}, MONTH, "plan")
    assert (first.segment, first.change, first.signal) == ("a", 3.0, None)
    assert (second.segment, second.change, second.signal) == ("b", None, None)


def test_values_come_in_the_order_of_their_definitions_and_all_are_kept(base, given):
    definition, forecast = registry()["buyers"], registry()["clv_predicted"]
    given(HISTORY, others=[made(forecast, MONTH, 3.0)])
    keep = {}
    found = compare.compared(
        base, {"clv_predicted": forecast, "buyers": definition}, MONTH, None, keep=keep
    )
    assert [value.id for value in found] == ["clv_predicted", "buyers"]
    assert set(keep["buyers", None]) == set(HISTORY) and len(keep["clv_predicted", None]) == 1


@pytest.fixture
def judged(monkeypatch):
    """Installs a judgement on everything, and shows what was put to the judge."""
    seen = {}

    def install(judgement):
        def judge(series, possible):
            seen.update(series=series, possible=possible)
            return [judgement for _one in series]

        monkeypatch.setattr(compare, "judge", judge)
        return seen

    return install


MOVED = Judgement(Signal.UP, 12, View.LEVEL, usual=8.0, visible=2.0, p=0.001)


@pytest.mark.parametrize(
    ("signal", "before", "now", "verdict"),
    [
        (Signal.UP, 9.0, 10.0, Signal.UP),
        (Signal.UP, 10.0, 10.0, Signal.NO_CLEAR_CHANGE),
        (Signal.UP, 11.0, 10.0, Signal.NO_CLEAR_CHANGE),
        (Signal.DOWN, 11.0, 10.0, Signal.DOWN),
        (Signal.DOWN, 10.0, 10.0, Signal.NO_CLEAR_CHANGE),
        (Signal.DOWN, 9.0, 10.0, Signal.NO_CLEAR_CHANGE),
        (Signal.UP, None, 10.0, Signal.UP),
    ],
)
def test_what_moved_back_since_the_period_before_is_no_change_now(
    base, given, judged, signal, before, now, verdict
):
    given({BEFORE: {"value": before}, MONTH: now})
    judged(replace(MOVED, signal=signal))
    found = one(base)
    assert (found.signal, found.usual) == (verdict, 8.0)
    assert ("unusual, but no further" in found.signal_reason.en) == (verdict is not signal)
    assert (found.good is None) == (verdict is not signal)


@pytest.mark.parametrize(
    ("name", "usual", "shown"),
    [
        ("churn_rate", -0.2, 0.0),
        ("churn_rate", 1.3, 1.0),
        ("churn_rate", 0.4, 0.4),
        ("lost_customer_mix", -0.2, 0.0),
        ("lost_customer_mix", 1.3, 1.0),
        ("buyers", -3.0, 0.0),
        ("buyers", 1e9, 1e9),
        ("customer_ledger", -3.0, 0.0),
        ("revenue", -3.0, -3.0),
    ],
)
def test_what_is_expected_lies_where_such_values_can(base, given, judged, name, usual, shown):
    given({BEFORE: 0.1, MONTH: 0.3}, name)
    judged(replace(MOVED, usual=usual))
    assert one(base, name).usual == shown


@pytest.mark.parametrize(
    ("view", "said"),
    [(View.LEVEL, None), (View.STEP, "by its steps"), (View.SEASON, "a year before")],
)
def test_the_reason_says_what_it_was_judged_by(base, given, judged, view, said):
    given({BEFORE: 7.0, MONTH: 10.0})
    judged(replace(MOVED, view=view))
    why = one(base).signal_reason.en
    assert why.startswith("12 periods before lead one to expect 8, give or take 2")
    assert (said or "give or take") in why and ("judged" in why) == (said is not None)


def test_the_judge_is_given_the_history_its_errors_sizes_and_seasons(base, given, judged):
    numbers = dict(zip(MONTH.trailing(27), np.arange(27.0), strict=True))
    numbers[MONTH.shift(-2)] = {"value": 24.0, "status": Status.PROVISIONAL}
    given(numbers, "churn_rate", low=-0.98, high=0.98, n=50)
    seen = judged(MOVED)
    one(base, "churn_rate")
    (series,) = seen["series"]
    wanted = np.arange(2.0, 27.0)  # of 24 periods before, and its own
    wanted[-3] = np.nan
    np.testing.assert_array_equal(series.values, wanted)
    known = np.isfinite(wanted)
    assert series.errors[known] == pytest.approx(0.98 / 1.959963985)
    np.testing.assert_array_equal(series.sizes, np.where(known, 50.0, np.nan))
    assert series.season == 12
    given(numbers, "buyers", low=None)
    one(base, "buyers")
    (series,) = seen["series"]
    assert series.sizes is None and np.isnan(series.errors).all()


def test_two_years_are_the_longest_history_whatever_is_known(base, given, judged):
    given(dict(zip(MONTH.trailing(25), np.arange(25.0), strict=True)))
    older = MONTH.shift(-25)
    keep = {("buyers", None): {older: made(registry()["buyers"], older, 99.0)}}
    seen = judged(MOVED)
    one(base, keep=keep)
    np.testing.assert_array_equal(seen["series"][0].values, np.arange(25.0))


def test_a_history_begins_with_the_first_period_that_compares(base, given, judged):
    numbers = dict(zip(MONTH.trailing(9), np.arange(9.0), strict=True))
    first = next(iter(numbers))
    given(numbers | {first: {"value": 0.0, "status": Status.UNDEFINED}})
    seen = judged(MOVED)
    one(base)
    np.testing.assert_array_equal(seen["series"][0].values, np.arange(1.0, 9.0))
    given({MONTH: 4.0})
    one(base)
    np.testing.assert_array_equal(seen["series"][0].values, [4.0])


@pytest.mark.parametrize(("period", "season"), [("2026-Q1", 4), ("2026-03-02/2026-03-09", None)])
def test_seasons_are_of_months_and_quarters(base, given, judged, period, season):
    period = Period.parse(period)
    given({period: 4.0})
    seen = judged(MOVED)
    one(base, period=period)
    assert seen["series"][0].season == season


def test_all_that_could_be_asked_count_as_looked_at(base, given, judged):
    given({MONTH: 4.0})
    seen = judged(MOVED)
    one(base)
    tables = [definition.tables for definition in registry().values()]
    assert seen["possible"] == sum(some == ("orders",) for some in tables) > 20
    contracts = pd.DataFrame({"customer_id": [1], "started_at": ["2020-01-01"]})
    alone = quick.opened(subscriptions=contracts, as_of="2026-06-01", time_zone="UTC")
    given({MONTH: 4.0}, "renewal_rate")
    one(alone, "renewal_rate")
    within = {"orders", "subscriptions"}
    assert seen["possible"] == sum(within.issuperset(some) for some in tables)


def test_several_periods_are_a_trend_and_a_single_number_is_one_value(base):
    trend = compare.kpi(base, "buyers", (BEFORE, MONTH), None)
    assert [value.period for value in trend] == [BEFORE, MONTH]
    assert [value.change for value in trend] == [None, None]
    assert compare.kpi(base, "buyers", (MONTH,), None).period == MONTH
    parts = compare.kpi(base, "customer_ledger", (MONTH,), None)
    assert len(parts) > 2 and {value.period for value in parts} == {MONTH}


def test_what_has_breakdowns_of_its_own_is_asked_without_one_as_it_is(base):
    name = next(name for name, one in registry().items() if one.breakdowns is not None)
    assert compare.kpi(base, name, (MONTH,), None).id == name
