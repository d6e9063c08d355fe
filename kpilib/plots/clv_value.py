"""Pictures of what customers are worth: the distribution, and how few hold how much of it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    FAINT,
    GREY,
    INK,
    PALE,
    finish,
    is_narrow,
    label_ends,
    new_axes,
    picture,
)
from kpilib.words import _
from kpilib.words.columns import COLUMNS

_SPREAD = _("Half the customers are worth less than {middle}, one in ten more than {high}")
_SPREAD_TOLD = _("{n} customers from {least} to {most}, mean {mean}. The axis is logarithmic.")
_NOTHING = _("Nobody here is expected to bring anything")
_EACH = _("value of a customer")
_HOLD = _("The most valuable tenth of the customers holds {share} of the value to come")
_HOLD_TOLD = _("Share of value by share of customers, best first: {values}.")
_CUSTOMERS = _("customers, the most valuable first")
_ALIKE = _("all alike")
_PAYBACK = _("A new customer is worth {value} over the horizon, the first purchase included")
_PAID = _("A new customer pays back {cost} in month {month}")
_UNPAID = _("A new customer does not pay back {cost} within the horizon")
_PAYBACK_TOLD = _("Discounted value so far by month: {values}.")
_BEHIND = {"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 0.5}
_MONTHS = _("months since won")
_PEOPLE = _("n = {n} customers")
_SPREAD_OF = _("Customers by what each is expected to bring, on a logarithmic axis")
_HELD_BY = _("Share of the value held by so large a share of the customers, the best first")
_PAID_BACK = _("What a new customer has brought so far, discounted, by month; band: 95% interval")


@picture
def plot_value_distribution(
    customers: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """How many customers are worth how much: the `value` column, on a logarithmic axis."""
    ax = new_axes(ax, height=3.2)
    value = customers["value"].to_numpy(float)
    seen = value[value > 0]
    if not len(seen):
        return finish(ax, _NOTHING.of(lang), "")
    low = max(seen.min(), np.quantile(seen, 0.005), seen.max() * 1e-6)
    edges = np.geomspace(low * 0.999, seen.max() * 1.001, 41)
    counts, _ = np.histogram(np.maximum(seen, low), edges)
    ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=ACCENT, alpha=0.75, lw=0)
    ax.set_xscale("log")
    ax.xaxis.set_minor_formatter(NullFormatter())
    if edges[-1] < 50 * edges[0]:
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    elif is_narrow():
        ax.xaxis.set_major_locator(LogLocator(numticks=3))
    middle, high, mean = np.median(value), np.quantile(value, 0.9), value.mean()

    def said(number: float) -> str:
        return words.money(number, lang, currency)

    top = counts.max() * 1.18
    for number, name, colour, height in (
        (middle, COLUMNS["median"].head, INK, 1.0), (mean, COLUMNS["mean"].head, GREY, 0.92),
    ):  # fmt: skip
        ax.axvline(max(number, low), color=colour, lw=1, ls=(0, (3, 2)))
        ax.annotate(f"{name.of(lang)} {said(number)}", (max(number, low), height),
                    (4, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
                    va="top", size=8, color=colour, bbox=_BEHIND)  # fmt: skip
    ax.set_ylim(0, top)
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda number, _: words.round_money(number, lang, currency))
    )
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.yaxis.set_major_formatter(lambda number, _: words.count(number, lang))
    ax.set_xlabel(_EACH.of(lang))
    ax.set_ylabel(COLUMNS["customers"].head.of(lang))
    told = words.say(
        _SPREAD_TOLD, lang, n=words.count(len(value), lang), least=said(value.min()),
        most=said(value.max()), mean=said(mean),
    )  # fmt: skip
    finding = words.say(_SPREAD, lang, middle=said(middle), high=said(high))
    source = _PEOPLE.format(n=len(value)).of(lang)
    return finish(ax, finding, told, measure=_SPREAD_OF.of(lang), source=source)


@picture
def plot_value_concentration(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """`concentration`: the share of the value held by the best share of the customers."""
    ax = new_axes(ax, width=5.4, height=4.2)
    ax.plot([0, 1], [0, 1], color=PALE, lw=1)
    ax.fill_between(table["customers"], table["customers"], table["value"], color=ACCENT,
                    alpha=0.12, lw=0)  # fmt: skip
    ax.plot(table["customers"], table["value"], color=ACCENT)
    tenth = float(np.interp(0.1, table["customers"], table["value"]))
    ax.plot([0.1, 0.1, 0], [0, tenth, tenth], color=INK, lw=0.9, ls=(0, (3, 2)))
    ax.annotate(words.share(tenth, lang), (0.1, tenth), (6, -4), textcoords="offset points",
                va="top", size=8.5, color=INK)  # fmt: skip
    ax.annotate(_ALIKE.of(lang), (0.62, 0.58), size=8, color=GREY)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.01)
    ax.spines[:].set_color(FAINT)
    ax.set_xlabel(_CUSTOMERS.of(lang))
    ax.set_ylabel(COLUMNS["value_share"].head.of(lang))
    some = table.iloc[[5, 10, 20, 50]]
    values = ", ".join(
        f"{words.share(row.customers, lang)}: {words.share(row.value, lang)}"
        for row in words.rows(some)
    )
    finding = words.say(_HOLD, lang, share=words.share(tenth, lang))
    told = words.say(_HOLD_TOLD, lang, values=values)
    return finish(ax, finding, told, measure=_HELD_BY.of(lang))


@picture
def plot_payback(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """`LifetimeValue.payback`: a new customer's value so far against what it cost to win one."""
    ax = new_axes(ax, height=3.2)
    months, value = table["months"].to_numpy(float), table["value"].to_numpy(float)
    if table["low"].notna().any():
        ax.fill_between(months, table["low"], table["high"], color=ACCENT, alpha=0.15, lw=0)
    ax.plot(months, value, color=ACCENT)

    def said(number: float) -> str:
        return words.money(number, lang, currency)

    ends = [(months[-1], value[-1], said(value[-1]), ACCENT)]
    finding = words.say(_PAYBACK, lang, value=said(value[-1]))
    if table["net"].notna().any():
        cost = float((table["value"] - table["net"]).iloc[0])
        ax.axhline(cost, color=INK, lw=1, ls=(0, (3, 2)))
        ends.append((months[-1], cost, said(cost), INK))
        paid = table.loc[table["paid_back"], "months"]
        finding = words.say(_UNPAID, lang, cost=said(cost))
        if len(paid):
            finding = words.say(_PAID, lang, cost=said(cost), month=words.short(paid.iloc[0], lang))
    ax.set_xlim(0, months[-1])
    ax.set_ylim(bottom=0)
    ax.set_xlabel(_MONTHS.of(lang))
    ax.yaxis.set_major_formatter(lambda number, _: words.round_money(number, lang, currency))
    label_ends(ax, ends)
    values = ", ".join(said(number) for number in value[:: max(1, len(value) // 6)])
    told = words.say(_PAYBACK_TOLD, lang, values=values)
    return finish(ax, finding, told, measure=_PAID_BACK.of(lang))
