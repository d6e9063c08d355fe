"""Folders that no other user may read, and that go with their process, however it ends.

A run has one for its prepared data and its kernels' files; every process has one for what a
database spills to disk and for files unpacked or rewritten while they are read. Where a process is
killed, the next one of kpilib's removes what it left.
"""

import atexit
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kpilib.errors import InputError
from kpilib.scratch.locks import Lock

PREFIX = "kpilib-run-"
LOCK = "lock"

_GRACE = 3600.0
"""Seconds after which a folder without a lock file is nobody's: one is made with its folder."""

_OWN: dict[tuple[int, str], Path] = {}
"""Process and temporary folder → the process's folder there."""
_MAKING = threading.Lock()


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder that nobody else may read, removed at the end; those of dead processes go first.

    Raises InputError where the system's temporary folder cannot be written.
    """
    folder, lock = _make()
    try:
        yield folder
    finally:
        lock.release()
        remove(folder)


@contextmanager
def room_for(what: str) -> Iterator[Path]:
    """A new folder within the process's own, for one task, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{what}-", dir=own_folder()))
    try:
        yield folder
    finally:
        remove(folder)


def own_folder() -> Path:
    """This process's own folder, which goes when the process ends."""
    with _MAKING:
        place = os.getpid(), _temporary()
        if place not in _OWN or not _OWN[place].is_dir():
            folder, lock = _make()
            _OWN[place] = folder
            atexit.register(_end, place[0], folder, lock)
        return _OWN[place]


def _end(process: int, folder: Path, lock: Lock) -> None:
    """Remove a process's folder; a fork of the process leaves it alone."""
    if process == os.getpid():
        lock.release()
        remove(folder)


def _make() -> tuple[Path, Lock]:
    """A new folder, and the lock that says that it is in use."""
    sweep()
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = Lock(folder / LOCK)
        lock.take()
    except OSError as error:
        raise InputError(
            f"temporary folder {tempfile.gettempdir()!r} cannot be written ({error.strerror}); "
            "free space there, or set TMPDIR to another folder"
        ) from error
    return folder, lock


def _temporary() -> str:
    """The system's folder for what is temporary."""
    try:
        return tempfile.gettempdir()
    except OSError as error:
        raise InputError(f"{error.strerror}; set TMPDIR to a folder that can be written") from None


def sweep() -> None:
    """Remove the private folders of processes that are no more."""
    for folder in Path(_temporary()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            state = folder.lstat()
            if not stat.S_ISDIR(state.st_mode) or not _own(state):
                continue
            if not (folder / LOCK).exists():
                if time.time() - state.st_mtime > _GRACE:
                    remove(folder)
                continue
            lock = Lock(folder / LOCK)
            if lock.take():
                remove(folder)
                lock.release()


def _own(state: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or state.st_uid == os.getuid()


def remove(path: Path) -> None:
    """Remove a folder or a link, read-only or not, as far as that can be done."""
    if path.is_symlink():
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        shutil.rmtree(path)
        return
    for folder, _, _ in os.walk(path):
        with suppress(OSError):
            os.chmod(folder, stat.S_IRWXU)
    shutil.rmtree(path, ignore_errors=True)
