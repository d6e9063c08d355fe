"""What pictures of KPI values share: their numbers, marks, ticks, and what they say of segments."""

import math
from collections.abc import Callable, Iterable, Sequence

from matplotlib.ticker import FuncFormatter

from kpilib.periods import Named
from kpilib.questions.breakdown import is_kept_back
from kpilib.questions.values import KPIValue, Status
from kpilib.words import MISSING, Text, Unit, _, format_number, ngettext
from kpilib.words.short import short_value
from kpilib.words.units import as_read

_INTERVAL = _("band: 95% interval")
_UNFINISHED = _("hollow: not final")
_UNSEEN = _("hatched: cannot be observed")
_COUNTED = _("n = {n} in {period}")
FEWEST = 5
"""A segment of fewer rows is not drawn where two others can be: its limits would set the scale."""
_TELLING = 0.02
"""Segments with a smaller part of the rows are not drawn, where two others can be."""
_ABSENT = _("{segment} not shown")

MEASURE = {
    Unit.SHARE: _("Share, in per cent, by month"),
    Unit.COUNT: _("Number, by month"),
    Unit.MONEY: _("Money, by month"),
    Unit.DAYS: _("Days, by month"),
    Unit.HOURS: _("Hours, by month"),
    Unit.MONTHS: _("Months, by month"),
    Unit.PER_YEAR: _("Rate per year, by month"),
    Unit.PER_MONTH: _("Rate per month"),
    Unit.PER_CUSTOMER: _("Per 100 customers, by month"),
    Unit.POINTS: _("Points, by month"),
    Unit.RATIO: _("Ratio, by month"),
}
"""What is measured, by its unit."""
_BY_PERIOD = {
    Unit.SHARE: _("Share, in per cent, by period"),
    Unit.COUNT: _("Number, by period"),
    Unit.MONEY: _("Money, by period"),
    Unit.DAYS: _("Days, by period"),
    Unit.HOURS: _("Hours, by period"),
    Unit.MONTHS: _("Months, by period"),
    Unit.PER_YEAR: _("Rate per year, by period"),
    Unit.PER_CUSTOMER: _("Per 100 customers, by period"),
    Unit.POINTS: _("Points, by period"),
    Unit.RATIO: _("Ratio, by period"),
}
"""The same where the periods are no months."""


def measured(value: KPIValue) -> Text:
    """What is measured by values like this one, and that it is by month where it is.

    >>> from kpilib.demo import tiny_shop
    >>> shop = tiny_shop()
    >>> [measured(shop.kpi("buyers", when)).en for when in ("2026-04", "2026-W15")]
    ['Number, by month', 'Number, by period']
    """
    months = MEASURE[value.unit]
    return months if value.period.months == 1 else _BY_PERIOD.get(value.unit, months)


def written(value: KPIValue) -> str:
    """A value in its unit."""
    return short_value(value.value, value.unit, value.lang, value.currency)


def brief(value: KPIValue) -> str:
    """A value where its unit stands beside the picture: only money and shares carry theirs."""
    if value.value is None or value.unit in (Unit.MONEY, Unit.SHARE, Unit.COUNT):
        return written(value)
    return short_value(as_read(value.value, value.unit), Unit.RATIO, value.lang)


def segment(value: KPIValue) -> str:
    """The name of a value's segment."""
    return str(value.segment_name())


def bare(value: KPIValue) -> str:
    """The name of a value's segment where it stands in brackets, of which it needs none itself."""
    name = segment(value)
    return name[1:-1] if name[:1] + name[-1:] in ("()", "（）") else name


def counted(values: Sequence[KPIValue]) -> str:
    """How many rows the last number stands on."""
    known = [value for value in values if value.value is not None and value.n is not None]
    if not known:
        return ""
    last = known[-1]
    return _COUNTED.format(n=last.n, period=Named(last.period, year=True)).of(last.lang)


def final(values: Iterable[KPIValue]) -> list[KPIValue]:
    """The values that are complete and there."""
    return [v for v in values if v.status is Status.COMPLETE and v.value is not None]


def grouped(table: Iterable[KPIValue], key: Callable[[KPIValue], str]) -> dict[str, list[KPIValue]]:
    """The values by what `key` gives, in the order they come."""
    groups: dict[str, list[KPIValue]] = {}
    for value in table:
        groups.setdefault(key(value), []).append(value)
    return groups


