"""Distinct rows of a few numeric columns, with counts, without a data frame."""

import numpy as np

Columns = tuple[np.ndarray, ...]
SPARE = 2**62


def compress(columns: Columns, weights: np.ndarray | None = None) -> tuple[Columns, np.ndarray]:
    """The distinct rows of `columns`, sorted by the first, then the second, …, and their weights.

    Whole numbers are packed into one integer key and sorted as such; anything else is sorted
    column by column.

    >>> compress((np.array([2, 1, 2]), np.array([5, 7, 5])))
    ((array([1, 2]), array([7, 5])), array([1., 2.]))
    """
    packing = _packing(columns)
    if packing is None:
        order = np.lexsort(columns[::-1])
        first = _first_of_run(*(column[order] for column in columns))
        total = _totals(first, None if weights is None else weights[order])
        return tuple(column[order[first]] for column in columns), total
    key = _pack(columns, packing)
    if weights is None:
        key.sort()
    else:
        order = np.argsort(key, kind="stable")
        key, weights = key[order], weights[order]
    first = _first_of_run(key)
    total = _totals(first, weights)
    return _unpack(key[first], packing, columns), total


def distinct_rows(*columns: np.ndarray) -> tuple[Columns, np.ndarray]:
    """The distinct rows of `columns`, and for each given row the place of its like among them.

    >>> distinct_rows(np.array([2, 1, 2]), np.array([5, 7, 5]))
    ((array([1, 2]), array([7, 5])), array([1, 0, 1]))
    """
    packing = _packing(columns)
    if packing is None:
        order = np.lexsort(columns[::-1])
        first = _first_of_run(*(column[order] for column in columns))
    else:
        key = _pack(columns, packing)
        order = np.argsort(key, kind="stable")
        first = _first_of_run(key[order])
    inverse = np.empty(len(order), dtype=np.intp)
    inverse[order] = np.cumsum(first) - 1
    return tuple(column[order[first]] for column in columns), inverse


def dot(left: np.ndarray, right: np.ndarray) -> float:
    """The sum of products of two long columns, in this thread.

    The `@` of numpy wakes the threads of its linear algebra, which on a busy machine costs many
    times the sum itself.

    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", left, right))


def _packing(columns: Columns) -> list[int] | None:
    """The radix of each column where all hold whole numbers that fit one key, else None."""
    spans, room = [], 1
    for column in columns:
        if not len(column):
            return [1] * len(columns)
        top = column.max()
        if top >= SPARE or column.min() < 0:
            return None
        spans.append(int(top) + 1)
        room *= spans[-1]
        if room > SPARE:
            return None
        if column.dtype.kind not in "iu" and (column != np.floor(column)).any():
            return None
    return spans


def _pack(columns: Columns, packing: list[int]) -> np.ndarray:
    small = np.prod([float(span) for span in packing]) < 2**32
    key = np.zeros(len(columns[0]), dtype=np.uint32 if small else np.int64)
    for column, span in zip(columns, packing, strict=True):
        np.multiply(key, key.dtype.type(span), out=key)
        np.add(key, column.astype(key.dtype), out=key)
    return key


def _unpack(key: np.ndarray, packing: list[int], columns: Columns) -> Columns:
    out = []
    for column, span in zip(columns[::-1], packing[::-1], strict=True):
        key, rest = np.divmod(key, key.dtype.type(span))
        out.append(rest.astype(column.dtype))
    return tuple(out[::-1])


def _first_of_run(*columns: np.ndarray) -> np.ndarray:
    first = np.ones(len(columns[0]), dtype=bool)
    if len(first):
        first[1:] = False
        for column in columns:
            first[1:] |= column[1:] != column[:-1]
    return first


def _totals(first: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    starts = np.flatnonzero(first)
    if weights is None:
        return np.diff(starts, append=len(first)).astype(float)
    return np.add.reduceat(weights.astype(float), starts) if len(starts) else np.zeros(0)
