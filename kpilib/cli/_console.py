"""Tables on stdout: as wide as the terminal, or as they need where there is none."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 160
"""How wide a table may be where stdout is no terminal."""


def console() -> "Console":
    """A console on stdout that marks nothing up and breaks no line of a pipe short."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDE
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)
