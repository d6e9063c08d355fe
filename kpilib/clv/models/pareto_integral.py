"""The Pareto/NBD's integral over the moment of leaving, without hypergeometric functions.

A customer with x purchases who left at some age tau between two ages contributes

    integral of s beta^s (beta + tau)^-(s + 1) (1 + tau / alpha)^-(r + x) d tau,

the common factor alpha^-(r + x) being left out, so that little is lost where ages are short.

The paper writes it as a difference of two Gaussian hypergeometric functions, which overflow or
cancel for frequent buyers. The integrand is positive and falls; in y = log(1 + d (tau - start)),
d a little above its rate of fall at the start, it is analytic within pi of the real axis, and
Gauss-Legendre nodes converge fast.
"""

from functools import lru_cache

import numpy as np
from scipy.special import expit, gammaln, psi

RULES = (8, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192)
DEPTH = 42.0
BLOCK = 400_000
SMALL = 40_000


@lru_cache(maxsize=16)
def _legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, w / 2


def log_leaving(
    theta: np.ndarray | tuple, x: np.ndarray, start: np.ndarray, stop: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log of the integral from `start` to `stop`, and its derivatives by r, alpha, s, beta.

    `theta` is (r, alpha, s, beta), each a number or an array as long as x. Returns arrays of
    shape (n,) and (4, n); an empty stretch gives -inf and zeros.
    """
    x, start, stop, r, alpha, s, beta = np.broadcast_arrays(x, start, stop, *theta)
    value, slope = np.full(len(x), -np.inf), np.zeros((4, len(x)))
    a0, b0, shape = alpha + start, beta + start, r + x
    fall = (s + 1) / b0 + (shape + 1) / a0
    with np.errstate(over="ignore"):
        # Beyond these, what is left of the integral has fallen by DEPTH, not the integrand only.
        far = np.minimum(
            a0 * np.expm1(DEPTH / np.maximum(shape - 1, 1e-3)), b0 * np.expm1(DEPTH / s)
        )
        far = np.minimum(far, np.maximum(a0, b0) * np.expm1(DEPTH / (shape + s)))
    length = np.log1p(fall * np.minimum(stop - start, far))
    need = np.searchsorted(RULES, np.minimum(3.8 * length + 3, RULES[-1]))
    if len(x) * RULES[need.max(initial=0)] <= SMALL:
        need[:] = need.max(initial=0)  # one pass costs less than several smaller ones
    for rule in np.unique(need[length > 0]):
        nodes, weights = _legendre(RULES[rule])
        mine = np.flatnonzero((need == rule) & (length > 0))
        size = max(1, BLOCK // len(nodes))
        for block in np.split(mine, range(size, len(mine), size)):
            value[block], slope[:, block] = _integrate(
                nodes, weights, length[block], fall[block], shape[block],
                *(v[block] for v in (alpha, s, beta, start)),
            )  # fmt: skip
    return value, slope


def _integrate(nodes, weights, length, fall, shape, alpha, s, beta, start):
    a0, b0 = alpha + start, beta + start
    y = nodes[:, None] * length
    ahead = np.expm1(y) / fall
    up_a, up_b = np.log1p(ahead / a0), np.log1p(ahead / b0)
    f = np.exp(y - (s + 1) * up_b - shape * up_a)
    f *= weights[:, None]
    total = f.sum(axis=0)
    f /= total
    log_a, log_b = np.log1p(start / alpha), np.log1p(start / beta)
    value = np.log(s / b0) - s * log_b - shape * log_a + np.log(length * total / fall)
    tau = start + ahead
    slope = np.array([
        -log_a - (f * up_a).sum(axis=0),
        shape / alpha * (f * (tau / (a0 + ahead))).sum(axis=0),
        1 / s - log_b - (f * up_b).sum(axis=0),
        (f * ((s * tau - beta) / (b0 + ahead))).sum(axis=0) / beta,
    ])  # fmt: skip
    return value, slope


def log_count_while_leaving(
    theta: tuple[float, float, float, float], n: np.ndarray, t: np.ndarray
) -> np.ndarray:
    """Log of the integral of (tau / alpha)^n (1 + tau / alpha)^-(r + n) times the density, 0 to t.

    The density is that of leaving at tau, s beta^s (beta + tau)^-(s + 1).
    Taken over log tau, where the integrand is log-concave, in six Gauss-Legendre panels between
    the points where it has fallen to nothing. `n` and `t` are arrays of one length, t above 0.
    """
    r, alpha, s, beta = theta

    def log_f(v):
        in_a, in_b = v - np.log(alpha), v - np.log(beta)
        lean_a, lean_b = np.logaddexp(0.0, in_a), np.logaddexp(0.0, in_b)
        return n * (in_a - lean_a) - r * lean_a + in_b - (s + 1) * lean_b

    def rising(v):
        share_a, share_b = 1 / (1 + alpha * np.exp(-v)), 1 / (1 + beta * np.exp(-v))
        return (n + 1) - (r + n) * share_a - (s + 1) * share_b > 0

    end = np.log(t)
    bottom = np.minimum(end, np.log(min(alpha, beta))) - 90.0
    peak = _bisect(rising, bottom, end)
    floor = log_f(peak) - DEPTH
    low = _bisect(lambda v: log_f(v) < floor, bottom, peak)
    high = _bisect(lambda v: log_f(v) >= floor, peak, end)
    nodes, weights = _legendre(32)
    places = (np.arange(6)[:, None] + nodes).ravel()[:, None] / 6
    f = np.tile(weights, 6)[:, None] / 6 * np.exp(log_f(low + places * (high - low)) - log_f(peak))
    with np.errstate(divide="ignore"):
        return np.log(s) + log_f(peak) + np.log((high - low) * f.sum(axis=0))


def _bisect(left_of, low, high):
    """The point where `left_of` turns false, or `high` where it never does."""
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    for _ in range(52):
        middle = (low + high) / 2
        true = left_of(middle)
        low, high = np.where(true, middle, low), np.where(true, high, middle)
    return high


def pareto_rows(
    theta: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pareto/NBD; `theta` holds r, alpha, s, beta as rows.

    Returns the log-likelihood per row, shape (n,), and its derivatives by the four, (4, n).
    """
    r, alpha, s, beta = theta
    shape = r + x
    stay = -s * np.log1p(age / beta) - shape * np.log1p(age / alpha)
    leave, leave_slope = log_leaving(theta, x, t_x, age)
    both = np.logaddexp(stay, leave)
    stay_slope = np.array([
        -np.log1p(age / alpha),
        shape * age / (alpha * (alpha + age)),
        -np.log1p(age / beta),
        s * age / (beta * (beta + age)),
    ])  # fmt: skip
    slope = expit(stay - leave) * stay_slope + expit(leave - stay) * leave_slope
    slope[0] += psi(shape) - psi(r)
    slope[1] -= x / alpha
    return gammaln(shape) - gammaln(r) - x * np.log(alpha) + both, slope
