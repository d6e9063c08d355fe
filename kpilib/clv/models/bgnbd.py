"""BG/NBD and MBG/NBD: buying at a steady rate until a purchase turns out to be the last.

Fader, Hardie & Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005.
Batislam, Denizel & Filiztekin, Empirical validation and comparison of models for customer base
analysis, International Journal of Research in Marketing 24(3), 2007, whose customers may also leave
right after the first purchase.
"""

from dataclasses import dataclass
from typing import ClassVar

from kpilib.clv.models.geometric import GeometricDropout


@dataclass(frozen=True)
class BGNBD(GeometricDropout, saved=True):
    """BG/NBD: `r, alpha` of the gamma of purchase rates, `a, b` of the beta of dropout.

    A customer buys at rate lambda ~ gamma(r, alpha) and leaves after each *repeat* purchase with
    probability p ~ beta(a, b). Whoever has not bought again cannot have left, so
    `probability_alive` is 1 for every one-time buyer; where that matters use `MBGNBD`.

    >>> cdnow = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, time_unit="weeks")
    >>> print(cdnow.expected_purchases(39, frequency=2, recency=30.43, T=38.86).round(3))
    1.226
    >>> cdnow.probability_alive(frequency=[0, 2], recency=[0, 30.43], T=[38.86, 38.86]).round(3)
    array([1.   , 0.727])
    """

    first_chance: ClassVar[int] = 0


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
