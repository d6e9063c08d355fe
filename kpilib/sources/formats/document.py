"""JSON documents and JSON lines, flattened into columns."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from kpilib.errors import InputError, near_miss
from kpilib.sources.formats.cells import from_columns
from kpilib.sources.source import check_width

_DEEP = 4
"""Objects within objects become columns of their own, named with dots, down to this depth."""


def read_lines(path: Path, label: str) -> pa.Table:
    """A file of one JSON object per line.

    Raises `InputError` that names the first line which is none.
    """
    records = []
    for number, line in enumerate(_text(path, label).split("\n"), 1):
        if not line.strip():
            continue
        value = _parsed(line, label, number)
        if not isinstance(value, dict):
            raise InputError(f"{label}: line {number} is no JSON object, like {{…}}")
        records.append(value)
    return _table(records, label)


def read_document(path: Path, label: str, table: str, wanted: str | None) -> pa.Table:
    """A JSON document: a list of objects, or an object that holds such a list or columns."""
    text = _text(path, label)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return read_lines(path, label)
        raise _broken(label, error.lineno, error) from None
    except RecursionError:
        raise InputError(f"{label}: nested too deeply to be a table") from None
    return _table(list(_records(content, label, table, wanted)), label)


def lists_in(path: Path) -> list[str]:
    """The names of the lists of objects that a document holds at its top."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    return [name for name, value in content.items() if _is_list_of_objects(value)]


def _text(path: Path, label: str) -> str:
    with path.open("rb") as file:
        head = file.read(4)
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return path.read_text(encoding=encoding)
    except UnicodeError as error:
        raise InputError(f"{label} is not UTF-8, as JSON must be: {error}") from None


def _parsed(line: str, label: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise _broken(label, number, error) from None
    except RecursionError:
        raise InputError(f"{label}: line {number} is nested too deeply") from None


def _broken(label: str, line: int, error: json.JSONDecodeError) -> InputError:
    return InputError(
        f"{label}: no JSON that can be read: {error.msg} in line {line}, "
        f"column {error.colno}; mend it or take it out"
    )


def _records(
    content: Any, label: str, table: str, wanted: str | None
) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, list):
        rows = content
    elif isinstance(content, dict):
        rows = _rows_of(content, label, table, wanted)
    else:
        raise InputError(f"{label} holds neither a list of objects nor an object")
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise InputError(f"{label}: entry {place:,} is no JSON object, like {{…}}")
        yield row


def _rows_of(content: dict[str, Any], label: str, table: str, wanted: str | None) -> list[Any]:
    """The list that a document's object holds, its columns put into rows, or itself."""
    lists = [name for name, value in content.items() if _is_list_of_objects(value)]
    if wanted is not None:
        if wanted not in lists:
            raise InputError(f"{label} holds no list {wanted!r}; {near_miss(wanted, lists)}")
        return content[wanted]
    if table in lists or len(lists) == 1:
        return content[table if table in lists else lists[0]]
    if lists:
        raise InputError(
            f"{label} holds the lists {', '.join(lists)}; choose one with "
            f'table = "{lists[0]}" in its settings'
        )
    columns = list(content.values())
    if columns and all(isinstance(values, list) for values in columns):
        if len({len(values) for values in columns}) > 1:
            raise InputError(f"{label}: its columns {', '.join(content)} are not of one length")
        return [dict(zip(content, row, strict=True)) for row in zip(*columns, strict=True)]
    if columns and all(isinstance(values, dict) for values in columns):
        keys = list(dict.fromkeys(key for values in columns for key in values))
        return [{name: values.get(key) for name, values in content.items()} for key in keys]
    return [content]


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _table(records: Sequence[Mapping[str, Any]], label: str) -> pa.Table:
    if not records:
        raise InputError(f"{label} holds no rows")
    flat = [dict(_flat(record)) for record in records]
    names = list(dict.fromkeys(name for record in flat for name in record))
    if not names:
        raise InputError(f"{label} holds only empty objects")
    check_width(len(names), label)
    lowered = [name.lower() for name in names]
    for name in names:
        if lowered.count(name.lower()) > 1:
            raise InputError(f"{label}: two columns are called {name!r}; rename one of them")
    return from_columns({name: [record.get(name) for record in flat] for name in names})


def _flat(record: Mapping[str, Any], before: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """A record's fields; those of an object within are named with a dot, a list is its JSON."""
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and depth < _DEEP:
            yield from _flat(value, f"{name}.", depth + 1)
        elif isinstance(value, dict | list):
            yield name, json.dumps(value, ensure_ascii=False)
        else:
            yield name, value
