"""A `kpilib.toml` proposed for files nobody has described, and what is not sure about it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, near_miss
from kpilib.loading.proposal.propose import Proposal, propose

__all__ = ["Proposal", "init", "propose"]

SETTINGS = ("currency", "time_zone", "date_format")
"""What may be decided beside columns."""


def init(
    files: Sequence[str | Path],
    to: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    force: bool = False,
) -> Proposal:
    """Propose a settings file for `files`, and write it to `to` where that is given."""
    for name in settings or {}:
        if name not in SETTINGS:
            raise InputError(f"{name!r} cannot be decided here; {near_miss(name, SETTINGS)}")
    place = Path(to) if to is not None else Path("kpilib.toml")
    if to is not None and place.exists() and not force:
        raise InputError(f"{place} is there already; choose another with --to, or --force it")
    if not place.parent.is_dir():
        raise InputError(f"{place}: there is no folder {place.parent}")
    proposal = propose(files, place, columns, settings)
    if to is not None:
        place.write_text(proposal.toml, encoding="utf-8")
    return proposal
