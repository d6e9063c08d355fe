"""One KPI of one period, segment by segment."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kpilib.errors import InputError
from kpilib.periods import Named
from kpilib.plots import style
from kpilib.plots.kpis.common import FEWEST, Ticks, extremes, left_out, segment, written
from kpilib.questions.values import KPIValue
from kpilib.words import Unit, _, format_number

_SEGMENTS = _("By segment, the largest value first; bar: 95% interval")
_COUNTED = _("n = {n} in {period}")
_SIDE = 14
"""So many segments at most; the smallest of more are counted in a line below."""


@style.picture
def plot_segments(table: Sequence[KPIValue] | KPIValue, ax: Axes | None = None) -> Axes:
    """One KPI of one period by segment, largest first, each with its interval.

    Segments of fewer than five rows are counted and not drawn, where others can be: their limits
    would set the scale. Where the KPI cannot be had there is one value without a number, and an
    InputError.
    """
    values = [table] if isinstance(table, KPIValue) else table
    known = [value for value in values if value.value is not None]
    if not known:
        raise InputError(_("no segment has a number to show; choose another period or dimension"))
    enough = [value for value in known if (value.n or 0) >= FEWEST]
    most = sorted(enough if len(enough) > 1 else known, key=lambda value: -(value.n or 0))[:_SIDE]
    shown = sorted(most, key=lambda value: -(value.value or 0))
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
    ax.xaxis.set_major_formatter(Ticks(shown[0]))
    lang = shown[0].lang
    if left := left_out(len(known) - len(shown), lang):
        ax.set_xlabel(left, loc="left")
    worst, best = extremes(shown)
    title = _(
        "{name}: from {low} ({worst}) to {high} ({best})",
        name=best.name,
        low=written(worst),
        worst=segment(worst),
        high=written(best),
        best=segment(best),
    )
    telling = "; ".join(f"{segment(value)} {written(value)}" for value in shown)
    n = sum(value.n or 0 for value in known)
    source = _COUNTED.format(n=n, period=Named(best.period, year=True)).of(lang)
    return style.finish(ax, title.of(lang), telling, measure=_SEGMENTS.of(lang), source=source)
