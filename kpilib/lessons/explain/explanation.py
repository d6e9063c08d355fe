"""All there is to say of one KPI: what it means, and what it was in one month."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from kpilib.errors import InputError
from kpilib.lessons.disagreements import DISAGREEMENTS
from kpilib.lessons.explain.certainty import METHODS, interval_words
from kpilib.lessons.explain.filled import Line, fill, fill_rows
from kpilib.lessons.knowledge import knowledge
from kpilib.lessons.record import TEXTS
from kpilib.periods import Period
from kpilib.questions import availability
from kpilib.questions.base import CustomerBase
from kpilib.questions.identity import read_statistic
from kpilib.questions.values import KPITable, KPIValue
from kpilib.registry.analysis_definitions import Analysis
from kpilib.registry.definitions import Definition, catalogue
from kpilib.words import Text
from kpilib.words.prose import say_formula

ROWS = 5
"""So many of the rows behind a number are shown."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A KPI or an analysis explained; it shows itself as a card, and as text in a terminal."""

    id: str
    family: str
    kind: str
    name: Text
    summary: Text
    formula: str
    """LaTeX, its words in English."""
    lang: str = "en"
    period: Period | None = None
    result: str = ""
    """The value, or the parts, as text; nothing without a base."""
    lines: tuple[Line, ...] = ()
    """The formula with the period's numbers."""
    certainty: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The first rows behind the number, or of the table of an analysis."""
    row_count: int = 0

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """Everything as plain JSON types, in one language; the names in all three."""
        lang = lang or self.lang
        known, every = knowledge(self.id), catalogue()
        relatives = [
            {"id": one, "name": every[one].name.of(lang), "differs": text.of(lang)}
            for one, text in known.relatives.items()
        ]
        return {
            "id": self.id,
            "family": self.family,
            "kind": self.kind,
            "name": self.name.to_dict(),
            "asks": known.asks.of(lang),
            "decides": known.decides.of(lang),
            "summary": self.summary.of(lang),
            "formula": say_formula(self.formula, lang),
            "period": self.period and self.period.to_dict(),
            "result": self.result,
            "filled": [
                {"part": line.part, "latex": line.latex, "value": line.value} for line in self.lines
            ],
            "certainty": [text.of(lang) for text in self.certainty],
            "notes": [text.of(lang) for text in self.notes],
            "rows": _plain(self.rows),
            "row_count": self.row_count,
            "mistakes": [text.of(lang) for text in known.mistakes],
            "relatives": relatives,
            "disagreements": [DISAGREEMENTS[one].of(lang) for one in known.disagreements],
            "texts": [
                {"number": one, "lang": TEXTS[one][0], "title": TEXTS[one][1]}
                for one in known.texts
            ],
            "literature": list(known.literature),
        }

    def __str__(self) -> str:
        from kpilib.lessons.explain.text import as_text

        return as_text(self.to_dict(), self.lang)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from kpilib.show.explanation import explanation_html

        return {"text/plain": str(self), "text/html": explanation_html(self.to_dict(), self.lang)}


def explain(
    kpi_id: str,
    base: CustomerBase | None = None,
    period: str | Period | None = None,
    lang: str | None = None,
) -> Explanation:
    """What a KPI or an analysis means, with the numbers of a period of `base` where one is given.

    >>> from kpilib.demo import tiny_shop
    >>> said = explain("churn_rate", tiny_shop(), "2026-04")
    >>> [line.latex for line in said.lines], said.row_count
    (['\\\\frac{2}{4} = 50.0\\\\%'], 4)

    Raises InputError for an id that there is not.
    """
    known = knowledge(kpi_id)
    asked = catalogue()[kpi_id]
    formula = asked.formula if isinstance(asked, Definition) else known.formula
    language = lang or (base.lang if base else "en")
    found: Mapping[str, Any] = {}
    if base is not None:
        when = base.period(period)
        if isinstance(asked, Definition):
            found = {"period": when, **_of_kpi(base, asked, when, language)}
        else:
            found = {"period": when, **_of_analysis(base, asked, when, language)}
    return Explanation(
        id=kpi_id,
        family=asked.family,
        kind=asked.kind,
        name=asked.name,
        summary=asked.summary,
        formula=formula,
        lang=language,
        **found,
    )


def _of_kpi(base: CustomerBase, asked: Definition, period: Period, lang: str) -> dict[str, Any]:
    """The value of a KPI, its formula filled in, its interval, its rows."""
    found = base.kpi(asked.id, period)
    each = found if isinstance(found, KPITable) else (found,)
    values = [replace(one, lang=lang) for one in each]
    columns = asked.columns if isinstance(asked.columns, tuple) else asked.columns(base)
    survey = "survey_responses" in {*asked.tables, *(name.split(".")[0] for name in columns)}
    first = next((value for value in values if value.value is not None), values[0])
    said: dict[str, Any] = {
        "result": "\n".join(map(str, values)),
        "certainty": tuple(interval_words(first, asked.kind, survey)),
        "notes": tuple(dict.fromkeys(note for value in values for note in value.notes)),
    }
    if all(value.value is None for value in values):
        return said
    weights = _weights(base, asked, period) if asked.kind == "composite" else None
    rows = _rows(base, asked.id, period)
    return said | {
        "lines": tuple(fill(values, asked.kind, weights)),
        "rows": rows.head(ROWS),
        "row_count": len(rows),
    }


def _of_analysis(base: CustomerBase, asked: Analysis, period: Period, lang: str) -> dict[str, Any]:
    """The first rows of an analysis, and its main column reckoned from one of them."""
    known = knowledge(asked.id)
    if (absent := availability.absent(base, asked)) is not None:
        return {"result": absent.of(lang)}
    try:
        table = base.analysis(asked.id, period)
    except InputError as error:
        return {"result": error.told(lang)}
    worked = table
    if "[lost_customers]" in known.worked:
        lost = base.kpi("lost_customers", period)
        assert isinstance(lost, KPIValue)
        worked = table.assign(lost_customers=lost.value)
    line = fill_rows(known.worked, known.gives, worked, lang) if known.worked else None
    return {
        "lines": (line,) if line else (),
        "certainty": (METHODS["analysis"],) if {"low", "high"} <= set(table.columns) else (),
        "rows": table.head(ROWS),
        "row_count": len(table),
    }


def _weights(base: CustomerBase, asked: Definition, period: Period) -> Mapping[str, float]:
    statistic: Any = read_statistic(base, asked, (period,))
    while not hasattr(statistic, "weights") and hasattr(statistic, "main"):
        statistic = statistic.main
    return getattr(statistic, "weights", {})


def _rows(base: CustomerBase, kpi_id: str, period: Period) -> pd.DataFrame:
    """The rows behind a KPI; none where it is made of sums alone."""
    try:
        return base.rows(kpi_id, period)
    except TypeError:
        return pd.DataFrame()


def _plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    known = rows.astype(object).where(rows.notna(), None)
    return [
        {
            str(name): value if isinstance(value, int | float | bool | None) else str(value)
            for name, value in row.items()
        }
        for row in known.to_dict("records")
    ]
