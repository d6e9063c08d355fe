"""Waits that are not over: median and 90th percentile by group, against the curve itself."""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.duck import DuckEngine
from kpilib.statistics.evaluate import evaluate, nothing
from kpilib.statistics.survival import KaplanMeier
from kpilib.statistics.together import Beside
from kpilib.statistics.waiting import Wait


def waits(hours, ended, period=None):
    engine = DuckEngine()
    table = pd.DataFrame({"hours": hours, "ended": ended})
    table["period"] = 0 if period is None else period
    return engine, Wait(engine.frame(table), nw.col("hours"), nw.col("ended"), met="answered")


def test_each_group_has_the_median_of_its_own_curve():
    random = np.random.default_rng(0)
    hours = random.exponential(5, 400).round(2)
    ended, period = random.random(400) < 0.8, np.repeat([0, 1], 200)
    engine, wait = waits(hours, ended, period)
    table = evaluate(engine, {"wait": wait})["wait"]
    for place in (0, 1):
        own = period == place
        curve = KaplanMeier.from_counts(hours[own], ended[own], ~ended[own])
        row = table.loc[[(place,)]].iloc[0]
        assert (row["value"], row["low"], row["high"]) == tuple(curve.median())
        assert row["p90"] == curve.quantile(0.9).value
        assert (row["answered"], row["open"], row["n"]) == (
            ended[own].sum(),
            (~ended[own]).sum(),
            200,
        )


def test_a_wait_that_half_have_not_ended_has_no_median():
    engine, wait = waits([1.0, 2.0, 3.0], [True, False, False])
    row = evaluate(engine, {"wait": wait})["wait"].iloc[0]
    assert row["value"] is None and (row["answered"], row["open"]) == (1, 2)


def test_as_many_ended_as_not_are_some():
    engine, wait = waits([1.0, 2.0], [True, False])
    row = evaluate(engine, {"wait": wait})["wait"].iloc[0]
    assert (row["value"], row["answered"], row["open"], row["n"]) == (1.0, 1, 1, 2)


def test_an_end_at_once_counts_and_a_missing_wait_does_not():
    engine, wait = waits([0.0, 0.0, np.nan], [True, True, True])
    row = evaluate(engine, {"wait": wait})["wait"].iloc[0]
    assert (row["value"], row["n"]) == (0.0, 2)


def test_nothing_is_no_number():
    _, wait = waits([1.0], [True])
    row = nothing(wait).iloc[0]
    assert row["value"] is None and row["n"] == 0


def test_no_group_at_all_has_the_columns_of_any_other():
    engine, wait = waits([np.nan], [True])
    none = evaluate(engine, {"wait": wait, "beside": Beside(wait, {"first": wait})})
    some = evaluate(engine, {"wait": waits([1.0], [True])[1]})
    assert len(none["wait"]) == 0
    assert list(none["wait"]) == list(some["wait"])
    assert list(none["beside"]) == [*some["wait"], "first"]
