"""What became of the rows of a table: kept or left out, by reason, in rows and in money."""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kpilib.contract.account import SAMPLE_ROWS, Account, Notes, Samples
from kpilib.contract.vocabulary.personal import HIDDEN, veiled
from kpilib.engines import Engine
from kpilib.loading.reading.values import OURS, count
from kpilib.loading.table import CODE, Checked, Draft, Plan
from kpilib.sources.source import PART, Source

_WIDE = 8
"""Of a table with more columns, sample rows show those in use."""


def finish(engine: Engine, draft: Draft) -> Checked:
    """The rows kept, as plain columns, and the account of all rows."""
    schema, source = draft.plan.schema, draft.plan.source
    event = schema.column(schema.event).outputs[0] if schema.event else ""
    full, seen = _tally(engine, draft, event if draft.has(event) else None)
    good = seen.get(0, {})
    counts = {name: int(good.get(f"sum_{name}", 0)) for name in draft.measures}
    places = [place for place in seen if place]
    left_out: dict[str, int] = {}
    amounts = {"kept": _amount(good)} if _money(draft) else {}
    wrong = {lines.reason for lines in source.left_out if lines.fault}
    for place in places:
        rule = draft.rules[place - 1]
        left_out[rule.reason] = left_out.get(rule.reason, 0) + int(seen[place]["rows"])
        wrong |= {rule.reason} if rule.wrong else set()
        if amounts:
            amounts[rule.reason] = amounts.get(rule.reason, 0.0) + _amount(seen[place])
    faults = sum(int(seen[place]["rows"]) for place in places if draft.rules[place - 1].fault)
    samples = _samples(engine, draft, places)
    for lines in source.left_out:
        left_out[lines.reason] = left_out.get(lines.reason, 0) + lines.rows
        head = lines.sample.head(SAMPLE_ROWS).copy()
        samples[lines.reason] = functools.partial(_without_persons, head, draft.personal)
    account = Account(
        schema.name,
        read=sum(int(row["rows"]) for row in seen.values()) + source.lines_left_out,
        kept=int(good.get("rows", 0)),
        left_out=left_out,
        samples=Samples(samples),
        notes=(
            *source.notes,
            *_reading_notes(draft.plan),
            *draft.statuses.notes,
            *draft.notes,
            *_notes(draft, counts),
        ),
        statuses=draft.statuses.counts,
        money=amounts or None,
        wrong=tuple(reason for reason in left_out if reason in wrong),
        doubts={
            words: (int(good[f"doubt_{name}"]), _amount(good, f"money_{name}") if amounts else None)
            for name, (_, words) in draft.doubts.items()
            if good.get(f"doubt_{name}", 0)
        },
        parts=_parts(engine, source, full),
    )
    kept = full.filter(nw.col(CODE) == 0) if places else full
    return Checked(
        frame=kept.select(*draft.normal.outputs, *draft.plan.mapped.extras),
        account=account,
        last_day=int(good["last_day"]) if "last_day" in good else None,
        counts=counts,
        faults=faults + sum(lines.rows for lines in source.left_out if lines.fault),
    )


def _tally(
    engine: Engine, draft: Draft, event: str | None
) -> tuple[nw.LazyFrame, dict[int, dict[Any, Any]]]:
    """All rows with their codes, under the names they keep; and by code what is counted of them."""
    picked = [nw.col(name).alias(output) for output, name in draft.normal.outputs.items()]
    picked += [nw.col(column).alias(name) for name, column in draft.plan.mapped.extras.items()]
    flags = [
        nw.when(rows).then(1).otherwise(0).alias(f"{OURS}count_{name}")
        for name, (rows, _) in draft.measures.items()
    ]
    flags += [
        nw.when(rows).then(1).otherwise(0).alias(f"{OURS}doubt_{name}")
        for name, (rows, _) in draft.doubts.items()
    ]
    part = [nw.col(PART)] if draft.plan.source.parts else []
    full = draft.frame.select(nw.col(CODE), *picked, *flags, *part)
    if draft.costly:
        full = engine.keep(full)
    sums = [nw.col(f"{OURS}count_{name}").sum().alias(f"sum_{name}") for name in draft.measures]
    sums += [nw.col(f"{OURS}doubt_{name}").sum().alias(f"doubt_{name}") for name in draft.doubts]
    if amount := _money(draft):
        value = nw.when(nw.col(amount).is_finite()).then(nw.col(amount))
        sums.append(value.sum().alias("money"))
        sums += [
            nw.when(nw.col(f"{OURS}doubt_{name}") == 1).then(value).sum().alias(f"money_{name}")
            for name in draft.doubts
        ]
    last = [nw.col(event).max().alias("last_day")] if event else []
    tally = engine.collect(full.group_by(CODE).agg(nw.len().alias("rows"), *sums, *last))
    return full, {int(row[CODE]): row for row in tally.sort_values(CODE).to_dict("records")}


