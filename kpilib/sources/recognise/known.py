"""A file whose columns have other names than ours, read all the same where they are known."""

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches

from kpilib.contract.schema import Schema
from kpilib.contract.settings import TableSettings
from kpilib.engines import Engine
from kpilib.sources.recognise.guess import Guess, candidates, guess
from kpilib.sources.recognise.sample import Sample, sample_of, squash
from kpilib.sources.source import Source


def recognised(
    engine: Engine, source: Source, schema: Schema, options: TableSettings
) -> tuple[Source, TableSettings]:
    """A file that names not all it needs as we do, with the settings that say which is which.

    That is done only where nobody has mapped a column, and everything is sure; a note says so.
    """
    names = {name.lower() for name in source.names}
    if options.columns or options.lines or set(schema.required) <= names:
        return source, options
    found = guess(sample_of(engine, source), schema.name)
    if not found.is_sure:
        return source, options
    platform = found.platform
    made = replace(
        options,
        columns={**found.columns},
        lines=found.lines,
        leave_out={**(platform.leave_out if platform else {}), **options.leave_out},
    )
    return replace(source, notes=(*source.notes, _note(source, found))), made


def _note(source: Source, found: Guess) -> str:
    what = f"read as {found.platform.name}" if found.platform else "its columns were recognised"
    pairs = ", ".join(f"{ours} = {theirs}" for ours, theirs in found.columns.items())
    return f"{source.label}: {what}: {pairs}; kpilib init writes that down for you to check"


def likely(
    engine: Engine, source: Source, schema: Schema, missing: Collection[str], taken: Collection[str]
) -> dict[str, str]:
    """The column that was probably meant for each one missing, by name and by values."""
    sample = sample_of(engine, source)
    found: dict[str, str] = {}
    for ours in missing:
        free = [name for name in source.names if name not in taken and name not in found.values()]
        known = [name for name in candidates(sample, schema.name, ours) if name in free]
        close = _misspelt(sample, schema, ours, free)
        if close or known:
            found[ours] = (close or known)[0]
    return found


def _misspelt(sample: Sample, schema: Schema, ours: str, free: list[str]) -> list[str]:
    kind = schema.column(ours).kind
    names = {squash(name): name for name in free if sample.columns[name].fit(kind)}
    return [names[name] for name in get_close_matches(squash(ours), names, n=1, cutoff=0.8)]
