"""The errors kpilib raises on purpose, each with the exit code the command line gives it."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb
from typing import Self

_HERE = str(Path(__file__).parent)


class KpilibError(Exception):
    """Something in the run failed (exit code 1). Base of every error raised on purpose.

    The message is one or two lines that name the thing, the value and the remedy: a string, or a
    sentence with its translations (`kpilib.words.Text`). `reason` is what a notebook says instead,
    below the line that asked; see `about`.
    """

    exit_code = 1

    def __init__(self, message: object = "", reason: object = None) -> None:
        super().__init__(str(message))
        self._reason = message if reason is None else reason

    def told(self, lang: str) -> str:
        """The reason in a language, as far as it has been translated.

        >>> InputError("no such file").told("vi")
        'no such file'
        """
        said = getattr(self._reason, "of", None)
        return said(lang) if said else str(self._reason)

    @classmethod
    def about(cls, name: str, reason: object) -> Self:
        """The error of what was asked by its id, which a cell that asked need not be told.

        >>> error = InputError.about("churn_reasons", "no customer was lost")
        >>> str(error), error.told("en")
        ('churn_reasons: no customer was lost', 'no customer was lost')
        """
        return cls(f"{name}: {reason}", reason)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: the line of the cell, and the message; no inner workings."""
        lines = []
        for place in extract_tb(self.__traceback__):
            if place.filename.startswith(_HERE):
                break
            lines = [f"----> {place.lineno} {place.line}"]
        return [*lines, f"{type(self).__name__}: {self}"]


class InputError(KpilibError, ValueError):
    """What the user gave cannot be used: a file, a column, a period, a KPI id (exit code 2)."""

    exit_code = 2


class UnknownNameError(InputError):
    """A KPI, an analysis, a family or an option that kpilib does not have, whatever the data."""


class QualityGateError(KpilibError):
    """The data were read, and too much of them had to be left out (exit code 3)."""

    exit_code = 3


def near_miss(name: str, choices: Iterable[str]) -> str:
    """A sentence that offers the closest of `choices` to a misspelt `name`, or lists them all.

    >>> near_miss("churn_rat", ["churn_rate", "retention_rate"])
    "did you mean 'churn_rate'?"
    >>> near_miss("xyz", ["orders", "refunds"])
    'choose from: orders, refunds'
    """
    choices = sorted({str(choice) for choice in choices})
    lowered = {choice.lower(): choice for choice in choices}
    close = get_close_matches(str(name).lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean {lowered[close[0]]!r}?"
    return f"choose from: {', '.join(choices)}" if choices else "there is nothing to choose from"
