"""Pictures of KPI values: over time, and by segment."""

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from kpilib.errors import InputError
from kpilib.plots import style
from kpilib.questions.values import KPIValue, Status
from kpilib.words import MISSING, Unit, _, format_number, ngettext
from kpilib.words.short import short_value
from kpilib.words.text import labelled

_INTERVAL = _("band: 95% interval")
_UNFINISHED = _("hollow: not final")
_UNSEEN = _("hatched: cannot be observed")
_SEGMENTS = _("By segment, the largest value first; bar: 95% interval")
_LINES = 6
"""So many segments as lines at most, the largest of the last period."""
_SIDE = 14
"""So many segments at most; the smallest of more are counted in a line below."""


@style.picture
def plot_trend(table: Sequence[KPIValue], ax: Axes | None = None) -> Axes:
    """One or two KPIs over periods, with their intervals; unfinished periods are hollow points.

    `table` is what `base.trend` gives, or two of them added up; the first KPI has the accent. By
    segment it is of one KPI, and each segment is a line of its own: the largest six of the last
    period, the first of them with the accent and its interval. A period without a number is a gap
    in the line, one in which nothing can be observed is hatched.
    """
    kpis = _by(table, lambda value: value.id)
    if not kpis or len(kpis) > 2:
        raise InputError(f"a trend shows one or two KPIs, not {len(kpis)}; choose among them")
    split = any(value.segment is not None for value in table)
    if split and len(kpis) > 1:
        raise InputError("a trend by segment shows one KPI; choose among them")
    ax = style.new_axes(ax)
    labels = list(dict.fromkeys(value.period.label for value in table))
    lines = _largest(table) if split else kpis
    for place, values in reversed(list(enumerate(lines.values()))):
        _draw_line(ax, labels, values, _tone(place, split), banded=not split or place == 0)
    ends = _ends(lines, labels, split)
    every = [value for values in lines.values() for value in values]
    _dress(ax, labels, every or list(table))
    style.label_ends(ax, ends, gap=4 if len(kpis) > 1 else 1.25)
    main = next(iter(lines.values()), list(table))
    finding = _across(lines) if split else _finding(main)
    one = table[0]
    return style.finish(
        ax,
        finding or one.name.of(one.lang),
        _telling(lines, split),
        measure=_MEASURE[one.unit].of(one.lang),
        seen="" if split else _range(main),
        source=_counted(main),
    )


_MEASURE = {
    Unit.SHARE: _("Share, in per cent, by month"),
    Unit.COUNT: _("Number, by month"),
    Unit.MONEY: _("Money, by month"),
    Unit.DAYS: _("Days, by month"),
    Unit.HOURS: _("Hours, by month"),
    Unit.MONTHS: _("Months, by month"),
    Unit.PER_YEAR: _("A year, by month"),
    Unit.PER_MONTH: _("A month, by month"),
    Unit.PER_CUSTOMER: _("A customer, by month"),
    Unit.POINTS: _("Points, by month"),
    Unit.RATIO: _("Ratio, by month"),
}
"""What is measured, by its unit."""
_RANGE = _("Highest {high} in {best}, lowest {low} in {worst}.")
_COUNTED = _("n = {n} in {period}")


def _range(values: Sequence[KPIValue]) -> str:
    """Between what the final values lie, where there are enough to tell."""
    final = [v for v in values if v.status is Status.COMPLETE and v.value is not None]
    if len(final) < 3:
        return ""
    ranked = sorted(final, key=lambda value: value.value or 0)
    low, high = ranked[0], ranked[-1]
    return _RANGE.format(
        high=_written(high), best=high.period, low=_written(low), worst=low.period
    ).of(low.lang)


def _counted(values: Sequence[KPIValue]) -> str:
    """How many rows the last number stands on."""
    known = [value for value in values if value.value is not None and value.n is not None]
    if not known:
        return ""
    return _COUNTED.format(n=known[-1].n, period=known[-1].period).of(known[-1].lang)


def _tone(place: int, split: bool) -> str:
    if place == 0:
        return style.ACCENT
    return style.SHADES[(place + 1) % len(style.SHADES)] if split else style.GREY


def _largest(table: Sequence[KPIValue]) -> dict[str, list[KPIValue]]:
    """The values of the largest segments, by segment, the largest first."""
    parts = _by([value for value in table if value.segment is not None], _segment)
    order = sorted(parts, key=lambda name: (-(parts[name][-1].n or 0), name))
    return {name: parts[name] for name in order[:_LINES]}


