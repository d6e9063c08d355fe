"""Covariates of customers as a matrix of numbers: categories become contrasts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpilib.clv.fitting.arguments import as_column, as_table, refuse
from kpilib.errors import InputError, near_miss


@dataclass(frozen=True)
class Design:
    """The columns of a table of covariates: None for a number, else the categories in order.

    >>> design = Design.of(pd.DataFrame({"channel": ["web", "shop"], "age": [31, 64]}))
    >>> design.names
    ('channel=web', 'age')
    >>> design.matrix(pd.DataFrame({"channel": ["web"], "age": [40]}))
    array([[ 1., 40.]])
    """

    columns: tuple[tuple[str, tuple[str, ...] | None], ...]

    @classmethod
    def of(cls, covariates: pd.DataFrame) -> "Design":
        """The design of a table; an InputError names what is missing or does not vary."""
        covariates = as_table(covariates, "covariates")
        if not len(covariates.columns):
            raise InputError("covariates must be a table with at least one column")
        if not covariates.columns.is_unique:
            twice = covariates.columns[covariates.columns.duplicated()][0]
            raise InputError(f"covariate {twice!r} is given twice; rename or drop one")
        covariates = covariates.rename(columns=str)
        out: list[tuple[str, tuple[str, ...] | None]] = []
        for name in covariates.columns:
            column = covariates[name]
            if column.nunique(dropna=False) < 2:
                raise InputError(f"covariate {name!r} does not vary; leave it out")
            _check_missing(str(name), column)
            if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
                out.append((str(name), None))
            else:
                out.append((str(name), tuple(sorted(column.astype(str).unique()))))
        return cls(tuple(out))

    @property
    def names(self) -> tuple[str, ...]:
        """A name per column of the matrix."""
        out: list[str] = []
        for name, levels in self.columns:
            out += [name] if levels is None else [f"{name}={level}" for level in levels[1:]]
        return tuple(out)

    def matrix(self, covariates: pd.DataFrame) -> np.ndarray:
        """Rows of numbers for a table with the same columns; shape (rows, len(names))."""
        covariates = as_table(covariates, "covariates").rename(columns=str)
        parts = []
        for name, levels in self.columns:
            if name not in covariates.columns:
                offer = near_miss(name, map(str, covariates.columns))
                raise InputError(f"covariate {name!r} is missing; {offer}")
            column = covariates[name]
            _check_missing(name, column)
            if levels is None:
                number = as_column(column, name).astype(float)
                refuse(~np.isfinite(number), f"covariate {name!r}", number, 0, "must be finite")
                parts.append(number)
                continue
            text = column.astype(str).to_numpy()
            for value in set(text) - set(levels):
                raise InputError(f"{name} {value!r} was not in the fit; {near_miss(value, levels)}")
            parts += [(text == level).astype(float) for level in levels[1:]]
        return np.column_stack(parts)


def _check_missing(name: str, column: pd.Series) -> None:
    missing = int(column.isna().sum())
    if missing:
        raise InputError(
            f"covariate {name!r} is missing for {missing} customers; fill or drop them"
        )
