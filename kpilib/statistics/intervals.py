"""Interval functions, one home for each: arrays of counts or sums in, arrays of limits out.

Every function takes scalars or arrays of one shape, one element per group, and returns
`(low, high)` as float arrays of that shape. A group with nothing in it gets NaN, never a number.
Limits are two-sided at `level` and in the unit of what was given: a share of 0.05 is 0.05.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from kpilib.errors import InputError

Limits = tuple[NDArray[np.float64], NDArray[np.float64]]


def normal_quantile(level: float) -> float:
    """The normal quantile of a two-sided interval at `level`: 1.96 for 0.95.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return float(special.ndtri(1 - _tail(level)))


def wilson(k: ArrayLike, n: ArrayLike, level: float = 0.95) -> Limits:
    """Score limits of a share: `k` of `n` (Wilson, JASA 22, 1927).

    Never outside 0..1, and sensible where k is 0 or n. Raises InputError where k is not in 0..n.

    >>> low, high = wilson(900, 1000)
    >>> f"{low:.3f} {high:.3f}"
    '0.880 0.917'
    """
    k, n = _arrays(k, n)
    _refuse(k < 0, k > n, "share", k, "counted", n, "rows")
    n = np.where(n > 0, n, np.nan)
    z2 = normal_quantile(level) ** 2
    middle = k + z2 / 2
    reach = np.sqrt(z2 * (k * (n - k) / n + z2 / 4))
    # At k = 0 and k = n the limit is exactly 0 and 1; rounding must not push it past.
    low = np.where((k == 0) & ~np.isnan(n), 0.0, (middle - reach) / (n + z2))
    high = np.where(k == n, 1.0, (middle + reach) / (n + z2))
    return low, high


def poisson(events: ArrayLike, exposure: ArrayLike = 1.0, level: float = 0.95) -> Limits:
    """Exact limits of a rate: `events` per unit of `exposure` (Garwood, Biometrika 28, 1936).

    With the default exposure, the limits of a count. Raises InputError where events are negative.

    >>> low, high = poisson(50, 1000)
    >>> f"{low:.3f} {high:.3f}"
    '0.037 0.066'
    """
    events, exposure = _arrays(events, exposure)
    _refuse(events < 0, exposure < 0, "rate", events, "events over an exposure of", exposure, "")
    exposure = np.where(exposure > 0, exposure, np.nan)
    tail = _tail(level)
    low = np.where(events > 0, special.gammaincinv(events, tail), 0.0)
    high = special.gammaincinv(events + 1, 1 - tail)
    return low / exposure, high / exposure


def student(
    n: ArrayLike,
    total: ArrayLike,
    total_squares: ArrayLike,
    level: float = 0.95,
    *,
    population: ArrayLike | None = None,
) -> Limits:
    """Student t limits of a mean from count, sum and sum of squares (Student, Biometrika 6, 1908).

    `population` is how many could have answered; with it the variance gets the finite population
    correction (N − n)/(N − 1) (Cochran, *Sampling Techniques*, 1977, section 2.6). One value alone
    says nothing of its spread: NaN.

    >>> low, high = student(3, 12, 50)
    >>> f"{low:.2f} {high:.2f}"
    '1.52 6.48'
    """
    n, total, total_squares = _arrays(n, total, total_squares)
    n = np.where(n > 1, n, np.nan)
    mean = total / n
    variance = np.maximum(total_squares - total * mean, 0.0) / (n - 1)
    if population is not None:
        size = np.asarray(population, dtype=float)
        _refuse(size < n, size < 1, "mean", n, "answers of a population of", size, "")
        variance = variance * (size - n) / (size - 1)
    reach = _student_quantile(n - 1, level) * np.sqrt(variance / n)
    return mean - reach, mean + reach


SAMPLED = 0.05
"""The part of a population from which on an interval knows that the population is finite."""


def finite_population(n: ArrayLike, size: ArrayLike) -> NDArray[np.float64]:
    """The factor on the reach of limits: √((N − n)/(N − 1)), 1 for a small part of many.

    >>> finite_population([1, 50], [100, 100]).round(3).tolist()
    [1.0, 0.711]
    """
    n, size = _arrays(n, size)
    part = np.divide(n, size, out=np.zeros(n.shape), where=size > 0)
    factor = np.sqrt(np.maximum(size - n, 0) / np.maximum(size - 1, 1))
    return np.where(part > SAMPLED, factor, 1.0)


