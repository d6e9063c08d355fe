"""Small cells kept back from tables: `[privacy] least` says how many cases a shown number needs.

A cell that counts fewer than that, and is not empty, goes with all other numbers of its row. Where
one row alone would go, so that it could be had by subtracting the others from their total, the
next smallest goes with it.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd

_WORDS = """
    again answered at_risk bought bought_control both control converted customers eligible
    invitations invited lost n orders reached referred respondents retained retained_control
    retained_treated rows rows_before rows_now size treated watched
"""
COUNTS = frozenset(_WORDS.split())
"""Columns that count customers or cases."""

_ABOUT = "age break_even cohorts days from_hours generation least part tau to_hours window"
KEYS = frozenset(_ABOUT.split())
"""Columns of numbers that say what a row is about."""

_APART = ("attribution", "dimension", "preset", "weights", "group", "age")
"""Columns by whose values a table falls into tables of their own, each with its total."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


def without_small_cells(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """The table without the numbers of rows that count fewer than `least` cases.

    A list of customers stays as it is: each of its rows is one customer, and says so.

    >>> counted = pd.DataFrame({"tier": ["A", "B", "C"], "customers": [9, 2, 5], "share": 0.5})
    >>> without_small_cells(counted, 3)["customers"].tolist()
    [9.0, nan, nan]
    """
    counts = [name for name in table.columns if name in COUNTS]
    if least <= 1 or not counts or "customer_id" in table.columns or table.empty:
        return table
    cells = table[counts].astype("float64").to_numpy()
    smallest = np.where(cells > 0, cells, np.inf).min(axis=1)
    apart = [name for name in _APART if name in table.columns]
    hidden = np.zeros(len(table), bool)
    places = pd.Series(range(len(table)))
    groups = places.groupby([table[name].to_numpy() for name in apart]) if apart else None
    for one in [places] if groups is None else [some for _, some in groups]:
        own = one.to_numpy()
        hidden[own] = to_hide(smallest[own], least)
    numbers = [
        name
        for name in table.columns
        if name not in KEYS
        and pd.api.types.is_numeric_dtype(table[name].dtype)
        and not pd.api.types.is_bool_dtype(table[name].dtype)
    ]
    if not hidden.any():
        return table
    kept = table.astype(dict.fromkeys(numbers, "float64"))
    kept.loc[hidden, numbers] = np.nan
    kept.attrs = dict(table.attrs)
    return kept


def to_hide(cases: Sequence[float] | np.ndarray, least: int) -> np.ndarray:
    """Which of the parts of one total are kept back; `cases` is the smallest count of each.

    Nothing that is kept back can be had by subtraction: there are two such parts at least, with as
    many cases as `least` between them, where there are so many.

    >>> to_hide([9, 2, 5, 0], 3).tolist(), to_hide([9, 1, 1], 5).tolist()
    ([False, True, True, False], [True, True, True])
    """
    cells = np.nan_to_num(np.asarray(cases, "float64"), nan=0.0, posinf=0.0)
    hidden = (cells > 0) & (cells < least)
    while hidden.any() and (hidden.sum() < 2 or cells[hidden].sum() < least):
        left = np.where(~hidden & (cells > 0), cells, np.inf)
        if not np.isfinite(left).any():
            break
        hidden[int(left.argmin())] = True
    return hidden


def keeps_small_cells_back(function: _Function) -> _Function:
    """A function of `(base, …)` whose table has no small cells, as the base's settings say."""

    @wraps(function)
    def asked(base: Any, *given: Any, **options: Any) -> pd.DataFrame:
        table = function(base, *given, **options)
        return without_small_cells(table, base.settings.privacy.least)

    return asked  # type: ignore[return-value]