def _money(draft: Draft) -> str | None:
    """The column of ours that says what a row is worth, where the table has one."""
    return next((name for name in draft.plan.schema.money if draft.has(name)), None)


def _amount(row: Mapping[Any, Any], name: str = "money") -> float:
    """A sum of money out of a tally; 0 where there was none to add."""
    value = row.get(name)
    return 0.0 if value is None or pd.isna(value) else float(value)


def _parts(engine: Engine, source: Source, full: nw.LazyFrame) -> dict[str, tuple[int, int]]:
    """File → rows read and rows kept, where several files make the table."""
    if not source.parts:
        return {}
    rows = full.group_by(PART).agg(nw.len().alias("read"), count(nw.col(CODE) == 0).alias("kept"))
    seen = engine.collect(rows).set_index(PART)
    found = {}
    for place, part in enumerate(source.parts):
        read, kept = (int(seen[name].get(place, 0)) for name in ("read", "kept"))
        found[part.name] = (read + part.lines_left_out, kept)
    return found


def _reading_notes(plan: Plan) -> Iterable[str]:
    """What is worth knowing about how its columns were read."""
    return (reading.note for reading in plan.readings.values() if reading.note)


def _notes(draft: Draft, counts: Mapping[str, int]) -> Iterable[str]:
    for name, rows in counts.items():
        if rows and draft.measures[name][1]:
            noun = "row" if rows == 1 else "rows"
            yield draft.measures[name][1].format(rows=f"{rows:,} {noun}")


def _samples(
    engine: Engine, draft: Draft, places: list[int]
) -> dict[str, Callable[[], pd.DataFrame]]:
    """For each reason, how to fetch a few rows as the source has them."""
    mapped = draft.plan.mapped
    names = mapped.originals if len(mapped.originals) <= _WIDE else mapped.used
    shown = [nw.col(mapped.originals[name]).alias(name) for name in names]
    frame = draft.frame

    def fetch(place: int) -> pd.DataFrame:
        some = frame.filter(nw.col(CODE) == place).select(*shown).head(SAMPLE_ROWS)
        return _without_persons(engine.collect(some), draft.personal)

    return {draft.rules[place - 1].reason: functools.partial(fetch, place) for place in places}


def _without_persons(rows: pd.DataFrame, personal: Collection[str] | None) -> pd.DataFrame:
    """Sample rows as they may be shown: personal columns hidden, addresses in others too."""
    if personal is None:
        return rows
    for name in rows.columns:
        if name in personal:
            rows[name] = rows[name].astype(object).where(rows[name].isna(), HIDDEN)
        elif not pd.api.types.is_numeric_dtype(rows[name].dtype):
            rows[name] = rows[name].map(lambda v: veiled(v) if isinstance(v, str) else v)
    return rows


def with_note(checked: Checked, *notes: str | Callable[[], str | None]) -> Checked:
    """The table with sentences added to its account; some are worked out when they are read."""
    account = checked.account
    before = account.notes if isinstance(account.notes, Notes) else Notes(*account.notes)
    return replace(checked, account=replace(account, notes=before.and_then(*notes)))
