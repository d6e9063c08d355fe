"""Standard streams that are closed, full or left by their reader."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def open_streams() -> None:
    """Put the null device in the place of a standard stream that was closed.

    Its number would else go to the next file that is opened, and what is printed into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it; a line's end and a tab stay."""


def shown(text: str) -> str:
    r"""A text whose control characters are written out, so that a terminal shows and obeys none.

    >>> shown("a\x1b[31m")
    'a\\x1b[31m'
    """
    return _CONTROL.sub(lambda sign: ascii(sign[0])[1:-1], text)


class Printable:
    """A stream that is given texts of data: control characters in them are written out."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it as it can be shown."""
        self._stream.write(shown(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def printable_output() -> Iterator[None]:
    """Meanwhile nothing that is printed makes a terminal do anything."""
    before = sys.stdout
    sys.stdout = Printable(before)
    try:
        yield
    finally:
        if isinstance(sys.stdout, Printable):
            sys.stdout = before


def was_printing(error: OSError) -> bool:
    """Whether an error arose as something was printed, which leaves no trace in the stream."""
    import click.utils

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    places = (click.utils.__file__, __file__)
    return trace is not None and trace.tb_frame.f_code.co_filename in places


def drop(stream: Any) -> None:
    """Keep the interpreter from complaining at its end of a stream that takes nothing any more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (AttributeError, OSError, ValueError):  # no stream of the system's
        return
