"""Whether a source may reach beyond its own folder: what a stranger wrote may not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from kpilib.contract.vocabulary.endings import ENDINGS
from kpilib.errors import InputError

_TRUSTED: ContextVar[bool] = ContextVar("trusted", default=False)

_SYSTEM = ("/etc", "/proc", "/sys", "/dev", "/run", "/boot", "/usr", "/var/lib", "/var/log")

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
    """The path, where it may be read by what stands in `folder`; any where that is None.

    That is a file of the folder itself, or a data file elsewhere that is named in full: who wrote
    such a name knows this machine. Nobody climbs out by `..`, and what is hidden, the system's own
    or no file of data stays closed. Raises `InputError` that begins with `label` for any other, but
    for a trusted source.
    """
    if folder is None or _TRUSTED.get():
        return path
    home, real = Path(os.path.realpath(folder)), Path(os.path.realpath(path))
    if real.is_relative_to(home) or (_named_in_full(path, folder) and _open_data(real, home)):
        return path
    raise InputError(
        f"{label}: {path} lies outside {home}, and beyond its folder a source reads only data "
        f"files that it names in full; {REMEDY}"
    )


def _named_in_full(path: Path, folder: Path) -> bool:
    """Whether the way out of the folder is a path from the root, or a link to one."""
    if ".." in path.parts:
        return False
    here = Path(os.path.abspath(folder))
    whole = Path(os.path.abspath(path))
    if not whole.is_relative_to(here):
        return True
    steps = [one for one in (whole, *whole.parents) if one.is_relative_to(here) and one != here]
    links = [Path(os.readlink(one)) for one in steps if one.is_symlink()]
    return bool(links) and all(link.is_absolute() and ".." not in link.parts for link in links)


def _open_data(real: Path, home: Path) -> bool:
    """Whether it is a folder or a file of data, neither hidden nor the system's own."""
    common = Path(os.path.commonpath([real, home]))
    hidden = any(part.startswith(".") for part in real.relative_to(common).parts)
    system = any(real.is_relative_to(root) for root in _SYSTEM)
    return not hidden and not system and (real.is_dir() or real.name.lower().endswith(ENDINGS))
