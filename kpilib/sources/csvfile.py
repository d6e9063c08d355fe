"""What a CSV file is made of: its encoding, its delimiter and its header."""

import codecs
import csv
import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kpilib.errors import InputError, near_miss

DELIMITERS = (",", ";", "\t", "|")
"""The delimiters that are recognised without being told, the likeliest first."""

_HEAD = 2**16
_CHUNK = 2**22
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CSVFile:
    """A CSV file as it was recognised."""

    path: Path
    """Where it is."""
    encoding: str
    """The encoding of its text, as Python names it."""
    delimiter: str
    """What separates its fields."""
    names: list[str]
    """Its header, blanks trimmed."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: an encoding that had to be guessed."""
        if self.encoding in ("utf-8", "utf-8-sig"):
            return ()
        return (f"{self.path.name} was read as {self.encoding}; set encoding if this is wrong",)

    @contextmanager
    def as_utf8(self) -> Iterator[Path]:
        """A path at which the file lies in UTF-8, for as long as the context lasts."""
        if self.encoding == "utf-8" and self.path.suffix != ".gz":
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="kpilib-") as folder:
            copy = Path(folder) / "copy.csv"
            with (
                io.TextIOWrapper(_open(self.path), self.encoding, newline="") as text,
                copy.open("w", encoding="utf-8", newline="") as target,
            ):
                while chunk := text.read(_CHUNK):
                    target.write(chunk)
            yield copy


def recognise(path: Path, encoding: str | None = None, delimiter: str | None = None) -> CSVFile:
    """The file's encoding, delimiter and header; what is given is believed.

    Raises `InputError` for an empty file, a header without names and repeated names.
    """
    with _open(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise InputError(f"{path} is empty; a table needs a header and rows")
    encoding = _known(path, encoding) if encoding else _encoding(path, head)
    with io.TextIOWrapper(_open(path), encoding, newline="") as text:
        try:
            start = text.read(_HEAD)
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not {encoding}: {error.reason}; set encoding") from None
    delimiter = delimiter or _delimiter(start)
    names = [name.strip() for name in next(csv.reader(io.StringIO(start), delimiter=delimiter))]
    _check_names(path, names)
    return CSVFile(path, encoding, delimiter, names)


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _known(path: Path, encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        hint = near_miss(encoding, ("utf-8", "utf-16", "cp1252", "latin-1"))
        raise InputError(f"{path}: encoding {encoding!r} is not known; {hint}") from None


def _encoding(path: Path, head: bytes) -> str:
    """From the byte-order mark, else the first of UTF-8, cp1252 and Latin-1 that reads it all."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        odd, even = head[1::2].count(0), head[0::2].count(0)
        return "utf-16-le" if odd >= even else "utf-16-be"
    return next(name for name in ("utf-8", "cp1252", "latin-1") if _decodes(path, name))


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with _open(path) as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _delimiter(start: str) -> str:
    """The one that splits the first records into the same number of fields, the more the better."""
    complete = start if len(start) < _HEAD else start[: start.rfind("\n") + 1] or start

    def fitness(delimiter: str) -> tuple[float, int]:
        rows = list(csv.reader(io.StringIO(complete), delimiter=delimiter))[:200]
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows)
        return (alike if width > 1 else 0.0, width)

    return max(DELIMITERS, key=fitness)


def _check_names(path: Path, names: list[str]) -> None:
    if not any(names):
        raise InputError(f"{path}: the first line has no column names; a table needs a header")
    lowered = [name.lower() for name in names]
    for place, name in enumerate(names, 1):
        if not name:
            names[place - 1] = f"column_{place}"
        elif lowered.count(name.lower()) > 1:
            raise InputError(f"{path}: two columns are called {name!r}; rename one of them")
