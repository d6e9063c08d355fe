"""Standard streams that are closed, full or left by their reader."""

import os
import sys
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


def was_printing(error: OSError) -> bool:
    """Whether an error arose as something was printed, which leaves no trace in the stream."""
    import click.utils

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == click.utils.__file__


def drop(stream: Any) -> None:
    """Keep the interpreter from complaining at its end of a stream that takes nothing any more."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (AttributeError, OSError, ValueError):  # no stream of the system's
        return
