"""The house style, local to each figure: nothing global changes, no figure is left current.

A title that states the finding, labels at the data instead of a legend, one accent over greys,
what is missing hatched, alt text computed from the data. Blue against vermilion and a light-to-dark
scale stay apart for colour-blind readers and in grey print.
"""

import inspect
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.dates import MONTHLY, AutoDateLocator, ConciseDateFormatter
from matplotlib.patches import Rectangle

from kpilib.plots.figure import (
    DRAWING,
    AltText,
    HouseFigure,
    alt_text,
    is_narrow,
    lay_out,
    new_axes,
    readable,
    remember,
)
from kpilib.plots.words import months
from kpilib.show.reason import answering
from kpilib.words.text import punctuated

__all__ = ["HouseFigure", "alt_text", "is_narrow", "new_axes", "readable"]

INK = "#1f2933"
GREY = "#6b7785"
PALE = "#b8c1cb"
FAINT = "#e4e8ec"
ACCENT = "#00648f"
AGAINST = "#c4512d"
"""The one colour set against the accent: what was lost, what fell."""

SHADES = ("#0b3c5d", "#00648f", "#4b9ac0", "#9cc9de", "#b8c1cb", "#6b7785", "#3d4852")
"""For the few pictures whose groups must each have a tone; neighbours differ in lightness."""

_RC: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": PALE,
    "axes.grid": False,
    "axes.labelcolor": GREY,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.facecolor": "white",
    "font.size": 9,
    "grid.color": FAINT,
    "hatch.color": PALE,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "text.color": INK,
    "xtick.color": PALE,
    "xtick.labelcolor": GREY,
    "ytick.color": PALE,
    "ytick.labelcolor": GREY,
}
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "SimHei")


@contextmanager
def house_style() -> Iterator[None]:
    """Inside it new figures are in the house style; outside nothing has changed.

    >>> with house_style():
    ...     inside = mpl.rcParams["axes.spines.top"]
    >>> inside, mpl.rcParams["axes.spines.top"]
    (False, True)
    """
    from matplotlib import pyplot

    # The backend is loaded when it is first needed, and JupyterLab's then sets options of its own;
    # loaded inside the context, they would be undone with it, and later figures not be shown.
    pyplot.draw_if_interactive()
    with mpl.rc_context({**_RC, **DRAWING, "font.family": list(_fonts())}):
        yield


def picture(plot: Callable[..., Axes]) -> Callable[..., Axes]:
    """A plot in the house style, in the language and currency of its table.

    A table that `base.analysis` gave knows both (`table.attrs`); whoever gives `lang=` or
    `currency=` has the last word, and a table that knows neither speaks English.
    """
    takes = inspect.signature(plot).parameters
    first = next(iter(takes))

    @answering
    @wraps(plot)
    def drawn(*arguments: Any, **options: Any) -> Axes:
        table = arguments[0] if arguments else options.get(first)
        known = getattr(table, "attrs", {})
        own = {
            name: known[name] for name in ("lang", "currency") if name in known and name in takes
        }
        with house_style():
            ax = plot(*arguments, **(own | options))
            if not (options.get("ax") or any(isinstance(one, Axes) for one in arguments)):
                remember(ax, lambda: drawn(*arguments, **options))
        return ax

    return drawn


def finish(
    ax: Axes, finding: str, description: str, *, measure: str = "", seen: str = "", source: str = ""
) -> Axes:
    """Give the axes their title, which states the finding, and the alt text of the picture.

    `description` says in a sentence or two, from the data, what a reader would see. A page sets the
    rest beside the picture: `measure`, what is shown and in which unit; `seen`, what else is to be
    seen; `source`, how many cases stand behind it.
    """
    alt = AltText(finding, punctuated(description), measure=measure, seen=seen, source=source)
    for old in [child for child in ax.get_children() if isinstance(child, AltText)]:
        old.remove()
    ax.add_artist(alt)
    if is_narrow():
        return ax
    inches = _inches(ax, finding)
    size = 11.5 if inches >= 4.3 else 9.5 if inches >= 2.6 else 8.5
    letters = max(int(9 * inches * 11.5 / size), 12)
    ax.set_title(_wrap(readable(finding), letters), loc="left", fontsize=size, parse_math=False)
    return ax


