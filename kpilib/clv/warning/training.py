"""A model of who does not buy in the next days, trained on what was known when it mattered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from kpilib.clv.warning.features import Floats, Snapshot, snapshot
from kpilib.clv.warning.known import bought_before
from kpilib.engines.expressions import known
from kpilib.errors import InputError
from kpilib.periods import day_date
from kpilib.statistics.models.additive import AdditiveLogistic
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

MOST_SNAPSHOTS = 4
"""At most so many stretches of days before the close are learned from."""
ENOUGH = 50
"""How many customers must have bought again in those stretches, and how many must not."""
_TOO_LITTLE = _(
    "early warning: too little to train on before {day}: of {n} customers in stretches of {days} "
    "days {silent} bought nothing and {bought} bought; {least} of each are needed, so ask for a "
    "later period or other days"
)


@dataclass(frozen=True, eq=False)
class Slice:
    """Customers as they were known on a day, and who then bought nothing for so many days."""

    known: Snapshot
    silent: NDArray[np.bool_]


def slices(base: "Business", closes: int, days: int) -> list[Slice]:
    """Stretches of `days` that end before `closes`, the latest first.

    Each has what was known before it began; what happened in it is taken from the records before
    `closes`. Raises InputError where there are too few customers who bought, or did not.
    """
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise InputError(f"days = {days!r} must be a whole number of at least 1, like 90")
    purchases = bought_before(base, closes).purchases.select("customer_id", "day")
    first = base.engine.collect(purchases.select(nw.col("day").min()))["day"]
    begin = int(first.iloc[0]) if first.notna().all() else closes
    found = []
    for start in range(closes - days, begin + days, -days)[:MOST_SNAPSHOTS]:
        before = snapshot(base, start, days)
        found.append(Slice(before, silent(base, before, purchases, days)))
    outcomes = np.concatenate([one.silent for one in found]) if found else np.zeros(0, bool)
    fewest = int(min(outcomes.sum(), (~outcomes).sum()))
    if fewest < ENOUGH:
        silent_ones = int(outcomes.sum())
        bought = len(outcomes) - silent_ones
        counts = {"n": len(outcomes), "silent": silent_ones, "bought": bought, "least": ENOUGH}
        raise InputError(_TOO_LITTLE.format(day=day_date(closes), days=days, **counts))
    return found


def silent(
    base: "Business", before: Snapshot, purchases: nw.LazyFrame, days: int
) -> NDArray[np.bool_]:
    """Which customers of a snapshot bought nothing in the `days` from its day on."""
    on = nw.col("day")
    inside = purchases.filter((on >= before.day) & (on < before.day + days))
    buyers = base.engine.collect(inside.filter(known(nw.col("customer_id"))).select("customer_id"))
    return ~before.customers.isin(buyers["customer_id"]).to_numpy()


def columns_of(found: list[Slice]) -> dict[str, Floats]:
    """The columns of several slices one after the other."""
    names = found[0].known.columns
    return {name: np.concatenate([one.known.columns[name] for one in found]) for name in names}


def outcomes_of(found: list[Slice]) -> NDArray[np.bool_]:
    """Their outcomes in the same order."""
    return np.concatenate([one.silent for one in found])


def train(base: "Business", closes: int, days: int) -> AdditiveLogistic:
    """Spline logistic regression over all slices before `closes`."""
    found = slices(base, closes, days)
    return AdditiveLogistic.fit(columns_of(found), outcomes_of(found))
