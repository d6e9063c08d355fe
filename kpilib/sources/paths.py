"""From what a user wrote to the files it means. Every path that is read goes through here."""

import os
import stat
from pathlib import Path

from kpilib.errors import InputError, near_miss
from kpilib.sources.trust import inside

_WILD = "*?["


def files_of(
    text: str, base: Path, label: str, endings: tuple[str, ...], within: Path | None = None
) -> tuple[Path, ...]:
    """The files that a path, a folder of parts or a pattern stands for, relative to `base`.

    They lie `within` a folder, where one is given and the source is not trusted.

    A file of exactly that name goes before a pattern. Of a folder all files with one of `endings`
    count, at any depth, but those hidden or in hidden folders (`.…`, `_…`). Raises `InputError`
    that begins with `label` where there is none.
    """
    path = inside(located(text, base, label), None if _wild(text) else within, label)
    there = exists(path, label)
    if there and path.is_dir():
        found = sorted(item for item in path.rglob("*") if _is_part(item, path, endings))
        if not found:
            raise InputError(f"{label}: the folder {path} has no file that can be read")
        return tuple(checked(inside(item, within, label), label) for item in found)
    if there:
        return (checked(inside(path, within, label), label),)
    if not _wild(text):
        raise InputError(f"{label}: there is no {path}{_hint(path)}")
    pattern = Path(text).expanduser()
    root = Path(pattern.anchor) if pattern.is_absolute() else base
    relative = pattern.relative_to(pattern.anchor) if pattern.is_absolute() else pattern
    try:
        found = sorted(item for item in root.glob(str(relative)) if item.is_file())
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"{label}: no pattern of files: {error}") from None
    if not found:
        raise InputError(f"{label}: no file is called like that in {root}")
    return tuple(checked(inside(item, within, label), label) for item in found)


def located(text: str, base: Path, label: str) -> Path:
    """A path relative to `base`; not yet whether anything is there."""
    if "\0" in text:
        raise InputError(f"{label}: a path cannot hold a NUL character")
    try:
        return base / Path(text).expanduser()
    except RuntimeError as error:
        raise InputError(f"{label}: {error}") from None


def checked(path: Path, label: str) -> Path:
    """The path of a regular file that may be read; pipes, devices and loops are refused."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise InputError(f"{label}: {path} cannot be read: {error.strerror}") from None
    if stat.S_ISDIR(mode):
        raise InputError(f"{label}: {path} is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise InputError(f"{label}: {path} is no regular file (a pipe or a device); copy it to one")
    if not os.access(path, os.R_OK):
        raise InputError(f"{label}: {path} cannot be read: Permission denied")
    return path


def exists(path: Path, label: str) -> bool:
    """Whether anything is there; what cannot even be asked for is refused."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(f"{label}: {path} cannot be read: {error.strerror}") from None
    return True


def _is_part(item: Path, folder: Path, endings: tuple[str, ...]) -> bool:
    hidden = any(name[0] in "._" for name in item.relative_to(folder).parts)
    return not hidden and item.name.lower().endswith(endings) and item.is_file()


def _wild(text: str) -> bool:
    return any(sign in text for sign in _WILD)


def _hint(path: Path) -> str:
    beside = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = near_miss(path.name, beside)
    return f"; {hint}" if hint.startswith("did") else ""