def label_ends(
    ax: Axes, ends: Sequence[tuple[float, float, str, str]], size: float = 9, gap: float = 1.25
) -> None:
    """Write labels just right of the points `(x, y, text, colour)`, pushed apart where they meet.

    Call it when the axis limits are final: the gap is measured in them.
    """
    if not ends:
        return
    figure = ax.get_figure(root=True)
    tall = ax.get_position().height * (figure.get_size_inches()[1] if figure else 3.8) * 72
    low, high = ax.get_ylim()
    step = size * gap / max(tall, 1) * (high - low)
    order = sorted(range(len(ends)), key=lambda i: ends[i][1])
    places = _spread(np.array([ends[i][1] for i in order], dtype=float), step)
    for i, y in zip(order, places, strict=True):
        x, _, text, colour = ends[i]
        ax.annotate(
            text,
            (x, y),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            size=size,
            va="center",
            annotation_clip=False,
            bbox={"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 0.5},
        )


def month_ticks(ax: Axes, labels: Sequence[str], lang: str) -> None:
    """The periods along the bottom, as many as there is room for, the last one always."""
    step = max(1, -(-len(labels) // (4 if is_narrow() else 12)))
    places = [*range((len(labels) - 1) % step, len(labels), step)]
    ax.set_xticks(places, months([labels[place] for place in places], lang))


def date_axis(ax: Axes, lang: str) -> None:
    """Dates along the bottom, as short as can be; months by number where not in English.

    A day stands before its month in Vietnamese, and behind it in Chinese.
    """
    locator = AutoDateLocator(minticks=2, maxticks=4 if is_narrow() else 8)
    locator.intervald[MONTHLY] = [1, 2, 3, 4, 6, 12]  # up to every January
    formatter = ConciseDateFormatter(locator)
    if lang != "en":
        formatter.formats[1:3] = ["%Y-%m", "%m-%d" if lang == "zh" else "%d/%m"]
        formatter.zero_formats[1:3] = ["%Y", "%Y-%m"]
        formatter.offset_formats[:] = [""] * 6
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)


def hatch(ax: Axes, x: float, y: float, width: float = 1.0, height: float = 1.0) -> None:
    """Mark a rectangle as missing: visibly there, visibly not a number."""
    ax.add_patch(
        Rectangle((x, y), width, height, facecolor="white", edgecolor=PALE, hatch="////", lw=0)
    )


def scale() -> Colormap:
    """The sequential scale, light to dark accent, in as many steps as an eye tells apart."""
    tones = ["#f4f8fb", "#9cc9de", ACCENT, "#0b3c5d"]
    return LinearSegmentedColormap.from_list("kpilib", tones, N=24)


def text_on(colour: Any) -> str:
    """White, ink or black: the first that has a contrast of 4.5 on the colour (WCAG 2.2, 1.4.3).

    Of black and white one always has.

    >>> text_on("#0b3c5d"), text_on("#f4f8fb"), text_on("#3a84a8")
    ('white', '#1f2933', 'black')
    """
    return next(one for one in ("white", INK, "black") if contrast(one, colour) >= 4.5)


def contrast(one: Any, other: Any) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("white", "black"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in to_rgb(colour)]  # fmt: skip
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _spread(places: Any, step: float) -> Any:
    """Sorted places moved as little as need be to lie `step` apart (pooled, so order stays)."""
    pools: list[list[float]] = []  # of [wanted lowest place, members]
    for i, place in enumerate(places):
        pools.append([float(place) - i * step, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (upper, m), (lower, k) = pools.pop(), pools.pop()
            pools.append([(upper * m + lower * k) / (m + k), m + k])
    flat = np.concatenate([np.full(int(count), base) for base, count in pools])
    return flat + np.arange(len(flat)) * step


def _inches(ax: Axes, text: str) -> float:
    """How wide a title may be: from the axes' left edge to the next axes, or to the figure's edge.

    What stands beside the axes as their own, such as a scale of colours, does not count.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        return 7.2
    wide = float(figure.get_size_inches()[0])
    beside = [other for other in figure.axes if other is not ax and not _is_scale(other)]
    if not beside and len(text) <= 9 * (wide - 2.5):
        return wide
    lay_out(figure)  # only a layout knows how much of the width the labels take
    box = ax.get_position()
    places = [other.get_position() for other in beside]
    edges = [p.x0 - 0.02 for p in places
             if p.x0 >= box.x1 - 0.01 and p.y0 < box.y1 and p.y1 > box.y0]  # fmt: skip
    return wide * (min(edges, default=1.0) - box.x0)


def _is_scale(ax: Axes) -> bool:
    return ax.get_label() == "<colorbar>"


def _wrap(text: str, width: int) -> str:
    """Lines of at most `width` letters, as even as the words allow."""
    if any(unicodedata.east_asian_width(letter) == "W" for letter in text):
        half = max(width // 2, 1)
        even = -(-len(text) // -(-len(text) // half))
        return "\n".join(text[i : i + even] for i in range(0, len(text), even))
    lines = textwrap.wrap(text, width)
    if len(lines) > 1:
        while len(narrower := textwrap.wrap(text, width - 1)) == len(lines):
            lines, width = narrower, width - 1
    return "\n".join(lines)


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, ...]:
    here = set(font_manager.get_font_names())
    return tuple(name for name in _FONTS if name in here) or ("sans-serif",)
