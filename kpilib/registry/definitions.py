"""A KPI is declared once, where it is defined; this is the decorator, and the registry it fills."""

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

from kpilib.errors import InputError, UnknownNameError, near_miss
from kpilib.periods import Period
from kpilib.registry.analysis_definitions import ANALYSES, Analysis
from kpilib.registry.code import made_of
from kpilib.words import Text, Unit
from kpilib.words.families import family_place
from kpilib.words.prose import first_paragraph

if TYPE_CHECKING:
    from kpilib.activity.business import Business
    from kpilib.registry.observed import Rule
    from kpilib.statistics.statistic import Statistic


@dataclass(frozen=True)
class Example:
    """A KPI worked by hand: the numbers put in, by name, and the value that must come out."""

    inputs: Mapping[str, float]
    value: float


@dataclass(frozen=True)
class Definition:
    """One KPI: what its decorator said, and the function under it."""

    function: "Callable[[Business, tuple[Period, ...]], Statistic]"
    name: Text
    formula: str
    unit: Unit
    better: str
    example: Example | None
    tables: tuple[str, ...]
    columns: "tuple[str, ...] | Callable[[Business], tuple[str, ...]]"
    until: "Callable[[Business, Period], int] | None"
    contracts: bool
    breakdowns: Mapping[str, str] | None
    observed_from: "Rule | None" = None

    @property
    def id(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def family(self) -> str:
        """The module's name."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def description(self) -> str:
        """The docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> Text:
        """What the docstring says first, for a reader of any language."""
        return first_paragraph(self.description)

    @property
    def statistic(self) -> "type[Statistic]":
        """The class of its statistic, or of the main one, from the function's return annotation."""
        returned = inspect.signature(self.function, eval_str=True).return_annotation
        (of,) = get_args(returned) or (returned,)
        return of

    @property
    def kind(self) -> str:
        """The kind of statistic."""
        return self.statistic.kind

    def hash(self, read: Mapping[str, Any]) -> str:
        """Twelve hex digits that change with what the definition is made of and what it has read.

        `read` holds the settings and rules that its function read, by name; see
        `kpilib.activity.records.Records.reading`. Names, wordings and the days found for a lapse
        window are no part of it.
        """
        functions: tuple[Any, ...] = (self.function, self.until, self.columns)
        made = made_of(one for one in functions if callable(one))
        said = (self.id, self.formula, str(self.unit), made, sorted(read.items()))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:12]

    def to_dict(self) -> dict[str, Any]:
        """What `kpilib list --json` prints of it."""
        example = self.example
        return {
            "id": self.id,
            "family": self.family,
            "kind": self.kind,
            "name": self.name.to_dict(),
            "description": self.description,
            "formula": self.formula,
            "unit": str(self.unit),
            "better": self.better,
            "tables": list(self.tables),
            "example": example and {"inputs": dict(example.inputs), "value": example.value},
        }


_DEFINITIONS: dict[str, Definition] = {}


def kpi(
    *,
    name: Text,
    formula: str,
    unit: Unit,
    better: str,
    example: Example | None = None,
    tables: tuple[str, ...] = ("orders",),
    columns: "tuple[str, ...] | Callable[[Business], tuple[str, ...]]" = (),
    until: "Callable[[Business, Period], int] | None" = None,
    contracts: bool = False,
    breakdowns: Mapping[str, str] | None = None,
    observed_from: "Rule | None" = None,
) -> Callable[[Callable], Callable]:
    """Declare a function of `(base, periods)` that returns a Statistic to be a KPI.

    `formula` is LaTeX; `better` is `"higher"`, `"lower"` or `"none"`; `tables` are the source
    tables it cannot do without, `columns` the optional columns that it needs as well
    (`"subscriptions.mrr"`), or a function of the base that says which; `until` gives the day
    number before which the data must be complete for a period's value to be so, where that is later
    than the period's end; `contracts` says that contracts do as well as orders where they make
    customers active; `breakdowns` lists all that `by=` may be, each with the KPI that answers it,
    where the rows cannot be broken down by just anything; `observed_from` is the rule of
    `registry.observed` that says for which periods the records reach back far enough.
    """
    if better not in ("higher", "lower", "none"):
        raise InputError(f"better={better!r} is not one of 'higher', 'lower', 'none'")

    def register(function: Callable) -> Callable:
        definition = Definition(
            function,
            name,
            formula,
            unit,
            better,
            example,
            tables,
            columns,
            until,
            contracts,
            breakdowns,
            observed_from,
        )
        known = _DEFINITIONS.get(definition.id)
        if known and known.family != definition.family:
            raise InputError(
                f"KPI {definition.id!r} is declared in {known.family} and again in "
                f"{definition.family}; give one of them another name"
            )
        _DEFINITIONS[definition.id] = definition
        return function

    return register


