"""Mean spends per purchase, checked and sorted: what a Gamma-Gamma model is fitted to."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from kpilib.clv.fitting.arguments import as_column, refuse
from kpilib.clv.fitting.distinct import dot
from kpilib.clv.fitting.finding import Finding
from kpilib.errors import InputError
from kpilib.words import _

LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class Spend:
    """Customers' purchases and mean spend, sorted by frequency; `+` joins two.

    `without` counts customers with no purchases, `not_positive` those whose mean spend is zero or
    less; neither takes part.

    >>> Spend.from_arrays([2, 0, 1], [20.0, 0.0, -5.0]).customers
    1.0
    """

    frequency: np.ndarray
    mean: np.ndarray
    weights: np.ndarray
    without: float = 0.0
    not_positive: float = 0.0
    customers: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "customers", float(self.weights.sum()))

    @classmethod
    def from_arrays(
        cls, frequency: ArrayLike, monetary_value: ArrayLike, weights: ArrayLike | None = None
    ) -> "Spend":
        """Check one row per customer; an InputError names the column, the row and the value."""
        x = as_column(frequency, "frequency").astype(float)
        m = as_column(monetary_value, "monetary_value").astype(float)
        n = np.ones(len(x)) if weights is None else as_column(weights, "weights").astype(float)
        if not len(x) == len(m) == len(n):
            raise InputError(
                f"frequency, monetary_value (and weights) differ in length: "
                f"{len(x)}, {len(m)}, {len(n)}; give one of each per customer"
            )
        refuse(~(x >= 0), "frequency", x, 0, "must be 0 or more")
        refuse(np.isinf(x), "frequency", x, 0, "must be a finite number")
        refuse(x != np.floor(x), "frequency", x, 0, "must be a whole number of purchases")
        refuse(~((n >= 0) & np.isfinite(n)), "weights", n, 0, "must be finite and 0 or more")
        some = (x > 0) & (n > 0)
        refuse(some & ~np.isfinite(m), "monetary_value", m, 0, "must be a finite number")
        refuse(some & (m > LARGEST), "monetary_value", m, 0, "is not money; take a larger unit")
        good = some & (m > 0)
        if not good.any():
            raise InputError(
                f"no customer has a purchase with a spend above 0 (of {len(x)} given); "
                "check that monetary_value is the mean spend per purchase"
            )
        x1, m1, n1 = x[good], m[good], n[good]
        order = np.argsort(x1, kind="stable")
        without, bad = float(n[x == 0].sum()), float(n[some & (m <= 0)].sum())
        return cls(x1[order], m1[order], n1[order], without, bad)

    def __add__(self, other: "Spend") -> "Spend":
        if not isinstance(other, Spend):
            return NotImplemented
        x = np.concatenate([self.frequency, other.frequency])
        order = np.argsort(x, kind="stable")
        m = np.concatenate([self.mean, other.mean])[order]
        n = np.concatenate([self.weights, other.weights])[order]
        bad = self.not_positive + other.not_positive
        return Spend(x[order], m, n, self.without + other.without, bad)

    def thinned(self, step: int) -> "Spend":
        """Every `step`-th customer."""
        x, m, n = (
            np.ascontiguousarray(c[::step]) for c in (self.frequency, self.mean, self.weights)
        )
        return Spend(x, m, n)

    @property
    def repeat_buyers(self) -> float:
        """Customers who take part: all have at least one purchase."""
        return self.customers

    @property
    def purchases(self) -> float:
        """Purchases of all customers."""
        return dot(self.weights, self.frequency)

    def findings(self) -> tuple[Finding, ...]:
        """What was left out."""
        out = []
        if self.without:
            sentence = _(
                "The spend model does not look at those who bought once ({n} of the customers).",
                n=round(self.without),
            )
            remedy = _("They count in the value, and are expected to spend the mean of all.")
            out.append(Finding("no_spend", "note", sentence, remedy))
        if self.not_positive:
            sentence = _(
                "The spend model leaves out repeat buyers whose mean spend is 0 or less: {n}.",
                n=round(self.not_positive),
            )
            remedy = _("Check refunds and free orders; the model needs spends above 0.")
            out.append(Finding("spend_not_positive", "warning", sentence, remedy))
        return tuple(out)
