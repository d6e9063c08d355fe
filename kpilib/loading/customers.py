"""Test customers and merged records, found once and applied to every other table."""

from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.loading.reading.values import OURS
from kpilib.loading.rules import Rule
from kpilib.loading.table import Draft

TEST, MERGED = "test customer", "merged into another customer"


@dataclass(frozen=True)
class Records:
    """What the customers table says of the ids in all the others."""

    tests: frozenset[Any] = frozenset()
    """Ids all of whose rows are left out."""
    merges: dict[Any, Any] = field(default_factory=dict)
    """The id of a duplicate record → the id that stands for it."""


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
    return Records(frozenset(tests), {i: into for i, into in merges.items() if i not in tests})


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


def check_customers(draft: Draft) -> None:
    """In the customers table itself: test accounts and duplicates are left out."""
    if draft.has("is_test"):
        draft.add_rule(Rule(TEST, draft.value("is_test"), fault=False))
    if draft.has("merged_into_id"):
        draft.add_rule(Rule(MERGED, ~draft.value("merged_into_id").is_null(), fault=False))


def apply_records(engine: Engine, draft: Draft, records: Records) -> None:
    """In any other table: rows of test customers left out, ids of merged records replaced."""
    owners = [
        name
        for name, reading in draft.plan.readings.items()
        if reading.column.kind == "id" and reading.column.names == "customer"
    ]
    for place, name in enumerate(owners):
        if records.merges:
            _replace(engine, draft, name, records, counted=place == 0)
        if records.tests and place == 0:
            _leave_out_tests(engine, draft, name, records)


def _replace(engine: Engine, draft: Draft, name: str, records: Records, counted: bool) -> None:
    """The id that stands for a merged record, in its place."""
    into = f"{OURS}into_{name}"
    pairs = pd.DataFrame({f"{OURS}id": list(records.merges), into: list(records.merges.values())})
    draft.frame = draft.frame.join(
        engine.frame(pairs),
        left_on=draft.normal.outputs[name],
        right_on=f"{OURS}id",
        how="left",
    )
    moved = ~nw.col(into).is_null()
    if counted:
        draft.measures["merged"] = (moved, "{rows} moved to the customer they were merged into")
    draft.set(name, nw.when(moved).then(nw.col(into)).otherwise(draft.value(name)))
    draft.costly = True


def _leave_out_tests(engine: Engine, draft: Draft, name: str, records: Records) -> None:
    flag = f"{OURS}test"
    ids = pd.DataFrame({f"{OURS}id": sorted(records.tests), flag: True})
    draft.frame = draft.frame.join(
        engine.frame(ids), left_on=draft.normal.outputs[name], right_on=f"{OURS}id", how="left"
    )
    draft.add_rule(Rule(TEST, nw.col(flag).fill_null(False), fault=False))
    draft.costly = True
