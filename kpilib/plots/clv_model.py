"""Pictures of a lifetime model: histories, one customer's life, equal value, how people differ."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from kpilib.errors import InputError, near_miss
from kpilib.plots import words
from kpilib.plots.figure import NARROW, is_narrow, new_figure
from kpilib.plots.style import (
    ACCENT,
    FAINT,
    GREY,
    INK,
    date_axis,
    finish,
    hatch,
    label_ends,
    new_axes,
    picture,
    scale,
)
from kpilib.words import _
from kpilib.words.columns import COLUMNS
from kpilib.words.values import VALUES

_DAYS_SINCE = _("days from first to last purchase")
_IN_DAYS = _("purchases in {days} days")
_NINTH = _("90%")
_ALIVE = COLUMNS["probability_alive"].head
_MATRIX = {
    "probability_alive": _(
        "After {n} repeat purchases, {days} days of silence leave P(alive) at {value}"
    ),
    "expected_purchases": _(
        "The liveliest history shown promises {value} purchases in {days} days"
    ),
}
_MATRIX_TOLD = _(
    "{model}, customers of {T} days: {low} to {high}, highest where the last purchase is near."
)
_LIFE = _("Customer {who}: {n} purchases, P(alive) {value} at the end")
_LIFE_TOLD = _(
    "From {first} to {last}; it fell as low as {low}, and rose at every purchase. {model}."
)
_ISO = _("Equal value needs a recent purchase: buying often and then falling silent is worth least")
_ISO_PLAIN = _("Value rises with both the number of purchases and how recent the last one is")
_ISO_TOLD = _(
    "{model}: value over {days} days of customers of {T} days who spend the average, {low} to "
    "{high}."
)
_DIFFER = _("Half below {middle},\none in ten above {high}")
_DIFFER_TOLD = _(
    "{name}: how customers differ by {model}; the marks are the median and the ninth tenth."
)


@picture
def plot_frequency_recency(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    measure: str = "probability_alive",
    lang: str = "en",
) -> Axes:
    """The matrix of `frequency_recency`: a history is a place, its shade the measure.

    `measure` is `probability_alive` or `expected_purchases`. Histories that cannot be are hatched.
    """
    if measure not in _MATRIX:
        raise InputError(f"measure {measure!r} is not known; {near_miss(measure, _MATRIX)}")
    wide = table.pivot(index="recency", columns="frequency", values=measure)
    ax = new_axes(ax, width=6.4, height=4.2)
    mesh = _surface(ax, wide)
    bar = mesh.figure.colorbar(mesh, ax=ax, shrink=0.9, pad=0.02)
    bar.outline.set_visible(False)
    days = round(table.attrs.get("days", 0))
    named = _ALIVE.of(lang) if measure == "probability_alive" else words.say(
        _IN_DAYS, lang, days=days
    )  # fmt: skip
    bar.set_label(named, color=GREY)
    if measure == "probability_alive":
        bar.ax.yaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    _axes_of_histories(ax, lang)
    age, model = table.attrs.get("T", wide.index.max()), table.attrs.get("model", "")
    cells = wide.to_numpy(float)
    low, high = (_said(float(f(cells)), measure, lang) for f in (np.nanmin, np.nanmax))
    quiet = wide.index.to_numpy(float)[len(wide) // 2]
    many = int(wide.columns[min(5, len(wide.columns) - 1)])
    if measure == "probability_alive":
        finding = words.say(_MATRIX[measure], lang, n=many, days=round(age - quiet),
                            value=words.share(wide.loc[quiet, many], lang))  # fmt: skip
    else:
        finding = words.say(_MATRIX[measure], lang, value=high, days=days)
    return finish(
        ax, finding,
        words.say(_MATRIX_TOLD, lang, model=model, T=round(age), low=low, high=high),
    )  # fmt: skip


@picture
def plot_iso_value(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
) -> Axes:
    """The iso-value curves of `iso_value`: histories on one line are worth the same."""
    real = table[(table["recency"] > 0) & (table["frequency"] > 0)]
    inner = real.pivot(index="recency", columns="frequency", values="value")
    ax = new_axes(ax, width=6.4, height=4.2)
    x, y, cells = inner.columns.to_numpy(float), inner.index.to_numpy(float), inner.to_numpy(float)
    levels = _levels(float(np.quantile(cells, 0.02)), float(cells.max()))
    lines = ax.contour(x, y, cells, levels=levels, colors=[ACCENT],
                       linewidths=np.linspace(0.8, 2.0, len(levels)))  # fmt: skip
    ax.clabel(lines, fmt=lambda value: words.round_money(value, lang, currency), fontsize=7.5)
    _axes_of_histories(ax, lang)
    ax.set_xlim(1, x[-1])
    ax.set_ylim(0, y[-1])
    # Where a line bends back, more purchases at the same recency are worth less.
    middle = cells[len(cells) // 2]
    bends = middle[-1] < 0.98 * middle.max()
    low, high = (words.money(float(value), lang, currency) for value in (cells.min(), cells.max()))
    told = words.say(
        _ISO_TOLD, lang, model=table.attrs.get("model", ""), low=low, high=high,
        days=round(table.attrs.get("days", 0)), T=round(table.attrs.get("T", 0)),
    )  # fmt: skip
    return finish(ax, (_ISO if bends else _ISO_PLAIN).of(lang), told)


@picture
def plot_customer_life(table: pd.DataFrame, ax: Axes | None = None, *, lang: str = "en") -> Axes:
    """One customer's life from `customer_life`: P(alive) day by day, purchases as ticks."""
    ax = new_axes(ax, height=3.0)
    dates = pd.to_datetime(table["date"])
    alive = table["probability_alive"]
    ax.fill_between(dates, 0, alive, color=ACCENT, alpha=0.12, lw=0)
    ax.plot(dates, alive, color=ACCENT, lw=1.2)
    bought = dates[table["purchase"]]
    ax.vlines(bought, -0.07, -0.02, color=INK, lw=1.2, clip_on=False)
    ax.set_ylim(0, 1.02)
    ax.spines["bottom"].set_visible(False)
    ax.yaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    date_axis(ax, lang)
    ax.tick_params(axis="x", length=0, pad=10)
    ax.set_ylabel(_ALIVE.of(lang))
    end = words.share(alive.iloc[-1], lang)
    label_ends(ax, [(dates.iloc[-1], alive.iloc[-1], end, ACCENT)])  # type: ignore[list-item]
    finding = words.say(
        _LIFE, lang, who=table.attrs.get("customer_id", ""), n=len(bought), value=end
    )
    told = words.say(
        _LIFE_TOLD, lang, first=table["date"].iloc[0], last=table["date"].iloc[-1],
        low=words.share(alive.min(), lang), model=table.attrs.get("model", ""),
    )  # fmt: skip
    return finish(ax, finding, told)


