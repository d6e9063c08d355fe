"""What is set up in a report's kernel before its first cell."""

from typing import Any

MOST = 1_000_000
"""Letters that one cell may print; what comes after them is not kept."""


def set_up(lang: str) -> None:
    """Show tables as on the page, for a reader of `lang`, and bound what a cell may print."""
    from IPython.core.getipython import get_ipython

    from kpilib.show.tables import show_tables

    show_tables(lang)
    shell = get_ipython()
    if shell is not None:
        bound_printing(shell)
        show_editions(shell.display_formatter)


NARROW = "application/vnd.kpilib.narrow+svg"
"""The edition of a figure for a phone, among a cell's outputs."""


def show_editions(formatter: Any) -> None:
    """Show kpilib's figures in two editions, wide and narrow, their titles left to the page."""
    from IPython.display import display

    def both(figure: Any) -> None:
        found = figure.narrow()
        narrow = {NARROW: found} if found else {}
        display({"text/plain": repr(figure), "image/svg+xml": figure.wide(), **narrow}, raw=True)

    house = ("kpilib.plots.figure", "HouseFigure")
    formatter.ipython_display_formatter.for_type_by_name(*house, both)


def bound_printing(shell: Any) -> None:
    """Let each cell print `MOST` letters on each stream, and say where it was cut off."""
    import sys

    streams = [Bounded(sys.stdout), Bounded(sys.stderr)]
    sys.stdout, sys.stderr = streams

    def renew(info: object) -> None:
        for stream in streams:
            stream.renew()

    shell.events.register("pre_run_cell", renew)


class Bounded:
    """A stream that takes in only so much until it is renewed."""

    def __init__(self, stream: Any, most: int = MOST) -> None:
        self._stream, self._most, self._left = stream, most, most

    def renew(self) -> None:
        """Start counting anew."""
        self._left = self._most

    def write(self, text: str) -> int:
        """Write what there is still room for."""
        if self._left > 0:
            self._stream.write(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._stream.write(f"\n[cut off after {self._most:,} letters]\n")
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write lines as far as there is room."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
