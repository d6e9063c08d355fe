"""Bridges: from the value before to the value now, a bar for each part of the change."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpilib.periods import Period
from kpilib.plots import words
from kpilib.plots.style import ACCENT, AGAINST, GREY, INK, PALE, finish, new_axes, picture
from kpilib.questions.explained import Why, dimension_name
from kpilib.words import MISSING, Unit, _, format_value, ngettext
from kpilib.words.units import Amount, Change
from kpilib.words.values import value_text

_DRIVERS = {
    ("customers", "new"): _("New customers"),
    ("orders_each", "new"): _("Orders each, new customers"),
    ("order_size", "new"): _("Order size, new customers"),
    ("customers", "returning"): _("Returning buyers"),
    ("orders_each", "returning"): _("Orders each, returning buyers"),
    ("order_size", "returning"): _("Order size, returning buyers"),
    ("refunds", "all"): _("Refunds of no known order"),
}
_CHANGED = _("Revenue {change} from {before} to {now}; the largest part: {driver}, {part}")
_SAME = _("Revenue {now}, as in {before}")
_REVENUE = _("Revenue, {period}")
_ALT = _("Revenue {before}: {value_before}. {parts}. {now}: {value_now}.")
_WHY = _("{kpi} {change}: goes with {dimension} {segment}, {part}")
_WHY_MIX = _("{kpi} {change}: goes with the weight of {dimension} {segment}, {part}")
_SPREAD = _("{kpi} {change}; by {dimension} no segment stands out")
_VALUE = _("{kpi}, {period}")
_WHY_ALT = _("{sentence} By {dimension}: {parts}.")
MOST_BARS = 8
"""So many segments have a bar of their own; those that add least have one together."""


@dataclass(frozen=True)
class Step:
    """One bar of a bridge: its name, how much it adds, with limits, and what is written at it."""

    name: str
    adds: float
    low: float
    high: float
    written: str
    beside: str = ""


@picture
def plot_revenue_bridge(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """`revenue_bridge` as bars from the revenue before to the revenue now, with their limits.

    Drivers that play no part are left out.
    """
    whole = table[table["driver"] == "revenue"].iloc[0]
    parts = table[(table["driver"] != "revenue") & (table["contribution"] != 0)]
    steps = [_revenue_step(row, lang, currency) for row in words.rows(parts)]
    before, now = (Period.parse(whole[name]).of(lang) for name in ("compared_with", "period"))
    values = [words.money(whole[name], lang, currency) for name in ("value_before", "value_now")]
    ends = [words.say(_REVENUE, lang, period=period) for period in (before, now)]
    ax = new_axes(ax, height=1.0 + 0.42 * (len(steps) + 2))
    _draw(ax, float(whole["value_before"]), float(whole["value_now"]), ends, values, steps)
    finding = words.say(_SAME, lang, now=values[1], before=before)
    if steps:
        most = max(steps, key=lambda step: abs(step.adds))
        change = signed(whole["contribution"], lang, currency)
        finding = words.say(
            _CHANGED, lang, change=change, before=before, now=now, driver=most.name,
            part=most.written,
        )  # fmt: skip
    told = "; ".join(f"{step.name} {step.written}" for step in steps) or "–"
    alt = words.say(_ALT, lang, before=before, value_before=values[0], parts=told, now=now,
                    value_now=values[1])  # fmt: skip
    return finish(ax, finding, alt)


@picture
def plot_why(
    why: Why, ax: Axes | None = None, *, dimension: str | None = None, lang: str = "en",
    currency: str | None = None,
) -> Axes:  # fmt: skip
    """A change by segment, as bars from the value before to the value now, with their limits.

    Of the clearest dimension, or of the one given.
    """
    dimension = dimension or why.clearest
    value, unit = why.value, why.value.unit
    steps = _segment_steps(why, dimension, lang, currency)
    both = [Amount(one, unit, currency).of(lang) for one in (value.previous, value.value)]
    ends = [words.say(_VALUE, lang, kpi=value.name, period=period)
            for period in (value.period.previous(), value.period)]  # fmt: skip
    ax = new_axes(ax, height=1.0 + 0.42 * (len(steps) + 2))
    _draw(ax, value.previous or 0.0, value.value or 0.0, ends, both, steps)
    said = {
        "kpi": value.name,
        "change": Change(why.change, unit, currency),
        "dimension": dimension_name(dimension, lang),
    }
    told = "; ".join(f"{step.name} {step.written}" for step in steps) or "–"
    alt = words.say(_WHY_ALT, lang, sentence=why.told(lang), parts=told,
                    dimension=said["dimension"])  # fmt: skip
    if why.dimension != dimension:
        return finish(ax, words.say(_SPREAD, lang, **said), alt)
    mine = why.of_segment(dimension, str(why.segment))
    finding = words.say(
        _WHY_MIX if why.effect == "mix" else _WHY, lang, **said,
        segment=_segment_name(str(why.segment), lang),
        part=Change(float(mine["contribution"]), unit, currency),
    )  # fmt: skip
    return finish(ax, finding, alt)


def _segment_steps(why: Why, dimension: str, lang: str, currency: str | None) -> list[Step]:
    """The segments that add something, those that add most first; the rest as one step."""
    unit = why.value.unit
    mine = why.segments[why.segments["dimension"] == dimension]
    mine = mine[mine["contribution"] != 0]
    mine = mine.sort_values("contribution", key=lambda one: -one.abs(), kind="stable")
    steps = [
        Step(
            _segment_name(row.segment, lang),
            row.contribution,
            row.contribution_low,
            row.contribution_high,
            Change(row.contribution, unit, currency).of(lang),
            " → ".join(Amount(v, unit, currency).of(lang)
                       for v in (row.value_before, row.value_now)),
        )
        for row in words.rows(mine.iloc[:MOST_BARS])
    ]  # fmt: skip
    unexplained = float(why.frame(dimension)["contribution"].iloc[-1])
    rest = mine.iloc[MOST_BARS:]
    for name, adds, there in (
        (ngettext("{n} other", "{n} others", len(rest)).of(lang), rest["contribution"].sum(),
         len(rest) > 0),
        (value_text("unexplained").of(lang), unexplained, unexplained != 0),
    ):  # fmt: skip
        if there:
            written = Change(float(adds), unit, currency).of(lang)
            steps.append(Step(name, float(adds), np.nan, np.nan, written))
    return steps


def _segment_name(segment: str, lang: str) -> str:
    return value_text(segment).of(lang) if segment == MISSING else segment


def signed(value: float, lang: str, currency: str | None) -> str:
    """Money with its sign.

    >>> signed(12.5, "en", "GBP"), signed(-2158.48, "en", "GBP")
    ('+£12.50', '−£2,158')
    """
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + words.money(abs(value), lang, currency)


def _revenue_step(row: "pd.Series", lang: str, currency: str | None) -> Step:
    unit = {"customers": Unit.COUNT, "orders_each": Unit.RATIO}.get(row.driver, Unit.MONEY)
    ends = [format_value(value, unit, lang, currency)
            for value in (row.value_before, row.value_now)]  # fmt: skip
    return Step(
        _DRIVERS[row.driver, row.buyers].of(lang),
        row.contribution,
        row.contribution_low,
        row.contribution_high,
        signed(row.contribution, lang, currency),
        " → ".join(ends),
    )


def _draw(
    ax: Axes, before: float, now: float, ends: Sequence[str], values: Sequence[str],
    steps: Sequence[Step],
) -> None:  # fmt: skip
    """The two whole bars, and between them the steps from the one to the other."""
    last = len(steps) + 1
    at = before
    ax.barh([0, last], [before, now], 0.6, color=PALE)
    for y, step in enumerate(steps, start=1):
        colour = ACCENT if step.adds > 0 else AGAINST
        ax.barh(y, step.adds, 0.6, left=at, color=colour)
        ax.plot([at, at], [y - 1 + 0.3, y - 0.3], color=GREY, lw=0.6)
        if np.isfinite(step.low) and step.low != step.high:
            ax.plot([at + step.low, at + step.high], [y, y], color=INK, lw=0.9)
        at += step.adds
    ax.plot([at, at], [last - 0.7, last - 0.3], color=GREY, lw=0.6)
    for y, text in ((0, values[0]), *enumerate((step.written for step in steps), 1),
                    (last, values[1])):  # fmt: skip
        ax.annotate(text, (1.0, y), (4, 0), xycoords=("axes fraction", "data"), va="center",
                    textcoords="offset points", color=INK, annotation_clip=False)  # fmt: skip
    names = [ends[0], *(f"{s.name}\n{s.beside}" if s.beside else s.name for s in steps), ends[1]]
    ax.set_yticks(range(last + 1), names, size=8, parse_math=False)
    ax.set_ylim(last + 0.6, -0.6)
    ax.tick_params(length=0)
    ax.xaxis.set_visible(False)
    for side in ("bottom", "left"):
        ax.spines[side].set_visible(False)
    _near(ax, before, now, steps)


def _near(ax: Axes, before: float, now: float, steps: Sequence[Step]) -> None:
    """Show the steps large: where all lies far from 0, both whole bars are cut, and marked so."""
    places = np.cumsum([before, *(step.adds for step in steps)])
    reach = [
        places[i] + limit
        for i, step in enumerate(steps)
        for limit in (step.low, step.high)
        if np.isfinite(limit)
    ]
    low, high = (end([*places, now, *reach]) for end in (min, max))
    span = (high - low) or 1.0
    if low > span:
        ax.set_xlim(low - 0.35 * span, high + 0.05 * span)
        for y in (0, len(steps) + 1):
            ax.plot([low - 0.28 * span, low - 0.25 * span], [y + 0.4, y - 0.4], color="white", lw=3)
    else:
        ax.set_xlim(min(low, 0.0) - 0.02 * span, max(high, 0.0) + 0.05 * span)
        ax.axvline(0, color=PALE, lw=0.8)
