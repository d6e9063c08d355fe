"""The customers of a valuation as arrays, and the groups in which they are added up."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from kpilib.clv.fitting.counts import Counts
from kpilib.clv.fitting.distinct import distinct_rows
from kpilib.clv.fitting.spend import Spend


@dataclass(frozen=True, eq=False)
class People:
    """The customers as arrays, their distinct histories, and the groups they belong to."""

    summary: pd.DataFrame
    x: np.ndarray
    total: np.ndarray
    distinct: tuple[np.ndarray, np.ndarray, np.ndarray]
    place: np.ndarray
    segment: np.ndarray
    segments: list[str]
    cohort: np.ndarray
    cohorts: list[str]

    @classmethod
    def of(cls, summary: pd.DataFrame, by: str | None, closes: int) -> "People":
        """The customers of a summary that ends before the day `closes`, in segments of `by`."""
        x, t_x, age = (summary[c].to_numpy(float) for c in ("frequency", "recency", "T"))
        (x1, age1, t1), place = distinct_rows(x, age, t_x)
        spent = np.maximum(summary["monetary_value"].to_numpy(float), 0.0) * x
        segment, segments = np.zeros(len(x), dtype=int), pd.Index(["all"])
        if by is not None:
            segment, segments = pd.factorize(summary[by].astype("str"), sort=True)
        first = (closes - 1 - age1).astype("datetime64[D]")
        months, cohort = np.unique(first.astype("datetime64[M]"), return_inverse=True)
        cohort = cohort[place]
        cohorts = months.astype("str")
        return cls(summary, x, spent, (x1, t1, age1), place, segment, list(segments),
                   cohort, list(cohorts))  # fmt: skip

    def part(self, where: np.ndarray) -> "People":
        """Those at some places, in the same segments and cohorts."""
        if len(where) == len(self.x):
            return self
        history = (column[self.place[where]] for column in self.distinct)
        (x1, t1, age1), place = distinct_rows(*history)
        return replace(
            self, summary=self.summary.iloc[where], x=self.x[where], total=self.total[where],
            distinct=(x1, t1, age1), place=place, segment=self.segment[where],
            cohort=self.cohort[where],
        )  # fmt: skip

    def counts(self) -> Counts:
        """Their histories, counted."""
        return Counts.from_arrays(*self.distinct, np.bincount(self.place))

    def spend(self) -> Spend | None:
        """What they spent when they bought again, or None where nobody did with money above 0."""
        mean = self.summary["monetary_value"].to_numpy(float)
        if not ((self.x > 0) & (mean > 0)).any():
            return None
        return Spend.from_arrays(self.x, mean)

    def table(self, by: str | None) -> pd.DataFrame:
        """A row each: who they are, their cohort and their history."""
        first = ["customer_id", *([by] if by else [])]
        rest = ["frequency", "recency", "T", "monetary_value"]
        table = self.summary[first].copy()
        table["cohort"] = pd.array(self.cohorts, dtype="str").take(self.cohort)
        return pd.concat([table, self.summary[rest]], axis=1)


def cells_of(people: People) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each customer the cell of history and segment, and for each cell what it holds.

    The month of the first purchase follows from T, so the cohort needs no cell of its own.
    """
    wide = len(people.segments)
    if wide == 1:
        histories = np.arange(len(people.distinct[0]))
        cohort = np.empty(len(histories), dtype=int)
        cohort[people.place] = people.cohort
        return people.place, (histories, np.zeros_like(histories), cohort)
    keys, first, cell = np.unique(
        people.place * wide + people.segment, return_index=True, return_inverse=True
    )
    return cell, (keys // wide, keys % wide, people.cohort[first])


def membership_of(
    segment: np.ndarray, cohort: np.ndarray, segments: int, cohorts: int
) -> csr_matrix:
    """Cells by groups: the total, the segments, the cohorts."""
    n = len(segment)
    columns = np.concatenate([np.zeros(n, dtype=int), 1 + segment, 1 + segments + cohort])
    shape = (n, 1 + segments + cohorts)
    return csr_matrix((np.ones(3 * n), (np.tile(np.arange(n), 3), columns)), shape=shape)
