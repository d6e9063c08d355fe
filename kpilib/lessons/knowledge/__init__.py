"""What is known of each KPI and analysis, a module per family; see `kpilib.lessons.record`."""

import pkgutil
from functools import cache
from importlib import import_module

from kpilib.errors import InputError, near_miss
from kpilib.lessons.record import Knowledge


@cache
def all_knowledge() -> dict[str, Knowledge]:
    """Every record, by the id of what it is about."""
    found: dict[str, Knowledge] = {}
    for module in pkgutil.iter_modules(__path__):
        found |= import_module(f"{__name__}.{module.name}").KNOWLEDGE
    return found


def knowledge(kpi_id: str) -> Knowledge:
    """What is known of one KPI or analysis.

    >>> knowledge("churn_rate").asks.en
    'Of the customers we had, how many did we lose?'

    Raises InputError for an id that there is not.
    """
    known = all_knowledge()
    if kpi_id not in known:
        raise InputError(f"KPI {kpi_id!r} is not known; {near_miss(kpi_id, known)}")
    return known[kpi_id]
