"""The figure itself: real text, the same ids every time, and two editions for a page.

What a figure says of itself (its finding, its measure, what is to be seen in it) travels inside
it. A page sets that in its own type and takes the drawing without it: wide for a desk, narrow for a
phone, on which the plot is drawn anew, so that its letters stay as large as the page's.
"""

import io
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text as Drawn
from matplotlib.ticker import FuncFormatter

from kpilib.show.figure.live import live_html
from kpilib.words.text import closed_up

# Names and money are text: a dollar sign in them begins no formula.
DRAWING: Any = {"svg.fonttype": "none", "svg.hashsalt": "kpilib", "text.parse_math": False}
NARROW = 3.4
"""Inches: 326 pixels, the column of a phone 360 pixels wide."""
SMALLEST = 9.0
"""Points, 12 pixels: no letter in a narrow figure is smaller."""
_PIXELS = 96
"""Pixels to the inch where a figure is shown in pixels."""

_narrow: ContextVar[bool] = ContextVar("narrow", default=False)


@contextmanager
def _narrowly() -> Iterator[None]:
    """Inside it plots are drawn for a phone."""
    token = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(token)


def is_narrow() -> bool:
    """Whether the plot is being drawn for a phone."""
    return _narrow.get()


class HouseAxes(Axes):
    """Axes that a cell may end in: the notebook shows their figure, and nothing beside it."""

    def _ipython_display_(self) -> None:
        """Show nothing."""


class HouseFigure(Figure):
    """A figure that is drawn, whenever that happens, with real text and the same ids every time."""

    again: Callable[[], Axes] | None = None
    """Draws the same plot on another figure."""
    drawn: object = None
    """What stood on the figure when the plot was done."""

    def draw(self, renderer: Any) -> None:
        """Draw; a glyph that no font here has is still there as text in an SVG."""
        _make_readable(self)
        with _drawing():
            super().draw(renderer)

    def add_subplot(self, *places: Any, **options: Any) -> Any:
        """Axes of the house, unless others are asked for."""
        if not {"axes_class", "projection", "polar"} & {*options}:
            options["axes_class"] = HouseAxes
        return super().add_subplot(*places, **options)

    def _ipython_display_(self) -> None:
        """Show the figure in a notebook in the colours of its theme, whichever that is."""
        from IPython.display import display

        display(self.live(), raw=True)

    def live(self) -> dict[str, str]:
        """What a notebook shows: HTML in the colours of its theme, and what the figure says."""
        alts = [alt for ax in self.axes for alt in _alts(ax)]
        title = "; ".join(alt.title for alt in alts)
        pixels = io.BytesIO()
        self.savefig(pixels, format="png", dpi=_PIXELS)
        html = live_html(_svg(self), pixels.getvalue(), title, alt_text(self))
        return {"text/plain": alt_text(self) or repr(self), "text/html": html}

    def wide(self) -> str:
        """The figure as SVG, its title left to the page where it is the figure's only one."""
        titles = [(ax, ax.get_title(loc="left")) for ax in self.axes if _alts(ax)]
        if len(titles) == 1:
            titles[0][0].set_title("", loc="left")
        _enlarge(self)
        found = _svg(self)
        if len(titles) == 1:
            titles[0][0].set_title(titles[0][1], loc="left", parse_math=False)
        return found

    def narrow(self) -> str | None:
        """The same plot drawn for a phone, or None where it was changed since it was plotted."""
        if self.again is None or self.drawn != _state(self):
            return None
        with _narrowly():
            figure = self.again().get_figure(root=True)
            assert figure is not None
            _enlarge(figure)
            return _svg(figure)


@contextmanager
def _drawing() -> Iterator[None]:
    """How a figure is drawn and measured: text as text, of letters that no font here has too."""
    with mpl.rc_context(DRAWING), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def lay_out(figure: Figure) -> None:
    """Put the parts of a figure where they are when it is drawn."""
    engine = figure.get_layout_engine()
    with _drawing():
        if engine is None:
            figure.draw_without_rendering()
        else:
            _make_readable(figure)
            engine.execute(figure)


def remember(ax: Axes, again: Callable[[], Axes]) -> None:
    """Let the figure of the axes know how it was drawn."""
    figure = ax.get_figure(root=True)
    if isinstance(figure, HouseFigure) and not is_narrow():
        figure.again, figure.drawn = again, _state(figure)


