"""How a run of the report is told on stderr: a live line in a terminal, plain lines elsewhere.

What cannot be told, because stderr is closed or full, is no reason for a run to end.
"""

import math
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from kpilib.cli._streams import drop

if TYPE_CHECKING:
    from kpilib.report.page.facts import Facts
    from kpilib.report.running.execute import Execution
    from kpilib.report.running.watch import Plan


def told_on(stream) -> "Plain":
    """The teller that suits the stream."""
    return Live() if stream is not None and stream.isatty() else Plain()


def _begins(facts: "Facts", plan: "Plan") -> str:
    """What is about to be done, and how long it will take.

    >>> from types import SimpleNamespace as Some
    >>> facts = Some(data="cdnow", period=Some(label="1998-06"))
    >>> _begins(facts, Some(count=3, reused=("01-overview",), jobs=2, seconds=8.4))
    'cdnow, 1998-06: 3 notebooks, 2 at a time, 1 as before, about 9 s'
    """
    line = f"{facts.data}, {facts.period.label}: {plan.count} notebook{'s'[: plan.count != 1]}"
    if plan.count > 1 and plan.jobs > 1:
        line += f", {plan.jobs} at a time"
    if plan.reused:
        line += f", {len(plan.reused)} as before"
    return f"{line}, about {_long(plan.seconds)}" if plan.seconds and plan.count else line


def _long(seconds: float) -> str:
    """A time to wait.

    >>> _long(8.4), _long(90.5)
    ('9 s', '1 min 31 s')
    """
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _ends(execution: "Execution") -> str:
    if execution.reused:
        return f"{execution.label}: {execution.status}, as it was executed before"
    again = f" at attempt {execution.attempts}" if execution.attempts > 1 else ""
    line = f"{execution.label}: {execution.status}{again}, {execution.seconds:.1f} s"
    if execution.failure is None:
        return line
    cell = f" in cell {execution.failure.cell + 1}" if execution.failure.cell is not None else ""
    message = " ".join(execution.failure.message.split())[:200]
    return f"{line}: {execution.failure.name}{cell}: {message}"


class Plain(AbstractContextManager):
    """One line when the run begins and one when each notebook ends."""

    def __exit__(self, *exc: object) -> None:
        return None

    def begins(self, facts: "Facts", plan: "Plan") -> None:
        """Say what is reported on, and what was taken over of earlier periods."""
        self._say(_begins(facts, plan))
        if plan.carried:
            self._say(plan.carried)

    def starts(self, name: str) -> None:
        """Say nothing: a log needs no line for what has not happened yet."""

    def cell(self, name: str, index: int, count: int) -> None:
        """Say nothing of single cells."""

    def ends(self, execution: "Execution") -> None:
        """Say how a notebook ended."""
        self._say(_ends(execution))

    def left(self, seconds: float | None) -> None:
        """Say nothing: a log has its own clock."""

    def _say(self, line: str) -> None:
        try:
            click.echo(line, err=True)
        except (OSError, ValueError):
            drop(sys.stderr)


class Live(Plain):
    """A line that moves while notebooks run, and a line that stays for each that has ended."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
        from rich.text import Text

        self.text = Text
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[left]}", markup=False),
            console=Console(file=sys.stderr, highlight=False),
            transient=True,
        )
        self.task = self.progress.add_task("reading the data", total=None, left="")
        self.running: dict[str, float] = {}
        self.done = 0

    def __enter__(self) -> "Live":
        self.progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.progress.stop()

    def begins(self, facts: "Facts", plan: "Plan") -> None:
        """Say what is reported on and what was taken over, and set the length of the bar."""
        for line in filter(None, (_begins(facts, plan), plan.carried)):
            self.progress.console.print(line, markup=False)
        self.progress.update(self.task, total=plan.count + len(plan.reused))

    def starts(self, name: str) -> None:
        """Name the notebook beside the others that run."""
        self.running[name] = 0.0
        self._show()

    def cell(self, name: str, index: int, count: int) -> None:
        """Count its cells."""
        self.running[name] = index / count
        self._show()

    def ends(self, execution: "Execution") -> None:
        """Leave a line, marked as it ended."""
        self.done += 1
        self.running.pop(execution.label, None)
        mark = ("✗ ", "red") if execution.failure else ("✓ ", "green")
        self.progress.console.print(self.text.assemble(mark, _ends(execution)))
        self._show()

    def left(self, seconds: float | None) -> None:
        """Show how long it will take yet."""
        words = f"about {_long(seconds)} left" if seconds else ""
        self.progress.update(self.task, left=words)

    def _show(self) -> None:
        names = ", ".join(f"{name} {part:.0%}" for name, part in self.running.items())
        done = self.done + sum(self.running.values())
        self.progress.update(self.task, description=names or "writing", completed=done)
