"""Where a run has laid down what its processes share: prepared data and fitted models."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

PREPARED = "KPILIB_PREPARED"
"""The environment variable that names the folder, in the processes of a run."""
ANSWERS = "answers"
"""The folder in it of what was answered, for who asks the same."""


def prepared_folder() -> Path | None:
    """The folder of the run that this process belongs to, or None outside of any."""
    name = os.environ.get(PREPARED)
    return Path(name) if name else None


def file_of(name: str, *asked: Any) -> str:
    """The file for what is `asked` under a name."""
    digest = hashlib.sha256(repr(asked).encode()).hexdigest()[:16]
    return f"{name}-{digest}.json"


def lay(place: Path, found: Any) -> None:
    """Lay something of JSON's types down at one stroke, where that can be written."""
    part = place.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        part.replace(place)


def laid(place: Path) -> Any:
    """What a process of the run has laid down there, or None."""
    with suppress(OSError, ValueError):
        return json.loads(place.read_text(encoding="utf-8"))


def once(place: Path | None, compute: Callable[[], Any]) -> Any:
    """What `compute` gives, in JSON's types, by whichever process asks for it first."""
    found = laid(place) if place else None
    if found is None:
        found = compute()
        if place:
            lay(place, found)
    return found
