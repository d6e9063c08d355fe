"""Pictures of segments and tiers: how big, how valuable, who moved, how concentrated."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpilib.analyses.rfm import SEGMENTS
from kpilib.analyses.tiers import TIERS
from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    GREY,
    PALE,
    finish,
    hatch,
    is_narrow,
    new_axes,
    picture,
    scale,
    text_on,
)
from kpilib.words import _
from kpilib.words.columns import COLUMNS
from kpilib.words.text import capital
from kpilib.words.units import Number
from kpilib.words.values import VALUES

_SIZE = _("{name}: {customers} of customers bring {money} of the money")
_TIER = _("Tier {tier}")
_MOVED = _("{stayed} stayed where they were; {up} moved up, {down} down, {gone} dropped out")
_MOVED_SHOWN = _("Of the {n} customers whose move is shown {stayed} stayed where they were")
_BEFORE = _("before")
_AFTER = _("after")
_TOP = _("The best {part} of customers bring {money} of the money (Gini {gini})")
_NOTHING = _("Nobody spent anything")
_UPTO = _("best customers, share")
_PEOPLE = _("n = {n} customers")
_CURVE = _("Share of the money that so large a share of the customers brings, the best first")
_ROWS = _("Of those in each row the period before, the share now in each column, in per cent")
_KEPT_BACK = _("hatched: too few customers to be shown, and in no share")
_PAIRS = _("Share of the customers (grey) and of the money (blue) in the twelve months")


@picture
def plot_rfm_segments(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """Each segment's share of customers beside its share of the money."""
    names = [_segment(name, lang) for name in table["segment"]]
    return _paired(table, names, ax, lang)