@lru_cache(maxsize=1)
def _load_all() -> None:
    """Import what declares KPIs and analyses; named here only, so that they may import this."""
    import kpilib.analyses
    import kpilib.kpis

    for package in (kpilib.kpis, kpilib.analyses):
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    importlib.import_module("kpilib.questions.targets")


def registry() -> dict[str, Definition]:
    """Every KPI by id, family by family, in the order in which its module declares them.

    >>> registry()["churn_rate"].family
    'churn'
    """
    _load_all()
    return dict(sorted(_DEFINITIONS.items(), key=lambda item: _place(item[1])))


def analyses() -> dict[str, Analysis]:
    """Every analysis by id, family by family, by id within one.

    >>> analyses()["rfm_segments"].family
    'segmentation'
    """
    _load_all()
    return dict(sorted(ANALYSES.items(), key=lambda item: (*family_place(item[1].family), item[0])))


def catalogue(family: str = "all") -> dict[str, Definition | Analysis]:
    """All that can be asked, KPIs and analyses, family by family; or one family of it."""
    known: dict[str, Definition | Analysis] = dict(registry())
    known |= analyses()
    found = sorted(known.items(), key=lambda item: family_place(item[1].family))
    if family == "all":
        return dict(found)
    mine = {name: one for name, one in found if one.family == family}
    if not mine:
        families = {one.family for one in known.values()}
        raise UnknownNameError(f"family {family!r} is not known; {near_miss(family, families)}")
    return mine


def _place(definition: Definition) -> tuple[int, str, int]:
    return *family_place(definition.family), definition.function.__code__.co_firstlineno


def definition(kpi_id: str) -> Definition:
    """The KPI of that id; an InputError that offers the nearest id where there is none."""
    _check_id("KPI", kpi_id)
    known = registry()
    if kpi_id in known:
        return known[kpi_id]
    if kpi_id in analyses():
        raise UnknownNameError(
            f"{kpi_id} is an analysis, a table and no single number; "
            f"ask base.analysis({kpi_id!r}, …)"
        )
    raise UnknownNameError(f"KPI {kpi_id!r} is not known; {near_miss(kpi_id, catalogue())}")


def analysis_of(analysis_id: str) -> Analysis:
    """The analysis of that id; an InputError that offers the nearest id where there is none."""
    _check_id("analysis", analysis_id)
    known = analyses()
    if analysis_id in known:
        return known[analysis_id]
    if analysis_id in registry():
        raise UnknownNameError(
            f"{analysis_id} is a KPI and no analysis; ask base.kpi({analysis_id!r})"
        )
    hint = near_miss(analysis_id, catalogue())
    raise UnknownNameError(f"analysis {analysis_id!r} is not known; {hint}")


def _check_id(kind: str, given: object) -> None:
    if not isinstance(given, str):
        raise UnknownNameError(f"{kind} {given!r} is no id; ask for one at a time, by its name")


def family(name: str) -> dict[str, Definition]:
    """The KPIs of one family, or of all for `"all"`."""
    found = {key: one for key, one in catalogue(name).items() if isinstance(one, Definition)}
    if not found:
        raise UnknownNameError(
            f"family {name!r} has analyses and no KPI; ask base.analysis for one of "
            f"{', '.join(catalogue(name))}"
        )
    return found
