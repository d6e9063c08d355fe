"""Pictures of cohorts: the triangle as a heatmap, and the curves by age."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kpilib.analyses.cohorts import triangle
from kpilib.plots import words
from kpilib.plots.style import (
    ACCENT,
    GREY,
    INK,
    PALE,
    finish,
    hatch,
    label_ends,
    new_axes,
    picture,
    scale,
    text_on,
)
from kpilib.words import Text, _
from kpilib.words.columns import head
from kpilib.words.text import capital
from kpilib.words.values import VALUES

_TRIANGLE = _("{measure} of each cohort, by {unit} since its first purchase")
_PEOPLE = _("n = {n} customers")
_SHARES = ("retention", "rolling", "kept")
_NAMES = {"value": _("revenue per customer"), "kept": _("kept from the age before")}
_STEPS = {
    "day": _("day"),
    "week": _("week"),
    "month": _("month"),
    "quarter": _("quarter"),
    "age": _("age"),
}
_FINDINGS = {
    "bought": _("{first} of customers buy again in {unit} {a}, {later} in {unit} {b}"),
    "active": _(
        "{first} of customers are still active at the end of {unit} {a}, {later} of {unit} {b}"
    ),
    "other": _("{measure}: {first} in {unit} {a}, {later} in {unit} {b}"),
    "young": _("No cohort is old enough to compare yet"),
}
_DESCRIPTION = _("{n} cohorts, {oldest} to {newest}, by {unit}. {measure} on average: {values}.")


@picture
def plot_cohorts(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure: str = "retention",
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """The triangle of `cohorts` as a heatmap, the pooled row beneath it.

    Cells not begun are blank, those not over are hatched, with what is there so far in grey. The
    label of a cohort has its size. An age at which every cohort is at 100% is left out.
    """
    wide, running = triangle(table, measure), _running(table)
    if measure in _SHARES and len(wide.columns) > 1 and (wide[0].dropna() == 1).all():
        wide = wide.drop(columns=0)
    average = _average(table)
    cohorts, ages = wide.index.drop(average, errors="ignore"), wide.columns
    height = 0.9 + 0.25 * (len(cohorts) + 1.5)
    ax = new_axes(ax, width=max(4.5, 1.7 + 0.31 * len(ages)), height=max(2.2, height))
    shown = wide.to_numpy(float)
    compared = wide.mask(running.reindex_like(wide).fillna(False).astype(bool)).to_numpy(float)
    known = compared[~np.isnan(compared)]
    low, high = (float(known.min()), float(known.max(initial=0))) if len(known) else (0.0, 1.0)
    rows = {name: float(place) for place, name in enumerate(cohorts)}
    if average in wide.index:
        rows[average] = len(cohorts) + 0.5
        _tones(ax, compared[-1:], rows[average], low, high)
    _tones(ax, compared[: len(cohorts)], 0.0, low, high)
    tones, spread = scale(), max(high - low, 1e-12)
    for place, (name, y) in enumerate(rows.items()):
        for x in np.flatnonzero(~np.isnan(shown[place])).tolist():
            text, value = _cell(shown[place, x], measure, lang), compared[place, x]
            colour = GREY
            if np.isnan(value):
                hatch(ax, x, y)
            else:
                colour = text_on(tones((value - low) / spread))
            ax.text(x + 0.5, y + 0.5, text, ha="center", va="center", color=colour, in_layout=False,
                    size=7.5 if len(ages) <= 16 else 6.5,
                    weight="bold" if name == average else "normal")  # fmt: skip
    _frame(ax, table, rows, ages, lang)
    finding, told = _finding(table, measure, lang, currency), _describe(table, measure, lang)
    sizes = table.drop_duplicates("cohort").loc[~table["pooled"], "size"]
    return finish(
        ax,
        finding,
        told,
        measure=_TRIANGLE.format(measure=capital(_named(measure, lang)), unit=_unit(table)).of(
            lang
        ),
        source="" if sizes.isna().any() else _PEOPLE.format(n=int(sizes.sum())).of(lang),
    )


@picture
def plot_cohort_curves(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure: str = "retention",
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """A measure by age: each cohort a grey line, the pooled row in the accent with its interval.

    The newest cohort that has lived two ages is darker, so that it can be held against the rest.
    """
    ax = new_axes(ax)
    over = table[(table["state"] != "running") & table[measure].notna()]
    if measure in _SHARES and (over.loc[over["age"] == 0, measure] == 1).all():
        over = over[over["age"] > 0]
    lines = dict(list(over[~over["pooled"]].groupby("cohort", sort=False)))
    for line in lines.values():
        ax.plot(line["age"], line[measure], color=PALE, lw=0.8, marker="o", ms=1.5)
    ends = []
    for name in [name for name, line in lines.items() if len(line) >= 2][-1:]:
        newest = lines[name]
        ax.plot(newest["age"], newest[measure], color=INK, lw=1.2, marker="o", ms=2)
        ends = [(newest["age"].iloc[-1], newest[measure].iloc[-1], words.when(name, lang), INK)]
    pooled = over[over["pooled"]]
    if measure == "retention":
        ax.fill_between(
            pooled["age"], pooled["low"], pooled["high"], color=ACCENT, alpha=0.15, lw=0
        )
    ax.plot(pooled["age"], pooled[measure], color=ACCENT, marker="o", ms=3)
    if len(pooled):
        end = (pooled["age"].iloc[-1], pooled[measure].iloc[-1])
        ends.append((*end, VALUES["average"].of(lang), ACCENT))
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    if measure in _SHARES:
        ax.yaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(_unit(table).of(lang))
    label_ends(ax, ends)
    return finish(ax, _finding(table, measure, lang, currency), _describe(table, measure, lang))


def _tones(ax: Axes, values: np.ndarray, top: float, low: float, high: float) -> None:
    """The cells of some rows, coloured; missing ones left blank."""
    down, across = np.arange(len(values) + 1) + top, np.arange(values.shape[1] + 1)
    ax.pcolormesh(across, down, np.ma.masked_invalid(values), cmap=scale(), edgecolors="face",
                  linewidth=0.2, vmin=low, vmax=high)  # fmt: skip


def _running(table: pd.DataFrame) -> pd.DataFrame:
    """Which cells are not over for the whole of their cohort, wide."""
    marked = table.assign(open=table["state"].isin(["running", "partly"]))
    wide = marked.pivot(index="cohort", columns="age", values="open")
    return wide == True  # noqa: E712  (missing is not running)


def _average(table: pd.DataFrame) -> str:
    """The name of the pooled row; no segment has it."""
    return "".join(table.loc[table["pooled"], "cohort"].head(1))


def _frame(ax: Axes, table: pd.DataFrame, rows: dict, ages: pd.Index, lang: str) -> None:
    size = table.drop_duplicates("cohort").set_index("cohort")["size"]
    named = {_average(table): VALUES["average"].of(lang)}
    labels = [
        named.get(name) or f"{words.when(name, lang)}  ·  {words.count(size[name], lang)}"
        for name in rows
    ]
    ax.set_yticks([y + 0.5 for y in rows.values()], labels, size=7.5)
    step = 1 if len(ages) <= 18 else 3
    shown = [(x + 0.5, str(age)) for x, age in enumerate(ages) if age % step == 0]
    ax.set_xticks([x for x, _ in shown], [text for _, text in shown], size=7.5)
    ax.set_xlim(0, len(ages))
    ax.set_ylim(max(rows.values()) + 1, 0)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(_unit(table).of(lang), loc="left")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if table["state"].isin(["running", "partly"]).any():
        ax.annotate(words.RUNNING.of(lang), (1, 0), (0, -6), xycoords="axes fraction", size=7.5,
                    textcoords="offset points", ha="right", va="top", color=GREY)  # fmt: skip


def _cell(value: float, measure: str, lang: str) -> str:
    return f"{100 * value:.0f}" if measure in _SHARES else words.short(value, lang)


def _named(measure: str, lang: str) -> str:
    return capital(_NAMES[measure].of(lang) if measure in _NAMES else head(measure, lang))


def _unit(table: pd.DataFrame) -> Text:
    return _STEPS[table.attrs.get("step", "age")]


def _value(value: float, measure: str, lang: str, currency: str | None) -> str:
    if measure in _SHARES:
        return words.share(value, lang)
    if measure in ("customers", "orders"):
        return words.count(value, lang)
    return words.money(value, lang, currency)


def _finding(table: pd.DataFrame, measure: str, lang: str, currency: str | None) -> str:
    pooled = table[table["pooled"] & table[measure].notna()]
    pooled = pooled[pooled["age"] >= (1 if measure in _SHARES else 0)]
    if len(pooled) < 2:
        return _FINDINGS["young"].of(lang)
    # The last age that more than one cohort has lived, where there is one.
    several = pooled[pooled["cohorts"] > 1]
    late = (several if len(several) > 1 else pooled).iloc[-1]
    early = pooled.iloc[0]
    kind = "active" if table.attrs.get("active") else "bought"
    return words.say(
        _FINDINGS[kind if measure == "retention" else "other"],
        lang,
        measure=_named(measure, lang),
        unit=_unit(table).of(lang),
        a=early["age"],
        b=late["age"],
        first=_value(early[measure], measure, lang, currency),
        later=_value(late[measure], measure, lang, currency),
    )


def _describe(table: pd.DataFrame, measure: str, lang: str) -> str:
    pooled = table[table["pooled"] & table[measure].notna()]
    some = pooled.iloc[np.unique(np.linspace(0, len(pooled) - 1, 8).astype(int))] if len(pooled) \
        else pooled  # fmt: skip
    values = ", ".join(
        f"{row.age}: {_value(getattr(row, measure), measure, lang, None)}"
        for row in words.rows(some)
    )
    names = table.loc[~table["pooled"], "cohort"].drop_duplicates().tolist()
    return words.say(
        _DESCRIPTION,
        lang,
        n=len(names),
        oldest=words.when(names[0], lang),
        newest=words.when(names[-1], lang),
        unit=_unit(table).of(lang),
        measure=_named(measure, lang),
        values=values or "–",
    )
