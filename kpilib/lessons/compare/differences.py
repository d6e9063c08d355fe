"""The customers by which two definitions differ, or one definition on two readings of the data."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas.api.types import is_float_dtype

from kpilib.lessons.compare.rule import Counts
from kpilib.words import Text, _

SHOWN = 5
"""So many customers are named."""


@dataclass(frozen=True)
class Difference:
    """Customers who count more, or less, above or below the line than in our definition."""

    over_more: tuple[Any, ...] = ()
    over_less: tuple[Any, ...] = ()
    under_more: tuple[Any, ...] = ()
    under_less: tuple[Any, ...] = ()

    @property
    def customers(self) -> int:
        """How many customers make the difference, each once."""
        every = (self.over_more, self.over_less, self.under_more, self.under_less)
        return len({one for some in every for one in some})

    def texts(self) -> list[Text]:
        """The difference in sentences, with the first customers named."""
        sides = (self.over_more, self.over_less, self.under_more, self.under_less)
        return [
            said.format(n=len(some), names=_names(some))
            for said, some in zip(_SIDES, sides, strict=True)
            if some
        ]


_SIDES = (
    _("counted above the line here alone: {n} ({names})"),
    _("counted above the line by us alone: {n} ({names})"),
    _("counted below the line here alone: {n} ({names})"),
    _("counted below the line by us alone: {n} ({names})"),
)


NONE = Difference()
"""Nobody counts otherwise."""


def difference(ours: Counts, theirs: Counts, place: int, their_place: int) -> Difference:
    """Who counts otherwise in `theirs`, in a period of each."""
    one, other = _weights(ours, place), _weights(theirs, their_place)
    gap = other.sub(one, fill_value=0.0)
    over, under = gap["over"], gap["under"]
    return Difference(
        tuple(gap.index[over > _NOTHING]),
        tuple(gap.index[over < -_NOTHING]),
        tuple(gap.index[under > _NOTHING]),
        tuple(gap.index[under < -_NOTHING]),
    )


_NOTHING = 1e-9


def _weights(found: Counts, place: int) -> pd.DataFrame:
    mine = found.rows[found.rows["period"] == place]
    sums = mine.groupby("customer_id", dropna=True)[["over", "under"]].sum()
    if is_float_dtype(sums.index):  # whole numbers beside rows of nobody
        sums.index = sums.index.astype("int64")
    return sums


def _names(customers: tuple[Any, ...]) -> str:
    more = ", …" if len(customers) > SHOWN else ""
    return ", ".join(map(str, customers[:SHOWN])) + more
