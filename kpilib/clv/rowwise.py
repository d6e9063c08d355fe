"""Log-likelihoods of single histories with parameters that may differ by row, and their slopes."""

import numpy as np
from scipy.special import expit, gammaln, psi

from kpilib.clv.pareto_integral import log_leaving

Terms = tuple[np.ndarray, np.ndarray]
"""Log-likelihood per row, shape (n,), and its derivatives by the four parameters, (4, n)."""


def geometric_rows(
    theta: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, first_chance: int
) -> Terms:
    """BG/NBD (`first_chance` 0) or MBG/NBD (1); `theta` holds r, alpha, a, b as rows."""
    r, alpha, a, b = theta
    chances, shape, total = x + first_chance, r + x, a + b
    log_T, log_t = np.log(alpha + age), np.log(alpha + t_x)
    last = np.maximum(chances, 1)
    odds = np.log(a / (b + last - 1)) + shape * (log_T - log_t)
    odds = np.where(chances == 0, -np.inf, odds)
    gone = expit(odds)
    value = gammaln(shape) - gammaln(r) + r * np.log(alpha) - shape * log_T
    value += gammaln(total) - gammaln(b) + gammaln(b + chances) - gammaln(total + chances)
    value += np.logaddexp(0, odds)
    fade = psi(total) - psi(total + chances)
    return value, np.array([
        psi(shape) - psi(r) + np.log(alpha) - log_T + gone * (log_T - log_t),
        r / alpha - shape * ((1 - gone) / (alpha + age) + gone / (alpha + t_x)),
        fade + gone / a,
        fade + psi(b + chances) - psi(b) - gone / (b + last - 1),
    ])  # fmt: skip


def pareto_rows(theta: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> Terms:
    """Pareto/NBD; `theta` holds r, alpha, s, beta as rows."""
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
