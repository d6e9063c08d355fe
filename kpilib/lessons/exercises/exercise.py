"""What an exercise is: a task on a few rows, its answer, and the mistakes that are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd

from kpilib.errors import InputError
from kpilib.lessons.compare.printed import read_number
from kpilib.show.style import opened
from kpilib.words import Amount, Text, Unit, _
from kpilib.words.columns import head

NEAR = {Unit.SHARE: 0.0011, Unit.POINTS: 0.6, Unit.COUNT: 0.01, Unit.HOURS: 0.06, Unit.DAYS: 0.6}
"""How far an answer may be off, by unit: the rounding that people do on the way."""
RELATIVE = 0.003
"""The same for money, as a part of the answer."""

RIGHT = _("Right: {answer}.")
OTHER = _("Not yet: {given} is neither the answer nor a mistake that is known here. {hint}")
COARSE = _("{given} may mean several things here: say it with one more decimal.")
ASKED = _("Answer with {call}.")
REPORT = _("A report says:")
FIND = _("Say which line is the first that is wrong with {call}; then give the right number.")
FOUND = _("Found. {hint}")
HOLDS = _("Line {line} holds. {hint}")
FOLLOWS = _("Line {line} follows from one before it that is wrong already.")


@dataclass(frozen=True)
class Wrong:
    """An answer that people give, and what they overlooked."""

    value: float
    hint: Text


@dataclass(frozen=True)
class Feedback:
    """What is said of an answer."""

    right: bool
    text: Text
    lang: str = "en"

    def __str__(self) -> str:
        return self.text.of(self.lang)

    def _repr_html_(self) -> str:
        kind = "better" if self.right else "worse"
        sign = "✓" if self.right else "✗"
        return (
            f'{opened()}<article class="kpi wide">'
            f'<p class="{kind}">{sign} {escape(str(self))}</p></article></div>'
        )


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One task with the numbers of one seed."""

    id: str
    family: str
    seed: int
    task: Text
    unit: Unit
    answer: float = field(repr=False)
    """The right answer, by the library's own functions."""
    wrongs: tuple[Wrong, ...] = field(repr=False)
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    """The rows to work with, by name."""
    hint: Text = field(repr=False)
    """What to think of first; said where an answer is neither right nor a known mistake."""
    report: tuple[Text, ...] = field(default=(), repr=False)
    """The lines of a calculation from practice in which an error is to be found."""
    error: int = field(default=0, repr=False)
    """Which of them is the first that is wrong, counted from 1; its number is the first wrong."""
    currency: str | None = None
    lang: str = "en"

    def check(self, given: float | str) -> Feedback:
        """What is to be said of an answer, as a number or as people write it (`"75%"`).

        The right one is accepted within rounding; a mistake that is known gets its own hint.
        """
        ends = self._ends(given)
        right = self._near(ends, self.answer)
        hints = [wrong.hint for wrong in self.wrongs if self._near(ends, wrong.value)]
        if right + len(hints) > 1:
            return Feedback(False, COARSE.format(given=str(given)), self.lang)
        if right:
            answer = Amount(self.answer, self.unit, self.currency)
            return Feedback(True, RIGHT.format(answer=answer), self.lang)
        if hints:
            return Feedback(False, hints[0], self.lang)
        said = OTHER.format(given=str(given), hint=self.hint)
        return Feedback(False, said, self.lang)

    def find(self, line: int) -> Feedback:
        """What is to be said of a line of the report taken for the first that is wrong.

        Raises InputError where there is no such line.
        """
        if line not in range(1, len(self.report) + 1):
            lines = len(self.report)
            told = (
                f"choose one of 1 to {lines}" if lines else "it has no report to find an error in"
            )
            raise InputError(f"exercise {self.id!r} has no line {line!r}; {told}")
        if line == self.error:
            return Feedback(True, FOUND.format(hint=self.wrongs[0].hint), self.lang)
        if line > self.error:
            return Feedback(False, FOLLOWS.format(line=line), self.lang)
        return Feedback(False, HOLDS.format(line=line, hint=self.hint), self.lang)

    def _ends(self, given: float | str) -> list[tuple[float, float]]:
        """Between what the answer lies; a share above 1 without a sign may be per cent as well."""
        if isinstance(given, str):
            wanted = read_number(given, self.unit)
            return [(wanted.low, wanted.high)]
        number = float(given)
        two = self.unit is Unit.SHARE and number > 1
        return [(one, one) for one in ((number, number / 100) if two else (number,))]

    def _near(self, ends: list[tuple[float, float]], value: float) -> bool:
        near = reach(self.unit, value)
        return any(low - near <= value <= high + near for low, high in ends)

    def __str__(self) -> str:
        parts = [self.task.of(self.lang)]
        if self.report:
            lines = [f"{place}. {line.of(self.lang)}" for place, line in enumerate(self.report, 1)]
            parts.append("\n".join([REPORT.of(self.lang), *lines]))
        parts += [table.to_string(index=False, na_rep="–") for table in self.tables.values()]
        return "\n\n".join(parts)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self.html()}

    def html(self) -> str:
        """The task and its rows, without the answer."""
        tables = "".join(_table(table, self.lang) for table in self.tables.values())
        asked = FIND.format(call="find(…)").of(self.lang) + " " if self.report else ""
        asked += ASKED.format(call="check(…)").of(self.lang)
        lines = "".join(f"<li>{escape(line.of(self.lang))}</li>" for line in self.report)
        report = f"<p>{escape(REPORT.of(self.lang))}</p><ol>{lines}</ol>" if lines else ""
        return (
            f'{opened()}<article class="kpi wide">'
            f'<p class="name">{escape(self.id)} · {self.seed}</p>'
            f"<p>{escape(self.task.of(self.lang))}</p>{tables}{report}"
            f'<p class="note">{escape(asked)}</p></article></div>'
        )


def reach(unit: Unit, value: float) -> float:
    """How far an answer may be from a value and still be taken for it."""
    return NEAR.get(unit, RELATIVE * abs(value))


def apart(unit: Unit, values: list[float]) -> bool:
    """Whether answers can be told from each other, each within its rounding.

    A share above 1 may be read as per cent as well, and must be apart from the others in both ways.
    """
    percent = [one / 100 for one in values if unit is Unit.SHARE and one > 1]
    ordered = sorted([*values, *percent])
    return all(
        later - one > reach(unit, one) + reach(unit, later) for one, later in pairwise(ordered)
    )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An exercise before its answer is known, and known to be apart from the mistakes."""

    task: Text
    unit: Unit
    tables: Mapping[str, pd.DataFrame]
    """What the learner sees."""
    records: Mapping[str, pd.DataFrame]
    """The source tables in which the library finds the answer; `group` is of its customers."""
    wrongs: tuple[Wrong, ...] = ()
    hint: Text
    report: tuple[Text, ...] = ()
    error: int = 0
    currency: str | None = None
    own: tuple[str, ...] = ()
    """Columns of `records` whose values are the draft's own, beside its ids."""


def _table(table: pd.DataFrame, lang: str) -> str:
    heads = "".join(f'<th scope="col">{escape(head(str(name), lang))}</th>' for name in table)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(value))}</td>' for value in row)}</tr>"
        for row in table.itertuples(index=False)
    )
    return f'<div class="scroll" tabindex="0"><table><tr>{heads}</tr>{rows}</table></div>'


def _cell(value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, float) and value == round(value):
        return str(round(value))
    return str(value)
