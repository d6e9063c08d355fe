"""Whether a source may reach beyond its own folder: what a stranger wrote may not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from kpilib.errors import InputError

_TRUSTED: ContextVar[bool] = ContextVar("trusted", default=False)

REMEDY = "if you know who wrote it, add --trust-source (in Python trust=True)"
"""What opens the way, as errors say it."""


@contextmanager
def trusted(value: bool = True) -> Iterator[None]:
    """Sources opened meanwhile may name files outside their folder, and views of a database."""
    token = _TRUSTED.set(value or _TRUSTED.get())
    try:
        yield
    finally:
        _TRUSTED.reset(token)


def is_trusted() -> bool:
    """Whether sources opened now are trusted."""
    return _TRUSTED.get()


def inside(path: Path, folder: Path | None, label: str) -> Path:
    """The path, which lies in `folder` once every link is followed, where one is given.

    Raises `InputError` that begins with `label` for any other, but for a trusted source.
    """
    if folder is None or _TRUSTED.get():
        return path
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise InputError(
            f"{label}: {path} lies outside {os.path.realpath(folder)}, and a source reads nothing "
            f"beyond its folder; {REMEDY}"
        )
    return path
