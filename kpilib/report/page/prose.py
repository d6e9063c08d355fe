"""A notebook's Markdown as HTML, formulas as MathML, headings named and counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from kpilib.report.page.clean import clean_html
from kpilib.show.cards import math_html


@dataclass
class Headings:
    """The headings of a page so far: the title, and `(anchor, text)` for each section."""

    title: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The text of the section that is open."""
        return self.sections[-1][1] if self.sections else self.title


def prose_html(source: str, headings: Headings, attachments: Mapping | None = None) -> str:
    """Markdown as HTML. The first level-one heading becomes the page's title and is left out.

    Sections are numbered `s1`, `s2`, … in the order they come; `headings` is added to. Formulas
    stand between `$` or `$$`; pictures are shown only where they are attached to the cell.
    """
    tokens = _markdown().parse(_attach(source, attachments or {}))
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type == "heading_open":
            text = _text(tokens[place + 1])
            if token.tag == "h1" and not headings.title:
                headings.title = text
                del tokens[place : place + 3]
                continue
            _name_heading(token, tokens[place + 2], text, headings)
        place += 1
    html = _markdown().renderer.render(tokens, _markdown().options, {})
    return clean_html(html, headings.last, "text")


def _name_heading(start: Token, end: Token, text: str, headings: Headings) -> None:
    """Give a heading its level under the one title, and an anchor to a section's."""
    start.tag = end.tag = f"h{max(2, int(start.tag[1]))}"
    if start.tag == "h2":
        anchor = f"s{len(headings.sections) + 1}"
        start.attrSet("id", anchor)
        headings.sections.append((anchor, text))


def _text(inline: Token) -> str:
    """The words of a heading."""
    return "".join(child.content for child in inline.children or ()).strip()


def _attach(source: str, attachments: Mapping) -> str:
    """Put the pictures attached to a cell in the place of their names."""

    def embedded(found: re.Match) -> str:
        for kind, data in attachments.get(found[1], {}).items():
            return f"(data:{kind};base64,{''.join(data).replace(chr(10), '')})"
        return found[0]

    return re.sub(r"\(attachment:([^)\s]+)\)", embedded, source)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.inline.ruler.before("escape", "formula", _inline_formula)
    markdown.block.ruler.before(
        "fence", "formula", _block_formula, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    markdown.add_render_rule("formula", _render_formula)
    return markdown


def _render_formula(renderer, tokens: list[Token], place: int, options, env) -> str:
    token = tokens[place]
    formula = math_html(token.content.strip(), display=token.block)
    return f'<div class="formula" tabindex="0">{formula}</div>' if token.block else formula


_INLINE = re.compile(r"\$\$([^$]+)\$\$|\$(?!\s)((?:\\.|[^$\\])+?)(?<!\s)\$(?!\d)", re.DOTALL)


def _inline_formula(state: StateInline, silent: bool) -> bool:
    """`$…$` within a line; a price like $5 or $10 stays one."""
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content = found[1] or found[2]
    state.pos = found.end()
    return True


def _block_formula(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """`$$` … `$$` over one line or several."""
    lines = []
    for line in range(first, last):
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
        text = "\n".join(lines).rstrip()
        if not text.startswith("$$"):
            return False
        if len(text) > 4 and text.endswith("$$"):
            if not silent:
                token = state.push("formula", "math", 0)
                token.block = True
                token.content = text[2:-2]
                token.map = [first, line + 1]
            state.line = line + 1
            return True
    return False
