"""The formula with the numbers of one month put in, so that reckoning it gives the value again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from kpilib.questions.values import KPIValue
from kpilib.words import _, format_number, format_value
from kpilib.words.prose import formula_words, say_formula

FACTORS = {
    "product": ("average_purchase_value", "purchases_per_year", "lifetime_years"),
    "discounted profit": ("profit_per_year", "discounted_years"),
}
"""Kind of statistic → those of its details that multiply to the value."""
READ_OFF = ("duration", "payback")
"""The kinds that are read off a curve or a table of steps, and are not reckoned from two totals."""
_CONTRIBUTION = _("contribution of a customer in k months")


@dataclass(frozen=True)
class Line:
    """One number and how it comes about."""

    latex: str
    """The numbers put in, up to and with the value."""
    value: float | None
    """The value as it is, not rounded."""
    part: str = ""
    """The part of the KPI, as a reader sees it."""


def fill(
    values: Iterable[KPIValue], kind: str, weights: Mapping[str, float] | None = None
) -> list[Line]:
    """A line for each value of one KPI that there is one for.

    `kind` is its kind of statistic, `weights` those of a composite.
    """
    known = [value for value in values if value.value is not None]
    if kind == "flow":
        return _flow(known)
    lines = (_line(value, kind, weights or {}) for value in known)
    return [line for line in lines if line.latex]


def fill_rows(worked: str, gives: str, table: pd.DataFrame, lang: str) -> Line | None:
    """The formula of an analysis with the first row of its table that has all numbers in it."""
    names = re.findall(r"\[(\w+)\]", worked)
    if not names or not set(names) <= set(table.columns):
        return None
    whole = table.dropna(subset=[*names, gives])
    if not len(whole):
        return None
    row = whole.iloc[0]
    latex = re.sub(r"\[(\w+)\]", lambda found: _number(float(row[found[1]]), lang), worked)
    return Line(f"{latex} = {_number(float(row[gives]), lang)}", float(row[gives]), "")


def _flow(values: list[KPIValue]) -> list[Line]:
    """A balance: its words are the parts, each with its count."""
    if not values:
        return []
    first, lang = values[0], values[0].lang
    counts = {value.segment: _number(value.value or 0.0, lang) for value in values}
    latex = first.formula
    for words in formula_words(first.formula):
        latex = latex.replace(rf"\text{{{words}}}", counts.get(words, rf"\text{{{words}}}"))
    return [Line(latex, values[-1].value)]


def _line(value: KPIValue, kind: str, weights: Mapping[str, float]) -> Line:
    lang, part = value.lang, value.segment_name() or ""
    written = _escaped(format_value(value.value, value.unit, lang, value.currency))
    if kind in FACTORS:
        factors = [value.details.get(name) for name in FACTORS[kind]]
        if None not in factors:
            product = r" \times ".join(_number(one, lang) for one in factors if one is not None)
            return Line(f"{product} = {written}", value.value, part)
    if kind == "composite" and weights:
        return Line(f"{_mean(value, weights)} = {written}", value.value, part)
    if kind in READ_OFF:
        return Line(f"{_at(value, lang)} = {written}", value.value, part)
    formula = say_formula(value.formula, lang)
    filled = value.filled(lang).removeprefix(formula).removeprefix(" = ")
    return Line(filled or written, value.value, part)


def _mean(value: KPIValue, weights: Mapping[str, float]) -> str:
    """A weighted mean, the weights left out where they are alike."""
    lang = value.lang
    parts = {name: value.details.get(name) or 0.0 for name in weights}
    mean = sum(weights[name] * part for name, part in parts.items()) / sum(weights.values())
    scale = round((value.value or 0.0) / mean) if mean else 1
    alike = len(set(weights.values())) == 1
    terms = [
        _number(part, lang)
        if alike
        else rf"{_number(weights[name], lang)} \cdot "
        f"{_number(part, lang)}"
        for name, part in parts.items()
    ]
    whole = len(parts) if alike else sum(weights.values())
    lead = "" if scale == 1 else rf"{_number(scale, lang)} \times "
    return rf"{lead}\frac{{{' + '.join(terms)}}}{{{_number(whole, lang)}}}"


def _at(value: KPIValue, lang: str) -> str:
    """Where a curve is read: the area to its horizon, its middle, or the step that is reached."""
    horizon = value.details.get("horizon")
    if horizon is not None:
        return rf"\int_0^{{{_number(horizon, lang)}}} S(t)\,dt"
    if value.numerator is not None and value.denominator is not None:
        cost = _escaped(format_value(value.denominator, "money", lang, value.currency))
        return rf"\min\{{k : \text{{{_CONTRIBUTION.of(lang)}}} \ge {cost}\}}"
    return r"\min\{t : S(t) \le 0.5\}".replace("0.5", _number(0.5, lang))


def _number(number: float, lang: str) -> str:
    """A number as it stands in a formula, with as many decimals as it has: two to four at most."""
    most = 2 if abs(number) >= 1000 else 4
    decimals = next((few for few in range(most) if number == round(number, few)), most)
    return _escaped(format_number(number, lang, decimals))


def _escaped(text: str) -> str:
    return text.replace(",", "{,}").replace("%", r"\%").replace("$", r"\$")
