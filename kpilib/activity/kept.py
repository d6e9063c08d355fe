"""What was computed once, held for the next question, with what was read to make it.

A definition is what it read. While something is computed the settings and tables that it reads are
noted, and kept with the result: whoever is handed the result later has read them too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from types import FunctionType, MethodType
from typing import Any

import narwhals.stable.v2 as nw

from kpilib.contract.rules import Rule
from kpilib.contract.settings import Settings
from kpilib.engines import Engine
from kpilib.periods import Period

SETS_OF_PERIODS = 12
"""How many sets of periods, asked together, the tables are held for."""

OF_EVERY_TABLE = ("time_zone", "nobody", "ids")
"""Settings by which every table is read: on which day a row falls, and whose it is."""

Reads = dict[str, Any]
"""What was read: the name of a setting or a table → what it said."""


@dataclass(frozen=True)
class _Held:
    value: Any
    reads: Reads
    made: bool
    """Whether it is a table made for this, to be dropped with it."""


class Kept:
    """Results by key, and the notes of what was read for each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[tuple, _Held] = {}
        self._asked: dict[tuple[Period, ...], None] = {}
        self._reading: list[Reads] = []

    def __contains__(self, key: tuple) -> bool:
        return key in self._held

    def __len__(self) -> int:
        return len(self._held)

    @property
    def is_reading(self) -> bool:
        """Whether anybody wants to know what is read."""
        return bool(self._reading)

    def note(self, name: str, said: Any) -> None:
        """What a setting or a table said to whoever is reading now."""
        for reads in self._reading:
            reads[name] = said

    @contextmanager
    def reading(self) -> Iterator[Reads]:
        """The mapping fills with what is read while the context is open."""
        reads: Reads = {}
        self._reading.append(reads)
        try:
            yield reads
        finally:
            self._reading = [one for one in self._reading if one is not reads]

    def get(self, key: tuple, build: Callable[[], Any], made: bool = False) -> Any:
        """What is held under the key, or is built now; whoever is reading has read it as well."""
        if (asked := _periods(key)) is not None:
            self._asked.pop(asked, None)
            self._asked[asked] = None
        if key not in self._held:
            with self.reading() as reads, self._engine.there():
                value = build()
            self._held[key] = _Held(value, reads, made)
        held = self._held[key]
        for name, said in held.reads.items():
            self.note(name, said)
        return held.value

    def let_go(self, most: int = SETS_OF_PERIODS) -> None:
        """Drop the tables of all but the sets of periods asked for last.

        What belongs to no period stays: purchases, spells, the lapse window.
        """
        places = list(self._asked)
        old = {*places[: max(len(places) - most, 0)]}
        for key in [key for key in self._held if _periods(key) in old]:
            held = self._held.pop(key)
            if held.made:
                self._engine.forget(held.value)
        for asked in old:
            del self._asked[asked]


def _periods(key: tuple) -> tuple[Period, ...] | None:
    """The periods that a key is about, or None."""
    for part in key:
        if isinstance(part, tuple) and part and isinstance(part[0], Period):
            return part
    return None


class ReadSettings:
    """Settings, or one table of them, seen through a view that notes each one that is read."""

    def __init__(self, settings: Settings | Rule, kept: Kept, section: str = "") -> None:
        self._settings, self._kept, self._section = settings, kept, section

    def __getattr__(self, name: str) -> Any:
        member = getattr(type(self._settings), name, None)
        if isinstance(member, property) and member.fget:
            return member.fget(self)
        if isinstance(member, FunctionType):
            return MethodType(member, self)
        value = getattr(self._settings, name)
        if isinstance(value, Rule):
            return ReadSettings(value, self._kept, f"{name}.")
        if name in {item.name for item in fields(self._settings)}:
            self._kept.note(f"{self._section}{name}", value)
        return value

    def __repr__(self) -> str:
        for item in fields(self._settings):
            getattr(self, item.name)
        return repr(self._settings)


class ReadTables(Mapping[str, nw.LazyFrame]):
    """Source tables, seen through a view that notes by which rules each one read was read."""

    def __init__(self, tables: Mapping[str, nw.LazyFrame], settings: Settings, kept: Kept) -> None:
        self._tables, self._settings, self._kept = tables, settings, kept

    def __getitem__(self, name: str) -> nw.LazyFrame:
        frame = self._tables[name]
        for setting in OF_EVERY_TABLE:
            self._kept.note(setting, getattr(self._settings, setting))
        self._kept.note(f"[{name}]", self._settings.table(name).meaning)
        return frame

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
