"""Packed files: unpacked beside, one file at a time, and never beyond a bound."""

import bz2
import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from kpilib.contract.vocabulary.endings import ENDINGS, PACKED
from kpilib.errors import InputError, near_miss
from kpilib.scratch.private import room_for

MOST_TIMES = 200
"""A file may unpack to so many times its size …"""

ALWAYS = 2**28
"""… or to so many bytes, whichever is more; tables pack to a tenth, rarely to a fiftieth."""

_CHUNK = 2**20
_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZ": bz2.open,
    b"\xfd7": lzma.open,
}
BROKEN = (
    *(EOFError, OSError, ValueError, RuntimeError, NotImplementedError),
    *(gzip.BadGzipFile, lzma.LZMAError, zlib.error, zipfile.BadZipFile),
)
"""What reading an archive that is damaged, or needs a password, may raise."""


@contextmanager
def unpacked(path: Path, member: str | None = None) -> Iterator[tuple[Path, str]]:
    """A packed file's content and what it is called, for as long as the context lasts.

    Raises `InputError` for what is cut off, needs a password, holds several tables of which
    `member` names none, or would unpack to more than `MOST_TIMES` its size.
    """
    with room_for("unpacked") as folder:
        name = member or _inner_name(path)
        target = folder / ("content" + "".join(Path(name).suffixes[-1:]))
        try:
            with _content(path, name) as source, target.open("wb") as file:
                _copy(source, file, path)
        except InputError:
            raise
        except (RuntimeError, NotImplementedError) as error:
            raise InputError(
                f"{path}: cannot be unpacked ({error}); unpack it and name what was in it"
            ) from None
        except BROKEN as error:
            raise InputError(
                f"{path}: cannot be unpacked, it seems cut off or damaged ({error}); get it anew"
            ) from None
        yield target, name


def members(path: Path) -> list[str]:
    """The files in a .zip that may be tables."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [item.filename for item in archive.infolist() if not item.is_dir()]
    except BROKEN as error:
        raise InputError(f"{path}: not a .zip that can be read ({error}); get it anew") from None
    shown = [name for name in names if not any(part[:1] in "._" for part in name.split("/"))]
    return [name for name in shown if name.lower().endswith(ENDINGS)]


def _inner_name(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        lowered = path.name.lower()
        ending = next((end for end in PACKED if lowered.endswith(end)), "")
        return path.name[: len(path.name) - len(ending)] if ending else path.name
    names = members(path)
    if len(names) == 1:
        return names[0]
    if not names:
        raise InputError(f"{path} holds no file that can be read")
    raise InputError(
        f'{path} holds {", ".join(names)}; choose one with table = "{names[0]}" in its settings'
    )


@contextmanager
def _content(path: Path, name: str) -> Iterator[IO[bytes]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = members(path)
            if name not in names:
                raise InputError(f"{path} holds no {name!r}; {near_miss(name, names)}")
            with archive.open(name) as member:
                yield member
        return
    with path.open("rb") as file:
        head = file.read(6)
    with _OPENERS.get(head[:2], _zstd)(path) as opened:
        yield opened


def _zstd(path: Path) -> Any:
    return pa.input_stream(str(path), compression="zstd")


def _copy(source: IO[bytes], target: IO[bytes], path: Path) -> None:
    packed = path.stat().st_size
    most = max(MOST_TIMES * packed, ALWAYS)
    free = shutil.disk_usage(target.name).free
    done = 0
    while chunk := source.read(_CHUNK):
        done += len(chunk)
        if done > most:
            raise InputError(
                f"{path} unpacks to more than {MOST_TIMES} times its {packed:,} bytes, as no table "
                "does; if it is right, unpack it and name the file"
            )
        if done > free - ALWAYS:
            raise InputError(f"{path}: no room on disk to unpack it; unpack it where there is")
        target.write(chunk)
