"""A quasi-Newton climb for a handful of coordinates in a box.

scipy's L-BFGS-B does the same, but hands matrices of four rows to a threaded linear algebra, whose
threads cost more than the likelihood when the machine is busy.
"""

from collections.abc import Callable

import numpy as np

Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]

LONGEST = 2.0


def minimise(
    loss: Loss,
    start: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    inverse: np.ndarray,
    *,
    steps: int = 200,
    small: float = 1e-7,
) -> np.ndarray:
    """The point of the box where `loss` (value and gradient) is least, as far as it can be seen.

    `inverse` is a first guess at the inverse of the second derivatives. Stops where the free part
    of the gradient is below `small`, or no step goes down.

    >>> bowl = lambda u: (float(((u - 3) ** 2).sum()), 2 * (u - 3))
    >>> box = -np.ones(2), np.array([9.0, 1.0])
    >>> minimise(bowl, np.zeros(2), *box, np.eye(2)).round(6)
    array([3., 1.])
    """
    u = np.clip(start, low, high)
    value, slope = loss(u)
    guess, fresh = inverse, True
    for _ in range(steps):
        held = ((u <= low) & (slope > 0)) | ((u >= high) & (slope < 0))
        if np.abs(np.where(held, 0.0, slope)).max() < small:
            break
        way = _way(guess, slope, held)
        step = _search(loss, u, value, slope, way, low, high)
        if step is None:
            if fresh:
                break
            guess, fresh = np.eye(len(u)) * min(1.0, 0.1 / np.abs(slope).max()), True
            continue
        new, new_value, new_slope = step
        # What is held does not step: its slope changes with the others and is none of their curve.
        guess = _updated(guess, new - u, np.where(held, 0.0, new_slope - slope))
        u, value, slope, fresh = new, new_value, new_slope, False
    return u


def _way(guess: np.ndarray, slope: np.ndarray, held: np.ndarray) -> np.ndarray:
    free = ~held
    way = np.zeros_like(slope)
    way[free] = -(guess[np.ix_(free, free)] * slope[free]).sum(axis=1)
    if way @ slope >= 0:
        way = np.where(held, 0.0, -slope)
    return way * min(1.0, LONGEST / max(np.abs(way).max(), 1e-300))


def _search(loss, u, value, slope, way, low, high):
    """The first point along `way`, from the full step inwards, that goes down enough.

    None where none does, or by so little that rounding takes it: with few and odd data a climb
    would go on for thousands of such steps.
    """
    for _ in range(30):
        new = np.clip(u + way, low, high)
        new_value, new_slope = loss(new)
        if new_value <= value + 1e-4 * float(slope @ (new - u)) and np.isfinite(new_slope).all():
            return (new, new_value, new_slope) if new_value < value else None
        way = way * 0.3
    return None


def _updated(guess: np.ndarray, step: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The BFGS update of the inverse, left alone where the curvature along the step is not up."""
    along = float(step @ change)
    if along <= 1e-10 * float(np.sqrt((step @ step) * (change @ change))):
        return guess
    turned = (guess * change).sum(axis=1)
    scale = (along + float(change @ turned)) / along**2
    return (
        guess
        + scale * np.outer(step, step)
        - (np.outer(turned, step) + np.outer(step, turned)) / along
    )
