"""Where the rows of a source table lie, and how their file is laid out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kpilib.contract.checks import check_keys
from kpilib.errors import InputError


@dataclass(frozen=True)
class Place:
    """One or several files that together hold one table.

    >>> Place(header=-1)
    Traceback (most recent call last):
    kpilib.errors.InputError: header = -1 must be the line of the column names, or 0 for none
    """

    file: str | tuple[str, ...] | None = None
    """A file, a folder of parts, a pattern like `orders_*.csv`, or several of them; relative to
    the settings file."""
    table: str | None = None
    """The table in a database, the member of a .zip, or the list in a JSON document."""
    query: str | None = None
    """A SELECT in the SQL of the database that `data` names, instead of one of its tables."""
    sheet: str | int | tuple[str | int, ...] | None = None
    """The sheets of a workbook, by name or by place (1 is the first); `*` for all of them."""
    header: int | None = None
    """The line that holds the column names; 0 where no line does; None finds it."""
    delimiter: str | None = None
    """What separates the fields of a CSV file."""
    encoding: str | None = None
    """The encoding of a CSV file."""

    def __post_init__(self) -> None:
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise InputError(f"delimiter = {self.delimiter!r} must be one character, like ';'")
        if self.header is not None and (
            isinstance(self.header, bool) or not isinstance(self.header, int) or self.header < 0
        ):
            raise InputError(
                f"header = {self.header!r} must be the line of the column names, or 0 for none"
            )

    @property
    def files(self) -> tuple[str, ...]:
        """The files that are named, one or several."""
        return (self.file,) if isinstance(self.file, str) else self.file or ()

    @property
    def sheets(self) -> tuple[str | int, ...]:
        """The sheets that are named, one or several."""
        return self.sheet if isinstance(self.sheet, tuple) else (self.sheet,) if self.sheet else ()


@dataclass(frozen=True)
class Join(Place):
    """Columns of a second file, brought to the rows of a table by what both call the same.

    >>> read_join({"file": "items.csv", "on": {"id": "order_id"}}, "[orders.join]").on
    (('id', 'order_id'),)
    """

    on: tuple[tuple[str, str], ...] = ()
    """Pairs of columns that must agree: the table's, and the second file's."""
    columns: tuple[str, ...] = ()
    """The columns to bring; all of them where none is named."""
    sum: tuple[str, ...] = ()
    """Columns to add up per `on` before they are brought, so that no row is multiplied."""


def read_place(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The settings of a `Place` with their types put right, others as they are."""
    values = dict(values)
    for name in ("file", "sheet"):
        if name in values:
            values[name] = _one_or_several(values[name], name, where)
    for name in ("table", "query", "delimiter", "encoding"):
        if not isinstance(values.get(name, ""), str):
            raise InputError(f"{where}: {name} = {values[name]!r} must be text, in quotes")
    if "join" in values:
        given = values["join"]
        several = given if isinstance(given, list | tuple) else [given]
        values["join"] = tuple(read_join(one, f"{where[:-1]}.join]") for one in several)
    return values


def read_join(values: Any, where: str) -> Join:
    """One `join`, from a mapping as a toml file holds it."""
    if isinstance(values, Join):
        return values
    if not isinstance(values, Mapping):
        raise InputError(f'{where} = {values!r} must be a table, like {{file = "…", on = "…"}}')
    check_keys(values, tuple(item.name for item in fields(Join)), where)
    values = read_place(values, where)
    if not values.get("file"):
        raise InputError(f'{where} names no file; write file = "order_items.csv"')
    if not values.get("on"):
        raise InputError(f'{where} needs the column that both files have: on = "order_id"')
    values["on"] = _pairs(values["on"], where)
    for name in ("columns", "sum"):
        values[name] = _texts(values.get(name, ()), name, where)
    return Join(**values)


def _pairs(on: Any, where: str) -> tuple[tuple[str, str], ...]:
    if isinstance(on, Mapping):
        pairs = tuple(on.items())
        _texts(tuple(on.values()), "on", where)
        return pairs
    return tuple((name, name) for name in _texts(on, "on", where))


def _texts(value: Any, name: str, where: str) -> tuple[str, ...]:
    several = (value,) if isinstance(value, str) else value
    if not isinstance(several, list | tuple) or not all(
        isinstance(one, str) and one.strip() for one in several
    ):
        raise InputError(f"{where}: {name} = {value!r} must be names of columns")
    return tuple(several)


def _one_or_several(value: Any, name: str, where: str) -> Any:
    kinds = str if name == "file" else str | int
    several = value if isinstance(value, list | tuple) else [value]
    if not several or not all(
        isinstance(one, kinds) and not isinstance(one, bool) and one for one in several
    ):
        what = "a path" if name == "file" else "a sheet's name or its place, counted from 1"
        raise InputError(f"{where}: {name} = {value!r} must be {what}, or a list of them")
    return tuple(several) if isinstance(value, list | tuple) else value