def telling(values: Sequence[KPIValue], most: int) -> list[KPIValue]:
    """The segments of a period that a picture shows and its title speaks of, the largest first.

    One of next to no rows would set the scale of all, and of rows without a segment nothing
    follows; both stay where all was counted and no chance is in it, or where fewer than two others
    could be shown.
    """
    order = sorted(values, key=lambda value: (-(value.n or 0), segment(value)))
    all_counted = all(value.low is None for value in values if value.value is not None)
    least = 0 if all_counted else _TELLING * sum(value.n or 0 for value in values)
    large = [value for value in order if (value.n or 0) >= max(FEWEST, least)]
    named = large if all_counted else [value for value in large if value.segment != MISSING]
    return next((some for some in (named, large) if len(some) > 1), order)[:most]


def largest(
    table: Sequence[KPIValue], most: int
) -> tuple[dict[str, list[KPIValue]], list[KPIValue]]:
    """The values of the segments that tell in the last period, by segment; what is left out."""
    parts = grouped([value for value in table if value.segment is not None], segment)
    last = [values[-1] for values in parts.values()]
    shown = {segment(value): parts[segment(value)] for value in telling(last, most)}
    return shown, [value for value in last if segment(value) not in shown]


def left_out(values: Sequence[KPIValue], lang: str) -> list[str]:
    """What segments are not shown: how many small ones, and the rows that have none."""
    absent = [value for value in values if value.segment == MISSING]
    notes = [_ABSENT.format(segment=segment(value)).of(lang) for value in absent]
    if count := len(values) - len(absent):
        text = ngettext("{n} smaller segment not shown", "{n} smaller segments not shown", count)
        notes.insert(0, text.of(lang))
    return notes


def extremes(values: Sequence[KPIValue]) -> tuple[KPIValue, KPIValue]:
    """The lowest and the highest of the segments of a picture."""
    ranked = sorted(values, key=lambda value: value.value or 0)
    return ranked[0], ranked[-1]


def marks(values: Sequence[KPIValue], *, hatched: bool = True) -> list[str]:
    """What a band, a hollow point and, where it is drawn, a hatched stretch mean."""
    words = [_INTERVAL] if any(value.low is not None for value in values) else []
    if any(value.status is not Status.COMPLETE and value.value is not None for value in values):
        words.append(_UNFINISHED)
    if hatched and any(value.value is None and is_unseen(value) for value in values):
        words.append(_UNSEEN)
    return [word.of(values[0].lang) for word in words]


def is_unseen(value: KPIValue) -> bool:
    """Whether the records do not reach back far enough for a number."""
    undefined = value.status is Status.UNDEFINED and value.denominator is None
    return undefined and not is_kept_back(value)


def across(lines: dict[str, list[KPIValue]]) -> str:
    """How far the segments lie apart in the last period in which all are final."""
    periods: dict[str, list[KPIValue]] = {}
    for value in (value for values in lines.values() for value in final(values)):
        periods.setdefault(value.period.label, []).append(value)
    full = [values for values in periods.values() if len(values) == len(lines)]
    if not full:
        return ""
    worst, best = extremes(full[-1])
    return _(
        "{name} in {period}: from {low} ({worst}) to {high} ({best})",
        name=best.name,
        period=Named(best.period, year=True),
        low=written(worst),
        worst=bare(worst),
        high=written(best),
        best=bare(best),
    ).of(best.lang)


def room(low: float, high: float, unit: Unit) -> tuple[float, float]:
    """Limits of an axis that do not make a mountain of what is written alike.

    >>> [round(one, 4) for one in room(0.9910, 0.9913, Unit.SHARE)]
    [0.9861, 0.9961]
    """
    least = 0.01 if unit is Unit.SHARE else 0.01 * max(abs(low), abs(high))
    lacking = max(least - (high - low), 0) / 2
    return low - lacking, high + lacking


class Ticks(FuncFormatter):
    """The numbers of an axis, with as many decimals as they need and no more.

    What is counted in money carries its currency; another unit stands beside the picture.
    """

    def __init__(self, value: KPIValue) -> None:
        self.value = value
        super().__init__(lambda number, _: self.format_ticks([number])[0])

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All numbers of the axis, alike."""
        unit, lang = self.value.unit, self.value.lang
        if unit is Unit.MONEY:
            return [short_value(number, unit, lang, self.value.currency) for number in values]
        share = unit is Unit.SHARE
        numbers = [as_read(number, unit) for number in values]
        decimals = next((n for n in range(6) if all(_has(one, n) for one in numbers)), 6)
        return [format_number(one, lang, decimals) + "%" * share for one in numbers]


def _has(number: float, decimals: int) -> bool:
    """Whether a number has no more decimals than that."""
    return math.isclose(number, round(number, decimals), rel_tol=1e-9, abs_tol=1e-9)
