"""How a run of the report is told on stderr: a live line in a terminal, plain lines elsewhere."""

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kpilib.report.execute import Execution
    from kpilib.report.page.facts import Facts


def told_on(stream) -> "Plain":
    """The teller that suits the stream."""
    return Live() if stream.isatty() else Plain()


def _begins(facts: "Facts", count: int) -> str:
    return f"{facts.data}, {facts.period.label}: {count} notebook{'s' if count != 1 else ''}"


def _ends(execution: "Execution") -> str:
    again = f" at attempt {execution.attempts}" if execution.attempts > 1 else ""
    line = f"{execution.name}: {execution.status}{again}, {execution.seconds:.1f} s"
    if execution.failure is None:
        return line
    cell = f" in cell {execution.failure.cell + 1}" if execution.failure.cell is not None else ""
    message = " ".join(execution.failure.message.split())[:200]
    return f"{line}: {execution.failure.name}{cell}: {message}"


class Plain(AbstractContextManager):
    """One line when the run begins and one when each notebook ends."""

    def __exit__(self, *exc: object) -> None:
        return None

    def begins(self, facts: "Facts", count: int) -> None:
        """Say what is reported on."""
        click.echo(_begins(facts, count), err=True)

    def starts(self, name: str, place: int) -> None:
        """Say nothing: a log needs no line for what has not happened yet."""

    def cell(self, index: int, count: int) -> None:
        """Say nothing of single cells."""

    def ends(self, execution: "Execution") -> None:
        """Say how a notebook ended."""
        click.echo(_ends(execution), err=True)


class Live(Plain):
    """A line that moves while a notebook runs, and a line that stays for each that has ended."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.text import Text

        self.text = Text
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=Console(file=sys.stderr, highlight=False),
            transient=True,
        )
        self.task = self.progress.add_task("reading the data", total=None)
        self.name, self.done = "", 0

    def __enter__(self) -> "Live":
        self.progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.progress.stop()

    def begins(self, facts: "Facts", count: int) -> None:
        """Say what is reported on, and set the length of the bar."""
        self.progress.console.print(_begins(facts, count), markup=False)
        self.progress.update(self.task, total=count)

    def starts(self, name: str, place: int) -> None:
        """Name the notebook that runs."""
        self.name = name
        self.progress.update(self.task, description=name, completed=place - 1)

    def cell(self, index: int, count: int) -> None:
        """Count its cells."""
        part = index / count
        self.progress.update(
            self.task,
            description=f"{self.name} · cell {index + 1} of {count}",
            completed=self.done + part,
        )

    def ends(self, execution: "Execution") -> None:
        """Leave a line, marked as it ended."""
        self.done += 1
        mark = ("✗ ", "red") if execution.failure else ("✓ ", "green")
        self.progress.console.print(self.text.assemble(mark, _ends(execution)))
        self.progress.update(self.task, completed=self.done)
