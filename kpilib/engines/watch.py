"""Bounds for what a stranger's expressions ask of an engine: how much at once, and for how long."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from kpilib.engines.scalar import Work

AT_ONCE = 2048
"""How many rows DuckDB computes at once, without a look at the clock or its bound of memory."""

MOST_MADE = 2**30
"""So many bytes of text may be made at once."""

MOST_READ = 2**33
"""So many bytes may be gone through at once: half a minute, in which nothing can be stopped."""

_USUAL_GROWTH, _USUAL_STEPS = 2, 16
_LOOK = 0.25


def check_cells(rows: duckdb.DuckDBPyRelation, works: Mapping[str, Work]) -> None:
    """Raise `ValueError` for an expression that would take too much at once of cells so long.

    The cells are looked at only for one that makes texts longer, or takes many steps.
    """
    types = {name: str(kind) for name, kind in zip(rows.columns, rows.types, strict=True)}
    for work in works.values():
        if work.growth <= _USUAL_GROWTH and work.steps <= _USUAL_STEPS:
            continue
        texts = [
            name
            for name, kind in types.items()
            if kind == "VARCHAR" and name.lower() in work.columns
        ]
        longest, once = _bytes(rows, texts)
        cells = f"its columns have cells of {longest:,} bytes"
        if once * work.growth > MOST_MADE:
            raise ValueError(f"{cells}, of which it could make texts {work.growth} times as long")
        if once * work.steps > MOST_READ:
            raise ValueError(f"{cells}, too long for so many steps; use fewer, or cut them short")


def _bytes(rows: duckdb.DuckDBPyRelation, texts: list[str]) -> tuple[int, int]:
    """The longest cell of some columns in bytes, and the most that are computed at once."""
    if not texts:
        return 0, 0
    names = ['"' + name.replace('"', '""') + '"' for name in texts]
    asked = [f"{what}(strlen({name}))" for name in names for what in ("max", "sum")]
    found = [int(one or 0) for one in rows.aggregate(", ".join(asked)).fetchall()[0]]
    longest = max(found[::2])
    return longest, min(longest * AT_ONCE, max(found[1::2]))


@contextmanager
def interrupted_after(
    interrupt: Callable[[], object], seconds: float, clock: Callable[[], float]
) -> Iterator[None]:
    """What runs meanwhile is interrupted after so many seconds of the clock: a `TimeoutError`."""
    ends, over, stopped = clock() + seconds, threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            if clock() > ends:
                stopped.set()
                interrupt()

    watching = threading.Thread(target=watch, name="kpilib-watch", daemon=True)
    watching.start()
    try:
        yield
    except Exception as error:  # whoever asked may have put what the engine said into words
        if stopped.is_set():
            raise TimeoutError(f"stopped after {seconds:.0f} seconds") from error
        raise
    finally:
        over.set()
        watching.join()
