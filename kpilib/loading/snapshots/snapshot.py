"""Checked tables laid down once for several processes, which then all see the same rows.

A run that asks one source many times, like the monthly report, takes a snapshot of it and names
the folder in the environment; `kpilib.open` of the same source there reads the snapshot. What
happens to the source meanwhile changes nothing.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from kpilib.contract.prepared import PREPARED, prepared_folder
from kpilib.engines.connection import may_use, one_thread
from kpilib.engines.duck import DuckEngine
from kpilib.loading import Loaded, load
from kpilib.loading.snapshots.plain import (
    account_as_plain,
    account_from_plain,
    settings_as_plain,
    settings_from_plain,
)

__all__ = [
    "PREPARED",
    "laid_beside",
    "lay_beside",
    "read_snapshot",
    "snapshot_of",
    "take_snapshot",
]

_TABLES, _REST = "tables.duckdb", "rest.json"
_MADE, _VALUES = "made.duckdb", "made.json"

Frames = Mapping[str, nw.LazyFrame]


@dataclass(frozen=True)
class _Snapshot:
    """What lies beside the tables, as JSON has it."""

    asked: str
    order: list[str]
    fingerprints: dict[str, str]
    settings: dict[str, Any]
    accounts: dict[str, dict[str, Any]]
    as_of: int
    source: str
    failures: list[str]
    notes: list[str]


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
    snapshot = _Snapshot(
        asked=source,
        order=list(frames),
        fingerprints=loaded.fingerprints,
        settings=settings_as_plain(loaded.settings),
        accounts=_accounts(loaded, folder),
        as_of=loaded.as_of,
        source=loaded.source,
        failures=list(loaded.failures),
        notes=list(loaded.notes),
    )
    engine.connection.close()
    _write(folder / _REST, asdict(snapshot))
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
    _write(folder / _VALUES, {"frames": list(frames), "values": values})


def laid_beside(engine: DuckEngine) -> tuple[dict[str, nw.LazyFrame], dict[str, Any]] | None:
    """What lies beside this process's snapshot, brought into its engine; None where nothing is."""
    folder = prepared_folder()
    if folder is None or not (folder / _VALUES).is_file():
        return None
    found = json.loads((folder / _VALUES).read_text(encoding="utf-8"))
    names = engine.attach(folder / _MADE)
    return {name: engine.table(names[name]) for name in found["frames"]}, found["values"]


def _accounts(loaded: Loaded, folder: Path) -> dict[str, dict[str, Any]]:
    """The accounts of all tables; each reason's sample rows become a Parquet file."""
    laid: list[str] = []

    def lay(rows: pd.DataFrame) -> str:
        laid.append(f"sample-{len(laid)}.parquet")
        try:
            rows.to_parquet(folder / laid[-1])
        except pa.ArrowException:  # values of several types in one column
            rows.map(lambda value: None if value is None else str(value)).to_parquet(
                folder / laid[-1]
            )
        return laid[-1]

    return {name: account_as_plain(account, lay) for name, account in loaded.accounts.items()}


def _write(path: Path, values: Mapping[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(values), encoding="utf-8")
    os.replace(part, path)


def _read(folder: Path) -> _Snapshot:
    return _Snapshot(**json.loads((folder / _REST).read_text(encoding="utf-8")))


def _loaded(folder: Path, snapshot: _Snapshot) -> Loaded:
    with one_thread(), may_use(folder):
        engine = DuckEngine()
    names = engine.attach(folder / _TABLES)
    engine.lock()

    def laid(name: str) -> Callable[[], pd.DataFrame]:
        return partial(pd.read_parquet, folder / name)

    return Loaded(
        engine=engine,
        tables={name: engine.table(names[name]) for name in snapshot.order},
        accounts={
            name: account_from_plain(values, laid) for name, values in snapshot.accounts.items()
        },
        settings=settings_from_plain(snapshot.settings),
        as_of=snapshot.as_of,
        source=snapshot.source,
        failures=tuple(snapshot.failures),
        notes=tuple(snapshot.notes),
        prints={name: partial(str, text) for name, text in snapshot.fingerprints.items()},
    )