def _segment(value: KPIValue) -> str:
    return str(value.segment_name())


def _ends(
    lines: dict[str, list[KPIValue]], labels: list[str], split: bool
) -> list[tuple[float, float, str, str]]:
    """What is written at the right end of each line."""
    ends: list[tuple[float, float, str, str]] = []
    for place, values in enumerate(lines.values()):
        known = [value for value in values if value.value is not None]
        if not known:
            continue
        last = known[-1]
        text = _written(last) if len(lines) == 1 else _name_in_lines(last)
        text = f"{_segment(last)} {_written(last)}" if split else text
        at = (labels.index(last.period.label), float(last.value or 0))
        ends.append((*at, text, _tone(place, split)))
    return ends


def _across(lines: dict[str, list[KPIValue]]) -> str:
    """How far the segments lie apart in the last period in which all are final."""
    final: dict[str, list[KPIValue]] = {}
    for value in (value for values in lines.values() for value in values):
        if value.status is Status.COMPLETE and value.value is not None:
            final.setdefault(value.period.label, []).append(value)
    full = [values for values in final.values() if len(values) == len(lines)]
    if not full:
        return ""
    ranked = sorted(full[-1], key=lambda value: value.value or 0)
    worst, best = ranked[0], ranked[-1]
    return _(
        "{name} in {period}: from {low} ({worst}) to {high} ({best})",
        name=best.name,
        period=best.period,
        low=_written(worst),
        worst=_segment(worst),
        high=_written(best),
        best=_segment(best),
    ).of(best.lang)


