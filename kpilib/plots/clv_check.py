"""Pictures that test a lifetime model: purchases through time, by frequency, by tenth, ahead."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    FAINT,
    GREY,
    INK,
    date_axis,
    finish,
    label_ends,
    month_ticks,
    new_axes,
    picture,
)
from kpilib.words import _
from kpilib.words.values import VALUES

_ACTUAL = _("actual")
_HELD_OUT = _("held out")
_TRACKING = _("Over the time held out the model is {off} of what was bought")
_TRACKING_NONE = _("The model beside the purchases it was fitted to")
_TRACKING_TOLD = _(
    "{actual} repeat purchases held out against {expected} expected; before that {before} "
    "against {fitted}."
)
_HOLDOUT = _("By purchases so far, the model is off by at most {worst} purchases a customer")
_HOLDOUT_TOLD = _("Mean purchases in {days} days held out, predicted and actual: {pairs}.")
_BEFORE = _("repeat purchases before")
_AFTER = _("purchases held out, mean")
_DECILES = _("The tenth that the model ranks first buys {lift} times the average")
_NO_LIFT = _("Nothing was bought in the time asked about")
_TENTHS = _("tenths of the customers, ranked first to last")
_LIFT = _("times the average")
_LIFT_TOLD = _("Lift by tenth: {values}.")
_DEMAND = _("Purchases expected up to {last}: {value}, between {low} and {high} in 95 cases of 100")
_MONTHLY = _("purchases a month")
_DEMAND_TOLD = _("Expected by month: {values}. {known} months are known already.")
_TRACKED = _("Repeat purchases of all customers, by the time they were made; shaded: held out")
_LIFTED = _("Purchases a customer over the average, by tenth of the customers as ranked")
_FORECAST = _("Purchases a month by the customers there were; band: 95% interval")


@picture
def plot_purchase_tracking(
    table: pd.DataFrame, ax: Axes | None = None, *, so_far: bool = False, lang: str = "en"
) -> Axes:
    """`purchase_tracking`: actual against expected, the time held out shaded.

    With `so_far` the running totals, which hide the wiggles and show the drift.
    """
    ax = new_axes(ax)
    suffix = "_so_far" if so_far else ""
    dates = pd.to_datetime(table["end"])
    held = table["holdout"]
    split: Any = None
    last: Any = dates.iloc[-1]
    if held.any():
        split = pd.to_datetime(table.loc[held, "start"]).iloc[0]
        ax.axvspan(split, last, color=FAINT, alpha=0.6, lw=0)
    ax.plot(dates, table["actual" + suffix], color=INK, lw=1.2)
    ax.plot(dates, table["expected" + suffix], color=ACCENT, lw=1.8)
    _counts_axis(ax, lang)
    date_axis(ax, lang)
    ax.set_ylabel(words.REPEATS.of(lang))
    ends = [
        (last, float(table["actual" + suffix].iloc[-1]), _ACTUAL.of(lang), INK),
        (last, float(table["expected" + suffix].iloc[-1]), VALUES["model"].of(lang), ACCENT),
    ]
    label_ends(ax, ends)
    if split is not None:
        ax.annotate(_HELD_OUT.of(lang), (split, 1), (4, -4), xycoords=("data", "axes fraction"),
                    textcoords="offset points", va="top", size=8, color=GREY)  # fmt: skip
    after, before = table[held], table[~held]
    actual, expected = float(after["actual"].sum()), float(after["expected"].sum())
    told = words.say(
        _TRACKING_TOLD, lang,
        actual=words.count(actual, lang), expected=words.count(expected, lang),
        before=words.count(before["actual"].sum(), lang),
        fitted=words.count(before["expected"].sum(), lang),
    )  # fmt: skip
    if actual <= 0:
        return finish(ax, _TRACKING_NONE.of(lang), told)
    finding = words.say(_TRACKING, lang, off=words.share(expected / actual, lang))
    return finish(ax, finding, told, measure=_TRACKED.of(lang))


@picture
def plot_holdout_by_frequency(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """`holdout_by_frequency`: mean purchases held out by purchases before, predicted and actual."""
    ax = new_axes(ax)
    x = table["frequency"].to_numpy()
    ax.plot(x, table["actual"], color=INK, lw=1.2, marker="o", ms=4)
    ax.plot(x, table["predicted"], color=ACCENT, lw=1.8, marker="o", ms=4)
    most = table.attrs.get("most", x.max())
    ax.set_xticks(x, [f"{n}+" if n == most else str(n) for n in x])
    ax.set_ylim(bottom=0)
    ax.set_xlabel(_BEFORE.of(lang))
    ax.set_ylabel(_AFTER.of(lang))
    label_ends(ax, [
        (x[-1], table["actual"].iloc[-1], _ACTUAL.of(lang), INK),
        (x[-1], table["predicted"].iloc[-1], VALUES["model"].of(lang), ACCENT),
    ])  # fmt: skip
    worst = float((table["predicted"] - table["actual"]).abs().max())
    pairs = "; ".join(
        f"{row.frequency}: {words.short(row.predicted, lang)} / {words.short(row.actual, lang)}"
        for row in words.rows(table)
    )
    told = words.say(_HOLDOUT_TOLD, lang, days=table.attrs.get("days", ""), pairs=pairs)
    return finish(ax, words.say(_HOLDOUT, lang, worst=words.short(worst, lang)), told)


@picture
def plot_deciles(
    table: pd.DataFrame, ax: Axes | None = None, *, measure: str = "purchases", lang: str = "en"
) -> Axes:
    """`Backtest.deciles`: how many times the average each tenth bought, by who ranked it."""
    ax = new_axes(ax)
    shown = table[table["measure"] == measure]
    for rule, part in shown.groupby("rule", sort=False):
        first = rule == "model"
        dashes = "-" if first else (0, (4, 2)) if rule == "same again" else (0, (1, 1.5))
        ax.plot(part["tenth"], part["lift"], color=ACCENT if first else GREY, ls=dashes,
                lw=2 if first else 1.4, marker="o", ms=4 if first else 2.5,
                zorder=3 if first else 2, label=VALUES[str(rule)].of(lang))  # fmt: skip
    ax.axhline(1, color=FAINT, lw=1, zorder=1)
    ax.set_xlim(0.6, 10.2)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(_TENTHS.of(lang))
    ax.set_ylabel(_LIFT.of(lang))
    # The lines run too close together to be labelled at their ends.
    ax.legend(loc="upper right", labelcolor="linecolor", handlelength=2.4)
    model = shown.loc[shown["rule"] == "model", "lift"]
    if model.isna().any():
        return finish(ax, _NO_LIFT.of(lang), "")
    told = ", ".join(words.short(value, lang) for value in model)
    finding = words.say(_DECILES, lang, lift=words.short(model.iloc[0], lang))
    told = words.say(_LIFT_TOLD, lang, values=told)
    return finish(ax, finding, told, measure=_LIFTED.of(lang))


@picture
def plot_demand_forecast(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """`demand_forecast`: expected purchases by month with their limits, and what came so far."""
    ax = new_axes(ax, height=3.2)
    x = np.arange(len(table))
    ax.fill_between(x, table["low"], table["high"], color=ACCENT, alpha=0.15, lw=0)
    ax.plot(x, table["expected"], color=ACCENT, marker="o", ms=4)
    known = table["actual"].notna().to_numpy()
    ax.plot(x[known], table.loc[known, "actual"], color=INK, marker="o", ms=4, lw=1.2)
    month_ticks(ax, [str(day)[:7] for day in table["start"]], lang)
    _counts_axis(ax, lang)
    ax.set_ylabel(_MONTHLY.of(lang))
    ends = [(x[-1], table["expected"].iloc[-1], VALUES["model"].of(lang), ACCENT)]
    if known.any():
        place = int(np.flatnonzero(known)[-1])
        above = table["actual"].iloc[place] >= table["expected"].iloc[place]
        ax.annotate(_ACTUAL.of(lang), (place, table["actual"].iloc[place]),
                    (0, 6) if above else (0, -6), textcoords="offset points", ha="center",
                    va="bottom" if above else "top", color=INK)  # fmt: skip
    label_ends(ax, ends)
    last = table.iloc[-1]
    finding = words.say(
        _DEMAND, lang, value=words.count(last["expected_so_far"], lang),
        last=_last_day(last["end"]),
        low=words.count(last["low_so_far"], lang),
        high=words.count(last["high_so_far"], lang),
    )  # fmt: skip
    values = ", ".join(words.count(value, lang) for value in table["expected"])
    told = words.say(_DEMAND_TOLD, lang, values=values, known=known.sum())
    return finish(ax, finding, told, measure=_FORECAST.of(lang))


def _last_day(end: date) -> date:
    """The day before the first one that is no more in it."""
    return end - timedelta(days=1)


def _counts_axis(ax: Axes, lang: str) -> None:
    """From 0 to a little above the highest, ticks at whole numbers."""
    high = ax.dataLim.intervaly[1]
    ax.set_ylim(0, max(1.06 * high, 1.0))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_formatter(lambda value, _: words.count(value, lang))
