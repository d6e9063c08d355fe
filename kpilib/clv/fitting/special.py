"""Expectations over a beta distribution that stay right where the textbook formulas do not.

The papers write expected purchases through the Gaussian hypergeometric function, divided by
a - 1. That form is 0/0 at a = 1, loses all digits near it, and fails for a + b < 1. Here the same
expectation is an integral of positive terms over the dropout probability p ~ beta(a, b), taken on
the line y = logit p by the trapezoidal rule, which converges exponentially there. Where it is
wanted at many times of customers who are otherwise alike, it is read off a curve through some.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

NODES = 72
NODES_PER_DECADE = 6
DEPTH = 40.0
BISECTIONS = 14
TERMS, TERMS_PER_HALF = 9, 9
"""Terms of a curve, and more for each unit of half its width in log z."""
WIDEST = 6.0
"""Half the width in log z beyond which there is no curve."""
VANISHED = 1e-13
_STIRLING = 16.0

Exactly = Callable[[np.ndarray, np.ndarray], np.ndarray]


def growth(rate: ArrayLike) -> np.ndarray:
    """(1 - exp(-z)) / z, and 1 at z = 0.

    >>> growth([0.0, 1e-20]).tolist()
    [1.0, 1.0]
    """
    z = np.asarray(rate, dtype=float)
    safe = np.where(z == 0, 1.0, z)
    with np.errstate(over="ignore"):
        return np.where(z == 0, 1.0, -np.expm1(-safe) / safe)


def log_rising(z: ArrayLike, m: ArrayLike) -> np.ndarray:
    """log(Gamma(z + m) / Gamma(z)) for z above 0 and m of 0 or more.

    Stirling's series for the difference where z is large: the difference of two logarithms of
    gamma functions has lost its digits there.

    >>> print(log_rising([2.0, 1e15], 1.0).round(6))
    [ 0.693147 34.538776]
    """
    z, m = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(m, dtype=float))
    large, top = np.maximum(z, _STIRLING), np.maximum(z, _STIRLING) + m
    series = (large - 0.5) * np.log1p(m / large) + m * (np.log(top) - 1)
    series += _stirling(top) - _stirling(large)
    return np.where(z >= _STIRLING, series, gammaln(z + m) - gammaln(z))


def psi_rising(z: ArrayLike, m: ArrayLike) -> np.ndarray:
    """The derivative of `log_rising` by z: psi(z + m) - psi(z), psi the digamma function.

    >>> print(psi_rising([2.0, 1e15], 1.0))
    [5.e-01 1.e-15]
    """
    z, m = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(m, dtype=float))
    large, top = np.maximum(z, _STIRLING), np.maximum(z, _STIRLING) + m
    series = np.log1p(m / large) + _psi_rest(large) - _psi_rest(top)
    return np.where(z >= _STIRLING, series, psi(z + m) - psi(z))


def _psi_rest(z: np.ndarray) -> np.ndarray:
    """log(z) - psi(z) for large z."""
    square = (1 / z) ** 2
    return 0.5 / z + square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))


def _stirling(z: np.ndarray) -> np.ndarray:
    """What Stirling's formula for the logarithm of the gamma function leaves out."""
    square = (1 / z) ** 2
    return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / z


def _softplus(y: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, y)


