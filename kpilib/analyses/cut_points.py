"""Where RFM scores change: found once, saved as JSON, read back and used month after month."""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path

import pandas as pd

from kpilib.errors import InputError

SCORES = 5


@dataclass(frozen=True)
class CutPoints:
    """Where scores change: four rising cut points each, and the window they are for.

    A recency (days since the last purchase) of at most the first cut point scores 5; a frequency
    (purchase days) or money (net revenue) above the last one scores 5.

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
    """The period whose customers they are the quintiles of."""

    def __post_init__(self) -> None:
        for name in ("recency", "frequency", "money"):
            points = getattr(self, name)
            if len(points) != SCORES - 1 or list(points) != sorted(points):
                raise InputError(
                    f"cut points of {name} are {list(points)}; give {SCORES - 1} numbers that rise"
                )
        if self.months < 1:
            raise InputError(f"cut points for {self.months} months; give a window of 1 or more")

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
        recency    > 180  91 … 180  31 … 90  8 … 30    ≤ 7
        frequency    ≤ 1         2    3 … 4   5 … 8    > 8
        money       ≤ 20      ≤ 50    ≤ 120   ≤ 400  > 400
        """
        rows = {
            "recency": _ranges(self.recency)[::-1],
            "frequency": _ranges(self.frequency),
            "money": [f"≤ {point:g}" for point in self.money] + [f"> {self.money[-1]:g}"],
        }
        return pd.DataFrame.from_dict(rows, "index", columns=[str(n) for n in range(1, SCORES + 1)])

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


def _ranges(points: tuple[float, ...]) -> list[str]:
    """What whole numbers lie between the cut points, lowest first."""
    inner = [
        f"{low + 1:g} … {high:g}" if high > low + 1 else f"{high:g}" if high > low else "–"
        for low, high in pairwise(points)
    ]
    return [f"≤ {points[0]:g}", *inner, f"> {points[-1]:g}"]
