"""Values of a KPI as JSON has them, and back, the very same."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from enum import Enum
from typing import Any

from kpilib.change.signal import Signal
from kpilib.periods import Period
from kpilib.questions.values import KPIValue, Status
from kpilib.words import Amount, Gap, Text, Unit
from kpilib.words.text import Listed
from kpilib.words.units import Change, Number

_KINDS = {kind.__name__: kind for kind in (Amount, Change, Gap, Listed, Number, Period, Text)}
_ENUMS = {kind.__name__: kind for kind in (Signal, Status, Unit)}
_FIELDS = {name: tuple(one.name for one in fields(kind)) for name, kind in _KINDS.items()}
_OWN = tuple(one.name for one in fields(KPIValue) if one.name not in ("find_rows", "lang"))


def values_as_plain(values: Sequence[KPIValue]) -> dict[str, Any]:
    """One KPI's values; what they all share is written once.

    A TypeError where one holds what JSON does not, and nothing here knows.
    """
    columns = {name: [getattr(value, name) for value in values] for name in _OWN}
    same = {name: column[0] for name, column in columns.items() if _is_one(column)}
    left = [name for name in _OWN if name not in same]
    return {
        "same": {name: _plain(value) for name, value in same.items()},
        "fields": left,
        "rows": [[_plain(getattr(value, name)) for name in left] for value in values],
    }


def values_from_plain(
    plain: Mapping[str, Any], lang: str, rows: Callable[[Period], Callable[[], Any]]
) -> list[KPIValue]:
    """The values again; `rows` says how those of a period find the rows behind them."""
    same = {name: _read(value) for name, value in plain["same"].items()}
    found = []
    for row in plain["rows"]:
        own = {name: _read(part) for name, part in zip(plain["fields"], row, strict=True)}
        period = {**same, **own}["period"]
        found.append(KPIValue(**same, **own, lang=lang, find_rows=rows(period)))
    return found


def _is_one(column: list[Any]) -> bool:
    first = column[0]
    return all(type(one) is type(first) and one == first for one in column)


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is tuple:
        return [_plain(one) for one in value]
    if isinstance(value, Enum) and kind.__name__ in _ENUMS:
        return {"enum": kind.__name__, "of": value.value}
    if kind is date:
        return {"date": value.isoformat()}
    if kind is dict:
        return {"map": {name: _plain(one) for name, one in value.items()}}
    if _KINDS.get(kind.__name__) is kind:
        parts = [_plain(getattr(value, name)) for name in _FIELDS[kind.__name__]]
        return {"is": kind.__name__, "of": parts}
    raise TypeError(f"{kind.__name__} is nothing that is laid down")


def _read(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple(_read(one) for one in plain)
    if not isinstance(plain, dict):
        return plain
    if "is" in plain:
        return _KINDS[plain["is"]](*(_read(one) for one in plain["of"]))
    if "enum" in plain:
        return _ENUMS[plain["enum"]](plain["of"])
    if "date" in plain:
        return date.fromisoformat(plain["date"])
    return {name: _read(one) for name, one in plain["map"].items()}
