"""The coordinates a model is fitted in: unbounded, nearly independent, and tame at the edges.

A model names its parameters in groups. `rate` is a gamma's (shape, rate), seen as the log of the
mean and the log of the shape; `share` is a beta's (a, b), seen as the logit of a / (a + b) and
the log of a + b; `log` is one positive number, seen as its logarithm.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

SIZE = {"rate": 2, "share": 2, "log": 1}
LIMIT = {"rate": (14.0, 9.0), "share": (11.0, 9.0), "log": (14.0,)}
PRIOR = {
    "rate": ((None, 3.0), (0.0, 2.0)),
    "share": ((-1.0, 2.5), (1.0, 2.0)),
    "log": ((1.0, 2.5),),
}
"""Mean and standard deviation of the weak normal prior; None is a mean taken from the data."""


@dataclass(frozen=True)
class Space:
    """The free coordinates of a model whose parameters come in these groups.

    >>> space = Space(("rate", "share"))
    >>> space.to_natural(space.to_free([0.243, 4.414, 0.793, 2.426])).round(3)
    array([0.243, 4.414, 0.793, 2.426])
    """

    groups: tuple[str, ...]

    def __len__(self) -> int:
        return sum(SIZE[group] for group in self.groups)

    def _walk(self):
        at = 0
        for group in self.groups:
            yield group, slice(at, at + SIZE[group])
            at += SIZE[group]

    def to_free(self, theta) -> np.ndarray:
        """Free coordinates of natural parameters; the last axis holds the parameters."""
        theta = np.asarray(theta, dtype=float)
        out = np.empty_like(theta)
        for group, at in self._walk():
            part = theta[..., at]
            new: tuple[np.ndarray, ...]
            if group == "rate":
                log_shape = np.log(part[..., 0])
                new = (log_shape - np.log(part[..., 1]), log_shape)
            elif group == "share":
                total = part.sum(axis=-1)
                new = (np.log(part[..., 0]) - np.log(part[..., 1]), np.log(total))
            else:
                new = (np.log(part[..., 0]),)
            out[..., at] = np.stack(new, axis=-1)
        return out

    def to_natural(self, u) -> np.ndarray:
        """Natural parameters of free coordinates; the last axis holds the parameters."""
        u = np.asarray(u, dtype=float)
        out = np.empty_like(u)
        for group, at in self._walk():
            part = u[..., at]
            new: tuple[np.ndarray, ...]
            if group == "rate":
                new = (np.exp(part[..., 1]), np.exp(part[..., 1] - part[..., 0]))
            elif group == "share":
                total = np.exp(part[..., 1])
                new = (expit(part[..., 0]) * total, expit(-part[..., 0]) * total)
            else:
                new = (np.exp(part[..., 0]),)
            out[..., at] = np.stack(new, axis=-1)
        return out

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        """Derivatives of the natural parameters (rows) by the free coordinates (columns)."""
        theta = self.to_natural(u)
        out = np.zeros((len(u), len(u)))
        for group, at in self._walk():
            first, second = theta[at][0], theta[at][-1]
            if group == "rate":
                block = np.array([[0.0, first], [-second, second]])
            elif group == "share":
                tilt = first * second / (first + second)
                block = np.array([[tilt, first], [-tilt, second]])
            else:
                block = np.array([[first]])
            out[at, at] = block
        return out

    def prior(self, rates: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Means and deviations of the weak prior; `rates` are the means of the `rate` groups."""
        known = iter(rates)
        pairs = [pair for group in self.groups for pair in PRIOR[group]]
        means = [np.log(next(known)) if mean is None else mean for mean, _ in pairs]
        return np.array(means), np.array([sd for _, sd in pairs])

    def bounds(self, centre: np.ndarray) -> list[tuple[float, float]]:
        """A wide box around the prior's centre, outside which nothing can be told apart."""
        widths = [width for group in self.groups for width in LIMIT[group]]
        return [(c - w, c + w) for c, w in zip(centre, widths, strict=True)]
