"""An analysis is a table and no single number; it is declared like a KPI, where it is defined."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from kpilib.errors import InputError
from kpilib.show.reason import answering
from kpilib.words import Text
from kpilib.words.prose import first_paragraph

if TYPE_CHECKING:
    import pandas as pd

    from kpilib.activity.business import Business
    from kpilib.periods import Period

ANALYSES: "dict[str, Analysis]" = {}
"""Every analysis declared so far, by id."""


@dataclass(frozen=True)
class Analysis:
    """One analysis: what was said when it was declared, and the function that makes its table."""

    target: "Callable[..., pd.DataFrame] | str"
    """The function of `(base, period, …)`, or `module:name` of one that is costly to import."""
    name: Text
    family: str
    tables: tuple[str, ...] = ("orders",)
    columns: "tuple[str, ...] | Callable[[Business], tuple[str, ...]]" = ()
    until: "Callable[[Business, Period], int] | None" = None
    contracts: bool = False
    kind: ClassVar[str] = "analysis"

    @property
    def id(self) -> str:
        """The function's name."""
        target = self.target
        return target.rpartition(":")[2] if isinstance(target, str) else target.__name__

    @cached_property
    def function(self) -> "Callable[..., pd.DataFrame]":
        """The function itself, its module imported now where it was only named."""
        if not isinstance(self.target, str):
            return self.target
        module, _, name = self.target.partition(":")
        return getattr(import_module(module), name)

    @property
    def description(self) -> str:
        """The docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> Text:
        """What the docstring says first, for a reader of any language."""
        return first_paragraph(self.description)

    @property
    def options(self) -> tuple[str, ...]:
        """The names of what may be said beside the base and the period."""
        return tuple(inspect.signature(self.function).parameters)[2:]

    def to_dict(self) -> dict[str, Any]:
        """What `kpilib list --json` prints of it."""
        return {
            "id": self.id,
            "family": self.family,
            "kind": self.kind,
            "name": self.name.to_dict(),
            "unit": None,
            "better": "none",
            "tables": list(self.tables),
            "example": None,
        }


def declare(one: Analysis) -> None:
    """Add an analysis to those there are; an InputError where another has its id."""
    known = ANALYSES.get(one.id)
    if known and known.family != one.family:
        raise InputError(
            f"analysis {one.id!r} is declared in {known.family} and again in {one.family}; "
            "give one of them another name"
        )
    ANALYSES[one.id] = one


def analysis(
    *,
    name: Text,
    family: str,
    tables: tuple[str, ...] = ("orders",),
    columns: "tuple[str, ...] | Callable[[Business], tuple[str, ...]]" = (),
    until: "Callable[[Business, Period], int] | None" = None,
    contracts: bool = False,
) -> Callable[[Callable], Callable]:
    """Declare a function of `(base, period, …)` that returns a DataFrame to be an analysis.

    Its id is the function's name. `tables`, `columns`, `until` and `contracts` mean what they mean
    for a KPI; see `kpilib.registry.definitions.kpi`.
    """

    def register(function: Callable) -> Callable:
        one = answering(function)
        declare(Analysis(one, name, family, tables, columns, until, contracts))
        return one

    return register
