"""Names, addresses and numbers of persons: left behind at the door, ids made of them hashed."""

import os
from collections.abc import Iterable, Mapping

import narwhals.stable.v2 as nw

from kpilib.contract.vocabulary.personal import REACHES, keeps_personal_data, names_a_person
from kpilib.engines import Engine
from kpilib.loading.table import Draft

KEY = "KPILIB_ID_KEY"
"""The environment variable whose text goes into the hashes, so that nobody else can make them."""

_LOOKED_AT = 1000
"""How many rows are looked at, and how many letters of each cell."""


def hide_persons(engine: Engine, drafts: Mapping[str, Draft], marked: Iterable[str]) -> None:
    """Take from every table what speaks of persons, unless it was asked for.

    Columns that are `marked`, named so, or hold addresses by which people are reached are not
    taken over; customers' ids that are such are hashed, in all tables alike.
    """
    if keeps_personal_data():
        for draft in drafts.values():
            draft.personal = None
        return
    named = {name.strip().lower() for name in marked}
    for draft in drafts.values():
        draft.personal = columns = _columns(engine, draft, named)
        _leave_behind(draft, columns)
        _hash_ids(engine, draft, columns)


def _columns(engine: Engine, draft: Draft, marked: set[str]) -> frozenset[str]:
    """The source's columns that hold personal data."""
    originals = draft.plan.mapped.originals
    types = draft.frame.collect_schema()
    found = {name for name in originals if name.lower() in marked or names_a_person(name)}
    texts = [
        name for name in originals if name not in found and types[originals[name]] == nw.String
    ]
    if texts:
        shown = [
            nw.col(originals[name]).str.slice(0, _LOOKED_AT).alias(str(at))
            for at, name in enumerate(texts)
        ]
        some = engine.collect(draft.frame.select(*shown).head(_LOOKED_AT))
        for at, name in enumerate(texts):
            hits = some[str(at)].dropna().str.contains(REACHES.replace("(", "(?:"), regex=True)
            if hits.any() and (hits.mean() > 0.5 or some[str(at)].str.contains("@").any()):
                found.add(name)
    return frozenset(found)


def _leave_behind(draft: Draft, columns: frozenset[str]) -> None:
    extras = draft.plan.mapped.extras
    sources = {column: name for name, column in draft.plan.mapped.originals.items()}
    gone = [
        name
        for name, column in extras.items()
        if sources.get(column, column) in columns or names_a_person(name)
    ]
    for name in gone:
        del extras[name]
    if gone:
        draft.notes.append(
            f"{', '.join(gone)}: about persons, and so not taken over; --with-personal-data does"
        )


def _hash_ids(engine: Engine, draft: Draft, columns: frozenset[str]) -> None:
    """Ids of customers that reach or name them, as hashes; alike in all tables."""
    types = draft.frame.collect_schema()
    sources = {column: name for name, column in draft.plan.mapped.originals.items()}
    for name, reading in draft.plan.readings.items():
        column = draft.normal.outputs.get(name, "")
        if reading.column.names != "customer" or types.get(column) != nw.String:
            continue
        source = sources.get(draft.plan.mapped.columns.get(name, ""), "")
        pattern = "." if source in columns and names_a_person(source) else REACHES
        found = draft.frame.filter(draft.value(name).str.contains(pattern)).select(column).head(1)
        if len(engine.collect(found)):
            made = f"{column}_hashed"
            key = os.environ.get(KEY, "")
            draft.frame = engine.with_hashed(draft.frame, column, made, pattern, key)
            draft.set(name, nw.col(made))
