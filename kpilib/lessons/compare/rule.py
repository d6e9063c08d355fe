"""A named definition: who is counted above the line, and who below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """Place of the period → value, where it is not made of `over` and `under`."""
    total: bool = False
    """Whether the value is `over` itself, and not `over` divided by `under`."""

    def value(self, place: int) -> float | None:
        """The value of a period; None where there is nothing to divide by."""
        if self.values:
            return self.values.get(place)
        mine = self.rows[self.rows["period"] == place]
        over, under = float(mine["over"].sum()), float(mine["under"].sum())
        if self.total:
            return over
        return over / under if under else None

    def each(
        self, group: NDArray[np.int64], customers: NDArray[Any], size: int
    ) -> tuple[NDArray[np.float64], list[str]]:
        """The value of each of `size` groups of rows, and a text by which it is told from others.

        The value is NaN where there is none. The text is the same where the same customers count
        the same way; `customers` are the rows' customers, as whole numbers or as texts.
        """
        sides = [self.rows[side].to_numpy(float) for side in ("over", "under")]
        over, under = (np.bincount(group, side, size) for side in sides)
        value = np.asarray(over, float)
        if not self.total:
            value = np.divide(over, under, out=np.full(size, np.nan), where=under != 0)
        for place, given in self.values.items():
            if place >= 0:
                value[place] = given
        mixed = pd.util.hash_array(customers)
        for side in sides:
            bits = (side + 0.0).view(np.uint64)
            mixed = (mixed ^ (mixed >> np.uint64(31)) ^ bits) * np.uint64(0x9E3779B97F4A7C15)
        prints = np.zeros(size, np.uint64)
        np.add.at(prints, group, mixed)
        return value, [f"{one:x} {number:.12g}" for one, number in zip(prints, value, strict=True)]


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
    stacks: bool = True
    """Whether its rules count in orders, refunds, contracts and complaints alone."""


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