@picture
def plot_heterogeneity(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
    trait: str | None = None,
) -> Axes:
    """The densities of `heterogeneity` side by side, their medians marked; the first axes return.

    With `ax` only one is drawn there: `trait`, or the first of the table.
    """
    traits = list(dict.fromkeys(table["trait"]))
    if trait is not None and trait not in traits:
        raise InputError(f"trait {trait!r} is not in the table; {near_miss(trait, traits)}")
    traits = [trait] if trait else traits
    if ax is not None:
        panels, traits = [ax], traits[:1]
    else:
        stacked = is_narrow()
        size = (NARROW, 2.3 * len(traits)) if stacked else (max(2.9 * len(traits), 4.6), 3.0)
        shape = (len(traits), 1) if stacked else (1, len(traits))
        panels = list(np.atleast_1d(new_figure(*size).subplots(*shape)))
    for panel, trait in zip(panels, traits, strict=True):
        _density(panel, table[table["trait"] == trait], trait, lang, currency,
                 table.attrs.get("model", ""))  # fmt: skip
    return panels[0]


def _density(
    ax: Axes, part: pd.DataFrame, trait: str, lang: str, currency: str | None, model: str
) -> None:
    x, density = part["x"].to_numpy(), part["density"].to_numpy()
    middle, high = np.interp([0.5, 0.9], part["cumulative"], x)
    # A density that rises without limit at zero is cut where it leaves the picture.
    top = 1.15 * density[len(density) // 20 :].max()
    ax.fill_between(x, 0, np.minimum(density, top), color=ACCENT, alpha=0.18, lw=0)
    ax.plot(x, np.where(density <= top, density, np.nan), color=ACCENT, lw=1.5)
    marks = ((middle, INK, COLUMNS["median"].head, 1.0), (high, GREY, _NINTH, 0.9))
    for value, colour, label, place in marks:
        ax.axvline(value, color=colour, lw=1, ls=(0, (3, 2)))
        ax.annotate(label.of(lang), (value, place), (3, -1), xycoords=("data", "axes fraction"),
                    textcoords="offset points", va="top", size=7.5, color=colour)  # fmt: skip
    ax.set_ylim(0, top)
    ax.set_xlim(0, x[-1])
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    name = VALUES[trait].of(lang)
    ax.set_xlabel(name)

    def said(value: float) -> str:
        if trait == "spend":
            return words.money(value, lang, currency)
        if trait in ("leaving", "ending"):
            return words.share(value, lang) if value >= 0.001 else f"<{words.share(0.001, lang)}"
        return words.short(value, lang)

    if trait in ("leaving", "ending"):
        ax.xaxis.set_major_formatter(lambda value, _: words.round_share(value, lang))
    if trait == "spend":
        ax.xaxis.set_major_formatter(lambda value, _: words.round_money(value, lang, currency))
    ax.xaxis.set_major_locator(MaxNLocator(5))

    fill = {"name": name, "middle": said(middle), "high": said(high), "model": model}
    finding = words.say(_DIFFER, lang, **fill)
    finish(ax, finding.replace("\n", " "), words.say(_DIFFER_TOLD, lang, **fill))
    ax.set_title(finding, loc="left", fontsize=9, parse_math=False)


def _surface(ax: Axes, wide: pd.DataFrame):
    """The matrix as shaded cells, one column per frequency, hatched where there is no history."""
    steps = wide.index.to_numpy(float)
    edges = np.concatenate([[steps[0]], (steps[1:] + steps[:-1]) / 2, [steps[-1]]])
    frequency = wide.columns.to_numpy(float)
    columns = np.append(frequency - 0.5, frequency[-1] + 0.5)
    hatch(ax, columns[0], edges[0], columns[-1] - columns[0], edges[-1] - edges[0])
    filled = np.ma.masked_invalid(wide.to_numpy())
    mesh = ax.pcolormesh(columns, edges, filled, cmap=scale(), lw=0, rasterized=True)
    if 0 in wide.columns:
        value = float(wide[0].dropna().iloc[0])
        top = float(np.ma.max(filled))
        low = float(np.ma.min(filled))
        tone = scale()(0.5 if top == low else (value - low) / (top - low))
        ax.fill_between([-0.5, 0.5], edges[0], edges[-1] * 0.035, color=tone, lw=0)
    return mesh


def _axes_of_histories(ax: Axes, lang: str) -> None:
    ax.set_xlabel(words.REPEATS.of(lang))
    ax.set_ylabel(_DAYS_SINCE.of(lang))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.spines[:].set_color(FAINT)


def _levels(low: float, high: float) -> np.ndarray:
    """About eight round values between the two: 1, 2 and 5 times powers of ten, or plain steps."""
    if high > 12 * max(low, 1e-9):
        powers = 10.0 ** np.arange(np.floor(np.log10(high)) - 3, np.floor(np.log10(high)) + 1)
        steps = np.outer(powers, [1, 2, 5]).ravel()
        steps = steps[(steps > low) & (steps < high)][-8:]
        if len(steps) >= 3:
            return steps
    steps = np.array(MaxNLocator(9).tick_values(low, high))
    return steps[(steps > low) & (steps < high)]


def _said(value: float, measure: str, lang: str) -> str:
    if measure == "probability_alive":
        return words.share(value, lang)
    return words.short(value, lang)
