"""One KPI over time, a small panel for each segment, all on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kpilib.periods import Named
from kpilib.plots import style
from kpilib.plots.kpis.common import (
    FEWEST,
    Ticks,
    across,
    brief,
    final,
    grouped,
    largest,
    left_out,
    marks,
    measured,
    room,
    segment,
    written,
)
from kpilib.plots.kpis.trend import plot_trend
from kpilib.plots.words import months
from kpilib.questions.values import KPIValue, Status
from kpilib.words import Text, _

_PANELS = 6
"""So many panels at most: the largest segments of the last period."""
_MEASURE = _("{measure}; a panel for each segment, all on one scale")
_MOVED = _(
    "{segment} moved farthest, from {then} in {start} to {now} in {end}: their limits do not meet."
)
_STILL = _("In every segment the limits of {end} and of {start} overlap.")
_APART, _ABOVE = 0.14, 0.42
"""Between panels: a part of their width beside them, of their height above them."""


@style.picture
def plot_small_multiples(table: Sequence[KPIValue], ax: Axes | None = None) -> Axes:
    """One KPI over periods by segment: a panel each, with its last value, all on one scale.

    `table` is what `base.trend(id, periods, by=…)` gives. The six largest segments of the last
    period are shown, the largest first, with their intervals; unfinished periods are hollow
    points. Without segments it is a trend as `plot_trend` draws it.
    """
    lines, left = largest(table, _PANELS)
    if not lines:
        return plot_trend(table, ax)
    one, lang = table[0], table[0].lang
    periods = list(grouped(table, lambda value: value.period.label))
    columns = min(len(lines), 2 if style.is_narrow() or len(lines) == 4 else 3)
    rows = -(-len(lines) // columns)
    ax = style.new_axes(ax, height=(0.8 if style.is_narrow() else 0.7) + 1.45 * rows)
    shown = [value for values in lines.values() for value in values]
    scale = _Scale.of(ax, shown)
    for place, (name, values) in enumerate(lines.items()):
        panel = _Panel(place % columns * (1 + _APART), -(place // columns) * (1 + _ABOVE))
        panel.draw(ax, values, periods, scale)
        known = [value for value in values if value.value is not None]
        last = brief(known[-1]) if known else "–"
        panel.label(ax, _cut(name, last, columns), last)
        if place + columns >= len(lines):
            panel.months(ax, months([periods[0], periods[-1]], lang))
    _dress(ax, scale, columns, rows, [*marks(shown, hatched=False), *left_out(left, lang)])
    telling = ". ".join(
        f"{name}: {told or '–'}"
        for name, values in lines.items()
        for told in ["; ".join(f"{one.period.of(lang)} {written(one)}" for one in _ends(values))]
    )
    return style.finish(
        ax,
        across(lines) or one.name.of(lang),
        telling,
        measure=_MEASURE.format(measure=measured(one)).of(lang),
        seen=_moved(lines, lang),
    )


@dataclass(frozen=True)
class _Scale:
    """The one scale of all panels: its lowest and highest value, its ticks and their numbers."""

    low: float
    high: float
    ticks: tuple[float, ...]
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, ax: Axes, values: Sequence[KPIValue]) -> "_Scale":
        """The scale that has room for the values, and for limits that rest on some rows."""
        limits = [end for v in values if (v.n or 0) >= FEWEST for end in (v.low, v.high)]
        ends = [end for end in (*limits, *(v.value for v in values)) if end is not None]
        low, high = room(min(ends, default=0.0), max(ends, default=1.0), values[0].unit)
        places = MaxNLocator(3).tick_values(low, high)
        ticks = tuple(float(tick) for tick in places if low <= tick <= high)
        return cls(low, high, ticks, tuple(Ticks(values[0]).format_ticks(ticks)))

    def at(self, values: Sequence[float | None]) -> np.ndarray:
        """Places from 0 to 1; none where there is no value."""
        return (np.array(values, dtype=float) - self.low) / ((self.high - self.low) or 1)


@dataclass(frozen=True)
class _Panel:
    """A panel of the size 1 × 1, with its left and its lower edge."""

    left: float
    floor: float

    def draw(
        self, ax: Axes, values: Sequence[KPIValue], periods: Sequence[str], scale: _Scale
    ) -> None:
        """The line with its band, the last point, and hollow ones where they are not final."""
        x = np.array([periods.index(value.period.label) for value in values], dtype=float)
        x = self.left + x / max(len(periods) - 1, 1)
        y, low, high = (
            self.floor + np.clip(scale.at([getattr(value, name) for value in values]), 0, 1)
            for name in ("value", "low", "high")
        )
        done = np.array([value.status is Status.COMPLETE for value in values])
        grid = self.floor + scale.at(scale.ticks)
        ax.hlines(grid, self.left, self.left + 1, color=style.FAINT, lw=0.8)
        ax.fill_between(x, low, high, color=style.ACCENT, alpha=0.14, lw=0)
        ax.plot(x, np.where(done, y, np.nan), color=style.ACCENT, lw=1.6)
        ax.plot(x[~done], y[~done], "o", mfc="white", mec=style.ACCENT, ms=4)
        ax.plot(x[done][-1:], y[done][-1:], "o", color=style.ACCENT, ms=4)

    def label(self, ax: Axes, name: str, value: str) -> None:
        """The segment's name at the left and its last value at the right, above the panel."""
        above = self.floor + 1.08
        ax.text(self.left, above, name, color=style.INK, size=9)
        ax.text(self.left + 1, above, value, color=style.ACCENT, size=9, ha="right", weight="bold")

    def months(self, ax: Axes, names: Sequence[str]) -> None:
        """The first and the last period, below the panel."""
        for at, name, side in zip((0, 1), names, ("left", "right"), strict=True):
            ax.text(self.left + at, self.floor - 0.06, name, color=style.GREY, size=9,
                    ha=side, va="top")  # fmt: skip


