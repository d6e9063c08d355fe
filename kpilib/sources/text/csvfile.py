"""What a CSV file is made of: its encoding, its delimiter and its header."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kpilib.contract.layout import Place
from kpilib.errors import InputError
from kpilib.scratch.private import room_for
from kpilib.sources.source import check_width
from kpilib.sources.text.encoding import (
    composed,
    from_mark,
    known,
    likeliest,
    mostly_utf8,
)
from kpilib.sources.text.header import TITLES, find_header, is_header, looks_like_a_row
from kpilib.sources.text.survey import Survey, line_of, survey

DELIMITERS = (",", ";", "\t", "|")
"""The delimiters that are recognised without being told, the likeliest first."""

REPLACED = "\ufffd"
"""What stands in the place of bytes that are no text."""

_ANY = Place()
_HEAD = 2**16
_CHUNK = 2**22


@dataclass(frozen=True)
class CSVFile:
    """A CSV file as it was recognised."""

    path: Path
    """Where it is."""
    label: str
    """How notes name it."""
    encoding: str
    """The encoding of its text, as Python names it."""
    delimiter: str
    """What separates its fields."""
    names: list[str]
    """Its header, blanks trimmed."""
    seen: Survey
    """What its bytes hold."""
    skip: int = 0
    """Lines up to and with the header."""
    titles: int = 0
    """Lines above the header that hold something."""
    broken: bool = False
    """Whether some bytes are no text in the encoding."""
    nuls: int = 0
    """NUL characters in it."""
    start: tuple[tuple[str, ...], ...] = ()
    """The first rows below the header."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: what had to be guessed."""
        name, notes = self.label, []
        if self.encoding not in ("utf-8", "utf-8-sig"):
            notes.append(f"{name} was read as {self.encoding}; set encoding if this is wrong")
        if self.broken:
            notes.append(
                f"{name} has bytes that are not UTF-8, shown as {REPLACED}, the first of them in "
                f"line {_first_broken(self.path)}; set encoding if it is in another one"
            )
        if self.nuls:
            notes.append(
                f"{name} has {self.nuls:,} NUL characters, shown as {REPLACED}, the first of them "
                f"in line {line_of(self.path, bytes(1))}"
            )
        if self.titles:
            lines = "line above it is" if self.titles == 1 else "lines above it are"
            notes.append(
                f"{name}: the header was found in line {self.skip}; {self.titles} {lines} no rows"
            )
        return tuple(notes)

    @contextmanager
    def as_utf8(self) -> Iterator[Path]:
        """A path at which it lies in UTF-8, its lines ending in one way, while the context lasts.

        A NUL becomes U+FFFD, so that no value with one in it is taken for another.
        """
        plain = self.encoding in ("utf-8", "utf-8-sig") and not self.broken
        if plain and not self.seen.has_odd_ends and not self.nuls:
            yield self.path
            return
        with room_for("decoded") as folder:
            copy = folder / "copy.csv"
            errors = "replace" if self.broken else "strict"
            with (
                self.path.open("r", encoding=self.encoding, errors=errors) as text,
                copy.open("w", encoding="utf-8", newline="") as target,
            ):
                try:
                    while lines := text.readlines(_CHUNK):
                        chunk = "".join(lines).replace("\0", REPLACED)
                        target.write(composed(chunk) if self.encoding == "cp1258" else chunk)
                except UnicodeError as error:
                    raise _not_in(self.path, self.encoding, error) from None
            yield copy


