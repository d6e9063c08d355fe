"""How KPIs and analyses are declared, and where all of them are found.

May import `activity` and `statistics`.
"""

from kpilib.registry.definitions import Definition, Example, definition, family, kpi, registry

__all__ = ["Definition", "Example", "definition", "family", "kpi", "registry"]
