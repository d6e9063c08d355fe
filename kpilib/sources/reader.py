"""One table opened in an engine: a frame, or files of any kind."""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from kpilib.contract.layout import Place
from kpilib.contract.settings import Settings
from kpilib.contract.vocabulary.endings import TABLE_ENDINGS
from kpilib.engines import Engine
from kpilib.engines.duck import DuckEngine, check_depth
from kpilib.errors import InputError, near_miss
from kpilib.sources.databases.connecting import Remote
from kpilib.sources.formats import document, packed, sqlite, workbook
from kpilib.sources.formats.kinds import kind_of
from kpilib.sources.joins import joined
from kpilib.sources.parts import together
from kpilib.sources.paths import files_of
from kpilib.sources.source import LeftOut, Source, check_width
from kpilib.sources.text.csvfile import recognise
from kpilib.sources.text.read import read_csv
from kpilib.sources.trust import REMEDY, is_trusted


@dataclass(frozen=True)
class Files:
    """One or several files that make a table."""

    paths: tuple[Path, ...]
    """Where they lie."""
    table: str | None = None
    """The table in a database, member of a .zip or list of a document, where the source says."""
    sheet: str | None = None
    """The sheet of a workbook, where the source says."""


@dataclass(frozen=True)
class _File:
    """One file on its way to being read."""

    path: Path
    """Where its content lies: itself, or what was unpacked of it."""
    name: str
    """What it is called."""
    label: str
    """How errors and reports name it."""
    fingerprint: Callable[[], str]