def beta_nodes(a: ArrayLike, b: ArrayLike, knee: ArrayLike = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Nodes p and weights w with sum(w f(p)) = E f(p), p ~ beta(a, b); shapes (..., nodes).

    `f` may change anywhere above p = 1 / knee and must be slowly varying below it; the larger the
    knee, the more nodes there are. Weights add up to 1 in each row.

    >>> p, w = beta_nodes(0.5, 2.0)
    >>> round(float((w * p).sum()), 12)
    0.2
    """
    a, b, knee = np.broadcast_arrays(*(np.asarray(v, dtype=float)[..., None] for v in (a, b, knee)))
    middle = np.log(a / b)
    low = np.minimum(np.minimum(0.0, middle), -np.log1p(knee)) - 1.0
    high = np.maximum(0.0, middle) + 1.0
    depth = DEPTH + np.log1p(knee)

    def line(u):
        left, right = np.exp(low - u), np.exp(u - high)
        return u + right - left, 1.0 + right + left

    def log_density(u):
        y, slope = line(u)
        return -a * _softplus(-y) - b * _softplus(y) + np.log(slope)

    mode = _invert(line, middle, low, high)
    floor = log_density(mode) - depth
    start = _edge(log_density, floor, mode, low - np.log(4 * depth / a + 4))
    stop = _edge(log_density, floor, mode, high + np.log(4 * depth / b + 4))
    nodes = NODES + int(NODES_PER_DECADE * np.log10(1.0 + knee.max(initial=0.0)))
    u = start + (stop - start) * (np.arange(nodes) + 0.5) / nodes
    log_w = log_density(u)
    w = np.exp(log_w - log_w.max(axis=-1, keepdims=True))
    y, _ = line(u)
    return np.exp(-_softplus(-y)), w / w.sum(axis=-1, keepdims=True)


def _invert(line, y, low, high):
    """u with line(u) = y, by bisection between bounds that surely hold it."""
    a, b = low - 1.0 - np.log1p(np.abs(y)), high + 1.0 + np.log1p(np.abs(y))
    for _ in range(BISECTIONS):
        u = (a + b) / 2
        below = line(u)[0] < y
        a, b = np.where(below, u, a), np.where(below, b, u)
    return (a + b) / 2


def _edge(log_density, floor, inner, outer):
    """A point between the mode and `outer`, near where the density has fallen to `floor`."""
    for _ in range(BISECTIONS):
        u = (inner + outer) / 2
        under = log_density(u) < floor
        outer, inner = np.where(under, u, outer), np.where(under, inner, u)
    return outer


def purchases_while_alive(
    shape: ArrayLike, rate: ArrayLike, a: ArrayLike, b: ArrayLike, t: ArrayLike
) -> np.ndarray:
    """Expected purchases in the next t of a customer who is alive now.

    Purchases come at rate lambda ~ gamma(shape, rate) and each is the last with probability
    p ~ beta(a, b): the expectation of (1 - exp(-lambda p t)) / p. All arrays of one dimension
    and one length, except a, which may be a number.

    >>> purchases_while_alive([1.0], [2.0], 1e-9, [1.0], [3.0]).round(6)
    array([1.5])
    """
    shape, rate, b, t = np.broadcast_arrays(*map(np.atleast_1d, (shape, rate, b, t)))
    a = np.broadcast_to(np.asarray(a, dtype=float), shape.shape)
    z = t / rate
    keys, key = _distinct(shape, a, b)
    widest = np.zeros(keys.shape[1])
    np.maximum.at(widest, key, z)
    p, w = beta_nodes(keys[1], keys[2], np.maximum(keys[0], 1.0) * widest)

    def exactly(key: np.ndarray, z: np.ndarray) -> np.ndarray:
        out = np.empty(len(z))
        for at in range(0, len(z), 16384):
            part = slice(at, at + 16384)
            rows = key[part]
            grown = _damped(p[rows], z[part, None], keys[0, rows, None])
            out[part] = (w[rows] * grown).sum(axis=-1)
        return out

    return _along_curves(exactly, key, z, keys.shape[1])


def _along_curves(exactly: Exactly, key: np.ndarray, z: np.ndarray, keys: int) -> np.ndarray:
    """`exactly(key, z)`, read off a smooth curve for each key that is asked for many z.

    The logarithm of the expectation over z is analytic in log z, in a strip of half-width pi / 2
    about the line: a Chebyshev series of some dozens of terms has it to the last digits. A curve
    whose last terms have not vanished is not used.
    """
    some = z > 0
    u = np.log(z, out=np.full(len(z), np.nan), where=some)
    low, high = np.full(keys, np.inf), np.full(keys, -np.inf)
    np.fmin.at(low, key, u)
    np.fmax.at(high, key, u)
    half, size = np.maximum((high - low) / 2, 1e-3), np.bincount(key[some], minlength=keys)
    many = np.flatnonzero((size > 2 * TERMS) & (half < WIDEST))
    terms = TERMS + int(TERMS_PER_HALF * half[many].max(initial=0.0))
    many = many[size[many] > 2 * terms]
    middle, half = (high[many] + low[many]) / 2, half[many]
    angles = np.pi * (np.arange(terms) + 0.5) / terms
    at = np.exp(middle[:, None] + half[:, None] * np.cos(angles))
    curve = np.log(exactly(np.repeat(many, terms), at.ravel()).reshape(at.shape) / at)
    series = 2 / terms * np.cos(np.outer(np.arange(terms), angles)) @ curve.T
    series[0] /= 2
    good = np.abs(series[-3:]).max(axis=0) < VANISHED
    place = np.full(keys, -1)
    place[many[good]] = np.flatnonzero(good)
    of = place[key]
    out, drawn = np.empty(len(z)), (of >= 0) & some
    out[~drawn] = exactly(key[~drawn], z[~drawn])
    of = of[drawn]
    out[drawn] = z[drawn] * np.exp(_chebyshev(series, of, (u[drawn] - middle[of]) / half[of]))
    return out


def _chebyshev(series: np.ndarray, of: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The sum at each x in [-1, 1] of one of the series, which are columns (Clenshaw)."""
    above, here, double = np.zeros(len(x)), np.zeros(len(x)), 2 * x
    for terms in series[:0:-1]:
        above, here = here, terms[of] + double * here - above
    return series[0][of] + x * here - above


def _distinct(shape: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct columns of the three, and the place of each given one; often shape tells all."""
    _, first, inverse = np.unique(shape, return_index=True, return_inverse=True)
    if all((row[first][inverse] == row).all() for row in (a, b)):
        return np.stack([shape[first], a[first], b[first]]), inverse
    keys, inverse = np.unique(np.stack([shape, a, b]), axis=1, return_inverse=True)
    return keys, inverse.ravel()


def _damped(p: np.ndarray, z: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """(1 - (1 + p z)^-shape) / p, without loss where p z is small."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = -np.expm1(-shape * np.log1p(p * z)) / p
    return np.where(p * z * shape > 1e-290, value, shape * z)
