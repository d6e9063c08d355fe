"""A named definition: who is counted above the line, and who below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.lessons.compare.facts import Facts
from kpilib.words import Text, Unit

COLUMNS = ["period", "customer_id", "over", "under"]


@dataclass(frozen=True)
class Counts:
    """What a definition counts: a row per period and customer, and the value of each period."""

    rows: pd.DataFrame
    """`period` (its place), `customer_id`, `over`, `under`: what they add above and below."""
    values: Mapping[int, float] = field(default_factory=dict)
    """Place of the period → value, where it is not `over` divided by `under`."""

    @cached_property
    def _totals(self) -> NDArray[np.float64]:
        """What stands above and below the line in each period."""
        place = self.rows["period"].to_numpy(np.int64)
        sides = (self.rows[side].to_numpy(float) for side in ("over", "under"))
        return np.array([np.bincount(place, side) for side in sides])

    @cached_property
    def _prints(self) -> NDArray[np.uint64]:
        """A number per period that is the same where the same customers count the same way."""
        mixed = pd.util.hash_array(self.rows["customer_id"].to_numpy())
        for side in ("over", "under"):
            bits = (self.rows[side].to_numpy(float) + 0.0).view(np.uint64)
            mixed = (mixed ^ (mixed >> np.uint64(31)) ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        place = self.rows["period"].to_numpy(np.int64)
        found = np.zeros(place.max(initial=0) + 1, np.uint64)
        np.add.at(found, place, mixed)
        return found

    def value(self, place: int) -> float | None:
        """The value of a period; None where there is nothing to divide by."""
        if self.values:
            return self.values.get(place)
        over, under = self._totals
        return float(over[place] / under[place]) if place < len(under) and under[place] else None

    def same(self, place: int) -> str:
        """A text that tells the customers counted in a period, and how, from any others."""
        found = self._prints
        return f"{int(found[place]) if place < len(found) else 0:x} {self.value(place)}"


@dataclass(frozen=True)
class Rule:
    """A definition with a name, of what somebody calls by the topic's name."""

    id: str
    name: Text
    count: Callable[[Facts], Counts]
    texts: tuple[int, ...] = ()
    """The texts that define it so, by number."""
    others: tuple[str, ...] = ()
    """Tools and books that define it so."""
    kpi: str = ""
    """The KPI of kpilib that this is."""
    unit: Unit = Unit.SHARE
    windowed: bool = True
    """Whether the lapse window is in it."""


@dataclass(frozen=True)
class Topic:
    """One thing by its name, and the rules that go by it; the first is kpilib's."""

    id: str
    name: Text
    rules: tuple[Rule, ...]
    axes: tuple[str, ...] = ("window", "zone", "bounds", "refunds", "tests", "first month")
    """In what else readings of the topic may differ; see `lessons.compare.variations`."""


def counts(table: pd.DataFrame, over: pd.Series, under: pd.Series) -> Counts:
    """Counts of the rows of a table with `period` and `customer_id`; who adds nothing is left out.

    >>> table = pd.DataFrame({"period": [0, 0], "customer_id": ["An", "Binh"]})
    >>> counts(table, pd.Series([1, 0]), pd.Series([1, 1])).value(0)
    0.5
    """
    rows = pd.DataFrame(
        {
            "period": table["period"].to_numpy(),
            "customer_id": table["customer_id"].to_numpy(),
            "over": over.to_numpy(float),
            "under": under.to_numpy(float),
        }
    )
    return Counts(rows[(rows["over"] != 0) | (rows["under"] != 0)])
