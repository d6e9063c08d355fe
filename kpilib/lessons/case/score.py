"""An answer to a case, held against the sealed truth."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpilib.errors import InputError, near_miss
from kpilib.lessons.case.scenarios import CAUSES
from kpilib.lessons.case.seal import NAME, hashed, size_of, unseal
from kpilib.words import Text, _

ALIKE = 0.8
"""So large a part of all customers named or affected must be both."""
REACH = 0.35
"""A size may be off by this part of it."""

ITEMS = {
    "cause": _("what went wrong"),
    "where": _("for whom"),
    "since": _("since when"),
    "size": _("how large"),
    "customers": _("which customers"),
}


@dataclass(frozen=True)
class Answer:
    """What a learner says; what is None is not said."""

    cause: str
    where: str = ""
    since: str = ""
    size: float | None = None
    customers: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Score:
    """What of an answer is right: item by item, None for what was not said."""

    items: dict[str, bool | None]

    @property
    def passed(self) -> bool:
        """Whether the cause, for whom, and since when are right."""
        return all(self.items[name] for name in ("cause", "where", "since"))

    @property
    def points(self) -> int:
        """How many of the five items are right."""
        return sum(bool(right) for right in self.items.values())

    def texts(self) -> list[Text]:
        """The score in sentences."""
        words = {True: _("{item}: right"), False: _("{item}: not right"), None: _("{item}: –")}
        lines = [words[right].format(item=ITEMS[name]) for name, right in self.items.items()]
        end = _("Passed, {points} of 5.") if self.passed else _("Not yet, {points} of 5.")
        return [*lines, end.format(points=self.points)]


def score(folder: Path, answer: Answer) -> Score:
    """Hold an answer against the sealed truth of the case in a folder.

    Raises InputError for a cause that there is not, and where the folder holds no case.
    """
    if answer.cause not in CAUSES:
        hint = near_miss(answer.cause, CAUSES)
        raise InputError(f"cause {answer.cause!r} is not known; {hint}")
    sealed = unseal(folder / NAME)
    salt = str(sealed["salt"])
    nothing = hashed(salt, "cause", "season") == sealed["cause"]
    size = size_of(sealed)
    return Score(
        {
            "cause": hashed(salt, "cause", answer.cause) == sealed["cause"],
            "where": hashed(salt, "where", answer.where) == sealed["where"],
            "since": nothing or hashed(salt, "since", answer.since) in sealed["since"],
            "size": None
            if answer.size is None
            else abs(answer.size - size) <= max(REACH * size, 0.05),
            "customers": None
            if answer.customers is None
            else _alike(salt, answer.customers, sealed["customers"]),
        }
    )


def _alike(salt: str, named: Iterable[Any], true: list[str]) -> bool:
    """Whether the customers named are the affected ones, near enough; those of all are nobody."""
    mine, theirs = {hashed(salt, "customer", one)[:16] for one in named}, set(true)
    both = mine | theirs
    return not both or len(mine & theirs) / len(both) >= ALIKE
