"""pandas and Arrow at the border of an engine: frames going in, small results coming out."""

from typing import Any

import pandas as pd

from kpilib.errors import InputError


def scannable(table: pd.DataFrame) -> pd.DataFrame:
    """A shallow copy with text names, its columns of mixed objects made text.

    The copy shares its values until either side writes, so later changes to the user's frame do
    not reach it. An index that has a name becomes a column.

    >>> scannable(pd.DataFrame({"id": pd.Series([7, "7b", None], dtype="object")}))["id"].tolist()
    ['7', '7b', nan]
    """
    named = any(name is not None for name in table.index.names)
    shown = table.reset_index() if named else table.reset_index(drop=True)
    names = [str(name) for name in shown.columns]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"the frame has two columns called {name!r}; rename one of them")
    shown.columns = pd.Index(names)
    for place, name in enumerate(names):
        values = shown.iloc[:, place]
        if isinstance(values.dtype, pd.CategoricalDtype):
            texts = pd.api.types.is_string_dtype(values.cat.categories.dtype)
            values = values.astype("str" if texts else object)
        if pd.api.types.is_object_dtype(values.dtype):
            shown[name] = _uniform(values)
        elif isinstance(values.dtype, pd.PeriodDtype):
            shown[name] = values.dt.start_time
        elif isinstance(shown.dtypes.iloc[place], pd.CategoricalDtype):
            shown[name] = values
    return shown


def _uniform(values: pd.Series) -> pd.Series:
    """Objects of one kind in that kind's type, others as text."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("date", "datetime", "datetime64", "boolean", "empty"):
        return values
    if kind == "integer":
        return values.astype("Int64")
    if kind in ("floating", "mixed-integer-float", "decimal"):
        return values.astype("float64")
    if kind == "string":
        return values.astype("str")
    return values.map(_text, na_action="ignore").astype("str")


def _text(value: Any) -> str:
    """An object as text; a whole float as the whole number that it was before it met a NaN."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """A small result in int64, float64, bool and str, missing numbers as NaN.

    >>> plain(pd.DataFrame({"n": pd.array([1, None], dtype="Int32")}))["n"].dtype
    dtype('float64')
    """
    for name, dtype in table.dtypes.items():
        values = table[name]
        if pd.api.types.is_bool_dtype(dtype):
            if isinstance(dtype, pd.BooleanDtype) and not values.isna().any():
                table[name] = values.astype(bool)
        elif pd.api.types.is_integer_dtype(dtype):
            table[name] = values.astype("float64" if values.isna().any() else "int64")
        elif pd.api.types.is_float_dtype(dtype):
            table[name] = values.astype("float64")
        elif pd.api.types.is_object_dtype(dtype):
            kind = pd.api.types.infer_dtype(values, skipna=True)
            if kind in ("string", "empty"):
                table[name] = values.astype("str")
            elif kind == "decimal":
                table[name] = values.astype("float64")
    return table


def arrow_source(table: Any) -> Any:
    """Arrow batches from a relation, a Polars frame, an Ibis table or an Arrow table."""
    for stream in ("to_arrow_reader", "fetch_record_batch", "to_pyarrow_batches"):
        if hasattr(type(table), stream):
            return getattr(table, stream)()
    if hasattr(type(table), "toArrow"):
        return table.toArrow()
    if hasattr(type(table), "collect"):
        table = table.collect()
    return table.to_arrow() if hasattr(type(table), "to_arrow") else table
