"""What a KPI gives back: a value with its interval, status, formula and rows in reach."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from kpilib.change.signal import Signal
from kpilib.errors import InputError
from kpilib.periods import Period
from kpilib.show.change import change_text
from kpilib.show.marked import mark
from kpilib.words import MISSING, Text, Unit, format_number, format_value
from kpilib.words.prose import say_formula
from kpilib.words.values import value_text

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.kpilib.kpi+json"


class Status(StrEnum):
    """How far a number can be relied on."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    PROVISIONAL = "provisional"
    UNDEFINED = "undefined"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, kw_only=True)
class KPIValue:
    """One KPI of one period (and segment), with all that is needed to defend it.

    Values are in natural units (0.05, not 5); None stands for what there is no number for.
    """

    id: str
    family: str
    name: Text
    unit: Unit
    better: str
    period: Period
    definition: str
    formula: str
    summary: Text
    status: Status
    reason: Text | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None
    segment: str | None = None
    is_part: bool = False
    """Whether the segment is a part that the KPI itself is made of, and not the user's own."""
    previous: float | None = None
    """The value of the like period before, where both are final and alike."""
    year_before: float | None = None
    """The value of the same period a year before; information, and no verdict."""
    holidays: tuple[Text, ...] = ()
    """The moving holidays that fall into this period or into that of a year before, not both."""
    change: float | None = None
    """`value` less `previous`, exactly; of shares in shares, 0.01 for a point."""
    change_low: float | None = None
    change_high: float | None = None
    """The 95% limits of the change, the same customers in both periods taken into account."""
    signal: Signal | None = None
    """Whether the value lies where its own history leads one to expect it; None where the status
    says that there is nothing to compare."""
    signal_reason: Text | None = None
    usual: float | None = None
    """What the history leads one to expect."""
    visible: float | None = None
    """How far from `usual` the value would have to lie for a verdict of up or down."""
    good: bool | None = None
    """Whether up or down is in the KPI's good direction; None without a verdict or direction."""
    target: float | None = None
    currency: str | None = None
    details: Mapping[str, float | None] = field(default_factory=dict)
    notes: tuple[Text, ...] = ()
    scale: float = 1.0
    """What the numerator over the denominator is multiplied by: 365.25 days for a rate a year."""
    lang: str = "en"
    find_rows: "Callable[[], pd.DataFrame] | None" = field(default=None, repr=False, compare=False)

    def rows(self) -> "pd.DataFrame":
        """The rows behind the number, one per row of its base, with a column `counted`."""
        import pandas as pd

        return self.find_rows() if self.find_rows else pd.DataFrame()

    def __getstate__(self) -> dict[str, Any]:
        """Handed to another process, the rows stay behind with the base."""
        here = self.find_rows is not None
        return {**vars(self), "find_rows": partial(_stayed, self.id, self.period) if here else None}

    def filled(self, lang: str | None = None) -> str:
        """The formula as LaTeX with this value's own numbers put in, in words of the language.

        Where numerator over denominator is not the value, as months of payback are not, it stands
        alone.
        """
        lang = lang or self.lang
        formula = say_formula(self.formula, lang)
        if self.value is None or self.numerator is None:
            return formula
        value = _latex(format_value(self.value, self.unit, lang, self.currency))
        over = _latex(_amount(self.numerator, lang))
        if self.denominator is None:
            return f"{formula} = {over}"
        if not self._is_quotient():
            return f"{formula} = {value}"
        under = _latex(_amount(self.denominator, lang))
        scale = "" if self.scale == 1 else rf"{_latex(_exact(self.scale, lang))} \times "
        return rf"{formula} = {scale}\frac{{{over}}}{{{under}}} = {value}"

    def _is_quotient(self) -> bool:
        """Whether numerator over denominator makes the value; months of payback are read off."""
        if self.value is None or self.numerator is None or not self.denominator:
            return False
        made = self.scale * self.numerator / self.denominator
        return math.isclose(made, self.value, rel_tol=1e-6, abs_tol=1e-9)

    def segment_name(self, lang: str | None = None) -> str | None:
        """The segment as a reader sees it: a part by its wording, a segment of the user's as is."""
        if self.segment is None:
            return None
        known = self.is_part or self.segment == MISSING
        return value_text(self.segment).of(lang or self.lang) if known else self.segment

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The value as plain JSON types; texts in one language, names in all three."""
        lang = lang or self.lang
        return {
            "id": self.id,
            "family": self.family,
            "name": self.name.to_dict(),
            "segment": self.segment,
            "segment_name": self.segment_name(lang),
            "period": self.period.to_dict(),
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "n": self.n,
            "unit": str(self.unit),
            "currency": self.currency if self.unit is Unit.MONEY else None,
            "better": self.better,
            "status": str(self.status),
            "reason": self.reason.of(lang) if self.reason else None,
            "previous": self.previous,
            "year_before": self.year_before,
            "holidays": [holiday.of(lang) for holiday in self.holidays],
            "change": self.change,
            "change_low": self.change_low,
            "change_high": self.change_high,
            "signal": self.signal and str(self.signal),
            "signal_reason": self.signal_reason.of(lang) if self.signal_reason else None,
            "usual": self.usual,
            "visible": self.visible,
            "good": self.good,
            "target": self.target,
            "formula": say_formula(self.formula, lang),
            "summary": self.summary.of(lang),
            "filled": self.filled(lang),
            "definition": self.definition,
            "details": dict(self.details),
            "notes": [note.of(lang) for note in self.notes],
        }

    def __str__(self) -> str:
        currency = self.currency if self.unit is Unit.MONEY else None
        of_segment = f" [{self.segment_name()}]" if self.segment is not None else ""
        head = f"{self.name.of(self.lang)}{of_segment}, {self.period.of(self.lang)}"
        if self.value is None:
            return f"{head}: {self._status()} ({self.reason.of(self.lang) if self.reason else ''})"

        def written(number: float | None) -> str:
            return format_value(number, self.unit, self.lang, currency)

        text = f"{head}: {written(self.value)}"
        if self.low is not None:
            text += f" (95%: {written(self.low)} … {written(self.high)})"
        if self._is_quotient():
            assert self.numerator is not None and self.denominator is not None
            over, under = _amount(self.numerator, self.lang), _amount(self.denominator, self.lang)
            scale = "" if self.scale == 1 else f"{_exact(self.scale, self.lang)} × "
            text += f"  = {scale}{over} / {under}"
        if self.status is not Status.COMPLETE:
            text += f"  [{self._status()}: {self.reason.of(self.lang) if self.reason else ''}]"
        return "\n  ".join(filter(None, (text, change_text(self.to_dict(), self.lang))))

    def _status(self) -> str:
        """The status in words: in English those that code reads too."""
        return str(self.status) if self.lang == "en" else value_text(self.status).of(self.lang)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return _bundle([self], self.lang, str(self))


@dataclass(frozen=True)
class KPITable(Sequence[KPIValue]):
    """Several KPI values in order: segments, periods, the parts of a mix, or a scorecard."""

    values: tuple[KPIValue, ...]
    lang: str = "en"

    def __getitem__(self, place: Any) -> Any:
        return self.values[place]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[KPIValue]:
        return iter(self.values)

    def frame(self) -> "pd.DataFrame":
        """One row per value: id, period (its label), segment, the numbers, unit, status, reason."""
        import pandas as pd

        keep = ("value", "low", "high", "numerator", "denominator", "n", "unit", "status", "reason")
        rows = []
        for value in self.values:
            plain = value.to_dict()
            row = {"id": value.id, "period": value.period.label, "segment": value.segment}
            rows.append(row | {name: plain[name] for name in keep})
        numbers = dict.fromkeys(keep[:6], "float64")
        table = pd.DataFrame(rows, columns=["id", "period", "segment", *keep]).astype(numbers)
        return mark(table, self.lang)

    def to_list(self) -> list[dict[str, Any]]:
        """Every value's `to_dict`."""
        return [value.to_dict() for value in self.values]

    def __str__(self) -> str:
        return "\n".join(str(value) for value in self.values)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return _bundle(self.values, self.lang, str(self))


def _stayed(kpi_id: str, period: Period) -> "pd.DataFrame":
    raise InputError(
        f"the rows of {kpi_id} stayed in the process that it came from; open the source here and "
        f"ask base.rows({kpi_id!r}, {period.label!r})"
    )


def _bundle(values: Sequence[KPIValue], lang: str, plain: str) -> dict[str, Any]:
    from kpilib.show.cards import card_html

    dicts = [value.to_dict(lang) for value in values]
    return {"text/plain": plain, "text/html": card_html(dicts, lang), MIME: dicts}


def _amount(number: float, lang: str) -> str:
    """A numerator or denominator: whole as it is, else with two decimals, or four below 1."""
    decimals = 0 if number == round(number) else 2 if abs(number) >= 1 else 4
    return format_number(number, lang, decimals)


def _exact(scale: float, lang: str) -> str:
    """A scale with as many decimals as it has, four at most."""
    decimals = next((places for places in range(4) if scale == round(scale, places)), 4)
    return format_number(scale, lang, decimals)


def _latex(text: str) -> str:
    return text.replace(",", "{,}").replace("%", r"\%").replace("$", r"\$")