@picture
def plot_value_tiers(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """Each tier's share of customers beside its share of the money."""
    names = [words.say(_TIER, lang, tier=str(tier)) for tier in table["tier"]]
    return _paired(table, names, ax, lang)


@picture
def plot_rfm_movement(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """Where each segment's customers went, as shares of the segment they were in."""
    return _matrix(table, {name: _segment(name, lang) for name in SEGMENTS}, ax, lang)


@picture
def plot_tier_movement(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """Where each tier's customers went, as shares of the tier they were in."""
    return _matrix(table, {name: words.say(_TIER, lang, tier=name) for name in TIERS}, ax, lang)


@picture
def plot_concentration(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """The share of the money that the best customers bring; on the thin line all spend alike."""
    ax = new_axes(ax, width=5.2, height=4.0)
    x, y = np.append(0.0, table["customers"]), np.append(0.0, table["money"])
    ax.fill_between(x, x, y, color=ACCENT, alpha=0.1, lw=0)
    ax.plot([0, 1], [0, 1], color=PALE, lw=0.8)
    ax.plot(x, y, color=ACCENT)
    first = table.iloc[0]
    part, money = (words.share(first[name], lang) for name in ("customers", "money"))
    ax.plot(first["customers"], first["money"], "o", color=ACCENT, ms=5)
    ax.annotate(f"{part} → {money}", (first["customers"], first["money"]), (8, -3),
                textcoords="offset points", va="top", color=ACCENT)  # fmt: skip
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.0f}%")
    ax.set(xlim=(0, 1), ylim=(0, 1.01))
    ax.set_xlabel(_UPTO.of(lang))
    ax.set_ylabel(COLUMNS["money"].head.of(lang))
    finding = words.say(_TOP, lang, part=part, money=money, gini=Number(first["gini"], 2))
    if pd.isna(first["gini"]):
        finding = _NOTHING.of(lang)
    told = ", ".join(
        f"{words.share(r.customers, lang)}: {words.share(r.money, lang)}" for r in words.rows(table)
    )
    return finish(ax, finding, told + ".", measure=_CURVE.of(lang))


def _segment(name: str, lang: str) -> str:
    return capital(VALUES[name].of(lang))


def _paired(table: pd.DataFrame, names: list[str], ax: Axes | None, lang: str) -> Axes:
    ax = new_axes(ax, height=0.9 + 0.42 * len(table))
    y = np.arange(len(table))
    money = table["money_share"].fillna(0).to_numpy()
    ax.barh(y - 0.19, table["share"], 0.34, color=PALE)
    ax.barh(y + 0.19, money, 0.34, color=ACCENT)
    for place, both in enumerate(zip(table["share"], table["money_share"], strict=True)):
        for value, dy, colour in zip(both, (-0.19, 0.19), (GREY, ACCENT), strict=True):
            at = 0.0 if pd.isna(value) else value
            ax.annotate(words.share(value, lang), (at, place + dy), (4, 0), size=8, color=colour,
                        va="center", textcoords="offset points")  # fmt: skip
    ax.set_yticks(y, names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.margins(x=0.15)
    ax.xaxis.set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0)
    for text, colour, dy in (
        (COLUMNS["customers"].head, GREY, 14),
        (COLUMNS["money"].head, ACCENT, 0),
    ):
        ax.annotate(text.of(lang), (1, 0), (0, dy), xycoords="axes fraction", ha="right",
                    textcoords="offset points", color=colour)  # fmt: skip
    best = int(np.argmax(money))
    row = table.iloc[best]
    people, worth = (words.share(row[name], lang) for name in ("share", "money_share"))
    finding = words.say(_SIZE, lang, name=names[best], customers=people, money=worth)
    told = "; ".join(
        f"{name}: {words.count(r.customers, lang)} ({words.share(r.share, lang)}), "
        f"{words.share(r.money_share, lang)}"
        for name, r in zip(names, words.rows(table), strict=True)
    )
    n = table["customers"].sum(skipna=False)  # where some are kept back, not known
    source = "" if pd.isna(n) else _PEOPLE.format(n=int(n)).of(lang)
    return finish(ax, finding, told + ".", measure=_PAIRS.of(lang), source=source)


_NAME = 18
"""So many letters of a row's name stand on a line where the cells would else have no room."""


def _matrix(table: pd.DataFrame, names: Mapping[str, str], ax: Axes | None, lang: str) -> Axes:
    order = [*names, "absent"]
    labels = [*names.values(), VALUES["absent"].of(lang)]
    kept_back = table[table["customers"].isna()]
    counts = table.pivot(index="before", columns="after", values="customers")
    counts = counts.reindex(index=order, columns=order).fillna(0)
    size = counts.sum(axis=1)
    shares = counts.div(size.where(size > 0), axis=0).to_numpy()
    ax = new_axes(ax, width=2.2 + 0.72 * len(order), height=1.4 + 0.36 * len(order))
    tones = scale()
    for y, before in enumerate(order):
        for x, after in enumerate(order):
            if not counts.at[before, after]:
                continue
            value = float(shares[y, x])
            tone = tones(0.85 * value)
            ax.fill_between([x, x + 1], y, y + 1, color=tone, lw=0)
            weight = "bold" if before == after else "normal"
            ax.text(x + 0.5, y + 0.5, _percent(value), ha="center", va="center", size=8,
                    color=text_on(tone), weight=weight)  # fmt: skip
    for row in words.rows(kept_back):
        hatch(ax, order.index(row.after), order.index(row.before))
    if len(kept_back):
        ax.annotate(_KEPT_BACK.of(lang), (1, 0), (0, -6), xycoords="axes fraction", size=7.5,
                    textcoords="offset points", ha="right", va="top", color=GREY)  # fmt: skip
    sized = [f"{label}  ·  {words.count(n, lang)}" for label, n in zip(labels, size, strict=True)]
    if is_narrow():
        kept = [label.replace("  ·  ", "\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}") for label in sized]
        sized = [textwrap.fill(label, _NAME, break_on_hyphens=False) for label in kept]
    ax.set_yticks(np.arange(len(order)) + 0.5, sized, size=8)
    turned: dict[str, Any] = {"rotation": 65 if is_narrow() else 25, "rotation_mode": "anchor"}
    ax.set_xticks(np.arange(len(order)) + 0.5, labels, size=8, ha="left", **turned)
    ax.xaxis.tick_top()
    ax.set(xlim=(0, len(order)), ylim=(len(order), 0))
    ax.set_ylabel(f"{_BEFORE.of(lang)} → {_AFTER.of(lang)} (%)")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    told = _told(table, dict(zip(order, labels, strict=True)), lang)
    n = int(counts.loc[order[:-1]].to_numpy().sum())
    source = _PEOPLE.format(n=n).of(lang)
    finding = _moved(counts, order, lang, bool(len(kept_back)))
    return finish(ax, finding, told, measure=_ROWS.of(lang), source=source)


def _percent(value: float) -> str:
    return f"{100 * value:.0f}" if value >= 0.005 else "<1"


def _moved(counts: pd.DataFrame, order: list[str], lang: str, some: bool) -> str:
    """Who stayed and who moved; where cells are kept back, only who of those shown stayed."""
    there = order[:-1]
    inside = counts.loc[there, there].to_numpy()
    base = counts.loc[there].to_numpy().sum()
    parts = {
        "stayed": np.trace(inside),
        "up": np.tril(inside, -1).sum(),
        "down": np.triu(inside, 1).sum(),
        "gone": counts.loc[there, "absent"].sum(),
    }
    shares = {name: words.share(n / base if base else float("nan"), lang) for name, n in
              parts.items()}  # fmt: skip
    if some:
        n = words.count(base, lang)
        return words.say(_MOVED_SHOWN, lang, n=n, stayed=shares["stayed"])
    return words.say(_MOVED, lang, **shares)


def _told(table: pd.DataFrame, labels: Mapping[str, str], lang: str) -> str:
    moved = table[(table["before"] != table["after"]) & table["customers"].notna()]
    most = moved.nlargest(5, "customers")
    told = "; ".join(
        f"{labels[r.before]} → {labels[r.after]}: {words.count(r.customers, lang)}"
        for r in words.rows(most)
    )
    return f"{told or '–'}."