def recognise(path: Path, options: Place = _ANY, label: str = "") -> CSVFile:
    """The file's encoding, delimiter and header; what is given is believed.

    Raises `InputError` for an empty file, a header without names and repeated names.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise InputError(f"{path} is empty; a table needs a header and rows")
    seen = survey(path)
    if options.encoding:
        encoding, broken = known(path, options.encoding), False
        if (
            encoding == "utf-8"
            and not seen.is_ascii
            and (bad := _first_undecodable(path, encoding)) is not None
        ):
            line = _line_at(path, bad)
            raise InputError(
                f"{path} is not utf-8 in line {line}; set encoding to the one it is in"
            )
    else:
        encoding, broken = _encoding(path, head, seen)
    text = _text(path, encoding, broken)
    said = re.match(r'"?sep=(.)"?[ \t;,]*\r?\n', text)
    delimiter = options.delimiter or (said[1] if said else _delimiter(text))
    rows = list(_rows(text, delimiter, 0 if said is None else 1))
    names, skip = _names(path, rows, options.header)
    return CSVFile(
        path,
        label or path.name,
        encoding,
        delimiter,
        names,
        seen,
        skip,
        titles=sum(line < skip and any(row) for line, row in rows),
        broken=broken,
        nuls=0 if encoding.startswith("utf-16") else seen.nuls,
        start=tuple(tuple(row) for line, row in rows if line > skip and any(row)),
    )


def _text(path: Path, encoding: str, broken: bool) -> str:
    errors = "replace" if broken else "strict"
    with path.open("r", encoding=encoding, errors=errors, newline="") as text:
        try:
            return text.read(_HEAD)
        except UnicodeError as error:
            raise _not_in(path, encoding, error) from None


def _not_in(path: Path, encoding: str, error: UnicodeError) -> InputError:
    reason = getattr(error, "reason", str(error))
    return InputError(f"{path} is not {encoding}: {reason}; set encoding to the one it is in")


def _encoding(path: Path, head: bytes, seen: Survey) -> tuple[str, bool]:
    """From the byte-order mark, else UTF-8 if that reads it all, else the likeliest that does."""
    if (marked := from_mark(head)) is not None:
        return marked, False
    if seen.is_ascii:
        return "utf-8", False
    bad = _first_undecodable(path, "utf-8")
    if bad is None:
        return "utf-8", False
    with path.open("rb") as file:
        file.seek(max(0, bad - _HEAD // 2))
        sample = head + b"\n" + file.read(_HEAD).partition(b"\n")[2]
    if mostly_utf8(sample):
        return "utf-8", True
    names = ("gb18030", "big5", "cp1258", "cp1252")
    possible = [name for name in names if _first_undecodable(path, name) is None]
    return likeliest(sample, [*possible, "latin-1"]), False


def _first_undecodable(path: Path, encoding: str) -> int | None:
    """Where the first byte stands that is no text in an encoding, to within 4 MB."""
    decoder = codecs.getincrementaldecoder(encoding)()
    done = 0
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
                done += len(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return done + error.start
    return None


def _first_broken(path: Path) -> int:
    return _line_at(path, _first_undecodable(path, "utf-8") or 0)


def _line_at(path: Path, bad: int) -> int:
    """The line of a place in a file, to within what the decoder reads at once."""
    with path.open("rb") as file:
        lines = 1
        while bad > 0 and (chunk := file.read(min(bad, _CHUNK))):
            lines += chunk.count(b"\n")
            bad -= len(chunk)
    return lines


def _rows(text: str, delimiter: str, first: int = 0) -> Iterator[tuple[int, list[str]]]:
    """The last line of each of the first records, counted from 1, and its cells.

    What is cut off at the end of the text is left away; a quote that is never closed ends it.
    """
    complete = text if len(text) < _HEAD else text[: text.rfind("\n") + 1] or text
    lines = io.StringIO(complete, newline=None)
    reader = csv.reader((line.replace("\0", REPLACED) for line in lines), delimiter=delimiter)
    try:
        for row in reader:
            if reader.line_num > first:
                yield reader.line_num, [composed(cell.strip().lstrip("\ufeff")) for cell in row]
    except csv.Error:
        return


def _delimiter(text: str) -> str:
    """The one that splits the first records into the same number of fields, the more the better."""

    def fitness(delimiter: str) -> tuple[float, int]:
        rows = [row for _, row in zip(range(200), _rows(text, delimiter), strict=False)]
        widths = Counter(len(row) for _, row in rows if row)
        if not widths:
            return (0.0, 0)
        width, alike = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        return (alike / sum(widths.values()) if width > 1 else 0.0, width)

    return max(DELIMITERS, key=fitness)


def _names(
    path: Path, rows: list[tuple[int, list[str]]], header: int | None
) -> tuple[list[str], int]:
    """The columns' names, and how many lines there are up to and with them."""
    if not rows:
        raise InputError(f"{path} is empty; a table needs a header and rows")
    if header == 0:
        return names_of(path, [""] * len(rows[0][1])), 0
    if header is None:
        line, names = rows[find_header([row for _, row in rows[: 2 * TITLES + 200]])]
    else:
        line, names = next(
            ((line, row) for line, row in rows if line >= header and row), (header, [])
        )
    blank_above = header is None and not any(rows[0][1]) and not is_header(names)
    if not any(names) or blank_above:
        where = "the first line" if header in (None, 1) else f"line {header}"
        raise InputError(f"{path}: {where} has no column names; a table needs a header")
    if header is None and looks_like_a_row(names):
        raise InputError(
            f"{path}: the first line looks like a row, not like column names: "
            f"{', '.join(names[:5])}; write header = 0 in its settings if there are no names "
            "(the columns are then column_1, column_2 …), else the line they are in"
        )
    below = [len(row) for later, row in rows if later > line and any(row)]
    while len(names) > 1 and not names[-1] and below and max(below) < len(names):
        names = names[:-1]
    return names_of(path, names), line


def names_of(path: Path, names: Iterable[str]) -> list[str]:
    """Column names with those that are missing filled in; refused where two are the same."""
    found = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    check_width(len(found), str(path))
    lowered = Counter(name.lower() for name in found)
    for name in found:
        if lowered[name.lower()] > 1:
            raise InputError(f"{path}: two columns are called {name!r}; rename one of them")
    return found
