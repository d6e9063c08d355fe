"""How long until something happens that has not happened to all yet: median and 90th percentile."""

from dataclasses import dataclass
from typing import ClassVar

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from kpilib.engines.expressions import known, one_where
from kpilib.statistics.statistic import COLUMNS, OfRows, Source
from kpilib.statistics.survival import KaplanMeier


@dataclass(frozen=True, eq=False)
class Wait(OfRows):
    """The Kaplan–Meier median of a wait; those that are not over count as waiting at least so long.

    `lasted` is the wait so far, in any unit, `ended` says whether its end was seen. The value has
    log-log limits; `p90` with its limits, and how many ended (under the name `met`) and are `open`
    stand in the details. Each is missing where the curve has not fallen so far.
    """

    lasted: nw.Expr
    ended: nw.Expr
    met: str = "ended"
    kind: ClassVar[str] = "duration"

    def listing(self) -> nw.LazyFrame:
        """The waits, with `counted` telling which ended."""
        return self.rows.filter(known(self.lasted)).with_columns(counted=self.ended)

    def sources(self) -> tuple[Source, ...]:
        """Ended and open rows per length, gathered into one list per group."""
        rows = self.rows.with_columns(lasted=self.lasted).filter(known(nw.col("lasted")))
        terms = {"ended": one_where(self.ended), "open": one_where(~self.ended)}
        return (Source(rows, terms, per="lasted"),)

    def estimate(self, *tables: pd.DataFrame) -> pd.DataFrame:
        """The curve's numbers, one row per group."""
        (lists,) = tables
        columns = (lists[name] for name in ("lasted", "ended", "open"))
        rows = [self._curve(*row) for row in zip(*columns, strict=True)]
        names = [*COLUMNS, "p90", "p90_low", "p90_high", self.met, "open"]
        return pd.DataFrame(rows, index=lists.index, columns=names)

    def _curve(
        self, lasted: np.ndarray, ended: np.ndarray, unfinished: np.ndarray
    ) -> dict[str, float | None]:
        met, still = float(ended.sum()), float(unfinished.sum())
        counts = {"n": met + still, self.met: met, "open": still}
        if not met + still:
            return dict.fromkeys((*COLUMNS, "p90", "p90_low", "p90_high")) | counts
        curve = KaplanMeier.from_counts(lasted, ended, unfinished)
        median, p90 = curve.median(), curve.quantile(0.9)
        return {
            "value": median.value,
            "low": median.low,
            "high": median.high,
            "numerator": None,
            "denominator": None,
            "p90": p90.value,
            "p90_low": p90.low,
            "p90_high": p90.high,
            **counts,
        }
