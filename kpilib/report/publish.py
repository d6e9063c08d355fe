"""A month's folder built aside and put in its place at one stroke, one run at a time.

Whoever reads `reports/2026-10/` sees the old report or the new one, whole; a run killed at any
moment leaves the old one. A failed run is kept beside, as `2026-10.failed/`.
"""

import ctypes
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from kpilib.errors import InputError, KpilibError

FAILED = ".failed"


class MonthFolder:
    """The place of one month's report under `out`, and what lies beside it meanwhile."""

    def __init__(self, out: Path, label: str) -> None:
        self.out = Path(out)
        self.name = label.replace("/", "_")
        self.target = self.out / self.name
        self.failed = self.out / f"{self.name}{FAILED}"
        self.building = self.out / f".{self.name}.building"
        self.old = self.out / f".{self.name}.old"
        self.lock_file = self.out / f".{self.name}.lock"

    @contextmanager
    def claimed(self) -> Iterator[Path]:
        """Hold the month for this run, and give an empty folder to build in.

        A second run on the same month is refused. The lock is the system's own: it ends with the
        process that holds it, so that none is ever stale.
        """
        stream = self._lock()
        try:
            self._recover()
            self.building.mkdir()
            yield self.building
        finally:
            shutil.rmtree(self.building, ignore_errors=True)
            with suppress(OSError):
                self.lock_file.unlink()
            stream.close()

    def publish(self) -> Path:
        """Put what was built in the month's place; what was there goes."""
        if self.target.exists():
            _replace(self.building, self.target, self.old)
        else:
            self.building.rename(self.target)
        shutil.rmtree(self.failed, ignore_errors=True)
        return self.target

    def keep_failed(self) -> Path:
        """Lay what was built beside the month, which stays as it is."""
        shutil.rmtree(self.failed, ignore_errors=True)
        self.building.rename(self.failed)
        return self.failed

    def _lock(self) -> IO[str]:
        """The open lock file, locked; errors name who holds it or why it cannot be made."""
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            while True:
                stream = open(self.lock_file, "a+", encoding="utf-8")  # noqa: SIM115
                if not _lock(stream):
                    raise KpilibError(self._held(stream))
                with suppress(OSError):
                    if os.path.samestat(os.fstat(stream.fileno()), os.stat(self.lock_file)):
                        break
                stream.close()
        except OSError as error:
            raise InputError(
                f"output folder {str(self.out)!r} cannot be written ({error.strerror}); "
                "choose another --out"
            ) from error
        stream.seek(0)
        stream.truncate()
        stream.write(json.dumps({"process": os.getpid(), "since": time.strftime("%H:%M:%S")}))
        stream.flush()
        return stream

    def _held(self, stream: IO[str]) -> str:
        stream.seek(0)
        try:
            holder = json.loads(stream.read())
            who = f"process {holder['process']} since {holder['since']}"
        except (OSError, ValueError, KeyError):
            who = "another process"
        stream.close()
        return f"{self.target} is being made by {who}; wait until it ends and run again"

    def _recover(self) -> None:
        """Clear what a killed run left, and put back a report that it had just moved away."""
        shutil.rmtree(self.building, ignore_errors=True)
        if self.old.exists():
            if self.target.exists():
                shutil.rmtree(self.old, ignore_errors=True)
            else:
                self.old.rename(self.target)
        if self.target.exists() and not (self.target / "run.json").is_file():
            raise InputError(
                f"{self.target} is there and is no report of kpilib; "
                "move it away or choose another --out"
            )


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new, never a part."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)


def read_run(folder: Path) -> dict[str, Any] | None:
    """A month's `run.json`, or None where there is none that can be read."""
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return run if isinstance(run, dict) else None


def _replace(new: Path, target: Path, old: Path) -> None:
    """Put `new` in the place of `target`, at one stroke where the system can."""
    if _exchange(new, target):
        shutil.rmtree(new, ignore_errors=True)
        return
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two folders atomically (Linux, macOS); False where that cannot be done."""
    names = os.fsencode(first.absolute()), os.fsencode(second.absolute())
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return library.renamex_np(*names, 2) == 0
        return library.renameat2(-100, names[0], -100, names[1], 2) == 0
    except (OSError, AttributeError, TypeError):
        return False


def _lock(stream: IO[str]) -> bool:
    """Take the system's lock on an open file, if nobody holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(1 << 20)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
