"""Excel and OpenDocument workbooks, read with python-calamine."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpilib.contract.layout import Place
from kpilib.errors import InputError, near_miss
from kpilib.sources.formats.cells import Cells, as_text, from_rows, widest
from kpilib.sources.formats.extent import check_extent
from kpilib.sources.formats.packed import ALWAYS, BROKEN, MOST_TIMES
from kpilib.sources.text.csvfile import names_of
from kpilib.sources.text.header import TITLES, find_header


@dataclass(frozen=True)
class Sheet:
    """One sheet, its rows as a table."""

    name: str
    cells: Cells
    notes: tuple[str, ...] = ()


def sheet_names(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order."""
    return list(_open(path).sheet_names)


def read_sheets(path: Path, label: str, table: str, place: Place) -> list[Sheet]:
    """The sheets that `place` names, each as a table; the only one filled where it names none.

    Raises `InputError` for a file that is no workbook, needs a password, lacks a sheet, or has
    several of which none is chosen.
    """
    book = _open(path)
    wanted = _chosen(book, label, table, place)
    return [_sheet(path, label, name, _rows(book, name, path), place) for name in wanted]


def _open(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    _check_size(path)
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"{path}: no workbook that can be read ({error}); if it has a password, take that off"
        ) from None


def _check_size(path: Path) -> None:
    """A workbook is a .zip; one that unpacks beyond all measure, or lays out too much, is none."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
            if size > max(MOST_TIMES * path.stat().st_size, ALWAYS):
                raise InputError(
                    f"{path} unpacks to {size:,} bytes, more than {MOST_TIMES} times its size; "
                    "save it as CSV"
                )
            check_extent(archive, path)
    except InputError:
        raise
    except BROKEN as error:
        raise InputError(f"{path}: a damaged workbook ({error}); save it anew") from None


def _rows(book: Any, name: str, path: Path) -> list[list[Any]]:
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OverflowError) as error:
        raise InputError(f"{path}: the sheet {name!r} cannot be read ({error})") from None


def _chosen(book: Any, label: str, table: str, place: Place) -> list[str]:
    names = list(book.sheet_names)
    if place.sheets == ("*",):
        return names
    if place.sheets:
        return [_named(names, wanted, label) for wanted in place.sheets]
    alike = [name for name in names if name.strip().lower() == table]
    if len(names) == 1 or alike:
        return alike[:1] or names
    filled = [name for name in names if len(book.get_sheet_by_name(name).to_python()) > 1]
    if len(filled) == 1:
        return filled
    raise InputError(
        f"{label} has the sheets {', '.join(names)}; choose with "
        f'sheet = "{names[0]}" in its settings, or sheet = "*" for all of them as one table'
    )


def _named(names: list[str], wanted: str | int, label: str) -> str:
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise InputError(f"{label} has {len(names)} sheets, so no sheet = {wanted}")
        return names[wanted - 1]
    alike = [name for name in names if name.strip().lower() == wanted.strip().lower()]
    if not alike:
        raise InputError(f"{label} has no sheet {wanted!r}; {near_miss(wanted, names)}")
    return alike[0]


def _sheet(
    path: Path, label: str, name: str, found: Sequence[Sequence[Any]], place: Place
) -> Sheet:
    if not any(any(cell != "" for cell in row) for row in found):
        raise InputError(f"{label}: the sheet {name!r} is empty; choose another with sheet = …")
    width = widest(found)
    rows: list[Sequence[Any]] = [[*row, *[""] * (width - len(row))] for row in found]
    names, below = [""] * width, rows
    notes: tuple[str, ...] = ()
    if place.header != 0:
        texts = [[as_text(cell).strip() for cell in row] for row in rows[: 2 * TITLES + 200]]
        line = find_header(texts) if place.header is None else min(place.header, len(rows)) - 1
        names, below = [as_text(cell).strip() for cell in rows[line]], rows[line + 1 :]
        titles = sum(any(cell for cell in row) for row in texts[:line])
        notes = _title_notes(f"{label}: {name}", line + 1, titles if place.header is None else 0)
    names, below = _without_blank_columns(names, below)
    return Sheet(name, from_rows(names_of(path, names), below), notes)


def _title_notes(label: str, line: int, titles: int) -> tuple[str, ...]:
    if not titles:
        return ()
    return (f"{label}: the header was found in row {line}; {titles} above it are no rows",)


def _without_blank_columns(
    names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[list[str], list[Sequence[Any]]]:
    """Columns that have neither a name nor a value are no columns."""
    kept = [
        place
        for place, name in enumerate(names)
        if name or any(row[place] not in ("", None) for row in rows)
    ]
    return [names[place] for place in kept], [[row[place] for place in kept] for row in rows]
