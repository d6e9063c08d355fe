"""Files that may hold several tables: databases, workbooks, archives, JSON documents."""

from pathlib import Path

from kpilib.contract.layout import Place
from kpilib.contract.tables import SCHEMAS
from kpilib.engines.duck import DuckEngine
from kpilib.errors import InputError
from kpilib.sources.folder import table_of
from kpilib.sources.formats import document, packed, sqlite, workbook
from kpilib.sources.formats.kinds import Kind, kind_of
from kpilib.sources.reader import Files, attach
from kpilib.sources.trust import REMEDY, is_trusted


def tables_in(path: Path) -> dict[str, Files]:
    """The tables in a file that are named after ours; empty where it is one table itself.

    Raises `InputError` for a database that has none of ours, with what it has.
    """
    kind = kind_of(path)
    names = _names(path, kind)
    found = {
        table: Files((path,), sheet=name) if kind == "workbook" else Files((path,), table=name)
        for name in names
        if (table := table_of(name) if kind == "zip" else name.strip().lower()) in SCHEMAS
    }
    return found


def places_in(path: Path) -> list[Place]:
    """Where the tables of a file lie: one place each, and one alone where it is a single table."""
    kind = kind_of(path)
    names = _names(path, kind)
    if kind == "workbook":
        return [Place(sheet=name) for name in names] if len(names) > 1 else [Place()]
    if kind in ("duckdb", "sqlite"):
        return [Place(table=name) for name in names]
    return [Place(table=name) for name in names] if len(names) > 1 else [Place()]


def _names(path: Path, kind: Kind) -> list[str]:
    if kind == "duckdb":
        return tables_of_database(path)
    if kind == "sqlite":
        return sqlite.table_names(path)
    if kind == "workbook":
        return workbook.sheet_names(path)
    if kind == "zip":
        return packed.members(path)
    return document.lists_in(path) if kind == "json" else []


def tables_of_database(path: Path) -> list[str]:
    """The tables of a DuckDB file; of a trusted one its views too."""
    engine = DuckEngine()
    try:
        return list(attach(engine, path))
    finally:
        engine.connection.close()


def views_passed_by(path: Path) -> list[str]:
    """The views of a database that are not read, as its author may have written anything there."""
    kind = kind_of(path)
    if is_trusted() or kind not in ("duckdb", "sqlite"):
        return []
    if kind == "sqlite":
        return sqlite.view_names(path)
    engine = DuckEngine()
    try:
        attach(engine, path)
        return sorted(engine.views)
    finally:
        engine.connection.close()


def none_of_ours(path: Path) -> InputError | None:
    """What to say of a database whose tables all have names of their own."""
    kind = kind_of(path)
    if kind not in ("duckdb", "sqlite"):
        return None
    names = _names(path, kind)
    has = f"it has {', '.join(names)}" if names else "it has no table at all"
    if views := views_passed_by(path):
        has += f" (and, as queries, {', '.join(views)}: {REMEDY})"
    first = names[0] if names else "…"
    return InputError(
        f"{path} has no table named after ours, like orders: {has}.\n"
        f'Write a kpilib.toml: data = "{path.name}", and under [orders] table = "{first}"; '
        f"or let it be proposed: kpilib init {path}"
    )
