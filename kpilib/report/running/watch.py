"""Who is told how a run goes on, and what it is told at the beginning."""

from dataclasses import dataclass
from typing import Protocol

from kpilib.report.page.facts import Facts
from kpilib.report.running.execute import Execution


@dataclass(frozen=True)
class Plan:
    """What a run is about to do."""

    count: int
    """Notebooks to execute."""
    reused: tuple[str, ...]
    """Notebooks taken over from an earlier run of the very same."""
    jobs: int
    """How many are executed at a time."""
    seconds: float | None
    """What it will take, from what it took last time; None where that is not known."""
    carried: str = ""
    """What was taken over of earlier periods, and why not all, in the run's language."""


class Watch(Protocol):
    """Who is told how the run goes on."""

    def begins(self, facts: Facts, plan: Plan) -> None:
        """The input is good; this will be done."""

    def starts(self, name: str) -> None:
        """The notebook of that name starts."""

    def cell(self, name: str, index: int, count: int) -> None:
        """The notebook's cell of that index, of so many, starts."""

    def ends(self, execution: Execution) -> None:
        """A notebook has ended, well or not."""

    def left(self, seconds: float | None) -> None:
        """So much time is left, as far as is known; told again and again."""
