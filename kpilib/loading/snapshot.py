"""Checked tables laid down once for several processes, which then all see the same rows.

A run that asks one source many times, like the monthly report, takes a snapshot of it and names
the folder in the environment; `kpilib.open` of the same source there reads the snapshot. What
happens to the source meanwhile changes nothing.
"""

import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.contract.prepared import PREPARED, prepared_folder
from kpilib.engines.duck import DuckEngine, may_use, one_thread
from kpilib.loading import Loaded, load

__all__ = [
    "PREPARED",
    "laid_beside",
    "lay_beside",
    "read_snapshot",
    "snapshot_of",
    "take_snapshot",
]

_TABLES, _REST = "tables.duckdb", "rest.pickle"
_MADE, _VALUES = "made.duckdb", "made.json"

Frames = Mapping[str, nw.LazyFrame]


@dataclass(frozen=True)
class _Snapshot:
    """What lies beside the tables."""

    asked: str
    order: tuple[str, ...]
    rest: dict[str, Any]
    fingerprints: dict[str, str]


def take_snapshot(source: str, folder: Path) -> Loaded:
    """Load a source and lay it down in `folder`: what is given back is read from there.

    Computed by one thread, so that the same input gives the same rows in the same order, to the
    last digit. Raises what `load` raises, and InputError where the source changes meanwhile.
    """
    with one_thread(), may_use(folder):
        loaded = load(source)
        engine = loaded.engine if isinstance(loaded.engine, DuckEngine) else DuckEngine()
    frames = {
        name: frame if engine is loaded.engine else engine.adopt(frame.to_native())
        for name, frame in loaded.tables.items()
    }
    folder.mkdir(mode=0o700)
    engine.save(frames, folder / _TABLES)
    apart = ("engine", "tables", "prints", "fingerprints")
    rest = {name: value for name, value in vars(loaded).items() if name not in apart}
    snapshot = _Snapshot(source, tuple(frames), rest, loaded.fingerprints)
    part = folder / f"{_REST}.part"
    part.write_bytes(pickle.dumps(snapshot))
    engine.connection.close()
    os.replace(part, folder / _REST)
    engine.connection.close()
    return read_snapshot(folder)


def read_snapshot(folder: Path) -> Loaded:
    """The tables of a snapshot, read-only, with their account, settings and fingerprints."""
    return _loaded(folder, _read(folder))


def snapshot_of(source: Any, options: Mapping[str, Any]) -> Loaded | None:
    """The snapshot that this process was given of `source`, or None.

    Options change how a source is read, so that with any there is none.
    """
    folder = prepared_folder()
    if folder is None or options or not isinstance(source, str | Path):
        return None
    if not (folder / _REST).is_file():
        return None
    snapshot = _read(folder)
    return _loaded(folder, snapshot) if snapshot.asked == str(source) else None


def lay_beside(engine: DuckEngine, folder: Path, frames: Frames, values: dict[str, Any]) -> None:
    """Lay down beside a snapshot what was made of its tables: frames, and plain values."""
    engine.save(frames, folder / _MADE)
    part = folder / f"{_VALUES}.part"
    part.write_text(json.dumps({"frames": list(frames), "values": values}), encoding="utf-8")
    os.replace(part, folder / _VALUES)


def laid_beside(engine: DuckEngine) -> tuple[dict[str, nw.LazyFrame], dict[str, Any]] | None:
    """What lies beside this process's snapshot, brought into its engine; None where nothing is."""
    folder = prepared_folder()
    if folder is None or not (folder / _VALUES).is_file():
        return None
    found = json.loads((folder / _VALUES).read_text(encoding="utf-8"))
    names = engine.attach(folder / _MADE)
    return {name: engine.table(names[name]) for name in found["frames"]}, found["values"]


def _read(folder: Path) -> _Snapshot:
    # The file is this user's own, in a folder that nobody else may write: see take_snapshot.
    return pickle.loads((folder / _REST).read_bytes())


def _loaded(folder: Path, snapshot: _Snapshot) -> Loaded:
    with one_thread(), may_use(folder):
        engine = DuckEngine()
    names = engine.attach(folder / _TABLES)
    engine.lock()
    return Loaded(
        engine=engine,
        tables={name: engine.table(names[name]) for name in snapshot.order},
        prints={name: partial(str, text) for name, text in snapshot.fingerprints.items()},
        **snapshot.rest,
    )
