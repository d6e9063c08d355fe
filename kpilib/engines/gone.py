"""Files that are read where they lie, and are gone when their rows are asked for again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from kpilib.errors import InputError


@contextmanager
def naming_what_is_gone(paths: Iterable[Path]) -> Iterator[None]:
    """What DuckDB says meanwhile becomes an InputError that names the file, where one is gone."""
    try:
        yield
    except duckdb.Error:
        for path in paths:
            if not path.exists():
                raise InputError(
                    f"{path} is gone, and its rows were still needed; put it back and read it again"
                ) from None
        raise
