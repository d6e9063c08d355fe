"""A bound on the time that the expressions of the settings may take, and who took too much."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import narwhals.stable.v2 as nw

from kpilib.contract.settings import Settings, TableSettings
from kpilib.engines import Engine
from kpilib.errors import InputError
from kpilib.sources.source import Source

LONGEST, A_ROW = 120.0, 50e-6
"""Seconds that reading tables with expressions may take: in any case, and more for each row.

Of CPU, or by the clock where the engine computes elsewhere: `Engine.within`.
"""

_TRIED, _TRIAL = 5_000, 5.0
_SHOWN = 300


@contextmanager
def in_bounds(engine: Engine, sources: Mapping[str, Source], settings: Settings) -> Iterator[None]:
    """Reading is stopped, and an InputError names the expression, where it does not come to an end.

    Tables without expressions are read for as long as it takes.
    """
    asked = {
        name: expressions
        for name in sources
        if (expressions := expressions_of(settings.table(name)))
    }
    if not asked:
        yield
        return
    rows = sum(_rows(engine, sources[name].frame) for name in asked)
    seconds = LONGEST + A_ROW * rows
    try:
        with engine.within(seconds):
            yield
    except TimeoutError:
        raise InputError(_told(engine, sources, asked, seconds)) from None


def evaluate(engine: Engine, tables: Mapping[str, nw.LazyFrame], settings: Settings) -> None:
    """Have the columns made by expressions computed now, by an engine that would put it off."""
    for name, frame in tables.items():
        there = set(frame.collect_schema().names())
        said = (key.removeprefix("columns.") for key in expressions_of(settings.table(name)))
        made = sorted(there.intersection(said))
        if made:
            engine.collect(frame.select(nw.col(*made).cast(nw.String).max()))


def expressions_of(table: TableSettings) -> dict[str, str]:
    """What a table's settings say in SQL, by where they say it."""
    columns = {
        f"columns.{ours}": said for ours, said in table.columns.items() if isinstance(said, str)
    }
    return columns | {f"leave_out.{reason}": said for reason, said in table.leave_out.items()}


def _rows(engine: Engine, frame: nw.LazyFrame) -> int:
    return int(engine.collect(frame.select(rows=nw.len()))["rows"].iloc[0])


def _told(
    engine: Engine,
    sources: Mapping[str, Source],
    asked: Mapping[str, Mapping[str, str]],
    seconds: float,
) -> str:
    """The expression that takes longest for a few rows, in words."""
    took = {
        (name, key): _trial(engine, sources[name], said)
        for name, expressions in asked.items()
        for key, said in expressions.items()
    }
    name, key = max(took, key=lambda one: took[one])
    said = asked[name][key]
    shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
    return (
        f"{sources[name].label}: {key} = {shown!r} takes too long: reading was stopped after "
        f"{seconds:.0f} seconds; write a simpler one, or keep its result as a column"
    )


def _trial(engine: Engine, source: Source, said: str) -> float:
    """How long an expression takes for a few rows; without end where it is stopped."""
    began = time.monotonic()
    try:
        with engine.within(_TRIAL):
            some = engine.with_sql(source.frame.head(_TRIED), {"tried": said}, source.names)
            engine.collect(some.select(nw.col("tried").cast(nw.String).max()))
    except TimeoutError:
        return float("inf")
    except engine.data_errors:
        return 0.0
    except ValueError:
        return 0.0
    return time.monotonic() - began