def new_figure(width: float, height: float) -> HouseFigure:
    """A new figure: pyplot's, so that a notebook shows it, but for the one that a page asks for."""
    if is_narrow():
        return HouseFigure(figsize=(width, height), layout="constrained")
    from matplotlib import pyplot

    figure = pyplot.figure(FigureClass=HouseFigure, figsize=(width, height), layout="constrained")
    assert isinstance(figure, HouseFigure)
    return figure


def new_axes(ax: Axes | None = None, width: float = 7.2, height: float = 3.8) -> Axes:
    """`ax` itself, or the axes of a new figure of `width` × `height` inches.

    For a phone the figure is `NARROW`, and no lower than it needs to be read.
    """
    if ax is not None:
        return ax
    if is_narrow():
        width, height = NARROW, height if height > 3.8 else max(1.8, 0.85 * height)
    return new_figure(width, height).add_subplot()


def _svg(figure: Figure) -> str:
    """The figure as SVG, drawn once: `savefig` draws a first time for the layout alone."""
    out, shown, dpi = io.StringIO(), figure.canvas, figure.dpi
    try:
        with mpl.rc_context(DRAWING):
            FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None})
    finally:
        figure.set_canvas(shown)
        figure.dpi = dpi
    return out.getvalue()


def _state(figure: Figure) -> object:
    """What tells whether a figure was changed: how much is on it, and its titles."""
    return [(len(ax.get_children()), ax.get_title(loc="left"), ax.get_title(), ax.get_ylabel())
            for ax in figure.axes]  # fmt: skip


def _enlarge(figure: Figure) -> None:
    """No letter smaller than the smallest that a phone can show."""
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_tick_params(labelsize=SMALLEST)
    for text in figure.findobj(Drawn):
        assert isinstance(text, Drawn)
        if float(text.get_fontsize()) < SMALLEST:
            text.set_fontsize(SMALLEST)


def readable(text: str) -> str:
    """A text as a picture holds it: no controls, no gaps between Chinese and numbers.

    >>> readable("a" + chr(27) + "[31m" + chr(0xFFFE))
    'a�[31m�'
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if letter != "\n" and _is_none(letter) else letter
        for letter in closed_up(text)
    )


def _is_none(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or ord(letter) & 0xFFFE == 0xFFFE


def _make_readable(figure: Figure) -> None:
    for drawn in figure.findobj(Drawn):
        assert isinstance(drawn, Drawn)
        drawn.set_text(readable(drawn.get_text()))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            formatter = axis.get_major_formatter()
            if isinstance(formatter, FuncFormatter) and not isinstance(formatter.func, _Readable):
                formatter.func = _Readable(formatter.func)


@dataclass(frozen=True)
class _Readable:
    """What an axis writes at its ticks, given names among them, made readable."""

    write: Callable[..., str]

    def __call__(self, *given: Any) -> str:
        return readable(self.write(*given))


class AltText(Artist):
    """Invisible; in an SVG it writes what the picture says, wherever the figure is saved.

    `<title>` and `<desc>` are for who cannot see it; a `<desc>` of the class `measure`, `seen` or
    `source` is what a page sets above and below the picture.
    """

    def __init__(self, title: str, description: str, **beside: str) -> None:
        super().__init__()
        self.title, self.description = readable(title), readable(description)
        self.beside = {name: readable(text) for name, text in beside.items() if text}
        self.set_in_layout(False)
        self.set_zorder(-1)

    def draw(self, renderer: Any) -> None:
        """Write the elements where the renderer is SVG; nothing elsewhere."""
        writer = getattr(renderer, "writer", None)
        if writer is not None:
            group = writer.start("g", attrib={"class": "kpilib-alt"})
            writer.element("title", text=self.title)
            writer.element("desc", text=self.description)
            for name, text in self.beside.items():
                writer.element("desc", text=text, attrib={"class": name})
            writer.close(group)


def _alts(ax: Axes) -> list[AltText]:
    return [child for child in ax.get_children() if isinstance(child, AltText)]


def alt_text(drawn: Axes | Figure) -> str:
    """The alt text of the axes, or of all axes of a figure: finding and description."""
    found = drawn.findobj(AltText)
    return " ".join(f"{alt.title}. {alt.description}" for alt in found if isinstance(alt, AltText))
