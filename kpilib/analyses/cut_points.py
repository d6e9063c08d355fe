"""Where RFM scores change: found once, saved as JSON, read back and used month after month.

Equal values get equal scores, and a higher value never a lower score. The lowest value scores 1 and
the highest the most there is; a value between scores by the middle of its rank, so that the many of
one value fall neither to the bottom nor to the top. Without ties these are the quantiles. Where all
values are equal, nothing tells customers apart, and all score as the lowest (in recency: the best).
"""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.errors import InputError
from kpilib.words import Text

SCORES = 5
FEWEST, MOST = 3, 10
"""How many scores there may be."""


def cut_values(value: ArrayLike, n: ArrayLike, scores: int = SCORES) -> tuple[float, ...]:
    """Where the scores of n customers at each value change: as many points as scores less one.

    A score counts the points that a value lies beyond. Values are distinct and rise.

    >>> cut_values([1, 3], [10, 90])
    (1.0, 1.0, 1.0, 1.0)
    >>> cut_values(range(1, 11), [1] * 10)
    (2.0, 4.0, 6.0, 8.0)
    """
    value, n = np.asarray(value, dtype=float), np.asarray(n, dtype=float)
    if len(value) == 1:
        return (float(value[0]),) * (scores - 1)
    middle = (np.cumsum(n) - n / 2) / n.sum()
    score = 1 + np.floor(scores * middle + 1e-12)
    score[0], score[-1] = 1, scores
    places = np.searchsorted(score, np.arange(1, scores), side="right") - 1
    return tuple(float(one) for one in value[places])


@dataclass(frozen=True)
class CutPoints:
    """Where scores change: rising cut points, one fewer than scores, and the window they are for.

    With four of them, for five scores: a recency (days since the last purchase) of at most the
    first cut point scores 5; a frequency (purchase days) or money (net revenue) above the last one
    scores 5.

    >>> cuts = CutPoints((7, 30, 90, 180), (1, 2, 4, 8), (20.0, 50.0, 120.0, 400.0), 12, "2026-10")
    >>> CutPoints.from_json(cuts.to_json()) == cuts
    True
    """

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    money: tuple[float, ...]
    months: int
    """The length of the window, up to the close of the period asked for."""
    found_in: str
    """The period whose customers they are the quantiles of."""

    def __post_init__(self) -> None:
        if not FEWEST <= self.scores <= MOST:
            raise InputError(
                f"cut points for {self.scores} scores; give {FEWEST} to {MOST}, so "
                f"{FEWEST - 1} to {MOST - 1} cut points each"
            )
        for name in ("recency", "frequency", "money"):
            points = getattr(self, name)
            if len(points) != self.scores - 1 or list(points) != sorted(points):
                raise InputError(
                    f"cut points of {name} are {list(points)}; give {self.scores - 1} numbers that "
                    "rise"
                )
        if self.months < 1:
            raise InputError(f"cut points for {self.months} months; give a window of 1 or more")

    @property
    def scores(self) -> int:
        """How many scores there are: one more than cut points."""
        return len(self.recency) + 1

    def to_json(self) -> str:
        """The cut points as JSON text."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "CutPoints":
        """Cut points from the text that `to_json` gave; InputError where it is not such text."""
        try:
            found = json.loads(text)
            points = {name: tuple(found[name]) for name in ("recency", "frequency", "money")}
            return cls(**points, months=found["months"], found_in=found["found_in"])
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"cut points cannot be read ({type(error).__name__}: {error}); "
                "save them anew with CutPoints.save"
            ) from None

    def table(self) -> pd.DataFrame:
        """What each score means, a row per measure.

        >>> cuts = CutPoints((7, 30, 90, 180), (1, 2, 4, 8), (20, 50, 120, 400), 12, "2026-10")
        >>> cuts.table()
                       1         2        3       4      5
        scored
        recency    > 180  91 … 180  31 … 90  8 … 30    ≤ 7
        frequency    ≤ 1         2    3 … 4   5 … 8    > 8
        money       ≤ 20      ≤ 50    ≤ 120   ≤ 400  > 400
        """
        rows = {
            "recency": _ranges(self.recency)[::-1],
            "frequency": _ranges(self.frequency),
            "money": [_bound("≤", point) for point in self.money] + [_bound(">", self.money[-1])],
        }
        names = [str(n) for n in range(1, self.scores + 1)]
        return pd.DataFrame.from_dict(rows, "index", columns=names).rename_axis("scored")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the JSON to a file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "CutPoints":
        """Read them from a file that `save` wrote."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"cut points {str(path)!r}: {error.strerror}; save them first"
            ) from None
        return cls.from_json(text)


def _bound(sign: str, point: float) -> Text:
    """A limit that is written as the language writes numbers."""
    return Text("{sign} {point}").format(sign=sign, point=point)


def _ranges(points: tuple[float, ...]) -> list[Text]:
    """What whole numbers lie between the cut points, lowest first."""
    inner = [
        Text("{low} … {high}").format(low=low + 1, high=high)
        if high > low + 1
        else Text("{high}").format(high=high)
        if high > low
        else Text("–")
        for low, high in pairwise(points)
    ]
    return [_bound("≤", points[0]), *inner, _bound(">", points[-1])]
