"""One KPI of one period, segment by segment."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kpilib.errors import InputError
from kpilib.periods import Named
from kpilib.plots import style
from kpilib.plots.kpis.common import Ticks, bare, extremes, left_out, segment, telling, written
from kpilib.questions.values import KPIValue
from kpilib.words import Unit, _, format_number

_SEGMENTS = _("By segment, the largest value first; bar: 95% interval")
_COUNTED_ALL = _("By segment, the largest value first")
_NONE = _("no segment has a number to show; choose another period or dimension")
_COUNTED = _("n = {n} in {period}")
_SIDE = 14
"""So many segments at most; the smallest of more are counted in a line below."""


@style.picture
def plot_segments(table: Sequence[KPIValue] | KPIValue, ax: Axes | None = None) -> Axes:
    """One KPI of one period by segment, largest first, each with its interval.

    Segments of next to no rows are counted and not drawn, where others can be: their limits would
    set the scale. So are rows without a segment, unless all was counted. Where the KPI cannot be
    had there is one value without a number, and an InputError that says why.
    """
    values = [table] if isinstance(table, KPIValue) else table
    known = [value for value in values if value.value is not None]
    if not known:
        reason = next((value.reason for value in values if value.reason), None)
        raise InputError(f"{values[0].id}: {_NONE.en}", reason or _NONE)
    shown = sorted(telling(known, _SIDE), key=lambda value: -(value.value or 0))
    ax = style.new_axes(ax, height=1.3 + 0.3 * len(shown))
    y = np.arange(len(shown))
    at = np.array([value.value for value in shown])
    low = np.array([value.value if value.low is None else value.low for value in shown])
    high = np.array([value.value if value.high is None else value.high for value in shown])
    ax.hlines(y, low, high, color=style.PALE, lw=4)
    ax.plot(at, y, "o", color=style.ACCENT, ms=6)
    for place, value in enumerate(shown):
        ax.annotate(
            f"{written(value)}  n = {format_number(value.n or 0, value.lang)}",
            (high[place], place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=style.GREY,
        )
    ax.set_yticks(y, [segment(value) for value in shown])
    ax.tick_params(axis="y", length=0, labelcolor=style.INK)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.margins(x=0.3)
    if low.min() >= 0 > ax.get_xlim()[0]:
        ax.set_xlim(left=-0.02 * ax.get_xlim()[1])
    few = 2 if shown[0].unit is Unit.MONEY else 3
    ax.locator_params(axis="x", nbins=few if style.is_narrow() else 7)
    if shown[0].unit is Unit.SHARE and high.max() <= 1:
        _end_at_all(ax)
    ax.xaxis.set_major_formatter(Ticks(shown[0]))
    lang = shown[0].lang
    if left := left_out([value for value in known if value not in shown], lang):
        ax.set_xlabel(("\n" if style.is_narrow() else " · ").join(left), loc="left")
    worst, best = extremes(shown)
    title = _(
        "{name}: from {low} ({worst}) to {high} ({best})",
        name=best.name,
        low=written(worst),
        worst=bare(worst),
        high=written(best),
        best=bare(best),
    )
    told = "; ".join(f"{segment(value)} {written(value)}" for value in shown)
    n = sum(value.n or 0 for value in known)
    source = _COUNTED.format(n=n, period=Named(best.period, year=True)).of(lang)
    bars = any(value.low is not None for value in shown)
    measure = (_SEGMENTS if bars else _COUNTED_ALL).of(lang)
    return style.finish(ax, title.of(lang), told, measure=measure, source=source)


def _end_at_all(ax: Axes) -> None:
    """No number of an axis of shares lies beyond 100%, where there is room for labels alone."""
    low, high = ax.get_xlim()
    ax.set_xticks([place for place in ax.get_xticks() if low <= place <= min(high, 1 + 1e-9)])
    ax.set_xlim(low, high)
