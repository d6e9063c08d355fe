"""From what was known of customers to the columns that a chance is reckoned from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.spend import Spend
from kpilib.clv.models.bgnbd import BGNBD, MBGNBD
from kpilib.clv.models.gamma_gamma import GammaGamma
from kpilib.clv.warning.known import USUAL_DAYS, VISIT_DAYS, known_before
from kpilib.errors import InputError
from kpilib.words import _

if TYPE_CHECKING:
    from kpilib.activity.business import Business

Floats = NDArray[np.float64]

GROUPS: Mapping[str, tuple[str, ...]] = {
    "rhythm": ("recency", "overdue", "expected", "tenure"),
    "purchases": ("frequency",),
    "slowing": ("slowing",),
    "visits": ("visits", "visits_change"),
    "complaints": ("complaints",),
    "score": ("score",),
    "opened": ("opened",),
    "contract": ("member", "ended"),
}
"""The columns by what they are about; a customer's reasons are given by group."""

_HALF = 0.5
_NOBODY = _("early warning: nobody has bought before that day; choose a later period")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The customers there were on a day, and what a chance of theirs is reckoned from."""

    day: int
    table: pd.DataFrame
    """As `known_before` gives it, with `usual` (days between purchases)."""
    columns: dict[str, Floats]
    """The columns of the model by name; see `GROUPS`."""
    life: BGNBD | MBGNBD
    """The lifetime model of the purchases known on that day."""

    @property
    def customers(self) -> pd.Series:
        """Their ids."""
        return self.table["customer_id"]

    def value(self, days: int) -> Floats:
        """The net revenue expected of each in the next `days` if still a customer; 0 or more.

        BG/NBD's expected purchases, given alive, times Gamma-Gamma's expected spend; 0 where
        nobody has paid for a purchase after the first.
        """
        history = _history(self.table, self.day)
        alive = np.maximum(self.life.probability_alive(*history), 1e-12)
        purchases = self.life.expected_purchases(days, *history) / alive
        return np.maximum(purchases * self._spend(), 0.0)

    def _spend(self) -> Floats:
        repeats = self.table["n"].to_numpy(float) - 1
        total = self.table["repeat_total"].to_numpy(float)
        mean = np.divide(total, repeats, out=np.zeros(len(total)), where=repeats > 0)
        try:
            spend = GammaGamma.fit_counts(Spend.from_arrays(repeats, mean, None))
        except InputError:
            return np.zeros(len(total))
        return np.asarray(spend.expected_spend(np.where(mean > 0, repeats, 0), np.maximum(mean, 0)))


def snapshot(base: "Business", day: int, days: int) -> Snapshot:
    """The customers on a day and their columns, from what was known before it.

    Raises InputError where the lifetime model has nothing to be fitted to.
    """
    table = known_before(base, day, days)
    if not len(table):
        raise InputError(_NOBODY)
    kind = MBGNBD if base.settings.value.model == "MBGNBD" else BGNBD
    history = _history(table, day)
    life = kind.fit_counts(Counts.from_arrays(*history, None))
    table["usual"] = _usual_gap(table)
    table["recency"] = day - table["last"]
    silent = np.asarray(life.probability_of_n_more_purchases(0, days, *history), float)
    return Snapshot(day, table, _columns(table, day, silent), life)


def _history(table: pd.DataFrame, day: int) -> tuple[Floats, Floats, Floats]:
    first, last, n = (table[name].to_numpy(float) for name in ("first", "last", "n"))
    return n - 1, last - first, day - 1 - first


def _usual_gap(table: pd.DataFrame) -> Floats:
    """Days between a customer's purchases, drawn to the typical ones by one gap's weight."""
    gaps = table["n"].to_numpy(float) - 1
    spanned = (table["last"] - table["first"]).to_numpy(float)
    typical = float(np.median(spanned[gaps > 0] / gaps[gaps > 0])) if (gaps > 0).any() else 365.0
    return (spanned + typical) / (gaps + 1)


def _columns(table: pd.DataFrame, day: int, silent: Floats) -> dict[str, Floats]:
    number = {
        str(name): table[name].to_numpy(float) for name in table.columns if name != "customer_id"
    }
    odds = np.clip(silent, 1e-6, 1 - 1e-6)
    found = {
        "recency": np.log1p(number["recency"]),
        "overdue": np.log((number["recency"] + 1) / (number["usual"] + 1)),
        "expected": np.log(odds / (1 - odds)),
        "tenure": np.log1p(day - number["first"]),
        "frequency": np.log(number["n"]),
        "slowing": np.log((number["recent"] + _HALF) / (number["before"] + _HALF)),
    }
    if "visits" in number:
        lately, usually = number["visits"], number["visits_before"] * VISIT_DAYS / USUAL_DAYS
        found["visits"] = np.log1p(lately)
        found["visits_change"] = np.log((lately + _HALF) / (usually + _HALF))
    plain = ("complaints", "score", "opened", "member", "ended")
    return found | {name: number[name] for name in plain if name in number}
