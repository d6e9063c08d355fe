"""What is asked of a run: the options of `kpilib report`."""

import os
from dataclasses import dataclass
from pathlib import Path

from kpilib.errors import InputError
from kpilib.report.page.facts import Facts, command_line
from kpilib.report.running.execute import TIME_OUT
from kpilib.words.languages import write_languages

OUT = "reports"


@dataclass(frozen=True)
class Order:
    """The options of `kpilib report`, as they were given."""

    data: str
    period: str | None = None
    lang: str = "en"
    also: tuple[str, ...] = ()
    """Further languages that the pages can be switched to."""
    out: Path = Path(OUT)
    only: tuple[str, ...] = ()
    """The notebooks to look at; the month's others stay as they are. None: all."""
    settings: tuple[str, ...] = ()
    """`NAME=VALUE`, for the notebooks' own parameters."""
    timeout: float = TIME_OUT
    """Seconds that a cell may take."""
    folder: Path | None = None
    """Where the notebooks are; None: kpilib's own."""
    jobs: int | None = None
    """How many notebooks are executed at a time; None: one for each processor."""
    force: bool = False
    """Execute also what an earlier run has executed from the same inputs."""
    strict: bool = False
    """Fail on what is otherwise only told: an unfinished period, notes, results that lack."""
    publish_partial: bool = False
    """Publish the month even where some of its notebooks failed."""
    xlsx: bool = False
    """Write the month as a workbook as well."""
    pdf: bool = False
    """Print the month's pages as a PDF as well."""
    unprinted: bool = False
    """Leave out the PDF that the pages lead to; another browser would print another."""
    told: str = ""
    """The command that the pages name, where it is not this order's own."""

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise InputError(f"--jobs {self.jobs} is no number of notebooks; write 1 or more")

    @property
    def languages(self) -> tuple[str, ...]:
        """All languages of the pages, the first at the top of the month's folder."""
        return tuple(dict.fromkeys((self.lang, *self.also)))

    def command(self, facts: Facts) -> str:
        """The command line that gives the same report again."""
        if self.told:
            return self.told
        options = [("period", facts.period.label), ("lang", write_languages(self.languages))]
        options += [("out", str(self.out))] if str(self.out) != OUT else []
        options += [("only", name) for name in self.only]
        options += [("set", setting) for setting in self.settings]
        command = command_line("report", self.data, options)
        more = [f"--{name}" for name in ("xlsx", "pdf") if getattr(self, name)]
        return " ".join([command, *more])

    def jobs_for(self, count: int) -> int:
        """How many of so many notebooks are executed at a time."""
        return max(1, min(count, self.jobs or processors()))


def processors() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
