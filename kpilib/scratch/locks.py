"""A lock on a file, held by one process at a time and never stale: the system's own."""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO


class Lock:
    """The lock on the file at `path`, which is made where it is not there yet.

    It ends with the process that holds it, however that ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: IO[str] | None = None

    def take(self, words: str = "") -> bool:
        """Take the lock if nobody holds it, and leave `words` in the file for others to read.

        Raises OSError where the file cannot be made or written.
        """
        while True:
            stream = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115
            try:
                if not _locked(stream):
                    stream.close()
                    return False
                if self._is_there(stream):
                    stream.seek(0)
                    stream.truncate()
                    stream.write(words)
                    stream.flush()
                    self._stream = stream
                    return True
            except BaseException:
                stream.close()
                raise
            stream.close()

    def words(self) -> str:
        """What the holder left in the file; empty where nothing can be read."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def release(self) -> None:
        """Remove the file and give the lock back, if it is held."""
        if self._stream is None:
            return
        with suppress(OSError):
            self.path.unlink()
        with suppress(OSError):
            self._stream.close()
        self._stream = None

    def _is_there(self, stream: IO[str]) -> bool:
        """Whether the locked file is still the one at the path: a holder removes it at its end."""
        try:
            return os.path.samestat(os.fstat(stream.fileno()), os.stat(self.path))
        except OSError:
            return False


def _locked(stream: IO[str]) -> bool:
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
