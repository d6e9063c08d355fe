"""Everything that can be asked of a generated business, on whatever engine its tables are."""

import tomllib
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from kpilib.demo import Model, business
from kpilib.demo.write import settings_text
from kpilib.loading import load
from kpilib.questions.base import CustomerBase
from kpilib.questions.values import KPIValue
from kpilib.registry.definitions import analyses

SMALL = Model(customers=600, months=24)
OPTIONS = {"loyalty_index_weights": {"draws": 50}, "key_drivers": {"replicates": 50}}
LONGER = {"key_drivers": "2025"}
"""Analyses that a month has too few rows for, and what they are asked over."""


class Answers(NamedTuple):
    """The values of all KPIs and the tables of all analyses, of one month."""

    values: list[KPIValue]
    analyses: dict[str, pd.DataFrame]


def small_business():
    """Two years of 600 customers: every source table, as frames."""
    return business(SMALL)[0]


def open_small(tables):
    return CustomerBase(load_small(tables))


def load_small(tables):
    return load(**tables, **tomllib.loads(settings_text(SMALL)))


def moved(loaded, engine):
    """What was loaded on one engine, row by row on another."""
    tables = {}
    for name, frame in loaded.tables.items():
        whole = {
            column: "Int64"  # pandas would make floats of whole numbers among missing ones
            for column, kind in frame.collect_schema().items()
            if kind.is_integer()
        }
        tables[name] = engine.frame(loaded.engine.collect(frame).astype(whole))
    return CustomerBase(replace(loaded, engine=engine, tables=tables))


def answers_of(base):
    """All KPIs and analyses of a month whose later periods are over."""
    month = base.period().shift(-3)
    tables = {
        name: base.analysis(name, LONGER.get(name, month), **OPTIONS.get(name, {}))
        for name in analyses()
    }
    return Answers(list(base.scorecard("all", month)), tables)
