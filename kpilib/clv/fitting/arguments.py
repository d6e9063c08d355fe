"""What callers hand to the models, checked in one place and refused by name, value and remedy.

The units of time a model can count in are among it.
"""

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.errors import InputError, near_miss

DAYS_IN = {"days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}
"""Days in one of each unit; a month is a twelfth of a year of 365.25 days."""

PERIODS = "periods"
"""The unit of models that count renewals or opportunities instead of days."""


def as_numbers(values: ArrayLike, name: str) -> np.ndarray:
    """`values` as an array of real numbers, missing ones as NaN, or an InputError that names it.

    >>> as_numbers([1, None, 3], "T")
    array([ 1., nan,  3.])
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(float), np.nan)
    try:
        array = np.asarray(values)
        if array.dtype.kind in "mMc":
            raise TypeError
        if array.dtype.kind not in "iuf":
            array = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"{name} must hold numbers, got {_shown(values)}; "
            "times count days (or another unit) from the first purchase"
        ) from None
    return array


def as_column(values: ArrayLike, name: str) -> np.ndarray:
    """The same as a column of one dimension."""
    array = as_numbers(values, name)
    if array.ndim > 1:
        raise InputError(
            f"{name} must be a column of numbers, got shape {array.shape}; give one per customer"
        )
    return np.atleast_1d(array)


def at_least(values: ArrayLike, name: str, least: float = 0.0, *, whole: bool = False) -> Any:
    """`values` of any shape as finite floats of `least` or more, whole ones where asked for.

    >>> at_least([0, 2.5], "t")
    array([0. , 2.5])
    """
    array = as_numbers(values, name).astype(float)
    good = np.isfinite(array) & (array >= least)
    if whole:
        good &= array == np.floor(array)
    if not good.all():
        kind = "whole number" if whole else "finite number"
        first = array.ravel()[int(np.argmin(good.ravel()))]
        raise InputError(
            f"{name} must be a {kind} of {least:g} or more, got {first:g}; "
            "correct or leave out such values"
        )
    return array


def one_number(value: Any, name: str, least: float = 0.0, *, whole: bool = False) -> float:
    """The same for a single number."""
    array = at_least(value, name, least, whole=whole)
    if array.ndim:
        raise InputError(f"{name} must be one number, got {_shown(value)}; call once for each")
    return float(array)


def as_level(level: Any) -> float:
    """The coverage of an interval, between 0 and 1."""
    try:
        value = float(level)
    except (TypeError, ValueError):
        value = np.nan
    if not 0 < value < 1:
        raise InputError(f"level is {level}; it must lie between 0 and 1, as in 0.95")
    return value


def generator(seed: Any) -> np.random.Generator:
    """The generator of random numbers that a seed gives."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InputError(
            f"seed is {seed!r}; give a whole number of 0 or more, or None for another run each time"
        ) from None


def of_kind(value: Any, kind: type, make: str) -> None:
    """Refuse `value` unless it is of the class; `make` says how to get one."""
    if not isinstance(value, kind):
        raise InputError(f"{kind.__name__} is needed, got {_shown(value)}; make it with {make}")


def as_table(values: Any, name: str) -> pd.DataFrame:
    """A pandas table from any eager data frame, or an InputError."""
    if isinstance(values, pd.DataFrame):
        return values
    try:
        return nw.from_native(values, eager_only=True).to_pandas()
    except TypeError:
        raise InputError(
            f"{name} must be a table, got {_shown(values)}; give a data frame with named columns"
        ) from None


def refuse(bad: np.ndarray, name: str, column: np.ndarray, start: int, why: str) -> None:
    """Raise an InputError that names the first row of `column` where `bad` holds."""
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"{name} {why}: row {start + row} has {column[row]} ({int(bad.sum())} such rows); "
            "correct or leave out these customers"
        )


def _shown(values: Any) -> str:
    """What was given, in a few words."""
    dtype = getattr(values, "dtype", None)
    if dtype is not None and np.ndim(values):
        return f"{type(values).__name__} of {dtype}"
    text = repr(values)
    return text if len(text) <= 40 else type(values).__name__


def check_time_unit(unit: str) -> str:
    """`unit` itself where it is known, an InputError that offers the nearest otherwise.

    >>> check_time_unit("weeks")
    'weeks'
    """
    if not isinstance(unit, str) or (unit not in DAYS_IN and unit != PERIODS):
        raise InputError(f"time_unit {unit!r} is not known; {near_miss(unit, [*DAYS_IN, PERIODS])}")
    return unit


def ratio(unit: str, other: str) -> float:
    """How many of `other` there are in one `unit`; both must be units of calendar time.

    >>> ratio("weeks", "days")
    7.0
    """
    check_time_unit(unit)
    check_time_unit(other)
    if unit == other:
        return 1.0
    if PERIODS in (unit, other):
        raise InputError(f"{unit} cannot be turned into {other}: a period has no length in days")
    return DAYS_IN[unit] / DAYS_IN[other]
