"""MBG/NBD: as BG/NBD, but a customer may also leave right after the first purchase.

Batislam, Denizel & Filiztekin, Empirical validation and comparison of models for customer base
analysis, International Journal of Research in Marketing 24(3), 2007.
"""

from dataclasses import dataclass
from typing import ClassVar

from kpilib.clv.geometric import GeometricDropout


@dataclass(frozen=True)
class MBGNBD(GeometricDropout, saved=True):
    """MBG/NBD: `r, alpha` of the gamma of purchase rates, `a, b` of the beta of dropout.

    The chance to leave comes after *every* purchase, the first included, so that
    `probability_alive` of a one-time buyer falls as time passes.

    >>> cdnow = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, time_unit="weeks")
    >>> cdnow.probability_alive(frequency=[0, 0], recency=[0, 0], T=[5, 38.86]).round(3)
    array([0.57, 0.39])
    """

    first_chance: ClassVar[int] = 1
