"""How well a score tells apart who it is about, and whether its chances come true."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from kpilib.errors import InputError
from kpilib.statistics.intervals import normal_quantile, wilson

Floats = NDArray[np.float64]


class Area(NamedTuple):
    """The area under the ROC curve: how often one with the outcome scores above one without."""

    value: float
    low: float
    high: float


class Calibration(NamedTuple):
    """Log odds of the outcome = intercept + slope × log odds predicted; 0 and 1 where chances come
    true. A slope below 1 says that they are too far apart."""

    slope: float
    low: float
    high: float
    intercept: float


def area_under_curve(score: ArrayLike, outcome: ArrayLike, level: float = 0.95) -> Area:
    """The area with its limits (DeLong, DeLong & Clarke-Pearson, *Biometrics* 44, 1988).

    Equal scores count half. Raises InputError where only one outcome occurs.

    >>> area = area_under_curve([1, 2, 3, 4], [False, True, False, True])
    >>> area.value
    0.75
    """
    score, y = _checked(score, outcome)
    n1, n0 = int(y.sum()), int((~y).sum())
    all_ranks = _ranks(score)
    above = (all_ranks[y] - _ranks(score[y])) / n0
    below = 1 - (all_ranks[~y] - _ranks(score[~y])) / n1
    value = float(above.mean())
    parts = [v.var(ddof=1) / len(v) if len(v) > 1 else np.nan for v in (above, below)]
    reach = normal_quantile(level) * float(np.sqrt(sum(parts)))
    return Area(value, max(value - reach, 0.0), min(value + reach, 1.0))


def calibration(probability: ArrayLike, outcome: ArrayLike, level: float = 0.95) -> Calibration:
    """The slope and intercept of the outcome on the log odds predicted (Cox, *Biometrika* 1958).

    The intercept is that of a slope of 1 (calibration in the large). Raises InputError where only
    one outcome occurs.
    """
    p, y = _checked(probability, outcome)
    x = logit(np.clip(p, 1e-6, 1 - 1e-6))
    design = np.column_stack([np.ones(len(x)), x])
    found, curve = _logistic(design, y, np.zeros(len(x)))
    large, _ = _logistic(design[:, :1], y, x)
    reach = normal_quantile(level) * float(np.sqrt(np.linalg.inv(curve)[1, 1]))
    slope = float(found[1])
    return Calibration(slope, slope - reach, slope + reach, float(large[0]))


def lift(score: ArrayLike, outcome: ArrayLike, share: float = 0.1) -> float:
    """How many times more often the outcome occurs in the top `share` than in all.

    Rows of equal score at the cut count in part.

    >>> lift([4, 3, 2, 1], [True, False, False, True], share=0.5)
    1.0
    """
    score, y = _checked(score, outcome)
    wanted = share * len(y)
    cut = np.sort(score)[::-1][max(int(np.ceil(wanted)) - 1, 0)]
    above, at = score > cut, score == cut
    part = (wanted - above.sum()) / at.sum()
    return float((y[above].sum() + part * y[at].sum()) / wanted / y.mean())


def deciles(probability: ArrayLike, outcome: ArrayLike, parts: int = 10) -> pd.DataFrame:
    """Predicted and observed by tenths of the prediction, the highest first.

    `decile`, `customers`, `predicted` (mean), `observed` with Wilson's `low` and `high`, `lift`
    (observed over the rate of all). Equal predictions are cut in the order given.
    """
    p, y = _checked(probability, outcome)
    order = np.argsort(-p, kind="stable")
    part = np.empty(len(p), np.int64)
    part[order] = np.arange(len(p)) * parts // len(p)
    n = np.bincount(part, minlength=parts)
    k = np.bincount(part, y, minlength=parts)
    low, high = wilson(k, n)
    some = np.maximum(n, 1)
    return pd.DataFrame(
        {
            "decile": np.arange(1, parts + 1),
            "customers": n,
            "predicted": np.bincount(part, p, minlength=parts) / some,
            "observed": k / some,
            "low": low,
            "high": high,
            "lift": k / some / y.mean(),
        }
    )


def _logistic(design: Floats, y: NDArray[np.bool_], offset: Floats) -> tuple[Floats, Floats]:
    """Coefficients by Newton's steps, and the information at them."""
    found = np.zeros(design.shape[1])
    for _ in range(50):
        p = expit(design @ found + offset)
        curve = (design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(design.shape[1])
        step = np.linalg.solve(curve, design.T @ (y - p))
        found = found + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-10:
            break
    return found, curve


def _ranks(score: Floats) -> Floats:
    """Places in order from 1 on, those of equal scores their mean."""
    return np.asarray(pd.Series(score).rank(), float)


def _checked(score: ArrayLike, outcome: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    values, y = np.asarray(score, float), np.asarray(outcome, bool)
    if len(values) != len(y):
        raise InputError(f"{len(values)} scores for {len(y)} outcomes; give one of each per row")
    if not y.any() or y.all():
        raise InputError(
            f"all {len(y)} rows have the same outcome; to judge a score needs both outcomes"
        )
    return values, y
