"""An executed notebook taken apart into the blocks of a page: prose, outputs and folded code."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from kpilib.questions.values import MIME
from kpilib.report.kernels.inside import NARROW
from kpilib.report.page.clean import clean_html, plain_text
from kpilib.report.page.evidence import data_of
from kpilib.report.page.prose import Headings, prose_html
from kpilib.show.figure.svg import Picture, picture
from kpilib.show.reason import MIME as REASON
from kpilib.words import _
from kpilib.words.prose import say_markdown
from kpilib.words.text import punctuated, spoken

SOURCE = "<!--source-->"
"""Stands in a figure's last line where the page says what its numbers come from."""
HIDDEN = "hide"
"""Cells with this tag are on no page."""
_MESSAGES, _TABLE, _TABLE_OF = _("Messages from the run"), _("Table"), _("Table: {section}")
_FIGURE_OF = _("Figure {number}: {section}")


@dataclass
class Block:
    """One block of a page: `kind` is `prose`, `output` or `code`, `cell` its cell's index."""

    kind: str
    cell: int
    html: str
    values: tuple[Mapping[str, Any], ...] = ()
    """The KPI values that it shows."""
    reason: str = ""
    """Why there is nothing to show, where it tells no more than that."""


@dataclass
class Content:
    """A page's title, sections and blocks, and the colours and styles that its figures use."""

    headings: Headings = field(default_factory=Headings)
    blocks: list[Block] = field(default_factory=list)
    colours: set[str] = field(default_factory=set)
    styles: dict[str, str] = field(default_factory=dict)
    figures: int = 0

    @property
    def title(self) -> str:
        """The first heading, which is the page's only one of level one."""
        return self.headings.title

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Anchor and text of each section, for the contents list."""
        return self.headings.sections


def read_content(notebook: Mapping, name: str, lang: str) -> Content:
    """The blocks of an executed notebook, in order, the code of silent cells kept with the next.

    kpilib's own Markdown reads in every language, from the catalogues. A cell of the user's own may
    carry its text in other languages, as `{"kpilib": {"text": {"vi": "…"}}}` in its metadata.
    """
    content = Content()
    silent: list[str] = []
    for index, cell in enumerate(notebook["cells"]):
        if HIDDEN in cell["metadata"].get("tags", ()):
            continue
        if cell["cell_type"] == "markdown":
            source = _translated(cell, lang)
            html = prose_html(source, content.headings, cell.get("attachments"))
            if html.strip():
                content.blocks.append(Block("prose", index, html))
        elif cell["cell_type"] == "code" and "".join(cell["source"]).strip():
            silent.append("".join(cell["source"]))
            shown = list(_outputs(cell, index, name, lang, content))
            if shown:
                content.blocks += shown
                content.blocks.append(Block("code", index, _code(silent)))
                silent = []
    if silent:
        content.blocks.append(Block("code", len(notebook["cells"]) - 1, _code(silent)))
    if not content.title:
        content.headings.title = name
    return content


def _translated(cell: Mapping, lang: str) -> str:
    texts = cell["metadata"].get("kpilib", {}).get("text", {})
    if lang in texts:
        return "".join(texts[lang])
    return say_markdown("".join(cell["source"]), lang)


def _code(sources: list[str]) -> str:
    return "\n\n".join(escape(source.strip(), quote=False) for source in sources)


def _outputs(cell: Mapping, index: int, name: str, lang: str, content: Content) -> Iterator[Block]:
    """What a cell shows; errors are told elsewhere."""
    for place, output in enumerate(cell.get("outputs", ())):
        if output["output_type"] == "stream":
            html = _stream(output, lang)
        elif output["output_type"] == "error":
            html = ""
        else:
            html = _display(data_of(output), f"{name}-{index}-{place}", lang, content)
        if html:
            data = data_of(output)
            reason = data.get(REASON, {}).get("reason", "")
            yield Block("output", index, html, tuple(data.get(MIME, ())), reason)


def _stream(output: Mapping, lang: str) -> str:
    said = "".join(output["text"]).rstrip()
    if not said or output["name"] == "stdout":
        return _text(said) if said else ""
    summary = f"<summary>{_MESSAGES.of(lang)}</summary>"
    return f'<details class="aside">{summary}{_text(said)}</details>'


def _display(data: Mapping[str, Any], name: str, lang: str, content: Content) -> str:
    """The richest form of an output that a page can hold."""
    where = content.headings.last
    if "image/svg+xml" in data:
        narrow = "".join(data.get(NARROW, ""))
        return _vector("".join(data["image/svg+xml"]), narrow, lang, content)
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            return _raster(kind, "".join(data[kind]), lang, content)
    if "text/html" in data:
        label = (_TABLE_OF.format(section=where) if where else _TABLE).of(lang)
        return clean_html("".join(data["text/html"]), label, name.replace("-", "_"))
    if "text/markdown" in data:
        return prose_html("".join(data["text/markdown"]), Headings(where))
    if "text/latex" in data:
        return prose_html("".join(data["text/latex"]), Headings(where))
    if "text/plain" in data:
        return _text("".join(data["text/plain"]))
    return _text(json.dumps(data[MIME], indent=1)) if MIME in data else ""


def _text(said: str) -> str:
    """Plain text; the keyboard reaches it, for on a narrow screen it scrolls."""
    return f'<pre tabindex="0">{plain_text(said)}</pre>'


def _figure_name(lang: str, content: Content) -> str:
    content.figures += 1
    where = content.headings.last
    return _FIGURE_OF.format(number=content.figures, section=where).of(lang)


def _vector(source: str, narrow: str, lang: str, content: Content) -> str:
    """A figure with what it says of itself; one of ours wide and narrow, whichever has room."""
    number = content.figures + 1
    title = _figure_name(lang, content)
    drawn = picture(source, f"f{number}-", title, content.styles)
    content.colours |= drawn.colours
    html = drawn.html
    if narrow:
        small = picture(narrow, f"n{number}-", title, content.styles)
        content.colours |= small.colours
        html = f'<div class="on-wide">{html}</div><div class="on-narrow">{small.html}</div>'
    parts = [f"<figcaption>{_caption(drawn)}</figcaption>" if drawn.titled else "", html]
    if drawn.titled:
        seen, own = (escape(drawn.beside.get(name, "")) for name in ("seen", "source"))
        parts.append(f'<p class="seen">{seen}</p>' if seen else "")
        told = spoken(filter(None, (own and punctuated(f"{own}."), SOURCE)), lang)
        parts.append(f'<p class="source">{told}</p>')
    kind = ' class="paper"' if drawn.pixels else ""
    return f"<figure{kind}>{''.join(parts)}</figure>"


def _caption(drawn: Picture) -> str:
    """The finding, and what was measured."""
    measure = drawn.beside.get("measure")
    told = f'<p class="measure">{escape(measure)}</p>' if measure else ""
    return f'<p class="finding">{escape(drawn.title)}</p>{told}'


def _raster(kind: str, data: str, lang: str, content: Content) -> str:
    words = escape(_figure_name(lang, content))
    packed = "".join(data.split())
    return (
        f'<figure class="paper"><img role="img" alt="{words}" src="data:{kind};base64,{packed}">'
        "</figure>"
    )
