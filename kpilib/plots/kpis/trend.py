"""One or two KPIs over time."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kpilib.errors import InputError
from kpilib.periods import Named
from kpilib.plots import style
from kpilib.plots.kpis.common import (
    Ticks,
    across,
    counted,
    final,
    grouped,
    is_unseen,
    largest,
    left_out,
    marks,
    measured,
    room,
    segment,
    written,
)
from kpilib.questions.values import KPIValue, Status
from kpilib.words import _
from kpilib.words.text import labelled

_LINES = 6
"""So many segments as lines at most, the largest of the last period."""
_NOTHING = _("none of these periods has a number to show")
_RANGE = _("Highest {high} in {best}, lowest {low} in {worst}.")


@style.picture
def plot_trend(table: Sequence[KPIValue], ax: Axes | None = None) -> Axes:
    """One or two KPIs over periods, with their intervals; unfinished periods are hollow points.

    `table` is what `base.trend` gives, or two of them added up; the first KPI has the accent. By
    segment it is of one KPI, and each segment is a line of its own: the largest six of the last
    period, the first of them with the accent and its interval. A period without a number is a gap
    in the line, one in which nothing can be observed is hatched.
    """
    kpis = grouped(table, lambda value: value.id)
    if not kpis or len(kpis) > 2:
        raise InputError(f"a trend shows one or two KPIs, not {len(kpis)}; choose among them")
    split = any(value.segment is not None for value in table)
    if split and len(kpis) > 1:
        raise InputError("a trend by segment shows one KPI; choose among them")
    if all(value.value is None for value in table):
        first, last = (table[place].period.label for place in (0, -1))
        raise InputError(
            f"{table[0].id} has no number from {first} to {last}; choose other periods, or "
            "bring the records that it needs",
            table[-1].reason or _NOTHING,
        )
    ax = style.new_axes(ax)
    labels = list(dict.fromkeys(value.period.label for value in table))
    lines, left = largest(table, _LINES) if split else (kpis, [])
    for place, values in reversed(list(enumerate(lines.values()))):
        _draw_line(ax, labels, values, _tone(place, split), banded=not split or place == 0)
    ends = _ends(lines, labels, split)
    every = [value for values in lines.values() for value in values]
    _dress(ax, labels, every or list(table), left)
    style.label_ends(ax, ends, gap=4 if len(kpis) > 1 else 1.25)
    main = next(iter(lines.values()), list(table))
    finding = across(lines) if split else _finding(main)
    one = table[0]
    return style.finish(
        ax,
        finding or one.name.of(one.lang),
        _telling(lines, split),
        measure=measured(one).of(one.lang),
        seen="" if split else _range(main),
        source=counted(main),
    )


def _range(values: Sequence[KPIValue]) -> str:
    """Between what the final values lie, where there are enough to tell."""
    done = final(values)
    ranked = sorted(done, key=lambda value: value.value or 0)
    if len(done) < 3 or written(ranked[0]) == written(ranked[-1]):
        return ""
    low, high = ranked[0], ranked[-1]
    return _RANGE.format(
        high=written(high),
        best=Named(high.period, year=True),
        low=written(low),
        worst=Named(low.period, year=True),
    ).of(low.lang)


def _tone(place: int, split: bool) -> str:
    if place == 0:
        return style.ACCENT
    return style.SHADES[(place + 1) % len(style.SHADES)] if split else style.GREY


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
        text = written(last) if len(lines) == 1 else _name_in_lines(last)
        text = f"{segment(last)} {written(last)}" if split else text
        at = (labels.index(last.period.label), float(last.value or 0))
        ends.append((*at, text, _tone(place, split)))
    return ends


def _draw_line(
    ax: Axes, labels: list[str], values: list[KPIValue], colour: str, *, banded: bool
) -> None:
    x = np.array([labels.index(value.period.label) for value in values])

    def numbers(name: str) -> np.ndarray:
        return np.array([getattr(value, name) for value in values], dtype=float)

    y, low, high = numbers("value"), numbers("low"), numbers("high")
    done = np.array([value.status is Status.COMPLETE for value in values])
    if banded:
        ax.fill_between(x, low, high, color=colour, alpha=0.14, lw=0)
    ax.plot(x, np.where(done, y, np.nan), color=colour)
    ax.plot(x[done], y[done], "o", color=colour, ms=3.5)
    ax.plot(x[~done], y[~done], "o", mfc="white", mec=colour, ms=6)


def _dress(ax: Axes, labels: list[str], values: list[KPIValue], left: Sequence[KPIValue]) -> None:
    style.month_ticks(ax, labels, values[0].lang)
    ax.set_xlim(-0.3, len(labels) - 0.7 + 0.4)
    ax.yaxis.set_major_formatter(Ticks(values[0]))
    ax.grid(axis="y")
    unseen = [value for value in values if value.value is None and is_unseen(value)]
    for x in sorted({labels.index(value.period.label) for value in unseen}):
        ax.axvspan(x - 0.5, x + 0.5, facecolor="none", edgecolor=style.PALE, hatch="////", lw=0)
    ax.set_ylim(*room(*ax.get_ylim(), values[0].unit))
    notes = [*marks(values), *left_out(left, values[0].lang)]
    if said := ("\n" if style.is_narrow() else " · ").join(filter(None, notes)):
        ax.set_xlabel(said, loc="left", size=8)


def _name_in_lines(value: KPIValue) -> str:
    return textwrap.fill(f"{value.name.of(value.lang)} {written(value)}", 20)


_ONE = _("{value} ({period})")
_AFTER = _("{name}: {now} in {period}, after {then} in {start}")
_AS_BEFORE = _("{name}: {now} in {period}, as in {start}")


def _finding(values: list[KPIValue]) -> str:
    """The last final value, and how far it lies from where the line began."""
    done = final(values)
    if not done:
        return values[0].name.of(values[0].lang)
    first, last = done[0], done[-1]
    name, lang, period = last.name, last.lang, Named(last.period, year=True)
    if len(done) == 1:
        return labelled(
            name.of(lang), _ONE.format(value=written(last), period=period).of(lang), lang
        )
    text = _AS_BEFORE if written(first) == written(last) else _AFTER
    said = text.format(
        name=name,
        now=written(last),
        period=period,
        then=written(first),
        start=Named(first.period, year=True),
    )
    return said.of(lang)


def _telling(lines: dict[str, list[KPIValue]], split: bool) -> str:
    told = []
    for name, values in lines.items():
        known = ", ".join(f"{value.period.of(value.lang)} {written(value)}" for value in values)
        told.append(f"{name if split else values[0].name.of(values[0].lang)}: {known}")
    return ". ".join(told)
