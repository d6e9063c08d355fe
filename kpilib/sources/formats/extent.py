"""How far the cells of an Excel sheet reach: one cell far down makes a reader lay out all before.

The whole archive is unpacked once, unread, so that sizes which it only claims are found out too.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kpilib.errors import InputError

ROOMY = 2**24
"""So many cells may a sheet lay out, however few of them are filled …"""

SPARSE = 20
"""… or so many times those that are filled."""

_CHUNK = 2**20
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ROW_HEADER, _CELLS = 0, range(1, 12)


def check_extent(archive: zipfile.ZipFile, path: Path) -> None:
    """An InputError where a sheet of a workbook reaches far beyond what is filled of it.

    Raises `zipfile.BadZipFile` where a member is not what the archive says of it.
    """
    for item in archive.infolist():
        with archive.open(item) as member:
            if not item.filename.startswith("xl/worksheets/"):
                while member.read(_CHUNK):
                    pass
                continue
            reach = _in_xml if item.filename.endswith(".xml") else _in_records
            filled, rows, columns = reach(member)
        if rows * columns > max(ROOMY, SPARSE * filled):
            raise InputError(
                f"{path}: {Path(item.filename).stem} has {filled:,} cells that reach as far as row "
                f"{rows:,} and column {columns:,}; delete what lies far off, or save it as CSV"
            )


def _in_xml(sheet: IO[bytes]) -> tuple[int, int, int]:
    """Cells filled, rows and columns of a sheet in XML."""
    filled = rows = columns = 0
    rest = b""
    while chunk := sheet.read(_CHUNK):
        text = rest + chunk
        cut = text.rfind(b"<")
        rest, text = text[cut:], text[:cut]
        found = _REFERENCE.findall(text)
        if found:
            filled += len(found)
            rows = max(rows, max(int(row) for _, row in found))
            columns = max(columns, max(map(_column, {letters for letters, _ in found})))
    return filled, rows, columns


def _column(letters: bytes) -> int:
    """A column by its letters, counted from 1.

    >>> _column(b"A"), _column(b"XFD")
    (1, 16384)
    """
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place


def _in_records(sheet: IO[bytes]) -> tuple[int, int, int]:
    """Cells filled, rows and columns of a sheet in Excel's binary records."""
    filled = rows = columns = 0
    for kind, start in _records(sheet):
        place = int.from_bytes(start, "little") + 1
        if kind == _ROW_HEADER:
            rows = max(rows, place)
        elif kind in _CELLS:
            filled, columns = filled + 1, max(columns, place)
    return filled, rows, columns


def _records(sheet: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each record's kind and first four bytes."""
    while (kind := _number(sheet, 2)) is not None:
        size = _number(sheet, 4) or 0
        start = sheet.read(min(size, 4))
        left = size - len(start)
        while left > 0 and (skipped := sheet.read(min(left, _CHUNK))):
            left -= len(skipped)
        yield kind, start


def _number(sheet: IO[bytes], most: int) -> int | None:
    """A number of seven bits a byte, the lowest first; None at the end."""
    value = 0
    for place in range(most):
        byte = sheet.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << 7 * place
        if not byte[0] & 0x80:
            break
    return value
