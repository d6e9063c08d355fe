"""A month's folder built aside and put in its place at one stroke, one run at a time.

Whoever reads `reports/2026-10/` sees the old report or the new one, whole; a run killed at any
moment leaves the old one. A failed run is kept beside, as `2026-10.failed/`.
"""

import ctypes
import errno
import glob
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, KpilibError
from kpilib.scratch.locks import Lock
from kpilib.scratch.private import remove

FAILED = ".failed"
INDEX = "index.html"
OURS = '<meta name="generator" content="kpilib">'
"""What every page of kpilib's has in its head."""

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
"""What is wrong with a disk, full or broken, and not with what is written to it."""

_PATIENCE = 30.0
"""Seconds to wait for another run that writes the list of months; it takes milliseconds."""


def folder_name(label: str) -> str:
    """The folder of a period's report, by the period's label.

    >>> folder_name("2026-10"), folder_name("2026-10-04/2026-10-11")
    ('2026-10', '2026-10-04_2026-10-11')
    """
    return label.replace("/", "_")


class MonthFolder:
    """The place of one month's report under `out`, and what lies beside it meanwhile."""

    def __init__(self, out: Path, label: str) -> None:
        self.out = Path(out)
        self.name = folder_name(label)
        self.target = self.out / self.name
        self.failed = self.out / f"{self.name}{FAILED}"
        self._lock = Lock(self.out / f".{self.name}.lock")
        self._name_new()

    def _name_new(self) -> None:
        """Names that no run before had: what one left may be there for good."""
        token = secrets.token_hex(4)
        self.building = self.out / f".{self.name}.building-{token}"
        self.old = self.out / f".{self.name}.old-{token}"

    @contextmanager
    def claimed(self) -> Iterator[Path]:
        """Hold the month for this run, and give an empty folder to build in.

        A second run on the same month is refused. What stands in the month's place and is no
        report of kpilib is an InputError, and so is a folder or a disk that cannot be written.
        """
        with written(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
            free = self._lock.take(_claim())
        if not free:
            raise KpilibError(self._held())
        self._name_new()
        try:
            self._recover()
            with written(self.out):
                self.building.mkdir()
            with written(self.out, _DISK):
                yield self.building
        finally:
            remove(self.building)
            self._lock.release()

    def publish(self) -> Path:
        """Put what was built in the month's place; what was there goes.

        A link in the month's place goes, and what it leads to stays. Where the month cannot be
        replaced, what was built is kept as a failed run is, and a KpilibError says why.
        """
        try:
            if os.path.lexists(self.target):
                _replace(self.building, self.target, self.old)
            else:
                self.building.rename(self.target)
        except OSError as error:
            kept = self.keep_failed()
            raise KpilibError(
                f"{self.target} cannot be replaced ({error.strerror}); the new report is {kept}"
            ) from error
        remove(self.failed)
        return self.target

    def keep_failed(self) -> Path:
        """Lay what was built beside the month, which stays as it is."""
        remove(self.failed)
        self.building.rename(self.failed)
        return self.failed

    def _held(self) -> str:
        try:
            holder = json.loads(self._lock.words())
            who = f"process {holder['process']} since {holder['since']}"
        except (ValueError, KeyError, TypeError):
            who = "another process"
        return f"{self.target} is being made by {who}; wait until it ends and run again"

    def _recover(self) -> None:
        """Clear what a killed run left, and put back a report that it had just moved away."""
        hidden = f".{glob.escape(self.name)}"
        for left in self.out.glob(f"{hidden}.building*"):
            remove(left)
        for left in sorted(self.out.glob(f"{hidden}.old*"), key=_age):
            if os.path.lexists(self.target):
                remove(left)
            else:
                left.rename(self.target)
        for place in (self.target, self.failed):
            if place.exists() and read_run(place) is None:
                raise InputError(
                    f"{place} is there and is no report of kpilib; "
                    "move it away or choose another --out"
                )


def _age(path: Path) -> float:
    """The later it was changed, the smaller."""
    return -path.lstat().st_mtime


@contextmanager
def written(out: Path, only: Collection[int] = ()) -> Iterator[None]:
    """An OSError meanwhile, or one of `only` these numbers, is an InputError about `out`."""
    try:
        yield
    except OSError as error:
        if only and error.errno not in only:
            raise
        raise InputError(
            f"output folder {str(out)!r} cannot be written ({error.strerror}); "
            "free space or choose another --out"
        ) from error


def _claim() -> str:
    return json.dumps({"process": os.getpid(), "since": time.strftime("%H:%M:%S")})


def index_name(lang: str = "") -> str:
    """The file of the list of months; of the list in a language, where there are several."""
    return INDEX.replace(".", f".{lang}.") if lang else INDEX


def check_index(out: Path, languages: Iterable[str] = ()) -> None:
    """An InputError where `out` has an index page that kpilib did not write."""
    for lang in ("", *languages):
        check_ours(Path(out) / index_name(lang))


def check_ours(path: Path) -> None:
    """An InputError where there is a page at `path` that kpilib did not write."""
    try:
        head = path.read_bytes()[:2000]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); move it away") from None
    if OURS.encode() not in head:
        raise InputError(
            f"{path} is there and is no page of kpilib; move it away or choose another --out"
        )


def write_index(out: Path, write: Callable[[], Mapping[str, str]]) -> None:
    """Write the lists of months, which `write` gives by file, while no other run writes them.

    Raises InputError where they cannot be written, or are not kpilib's.
    """
    lock = Lock(Path(out) / f".{INDEX}.lock")
    try:
        until = time.monotonic() + _PATIENCE
        while not lock.take() and time.monotonic() < until:
            time.sleep(0.05)
        check_index(out)
        for name, text in write().items():
            check_ours(Path(out) / name)
            write_whole(Path(out) / name, text)
    except OSError as error:
        raise InputError(
            f"{Path(out) / INDEX} cannot be written ({error.strerror}); "
            "the month itself is published"
        ) from error
    finally:
        lock.release()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old text or the new, never a part."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_run(folder: Path) -> dict[str, Any] | None:
    """A month's `run.json`, or None where there is none that kpilib can have written."""
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        _check_run(run)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return run


def languages_of(run: Mapping[str, Any]) -> list[str]:
    """The languages that a month's pages are in, the one of its own folder first.

    >>> languages_of({"lang": "vi"}), languages_of({"lang": "en", "languages": ["en", "zh"]})
    (['vi'], ['en', 'zh'])
    """
    return run.get("languages") or [str(run.get("lang", "en"))]


def _check_run(run: Any) -> None:
    """A KeyError, TypeError or ValueError where it is not the record of a run."""
    date.fromisoformat(run["period"]["start"])
    texts = [run["status"], run["data"], run["period"]["label"]]
    for page in run["notebooks"]:
        texts += [page["name"], page["status"]]
        if not isinstance(page["kpis"], int):
            raise TypeError(page["kpis"])
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(texts)


def _replace(new: Path, target: Path, old: Path) -> None:
    """Put `new` in the place of `target`, at one stroke where the system can."""
    if _exchange(new, target):
        remove(new)
        return
    remove(old)
    target.rename(old)
    new.rename(target)
    remove(old)


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
