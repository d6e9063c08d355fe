"""Test customers and merged records, found once and applied to every other table."""

import functools
import operator
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import OURS
from kpilib.loading.rules import Rule, oneself
from kpilib.loading.table import Draft

TEST, MERGED = "test customer", "merged into another customer"
_BY = "referred_by_customer_id"
_ID, _INTO, _TEST = f"{OURS}id", f"{OURS}into", f"{OURS}test"


@dataclass(frozen=True)
class Records:
    """What the customers table says of the ids in all the others."""

    tests: frozenset[Any] = frozenset()
    """Ids all of whose rows are left out."""
    merges: dict[Any, Any] = field(default_factory=dict)
    """The id of a duplicate record → the id that stands for it."""
    moved: nw.LazyFrame | None = None
    """The merges as rows: the id, and the one that stands for it."""
    tested: nw.LazyFrame | None = None
    """The tests as rows: the id, and a flag."""


def find_records(engine: Engine, draft: Draft) -> Records:
    """Test customers, and merged records followed to the end of their chain."""
    tests: set[Any] = set()
    if draft.has("is_test"):
        flagged = draft.good().filter(draft.value("is_test"))
        tests = set(engine.collect(flagged.select(draft.value("customer_id").alias("id")))["id"])
    merges: dict[Any, Any] = {}
    if draft.has("merged_into_id"):
        into = draft.value("merged_into_id")
        pairs = engine.collect(
            draft.good()
            .filter(~into.is_null())
            .select(draft.value("customer_id").alias("id"), into.alias("into"))
        )
        merges = resolve(dict(zip(pairs["id"].tolist(), pairs["into"].tolist(), strict=True)))
    tests |= {id_ for id_, into in merges.items() if into in tests}
    merges = {id_: into for id_, into in merges.items() if id_ not in tests}
    moved = {_ID: list(merges), _INTO: list(merges.values())}
    tested = {_ID: sorted(tests), _TEST: True}
    return Records(
        frozenset(tests),
        merges,
        engine.frame(pd.DataFrame(moved)) if merges else None,
        engine.frame(pd.DataFrame(tested)) if tests else None,
    )


def resolve(merges: dict[Any, Any]) -> dict[Any, Any]:
    """Each merged id with the id at the end of its chain.

    >>> resolve({1: 2, 2: 3})
    {1: 3, 2: 3}
    >>> resolve({1: 2, 2: 1})
    Traceback (most recent call last):
    kpilib.errors.InputError: customers: merged_into_id goes in a circle: 1 -> 2 -> 1; ...
    """
    ends: dict[Any, Any] = {}
    for start in merges:
        path = [start]
        while path[-1] in merges and path[-1] not in ends:
            path.append(merges[path[-1]])
            if path[-1] in path[:-1]:
                circle = " -> ".join(str(id_) for id_ in path[path.index(path[-1]) :][:6])
                raise InputError(
                    f"customers: merged_into_id goes in a circle: {circle}; "
                    "leave it empty in the record that stands for the others"
                )
        end = ends.get(path[-1], path[-1])
        ends |= dict.fromkeys(path[:-1], end)
    return ends


def check_customers(draft: Draft, records: Records) -> None:
    """In the customers table itself: test accounts and duplicates are left out.

    Who brought a customer is told by the record that stands for them; a test account is nobody,
    and the customer stays.
    """
    if draft.has("is_test"):
        draft.add_rule(Rule(TEST, draft.value("is_test"), fault=False))
    if draft.has("merged_into_id"):
        draft.add_rule(Rule(MERGED, ~draft.value("merged_into_id").is_null(), fault=False))
    if draft.has(_BY):
        if records.moved is not None:
            _replace(draft, _BY, records.moved)
        if records.tested is not None:
            test = _marked(draft, _BY, records.tested)
            draft.measures["by_test"] = (test, "{rows} brought by a test customer, taken as nobody")
            draft.set(_BY, nw.when(~test).then(draft.value(_BY)))


def apply_records(draft: Draft, records: Records) -> None:
    """In any other table: rows of test customers left out, ids of merged records replaced.

    A row of two customers, as a referral is, is left out where either is a test; and where both
    turn out to be one.
    """
    owners = [
        name
        for name, reading in draft.plan.readings.items()
        if reading.column.kind == "id" and reading.column.names == "customer"
    ]
    if records.moved is not None and owners:
        there = _any([_replace(draft, name, records.moved) for name in owners])
        draft.measures["merged"] = (there, "{rows} moved to the customer they were merged into")
    if records.tested is not None and owners:
        tests = [_marked(draft, name, records.tested) for name in owners]
        draft.add_rule(Rule(TEST, _any(tests), fault=False))
    rule = oneself(draft.normal) if draft.plan.schema.name == "referrals" else None
    if records.moved is not None and rule is not None:
        draft.add_rule(rule)


def _replace(draft: Draft, name: str, moved: nw.LazyFrame) -> nw.Expr:
    """The id that stands for a merged record put in its place; the rows that had one."""
    into = f"{_INTO}_{name}"
    draft.frame = draft.frame.join(
        moved.rename({_INTO: into}), left_on=draft.normal.outputs[name], right_on=_ID, how="left"
    )
    there = ~nw.col(into).is_null()
    draft.set(name, nw.when(there).then(nw.col(into)).otherwise(draft.value(name)))
    draft.costly = True
    return there


def _marked(draft: Draft, name: str, tested: nw.LazyFrame) -> nw.Expr:
    """Whether the customer whom a column names is a test account; never missing."""
    flag = f"{_TEST}_{name}"
    draft.frame = draft.frame.join(
        tested.rename({_TEST: flag}), left_on=draft.normal.outputs[name], right_on=_ID, how="left"
    )
    draft.costly = True
    return nw.col(flag).fill_null(False)


def _any(conditions: list[nw.Expr]) -> nw.Expr:
    return functools.reduce(operator.or_, conditions)
