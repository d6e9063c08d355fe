"""The logarithmic mean Divisia method: a change of a product shared out among its factors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NEAR = 1e-6
"""Logarithms closer than this are equal, and a mean of two such numbers is their middle."""


def logarithmic_mean(a: float, b: float) -> float:
    """(a − b) / (ln a − ln b), the logarithmic mean of two positive numbers; a where equal.

    >>> round(logarithmic_mean(100.0, 150.0), 4)
    123.3152
    >>> logarithmic_mean(7.0, 7.0)
    7.0
    """
    apart = np.log(a / b)
    if abs(apart) < _NEAR:
        return (a + b) / 2
    return float((a - b) / apart)


@dataclass(frozen=True)
class Effects:
    """What each factor of a product contributes to its change, and how it moves with the totals."""

    values: Floats
    """One element per factor; their sum is the change of the last total."""
    slopes: Floats
    """Derivatives, shape (factors, 2, totals): by each total of the time before, then of now."""


def chain_effects(before: Floats, after: Floats) -> Effects:
    """The change of the last of a chain of totals, shared out among the ratios that lead to it.

    `before` and `after` are the totals t₁ … tₖ, shape (k,): buyers, orders, money. The last is the
    product t₁ × t₂/t₁ × … × tₖ/tₖ₋₁, and factor i contributes L(tₖ', tₖ) · ln(factor'/factor), L
    the logarithmic mean: LMDI-I, additive (Ang, "The LMDI approach to decomposition analysis: a
    practical guide", *Energy Policy* 33, 2005). What the parts are does not depend on an order of
    the factors, and nothing is left over.

    Where a total is 0 at one of the two times the method has a limit (Ang and Liu, *Energy Policy*
    35, 2007): the whole change is of the first factor that is 0 then. Where the last total is
    below 0, and so has no logarithm, all of its change is of the last factor.

    >>> chain_effects(np.array([10, 20, 200.0]), np.array([10, 30, 300.0])).values.round(9)
    array([  0., 100.,   0.])
    >>> chain_effects(np.array([0, 0, 0.0]), np.array([4, 5, 60.0])).values
    array([60.,  0.,  0.])
    """
    size = len(before)
    slopes = np.zeros((size, 2, size))
    change = after[-1] - before[-1]
    zero = [place for place in range(size) if before[place] == 0 or after[place] == 0]
    if zero or min(before[-1], after[-1]) < 0:
        whole = zero[0] if zero else size - 1
        values = np.zeros(size)
        values[whole] = change
        slopes[whole, 0, -1], slopes[whole, 1, -1] = -1.0, 1.0
        return Effects(values, slopes)
    mean = logarithmic_mean(after[-1], before[-1])
    steps = np.log(after / before)
    moved = np.diff(steps, prepend=0.0)
    for factor in range(size):
        slopes[factor, 0, factor] -= mean / before[factor]
        slopes[factor, 1, factor] += mean / after[factor]
        if factor:
            slopes[factor, 0, factor - 1] += mean / before[factor - 1]
            slopes[factor, 1, factor - 1] -= mean / after[factor - 1]
    for when, last, other in ((0, before[-1], after[-1]), (1, after[-1], before[-1])):
        slopes[:, when, -1] += moved * _mean_slope(last, other, mean)
    values = mean * moved
    # The mean times the whole logarithm is the change but for rounding, which no reader wants.
    values[np.argmax(np.abs(values))] += change - values.sum()
    return Effects(values, slopes)


def _mean_slope(a: float, b: float, mean: float) -> float:
    """The derivative of the logarithmic mean of a and b by a."""
    apart = np.log(a / b)
    return 0.5 if abs(apart) < _NEAR else float((1 - mean / a) / apart)
