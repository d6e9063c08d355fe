"""The kinds of values that a column of a table holds: how its cells are written."""

from dataclasses import dataclass

from kpilib.words.text import Text

LIMIT = "limit"
"""A limit of the column before it, and written like that one."""
NAME = "name"
"""A number that is a name: no separators. So is every column whose name ends in `_id`."""
SHARE = "share"
"""A share, written in per cent."""
COUNT = "count"
"""An expected number of people or purchases: whole where it is large."""
PERIOD = "period"
"""The label of a period, or a word in its place."""
GAP = "gap"
"""A difference of two values."""
KPI = "kpi"
"""The id of a KPI; a table whose `attrs["kpis"]` names it is written in its words and its unit."""
HEAD = "head"
"""The name of a column, said as it is above that column."""
WORDS = "words"
"""Words that the library put there (`kpilib.words.values`)."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, and the kind of its values where it is a special one."""

    head: Text
    kind: str = ""
