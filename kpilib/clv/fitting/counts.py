"""Purchase histories compressed to distinct (frequency, recency, T) triples with counts."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from kpilib.clv.fitting.arguments import as_column, check_time_unit, ratio, refuse
from kpilib.clv.fitting.distinct import compress, dot
from kpilib.errors import InputError

CHUNK = 1_000_000


@dataclass(frozen=True, eq=False)
class Counts:
    """Distinct purchase histories and how many customers share each: all a model needs to be fit.

    `frequency` counts repeat purchase days, `recency` is the age at the last of them (0 without
    one), `T` the age at the end of observation, both in `time_unit`; `weights` is the number of
    customers with that history. Rows are sorted by frequency, then T, then recency. `left_out`
    counts customers with T = 0, whose history says nothing. Two counts are added with `+`, so
    that partitions or months can be counted apart and fit together.

    Make one with `Counts.from_arrays`.

    >>> monday = Counts.from_arrays([0, 2, 0], [0, 5, 0], [9, 9, 9])
    >>> both = monday + Counts.from_arrays([2, 0], [5, 0], [9, 0])
    >>> both.weights, both.customers, both.left_out
    (array([2., 2.]), 4.0, 1.0)
    """

    frequency: np.ndarray
    recency: np.ndarray
    T: np.ndarray
    weights: np.ndarray
    time_unit: str = "days"
    left_out: float = 0.0
    customers: float = field(init=False)

    def __post_init__(self) -> None:
        check_time_unit(self.time_unit)
        object.__setattr__(self, "customers", float(self.weights.sum()))

    @classmethod
    def from_arrays(
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        time_unit: str = "days",
    ) -> "Counts":
        """Check and compress one row per customer (or per history, with `weights` of each).

        Raises an InputError that names the column, the value and the row where frequency is
        negative, fractional or missing, recency is negative, above T or not 0 exactly where
        frequency is 0, T is negative or missing, or a weight is negative.
        """
        columns = [
            as_column(v, k)
            for k, v in zip(("frequency", "recency", "T"), (frequency, recency, T), strict=True)
        ]
        if weights is not None:
            columns.append(as_column(weights, "weights"))
        rows = len(columns[0])
        if any(len(column) != rows for column in columns):
            lengths = ", ".join(str(len(column)) for column in columns)
            raise InputError(
                f"frequency, recency, T (and weights) have different lengths: {lengths}; "
                "give one of each per customer"
            )
        if rows == 0:
            raise InputError(
                "there are no customers: frequency, recency and T are empty; "
                "give one row per customer"
            )
        parts, left_out = [], 0.0
        for start in range(0, rows, CHUNK):
            x, t_x, age, *rest = (column[start : start + CHUNK] for column in columns)
            _check(x, t_x, age, rest[0] if rest else None, start)
            n = rest[0] if rest else None
            if (seen := age > 0).all() and n is None:
                parts.append(compress((x, age, t_x)))
                continue
            if n is not None:
                seen &= n > 0
            left_out += float((age == 0).sum() if n is None else n[age == 0].sum())
            parts.append(compress((x[seen], age[seen], t_x[seen]), None if n is None else n[seen]))
        return cls._merge(parts, check_time_unit(time_unit), left_out)

    @classmethod
    def _merge(cls, parts: list, time_unit: str, left_out: float) -> "Counts":
        if len(parts) > 1:
            (x, age, t_x), n = compress(
                tuple(np.concatenate([part[0][i] for part in parts]) for i in range(3)),
                np.concatenate([part[1] for part in parts]),
            )
        else:
            (x, age, t_x), n = parts[0]
        x, t_x, age, n = (np.asarray(c, dtype=float) for c in (x, t_x, age, n))
        return cls(x, t_x, age, n, time_unit, left_out)

    def __add__(self, other: "Counts") -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        if other.time_unit != self.time_unit:
            raise InputError(
                f"counts in {self.time_unit} and in {other.time_unit} cannot be added; "
                f"bring one over with .in_unit({self.time_unit!r})"
            )
        parts = [((c.frequency, c.T, c.recency), c.weights) for c in (self, other)]
        return self._merge(parts, self.time_unit, self.left_out + other.left_out)

    def __len__(self) -> int:
        return len(self.frequency)

    def in_unit(self, time_unit: str) -> "Counts":
        """The same histories with recency and T in another unit of time."""
        k = ratio(self.time_unit, time_unit)
        return Counts(
            self.frequency, self.recency * k, self.T * k, self.weights, time_unit, self.left_out
        )

    @property
    def repeat_buyers(self) -> float:
        """Customers with at least one repeat purchase."""
        return float(self.weights[self.frequency > 0].sum())

    @property
    def purchases(self) -> float:
        """Repeat purchases of all customers."""
        return dot(self.weights, self.frequency)


def _check(
    x: np.ndarray, t_x: np.ndarray, age: np.ndarray, n: np.ndarray | None, start: int
) -> None:
    named = {"frequency": x, "recency": t_x, "T": age} | ({} if n is None else {"weights": n})
    for name, column in named.items():
        if column.dtype.kind == "f":
            refuse(~np.isfinite(column), name, column, start, "must be a finite number")
        refuse(column < 0, name, column, start, "must not be negative")
    if x.dtype.kind == "f":
        refuse(
            x != np.floor(x), "frequency", x, start, "must be a whole number of repeat purchases"
        )
    refuse(t_x > age, "recency", t_x, start, "is after the end of observation, T")
    refuse((x == 0) & (t_x > 0), "recency", t_x, start, "must be 0 where frequency is 0")
    refuse(
        (x > 0) & (t_x == 0), "recency", t_x, start, "must be above 0 where frequency is above 0"
    )
