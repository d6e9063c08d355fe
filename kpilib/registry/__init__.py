"""How KPIs and analyses are declared, and where all of them are found.

May import `activity` and `statistics`; it names `kpis` and `analyses` only to load what these
declare.
"""

from kpilib.registry.analysis_definitions import Analysis, analysis
from kpilib.registry.definitions import (
    Definition,
    Example,
    analyses,
    catalogue,
    definition,
    family,
    kpi,
    registry,
)

__all__ = [
    "Analysis",
    "Definition",
    "Example",
    "analyses",
    "analysis",
    "catalogue",
    "definition",
    "family",
    "kpi",
    "registry",
]
