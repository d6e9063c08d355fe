"""One table opened in an engine: a frame, a file, or a table of a DuckDB file."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kpilib.contract.settings import Settings
from kpilib.engines import Engine
from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError, near_miss
from kpilib.sources.csvfile import recognise
from kpilib.sources.source import RAGGED, LeftOut, Source

CSV_ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz")
PARQUET_ENDINGS = (".parquet", ".pq")
DUCKDB_ENDINGS = (".duckdb", ".ddb", ".db")
FILE_ENDINGS = (*PARQUET_ENDINGS, *CSV_ENDINGS)


@dataclass(frozen=True)
class InDuckDB:
    """A table of a DuckDB file."""

    path: Path
    table: str


def attach(engine: DuckEngine, path: Path) -> dict[str, str]:
    """The tables of a DuckDB file by name, as the engine reaches them."""
    try:
        return engine.attach(path)
    except Exception as error:  # what DuckDB raises here has no common class
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"{path}: cannot be opened as a DuckDB file ({reason}); "
            "close it elsewhere, or export its tables as Parquet"
        ) from None


class Reader:
    """Opens tables in one engine; what only DuckDB reads goes through it."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self._files: dict[Path, dict[str, str]] = {}
        self._duck = engine if isinstance(engine, DuckEngine) else None

    @property
    def duck(self) -> DuckEngine:
        """The engine itself where it is DuckDB, else one that reads for it."""
        self._duck = self._duck or DuckEngine()
        return self._duck

    def open(self, name: str, spec: Any) -> Source:
        """One table, wherever it lies."""
        if isinstance(spec, InDuckDB):
            opened = self._in_duckdb(name, spec)
        elif not isinstance(spec, Path):
            frame = self.engine.adopt(spec)
            return Source(name, frame, name, lambda: self.engine.fingerprint(frame))
        elif spec.name.lower().endswith(CSV_ENDINGS):
            opened = self._csv(name, spec)
        else:
            frame = self.duck.scan_parquet(spec)
            opened = Source(name, frame, spec.name, _file_print(spec), is_file=True)
        if self.duck is self.engine:
            return opened
        return replace(opened, frame=self.engine.adopt(opened.frame.to_native()))

    def _csv(self, name: str, path: Path) -> Source:
        options, fingerprint = self.settings.table(name), _file_print(path)
        file = recognise(path, options.encoding, options.delimiter)
        with file.as_utf8() as copy:
            frame, rejects = self.duck.read_csv(copy, file.names, file.delimiter)
        return Source(
            name,
            frame,
            path.name,
            fingerprint,
            is_text=True,
            is_file=True,
            left_out=(LeftOut(RAGGED, len(rejects), rejects),) if len(rejects) else (),
            notes=file.notes,
        )

    def _in_duckdb(self, name: str, spec: InDuckDB) -> Source:
        if spec.path not in self._files:
            self._files[spec.path] = attach(self.duck, spec.path)
        names = self._files[spec.path]
        if spec.table not in names:
            hint = near_miss(spec.table, names)
            raise InputError(f"{spec.path} has no table {spec.table!r}; {hint}")
        label = f"{spec.path.name}:{spec.table}"
        return Source(name, self.duck.table(names[spec.table]), label, _file_print(spec.path))


def _file_print(path: Path) -> Callable[[], str]:
    """Size and time as they are now; the content's hash when it is asked for.

    A file that is no longer what it was has not the content that was read: an InputError says so.
    """
    stat = path.stat()

    def fingerprint() -> str:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not _same(path.stat(), stat):
            raise InputError(f"{path} has changed since it was read; read it again")
        return f"{path.name} {stat.st_size} bytes, {stat.st_mtime_ns}, sha256 {digest}"

    return fingerprint


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns, one.st_ino) == (
        other.st_size,
        other.st_mtime_ns,
        other.st_ino,
    )
