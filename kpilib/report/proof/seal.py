"""The hashes of a month's files, by which a change made later shows.

A seal finds what was changed by accident or carelessness. Who changes a file and writes the hashes
anew leaves a seal that fits: that the numbers and pages are those of the input is shown by making
them again (`again`), and that the whole folder is the one of then by a copy of the seal kept
elsewhere.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpilib.report.running.reuse import digest

RUN = "run.json"


def files_of(folder: Path) -> dict[str, str]:
    """Path within the folder → the SHA-256 of what lies there, `run.json` left out.

    A link is no file of ours, whatever it leads to.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = "link"
        elif path.is_file() and name != RUN:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def sealed(run: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The record of a run with the hashes of its files, and a hash of the record itself."""
    record = {name: value for name, value in run.items() if name != "seal"}
    record |= {"files": files_of(folder)}
    return record | {"seal": seal_of(record)}


def seal_of(run: Mapping[str, Any]) -> str:
    """The hash of a run's record, but for the seal itself."""
    return digest({name: value for name, value in run.items() if name != "seal"})
