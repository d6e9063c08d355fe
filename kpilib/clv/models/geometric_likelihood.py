"""Log-likelihood of BG/NBD and MBG/NBD on compressed counts, with its gradient."""

import numpy as np
from scipy.special import expit, gammaln, psi

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import dot


class GeometricLikelihood:
    """From (r, alpha, a, b) to the log-likelihood of `counts` and its four derivatives.

    Equation (6) of Fader, Hardie & Lee 2005 for `first_chance` 0; equation (5) of Batislam et al.
    2007 for 1. Gamma functions are taken per distinct frequency, logarithms per distinct T and
    recency, and customers without a repeat purchase enter BG/NBD only through a histogram of T.
    """

    def __init__(self, counts: Counts, first_chance: int) -> None:
        self.first = first_chance
        once = 0 if first_chance else int(np.searchsorted(counts.frequency, 0, side="right"))
        self.zero_T, place = np.unique(counts.T[:once], return_inverse=True)
        self.zero_n = np.bincount(place, counts.weights[:once], minlength=len(self.zero_T))
        self.x, self.n = counts.frequency[once:], counts.weights[once:]
        self.T, self.at_T = _places(counts.T[once:])
        self.t, self.at_t = _places(counts.recency[once:])
        self.starts = np.flatnonzero(np.diff(self.x, prepend=-1))
        self.each_x = self.x[self.starts]
        self.each_n = np.add.reduceat(self.n, self.starts) if len(self.x) else np.zeros(0)
        self.sizes = np.diff(self.starts, append=len(self.x))
        self.n_T = np.bincount(self.at_T, self.n, minlength=len(self.T))
        self.nx_T = np.bincount(self.at_T, self.n * self.x, minlength=len(self.T))
        self.customers = counts.customers

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood and its gradient at (r, alpha, a, b)."""
        r, alpha, a, b = theta
        value, slope = self._buying(r, alpha)
        leaving_value, leaving_slope = self._leaving(r, alpha, a, b)
        return value + leaving_value, slope + leaving_slope

    def _buying(self, r: float, alpha: float) -> tuple[float, np.ndarray]:
        """Terms of customers who are still there, but for the chances of having stayed."""
        log_T, log_zero = np.log(alpha + self.T), np.log(alpha + self.zero_T)
        exponent = r * self.n_T + self.nx_T
        log_alpha = np.log(alpha)
        value = (
            self.customers * r * log_alpha
            + self.each_n @ (gammaln(r + self.each_x) - gammaln(r))
            - exponent @ log_T
            - r * (self.zero_n @ log_zero)
        )
        by_r = (
            self.customers * log_alpha
            + self.each_n @ (psi(r + self.each_x) - psi(r))
            - self.n_T @ log_T
            - self.zero_n @ log_zero
        )
        by_alpha = (
            self.customers * r / alpha
            - exponent @ (1 / (alpha + self.T))
            - r * (self.zero_n @ (1 / (alpha + self.zero_T)))
        )
        return value, np.array([by_r, by_alpha, 0.0, 0.0])

    def _leaving(self, r: float, alpha: float, a: float, b: float) -> tuple[float, np.ndarray]:
        """Chances of having stayed, and the odds of having left at the last purchase."""
        chances = self.each_x + self.first
        total = a + b
        value = self.each_n @ (
            gammaln(total) - gammaln(b) + gammaln(b + chances) - gammaln(total + chances)
        )
        fade = psi(total) - psi(total + chances)
        by_a = self.each_n @ fade
        by_b = self.each_n @ (fade + psi(b + chances) - psi(b))
        if not len(self.x):
            return value, np.array([0.0, 0.0, by_a, by_b])
        span = np.log(alpha + self.T)[self.at_T] - np.log(alpha + self.t)[self.at_t]
        shape = r + self.x
        odds = shape * span + np.repeat(np.log(a / (b + (chances - 1))), self.sizes)
        small = np.exp(-np.abs(odds))
        value += dot(self.n, np.maximum(odds, 0) + np.log1p(small))
        gone = np.where(odds > 0, 1.0, small)
        gone *= self.n
        gone /= 1 + small
        gap = (1 / (alpha + self.T))[self.at_T] - (1 / (alpha + self.t))[self.at_t]
        by_x = np.add.reduceat(gone, self.starts)
        shape *= gone
        slope = [
            dot(gone, span),
            dot(shape, gap),
            by_a + gone.sum() / a,
            by_b - by_x @ (1 / (b + (chances - 1))),
        ]
        return value, np.array(slope)


def _places(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values, and where each value stands among them."""
    distinct, place = np.unique(values, return_inverse=True)
    return distinct, place.astype(np.int32)


def geometric_rows(
    theta: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray, first_chance: int
) -> tuple[np.ndarray, np.ndarray]:
    """BG/NBD (`first_chance` 0) or MBG/NBD (1); `theta` holds r, alpha, a, b as rows.

    Returns the log-likelihood per row, shape (n,), and its derivatives by the four, (4, n).
    """
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
