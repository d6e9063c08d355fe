"""A folder's files that are named after tables."""

import os
from collections.abc import Iterable
from pathlib import Path

from kpilib.contract.tables import SCHEMAS
from kpilib.contract.vocabulary.endings import PLAIN, TABLE_ENDINGS, without_ending
from kpilib.errors import InputError
from kpilib.sources.paths import checked, files_of
from kpilib.sources.reader import Files
from kpilib.sources.trust import inside


def files_in(
    folder: Path, used: Iterable[Path] = (), placed: Iterable[str] = ()
) -> tuple[dict[str, Files], list[str]]:
    """Table → the file or folder of parts named after it; and the names of other files.

    What is `used` already, and tables that are `placed`, are left away.
    """
    taken = {os.path.realpath(path) for path in used}
    found: dict[str, Files] = {}
    names: dict[str, str] = {}
    others = []
    for item in sorted(folder.iterdir()):
        table = table_of(item.name)
        if item.name[0] in "._" or os.path.realpath(item) in taken or table in placed:
            continue
        if item.is_dir() and table not in SCHEMAS:
            continue
        if not item.is_dir() and not item.name.lower().endswith(TABLE_ENDINGS):
            continue
        if table not in SCHEMAS:
            others.append(item.name)
            continue
        if table in found:
            raise InputError(
                f"{folder} has both {names[table]} and {item.name}; keep one for {table}"
            )
        names[table] = item.name
        if item.is_dir():
            parts = files_of(item.name, folder, str(item), TABLE_ENDINGS, folder)
            found[table] = Files(parts)
        else:
            found[table] = Files((checked(inside(item, folder, str(folder)), str(folder)),))
    return found, others


def table_of(name: str) -> str:
    """The name of a file without folder and ending, small.

    >>> table_of("export/Orders.csv.gz"), table_of("refunds")
    ('orders', 'refunds')
    """
    return without_ending(name.rsplit("/", 1)[-1].lower(), PLAIN)
