"""What cannot be shown, and which records would show it: in one line instead of empty rows."""

from collections.abc import Iterable
from typing import Any

from kpilib.questions.availability import needs
from kpilib.questions.values import KPIValue, Status
from kpilib.registry import definitions as registry
from kpilib.report.month.asked import Asked
from kpilib.words import Text, _, ngettext
from kpilib.words.columns import heads
from kpilib.words.tables import table_as_given, table_name
from kpilib.words.text import Listed, Worded

_NOT_SHOWN = _("Not shown: {parts}.")
_WANTS = _("{names} for want of {tables}")
_WHY = _("{names} ({reason})")
_COLUMN = _("{column} in {table}")


def has_nothing(asked: Asked, value: KPIValue) -> bool:
    """Whether there is no number of it, now or in any of the periods before."""
    if value.value is not None or value.previous is not None:
        return False
    return all(number is None for number in asked.line(value.id, value.segment))


def lacking(asked: Asked, values: Iterable[KPIValue], lang: str) -> str:
    """Of KPIs that have nothing to show, what each needs; empty where all have something."""
    wanted: dict[tuple[str, ...] | str, list[KPIValue]] = {}
    for value in values:
        if not has_nothing(asked, value):
            continue
        wants = needs(asked.base, registry.definition(value.id))
        why = value.reason.of(lang) if value.reason else ""
        wanted.setdefault(wants or why, []).append(value)
    parts: list[Worded] = []
    for lacks, some in wanted.items():
        names = Listed(tuple(value.name for value in some))
        if isinstance(lacks, str):
            parts.append(_WHY.format(names=names, reason=lacks) if lacks else names)
        else:
            tables = Listed(tuple(map(_record, lacks)))
            parts.append(_WANTS.format(names=names, tables=tables))
    return _NOT_SHOWN.format(parts=Listed(tuple(parts), "; ")).of(lang) if parts else ""


def _record(name: str) -> Text:
    """A table that was not given, or a column of one that was, in words and as it is named."""
    table, dot, column = name.partition(".")
    if dot:
        return _COLUMN.format(column=heads([column]), table=table_name(table))
    return table_as_given(table)


def missing(asked: Asked, lang: str) -> str:
    """What is not shown and why, in one line; empty where all is."""
    none = [value for value in asked.now.values() if value.value is None]
    unavailable = [value for value in none if value.status is Status.UNAVAILABLE]
    waiting = sum(value.status in (Status.INCOMPLETE, Status.PROVISIONAL) for value in none)
    empty = len(none) - len(unavailable) - waiting
    parts: list[Any] = []
    if unavailable:
        wanted: dict[str, int] = {}
        for value in unavailable:
            for name in needs(asked.base, registry.definition(value.id)):
                wanted[name.split(".")[0]] = wanted.get(name.split(".")[0], 0) + 1
        tables = Listed(
            tuple(table_name(name) for name in sorted(wanted, key=wanted.__getitem__)[::-1])
        )
        parts.append(
            ngettext(
                "{n} KPI needs records that were not given ({tables})",
                "{n} KPIs need records that were not given ({tables})",
                len(unavailable),
                tables=tables,
            )
        )
    if waiting:
        parts.append(
            ngettext(
                "{n} KPI whose time is not over yet",
                "{n} KPIs whose time is not over yet",
                waiting,
            )
        )
    if empty:
        parts.append(
            ngettext("{n} KPI with nothing to count", "{n} KPIs with nothing to count", empty)
        )
    return _NOT_SHOWN.format(parts=Listed(tuple(parts), "; ")).of(lang) if parts else ""
