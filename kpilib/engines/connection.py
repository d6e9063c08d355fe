"""A new DuckDB database in memory: its threads, its memory, and what it may do on disk."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import duckdb

from kpilib.errors import InputError
from kpilib.scratch.private import own_folder

_THREADS: ContextVar[int | None] = ContextVar("threads", default=None)


@contextmanager
def one_thread() -> Iterator[None]:
    """Databases opened meanwhile compute with one thread: sums come in one order, to the digit."""
    token = _THREADS.set(1)
    try:
        yield
    finally:
        _THREADS.reset(token)


_FOLDERS: ContextVar[tuple[Path, ...]] = ContextVar("folders", default=())


@contextmanager
def may_use(folder: Path) -> Iterator[None]:
    """Databases opened meanwhile may write and read files in a folder, locked or not."""
    token = _FOLDERS.set((*_FOLDERS.get(), folder))
    try:
        yield
    finally:
        _FOLDERS.reset(token)


def usable_folders() -> tuple[Path, ...]:
    """The folders that a database opened now may use."""
    return _FOLDERS.get()


def connect() -> duckdb.DuckDBPyConnection:
    """A database of its own: spills to a folder of its own, downloads nothing."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "temp_directory": _spilled()}
    )
    connection.execute("SET TimeZone = 'UTC'")
    # Rows are held against the windows of a few dozen periods, for which no row needs sorting.
    connection.execute("SET nested_loop_join_threshold = 64")
    if (threads := _THREADS.get()) is not None:
        connection.execute(f"SET threads = {threads}")
    # In Jupyter without ipywidgets the bar is off and even switching it off is refused.
    (bar,) = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() or (0,)
    if bar:
        connection.execute("SET enable_progress_bar = false")
    if (memory := _memory()) is not None:
        # 3 GiB hold a hundred million purchases under 7 GB in all; what needs more is spilled.
        connection.execute(f"SET memory_limit = '{min(memory // 2, 3 * 2**30) // 2**20} MiB'")
    return connection


def _spilled() -> str:
    """Where what is too much for memory goes; nowhere, where no folder can be made for it."""
    try:
        return str(own_folder() / f"spilled-{uuid.uuid4().hex}")
    except InputError:
        return ""


def _memory() -> int | None:
    """The machine's memory in bytes, where the system tells it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