def _dress(ax: Axes, scale: _Scale, columns: int, rows: int, notes: Sequence[str]) -> None:
    """The numbers of the scale at the left of each row, and what the marks mean."""
    floors = [-row * (1 + _ABOVE) for row in range(rows)]
    ax.set_yticks(
        [floor + place for floor in floors for place in scale.at(scale.ticks)],
        list(scale.numbers) * rows,
    )
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlim(-0.02, columns * (1 + _APART) - _APART + 0.02)
    ax.set_ylim(floors[-1] - 0.42, 1.3)
    if said := ("\n" if style.is_narrow() else " · ").join(filter(None, notes)):
        ax.set_xlabel(said, loc="left", size=8)


def _cut(name: str, value: str, columns: int) -> str:
    """A name as far as there is room for it beside the value."""
    letters = (36 if style.is_narrow() else 80) // columns - 2 - _wide(value)
    if _wide(name) <= letters:
        return name
    while name and _wide(name) >= letters:
        name = name[:-1]
    return f"{name}…"


def _wide(text: str) -> int:
    """How many Latin letters a text is wide."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _moved(lines: dict[str, list[KPIValue]], lang: str) -> str:
    """Which segment moved farthest, of those whose limits at both ends lie apart."""
    ends = [(both[0], both[1]) for values in lines.values() if len(both := _ends(values)) > 1]
    sure = [(a, b) for a, b in ends if None not in (a.low, a.high, b.low, b.high)]
    if not sure:
        return ""
    apart = [(a, b) for a, b in sure if _number(a.high) < _number(b.low)
             or _number(b.high) < _number(a.low)]  # fmt: skip
    first, last = max(
        apart or sure, key=lambda both: abs(_number(both[1].value) - _number(both[0].value))
    )
    start, end = Named(first.period, year=True), Named(last.period, year=True)
    if not apart:
        return _STILL.format(start=start, end=end).of(lang)
    said: Text = _MOVED.format(
        segment=segment(last), then=written(first), now=written(last), start=start, end=end
    )
    return said.of(lang)


def _ends(values: Sequence[KPIValue]) -> list[KPIValue]:
    """The first and the last final value, as far as there are any."""
    done = final(values)
    return done if len(done) < 2 else [done[0], done[-1]]


def _number(value: float | None) -> float:
    return float(value or 0)
