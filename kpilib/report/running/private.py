"""A run's private folder: the prepared data, the kernels' files, whatever is temporary.

It is readable by its owner alone and goes with the run. That of a run that was killed is removed
by the kernels' server, or where that was killed as well by the next run.
"""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kpilib.errors import InputError
from kpilib.report.running.locks import Lock

PREFIX = "kpilib-run-"
LOCK = "lock"

_GRACE = 3600.0
"""Seconds after which a folder without a lock file is nobody's: one is made with its folder."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A new folder that nobody else may read, removed at the end; those of dead runs go first.

    Raises InputError where the system's temporary folder cannot be written.
    """
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
    try:
        yield folder
    finally:
        lock.release()
        remove(folder)


def sweep() -> None:
    """Remove the private folders of runs that are no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
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