def adjusted_wald_net(
    plus: ArrayLike, minus: ArrayLike, n: ArrayLike, level: float = 0.95
) -> Limits:
    """Limits of a net share, (plus − minus)/n: the NPS as a share of −1..1.

    Adjusted Wald in the manner of Agresti and Coull (*American Statistician* 52, 1998) and of
    Bonett and Price (*J. Educational and Behavioral Statistics* 37, 2012): three answers are added,
    3/4 to plus and 3/4 to minus, and the variance is that of a multinomial, p + d − (p − d)².

    >>> low, high = adjusted_wald_net(21, 3, 30)
    >>> f"{100 * low:.0f} {100 * high:.0f}"
    '31 78'
    """
    plus, minus, n = _arrays(plus, minus, n)
    wrong = (plus < 0) | (minus < 0)
    _refuse(wrong, plus + minus > n, "net", plus + minus, "plus and minus of", n, "answers")
    n = np.where(n > 0, n, np.nan) + 3
    p, d = (plus + 0.75) / n, (minus + 0.75) / n
    reach = normal_quantile(level) * np.sqrt((p + d - (p - d) ** 2) / n)
    return np.maximum(p - d - reach, -1.0), np.minimum(p - d + reach, 1.0)


def ratio_delta(
    over: ArrayLike,
    under: ArrayLike,
    over_squares: ArrayLike,
    products: ArrayLike,
    under_squares: ArrayLike,
    clusters: ArrayLike,
    level: float = 0.95,
) -> Limits:
    """Limits of a ratio of two totals, over/under, where the customer is what varies.

    Each customer has a sum x of the one and y of the other; given are Σx, Σy, Σx², Σxy, Σy² and the
    number of customers. Linearised: the variance of Σ(x − R·y)/Σy between customers, with Student's
    t at clusters − 1 (Cochran, *Sampling Techniques*, 1977, eq. 6.13). One customer, or a total of
    zero underneath: NaN.

    >>> low, high = ratio_delta(10, 4, 38, 15, 6, 3)
    >>> f"{low:.2f} {high:.2f}"
    '1.57 3.43'
    """
    x, y, xx, xy, yy, m = _arrays(over, under, over_squares, products, under_squares, clusters)
    m = np.where(m > 1, m, np.nan)
    y = np.where(y == 0, np.nan, y)
    ratio = x / y
    spread = np.maximum(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
    reach = _student_quantile(m - 1, level) * np.sqrt(m / (m - 1) * spread) / np.abs(y)
    return ratio - reach, ratio + reach


def weighted_share(
    part: ArrayLike,
    whole: ArrayLike,
    part_squares: ArrayLike,
    products: ArrayLike,
    whole_squares: ArrayLike,
    clusters: ArrayLike,
    level: float = 0.95,
) -> Limits:
    """Limits of a share of money: Σx/Σy where each customer's x lies between 0 and y.

    Wilson's score limits of as many customers of equal weight as would vary as much: R(1 − R)/v, v
    the linearised variance of `ratio_delta`, corrected for its degrees of freedom (Korn & Graubard,
    *Survey Methodology* 24, 1998). Where nothing varies, as many as the weights amount to,
    (Σy)²/Σy² (Kish, *Survey Sampling*, 1965, section 11.7). Never outside 0..1. One customer, or a
    total that is not above 0: NaN.

    >>> low, high = weighted_share(60, 160, 1400, 1400, 11400, 4)
    >>> f"{low:.2f} {high:.2f}"
    '0.03 0.93'
    """
    x, y, xx, xy, yy, m = _arrays(part, whole, part_squares, products, whole_squares, clusters)
    usable = (m > 1) & (y > 0) & (x >= 0) & (x <= y * (1 + 1e-12))
    m, y = np.where(usable, m, np.nan), np.where(usable, y, np.nan)
    share = np.minimum(x / y, 1.0)
    spread = m / (m - 1) * np.maximum(xx - 2 * share * xy + share**2 * yy, 0.0) / y**2
    varies = spread > 1e-12 * yy / y**2
    fewer = (normal_quantile(level) / _student_quantile(m - 1, level)) ** 2
    alike = y**2 / yy
    size = fewer * np.where(varies, share * (1 - share) / np.where(varies, spread, 1.0), alike)
    return wilson(share * size, size, level)


def compound_total(total: ArrayLike, total_squares: ArrayLike, level: float = 0.95) -> Limits:
    """Limits of a total when both how many customers come and what each brings may vary.

    Given are Σx and Σx² over customers. The total of a compound Poisson process has variance E[Σx²]
    (Feller, *An Introduction to Probability Theory*, vol. 1, XII.2), which is also what the Poisson
    bootstrap by customer tends to with many replicates; the limits are normal. Where no customer
    brings anything: NaN.

    >>> low, high = compound_total(1000, 10_000)
    >>> f"{low:.0f} {high:.0f}"
    '804 1196'
    """
    total, squares = _arrays(total, total_squares)
    reach = normal_quantile(level) * np.sqrt(np.where(squares > 0, squares, np.nan))
    return total - reach, total + reach


def goodman(counts: ArrayLike, level: float = 0.95) -> Limits:
    """Simultaneous limits of the shares of a multinomial (Goodman, *Technometrics* 7, 1965).

    `counts` has the categories on its last axis, and so have the limits. All shares lie within
    their limits together with at least `level`.

    >>> low, high = goodman([91, 49, 37, 43])
    >>> " ".join(f"{a:.3f}-{b:.3f}" for a, b in zip(low, high))
    '0.334-0.498 0.161-0.300 0.115-0.240 0.137-0.270'
    """
    counts = np.asarray(counts, dtype=float)
    n = counts.sum(axis=-1, keepdims=True)
    _refuse(counts < 0, counts < 0, "share", counts, "counted of", n, "")
    n = np.where(n > 0, n, np.nan)
    chi2 = special.chdtri(1, 2 * _tail(level) / max(counts.shape[-1], 1))
    middle = chi2 + 2 * counts
    reach = np.sqrt(chi2 * (chi2 + 4 * counts * (n - counts) / n))
    scale = 2 * (n + chi2)
    return np.maximum((middle - reach) / scale, 0.0), np.minimum((middle + reach) / scale, 1.0)


def newcombe(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, level: float = 0.95
) -> Limits:
    """Limits of a difference of two shares, k1/n1 − k2/n2, of different customers.

    Hybrid score, method 10 of Newcombe (*Statistics in Medicine* 17, 1998): the two Wilson
    intervals put together.

    >>> low, high = newcombe(56, 70, 48, 80)
    >>> f"{low:.4f} {high:.4f}"
    '0.0524 0.3339'
    """
    k1, n1, k2, n2 = _arrays(k1, n1, k2, n2)
    (low1, high1), (low2, high2) = wilson(k1, n1, level), wilson(k2, n2, level)
    p1, p2 = k1 / np.where(n1 > 0, n1, np.nan), k2 / np.where(n2 > 0, n2, np.nan)
    low = p1 - p2 - np.hypot(p1 - low1, high2 - p2)
    high = p1 - p2 + np.hypot(high1 - p1, p2 - low2)
    return low, high


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(f"level == {level}, must lie between 0 and 1; write 0.95 for 95%")
    return (1 - level) / 2


def _student_quantile(degrees: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    return special.stdtrit(degrees, 1 - _tail(level))


def _arrays(*values: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))


def _refuse(below, above, what: str, part, joint: str, whole, noun: str) -> None:
    """Raise for the first group whose counts cannot be, naming them."""
    wrong = np.atleast_1d(below | above)
    if wrong.any():
        part, whole = np.broadcast_arrays(np.atleast_1d(part), np.atleast_1d(whole))
        first = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        where = f"{part[first]:g} {joint} {'' if 'of' in joint else 'of '}{whole[first]:g} {noun}"
        raise InputError(
            f"a {what} cannot have {where.strip()}; counts must not be negative "
            "nor a part larger than its whole"
        )