@style.picture
def plot_segments(table: Sequence[KPIValue] | KPIValue, ax: Axes | None = None) -> Axes:
    """One KPI of one period by segment, largest first, each with its interval.

    Where the KPI cannot be had there is one value without a number, and an InputError.
    """
    values = [table] if isinstance(table, KPIValue) else table
    known = [value for value in values if value.value is not None]
    if not known:
        raise InputError(_("no segment has a number to show; choose another period or dimension"))
    largest = sorted(known, key=lambda value: -(value.n or 0))[:_SIDE]
    shown = sorted(largest, key=lambda value: -(value.value or 0))
    ax = style.new_axes(ax, height=1.3 + 0.3 * len(shown))
    y = np.arange(len(shown))
    at = np.array([value.value for value in shown])
    low = np.array([value.value if value.low is None else value.low for value in shown])
    high = np.array([value.value if value.high is None else value.high for value in shown])
    ax.hlines(y, low, high, color=style.PALE, lw=4)
    ax.plot(at, y, "o", color=style.ACCENT, ms=6)
    for place, value in enumerate(shown):
        ax.annotate(
            f"{_written(value)}  n = {format_number(value.n or 0, value.lang)}",
            (high[place], place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=style.GREY,
        )
    ax.set_yticks(y, [str(value.segment_name()) for value in shown])
    ax.tick_params(axis="y", length=0, labelcolor=style.INK)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.margins(x=0.3)
    if low.min() >= 0 > ax.get_xlim()[0]:
        ax.set_xlim(left=-0.02 * ax.get_xlim()[1])
    ax.xaxis.set_major_formatter(_Ticks(shown[0]))
    lang = shown[0].lang
    left = len(known) - len(shown)
    if left:
        text = ngettext("{n} smaller segment not shown", "{n} smaller segments not shown", left)
        ax.set_xlabel(text.of(lang), loc="left")
    named = [value for value in shown if value.segment != MISSING]
    best, worst = (named[0], named[-1]) if len(named) > 1 else (shown[0], shown[-1])
    title = _(
        "{name}: from {low} ({worst}) to {high} ({best})",
        name=best.name,
        low=_written(worst),
        worst=str(worst.segment_name()),
        high=_written(best),
        best=str(best.segment_name()),
    )
    telling = "; ".join(f"{value.segment_name()} {_written(value)}" for value in shown)
    n = sum(value.n or 0 for value in known)
    source = _COUNTED.format(n=n, period=best.period).of(lang)
    return style.finish(ax, title.of(lang), telling, measure=_SEGMENTS.of(lang), source=source)


def _by(table: Sequence[KPIValue], key: Callable[[KPIValue], str]) -> dict[str, list[KPIValue]]:
    groups: dict[str, list[KPIValue]] = {}
    for value in table:
        groups.setdefault(key(value), []).append(value)
    return groups


def _draw_line(
    ax: Axes, labels: list[str], values: list[KPIValue], colour: str, *, banded: bool
) -> None:
    x = np.array([labels.index(value.period.label) for value in values])

    def numbers(name: str) -> np.ndarray:
        return np.array([getattr(value, name) for value in values], dtype=float)

    y, low, high = numbers("value"), numbers("low"), numbers("high")
    final = np.array([value.status is Status.COMPLETE for value in values])
    if banded:
        ax.fill_between(x, low, high, color=colour, alpha=0.14, lw=0)
    ax.plot(x, np.where(final, y, np.nan), color=colour)
    ax.plot(x[final], y[final], "o", color=colour, ms=3.5)
    ax.plot(x[~final], y[~final], "o", mfc="white", mec=colour, ms=6)


def _dress(ax: Axes, labels: list[str], values: list[KPIValue]) -> None:
    style.month_ticks(ax, labels, values[0].lang)
    ax.set_xlim(-0.3, len(labels) - 0.7 + 0.4)
    ax.yaxis.set_major_formatter(_Ticks(values[0]))
    ax.grid(axis="y")
    unseen = [value for value in values if value.value is None and _is_unseen(value)]
    for x in sorted({labels.index(value.period.label) for value in unseen}):
        ax.axvspan(x - 0.5, x + 0.5, facecolor="none", edgecolor=style.PALE, hatch="////", lw=0)
    if marks := _marks(values):
        ax.set_xlabel(marks, loc="left", size=8)


def _marks(values: Sequence[KPIValue]) -> str:
    """What a band, a hollow point and a hatched stretch mean, as far as there are any."""
    words = [_INTERVAL] if any(value.low is not None for value in values) else []
    if any(value.status is not Status.COMPLETE and value.value is not None for value in values):
        words.append(_UNFINISHED)
    words += [_UNSEEN] if any(value.value is None and _is_unseen(value) for value in values) else []
    return " · ".join(word.of(values[0].lang) for word in words)


def _is_unseen(value: KPIValue) -> bool:
    """Whether the records do not reach back far enough for a number."""
    return value.status is Status.UNDEFINED and value.denominator is None


def _name_in_lines(value: KPIValue) -> str:
    return textwrap.fill(f"{value.name.of(value.lang)} {_written(value)}", 20)


class _Ticks(FuncFormatter):
    """The numbers of an axis in the KPI's unit; shares with as many decimals as tell them apart."""

    def __init__(self, value: KPIValue) -> None:
        self.value = value
        super().__init__(lambda number, _: self.written(number))

    def written(self, number: float, decimals: int = 1) -> str:
        """One number."""
        value = self.value
        if value.unit is Unit.SHARE and decimals > 1:
            return format_number(100 * number, value.lang, decimals) + "%"
        return short_value(number, value.unit, value.lang, value.currency)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All numbers of the axis, told apart."""
        found: list[str] = []
        for decimals in (1, 2, 3, 4):
            found = [self.written(number, decimals) for number in values]
            if len({*found}) == len(found):
                break
        return found


def _written(value: KPIValue) -> str:
    return short_value(value.value, value.unit, value.lang, value.currency)


def _finding(values: list[KPIValue]) -> str:
    """The last final value, and how far it lies from where the line began."""
    final = [v for v in values if v.status is Status.COMPLETE and v.value is not None]
    if not final:
        return values[0].name.of(values[0].lang)
    first, last = final[0], final[-1]
    name, lang = last.name, last.lang
    if len(final) == 1:
        return labelled(name.of(lang), f"{_written(last)} ({last.period.of(lang)})", lang)
    change = _(
        "{name}: {now} in {period}, after {then} in {start}",
        name=last.name,
        now=_written(last),
        period=last.period,
        then=_written(first),
        start=first.period,
    )
    return change.of(lang)


def _telling(lines: dict[str, list[KPIValue]], split: bool) -> str:
    told = []
    for name, values in lines.items():
        known = ", ".join(f"{value.period.of(value.lang)} {_written(value)}" for value in values)
        told.append(f"{name if split else values[0].name.of(values[0].lang)}: {known}")
    return ". ".join(told)