class Reader:
    """Opens tables in one engine; what only DuckDB reads goes through it."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        base: Path = Path(),
        within: Callable[[str, str], Path | None] = lambda table, key: None,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.base = base
        self.within = within
        """Table and setting → the folder in which the files that it names must lie."""
        self._attached: dict[Path, dict[str, str]] = {}
        self._scanned: list[Path] = []

    @cached_property
    def duck(self) -> DuckEngine:
        """The engine itself where it is DuckDB, else one that reads for it."""
        return self.engine if isinstance(self.engine, DuckEngine) else DuckEngine()

    def open(self, name: str, spec: Any) -> Source:
        """One table, wherever it lies, with what its settings join to it."""
        options = self.settings.table(name)
        if options.query is not None and not isinstance(spec, Remote):
            raise InputError(
                f'[{name}] query = … needs the URL of a database: data = "postgresql://host/name"'
            )
        if isinstance(spec, Files):
            table = spec.table or options.table
            sheet = options.sheet or spec.sheet
            place = replace(options, table=table, sheet=sheet)
            opened = self._own(self.files(name, spec.paths, place))
        elif isinstance(spec, Remote):
            asked = spec.asked(name, options)
            rows = spec.server.read(asked, self.duck)
            opened = self._own(Source(name, rows, asked.label, lambda: self.duck.fingerprint(rows)))
        else:
            if isinstance(spec, pd.DataFrame):
                check_width(spec.shape[1], name)
            frame = self.engine.adopt(spec)
            opened = Source(name, frame, name, lambda: self.engine.fingerprint(frame))
        multiplied = False
        for join in options.join:
            label = f"[{name}.join]"
            paths = [
                path
                for text in join.files
                for path in files_of(
                    text,
                    self.base,
                    f"{label} file = {text!r}",
                    TABLE_ENDINGS,
                    self.within(name, "join"),
                )
            ]
            right = self._own(self.files(name, paths, join))
            may = bool(options.lines) and not multiplied
            opened, more = joined(self.engine, opened, right, join, may)
            multiplied = multiplied or more
        check_width(len(opened.names), opened.label)
        return opened

    def lock(self) -> None:
        """Everything is opened: from now on the database reads no other file."""
        self.duck.lock(self._scanned)

    def _own(self, source: Source) -> Source:
        """A table that DuckDB has read, in the engine that computes."""
        if self.duck is self.engine:
            return source
        return replace(source, frame=self.engine.adopt(source.frame.to_native()))

    def files(self, name: str, paths: Sequence[Path], place: Place) -> Source:
        """The files that make one table, in DuckDB."""
        parts = [
            part
            for path, label in zip(paths, _labels(paths), strict=True)
            for part in self._parts(
                name, _File(path, path.name, label, _file_print(path, label)), place
            )
        ]
        return together(self.duck, name, parts)

    def _parts(self, name: str, file: _File, place: Place) -> list[Source]:
        """One file; several parts where several sheets of a workbook are wanted."""
        kind = kind_of(file.path, file.name)
        if kind in ("zip", "packed"):
            with packed.unpacked(file.path, place.table if kind == "zip" else None) as (
                path,
                inner,
            ):
                inside = _File(path, inner, file.label, file.fingerprint)
                if kind_of(path, inner) in ("zip", "packed"):
                    raise InputError(f"{file.path}: packed twice; unpack it once")
                parts = self._parts(name, inside, replace(place, table=None))
                return [replace(part, frame=self.duck.keep(part.frame)) for part in parts]
        if kind == "workbook":
            sheets = workbook.read_sheets(file.path, file.label, name, place)
            return [
                self._arrow(
                    name,
                    file if len(sheets) == 1 else replace(file, label=f"{file.label}:{sheet.name}"),
                    sheet.cells.table,
                    sheet.cells.left_out,
                    sheet.notes,
                )
                for sheet in sheets
            ]
        return [self._part(name, file, kind, place)]

    def _part(self, name: str, file: _File, kind: str, place: Place) -> Source:
        if kind == "csv":
            read = read_csv(self.duck, recognise(file.path, place, file.label))
            frame = self.duck.table(read.name)
            return Source(
                name, frame, file.label, file.fingerprint, True, True, read.left_out, read.notes
            )
        if kind == "parquet":
            path = Path(os.path.abspath(file.path))
            frame = self.duck.scan_parquet(path)
            self._scanned.append(path)
            return Source(name, frame, file.label, file.fingerprint, is_file=True)
        if kind == "json":
            table = document.read_document(file.path, file.label, name, place.table)
            return self._arrow(name, file, table)
        if kind == "lines":
            return self._arrow(name, file, document.read_lines(file.path, file.label))
        return self._in_database(name, file, kind, place)

    def _arrow(
        self,
        name: str,
        file: _File,
        table: pa.Table,
        left_out: tuple[LeftOut, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Source:
        frame = self.duck.adopt(table)
        return Source(name, frame, file.label, file.fingerprint, True, True, left_out, notes)

    def _in_database(self, name: str, file: _File, kind: str, place: Place) -> Source:
        is_duck = kind == "duckdb"
        names = (
            self._duckdb(file.path) if is_duck else dict.fromkeys(sqlite.table_names(file.path), "")
        )
        alike = [table for table in names if table.lower() == name]
        wanted = place.table or (alike[0] if alike else name)
        if wanted not in names and wanted in self._views(file.path, is_duck):
            raise InputError(
                f"{file.path}: {wanted} is a query kept in the database (a view, or a table with "
                f"generated columns), not rows; export its rows, or {REMEDY}"
            )
        if wanted not in names:
            listed = f"it has {', '.join(names)}" if names else "it has none"
            hint = near_miss(wanted, names) if place.table else f'{listed}; write table = "…"'
            raise InputError(f"{file.path} has no table {wanted!r}; {hint}")
        labelled = replace(file, label=f"{file.label}:{wanted}")
        if not is_duck:
            return self._arrow(name, labelled, sqlite.read_table(file.path, wanted))
        frame = self.duck.table(names[wanted])
        check_depth(frame.to_native(), labelled.label)
        return Source(name, frame, labelled.label, file.fingerprint)

    def _duckdb(self, path: Path) -> dict[str, str]:
        if path not in self._attached:
            self._attached[path] = attach(self.duck, path)
        return self._attached[path]

    def _views(self, path: Path, is_duck: bool) -> Iterable[str]:
        return self.duck.views if is_duck else sqlite.view_names(path)


def _labels(paths: Sequence[Path]) -> list[str]:
    """The files' names; where two are alike, as in a folder of partitions, with their folders."""
    names = [path.name for path in paths]
    if len(set(names)) == len(names):
        return names
    above = Path(os.path.commonpath([path.parent for path in paths]))
    return [path.relative_to(above).as_posix() for path in paths]


def attach(engine: DuckEngine, path: Path) -> dict[str, str]:
    """The tables of a DuckDB file by name, as the engine reaches them; of a trusted one also views.

    A view runs what its author wrote, whatever that is.
    """
    try:
        return engine.attach(path, views=is_trusted())
    except Exception as error:  # what DuckDB raises here has no common class
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"{path}: cannot be opened as a DuckDB file ({reason}); "
            "close it elsewhere, or export its tables as Parquet"
        ) from None


def _file_print(path: Path, label: str) -> Callable[[], str]:
    """Size and time as they are now; the content's hash when it is asked for.

    A file that is no longer what it was has not the content that was read: an InputError says so.
    """
    stat = path.stat()

    def fingerprint() -> str:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise InputError(f"{path} is gone since it was read; put it back") from None
        if not _same(path.stat(), stat):
            raise InputError(f"{path} has changed since it was read; read it again")
        return f"{label} {stat.st_size} bytes, {stat.st_mtime_ns}, sha256 {digest}"

    return fingerprint


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns, one.st_ino) == (
        other.st_size,
        other.st_mtime_ns,
        other.st_ino,
    )
