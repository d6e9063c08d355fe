"""Pictures of the ledger: movements by month, flows between states, what the window does."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpilib.periods import Period
from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    AGAINST,
    FAINT,
    GREY,
    INK,
    PALE,
    finish,
    is_narrow,
    label_ends,
    month_ticks,
    new_axes,
    picture,
)
from kpilib.words import _
from kpilib.words.values import VALUES

_MOVED = _("{period}: {new} new and {back} back against {lost} lost leave {closing} customers")
_MOVED_ALT = _("Customer movements, {first} to {last}. Closing customers: {values}.")
_FLOWED = _("Of {n} customers active at the start {share} stayed; {back} came back, {new} are new")
_MOVED_MEASURE = _("Customers won, won back and lost, by month; above each bar those at its end")
_MOVED_PERIODS = _("Customers won, won back and lost, by period; above each bar those at its end")
_WINDOW = _("Churn is {half} by half the window, {chosen} by the one chosen, {double} by double")
_CONTRACT = _("Churn is {contract}; contracts say who is active, so it hangs on no window")
_REVENUE = _("{period}: {net} of opening revenue kept with expansion, {gross} without")
_NET = _("net")
_GROSS = _("gross")
_PARTS = {"new": ACCENT, "reactivated": "#9cc9de", "lost": AGAINST}
_STATE_TONES = {"active": ACCENT, "lapsed": PALE, "none": FAINT}


@picture
def plot_movements(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """`movements` as bars: who came and came back above the line, who left below it.

    A period that is not over is hatched. The closing count is written above its bars.
    """
    ax = new_axes(ax, width=max(5.0, 1.6 + 0.5 * len(table)))
    x = np.arange(len(table))
    running = (table["state"] == "running").to_numpy()
    signed = {name: (-1 if name == "lost" else 1) * table[name].to_numpy(float) for name in _PARTS}
    bottoms = {"reactivated": signed["new"]}
    for name, colour in _PARTS.items():
        bars = ax.bar(
            x, signed[name], 0.72, bottom=bottoms.get(name, np.zeros(len(x))), color=colour
        )
        for bar, going in zip(bars, running, strict=True):
            if going:
                bar.set(facecolor="white", edgecolor=colour, hatch="////", linewidth=0.6)
    top = signed["new"] + signed["reactivated"]
    for place, (height, closing) in enumerate(zip(top, table["closing"], strict=True)):
        if is_narrow() and place < len(table) - 1:
            continue
        ax.annotate(words.short(closing, lang), (place, height), (0, 3), ha="center", size=7.5,
                    textcoords="offset points", color=GREY)  # fmt: skip
    ax.axhline(0, color=INK, lw=0.8)
    month_ticks(ax, list(table["period"]), lang)
    ax.tick_params(axis="x", length=0)
    ax.yaxis.set_major_formatter(lambda value, _: words.short(abs(value), lang))
    ax.margins(y=0.12)
    last = len(table) - 1
    places = {"new": signed["new"][last] / 2, "lost": signed["lost"][last] / 2,
              "reactivated": signed["new"][last] + signed["reactivated"][last] / 2}  # fmt: skip
    ends = [(last + 0.4, y, VALUES[name].of(lang), _PARTS[name] if name != "reactivated"
             else "#4b9ac0") for name, y in places.items()]  # fmt: skip
    label_ends(ax, ends)
    if running.any():
        ax.annotate(words.RUNNING.of(lang), (1, 0), (0, -30), xycoords="axes fraction", size=7.5,
                    textcoords="offset points", ha="right", va="top", color=GREY)  # fmt: skip
    over = table[~running]
    row = (over if len(over) else table).iloc[-1]
    finding = words.say(
        _MOVED, lang, period=words.when(row["period"], lang), new=words.count(row["new"], lang),
        back=words.count(row["reactivated"], lang), lost=words.count(row["lost"], lang),
        closing=words.count(row["closing"], lang),
    )  # fmt: skip
    values = ", ".join(
        f"{words.when(r.period, lang)}: {words.count(r.closing, lang)}" for r in words.rows(table)
    )
    first, final = (words.when(table["period"].iloc[end], lang) for end in (0, -1))
    told = words.say(_MOVED_ALT, lang, first=first, last=final, values=values)
    monthly = Period.parse(row["period"]).months == 1
    measure = _MOVED_MEASURE if monthly else _MOVED_PERIODS
    return finish(ax, finding, told, measure=measure.of(lang))


@picture
def plot_flows(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """`flows` as bands from where customers stood at the opening to where at the close.

    Those lapsed at both ends are left out of the picture: they did nothing in the period.
    """
    ax = new_axes(ax, width=6.4, height=3.6)
    moved = table[~((table["opened"] == "lapsed") & (table["closed"] == "lapsed"))]
    order = {"active": 0, "lapsed": 1, "none": 2}
    moved = moved.sort_values(["opened", "closed"], key=lambda column: column.map(order))
    total = max(moved["customers"].sum(), 1)
    gap = 0.06 * total
    left = _stack(moved.groupby("opened")["customers"].sum(), order, gap)
    right = _stack(moved.groupby("closed")["customers"].sum(), order, gap)
    _bars(ax, moved, "opened", left, 0.0, lang)
    _bars(ax, moved, "closed", right, 1.0, lang)
    steps = np.linspace(0, 1, 40)
    ease = steps**2 * (3 - 2 * steps)
    for row in words.rows(moved):
        a, b, n = left[row.opened], right[row.closed], row.customers
        left[row.opened], right[row.closed] = a + n, b + n
        low = a + (b - a) * ease
        colour = AGAINST if row.closed == "lapsed" else _STATE_TONES["active"]
        kept = row.opened == row.closed
        ax.fill_between(0.03 + 0.94 * steps, low, low + n, color=PALE if kept else colour,
                        alpha=0.55, lw=0)  # fmt: skip
    ax.set_xlim(-0.45, 1.45)
    ax.invert_yaxis()
    ax.set_axis_off()
    counts = {(r.opened, r.closed): r.customers for r in words.rows(table)}
    stayed, left_ = counts.get(("active", "active"), 0), counts.get(("active", "lapsed"), 0)
    opening = stayed + left_
    finding = words.say(
        _FLOWED, lang, n=words.count(opening, lang),
        share=words.share(stayed / opening if opening else float("nan"), lang),
        back=words.count(counts.get(("lapsed", "active"), 0), lang),
        new=words.count(counts.get(("none", "active"), 0), lang),
    )  # fmt: skip
    told = "; ".join(
        f"{VALUES[r.opened].of(lang)} → {VALUES[r.closed].of(lang)}: "
        f"{words.count(r.customers, lang)}"
        for r in words.rows(table)
    )
    return finish(ax, finding, told + ".")


@picture
def plot_window_sensitivity(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """Churn by half, by the chosen and by double the lapse window, each with its interval."""
    ax = new_axes(ax, height=2.0)
    for y, row in enumerate(words.rows(table)):
        colour = ACCENT if row.window in ("chosen", "contract") else GREY
        ax.plot([row.low, row.high], [y, y], color=colour, lw=4, alpha=0.35)
        ax.plot(row.churn, y, "o", color=colour, ms=6)
        ax.annotate(words.share(row.churn, lang), (row.high, y), (8, 0), va="center",
                    textcoords="offset points", color=colour)  # fmt: skip
    labels = [
        VALUES[r.window].of(lang) + ("" if pd.isna(r.days) else f" ({r.days})")
        for r in words.rows(table)
    ]
    ax.set_yticks(range(len(table)), labels)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.margins(x=0.12)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    churn = {row.window: words.share(row.churn, lang) for row in words.rows(table)}
    told = "; ".join(
        f"{label}: {words.share(r.churn, lang)} "
        f"({words.share(r.low, lang)} … {words.share(r.high, lang)})"
        for label, r in zip(labels, words.rows(table), strict=True)
    )
    finding = _CONTRACT if "contract" in churn else _WINDOW
    return finish(ax, words.say(finding, lang, **churn), told + ".")


@picture
def plot_revenue_retention(
    table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en"
) -> Axes:
    """Net and gross revenue retention by period, with their intervals; 100% is the thin line."""
    ax = new_axes(ax)
    over = table[(table["state"] == "complete") & table["net_retention"].notna()]
    x, ends = np.arange(len(over)), []
    for name, text, colour in (("net", _NET, ACCENT), ("gross", _GROSS, GREY)):
        value = over[f"{name}_retention"]
        ax.fill_between(x, over[f"{name}_low"], over[f"{name}_high"], color=colour, alpha=0.15,
                        lw=0)  # fmt: skip
        ax.plot(x, value, color=colour, marker="o", ms=3)
        if len(over):
            ends.append((x[-1], value.iloc[-1], text.of(lang), colour))
    ax.axhline(1, color=PALE, lw=0.8)
    month_ticks(ax, list(over["period"]), lang)
    ax.yaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    label_ends(ax, ends)
    last = over.iloc[-1] if len(over) else table.iloc[-1]
    finding = words.say(
        _REVENUE, lang, period=words.when(last["period"], lang),
        net=words.share(last["net_retention"], lang),
        gross=words.share(last["gross_retention"], lang),
    )  # fmt: skip
    told = "; ".join(
        f"{words.when(r.period, lang)}: {words.share(r.net_retention, lang)} / "
        f"{words.share(r.gross_retention, lang)}"
        for r in words.rows(over)
    )
    return finish(ax, finding, f"{_NET.of(lang)} / {_GROSS.of(lang)}: {told or '–'}.")


def _stack(sizes: pd.Series, order: dict[str, int], gap: float) -> dict[str, float]:
    """Where each state's bar begins."""
    places, at = {}, 0.0
    for name in sorted(sizes.index, key=order.__getitem__):
        places[name] = at
        at += sizes[name] + gap
    return places


def _bars(ax: Axes, moved: pd.DataFrame, side: str, places: dict, x: float, lang: str) -> None:
    for name, n in moved.groupby(side)["customers"].sum().items():
        low = places[name]
        tone = AGAINST if side == "closed" and name == "lapsed" else _STATE_TONES[str(name)]
        ax.fill_between([x - 0.03, x + 0.03], low, low + n, color=tone, lw=0)
        text = f"{VALUES[str(name)].of(lang)}\n{words.count(n, lang)}"
        ha, dx = ("right", -0.06) if x == 0 else ("left", 0.06)
        ax.text(x + dx, low + n / 2, text, ha=ha, va="center", color=INK)
