"""Pictures of the early warning: whether its chances come true, and how well it picks."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from kpilib.plots import words
from kpilib.plots.style import ACCENT, GREY, PALE, finish, new_axes, picture
from kpilib.words import _

_CALIBRATED = _("Of customers given {most} on average, {came} bought nothing")
_CALIBRATED_TOLD = _("Chance foretold and what came, by tenths: {pairs}.")
_FORETOLD = _("chance foretold")
_CAME = _("part that bought nothing")
_TRUE = _("as foretold")
_LIFT = _("The tenth warned of first buys nothing {lift} times as often as all customers")
_LIFT_TOLD = _("Part that bought nothing, by tenths of the chance, highest first: {values}.")
_TENTHS = _("tenths of the customers, highest chance first")
_ALL = _("all customers")


@picture
def plot_warning_calibration(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """`early_warning_deciles`: what came by what was foretold, with limits, beside the diagonal.

    The finding is about the tenth that is furthest from what was foretold.
    """
    ax = new_axes(ax, 4.6, 4.2)
    ax.plot([0, 1], [0, 1], color=PALE, lw=1.2)
    ax.annotate(_TRUE.of(lang), (0.06, 0.09), color=GREY, size=8, rotation=40)
    ax.vlines(table["predicted"], table["low"], table["high"], color=ACCENT, lw=1.2)
    ax.plot(table["predicted"], table["observed"], "o", color=ACCENT, ms=4)
    for axis, low in ((ax.xaxis, _FORETOLD), (ax.yaxis, _CAME)):
        axis.set_major_formatter(_percent(lang))
        axis.set_label_text(low.of(lang))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    off = (table["predicted"] - table["observed"]).abs().to_numpy()
    worst = table.iloc[int(off.argmax())]
    finding = words.say(
        _CALIBRATED,
        lang,
        most=words.share(float(worst["predicted"]), lang),
        came=words.share(float(worst["observed"]), lang),
    )
    pairs = "; ".join(
        f"{words.share(row.predicted, lang)} / {words.share(row.observed, lang)}"
        for row in words.rows(table)
    )
    return finish(ax, finding, words.say(_CALIBRATED_TOLD, lang, pairs=pairs))


@picture
def plot_warning_lift(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """`early_warning_deciles`: the part that bought nothing, tenth by tenth, beside that of all."""
    ax = new_axes(ax)
    places = table["decile"]
    colours = [ACCENT, *[PALE] * (len(table) - 1)]
    ax.bar(places, table["observed"], color=colours, width=0.8)
    ax.vlines(places, table["low"], table["high"], color=GREY, lw=1)
    average = float((table["observed"] * table["customers"]).sum() / table["customers"].sum())
    ax.axhline(average, color=GREY, lw=1)
    ax.annotate(_ALL.of(lang), (len(table) + 0.5, average), (0, 3), textcoords="offset points",
                ha="right", size=8, color=GREY)  # fmt: skip
    ax.set_xticks(places)
    ax.set_xlabel(_TENTHS.of(lang))
    ax.set_ylabel(_CAME.of(lang))
    ax.yaxis.set_major_formatter(_percent(lang))
    lift = words.short(float(table["lift"].iloc[0]), lang)
    values = "; ".join(words.share(row.observed, lang) for row in words.rows(table))
    told = words.say(_LIFT_TOLD, lang, values=values)
    return finish(ax, words.say(_LIFT, lang, lift=lift), told)


def _percent(lang: str) -> FuncFormatter:
    return FuncFormatter(lambda value, _place: words.round_share(value, lang))
